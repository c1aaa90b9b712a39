import { sql } from 'kysely';
import type { NounName } from '../../shared/nouns/nouns.ts';
import { termsOf } from './record-row.ts';
import type { Tenant } from './tenant.ts';
import { createTermSets } from './term-sets.ts';

/** Ids of records by facet. One that more have leaves too many to be worth keeping. */
const byFacet = createTermSets<string>({ read, memberOf: ({ id }) => id, termsOf }, { most: 500_000, mostOfOne: 20_000 });

/**
 * Ids of the records that have one term of each facet, in no order; null where these are more than `most`. A facet that too many
 * have is left out: `met` are the positions of the facets that all of these records have. Null also where nothing else is left.
 */
export async function idsWithFacets(
  tenant: Tenant,
  of: NounName,
  seq: number,
  facets: readonly (readonly string[])[],
  most: number,
): Promise<{ ids: string[]; met: number[] } | null> {
  const known: { at: number; sets: ReadonlySet<string>[] }[] = [];
  const sets = await byFacet.get(tenant, of, seq, facets.flat());
  for (const [at, terms] of facets.entries()) {
    const own = sets.splice(0, terms.length);
    const few = own.filter((set) => set !== null);
    if (few.length === own.length) known.push({ at, sets: few });
  }
  const [smallest, ...others] = known.toSorted((left, right) => sizeOf(left.sets) - sizeOf(right.sets));
  if (smallest === undefined) return null;
  const ids = new Set<string>();
  for (const set of smallest.sets)
    for (const id of set) {
      if (!others.every(({ sets }) => sets.some((other) => other.has(id)))) continue;
      ids.add(id);
      if (ids.size > most) return null;
    }
  return { ids: [...ids], met: known.map(({ at }) => at) };
}

const sizeOf = (sets: readonly ReadonlySet<string>[]) => sets.reduce((sum, { size }) => sum + size, 0);

async function read({ tx, organisation }: Tenant, of: NounName, terms: readonly string[], most: number) {
  // As one text each: ten thousand rows take the driver longer than the database. No id has a line break (canBeId).
  const { rows } = await sql<{ term: string; ids: string | null }>`select w.term, (select string_agg(few.id, chr(10)) from (
      select t.id from terms t where t.organisation_id = ${organisation} and t.collection = ${of} and t.term = w.term
      limit ${sql.lit(most + 1)}) few) as ids from unnest(${terms}::text[]) as w(term)`.execute(tx);
  return new Map(
    rows.map(({ term, ids }) => {
      const all = ids?.split('\n') ?? [];
      return [term, all.length > most ? null : new Set(all)];
    }),
  );
}
