import { LRUCache } from 'lru-cache';
import { sql } from 'kysely';
import type { NounName } from '../../shared/nouns/nouns.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import { nameKeyOf } from './record-row.ts';
import type { Tx } from './tables.ts';
import type { Tenant } from './tenant.ts';
import { createTermSets } from './term-sets.ts';

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

/** Whole numbers of records by gram of their name. */
const byGram = createTermSets<number>(
  {
    read: readMembers,
    memberOf: ({ number }) => number,
    termsOf: (of, record) => (record.deletedAt === null ? gramsIn(nameKeyOf(of, record) ?? '') : []),
  },
  { most: 1_000_000, mostOfOne: commonest },
);

async function readMembers({ tx, organisation }: Tenant, of: NounName, grams: readonly string[]): Promise<Map<string, Set<number>>> {
  // As texts: the driver takes its time with arrays.
  const { rows } = await sql<{ gram: string; block: number; members: string }>`select gram, block, array_to_string(members, ' ') as members
    from name_grams where organisation_id = ${organisation} and collection = ${of} and gram = any(${grams}::text[])`.execute(tx);
  const sets = new Map<string, Set<number>>();
  for (const { gram, block, members } of rows) {
    const numbers = sets.get(gram) ?? new Set();
    sets.set(gram, numbers);
    if (members !== '') for (const member of members.split(' ')) numbers.add(block * blockSize + Number(member));
  }
  return sets;
}

/**
 * Whole numbers of the records whose names may contain the folded text: all that have its rarest grams. Null where these are
 * more than `most`, and where the text is too short to have a gram or has common ones only.
 */
export async function numbersByName(tenant: Tenant, of: NounName, seq: number, text: string, most: number): Promise<number[] | null> {
  const all = gramsIn(text);
  const step = Math.max(1, all.length / mostGrams);
  const grams = Array.from({ length: Math.min(all.length, mostGrams) }, (_, at) => all[Math.floor(at * step)] as string);
  const bytes = await bytesOf(tenant, of, grams);
  const rarest = grams
    .filter((gram) => (bytes.get(gram) ?? 0) <= commonest)
    .toSorted((left, right) => (bytes.get(left) ?? 0) - (bytes.get(right) ?? 0))
    .slice(0, 3);
  const sets = (await byGram.get(tenant, of, seq, rarest)).filter((set) => set !== null);
  const [first, ...others] = sets.toSorted((left, right) => left.size - right.size);
  if (first === undefined) return null;
  const numbers = [...first].filter((number) => others.every((other) => other.has(number)));
  return numbers.length > most ? null : numbers;
}

/**
 * How rare a gram is says the size of its members: to count them they would all have to be fetched. It only decides which grams
 * are looked up, and what is found is compared with the whole text, so an old size makes no answer untrue.
 */
const sizes = new LRUCache<string, { readAt: number; bytes: Map<string, number> }>({ max: 100 });
const GOOD_FOR_MS = 10 * 60_000;
const mostKept = 20_000;

async function bytesOf({ tx, organisation }: Tenant, of: NounName, grams: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const key = `${organisation} ${of}`;
  const now = performance.now();
  let known = sizes.get(key);
  if (known === undefined || now - known.readAt > GOOD_FOR_MS) known = { readAt: now, bytes: new Map() };
  sizes.set(key, known);
  const { bytes } = known;
  const unknown = grams.filter((gram) => !bytes.has(gram));
  if (unknown.length > 0) {
    const { rows } = await sql<{
      gram: string;
      bytes: number;
    }>`select g.gram, sum(pg_column_size(g.members))::int as bytes from name_grams g
      where g.organisation_id = ${organisation} and g.collection = ${of} and g.gram = any(${unknown}::text[]) group by g.gram`.execute(tx);
    if (bytes.size > mostKept) bytes.clear();
    for (const gram of unknown) bytes.set(gram, 0);
    for (const row of rows) bytes.set(row.gram, row.bytes);
  }
  return bytes;
}
