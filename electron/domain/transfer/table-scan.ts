import { addMoney, compareDecimals } from '../../../shared/lib/money.ts';
import type { ProblemError } from '../../../shared/lib/result.ts';
import { createBreather } from './breather.ts';
import { type DecimalMark, decimalOf, isCutShort, possibleMark } from './number-text.ts';
import { columnLook, type Look, lookOf } from './cell-look.ts';
import { type DateOrder, likelyOrder, possibleOrder } from './date-text.ts';
import { emptyFile, unreadable } from './file-problem.ts';
import { headerKey, isDayFirst, isKnownHeader } from './header-words.ts';
import { isListHeader } from './list-words.ts';
import type { TableSource } from './source.ts';
import { type Words, words } from '../../../shared/words/words.ts';

/** Columns a file may have: as many as a mapping can name. */
export const COLUMN_LIMIT = 1000;
/** Rows the looks of columns and the kind of the first row are judged by. */
const JUDGED = 200;
const DISTINCT_LIMIT = 50;
const DISTINCT_LENGTH = 200;

/** All that has to be known of a table before its columns are given places. */
export interface TableScan {
  hasHeader: boolean;
  /** The row the names stand in; null where there are none. */
  headerRow: number | null;
  /** Rows that add up the others: no records. */
  totalRows: number[];
  headers: string[];
  /** Rows of data that are not blank. */
  rows: number;
  sample: string[][];
  looks: Look[];
  /** Column → its values, where it has few. */
  distinct: Map<number, string[]>;
  /** Column → how its dates are meant, where some of them can be read two ways. */
  dateOrders: Map<number, DateOrder>;
  /** Column → how its numbers are written, where they all are numbers. */
  numbers: Map<number, ColumnNumbers>;
  notes: Words[];
}

export interface ColumnNumbers {
  /** What begins the decimals, where some of them can be read two ways. */
  mark: DecimalMark | null;
  /** Some are above one and have no % of their own. */
  hasWhole: boolean;
  /** The first that are not above one and have no %: a share of one, or of a hundred. */
  shares: readonly string[];
}

export function isBlank(row: readonly string[]): boolean {
  return row.every((cell) => cell === '' || cell.trim() === '');
}

/** Empty cells at the end do not count: spreadsheets write many. */
function filledLength(row: readonly string[]): number {
  let length = row.length;
  while (length > 0 && (row[length - 1] as string).trim() === '') length -= 1;
  return length;
}

/** What a person said of the names above the columns; null lets the rows speak. */
export interface HeaderSaid {
  hasHeader: boolean | null;
  headerRow: number | null;
}

interface NumberedRow {
  at: number;
  cells: string[];
}

