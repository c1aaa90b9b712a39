import { type BookKind, type BookRecord, bookFields, type Collection, collectionOf } from '../../shared/dialects/book-view.ts';
import { topLevelChanges } from '../../shared/dialects/shape.ts';
import { commonFields } from '../../shared/entities/values.ts';
import { isSame } from '../../shared/lib/equal.ts';
import { newId } from '../../shared/lib/ids.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { emailKey } from '../../shared/lib/text.ts';
import { parentFields } from './record-row.ts';
import type { Kept, Tenant } from './tenant.ts';

/** Who does it, and when. */
export interface Doer {
  userId: string;
  /** Instant. */
  now: string;
}

/** Makes a record. `fields` are by book path ("address.city"). Needs the lock; throws a `ProblemError` where a rule is broken. */
export async function createRecord(tenant: Tenant, kind: BookKind, fields: Readonly<Record<string, unknown>>, by: Doer): Promise<Kept> {
  const of = collectionOf[kind];
  const own = parse(kind, topLevelChanges(kind, null, fields));
  // Exactly one location is primary where a client has any (domain model): the first one is.
  if (kind === 'locations') own['isPrimary'] = (await tenant.having('locations', 'clientId', [String(own['clientId'])])).length === 0;
  const record = {
    ...own,
    id: newId(),
    createdAt: by.now,
    createdBy: by.userId,
    updatedAt: by.now,
    updatedBy: by.userId,
    deletedAt: null,
  } as BookRecord; // parsed by the kind's own schema; the rest are the fields every record has
  return keep(tenant, of, record);
}

/** Changes a record; one that stays as it is gets no new number. */
export async function changeRecord(
  tenant: Tenant,
  kind: BookKind,
  before: BookRecord,
  fields: Readonly<Record<string, unknown>>,
  by: Doer,
): Promise<Kept> {
  const of = collectionOf[kind];
  const own = parse(kind, { ...fieldsOf(before), ...topLevelChanges(kind, before, fields) });
  const after = { ...before, ...own } as BookRecord; // parsed by the kind's own schema
  if (isSame(after, before)) return (await tenant.get(of, [before.id]))[0] as Kept;
  return keep(tenant, of, { ...after, updatedAt: by.now, updatedBy: by.userId });
}

/** Marks a record as deleted, and with it what hangs on it (domain model, "Rules"). */
export async function deleteRecord(tenant: Tenant, of: Collection, record: BookRecord, by: Doer): Promise<Kept> {
  const gone = new Map<string, { of: Collection; record: BookRecord }>();
  let layer: { of: Collection; record: BookRecord }[] = [{ of, record }];
  while (layer.length > 0) {
    for (const one of layer) gone.set(`${one.of} ${one.record.id}`, one);
    const ids = layer.map((one) => one.record.id);
    const next: typeof layer = [];
    for (const [child, fields] of Object.entries(parentFields) as [Collection, readonly string[]][]) {
      for (const field of fields) {
        // An invoice is its client's; that it names a place does not make it go with the place.
        if (child === 'invoices' && field === 'locationId') continue;
        for (const kept of await tenant.having(child, field, ids)) {
          if (!gone.has(`${child} ${kept.record.id}`)) next.push({ of: child, record: kept.record });
        }
      }
    }
    layer = next;
  }
  const stamped = { deletedAt: by.now, updatedAt: by.now, updatedBy: by.userId };
  await tenant.put([...gone.values()].map((one) => ({ of: one.of, record: { ...one.record, ...stamped } })));
  return (await tenant.get(of, [record.id]))[0] as Kept;
}

async function keep(tenant: Tenant, of: Collection, record: BookRecord): Promise<Kept> {
  await checkEmail(tenant, of, record);
  await tenant.put([{ of, record }]);
  return (await tenant.get(of, [record.id]))[0] as Kept;
}

function parse(kind: BookKind, fields: Record<string, unknown>): Record<string, unknown> {
  const parsed = bookFields[kind].safeParse(fields);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ProblemError({ code: 'INVALID_INPUT', message: issue?.message ?? 'Something in it is wrong.', field: issue?.path.join('.') });
}

/** Without what the book keeps itself, which nobody sets. */
function fieldsOf(record: BookRecord): Record<string, unknown> {
  const settable = ['externalIds', 'custom'];
  return Object.fromEntries(Object.entries(record).filter(([name]) => settable.includes(name) || !Object.hasOwn(commonFields, name)));
}

/** Online an e-mail belongs to one client. Laptops can both take one offline; sync keeps both (invariant 2), so no index forbids it. */
async function checkEmail(tenant: Tenant, of: Collection, record: BookRecord): Promise<void> {
  if (of !== 'clients' || !('email' in record) || record.email === null) return;
  const before = (await tenant.get(of, [record.id]))[0]?.record;
  if (before !== undefined && 'email' in before && before.email !== null && emailKey(before.email) === emailKey(record.email)) return;
  const holder = await tenant.tx
    .selectFrom('records')
    .select('id')
    .where('organisation_id', '=', tenant.organisation)
    .where('collection', '=', of)
    .where('email_key', '=', emailKey(record.email))
    .where('deleted_at', 'is', null)
    .where('id', '!=', record.id)
    .limit(1)
    .executeTakeFirst();
  if (holder !== undefined)
    throw new ProblemError({ code: 'EMAIL_TAKEN', field: 'email', message: 'A client with this email already exists.' });
}
