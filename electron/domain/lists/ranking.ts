import { sortedInPieces } from '../../../shared/lib/sorted-in-pieces.ts';
import { nextVersion, roomFor } from './column.ts';
import type { SortKey } from './list-filter.ts';

/** The rank of what has no key: it comes last, whichever way. */
export const noRank = 0xffffffff;

/** Records in the order of a key that most of them have for themselves. */
export interface Ranking {
  /** By the places of records: equal keys have the same rank, from 0 up to, not including, `count`. */
  ranks(): { ranks: Uint32Array; count: number };
  keyAt(place: number): SortKey;
  /** Another number after every change. */
  readonly version: number;
  set(place: number, key: SortKey): void;
  /** Puts those in order that were set so far; to call once. Yields between pieces. */
  sort(): Generator<null>;
}

export function createRanking(): Ranking {
  const keys: SortKey[] = [];
  /** Places in the order of their keys, with room behind them. */
  let order: Uint32Array | null = null;
  let count = 0;
  let version = nextVersion();
  let known: { version: number; ranks: Uint32Array; count: number } | null = null;

  function compare(left: number, right: number): number {
    const a = keys[left] ?? null;
    const b = keys[right] ?? null;
    if (a === b) return left - right;
    if (a === null) return 1;
    if (b === null) return -1;
    return a < b ? -1 : 1;
  }

  /** Where the place stands, or would stand, by its key. */
  function find(among: Uint32Array, place: number): number {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(among[middle] as number, place) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    get version() {
      return version;
    },
    keyAt: (place) => keys[place] ?? null,
    set(place, key) {
      const isNew = place >= keys.length;
      if (!isNew && keys[place] === key) return;
      if (order === null) {
        keys[place] = key;
        return;
      }
      version = nextVersion();
      if (!isNew) {
        const from = find(order, place);
        order.copyWithin(from, from + 1, count);
        count -= 1;
      }
      keys[place] = key;
      if (count === order.length) {
        const larger = new Uint32Array(roomFor(count));
        larger.set(order);
        order = larger;
      }
      const to = find(order, place);
      order.copyWithin(to + 1, to, count);
      order[to] = place;
      count += 1;
    },
    *sort() {
      const places = Array.from(keys, (_, place) => place);
      order = Uint32Array.from(yield* sortedInPieces(places, compare));
      count = order.length;
      version = nextVersion();
    },
    ranks() {
      if (known?.version === version) return known;
      const ranks = new Uint32Array(keys.length);
      let rank = -1;
      let before: SortKey = null;
      for (let at = 0; at < count; at += 1) {
        const place = (order as Uint32Array)[at] as number;
        const key = keys[place] ?? null;
        if (key !== before) rank += 1;
        before = key;
        ranks[place] = key === null ? noRank : rank;
      }
      // The last of them may be those without a key.
      known = { version, ranks, count: before === null ? Math.max(0, rank) : rank + 1 };
      return known;
    },
  };
}
