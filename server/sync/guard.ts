import { sql } from 'kysely';
import { type NounName, parentsOf } from '../../shared/nouns/nouns.ts';
import { massRemoval } from '../../shared/sync/mass-removal.ts';
import type { SyncedRecord } from '../../shared/sync/merge.ts';
import { type Circle, seenIn } from '../auth/visibility.ts';
import type { Tenant } from '../store/tenant.ts';

const { most, alwaysFine, part } = massRemoval;

export interface Deletion {
  of: NounName;
  record: SyncedRecord;
}

/**
 * A laptop that lost its book, or a mistake of ours in one, must not empty everybody's. More than 50 deletions in one
 * push, or more than a tenth of what the person sees of a collection, are refused unless a person confirmed that many. What goes along with a
 * record that it hangs on does not count: one deleted client may take a thousand records with it.
 *
 * Answers how many there are of each collection; null where they are fine.
 */
export async function tooManyDeletions(
  { tx, organisation }: Tenant,
  deletions: readonly Deletion[],
  circle: Circle,
  confirmed: number,
): Promise<Record<string, number> | null> {
  if (deletions.length <= alwaysFine) return null;
  const here = new Set(deletions.map(({ of, record }) => `${of} ${record.id}`));
  const parents = deletions
    .flatMap(({ of, record }) => parentsOf(of, record))
    .filter((one) => one.of !== null && !here.has(`${one.of} ${one.id}`));
  const gone = await sql<{ key: string }>`select r.collection || ' ' || r.id as key
    from unnest(${parents.map(({ of }) => of)}::text[], ${parents.map(({ id }) => id)}::text[]) as p(collection, id)
    join records r on r.organisation_id = ${organisation} and r.collection = p.collection and r.id = p.id and r.deleted_at is not null`.execute(
    tx,
  );
  for (const { key } of gone.rows) here.add(key);
  const own = deletions.filter(({ of, record }) => !parentsOf(of, record).some((one) => here.has(`${one.of} ${one.id}`)));
  const counts = new Map([...Map.groupBy(own, ({ of }) => of)].map(([of, some]) => [of, some.length]));
  if (own.length <= confirmed || own.length <= alwaysFine) return null;
  const isTooMany = own.length > most || (await isLargePart([...counts].filter(([, count]) => count > alwaysFine)));
  return isTooMany ? Object.fromEntries(counts) : null;

  async function isLargePart(some: readonly (readonly [NounName, number])[]): Promise<boolean> {
    for (const [of, count] of some) {
      // Counts no further than it has to.
      const { rows } = await sql<{
        n: number;
      }>`select count(*)::int as n from (select from records r where r.organisation_id = ${organisation}
        and r.collection = ${of} and r.deleted_at is null and ${seenIn(circle, of)} limit ${count * part}) few`.execute(tx);
      if ((rows[0]?.n ?? 0) < count * part) return true;
    }
    return false;
  }
}
