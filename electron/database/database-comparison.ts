import { isNounName } from '../../shared/operations/apply-operation.ts';
import { type AnyRecord, type NounName, nounNames, nouns, type Stored, titleOf } from '../../shared/nouns/nouns.ts';
import { isSame } from '../../shared/lib/equal.ts';
import type { BookSnapshot } from '../domain/ports.ts';
import { compactRecord } from './book-form.ts';
import { createBreather } from '../domain/transfer/breather.ts';
import { type CollectionName, collectionNames, fieldsOfRow, recordKey } from './collections.ts';
import type { SecretBox } from './secret-box.ts';
import type { StoredRow } from './row-writer.ts';
import type { Generation } from './storage-generation.ts';

/** What the database has otherwise than the book and its journal. */
export interface DatabaseComparison {
  /** Rows that were looked at. */
  rows: number;
  /** What is wrong with how many rows of records, or of operations. */
  found: { collection: CollectionName; what: 'missing' | 'changed' | 'foreign'; count: number; example: string | null }[];
}

export interface ComparedBook {
  /** The book at this moment. */
  snapshot: () => BookSnapshot;
  /** Every operation the journal has, by id, with its number. */
  journaled: ReadonlyMap<string, number>;
  /** Operations up to this one are in the database. */
  applied: number;
  secrets: Pick<SecretBox, 'openFields'>;
}

const rowsAtOnce = 500;

/**
 * Reads every row and holds it against memory, or against the journal. Work goes on meanwhile: what was written between the
 * look at memory and the look at its row would seem to differ, so what does is looked at once more by `settled`, which runs
 * its work at a moment when the database has all there is.
 */
export async function compareDatabase(
  host: Generation,
  book: ComparedBook,
  settled: <T>(read: () => Promise<T>, judge: (read: T) => void) => Promise<boolean>,
  watch: { signal?: AbortSignal | undefined; onRows?: (rows: number) => void },
): Promise<DatabaseComparison | null> {
  let rows = 0;
  const suspects = new Map<CollectionName, Set<string>>();
  for (const collection of collectionNames) {
    const judge = await judgeOf(collection, host, book);
    const seen = new Set<string>();
    const odd = new Set<string>();
    for (let after: string | null = ''; after !== null; ) {
      const page: StoredRow[] = await host.rows(collection, after, rowsAtOnce);
      watch.signal?.throwIfAborted();
      for (const row of page) {
        seen.add(row.id);
        if (judge.ofRow(row) !== null) odd.add(row.id);
      }
      rows += page.length;
      watch.onRows?.(rows);
      after = page.length < rowsAtOnce ? null : (page.at(-1)?.id ?? null);
    }
    for (const id of judge.expected()) if (!seen.has(id)) odd.add(id);
    suspects.set(collection, odd);
  }
  const found: DatabaseComparison['found'] = [];
  for (const [collection, odd] of suspects) {
    if (odd.size === 0) continue;
    const isJudged = await settled(
      () => host.rowsById(collection, [...odd]),
      (read) => found.push(...judgeAgain(collection, odd, read, judgeNow(collection, host, book, odd))),
    );
    if (!isJudged) return null;
  }
  // Rows of records that this person sees no more may still lie there.
  const { dropped } = book.snapshot().sync;
  return { rows, found: found.filter(({ collection, what, count }) => collection !== 'records' || what !== 'foreign' || count > dropped) };
}

interface Judge {
  ofRow(row: StoredRow): 'changed' | 'foreign' | null;
  /** Ids of the rows there must be. */
  expected(): Iterable<string>;
  nameOf(id: string): string | null;
}

function judgeAgain(collection: CollectionName, odd: ReadonlySet<string>, read: readonly StoredRow[], judge: Judge) {
  const byId = new Map(read.map((row) => [row.id, row]));
  const expected = new Set(judge.expected());
  const ids: Record<'missing' | 'changed' | 'foreign', string[]> = { missing: [], changed: [], foreign: [] };
  for (const id of odd) {
    const row = byId.get(id);
    const what = row === undefined ? (expected.has(id) ? 'missing' : null) : judge.ofRow(row);
    if (what !== null) ids[what].push(id);
  }
  return (['missing', 'changed', 'foreign'] as const).flatMap((what) => {
    const [first] = ids[what];
    return first === undefined ? [] : [{ collection, what, count: ids[what].length, example: judge.nameOf(first) }];
  });
}

type ByKey = Map<string, [NounName, Stored<AnyRecord>]>;

async function judgeOf(collection: CollectionName, host: Generation, book: ComparedBook): Promise<Judge> {
  if (collection === 'operations') return judgeOfOperations(host, book);
  const records: ByKey = new Map();
  const breathe = createBreather(8);
  const now = book.snapshot();
  for (const noun of nounNames) {
    for (const record of now.records[noun]) {
      records.set(recordKey(noun, record.id), [noun, record]);
      await breathe();
    }
  }
  return judgeOfRecords(records, book);
}

/** Of some rows, without a pause. */
function judgeNow(collection: CollectionName, host: Generation, book: ComparedBook, ids: ReadonlySet<string>): Judge {
  if (collection === 'operations') return judgeOfOperations(host, book);
  const records: ByKey = new Map();
  const now = book.snapshot();
  for (const key of ids) {
    const noun = key.slice(0, key.indexOf('/'));
    const record = isNounName(noun) ? now.records[noun].get(key.slice(noun.length + 1)) : undefined;
    if (isNounName(noun) && record !== undefined) records.set(key, [noun, record]);
  }
  return judgeOfRecords(records, book);
}

function judgeOfRecords(records: ByKey, { secrets }: ComparedBook): Judge {
  return {
    ofRow(row) {
      const known = records.get(row.id);
      if (known === undefined) return 'foreign';
      const found = fieldsOfRow(row);
      const [noun, record] = known;
      if (found === null || !isNounName(found.noun)) return 'changed';
      return isSame(secrets.openFields(noun, record.id, found.fields), compactRecord(noun, record)) ? null : 'changed';
    },
    expected: () => records.keys(),
    nameOf(id) {
      const [noun, record] = records.get(id) ?? [];
      return noun === undefined || record === undefined
        ? null
        : `the ${nouns[noun].singular} "${titleOf(noun, record) || 'without a name'}"`;
    },
  };
}

function judgeOfOperations(host: Generation, { journaled, applied, snapshot }: ComparedBook): Judge {
  const until = snapshot().seq;
  const newest = [...journaled.values()].reduce((seq, one) => Math.max(seq, one), 0);
  return {
    ofRow(row) {
      const operation = host.operationIn(row);
      if (journaled.has(row.id)) return operation === null || operation.seq !== journaled.get(row.id) ? 'changed' : null;
      // Written since the journal was read.
      return operation !== null && operation.seq > newest && operation.seq <= until ? null : 'foreign';
    },
    *expected() {
      for (const [id, seq] of journaled) if (seq <= applied) yield id;
    },
    nameOf: () => null,
  };
}