/** Reads the whole table once, in slices. */
export async function scanTable(source: TableSource, fileName: string, said: HeaderSaid): Promise<TableScan> {
  const judged: NumberedRow[] = [];
  const above: NumberedRow[] = [];
  const distinct: (Set<string> | null)[] = [];
  let numbers: NumberColumn[] | null = null;
  const cut = new Map<number, { count: number; sample: string }>();
  let dates: { column: number; dmy: number; mdy: number; either: number; sample: string }[] | null = null;
  let width = 0;
  let rows = 0;
  let header: NumberedRow | null = null;
  let last: NumberedRow | null = null;
  let isDecided = false;
  /** Cells of the first row, with which the others are compared. */
  let expected = 0;
  let short = 0;
  let long = 0;
  const breathe = createBreather();

  const takeRow = (row: readonly string[]) => {
    rows += 1;
    if (row.length < expected) short += 1;
    if (row.length > expected) {
      const filled = filledLength(row);
      if (filled > expected) long += 1;
      if (filled > width) width = filled;
    }
    for (let column = 0; column < row.length; column++) {
      let values = distinct[column];
      if (values === null) continue;
      const cell = (row[column] as string).trim();
      if (cell === '') continue;
      if (cell.length < 20 && /E\+/i.test(cell) && isCutShort(cell))
        cut.set(column, { count: (cut.get(column)?.count ?? 0) + 1, sample: cell });
      if (values === undefined) {
        values = new Set();
        distinct[column] = values;
      }
      values.add(cell);
      if (values.size > DISTINCT_LIMIT || cell.length > DISTINCT_LENGTH) distinct[column] = null;
    }
    for (const number of numbers ?? []) takeNumber(number, row[number.column] ?? '');
    if (dates === null) return;
    for (const date of dates) {
      const cell = row[date.column];
      const order = cell === undefined ? null : possibleOrder(cell);
      if (order === null) continue;
      date[order] += 1;
      if (order === 'either') date.sample = cell as string;
    }
  };
  const decide = () => {
    isDecided = true;
    if (judged.length === 0) return;
    const place = headerPlace(judged, said);
    if (place !== -1) {
      above.push(...judged.splice(0, place));
      header = judged.shift() as NumberedRow;
    }
    const first = header ?? judged[0];
    if (first === undefined) return;
    expected = filledLength(first.cells);
    width = expected;
    const columns = columnsOf(judged.map(({ cells }) => cells));
    numbers = numberColumns(columns);
    dates = columns
      .map((cells, column) => ({ column, look: columnLook(cells) }))
      .filter(({ look }) => look === 'date')
      .map(({ column }) => ({ column, dmy: 0, mdy: 0, either: 0, sample: '' }));
    for (const { cells } of judged) takeRow(cells);
  };

  for await (const batch of source.batches()) {
    for (const [index, row] of batch.rows.entries()) {
      if (row.length > COLUMN_LIMIT && !isBlank(row.slice(COLUMN_LIMIT))) throw tooWide(row.length);
      if (isBlank(row)) continue;
      last = { at: batch.first + index, cells: row };
      if (isDecided) takeRow(row);
      else {
        judged.push(last);
        if (judged.length > Math.max(JUDGED, said.headerRow ?? 0)) decide();
      }
    }
    await breathe();
  }
  if (!isDecided) decide();
  if (rows === 0) throw header === null ? emptyFile(fileName) : emptyFile(fileName, 'files.noRows');
  const named = header as NumberedRow | null;
  const total = last !== null && rows > 1 && (await addsUp(source, last, named?.at ?? 0)) ? (last as NumberedRow) : null;

  const notes = [...source.notes()];
  if (said.hasHeader === null && named === null) notes.push(words('imports.noNames'));
  if (above.length > 0) notes.push(words('imports.namesFoundBelow', { row: (named as NumberedRow).at, above: shownAbove(above) }));
  if (total !== null)
    notes.push(words('imports.totalLeftOut', { row: total.at, text: (total.cells.find((cell) => cell.trim() !== '') ?? '').trim() }));
  for (const [column, { count, sample }] of cut)
    notes.push(words('imports.numbersCutShort', { header: headersOf(named?.cells ?? null, width)[column] as string, count, sample }));
  if (short > 0) notes.push(words('imports.shortRows', { rows: short }));
  if (long > 0) notes.push(words('imports.longRows', { rows: long }));
  return {
    hasHeader: named !== null,
    headerRow: named?.at ?? null,
    totalRows: total === null ? [] : [total.at],
    headers: headersOf(named?.cells ?? null, width),
    rows,
    sample: judged.slice(0, 20).map(({ cells }) => padded(cells, width)),
    looks: columnsOf(
      judged.map(({ cells }) => cells),
      width,
    ).map(columnLook),
    distinct: new Map(
      Array.from({ length: width }, (_, column): [number, string[]] => [column, [...(distinct[column] ?? [])]]).filter(
        ([, values]) => values.length > 0,
      ),
    ),
    numbers: settledNumbers(numbers ?? [], source),
    dateOrders: new Map(orders(dates ?? [], headersOf(named?.cells ?? null, width))),
    notes,
  };
}

/** Rows a title and its like may take above the names. */
const ABOVE = 20;

