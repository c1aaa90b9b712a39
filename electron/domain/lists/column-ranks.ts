import { isReference, type FieldInfo } from '../../../shared/nouns/field.ts';
import { type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import type { BookReader } from '../book.ts';
import type { Column } from './column.ts';
import { type ListColumns, remember, type Table, valuesAtOnce } from './list-columns.ts';
import { fieldAt, titleIn } from './field-values.ts';
import { type SortKey, sortKeyOf } from './list-filter.ts';
import { noRank } from './ranking.ts';

/** Equal keys have the same rank, from 0 up to, not including, `count`; what has none has `noRank`. */
export interface PlaceRanks {
  count: number;
  /** By place: a rank, or where it stands in `byCode`. */
  codes: Uint32Array | Uint16Array;
  byCode: Uint32Array | null;
}

const ranksKept = 64;

/** Where records stand by a field; null where no column tells. Yields between pieces. */
export function createColumnRanks({
  book,
  columns,
}: {
  book: Pick<BookReader, 'get' | 'all'>;
  columns: ListColumns;
}): (noun: NounName, table: Table, path: string) => Generator<null, PlaceRanks | null> {
  const ranks = new Map<string, { column: Column; basis: string; byCode: Uint32Array; count: number }>();
  const targets = new WeakMap<Column, { table: Table; places: number[] }>();

  /** The ranks of a column's values; null where it cannot tell. Yields between pieces. */
  function* ranksOf(noun: NounName, path: string): Generator<null, { byCode: Uint32Array; count: number; column: Column } | null> {
    const field = fieldAt(book, noun, path);
    const column = columns.table(noun)?.columns.get(path);
    if (field === undefined || column === undefined || column.isWide) return null;
    const named = field.kind === 'reference' && field.of !== undefined ? columns.table(field.of) : null;
    if (field.kind === 'reference' && named === null) return null;
    const titles = named === null ? (field.of === undefined ? 0 : columns.titlesVersion(field.of)) : named.titles.version;
    const basis = JSON.stringify([field, titles, column.values.length]);
    const key = JSON.stringify([noun, path]);
    const kept = ranks.get(key);
    if (kept?.column === column && kept.basis === basis) return kept;
    const found = named === null ? ranksOfValues(field, column) : yield* ranksOfNamed(column, named);
    const made = { column, basis, ...found };
    remember(ranks, key, made, ranksKept);
    return made;
  }

  function ranksOfValues(field: FieldInfo, column: Column): { byCode: Uint32Array; count: number } {
    const keys = column.values.map(sortKeyOf(field, titleIn(book, field.of)));
    const distinct = [...new Set(keys.filter((key) => key !== null))].sort((left, right) => (left < right ? -1 : 1));
    const rankOf = new Map<SortKey, number>(distinct.map((one, rank) => [one, rank]));
    return { byCode: Uint32Array.from(keys, (one) => rankOf.get(one) ?? noRank), count: distinct.length };
  }

  /** Where the records stand that a column names, among their titles. */
  function* ranksOfNamed(column: Column, named: Table): Generator<null, { byCode: Uint32Array; count: number }> {
    let known = targets.get(column);
    if (known?.table !== named) {
      known = { table: named, places: [] };
      targets.set(column, known);
    }
    const { places } = known;
    const of = named.titles.ranks();
    const byCode = new Uint32Array(column.values.length);
    for (let code = 0; code < byCode.length; code += 1) {
      const value = column.values[code];
      let place = places[code] ?? -1;
      if (place < 0) {
        place = named.placeOf(String(value));
        places[code] = place;
        if (code % valuesAtOnce === 0) yield null;
      }
      // What is not there is named by nothing, like a title without letters, and that comes before all others.
      const isUntitled = place < 0 || named.titles.keyAt(place) === '';
      byCode[code] = value === null || value === '' ? noRank : isUntitled ? 0 : (of.ranks[place] as number) + 1;
    }
    return { byCode, count: of.count + 1 };
  }

  /** Ranks by place; null where no column tells. */
  function* placeRanks(noun: NounName, table: Table, path: string): Generator<null, PlaceRanks | null> {
    const field = fieldAt(book, noun, path);
    if (path === nouns[noun].titlePath && field !== undefined && !isReference(field)) {
      const { ranks: byPlace, count } = table.byTitlePath.ranks();
      return { count, codes: byPlace, byCode: null };
    }
    const found = yield* ranksOf(noun, path);
    if (found === null) return null;
    const { byCode, count, column } = found;
    return { count, codes: column.codes, byCode };
  }

  return placeRanks;
}

/** Equal ranks stay in the order they have; those without a rank come last, whichever way. */
export function sortedByRank(places: Uint32Array, { codes, byCode, count }: PlaceRanks, descending: boolean): Uint32Array {
  const buckets = new Uint32Array(count + 2);
  const bucketAt = new Uint32Array(places.length);
  for (let at = 0; at < places.length; at += 1) {
    const code = codes[places[at] as number] as number;
    const rank = byCode === null ? code : (byCode[code] as number);
    const bucket = rank === noRank ? count : descending ? count - 1 - rank : rank;
    bucketAt[at] = bucket;
    buckets[bucket + 1] = (buckets[bucket + 1] as number) + 1;
  }
  for (let bucket = 1; bucket < buckets.length; bucket += 1)
    buckets[bucket] = (buckets[bucket] as number) + (buckets[bucket - 1] as number);
  const sorted = new Uint32Array(places.length);
  for (let at = 0; at < places.length; at += 1) {
    const bucket = bucketAt[at] as number;
    const to = buckets[bucket] as number;
    sorted[to] = places[at] as number;
    buckets[bucket] = to + 1;
  }
  return sorted;
}
