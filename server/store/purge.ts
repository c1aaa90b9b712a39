import { sql } from 'kysely';
import { type NounName, nounNames, parentNounsOf } from '../../shared/nouns/nouns.ts';
import { type Database, keeperRole, type Tx } from './tables.ts';

const DAY_MS = 24 * 3_600_000;
/** How long a deletion is remembered: longer than a laptop stays away. */
export const tombstoneDays = 180;
const receiptDays = 7;
/** Where the changes stood is noted about once a day. */
const markEveryMs = 20 * 3_600_000;
/** Records of one transaction: nobody can write in the organisation while it lasts. */
const mostAtOnce = 2_000;

/**
 * Nouns whose deleted records are purged. People, own fields and items stay: what was written long ago still names them.
 */
const purged = nounNames.filter((noun) => !['directory', 'ownFields', 'itemPrices'].includes(noun));
const hanging: readonly NounName[] = nounNames.filter((noun) => parentNounsOf(noun).length > 0);

/**
 * Takes away, for every organisation, what was deleted more than 180 days ago, and receipts nobody will ask for any more.
 * When a deletion came is told by the server's clock: by where the organisation's changes stood each day (`marks`), never
 * by what a laptop wrote. Kept are records that others were merged into by id, that hold a number no other may have, and
 * whatever something still hangs on. Who has not pulled since is told to begin anew (`floor`).
 */
export async function purge(db: Database, now: number): Promise<void> {
  const organisations = await db.selectFrom('organisations').select('organisation_id').orderBy('number').execute();
  for (const { organisation_id } of organisations) {
    await asKeeper(db, organisation_id, (tx) => tidy(tx, organisation_id, now));
    // Leaves first: what they hung on comes with a later round.
    while ((await asKeeper(db, organisation_id, (tx) => purgeSome(tx, organisation_id, now))) > 0);
  }
}

function asKeeper<T>(db: Database, organisation: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (tx) => {
    await sql`select set_config('role', ${keeperRole}, true), set_config('fieldbook.organisation', ${organisation}, true)`.execute(tx);
    return work(tx);
  });
}

async function tidy(tx: Tx, organisation: string, now: number): Promise<void> {
  await sql`insert into marks (organisation_id, at, seq)
    select organisation_id, ${now}::bigint, seq from organisations where organisation_id = ${organisation}
    and not exists (select from marks where organisation_id = ${organisation} and at > ${now - markEveryMs})`.execute(tx);
  // The newest of the old ones says what is old; those before it say nothing more.
  await sql`delete from marks where organisation_id = ${organisation} and at < (
    select max(at) from marks where organisation_id = ${organisation} and at <= ${now - tombstoneDays * DAY_MS})`.execute(tx);
  await sql`delete from receipts where organisation_id = ${organisation} and at < ${now - receiptDays * DAY_MS}`.execute(tx);
}

async function purgeSome(tx: Tx, organisation: string, now: number): Promise<number> {
  const hangs = (column: string) => sql`not exists (select from records k where k.organisation_id = ${organisation}
    and k.collection = any(${[...hanging]}::text[]) and k.${sql.raw(column)} = r.id)`;
  const old = sql`select max(seq) from marks where organisation_id = ${organisation} and at <= ${now - tombstoneDays * DAY_MS}`;
  const candidates = sql`select r.collection, r.id from records r
    where r.organisation_id = ${organisation} and r.collection = any(${[...purged]}::text[]) and r.seq <= (${old})
    and r.deleted_at is not null and r.unique_key is null and r.doc ->> 'mergedInto' is null
    and ${hangs('parent_id')} and ${hangs('second_id')} and ${hangs('third_id')} limit ${mostAtOnce}`;
  // Nobody is kept waiting where there is nothing to do.
  if ((await sql`${candidates}`.execute(tx)).rows.length === 0) return 0;
  await sql`select from organisations where organisation_id = ${organisation} for update`.execute(tx);
  const gone = await sql<{ collection: string; id: string; seq: number }>`delete from records d using (${candidates}) c
    where d.organisation_id = ${organisation} and d.collection = c.collection and d.id = c.id
    returning d.collection, d.id, d.seq`.execute(tx);
  const ids = sql`unnest(${gone.rows.map(({ collection }) => collection)}::text[], ${gone.rows.map(({ id }) => id)}::text[]) as g(collection, id)`;
  // An operation goes with the last record it touched. Until then it stays tied to all of them: it is not seen by who did not see those
  // that went, and whose values are in it.
  await sql`with left_over as (
      select distinct o.operation_id from operation_records o join ${ids}
        on o.organisation_id = ${organisation} and o.collection = g.collection and o.record_id = g.id
      where not exists (select from operation_records t
        join records k on k.organisation_id = t.organisation_id and k.collection = t.collection and k.id = t.record_id
        where t.organisation_id = ${organisation} and t.operation_id = o.operation_id)
    ),
    untied as (
      delete from operation_records o using left_over l where o.organisation_id = ${organisation} and o.operation_id = l.operation_id
    )
    delete from operations o using left_over l where o.organisation_id = ${organisation} and o.id = l.operation_id`.execute(tx);
  await sql`update organisations set floor = greatest(floor, ${Math.max(0, ...gone.rows.map(({ seq }) => seq))}::bigint)
    where organisation_id = ${organisation}`.execute(tx);
  return gone.rows.length;
}
