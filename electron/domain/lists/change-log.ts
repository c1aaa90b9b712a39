import { type NounName, perNoun } from '../../../shared/nouns/nouns.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import type { BookReader } from '../book.ts';

export type Change = readonly [before: StoredRecord | null, after: StoredRecord];

/** The last changes of each noun: a list that has seen the book up to a place takes in what came after it. */
export interface ChangeLog {
  end(noun: NounName): number;
  /** Null where they are no longer known. */
  since(noun: NounName, place: number): readonly Change[] | null;
  /** From now on nothing of the noun is forgotten, until the answer is called. */
  hold(noun: NounName): () => void;
}

const kept = 256;

export function createChangeLog(book: Pick<BookReader, 'watch'>): ChangeLog {
  const logs = perNoun(() => ({ start: 0, changes: [] as Change[], holders: 0 }));

  book.watch((noun, before, after) => {
    const log = logs[noun];
    log.changes.push([before, after]);
    if (log.holders > 0 || log.changes.length <= 2 * kept) return;
    log.start += log.changes.length - kept;
    log.changes = log.changes.slice(-kept);
  });

  return {
    end: (noun) => logs[noun].start + logs[noun].changes.length,
    since(noun, place) {
      const { start, changes } = logs[noun];
      return place < start ? null : changes.slice(place - start);
    },
    hold(noun) {
      logs[noun].holders += 1;
      return () => void (logs[noun].holders -= 1);
    },
  };
}
