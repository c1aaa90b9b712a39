import { type NounName, nounsNaming, placeNouns, plainReferences, titleOf } from '../../shared/nouns/nouns.ts';
import type { BookReader } from './book.ts';
import type { WordSearch } from './memory-queries.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import { askedBy, holdsAll, recordWords } from './search-words.ts';
import { createWordIndex, type Found, type WordIndex } from './word-index.ts';

export interface SearchIndex extends WordSearch {
  /** The best `limit` live records that hold all words of the text, and how many do. Waits until the index is ready. */
  find(text: string, limit: number): Promise<{ found: Found[]; total: number }>;
  /** Resolves when every record is in the index as it is now. */
  ready(): Promise<void>;
  /** Stops working in the background; for closing the book. */
  stop(): void;
}

/** Main answers other calls between slices. */
const sliceMs = 5;

/**
 * Keeps a word index of all live records up to date with the book. It is made at the start, made anew when it is worn,
 * and takes changes in, all in the background: no command waits for it, and a search waits only for what it must see.
 */
export function createSearchIndex(book: BookReader): SearchIndex {
  let index = createWordIndex();
  let isMade = false;
  /** The one that is being made; changes go into both. */
  let next: WordIndex | null = null;
  const changed = new Map<string, [NounName, string]>();
  let working: Promise<void> | null = null;
  let isStopped = false;

  book.watch((noun, before, after) => {
    if (placeNouns.includes(noun)) note(noun, after.id);
    // What hangs on a record, or names it, is found by that record's name too.
    if (before !== null && titleOf(noun, before) !== titleOf(noun, after)) {
      for (const child of placeNouns) for (const { id } of book.children(child, after.id)) note(child, id);
      for (const other of nounsNaming(noun).filter((one) => placeNouns.includes(one))) {
        for (const record of book.all(other)) if (plainReferences(other, record).some(({ id }) => id === after.id)) note(other, record.id);
      }
    }
    goOn();
  });
  goOn();

  function note(noun: NounName, id: string): void {
    changed.set(`${noun}/${id}`, [noun, id]);
  }

  function goOn(): void {
    working ??= inSlices(work()).finally(() => {
      working = null;
      // Noted after the last look and before this.
      if (changed.size > 0 && !isStopped) goOn();
    });
  }

  async function inSlices(steps: Iterable<void>): Promise<void> {
    let sliceEnd = 0;
    for (const _ of steps) {
      if (isStopped) return;
      if (performance.now() < sliceEnd) continue;
      await new Promise((resolve) => setImmediate(resolve));
      sliceEnd = performance.now() + sliceMs;
    }
  }

  function* work(): Generator<void> {
    yield;
    if (!isMade) yield* make();
    do {
      yield* takeIn();
      if (index.isWorn()) yield* make();
    } while (changed.size > 0);
  }

  function* make(): Generator<void> {
    const made = createWordIndex();
    next = made;
    for (const noun of placeNouns) {
      for (const { id } of book.all(noun)) {
        yield* takeIn();
        if (!made.has(noun, id)) put(made, noun, id);
        yield;
      }
    }
    index = made;
    next = null;
    isMade = true;
  }

  function* takeIn(): Generator<void> {
    for (const [key, [noun, id]] of changed) {
      changed.delete(key);
      put(index, noun, id);
      if (next !== null) put(next, noun, id);
      yield;
    }
  }

  function put(into: WordIndex, noun: NounName, id: string): void {
    into.drop(noun, id);
    const record = book.get(noun, id);
    if (record?.deletedAt === null) into.add(noun, id, recordWords(book, noun, record));
  }

  async function ready(): Promise<void> {
    while ((!isMade || changed.size > 0) && !isStopped) await (isMade ? new Promise((resolve) => setImmediate(resolve)) : working);
  }

  function matcher(noun: NounName, text: string): (record: StoredRecord) => boolean {
    const asked = askedBy(text);
    return asked.length === 0 ? () => true : (record) => holdsAll(recordWords(book, noun, record), asked);
  }

  return {
    async find(text, limit) {
      const asked = askedBy(text);
      if (asked.length === 0) return { found: [], total: 0 };
      await ready();
      return index.best(asked, text, limit);
    },
    idsWith(noun, text) {
      const asked = askedBy(text);
      if (asked.length === 0) return text.trim() === '' ? null : [];
      if (isMade && placeNouns.includes(noun)) {
        for (const _ of takeIn());
        return index.idsOf(noun, asked);
      }
      const hasWords = matcher(noun, text);
      return [...book.all(noun)].filter((record) => record.deletedAt === null && hasWords(record)).map(({ id }) => id);
    },
    matcher,
    ready,
    stop: () => {
      isStopped = true;
    },
  };
}
