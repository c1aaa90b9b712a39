import { type NounName, nounNames, parentsOf, type RecordOf, type Stored } from '../nouns/nouns.ts';
import { emptyRecordMaps, type RecordMaps } from './apply-operation.ts';
import { createMultiMap, type MultiMap } from '../lib/multi-map.ts';
import { PagedMap } from '../lib/paged-map.ts';
import { type RecordRules, recordRules, uniqueKey } from '../nouns/record-rules.ts';

export type StoredRecord = Stored<RecordOf[NounName]>;

/**
 * Records with the lookups the rules need. The lowest layer is the book; above it a batch of commands, one command and
 * one step of it each have a layer that holds only what they changed. Giving a layer up leaves nothing behind; what was
 * journaled is poured into the layer below. So reads never see what is not yet safe (invariant 1).
 */
export interface Layer {
  get<N extends NounName>(noun: N, id: string): Stored<RecordOf[N]> | undefined;
  put(noun: NounName, record: StoredRecord): void;
  /** All records of the noun that hang on the parent, deleted ones too. */
  children<N extends NounName>(noun: N, parentId: string): Stored<RecordOf[N]>[];
  /** Records of the noun that have the unique key; deleted ones only where they keep it. */
  holders<N extends NounName>(noun: N, key: string): Stored<RecordOf[N]>[];
  /** Every record of the noun, deleted ones too. */
  all(noun: NounName): Iterable<StoredRecord>;
  /** What this layer itself holds. */
  own: RecordMaps;
  /** Ids this layer's index names; the record may have moved on in a layer above. */
  childIds(noun: NounName, parentId: string): Iterable<string>;
  holderIds(noun: NounName, key: string): Iterable<string>;
  /** Left out by a layer that keeps no such index: its children are looked through. */
  primaryIds?(noun: NounName, parentId: string): Iterable<string>;
  /** Takes a record out, where records can leave the layer at all. */
  drop?(noun: NounName, id: string): void;
}

/** A layer that keeps every index. */
export interface FullLayer extends Layer {
  primaryIds(noun: NounName, parentId: string): Iterable<string>;
  /** Live records of the noun that are the primary one of the parent: one, where its rules are kept. */
  primaries(noun: NounName, parentId: string): StoredRecord[];
  /** Takes a record out of the lowest layers: a person sees it no more (docs/sync.md). Commands never do, they set `deletedAt`. */
  drop(noun: NounName, id: string): void;
}

/** Stay empty. Every step of a command has a layer and puts into one or two of its maps; the others are never made. */
const noRecords = emptyRecordMaps();
const noIds: readonly string[] = [];
type Index = Partial<Record<NounName, MultiMap>>;

export function parentIds(noun: NounName, record: StoredRecord): string[] {
  return parentsOf(noun, record).map(({ id }) => id);
}

