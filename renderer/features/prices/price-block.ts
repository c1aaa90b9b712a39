import { compareDecimals, divideMoney, multiplyMoney, subtractMoney } from '../../../shared/lib/money.ts';
import { priceSchema } from '../../../shared/nouns/item-price/item-price.ts';
import { localDecimal, plainDecimal } from '../../ui/field-text.ts';

/** A place in the grid: an item by its row, a location by its column. Column −1 is the item itself. */
export interface Place {
  row: number;
  column: number;
}

/** All places between two corners, both of them included. */
export interface Block {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

export function blockBetween(one: Place, other: Place): Block {
  return {
    top: Math.min(one.row, other.row),
    bottom: Math.max(one.row, other.row),
    left: Math.min(one.column, other.column),
    right: Math.max(one.column, other.column),
  };
}

/** Where a block begins that is drawn from the cursor to the next place: at a price, never at the item before them. Null for none. */
export function startOfBlock(from: Place | null, cursor: Place, next: Place): Place | null {
  if (next.column < 0) return null;
  return from ?? (cursor.column >= 0 ? cursor : next);
}

/** What is listed one way of the grid: how many, and the ids of those on screen by their places. */
export interface Seen {
  total: number;
  ids: ReadonlyMap<number, string>;
}

/**
 * The ids from one place to another, both included; a place before the first is none. Null where the list is another one by now than
 * the one that was seen: a neighbour would stand in the place of what was chosen.
 */
export function idsBetween(all: readonly string[], first: number, last: number, seen: Seen): string[] | null {
  if (all.length !== seen.total) return null;
  const start = Math.max(0, first);
  const found = all.slice(start, last + 1);
  return found.every((id, at) => (seen.ids.get(start + at) ?? id) === id) ? found : null;
}

export function sizeOf({ top, bottom, left, right }: Block): number {
  return (bottom - top + 1) * (right - left + 1);
}

export function isInBlock({ top, bottom, left, right }: Block, row: number, column: number): boolean {
  return row >= top && row <= bottom && column >= left && column <= right;
}

/** A text of a cell that is no price, by its place in what was pasted. */
export interface NoPrice extends Place {
  text: string;
}

export interface Pasted {
  /** Rows of prices; null where the cell is empty, or holds no price. */
  values: (string | null)[][];
  noPrices: NoPrice[];
}

/** What a spreadsheet puts on the clipboard: a line for each row, a tab between cells. An empty cell leaves the price as it is. */
export function pastedOf(text: string): Pasted {
  const lines = text.replace(/(?:\r\n|\r|\n)$/, '').split(/\r\n|\r|\n/);
  const noPrices: NoPrice[] = [];
  const values = lines.map((line, row) =>
    line.split('\t').map((cell, column) => {
      if (cell.trim() === '') return null;
      const price = priceIn(cell);
      if (price === null) noPrices.push({ row, column, text: cell.trim() });
      return price;
    }),
  );
  // Not spread into a call: a whole column of a spreadsheet has more lines than a call takes arguments.
  const width = values.reduce((widest, row) => Math.max(widest, row.length), 0);
  return { values: values.map((row) => [...row, ...Array<null>(width - row.length).fill(null)]), noPrices };
}

/** "$ 1,234.50", "12,50 €" and "CHF 12" are prices: a spreadsheet copies what it shows. */
function priceIn(cell: string): string | null {
  const bare = cell
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .replace('−', '-')
    .trim()
    .replace(/^(?:\p{Sc}|[A-Z]{3})|(?:\p{Sc}|[A-Z]{3})$/gu, '')
    .trim();
  const price = priceSchema.safeParse(plainDecimal(bare));
  return price.success ? price.data : null;
}

/** As a spreadsheet reads it where the person is: without grouping. Nothing where there is no price. */
export function copiedText(rows: readonly (readonly (string | null)[])[]): string {
  return rows.map((row) => row.map((price) => (price === null ? '' : localDecimal(price))).join('\t')).join('\n');
}

const percentFormats = [0, 1].map(
  (digits) => new Intl.NumberFormat(undefined, { style: 'percent', signDisplay: 'exceptZero', maximumFractionDigits: digits }),
);

export interface Difference {
  /** "−10%"; null where the default is nothing, of which no price is a part. */
  text: string | null;
  /** From −3, much cheaper, to 3, much dearer: at 5 and at 15 percent it is one more. */
  level: number;
}

/** How far an own price is from the default. */
export function differenceOf(own: string, byDefault: string): Difference {
  const by = subtractMoney(own, byDefault);
  const size = compareDecimals(byDefault, '0') < 0 ? multiplyMoney(byDefault, '-1') : byDefault;
  const part = divideMoney(by, size, 6);
  const sign = compareDecimals(by, '0');
  if (part === null) return { text: null, level: sign * 3 };
  const percent = Math.abs(Number(part)) * 100;
  return {
    // A hyphen is too short to be seen beside digits.
    text: percentFormats[percent < 10 ? 1 : 0]?.format(Number(part)).replace('-', '−') ?? '',
    level: sign === 0 ? 0 : sign * (percent >= 15 ? 3 : percent >= 5 ? 2 : 1),
  };
}
