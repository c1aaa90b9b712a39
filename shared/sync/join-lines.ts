/** Longer texts are not looked through line by line: the time grows with the square of the lines. */
const mostLines = 2_000;

export interface JoinedLines {
  text: string;
  /** Both sides changed the same lines: theirs stand one after the other, and somebody should look. */
  haveMet: boolean;
}

/**
 * A text that two people changed, as one: what only one of them changed is as they left it, and where both changed the same
 * lines both versions stand, `first` before `second`. The same lines on both sides stand once. Null where a text is too long.
 */
export function joinLines(base: string, first: string, second: string): JoinedLines | null {
  const [old, a, b] = [base, first, second].map(linesOf) as [string[], string[], string[]];
  if ([old, a, b].some(({ length }) => length > mostLines)) return null;
  const [inA, inB] = [matches(old, a), matches(old, b)];
  const lines: string[] = [];
  let haveMet = false;
  let at = { old: 0, a: 0, b: 0 };
  for (let line = 0; line <= old.length; line += 1) {
    const end = line === old.length;
    const next = end ? { a: a.length, b: b.length } : { a: inA[line] ?? -1, b: inB[line] ?? -1 };
    // Lines that both sides still have are where the pieces between them begin and end.
    if (next.a < 0 || next.b < 0) continue;
    const piece = joinPiece(old.slice(at.old, line), a.slice(at.a, next.a), b.slice(at.b, next.b));
    lines.push(...piece.lines);
    haveMet ||= piece.haveMet;
    if (!end) lines.push(old[line] as string);
    at = { old: line + 1, a: next.a + 1, b: next.b + 1 };
  }
  return { text: lines.join('\n'), haveMet };
}

const linesOf = (text: string) => (text === '' ? [] : text.split('\n'));

function joinPiece(old: readonly string[], a: readonly string[], b: readonly string[]): { lines: readonly string[]; haveMet: boolean } {
  if (isEqual(a, b) || isEqual(b, old)) return { lines: a, haveMet: false };
  if (isEqual(a, old)) return { lines: b, haveMet: false };
  let [head, tail] = [0, 0];
  const shorter = Math.min(a.length, b.length);
  while (head < shorter && a[head] === b[head]) head += 1;
  while (tail < shorter - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const lines = [...a.slice(0, a.length - tail), ...b.slice(head)];
  // Two people who each added lines took nothing from the other.
  return { lines, haveMet: old.length > 0 };
}

const isEqual = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((line, at) => line === other[at]);

/** For each line of the old text the place it has in the new one, -1 where it is gone: the longest common subsequence. */
function matches(old: readonly string[], now: readonly string[]): Int32Array {
  const found = new Int32Array(old.length).fill(-1);
  let [head, tail] = [0, 0];
  const shorter = Math.min(old.length, now.length);
  while (head < shorter && old[head] === now[head]) found[head] = head++;
  while (tail < shorter - head && old.at(-1 - tail) === now.at(-1 - tail)) {
    tail += 1;
    found[old.length - tail] = now.length - tail;
  }
  const [rows, columns] = [old.length - head - tail, now.length - head - tail];
  const width = columns + 1;
  // How many lines are common from here to the end.
  const common = new Uint16Array((rows + 1) * width);
  const at = (row: number, column: number) => common[row * width + column] as number;
  for (let row = rows - 1; row >= 0; row -= 1)
    for (let column = columns - 1; column >= 0; column -= 1)
      common[row * width + column] =
        old[head + row] === now[head + column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  for (let [row, column] = [0, 0]; row < rows && column < columns; ) {
    if (old[head + row] === now[head + column]) {
      found[head + row] = head + column;
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) row += 1;
    else column += 1;
  }
  return found;
}
