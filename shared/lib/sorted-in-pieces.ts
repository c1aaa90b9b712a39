type Compare<T> = (left: T, right: T) => number;

/** So many at a time: what they cost is far below what anybody notices. */
const piece = 1000;

/** Sorts a piece at a time; yields between, where others may have their turn. Equal ones stay in their order. */
export function* sortedInPieces<T>(items: readonly T[], compare: Compare<T>): Generator<null, T[]> {
  let runs: T[][] = [];
  for (let at = 0; at < items.length; at += piece) {
    runs.push(items.slice(at, at + piece).sort(compare));
    yield null;
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let at = 0; at < runs.length; at += 2) merged.push(yield* mergedInPieces(runs[at] as T[], runs[at + 1] ?? [], compare));
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Two that are sorted as one. */
export function* mergedInPieces<T>(left: readonly T[], right: readonly T[], compare: Compare<T>): Generator<null, T[]> {
  const both: T[] = [];
  let other = 0;
  for (const one of left) {
    for (let next = right[other]; next !== undefined && compare(next, one) < 0; next = right[other]) {
      both.push(next);
      other += 1;
      if (both.length % piece === 0) yield null;
    }
    both.push(one);
    if (both.length % piece === 0) yield null;
  }
  for (; other < right.length; other += 1) both.push(right[other] as T);
  return both;
}
