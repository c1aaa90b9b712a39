import { type NounName, nounNames, titleOf } from '../../shared/entities/nouns.ts';
import type { BookReader } from './book.ts';
import type { WordSearch } from './memory-queries.ts';
import type { StoredRecord } from './record-layer.ts';
import { askedBy, holdsAll, recordWords } from './search-words.ts';
import { createWordIndex, type Found, type WordIndex } from './word-index.ts';

export interface SearchIndex extends WordSearch {
  /** The best `limit` live records that hold all words of the text, and how many do. Waits until the index is ready. */
  find(text: string, limit: number): Promise<{ found: Found[]; total: number }>;
  /** Resolves when every record is in the index. */
  ready(): Promise<void>;
  /** Stops building; for closing the book. */
  stop(): void;
}

/** Main answers other calls between slices. */
const sliceMs = 5;

/** Keeps a word index of all live records up to date with the book, and makes it in the background at the start. */
export function createSearchIndex(book: BookReader): SearchIndex {
  let index: WordIndex | null = null;
  /** The one that is being made; changes go into both. */
  let next: WordIndex | null = null;
  let building: Promise<void> = Promise.resolve();
  let isStopped = false;

  book.watch((noun, before, after) => {
    update(noun, after);
    // What hangs on a client is found by the client's name too.
    if (before === null || titleOf(noun, before) === titleOf(noun, after)) return;
    for (const child of ['contacts', 'locations'] as const) for (const record of book.children(child, after.id)) update(child, record);
  });
  build();

  function update(noun: NounName, record: StoredRecord): void {
    const words = record.deletedAt === null ? recordWords(book, noun, record) : null;
    for (const each of [index, next]) {
      each?.drop(noun, record.id);
      if (words !== null) each?.add(noun, record.id, words);
    }
    if (next === null && index?.isWorn() === true) build();
  }

  function build(): void {
    const made = createWordIndex();
    next = made;
    building = fill(made).then(() => {
      if (isStopped) return;
      index = made;
      next = null;
    });
  }

  async function fill(made: WordIndex): Promise<void> {
    let sliceEnd = 0;
    for (const noun of nounNames) {
      for (const record of book.all(noun)) {
        if (performance.now() >= sliceEnd) {
          await new Promise((resolve) => setImmediate(resolve));
          sliceEnd = performance.now() + sliceMs;
        }
        if (isStopped) return;
        // A record that changed while this waited is in already, or is deleted now.
        const current = book.get(noun, record.id);
        if (current === undefined || current.deletedAt !== null || made.has(noun, current.id)) continue;
        made.add(noun, current.id, recordWords(book, noun, current));
      }
    }
  }

  function matcher(noun: NounName, text: string): (record: StoredRecord) => boolean {
    const asked = askedBy(text);
    return asked.length === 0 ? () => true : (record) => holdsAll(recordWords(book, noun, record), asked);
  }

  return {
    async find(text, limit) {
      const asked = askedBy(text);
      if (asked.length === 0) return { found: [], total: 0 };
      if (index === null) await building;
      return index?.best(asked, text, limit) ?? { found: [], total: 0 };
    },
    idsWith(noun, text) {
      const asked = askedBy(text);
      if (asked.length === 0) return text.trim() === '' ? null : [];
      if (index !== null) return index.idsOf(noun, asked);
      const hasWords = matcher(noun, text);
      return [...book.all(noun)].filter((record) => record.deletedAt === null && hasWords(record)).map(({ id }) => id);
    },
    matcher,
    ready: () => building,
    stop: () => {
      isStopped = true;
    },
  };
}