/** Where the names stand among the first rows; -1 where there are none. */
function headerPlace(rows: readonly NumberedRow[], { hasHeader, headerRow }: HeaderSaid): number {
  if (headerRow !== null) return rows.findIndex(({ at }) => at >= headerRow);
  if (hasHeader === false) return -1;
  const cells = rows.map((row) => row.cells);
  const filled = cells.map((row) => row.filter((cell) => cell.trim() !== '').length);
  const widest = Math.max(...filled.slice(0, ABOVE * 2));
  for (let at = 1; at < Math.min(rows.length - 1, ABOVE); at++) {
    // A title, the day of a report: rows above the names have few cells of all that there are.
    if (filled.slice(0, at).some((count) => count * 2 > (filled[at] as number))) continue;
    const row = cells[at] as string[];
    const known = row.filter((cell) => cell.trim() !== '' && (isKnownHeader(cell) || isListHeader(cell))).length;
    if ((filled[at] as number) * 4 < widest * 3 || !looksLikeHeader(row, cells.slice(at + 1))) continue;
    if (known * 3 >= (filled[at] as number) || (known === 0 && (filled[at] as number) > 2)) return at;
  }
  return (hasHeader ?? looksLikeHeader(cells[0] as string[], cells.slice(1))) ? 0 : -1;
}

function shownAbove(above: readonly NumberedRow[]): string {
  const texts = above.flatMap(({ cells }) => cells.map((cell) => cell.trim()).filter((cell) => cell !== ''));
  const text = texts.slice(0, 3).join(', ');
  return `“${text.length > 120 ? `${text.slice(0, 119)}…` : text}${texts.length > 3 ? ', …' : ''}”`;
}

const totalWords =
  /^(?:(?:grand|sub) ?)?(?:total|totals|sum|sums|summe|gesamt|gesamtsumme|zwischensumme|insgesamt|somme|totaux|suma|totales|totale|somma|soma|totaal|som|razem|suma koncowa|ogolem)(?: general| generale| generaal| geral)?:?$/;

/** True for a last row that calls itself a sum and is one, in at least one column and all that have numbers. */
async function addsUp(source: TableSource, last: NumberedRow, after: number): Promise<boolean> {
  const [name] = last.cells.filter((cell) => cell.trim() !== '');
  if (name === undefined || !totalWords.test(headerKey(name))) return false;
  const sums = new Map<number, { wanted: string; sum: string }>();
  for (const [column, cell] of last.cells.entries()) {
    const wanted = cell === name ? null : decimalOf(cell);
    if (wanted !== null) sums.set(column, { wanted, sum: '0' });
  }
  if (sums.size === 0) return false;
  for await (const { first, rows } of source.batches()) {
    for (const [index, row] of rows.entries()) {
      if (first + index <= after || first + index >= last.at) continue;
      for (const [column, known] of sums) {
        const value = decimalOf(row[column] ?? '');
        if (value !== null) known.sum = addMoney([known.sum, value]);
      }
    }
  }
  return [...sums.values()].every(({ wanted, sum }) => compareDecimals(wanted, sum) === 0);
}

interface NumberColumn {
  column: number;
  comma: number;
  point: number;
  either: number;
  /** One that can be read two ways. */
  sample: string;
  hasWhole: boolean;
  shares: Set<string>;
}

/** More examples of a share help nobody. */
const SHARES = 20;

function numberColumns(columns: readonly (readonly string[])[]): NumberColumn[] {
  return columns.flatMap((cells, column) => {
    const filled = cells.filter((cell) => cell.trim() !== '');
    const numbers = filled.filter((cell) => decimalOf(cell.replace(/%\s*$/, '')) !== null);
    const isNumbers = numbers.length > 0 && numbers.length >= filled.length * 0.7 && columnLook(filled) !== 'date';
    return isNumbers ? [{ column, comma: 0, point: 0, either: 0, sample: '', hasWhole: false, shares: new Set() }] : [];
  });
}

