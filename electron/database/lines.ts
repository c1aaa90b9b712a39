import { sortedInPieces } from '../../shared/lib/sorted-in-pieces.ts';

const lineEnd = 0x0a;
const quote = 0x22;
const comma = 0x2c;
const zero = 0x30;
const searchedAtOnce = 1024 * 1024;

/** The lines of a file, held as they lie. A line is made a text, and parsed, when somebody asks for it. */
export interface Lines {
  readonly count: number;
  text(place: number): string;
}

/** Lines with a key each, in the order of the keys: the first JSON text of the line, as `keyText` writes it. */
export interface SortedLines extends Lines {
  /** Place of the line with the key; -1 where there is none. Looks at so many lines as the count has binary digits. */
  find(key: string): number;
  /** The key of a line, as it stands there. */
  keyAt(place: number): string;
  /** The number that a line begins with. */
  numberAt(place: number): number;
  /** Places of the lines with these characters in them; null where the next one is long in coming. */
  holding(text: string): Generator<number | null>;
}

/** A key as it stands in a line: as JSON, in ASCII alone, so that bytes and letters have the same order. */
export function keyText(key: string): string {
  return JSON.stringify(key).replace(/[\u007f-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Null where the bytes are not this many lines. */
export async function sortedLines(
  bytes: Buffer,
  count: number,
  breathe: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<SortedLines | null> {
  const starts = new Uint32Array(count + 1);
  let at = 0;
  for (let place = 0; place < count; place += 1) {
    const end = bytes.indexOf(lineEnd, at);
    if (end < 0) return null;
    at = end + 1;
    starts[place + 1] = at;
    if (place % 1000 === 0) await breathe();
  }
  if (at !== bytes.length) return null;
  const startOf = (place: number) => starts[place] as number;
  const endOf = (place: number) => startOf(place + 1) - 1;

  return {
    count,
    text: (place) => bytes.toString('utf8', startOf(place), endOf(place)),
    find(key) {
      const wanted = Buffer.from(keyText(key), 'latin1');
      let low = 0;
      let high = count;
      while (low < high) {
        const middle = (low + high) >>> 1;
        const start = bytes.indexOf(quote, startOf(middle));
        const order = bytes.compare(wanted, 0, wanted.length, start, Math.min(start + wanted.length, endOf(middle)));
        if (order === 0) return middle;
        if (order < 0) low = middle + 1;
        else high = middle;
      }
      return -1;
    },
    keyAt(place) {
      const start = bytes.indexOf(quote, startOf(place));
      let end = bytes.indexOf(quote, start + 1);
      while (isEscaped(bytes, end)) end = bytes.indexOf(quote, end + 1);
      return bytes.toString('latin1', start, end + 1);
    },
    numberAt(place) {
      let number = 0;
      // Behind the bracket, up to the comma.
      for (let at = startOf(place) + 1; bytes[at] !== comma; at += 1) number = number * 10 + (bytes[at] as number) - zero;
      return number;
    },
    *holding(text) {
      const length = Buffer.byteLength(text);
      let place = 0;
      for (let at = 0; at < bytes.length; ) {
        const window = bytes.subarray(at, at + searchedAtOnce + length);
        const found = window.indexOf(text);
        if (found < 0) {
          at += searchedAtOnce;
          yield null;
          continue;
        }
        place = placeAt(starts, place, at + found);
        yield place;
        at = startOf(place + 1);
      }
    },
  };
}

/** The line that the byte is in, at or after the one given. */
function placeAt(starts: Uint32Array, from: number, byte: number): number {
  let low = from;
  let high = starts.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] as number) <= byte) low = middle;
    else high = middle;
  }
  return low;
}

function isEscaped(bytes: Buffer, at: number): boolean {
  let strokes = 0;
  while (bytes[at - 1 - strokes] === 0x5c) strokes += 1;
  return strokes % 2 === 1;
}

/** Sorts by key a piece at a time; yields between, where others may have their turn. */
export function sortedByKey<T extends { key: string }>(items: readonly T[]): Generator<null, T[]> {
  return sortedInPieces(items, (left, right) => (left.key < right.key ? -1 : left.key === right.key ? 0 : 1));
}
