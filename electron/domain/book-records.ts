import { type NounName, perNoun } from '../../shared/nouns/nouns.ts';
import type { ChangingRecords, RecordLists } from '../../shared/operations/apply-operation.ts';
import { copyOf } from '../../shared/lib/paged-map.ts';
import { createLayer, type FullLayer, type Layer, type StoredRecord } from '../../shared/operations/record-layer.ts';

export interface RecordCounts {
  /** What was merged into another record is neither of these: its id stands for that one. */
  live: number;
  deleted: number;
  all: number;
}

/** Records as they lie in the checkpoint. One is parsed when somebody asks for it; `put` is never called. */
export interface RecordBase extends Layer {
  counts(noun: NounName): RecordCounts;
  has(noun: NounName, id: string): boolean;
  /** Takes a record out: a person sees it no more (docs/sync.md). */
  drop(noun: NounName, id: string): void;
  /** Its own answers to what is asked of the book. */
  mentioning: RecordWalks['mentioning'];
  naming: RecordWalks['naming'];
  lastTouched: RecordWalks['lastTouched'];
  ids(noun: NounName): Iterable<string>;
  /** As it is now, whatever is dropped later. */
  frozen(): RecordBase;
}

/**
 * Ways to look through all records of a noun for a few. What is not at the base always comes, so each answers with those that
 * are asked for and perhaps with others; no record comes twice.
 */
export interface RecordWalks {
  /** Of which the field is not blank, or has the value: a text or a number. */
  mentioning(noun: NounName, field: string, value?: string): Iterable<StoredRecord>;
  /** That have the id in any field. */
  naming(noun: NounName, id: string): Iterable<StoredRecord>;
  /** Of which what is known without reading them passes; the newest ids first. */
  lastTouched(noun: NounName, passes: (head: Pick<StoredRecord, 'updatedAt' | 'stamps'>) => boolean): Iterable<StoredRecord>;
}

/** The records of a book: those at its base, and above them in memory what changed since. */
export interface BookRecords extends RecordWalks {
  readonly layer: FullLayer;
  counts(noun: NounName): RecordCounts;
  /** Answers with what was there before. */
  put(noun: NounName, record: StoredRecord): StoredRecord | null;
  drop(noun: NounName, id: string): StoredRecord | null;
  all(noun: NounName): Iterable<StoredRecord>;
  ids(noun: NounName): Iterable<string>;
  /** As maps, for what applies operations. */
  readonly maps: ChangingRecords;
  /** As they are at this moment: cheap, what lies at the base is not touched. */
  lists(): RecordLists;
}

/** What a list is made of, so that a checkpoint written from it does not parse again what lies at the base. */
export interface ListLayers {
  base: RecordBase | null;
  changed: ReadonlyMap<string, StoredRecord>;
  counts: RecordCounts;
}
const layersOf = new WeakMap<object, ListLayers>();

/** Undefined where the list was not made here. */
export function layersOfList(list: object): ListLayers | undefined {
  return layersOf.get(list);
}

export function createBookRecords(base: RecordBase | null): BookRecords {
  const layer = createLayer(base, { isLarge: true });
  const counts = perNoun((noun) => ({ ...(base?.counts(noun) ?? { live: 0, deleted: 0, all: 0 }) }));

  function count(noun: NounName, record: StoredRecord, by: 1 | -1): void {
    counts[noun].all += by;
    if (record.mergedInto === null) counts[noun][record.deletedAt === null ? 'live' : 'deleted'] += by;
  }

  function* withChanged(noun: NounName, found: Iterable<StoredRecord> = []): Generator<StoredRecord> {
    const changed = layer.own[noun];
    yield* changed.values();
    for (const record of found) if (!changed.has(record.id)) yield record;
  }

  const records: BookRecords = {
    layer,
    counts: (noun) => ({ ...counts[noun] }),
    put(noun, record) {
      const before = layer.get(noun, record.id) ?? null;
      if (before !== null) count(noun, before, -1);
      count(noun, record, 1);
      layer.put(noun, record);
      return before;
    },
    drop(noun, id) {
      const before = layer.get(noun, id) ?? null;
      if (before === null) return null;
      count(noun, before, -1);
      layer.drop(noun, id);
      return before;
    },
    all: (noun) => layer.all(noun),
    mentioning: (noun, field, value) => withChanged(noun, base?.mentioning(noun, field, value)),
    naming: (noun, id) => withChanged(noun, base?.naming(noun, id)),
    lastTouched: (noun, passes) => withChanged(noun, base?.lastTouched(noun, passes)),
    *ids(noun) {
      yield* base?.ids(noun) ?? [];
      for (const id of layer.own[noun].keys()) if (base?.has(noun, id) !== true) yield id;
    },
    maps: perNoun((noun) => ({
      get: (id: string) => layer.get(noun, id),
      set: (_id: string, record: StoredRecord) => records.put(noun, record),
      delete: (id: string) => records.drop(noun, id) !== null,
    })) as unknown as ChangingRecords, // `perNoun` cannot say that each noun has records of its own kind
    lists() {
      const below = base?.frozen() ?? null;
      return perNoun((noun) => {
        const changed = copyOf<StoredRecord>(layer.own[noun]);
        const list = listOver(noun, below, changed, counts[noun].all);
        layersOf.set(list, { base: below, changed, counts: { ...counts[noun] } });
        return list;
      }) as unknown as RecordLists; // as above
    },
  };
  return records;
}

function listOver(noun: NounName, base: RecordBase | null, changed: ReadonlyMap<string, StoredRecord>, length: number) {
  return {
    length,
    get: (id: string) => changed.get(id) ?? base?.get(noun, id),
    *[Symbol.iterator]() {
      for (const record of base?.all(noun) ?? []) yield changed.get(record.id) ?? record;
      for (const record of changed.values()) if (base?.has(noun, record.id) !== true) yield record;
    },
  };
}
