import { type NounName, placeNouns } from '../../../shared/nouns/nouns.ts';
import type { BookReader } from '../book.ts';
import type { WordSearch } from '../lists/memory-queries.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import type { ReadModel, ReadModelFeed } from '../read-model.ts';
import { askedBy, holdsAll, recordWords } from './search-words.ts';
import type { Found } from './word-index.ts';

export interface SearchIndex extends WordSearch {
  /** The best `limit` live records that hold all words of the text, and how many do. Waits until the index is ready. */
  find(text: string, limit: number): Promise<{ found: Found[]; total: number }>;
}

/** A model that was damaged is made anew, and asked again; it does not come to more than this. */
const triesAtMost = 3;

/** Finds records by their words: the index of the read model answers; before that is made, records are looked through. */
export function createSearchIndex(deps: { book: BookReader; model: ReadModel; feed: ReadModelFeed }): SearchIndex {
  const { book, model, feed } = deps;

  function matcher(noun: NounName, text: string): (record: StoredRecord) => boolean {
    const asked = askedBy(text);
    return asked.length === 0 ? () => true : (record) => holdsAll(recordWords(book, noun, record), asked);
  }

  function idsInModel(noun: NounName, text: string): string[] | null {
    if (!feed.isMade() || !placeNouns.includes(noun)) return null;
    try {
      return feed.catchUp() ? model.words.idsOf(noun, askedBy(text)) : null;
    } catch (error) {
      feed.failed(error);
      return null;
    }
  }

  return {
    async find(text, limit) {
      const asked = askedBy(text);
      if (asked.length === 0) return { found: [], total: 0 };
      for (let at = 1; ; at += 1) {
        await feed.ready();
        try {
          return model.words.best(asked, text, limit);
        } catch (error) {
          if (at === triesAtMost) throw error;
          feed.failed(error);
        }
      }
    },
    idsWith(noun, text) {
      if (askedBy(text).length === 0) return text.trim() === '' ? null : [];
      const found = idsInModel(noun, text);
      if (found !== null) return found;
      const hasWords = matcher(noun, text);
      return [...book.all(noun)].filter((record) => record.deletedAt === null && hasWords(record)).map(({ id }) => id);
    },
    matcher,
  };
}
