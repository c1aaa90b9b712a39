import { type FieldFilter, type FilterNode, isGroup } from '../../../shared/contracts/list.ts';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import type { BookReader } from '../book.ts';
import type { Column } from './column.ts';
import { type ListColumns, remember, type Table, valuesAtOnce } from './list-columns.ts';
import { fieldAt, titleIn } from './field-values.ts';
import { matcherOf } from './list-filter.ts';

/** By place: 1 where the record is as asked. */
export type Mask = Uint8Array;
/** No column can tell. */
export const untold = Symbol('untold');

const matchesKept = 64;

export interface ColumnMasks {
  /** Null where the condition asks for nothing. Yields between pieces. */
  maskOf(noun: NounName, table: Table, node: FilterNode): Generator<null, Mask | null | typeof untold>;
}

/** Filters, asked of each distinct value once. */
export function createColumnMasks({
  book,
  clock,
  columns,
}: {
  book: Pick<BookReader, 'get' | 'all'>;
  clock: Clock;
  columns: Pick<ListColumns, 'titlesVersion'>;
}): ColumnMasks {
  const matches = new Map<string, { column: Column; basis: string; byCode: Uint8Array }>();

  /** Whether each of the values of the column is as asked. Yields between pieces. */
  function* matchesOf(noun: NounName, field: FieldInfo, filter: FieldFilter, column: Column): Generator<null, Uint8Array | null> {
    const matcher = matcherOf(field, filter, titleIn(book, field.of), clock);
    if (matcher === null) return null;
    const key = JSON.stringify([noun, filter]);
    const basis = JSON.stringify([field, column.isWide, clock.today(), field.of === undefined ? 0 : columns.titlesVersion(field.of)]);
    const kept = matches.get(key);
    const known = kept?.column === column && kept.basis === basis ? kept.byCode : new Uint8Array();
    if (known.length === column.values.length) return known;
    const byCode = new Uint8Array(column.values.length);
    byCode.set(known);
    for (let code = known.length; code < byCode.length; code += 1) {
      byCode[code] = matcher(column.values[code]) ? 1 : 0;
      if (code % valuesAtOnce === 0) yield null;
    }
    remember(matches, key, { column, basis, byCode }, matchesKept);
    return byCode;
  }

  function* maskOf(noun: NounName, table: Table, node: FilterNode): Generator<null, Mask | null | typeof untold> {
    if (isGroup(node)) {
      let joined: Mask | null = null;
      for (const one of node.of) {
        const mask: Mask | null | typeof untold = yield* maskOf(noun, table, one);
        if (mask === untold) return untold;
        if (mask === null) continue;
        if (joined === null) joined = mask;
        else if (node.match === 'all')
          for (let at = 0; at < mask.length; at += 1) joined[at] = (joined[at] as number) & (mask[at] as number);
        else for (let at = 0; at < mask.length; at += 1) joined[at] = (joined[at] as number) | (mask[at] as number);
      }
      return joined;
    }
    const field = fieldAt(book, noun, node.path);
    const column = table.columns.get(node.path);
    if (field === undefined || column === undefined) return untold;
    const byCode = yield* matchesOf(noun, field, node, column);
    if (byCode === null) return null;
    if (column.isWide && node.operator !== 'isEmpty' && node.operator !== 'isNotEmpty') return untold;
    const { codes } = column;
    const mask = new Uint8Array(table.ids.length);
    for (let at = 0; at < mask.length; at += 1) mask[at] = byCode[codes[at] as number] as number;
    return mask;
  }

  return { maskOf };
}

/** Live records that are as asked, in the order of their ids. */
export function hitsOf(table: Table, mask: Mask | null): Uint32Array {
  const { live, ids, sorted } = table;
  const found = new Uint32Array(ids.length);
  let count = 0;
  const isHit = (place: number) => live[place] === 1 && (mask === null || mask[place] === 1);
  for (let place = 0; place < sorted; place += 1) if (isHit(place)) found[count++] = place;
  const later: number[] = [];
  for (let place = sorted; place < ids.length; place += 1) if (isHit(place)) later.push(place);
  if (later.length === 0) return found.slice(0, count);
  const idAt = (place: number) => ids[place] as string;
  later.sort((left, right) => (idAt(left) < idAt(right) ? -1 : 1));
  const total = count + later.length;
  // From the end, so that nothing is written over.
  let from = count - 1;
  let to = total - 1;
  for (let next = later.pop(); next !== undefined; to -= 1) {
    if (from >= 0 && idAt(found[from] as number) > idAt(next)) found[to] = found[from--] as number;
    else {
      found[to] = next;
      next = later.pop();
    }
  }
  return found.slice(0, total);
}
