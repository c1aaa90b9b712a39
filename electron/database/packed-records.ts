import { type NounName, nounNames, perNoun, type RecordOf, type Stored } from '../../shared/nouns/nouns.ts';
import { secretPartsOf } from '../../shared/nouns/secret.ts';
import { emptyRecordMaps, type BookHistory, sharedBlank } from '../../shared/operations/apply-operation.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import type { RecordBase, RecordCounts } from '../domain/book-records.ts';
import { type RecordHead, recordFrom } from './book-form.ts';
import type { SortedLines } from './lines.ts';
import type { SecretBox } from './secret-box.ts';

/** Where the records of a noun are found by something other than their id: lines of a key and places of records. */
export const indexNames = ['parents', 'primaries', 'keys'] as const;
export type IndexName = (typeof indexNames)[number];

/** The records of one noun as they lie in a checkpoint. */
export interface PackedNoun {
  /** `[head, id, fields]`, in the order of ids. */
  lines: SortedLines;
  /** The blank they were written against. */
  blank: Readonly<Record<string, unknown>>;
  indexes: Record<IndexName, SortedLines>;
  counts: RecordCounts;
}

export interface PackedRecords {
  nouns: Record<NounName, PackedNoun>;
  heads: SortedLines;
}

/** What was parsed lately is kept, so that one record is not parsed for every rule that looks at it. */
const recordsKept = 10_000;
const headsKept = 5000;
/** Secrets that cannot be opened are told at once, of so many records; of others when they are read. */
const secretsTried = 1000;

const packedOf = new WeakMap<RecordBase, { packed: PackedRecords; gone: Record<NounName, ReadonlySet<string>> }>();

/** The lines behind a base, for writing the next checkpoint. */
export function packedBehind(base: RecordBase) {
  return packedOf.get(base);
}

export function createPackedRecords(
  packed: PackedRecords,
  secrets: SecretBox,
): {
  base: RecordBase;
  /** Tells of secrets that cannot be opened, by trying some. */
  tryOfSecrets(breathe: () => Promise<boolean>): Promise<void>;
  /** Drops what was parsed. */
  forget(): void;
} {
  const headAt = remembering(headsKept, (place: number) => JSON.parse(packed.heads.text(place)) as RecordHead);
  const parsed = perNoun((noun) => {
    const { lines, blank } = packed.nouns[noun];
    return remembering(recordsKept, (place: number): StoredRecord => {
      const [head, id, fields] = JSON.parse(lines.text(place)) as [number, string, Record<string, unknown>];
      return recordFrom(noun, blank, id, headAt.get(head), secrets.openFields(noun, id, fields));
    });
  });

  async function tryOfSecretsIn(noun: NounName, breathe: () => Promise<boolean>): Promise<void> {
    for (const field of secretPartsOf(noun).keys()) {
      let tried = 0;
      for (const place of packed.nouns[noun].lines.holding(mentionOf(field))) {
        await breathe();
        if (place === null) continue;
        parsed[noun].read(place);
        tried += 1;
        if (tried === secretsTried) break;
      }
    }
  }

  function baseWithout(gone: Record<NounName, Set<string>>): RecordBase {
    const recordAt = <N extends NounName>(noun: N, place: number) => parsed[noun].get(place) as unknown as Stored<RecordOf[N]>; // the lines of the noun
    const idsIn = function* (noun: NounName, index: IndexName, key: string): Generator<string> {
      const lines = packed.nouns[noun].indexes[index];
      const found = lines.find(key);
      if (found < 0) return;
      const [, ...places] = JSON.parse(lines.text(found)) as [string, ...number[]];
      for (const place of places) yield JSON.parse(packed.nouns[noun].lines.keyAt(place)) as string;
    };
    const present = function* (noun: NounName, places: Iterable<number | null>): Generator<StoredRecord> {
      for (const place of places) {
        if (place === null) continue;
        // A walk through all would drive out what is asked for again and again.
        const record = parsed[noun].read(place);
        if (!gone[noun].has(record.id)) yield record;
      }
    };
    const base: RecordBase = {
      own: emptyRecordMaps(),
      get(noun, id) {
        const place = gone[noun].has(id) ? -1 : packed.nouns[noun].lines.find(id);
        return place < 0 ? undefined : recordAt(noun, place);
      },
      has: (noun, id) => !gone[noun].has(id) && packed.nouns[noun].lines.find(id) >= 0,
      put() {
        throw new Error('Records at the base are not changed');
      },
      drop(noun, id) {
        if (packed.nouns[noun].lines.find(id) >= 0) gone[noun].add(id);
      },
      all: (noun) => present(noun, upTo(packed.nouns[noun].lines.count)),
      mentioning(noun, field, value) {
        const { lines, blank } = packed.nouns[noun];
        const text = mentionOf(field) + (value === undefined ? '' : JSON.stringify(value));
        // Written against another blank, or when the blank itself has the value, a field that is left out says something.
        const isLeftOut = blank !== sharedBlank(noun) || (value !== undefined && blank[field] === value);
        return isLeftOut ? base.all(noun) : present(noun, lines.holding(text));
      },
      naming: (noun, id) => present(noun, packed.nouns[noun].lines.holding(JSON.stringify(id))),
      *lastTouched(noun, passes) {
        const { lines } = packed.nouns[noun];
        // An import has one head for thousands of records.
        const passed = new Map<number, boolean>();
        for (let place = lines.count - 1; place >= 0; place -= 1) {
          const head = lines.numberAt(place);
          let isPassed = passed.get(head);
          if (isPassed === undefined) {
            const [, , updatedAt, , stamps] = headAt.get(head);
            isPassed = passes({ updatedAt, stamps });
            passed.set(head, isPassed);
          }
          if (isPassed) yield* present(noun, [place]);
        }
      },
      *ids(noun) {
        const { lines } = packed.nouns[noun];
        for (const place of upTo(lines.count)) {
          const id = JSON.parse(lines.keyAt(place)) as string;
          if (!gone[noun].has(id)) yield id;
        }
      },
      counts: (noun) => packed.nouns[noun].counts,
      childIds: (noun, parentId) => idsIn(noun, 'parents', parentId),
      primaryIds: (noun, parentId) => idsIn(noun, 'primaries', parentId),
      holderIds: (noun, key) => idsIn(noun, 'keys', key),
      children: (noun, parentId) => records(noun, idsIn(noun, 'parents', parentId)),
      holders: (noun, key) => records(noun, idsIn(noun, 'keys', key)),
      frozen: () => baseWithout(perNoun((noun) => new Set(gone[noun]))),
    };
    function records<N extends NounName>(noun: N, ids: Iterable<string>): Stored<RecordOf[N]>[] {
      return [...ids].flatMap((id) => base.get(noun, id) ?? []);
    }
    packedOf.set(base, { packed, gone });
    return base;
  }

  return {
    base: baseWithout(perNoun(() => new Set<string>())),
    async tryOfSecrets(breathe) {
      for (const noun of nounNames) await tryOfSecretsIn(noun, breathe);
    },
    forget() {
      headAt.forget();
      for (const noun of nounNames) parsed[noun].forget();
    },
  };
}

