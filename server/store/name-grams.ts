import { type RawBuilder, sql } from 'kysely';
import type { NounName } from '../../shared/entities/nouns.ts';
import type { StoredRecord } from '../../shared/rules/record-layer.ts';
import { nameKeyOf } from './record-row.ts';
import type { Tx } from './tables.ts';

/**
 * "Contains" for names: which records have three characters in a row in their name. A row of `name_grams` has the whole
 * numbers of up to 1024 records, so a hundred thousand names take a few megabytes and a batch writes each row once. Row-level
 * security keeps every other index of PostgreSQL for this from being used.
 */
const gramLength = 3;
const blockSize = 1024;

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

/** The gram of a folded text that the fewest names have, and how many do; null where the text is too short to have any. */
export async function rarestGram(
  tx: Tx,
  organisation: string,
  of: NounName,
  text: string,
): Promise<{ gram: string; names: number } | null> {
  const grams = gramsIn(text);
  if (grams.length === 0) return null;
  const { rows } = await sql<{ gram: string; names: number }>`select w.gram, coalesce(sum(cardinality(g.members)), 0)::int as names
    from unnest(${grams}::text[]) as w(gram) left join name_grams g on g.organisation_id = ${organisation} and g.collection = ${of} and g.gram = w.gram
    group by w.gram order by names limit 1`.execute(tx);
  return rows[0] ?? null;
}

/** The whole numbers of the records whose names have the gram. */
export function numbersWith(organisation: string, of: NounName, gram: string): RawBuilder<number> {
  return sql`select g.block * ${sql.lit(blockSize)}::bigint + m from name_grams g, unnest(g.members) m
    where g.organisation_id = ${organisation} and g.collection = ${sql.lit(of)} and g.gram = ${gram}`;
}