/** A layer that may hold very many records, as the lowest does, must not stop everything when one of its maps grows. */
export function createLayer(below: Layer | null, { isLarge = false } = {}): FullLayer {
  const makeMap = <V>(): Map<string, V> => (isLarge ? new PagedMap() : new Map());
  const own: RecordMaps = { ...noRecords };
  const byParent: Index = {};
  const byKey: Index = {};
  const byPrimary: Index = {};

  const layer: FullLayer = {
    own,
    get: (noun, id) => own[noun].get(id) ?? below?.get(noun, id),
    put(noun, record) {
      if (own[noun] === noRecords[noun]) own[noun] = makeMap<never>(); // of this noun
      const map = own[noun] as Map<string, StoredRecord>;
      const before = map.get(record.id);
      map.set(record.id, record);
      const keyBefore = before === undefined ? null : heldKey(noun, before);
      const key = heldKey(noun, record);
      if (keyBefore !== key) {
        if (keyBefore !== null) byKey[noun]?.remove(keyBefore, record.id);
        if (key !== null) (byKey[noun] ??= createMultiMap(makeMap())).add(key, record.id);
      }
      const parentsBefore = before === undefined ? [] : parentIds(noun, before);
      const parents = parentIds(noun, record);
      for (const id of parentsBefore) if (!parents.includes(id)) byParent[noun]?.remove(id, record.id);
      for (const id of parents) if (!parentsBefore.includes(id)) (byParent[noun] ??= createMultiMap(makeMap())).add(id, record.id);
      const primaryBefore = before !== undefined && isPrimary(before) ? parentsBefore : [];
      const primary = isPrimary(record) ? parents : [];
      for (const id of primaryBefore) if (!primary.includes(id)) byPrimary[noun]?.remove(id, record.id);
      for (const id of primary) if (!primaryBefore.includes(id)) (byPrimary[noun] ??= createMultiMap(makeMap())).add(id, record.id);
    },
    drop(noun, id) {
      below?.drop?.(noun, id);
      const map = own[noun] as Map<string, StoredRecord>;
      const record = map.get(id);
      if (record === undefined) return;
      map.delete(id);
      const key = heldKey(noun, record);
      if (key !== null) byKey[noun]?.remove(key, id);
      for (const parent of parentIds(noun, record)) {
        byParent[noun]?.remove(parent, id);
        byPrimary[noun]?.remove(parent, id);
      }
    },
    *all(noun) {
      // Looked up at each step: whoever walks in pieces meets what changed meanwhile, also where it is the first change of the noun.
      const mine = () => own[noun] as Map<string, StoredRecord>;
      if (below === null) return yield* mine().values();
      for (const record of below.all(noun)) yield mine().get(record.id) ?? record;
      for (const record of mine().values()) if (below.get(noun, record.id) === undefined) yield record;
    },
    *childIds(noun, parentId) {
      if (below !== null) yield* below.childIds(noun, parentId);
      yield* byParent[noun]?.get(parentId) ?? noIds;
    },
    *holderIds(noun, key) {
      if (below !== null) yield* below.holderIds(noun, key);
      yield* byKey[noun]?.get(key) ?? noIds;
    },
    *primaryIds(noun, parentId) {
      if (below !== null) yield* below.primaryIds?.(noun, parentId) ?? below.childIds(noun, parentId);
      yield* byPrimary[noun]?.get(parentId) ?? noIds;
    },
    primaries: (noun, parentId) =>
      current(noun, layer.primaryIds(noun, parentId), (record) => isPrimary(record) && parentIds(noun, record).includes(parentId)),
    children: (noun, parentId) => current(noun, layer.childIds(noun, parentId), (record) => parentIds(noun, record).includes(parentId)),
    holders: (noun, key) => current(noun, layer.holderIds(noun, key), (record) => heldKey(noun, record) === key),
  };

  function current<N extends NounName>(noun: N, ids: Iterable<string>, isIt: (record: StoredRecord) => boolean): Stored<RecordOf[N]>[] {
    const found: Stored<RecordOf[N]>[] = [];
    for (const id of new Set(ids)) {
      const record = layer.get(noun, id);
      if (record !== undefined && isIt(record)) found.push(record);
    }
    return found;
  }

  return layer;
}

export function isPrimary(record: StoredRecord): boolean {
  return record.deletedAt === null && 'isPrimary' in record && record.isPrimary;
}

/** The unique key a record holds: a deleted one only where its noun says so. */
export function heldKey(noun: NounName, record: StoredRecord): string | null {
  const keepsKey = (recordRules[noun] as RecordRules<RecordOf[NounName]>).unique?.alsoDeleted === true;
  return record.deletedAt === null || keepsKey ? uniqueKey(noun, record) : null;
}

/** Pours what a layer holds into another. */
export function pour(from: Layer, into: Layer): void {
  for (const noun of nounNames) for (const record of from.own[noun].values()) into.put(noun, record);
}
