import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type RawBuilder, type Selectable, sql } from 'kysely';
import { soundMember } from '../../shared/lib/text.ts';
import type { Database, Tables, Tx } from './tables.ts';

/**
 * Which process speaks to which foreign system. Several servers on one database may all try: a system is in one hand at a time, by the
 * clock of the database, and whoever holds it says before each write that it still does.
 */
export type RemoteRow = Selectable<Tables['remotes']>;

/** A system in this process's hand, until it says nothing for `claimMs`. */
export interface RemoteClaim {
  organisation: string;
  remoteId: string;
  claim: string;
}

/** The system is in other hands, was connected anew, or is connected no more: nothing may be written any more. */
export class ClaimLost extends Error {
  constructor() {
    super('The foreign system is in the hands of another server process');
  }
}

/** How long a system stays in the hands of a process that is not heard of any more. Longer than a call to it may take (`callMs`). */
export const claimMs = 30_000;
export const callMs = 20_000;

/** Milliseconds of the database's clock: the clocks of several machines need not agree. */
const now = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;
/** Who holds it, for people. */
const holder = `${hostname()}, process ${process.pid}`;

const take = (db: Database, which: RawBuilder<unknown>, claim: string) =>
  sql<RemoteRow>`update remotes set claim = ${claim}, holder = ${holder}, claimed_until = ${now} + ${claimMs}
    where (organisation_id, id) = (
      select organisation_id, id from remotes where ${which} and coalesce(claimed_until, 0) <= ${now}
      order by due_at limit 1 for update skip locked)
    returning *`
    .execute(db)
    .then(({ rows }) => (rows[0] === undefined ? null : { row: rows[0], claim: { ...placeOf(rows[0]), claim } }));

const placeOf = ({ organisation_id, id }: Pick<RemoteRow, 'organisation_id' | 'id'>) => ({ organisation: organisation_id, remoteId: id });

/** Takes the system in hand that is due the longest, of any organisation; null where none is. */
export const claimDueRemote = (db: Database) => take(db, sql`due_at <= ${now}`, randomUUID());

/** Takes this one in hand, due or not; null where it is in another. */
export const claimRemote = (db: Database, { organisation_id, id }: Pick<RemoteRow, 'organisation_id' | 'id'>) =>
  take(db, sql`organisation_id = ${organisation_id} and id = ${id}`, randomUUID());

/**
 * Says that whoever holds it is alive, and throws `ClaimLost` where it is theirs no more. In a transaction the row is locked until its end:
 * nobody takes the system over between this and what is written.
 */
export async function keepClaim(db: Database | Tx, { organisation, remoteId, claim }: RemoteClaim): Promise<void> {
  const { numAffectedRows } = await sql`update remotes set claimed_until = ${now} + ${claimMs}
    where organisation_id = ${organisation} and id = ${remoteId} and claim = ${claim} and claimed_until > ${now}`.execute(db);
  if (numAffectedRows !== 1n) throw new ClaimLost();
}

/** Lets it out of hand: due again in so many milliseconds. What became of it is kept; without a word of that it stays as it was. */
export async function releaseRemote(
  db: Database,
  { organisation, remoteId, claim }: RemoteClaim,
  { dueInMs, receipt }: { dueInMs: number; receipt?: object },
): Promise<void> {
  await sql`update remotes set claim = null, holder = null, claimed_until = null, due_at = ${now} + ${Math.round(dueInMs)}
    ${receipt === undefined ? sql`` : sql`, last_at = ${now}, receipt = ${JSON.stringify(receipt, soundMember)}::jsonb`}
    where organisation_id = ${organisation} and id = ${remoteId} and claim = ${claim}`.execute(db);
}

/** How long until the next system is due that is in nobody's hands, in milliseconds; null where there is none. */
export async function nextRemoteIn(db: Database): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`select min(greatest(due_at, coalesce(claimed_until, 0))) - ${now} as ms
    from remotes`.execute(db);
  return rows[0]?.ms ?? null;
}

/** All of an organisation's, or of every one, the oldest first. */
export function listRemotes(db: Database, organisation: string | null): Promise<RemoteRow[]> {
  const all = db.selectFrom('remotes').selectAll().orderBy('organisation_id').orderBy('connected_at').orderBy('id');
  return (organisation === null ? all : all.where('organisation_id', '=', organisation)).execute();
}

export type NewRemote = Pick<
  RemoteRow,
  | 'organisation_id'
  | 'id'
  | 'kind'
  | 'url'
  | 'remote_organisation'
  | 'account'
  | 'direction'
  | 'secrets'
  | 'user_id'
  | 'connected_at'
  | 'every_ms'
> & { settings: object };

/** Keeps a system that was signed in to: it is due at once. */
export async function addRemote(db: Database, { settings, ...remote }: NewRemote): Promise<void> {
  await db
    .insertInto('remotes')
    .values({ ...remote, settings: JSON.stringify(settings), due_at: now })
    .execute();
}

/**
 * The same system, signed in to anew. Whoever holds it goes on from what it was before, so the claim ends before the next write. Nobody takes it
 * until `claimed_until`: a call may be under way.
 */
export async function renewRemote(
  db: Database,
  {
    organisation_id,
    id,
    ...change
  }: Pick<NewRemote, 'organisation_id' | 'id' | 'account' | 'direction' | 'secrets' | 'user_id' | 'every_ms'>,
): Promise<void> {
  await db
    .updateTable('remotes')
    .set({ ...change, claim: null, due_at: now })
    .where('organisation_id', '=', organisation_id)
    .where('id', '=', id)
    .execute();
}

/** Forgets it with its sign-in. Whoever holds it stops before the next write. */
export async function removeRemote(db: Database, { organisation_id, id }: Pick<RemoteRow, 'organisation_id' | 'id'>): Promise<void> {
  await db.deleteFrom('remotes').where('organisation_id', '=', organisation_id).where('id', '=', id).execute();
}
