import { sql } from 'kysely';
import { idsIn } from '../../shared/nouns/field.ts';
import { type NounName, parentsOf } from '../../shared/nouns/nouns.ts';
import { authorOf, hasAuthor, mayDelete, mayWrite } from '../../shared/nouns/rights.ts';
import { isSame } from '../../shared/lib/equal.ts';
import { linkFieldsOf } from '../../shared/operations/aliases.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import type { SyncedRecord } from '../../shared/sync/merge.ts';
import { type RowProblem, rowProblem } from '../../shared/sync/row-check.ts';
import { parseStamp, type Stamp, stampOf, type Stamps } from '../../shared/sync/stamp.ts';
import type { Person } from '../auth/sessions.ts';
import type { Tenant } from '../store/tenant.ts';
import type { ReadRow } from './read-row.ts';

/** A record as far as it can tell why another was changed: it was deleted, brought back, or merged. */
interface Reason {
  deletedAt: string | null;
  mergedInto: string | null;
  stamps: Stamps;
}

export interface RowRights {
  /** Whether somebody may write a row that they see; the problem where they may not. */
  problem: (of: NounName, before: StoredRecord | null, after: SyncedRecord) => RowProblem | null;
  /** Who a new record is by, where it does not say so itself: a laptop knows its person by a name that it was given, which anybody may be. */
  author: (of: NounName, made: SyncedRecord) => string | null;
}

/** What the server, and no laptop, says of a record: which record it is, and who changed it last. */
const asideFromRights: ReadonlySet<string> = new Set(['id', 'stamps', 'updatedAt', 'updatedBy']);

/**
 * The rights of one push (shared/nouns/rights.ts). A laptop sends records and not commands, so what went along with something else is
 * told by the stamp that both changes have: a colleague's note goes and comes with its client, and follows it into another one.
 */
export async function rowRights(
  tenant: Tenant,
  person: Person,
  rows: readonly ReadRow[],
  currents: ReadonlyMap<string, { kept: { record: object } }>,
): Promise<RowRights> {
  const records = rows.filter((row) => row.is === 'record');
  const people = await directoryIds(
    tenant,
    records.flatMap(({ record }) => [record['createdBy'], record['authorId']].filter((id) => typeof id === 'string')),
  );
  const author: RowRights['author'] = (of, { authorId, createdBy }) =>
    hasAuthor(of) && authorId === null && !people.has(String(createdBy)) ? person.userId : null;
  if (person.role === 'admin') return { problem: () => null, author };

  const contested = records.filter(({ of, record }) => {
    const before = currents.get(`${of} ${record.id}`)?.kept.record;
    return before !== undefined && !mayWrite(person, of, before);
  });
  const reasons = await reasonsOf(
    tenant,
    contested.flatMap(({ of, record }) =>
      [record, currents.get(`${of} ${record.id}`)?.kept.record ?? {}].flatMap((one) => idsNamedBy(of, one)),
    ),
  );
  // As the push leaves them.
  for (const { record } of records) reasons.set(record.id, [...(reasons.get(record.id) ?? []), record as unknown as Reason]); // rows of that noun

  const wentAlong = (of: NounName, record: SyncedRecord, stamp: Stamp | undefined): boolean =>
    parentsOf(of, record).some(({ id }) =>
      (reasons.get(id) ?? []).some(
        (parent) => (parent.deletedAt === null) === (record['deletedAt'] === null) && stampOf(parent.stamps, 'deletedAt') === stamp,
      ),
    );
  const wasMerged = (ids: readonly string[], stamp: Stamp | undefined): boolean =>
    ids.some((id) =>
      (reasons.get(id) ?? []).some(
        ({ mergedInto, stamps }) => (mergedInto !== null && ids.includes(mergedInto)) || stampOf(stamps, 'mergedInto') === stamp,
      ),
    );
  const isKnown = (id: unknown) => typeof id === 'string' && id !== person.userId && people.has(id);
  const restoredAt = restoreTimeOf(tenant.entered.epoch);

  const problem: RowRights['problem'] = (of, before, after) => {
    if (before === null) {
      if (!mayWrite(person, of, null)) return rowProblem('forbidden');
      // What was there before a backup came back is brought back by whoever has it, and says who wrote it.
      const isOld = parseStamp(after.stamps['*'] as Stamp).ms < restoredAt;
      const forged = isOld ? undefined : ['createdBy', 'authorId'].find((field) => isKnown(after[field]));
      return forged === undefined ? null : rowProblem('forbidden', forged, 'Nobody writes a record in the name of somebody else.');
    }
    const changed = Object.keys(after).filter(
      (field) => !asideFromRights.has(field) && !isSame(after[field], (before as unknown as SyncedRecord)[field]), // a field by its name
    );
    const origin = changed.find((field) => isOrigin(of, field) && (isKnown(after[field]) || hasAuthor(of)));
    if (origin !== undefined && !(origin === 'authorId' && after['authorId'] === person.userId && authorOf(before) === person.userId))
      return rowProblem('forbidden', origin, 'Who made a record, and when, stays as it is.');
    const isDeletion = changed.includes('deletedAt');
    if (isDeletion && !mayDelete(person, of, before) && !wentAlong(of, after, stampOf(after.stamps, 'deletedAt')))
      return rowProblem('forbidden', 'deletedAt');
    if (mayWrite(person, of, before)) return null;
    const links = new Set(linkFieldsOf(of).map(({ field }) => field));
    const other = changed.find((field) => {
      // The noun that it hangs on is named beside the id, and goes with that.
      if (field === 'deletedAt' || field === 'about') return false;
      const ids = [...idsIn(after[field]), ...idsIn((before as unknown as SyncedRecord)[field])]; // a field by its name
      return !links.has(field) || !wasMerged(ids, stampOf(after.stamps, field));
    });
    return other === undefined ? null : rowProblem('forbidden', other);
  };
  return { problem, author };
}

const isOrigin = (of: NounName, field: string) => field === 'createdBy' || field === 'createdAt' || (field === 'authorId' && hasAuthor(of));

/** What the record names, whichever noun. */
const idsNamedBy = (of: NounName, record: object): string[] =>
  linkFieldsOf(of).flatMap(({ field }) => idsIn((record as Record<string, unknown>)[field]));

async function directoryIds({ tx, organisation }: Tenant, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`select r.id from records r where r.organisation_id = ${organisation}
    and r.collection = 'directory' and r.id = any(${[...new Set(ids)]}::text[])`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

async function reasonsOf({ tx, organisation }: Tenant, ids: readonly string[]): Promise<Map<string, Reason[]>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; reason: Reason }>`select r.id, jsonb_build_object('deletedAt', r.doc -> 'deletedAt',
      'mergedInto', r.doc -> 'mergedInto', 'stamps', r.doc -> 'stamps') as reason
    from records r where r.organisation_id = ${organisation} and r.id = any(${[...new Set(ids)]}::text[])`.execute(tx);
  return Map.groupBy(
    rows.map(({ id, reason }) => ({ id, ...reason })),
    ({ id }) => id,
  ) as Map<string, Reason[]>;
}

/** When this database came back from a backup: its epoch is an id that begins with the time. Never, for one that did not. */
function restoreTimeOf(epoch: string): number {
  return epoch[14] === '7' ? Number.parseInt(epoch.replaceAll('-', '').slice(0, 12), 16) : 0;
}
