import { sortedInPieces } from '../../../shared/lib/sorted-in-pieces.ts';
import { nextVersion, roomFor } from './column.ts';
import type { SortKey } from './list-filter.ts';

/** The rank of what has no key: it comes last, whichever way. */
export const noRank = 0xffffffff;

const rankedAtOnce = 1000;

interface Ranked {
  version: number;
  ranks: Uint32Array;
  count: number;
}

/** Records in the order of a key that most of them have for themselves. */
export interface Ranking {
  /** By the places of records: equal keys have the same rank, from 0 up to, not including, `count`. */
  ranks(): { ranks: Uint32Array; count: number };
  keyAt(place: number): SortKey;
  /** Another number after every change. */
  readonly version: number;
  set(place: number, key: SortKey): void;
  /** The places in order, as they are now. */
  places(): Uint32Array;
  /**
   * Puts the first so many places in order, those that were not set as if they had no key; to call once, when no place behind them is
   * set. From then on places come one after the other. Yields between pieces. Where `as` has the same keys its order is taken.
   */
  sort(places: number, as: Ranking | null): Generator<null>;
}

export function createRanking(): Ranking {
  const keys: SortKey[] = [];
  /** Places in the order of their keys, with room behind them. */
  let order: Uint32Array | null = null;
  let count = 0;
  let version = nextVersion();
  let known: Ranked | null = null;

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

  function* rank(): Generator<null> {
    const ranks = new Uint32Array(keys.length);
    let last = -1;
    let before: SortKey = null;
    for (let at = 0; at < count; at += 1) {
      const place = (order as Uint32Array)[at] as number;
      const key = keys[place] ?? null;
      if (key !== before) last += 1;
      before = key;
      ranks[place] = key === null ? noRank : last;
      if (at % rankedAtOnce === 0) yield null;
    }
    // The last of them may be those without a key.
    known = { version, ranks, count: before === null ? Math.max(0, last) : last + 1 };
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
    places: () => order?.slice(0, count) ?? new Uint32Array(),
    *sort(places, as) {
      // What left before it was read would be taken for a place that comes later.
      keys.length = places;
      const unsorted = Array.from(keys, (_, place) => place);
      order = as?.places() ?? Uint32Array.from(yield* sortedInPieces(unsorted, compare));
      count = order.length;
      version = nextVersion();
      yield* rank();
    },
    ranks() {
      if (known?.version !== version) for (const _ of rank());
      return known as Ranked;
    },
  };
}
