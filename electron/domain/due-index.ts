/**
 * Ids in the order of a day or an instant, of everybody and of each person. It is kept while the book changes, so that a
 * question costs what it answers and not what there is: a place is found by halving, and counts are differences of places.
 */
export interface DueIndex {
  /** Null takes it out. What is owned by nobody is everybody's to do. */
  put(id: string, at: string | null, owners: readonly string[]): void;
  /** Of one person and of nobody, or of everybody where `whose` is null. */
  of(whose: string | null): DueList;
}

export interface DueList {
  /** How many come before this day or instant. */
  before(at: string): number;
  /** The first ones from an instant on, in order, up to `limit` and before `until`. */
  between(from: string, until: string, limit: number): { id: string; at: string }[];
  /** The last ones, the latest first. */
  last(from: string, until: string, limit: number): { id: string; at: string }[];
}

interface Entry {
  at: string;
  id: string;
}
type Compare = (left: Entry, right: Entry) => number;

const nobody = '';
/** So many at once, as after an import, are sorted in together. */
const together = 64;

export const inOrder: Compare = (left, right) =>
  left.at < right.at ? -1 : left.at > right.at ? 1 : left.id < right.id ? -1 : left.id > right.id ? 1 : 0;

/** @param compare given by tests that count how often it is asked */
export function createDueIndex(compare: Compare = inOrder): DueIndex {
  const known = new Map<string, { entry: Entry; lists: SortedList[] }>();
  const all = sortedList(compare);
  const byOwner = new Map<string, SortedList>();

  function listOf(owner: string): SortedList {
    let list = byOwner.get(owner);
    if (list === undefined) byOwner.set(owner, (list = sortedList(compare)));
    return list;
  }

  return {
    put(id, at, owners) {
      const before = known.get(id);
      for (const list of before?.lists ?? []) list.remove(before?.entry as Entry);
      known.delete(id);
      if (at === null) return;
      const entry = { at, id };
      const lists = [all, ...(owners.length === 0 ? [nobody] : new Set(owners)).values()].map((one) =>
        typeof one === 'string' ? listOf(one) : one,
      );
      for (const list of lists) list.add(entry);
      known.set(id, { entry, lists });
    },
    of(whose) {
      const lists = whose === null ? [all] : [listOf(whose), listOf(nobody)];
      const merged = (parts: Entry[][], limit: number, order: Compare) =>
        parts.length === 1 ? (parts[0] as Entry[]) : parts.flat().sort(order).slice(0, limit);
      return {
        before: (at) => lists.reduce((sum, list) => sum + list.before(at), 0),
        between: (from, until, limit) =>
          merged(
            lists.map((list) => list.slice(list.before(from), Math.min(list.before(until), list.before(from) + limit))),
            limit,
            compare,
          ),
        last: (from, until, limit) =>
          merged(
            lists.map((list) => list.slice(Math.max(list.before(from), list.before(until) - limit), list.before(until)).reverse()),
            limit,
            (left, right) => -compare(left, right),
          ),
      };
    },
  };
}

interface SortedList {
  add(entry: Entry): void;
  remove(entry: Entry): void;
  /** How many come before this day or instant. */
  before(at: string): number;
  slice(from: number, to: number): Entry[];
}

function sortedList(compare: Compare): SortedList {
  let sorted: Entry[] = [];
  // What was added or taken out since, looked at with the next question.
  const added = new Set<Entry>();
  const removed = new Set<Entry>();

  function placeOf(entry: Entry): number {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(sorted[middle] as Entry, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function settle(): Entry[] {
    if (added.size + removed.size === 0) return sorted;
    if (added.size + removed.size > together) {
      sorted = [...sorted.filter((entry) => !removed.has(entry)), ...added].sort(compare);
    } else {
      for (const entry of removed) sorted.splice(placeOf(entry), 1);
      for (const entry of added) sorted.splice(placeOf(entry), 0, entry);
    }
    added.clear();
    removed.clear();
    return sorted;
  }

  return {
    add: (entry) => void added.add(entry),
    remove(entry) {
      if (!added.delete(entry)) removed.add(entry);
    },
    before(at) {
      settle();
      return placeOf({ at, id: '' });
    },
    slice: (from, to) => settle().slice(from, Math.max(from, to)),
  };
}
