import { valueAt } from '../../../shared/nouns/field.ts';
import type { ShownList } from '../../api/list-window.ts';
import type { AnyView } from '../../api/records.ts';

/** A card that was moved and whose lists have not been asked again: it is shown where it was put. */
export interface CardMove {
  /** As it is in the new column. */
  record: AnyView;
  from: string;
  to: string;
  /** Columns that may still show it as it was. */
  touched: ReadonlySet<string>;
  /** Version of the book when main had it. */
  since: number;
  /** Main has it. */
  isDone: boolean;
}

/** The cards of a column as a person sees them. */
export interface Cards {
  count: number;
  /** Version of the book they are of. */
  version: number;
  at(index: number): AnyView | undefined;
  indexOf(id: string): number;
}

export type CardOrder = readonly { path: string; descending: boolean }[];

/** What main answered for a column, with the moves that it has not seen yet. */
export function cardsOf(list: ShownList, column: string, moves: readonly CardMove[], order: CardOrder): Cards {
  const gone = moves
    .filter(({ to }) => to !== column)
    .map(({ record }) => list.indexOf(record.id))
    .filter((at) => at >= 0)
    .toSorted((a, b) => a - b);
  const withoutGone = (index: number) => list.rowAt(gone.reduce((at, one) => (one <= at ? at + 1 : at), index));
  const stay = Math.max(0, (list.total ?? 0) - gone.length);
  const come = moves
    .filter(({ to, record }) => to === column && list.indexOf(record.id) < 0)
    .map(({ record }) => ({ record, at: placeAmong(withoutGone, stay, record, order) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ record, at }, before) => ({ record, at: at + before }));
  return {
    count: stay + come.length,
    version: list.version,
    at(index) {
      const here = come.find(({ at }) => at === index);
      return here === undefined ? withoutGone(index - come.filter(({ at }) => at < index).length) : here.record;
    },
    indexOf(id) {
      const here = come.find(({ record }) => record.id === id);
      if (here !== undefined) return here.at;
      const at = list.indexOf(id);
      if (at < 0 || gone.includes(at)) return -1;
      return come.reduce((index, one) => (one.at <= index ? index + 1 : index), at - gone.filter((one) => one < at).length);
    },
  };
}

/** Where main will put it, as far as the cards that are here tell; its answer settles it. */
function placeAmong(at: (index: number) => AnyView | undefined, count: number, record: AnyView, order: CardOrder): number {
  for (let index = 0; index < count; index += 1) {
    const other = at(index);
    if (other === undefined || compare(record, other, order) < 0) return index;
  }
  return count;
}

function compare(left: AnyView, right: AnyView, order: CardOrder): number {
  for (const { path, descending } of order) {
    const [a, b] = [valueAt(left, path), valueAt(right, path)];
    if (a === b) continue;
    if (isBlank(a)) return 1;
    if (isBlank(b)) return -1;
    const by = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
    if (by !== 0) return descending ? -by : by;
  }
  return left.id < right.id ? -1 : 1;
}

function isBlank(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}