/** How a field begins in a line. Inside of a text its quotes would have strokes before them. */
export function mentionOf(field: string): string {
  return `"${field}":`;
}

/** The history of records as it lies in a checkpoint: lines of a key and places of operations. */
export interface PackedHistory extends BookHistory {
  readonly lines: SortedLines;
  /** Ids of operations, each once, by their places. */
  readonly operationIds: SortedLines;
  places(key: string): number[];
  idAt(place: number): string;
}

export function createPackedHistory(
  lines: SortedLines,
  operationIds: SortedLines,
): PackedHistory & {
  /** Drops what was parsed. */
  forget(): void;
} {
  const ids = remembering(headsKept, (place: number) => JSON.parse(operationIds.text(place)) as string);
  const placesIn = (text: string) => (JSON.parse(text) as [string, ...number[]]).slice(1) as number[];
  const idAt = (place: number) => ids.get(place);
  const places = (key: string) => {
    const found = lines.find(key);
    return found < 0 ? [] : placesIn(lines.text(found));
  };
  return {
    lines,
    operationIds,
    places,
    idAt,
    forget: ids.forget,
    get(key) {
      const found = lines.find(key);
      return found < 0 ? undefined : placesIn(lines.text(found)).map(idAt);
    },
    *values() {
      for (const place of upTo(lines.count)) yield placesIn(lines.text(place)).map(idAt);
    },
  };
}

export function* upTo(count: number): Generator<number> {
  for (let place = 0; place < count; place += 1) yield place;
}

/** Keeps the values asked for last: between `size` and twice as many. */
function remembering<V>(size: number, make: (place: number) => V): { get(place: number): V; read(place: number): V; forget(): void } {
  let young = new Map<number, V>();
  let old = new Map<number, V>();
  const read = (place: number) => young.get(place) ?? old.get(place) ?? make(place);
  return {
    read,
    forget() {
      young = new Map();
      old = new Map();
    },
    get(place) {
      const known = young.get(place);
      if (known !== undefined) return known;
      const value = read(place);
      if (young.size >= size) [old, young] = [young, new Map()];
      young.set(place, value);
      return value;
    },
  };
}
