import { isEmpty } from './list-filter.ts';

/** More distinct values than these are not kept: what is said about each of them would cost as much as reading records. */
export const distinctAtMost = 8192;

/** One field of all records of a noun: a number for each, which says which of the distinct values it has. */
export interface Column {
  /** The first is null; of a wide column the second stands for everything that is not empty. */
  readonly values: readonly unknown[];
  /** By the places of records: where their values stand. */
  readonly codes: Uint16Array | Uint32Array;
  /** True where there were too many values: then it is known whether a record has one, and not which. */
  readonly isWide: boolean;
  /** Another number after every change of `codes` or of what they mean. */
  readonly version: number;
  set(place: number, value: unknown): void;
  makeRoom(places: number): void;
}

let versions = 0;
/** Never the same twice, so that what was worked out of a column is not taken for that of another. */
export function nextVersion(): number {
  versions += 1;
  return versions;
}

/** It gets wide when there are more than so many values. */
export function createColumn(places: number, most: number): Column {
  const isUnbounded = most > 0xffff;
  let codes: Uint16Array | Uint32Array = isUnbounded ? new Uint32Array(places) : new Uint16Array(places);
  let values: unknown[] = [null];
  let codeOf = new Map<unknown, number>([[null, 0]]);
  let isWide = false;
  let version = nextVersion();

  function widen(): void {
    const filled = Uint8Array.from(values, (value) => (isEmpty(value) ? 0 : 1));
    for (let place = 0; place < codes.length; place += 1) codes[place] = filled[codes[place] as number] as number;
    isWide = true;
    values = [null, true];
    codeOf = new Map();
    version = nextVersion();
  }

  function codeFor(value: unknown): number {
    if (isWide) return isEmpty(value) ? 0 : 1;
    // Lists and objects are the same value where they say the same.
    const key = typeof value === 'object' && value !== null ? `\0${JSON.stringify(value)}` : (value ?? null);
    let code = codeOf.get(key);
    if (code !== undefined) return code;
    if (values.length >= most) {
      widen();
      return codeFor(value);
    }
    code = values.length;
    values.push(value);
    codeOf.set(key, code);
    return code;
  }

  return {
    get values() {
      return values;
    },
    get codes() {
      return codes;
    },
    get isWide() {
      return isWide;
    },
    get version() {
      return version;
    },
    set(place, value) {
      const code = codeFor(value);
      if (codes[place] === code) return;
      codes[place] = code;
      version = nextVersion();
    },
    makeRoom(wanted) {
      if (wanted <= codes.length) return;
      const larger = isUnbounded ? new Uint32Array(roomFor(wanted)) : new Uint16Array(roomFor(wanted));
      larger.set(codes);
      codes = larger;
    },
  };
}

/** More than is needed, so that a record that comes costs the same in a book of any size. */
export function roomFor(places: number): number {
  return places + (places >>> 2) + 64;
}
