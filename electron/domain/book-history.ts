import { copyOf, PagedMap } from '../../shared/lib/paged-map.ts';
import type { BookHistory, ChangingHistory } from '../../shared/operations/apply-operation.ts';

/** The history of each record: as it lies in the checkpoint, and above it in memory what was added since. */
export interface LayeredHistory extends ChangingHistory {
  /** As it is at this moment. */
  snapshot(): BookHistory;
}

export interface HistoryLayers {
  base: BookHistory | null;
  changed: ReadonlyMap<string, readonly string[]>;
}
const layersOf = new WeakMap<object, HistoryLayers>();

/** What a snapshot is made of; undefined where it was not made here. */
export function layersOfHistory(history: object): HistoryLayers | undefined {
  return layersOf.get(history);
}

export function createBookHistory(base: BookHistory | null, changed: Map<string, readonly string[]> = new PagedMap()): LayeredHistory {
  return {
    ...readerOf(base, changed),
    set: (key, ids) => changed.set(key, ids),
    snapshot() {
      const copy = copyOf(changed);
      const history = readerOf(base, copy);
      layersOf.set(history, { base, changed: copy });
      return history;
    },
  };
}

function readerOf(base: BookHistory | null, changed: ReadonlyMap<string, readonly string[]>): BookHistory {
  return {
    get: (key) => changed.get(key) ?? base?.get(key),
    *values() {
      // Of what was changed both lists come: the one at the base is the beginning of the other.
      if (base !== null) yield* base.values();
      yield* changed.values();
    },
  };
}