function takeNumber(known: NumberColumn, cell: string): void {
  const isPercent = cell.trimEnd().endsWith('%');
  const bare = isPercent ? cell.trimEnd().slice(0, -1) : cell;
  const mark = possibleMark(bare);
  if (mark !== null) known[mark] += 1;
  if (mark === 'either') known.sample = cell;
  if (isPercent || (known.hasWhole && known.shares.size === SHARES)) return;
  const value = decimalOf(bare);
  if (value === null) return;
  if (compareDecimals(value, '1') > 0) known.hasWhole = true;
  else if (compareDecimals(value, '0') > 0 && known.shares.size < SHARES) known.shares.add(cell.trim());
}

/** The column decides, then the other columns; a point before three digits groups thousands, as nobody writes so many decimals. */
function settledNumbers(columns: readonly NumberColumn[], { format }: TableSource): Map<number, ColumnNumbers> {
  const all = columns.reduce((sum, { comma, point }) => ({ comma: sum.comma + comma, point: sum.point + point }), { comma: 0, point: 0 });
  const settled = new Map<number, ColumnNumbers>();
  for (const { column, comma, point, either, sample, hasWhole, shares } of columns) {
    const [commas, points] = comma + point > 0 ? [comma, point] : [all.comma, all.point];
    // Excel keeps its numbers with a point.
    const unsaid = format === 'xlsx' || sample.includes(',') ? 'point' : 'comma';
    settled.set(column, {
      mark: either === 0 ? null : commas > points ? 'comma' : points > commas ? 'point' : unsaid,
      hasWhole,
      shares: [...shares],
    });
  }
  return settled;
}

function* orders(
  dates: readonly { column: number; dmy: number; mdy: number; either: number; sample: string }[],
  headers: readonly string[],
): Generator<[number, DateOrder]> {
  for (const { column, dmy, mdy, either, sample } of dates) {
    if (either > 0) yield [column, dmy > mdy ? 'dmy' : mdy > 0 ? 'mdy' : isDayFirst(headers[column] ?? '') ? 'dmy' : likelyOrder(sample)];
  }
}

/**
 * Names stand above what they name: an address, a date or a number in the first row is data. A row that has a known name
 * in it is a header. Otherwise it is one where it differs from what follows, and where nothing speaks against it.
 */
function looksLikeHeader(first: readonly string[], rest: readonly (readonly string[])[]): boolean {
  const looks = first.map(lookOf);
  if (looks.some((look) => look === 'email' || look === 'url' || look === 'date' || look === 'phone')) return false;
  const filled = first.filter((cell) => cell.trim() !== '');
  if (filled.some(isKnownHeader)) return true;
  if (looks.includes('number')) return false;
  const keys = filled.map(headerKey);
  if (new Set(keys).size < keys.length) return false;
  if (filled.some((cell) => cell.trim().length > 60)) return false;
  return !first.some((cell, column) => cell.trim() !== '' && rest.some((row) => row[column]?.trim() === cell.trim()));
}

/** Every column has a name of its own, so that none is lost in a mapping. */
function headersOf(header: readonly string[] | null, width: number): string[] {
  const used = new Set<string>();
  return Array.from({ length: width }, (_, column) => {
    const name = header?.[column]?.trim().replace(/\s+/g, ' ') || `Column ${column + 1}`;
    let unique = name;
    for (let copy = 2; used.has(unique.toLowerCase()); copy++) unique = `${name} (${copy})`;
    used.add(unique.toLowerCase());
    return unique;
  });
}

function columnsOf(rows: readonly (readonly string[])[], width = Math.max(0, ...rows.map((row) => row.length))): string[][] {
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column] ?? ''));
}

export function padded(row: readonly string[], width: number): string[] {
  return row.length >= width ? row.slice(0, width) : [...row, ...Array.from({ length: width - row.length }, () => '')];
}

const tooWide = (columns: number): ProblemError =>
  unreadable(words('unreadable.tooWide', { columns, most: COLUMN_LIMIT }), words('unreadable.takeOutColumns'));
