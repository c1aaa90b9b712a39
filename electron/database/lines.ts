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

/** The bytes of a file: all of them in memory, or, as long as there are none, read where they are asked for. */
export interface LineBytes {
  readonly held: Buffer | null;
  readonly length: number;
  /** Throws where the file does not have them. */
  read(from: number, to: number): Buffer;
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
  return linesAt({ held: bytes, length: bytes.length, read: (from, to) => bytes.subarray(from, to) }, starts);
}

/** `starts` has where each line begins, and the end of the last. What is read of bytes that are not held may be anything. */
export function linesAt(source: LineBytes, starts: Uint32Array): SortedLines {
  const count = starts.length - 1;
  const startOf = (place: number) => starts[place] as number;
  const endOf = (place: number) => startOf(place + 1) - 1;
  /** Bytes with the line in them, and where it begins and ends there. */
  const lineAt = (place: number): [bytes: Buffer, start: number, end: number] => {
    const start = startOf(place);
    const end = endOf(place);
    const { held } = source;
    return held === null ? [source.read(start, end), 0, end - start] : [held, start, end];
  };
  const textAt = (place: number, encoding: BufferEncoding) => {
    const [bytes, start, end] = lineAt(place);
    return bytes.toString(encoding, start, end);
  };

  return {
    count,
    text: (place) => textAt(place, 'utf8'),
    find(key) {
      const wanted = Buffer.from(keyText(key), 'latin1');
      let low = 0;
      let high = count;
      while (low < high) {
        const middle = (low + high) >>> 1;
        const [bytes, from, end] = lineAt(middle);
        const start = Math.max(from, bytes.indexOf(quote, from));
        const order = bytes.compare(wanted, 0, wanted.length, start, Math.min(start + wanted.length, end));
        if (order === 0) return middle;
        if (order < 0) low = middle + 1;
        else high = middle;
      }
      return -1;
    },
    keyAt(place) {
      const [bytes, from, end] = lineAt(place);
      const start = bytes.indexOf(quote, from);
      let last = bytes.indexOf(quote, start + 1);
      while (last >= 0 && isEscaped(bytes, last)) last = bytes.indexOf(quote, last + 1);
      return bytes.toString('latin1', start, last < 0 ? end : last + 1);
    },
    numberAt(place) {
      const [bytes, from, end] = lineAt(place);
      let number = 0;
      // Behind the bracket, up to the comma.
      for (let at = from + 1; at < end && bytes[at] !== comma; at += 1) number = number * 10 + (bytes[at] as number) - zero;
      return number;
    },
    *holding(text) {
      const length = Buffer.byteLength(text);
      let place = 0;
      for (let at = 0; at < source.length; ) {
        const window = source.read(at, Math.min(source.length, at + searchedAtOnce + length));
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
