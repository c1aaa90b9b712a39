import { sql } from 'kysely';
import { type NounName, nounNames, type RecordOf } from '../../shared/nouns/nouns.ts';
import { instantOf, type Clock } from '../../shared/lib/clock.ts';
import { applyChange } from '../../shared/operations/apply-operation.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import { recordRules, type RecordRules } from '../../shared/nouns/record-rules.ts';
import { parseStamp, type Stamp } from '../../shared/sync/stamp.ts';
import { hasAuthor } from '../../shared/nouns/rights.ts';
import { type ActivityRecord, activityTime } from '../../shared/nouns/activity/activity.ts';
import type { SyncedRecord } from '../../shared/sync/merge.ts';
import { mostAheadMs } from '../../shared/sync/row-check.ts';
import type { Kept, Tenant, Write } from '../store/tenant.ts';
import type { RowRights } from './rights.ts';

/** Whose changes these are: of no person, and of no laptop. */
export const settler = 'settle';

/** A record as a push has left it; `before` is null for one that is new. */
export interface Written {
  of: NounName;
  before: Kept | null;
  kept: Kept;
}

type Fields = StoredRecord & { isPrimary?: boolean };

/**
 * What two laptops did offline can break a rule that each of them kept: both made another contact of the client the
 * primary one. The server settles it with a change of its own, which comes to all of them like any other.
 */
export async function settle(
  tenant: Tenant,
  written: readonly Written[],
  author: RowRights['author'],
  stamp: () => Stamp,
  clock: Clock,
): Promise<Write[]> {
  const writes = new Map<string, Write>();
  const change = (of: NounName, kept: Kept, fields: Record<string, unknown>): void => {
    const key = `${of} ${kept.record.id}`;
    const record = (writes.get(key)?.after ?? kept.record) as StoredRecord & Record<string, unknown>;
    const before = Object.fromEntries(Object.keys(fields).map((field) => [field, record[field]]));
    const head = { at: laterOf(instantOf(clock), record.updatedAt), actor: settler, stamp: stamp() };
    const after = applyChange(of, record as never, head, { collection: of, id: record.id, before, after: fields });
    writes.set(key, { of, before: kept, after });
  };
  for (const { of, before, kept } of written) {
    // Who wrote it is told by who signed in; and nothing was said that has not happened yet.
    const authorId = before === null ? author(of, kept.record as unknown as SyncedRecord) : null; // a row as it is synced
    const late =
      before === null && hasAuthor(of) && isInFuture(kept.record as ActivityRecord, clock) ? { occurredAt: instantOf(clock) } : {};
    if (authorId !== null || 'occurredAt' in late) change(of, kept, { ...late, ...(authorId !== null && { authorId }) });
    // Restored on one laptop and merged into another record on a second one: both stay, and this is one of them.
    if (kept.record.deletedAt === null && kept.record.mergedInto !== null) change(of, kept, { mergedInto: null });
  }
  for (const of of nounNames) {
    const { primary } = recordRules[of] as RecordRules<RecordOf[NounName]>;
    if (primary === undefined) continue;
    const parents = [...familiesOf(of, primary, written)];
    if (parents.length === 0) continue;
    const wanted = new Map<string, boolean>();
    for (const family of (await familiesIn(tenant, of, parents, primary.kind === 'exactlyOne')).values()) {
      const primaries = family.filter(({ isPrimary }) => isPrimary);
      const chosen = primaries.toSorted(byClaim)[0] ?? family.toSorted(byAge)[0];
      for (const one of primaries) if (one !== chosen) wanted.set(one.id, false);
      if (chosen?.isPrimary === false) wanted.set(chosen.id, true);
    }
    for (const kept of await tenant.get(of, [...wanted.keys()])) change(of, kept, { isPrimary: wanted.get(kept.record.id) });
  }
  return [...writes.values()];
}

/** The parents whose primary record may not be one any more, or not the only one. */
function* familiesOf(of: NounName, primary: { parent: string; kind: string }, written: readonly Written[]): Generator<string> {
  const seen = new Set<string>();
  for (const write of written) {
    if (write.of !== of) continue;
    const [before, after] = [write.before?.record as Fields | undefined, write.kept.record as Fields];
    const parentOf = (record: Fields | undefined) => (record as Record<string, unknown> | undefined)?.[primary.parent];
    const isLive = (record: Fields | undefined) => record !== undefined && record.deletedAt === null;
    const isSame = isLive(before) === isLive(after) && before?.isPrimary === after.isPrimary && parentOf(before) === parentOf(after);
    if (isSame) continue;
    // Where there need not be one, only another one makes two.
    const touched = primary.kind === 'exactlyOne' ? [parentOf(before), parentOf(after)] : after.isPrimary === true ? [parentOf(after)] : [];
    for (const parent of touched) {
      if (typeof parent !== 'string' || seen.has(parent)) continue;
      seen.add(parent);
      yield parent;
    }
  }
}

interface Member {
  id: string;
  parent: string;
  isPrimary: boolean;
  /** The stamp of whether it is the primary one. */
  claim: Stamp;
  createdAt: string;
}

/** The live primaries of each parent; all that is live where there has to be one. Without the records: most are left as they are. */
async function familiesIn({ tx, organisation }: Tenant, of: NounName, parents: readonly string[], isNeeded: boolean) {
  const { rows } = await sql<Member>`select r.id, r.parent_id as parent, r.created_at as "createdAt",
      r.doc @> '{"isPrimary": true}'::jsonb as "isPrimary", coalesce(r.doc #>> '{stamps,isPrimary}', r.doc #>> '{stamps,*}', '') as claim
    from records r where r.organisation_id = ${organisation} and r.collection = ${sql.lit(of)} and r.parent_id = any(${[...parents]}::text[])
    and r.deleted_at is null ${isNeeded ? sql`` : sql`and r.doc @> '{"isPrimary": true}'::jsonb`}`.execute(tx);
  return Map.groupBy(rows, ({ parent }) => parent);
}

/** The newest claim of a person comes first. What the server filled in is none: whoever said it offline, earlier, meant it. */
function byClaim(one: Member, other: Member): number {
  const [isOurs, isTheirs] = [one, other].map(({ claim }) => claim !== '' && parseStamp(claim).deviceId === settler);
  if (isOurs !== isTheirs) return isOurs === true ? 1 : -1;
  return one.claim === other.claim ? (one.id < other.id ? -1 : 1) : one.claim > other.claim ? -1 : 1;
}

function byAge(one: Member, other: Member): number {
  return one.createdAt === other.createdAt ? (one.id < other.id ? -1 : 1) : one.createdAt < other.createdAt ? -1 : 1;
}

const isInFuture = (said: Pick<ActivityRecord, 'occurredAt' | 'createdAt'>, clock: Clock) =>
  Date.parse(activityTime(said)) > clock.now() + mostAheadMs;

const laterOf = (one: string, other: string) => (one > other ? one : other);
