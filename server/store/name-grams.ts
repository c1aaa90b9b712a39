import { type RawBuilder, sql } from 'kysely';
import type { NounName } from '../../shared/entities/nouns.ts';
import type { StoredRecord } from '../../shared/rules/record-layer.ts';
import { nameKeyOf } from './record-row.ts';
import type { Tx } from './tables.ts';

/**
 * "Contains" for names: which records have three characters in a row in their name. A row of `name_grams` has the whole
 * numbers of up to 8192 records, so a hundred thousand names take a few megabytes and a batch writes each row once. Row-level
 * security keeps every other index of PostgreSQL for this from being used.
 */
const gramLength = 3;
const blockSize = 8192;

/** Collections whose names are looked inside. */
const inside: ReadonlySet<NounName> = new Set<NounName>(['clients']);
export const hasNameGrams = (of: NounName): boolean => inside.has(of);

/** A record that was written: as it was, as it is, and its whole number. */
export interface Named {
  of: NounName;
  before: StoredRecord | null;
  after: StoredRecord;
  number: number;
}

/** Every three characters in a row, each once; none of a text that has fewer. */
export function gramsIn(text: string): string[] {
  const letters = [...text];
  const grams = new Set<string>();
  for (let at = 0; at + gramLength <= letters.length; at += 1) grams.add(letters.slice(at, at + gramLength).join(''));
  return [...grams];
}

/** Keeps the grams of names that came, changed or went. Under the lock of the organisation only. */
export async function putNameGrams(tx: Tx, organisation: string, written: readonly Named[]): Promise<void> {
  const added = new Map<string, { collection: string; gram: string; block: number; members: number[] }>();
  const removed: typeof added = new Map();
  const note = (into: typeof added, { of, number }: Named, gram: string) => {
    const block = Math.floor(number / blockSize);
    const key = `${of} ${block} ${gram}`;
    const row = into.get(key) ?? { collection: of, gram, block, members: [] };
    row.members.push(number % blockSize);
    into.set(key, row);
  };
  for (const one of written) {
    if (!hasNameGrams(one.of)) continue;
    const [nameBefore, name] = [one.before, one.after].map((record) => (record?.deletedAt === null ? nameKeyOf(one.of, record) : null));
    if (nameBefore === name) continue;
    const [before, now] = [new Set(gramsIn(nameBefore ?? '')), new Set(gramsIn(name ?? ''))];
    for (const gram of before) if (!now.has(gram)) note(removed, one, gram);
    for (const gram of now) if (!before.has(gram)) note(added, one, gram);
  }
  const rows = (of: typeof added) =>
    sql`jsonb_to_recordset(${JSON.stringify([...of.values()])}::jsonb) as x(collection text, gram text, block integer, members smallint[])`;
  if (removed.size > 0)
    await sql`update name_grams g set members = array(select m from unnest(g.members) m where m <> all(x.members)) from ${rows(removed)}
      where g.organisation_id = ${organisation} and g.collection = x.collection and g.gram = x.gram and g.block = x.block`.execute(tx);
  if (added.size > 0)
    await sql`insert into name_grams as g (organisation_id, collection, gram, block, members)
      select ${organisation}::uuid, x.collection, x.gram, x.block, x.members from ${rows(added)}
      on conflict (organisation_id, collection, gram, block) do update set members = g.members || excluded.members`.execute(tx);
}

/** A name that is looked for by more of its grams is found no faster. */
const mostGrams = 24;
/** Grams with so many bytes of members, as they are stored, are not worth reading: some 5,000 names have them. */
const commonest = 10_000;

/**
 * Whole numbers of the records whose names may contain the folded text, as an array: all that have its rarest grams. Null
 * where these are more than `most`; no SQL at all where the text is too short to have a gram. How rare a gram is says the
 * size of its members: to count them they would all have to be fetched.
 */
export function numbersByName(organisation: string, of: NounName, text: string, most: number): RawBuilder<unknown> | null {
  const all = gramsIn(text);
  if (all.length === 0) return null;
  const step = Math.max(1, all.length / mostGrams);
  const grams = Array.from({ length: Math.min(all.length, mostGrams) }, (_, at) => all[Math.floor(at * step)] as string);
  return sql`(
    with posted as (
      select g.gram, g.block, g.members from name_grams g
      where g.organisation_id = ${organisation} and g.collection = ${of} and g.gram = any(${grams}::text[])
    ), ranked as (
      select w.gram, coalesce(sum(pg_column_size(p.members)), 0)::int as bytes from unnest(${grams}::text[]) as w(gram)
      left join posted p on p.gram = w.gram group by w.gram order by bytes limit 3
    ), read as (select gram from ranked where bytes <= ${sql.lit(commonest)}),
    found as materialized (select array(
      select p.block * ${sql.lit(blockSize)} + m from read join posted p on p.gram = read.gram, unnest(p.members) m
      group by 1 having count(*) = (select count(*) from read) limit ${sql.lit(most + 1)}) as numbers)
    select case when cardinality(numbers) <= ${sql.lit(most)} and (select min(bytes) from ranked) <= ${sql.lit(commonest)} then numbers end
    from found)`;
}
