import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { addMoney, subtractMoney } from '../../../shared/lib/money.ts';
import type { BookReader } from '../book.ts';
import { createBreather } from '../transfer/breather.ts';

/** What one record adds to one row: for each of the series a number as text. */
export interface Part {
  /** Null where the report is not of money. */
  currency: string | null;
  row: string;
  add: Readonly<Record<string, string>>;
}

/** Rows with their sums, of each currency. */
export type Sums = ReadonlyMap<string | null, ReadonlyMap<string, Readonly<Record<string, string>>>>;

export interface Tally {
  /** Walks all records of the noun the first time, in slices; afterwards a change costs what the changed record costs. */
  sums(): Promise<Sums>;
}

/**
 * Sums over all records of a noun that follow every change: what a record added before is taken away, and what it adds now
 * is put. `partsOf` has to answer the same for the same record.
 */
export function createTally(book: BookReader, noun: NounName, partsOf: (record: StoredRecord) => readonly Part[]): Tally {
  const sums = new Map<string | null, Map<string, Record<string, string>>>();
  /** While the first walk lasts: the records it has behind it. Others it will meet as they are then. */
  let walked: Set<string> | null = null;
  let first: Promise<void> | null = null;

  function put(record: StoredRecord, by: (sum: string, amount: string) => string): void {
    if (record.deletedAt !== null) return;
    for (const { currency, row, add } of partsOf(record)) {
      const rows = sums.get(currency) ?? new Map<string, Record<string, string>>();
      sums.set(currency, rows);
      const sum = rows.get(row) ?? {};
      rows.set(row, sum);
      for (const [series, amount] of Object.entries(add)) sum[series] = by(sum[series] ?? '0', amount);
    }
  }
  const plus = (sum: string, amount: string) => addMoney([sum, amount]);

  /** A record that could not be read ends the walk: the next one who asks begins again. */
  async function begin(): Promise<void> {
    try {
      await walk();
    } catch (error) {
      sums.clear();
      walked = null;
      first = null;
      throw error;
    }
  }

  async function walk(): Promise<void> {
    const breathe = createBreather();
    const seen = new Set<string>();
    walked = seen;
    // As they are now: the book goes on while this waits its turns.
    const ids = Array.from(book.ids(noun));
    for (const id of ids) {
      if (!seen.has(id)) {
        seen.add(id);
        const record = book.get(noun, id);
        if (record !== undefined) put(record, plus);
      }
      await breathe();
    }
    walked = null;
  }

  book.watch((of, before, after) => {
    if (of !== noun || first === null) return;
    if (walked !== null && !walked.has(after.id)) {
      // New, and not on the list of the walk; or still to come.
      if (before !== null) return;
      walked.add(after.id);
    } else if (before !== null) put(before, subtractMoney);
    put(after, plus);
  });

  return {
    async sums() {
      first ??= begin();
      await first;
      return sums;
    },
  };
}
