import type { ProblemError } from '../../../shared/lib/result.ts';
import { createBreather } from './breather.ts';
import { columnLook, type Look, lookOf } from './cell-look.ts';
import { type DateOrder, likelyOrder, possibleOrder } from './date-text.ts';
import { emptyFile, unreadable } from './file-problem.ts';
import { headerKey, isKnownHeader } from './header-words.ts';
import type { TableSource } from './source.ts';

/** Columns a file may have: as many as a mapping can name. */
export const COLUMN_LIMIT = 1000;
/** Rows the looks of columns and the kind of the first row are judged by. */
const JUDGED = 200;
const DISTINCT_LIMIT = 50;
const DISTINCT_LENGTH = 200;

/** All that has to be known of a table before its columns are given places. */
export interface TableScan {
  hasHeader: boolean;
  headers: string[];
  /** Rows of data that are not blank. */
  rows: number;
  sample: string[][];
  looks: Look[];
  /** Column → its values, where it has few. */
  distinct: Map<number, string[]>;
  /** Column → how its dates are meant, where some of them can be read two ways. */
  dateOrders: Map<number, DateOrder>;
  notes: string[];
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

/** Reads the whole table once, in slices. `hasHeader` null lets the rows speak. */
export async function scanTable(source: TableSource, fileName: string, hasHeader: boolean | null): Promise<TableScan> {
  const judged: string[][] = [];
  const distinct: (Set<string> | null)[] = [];
  let dates: { column: number; dmy: number; mdy: number; either: number; sample: string }[] | null = null;
  let width = 0;
  let rows = 0;
  let header: string[] | null = null;
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
      if (values === undefined) {
        values = new Set();
        distinct[column] = values;
      }
      values.add(cell);
      if (values.size > DISTINCT_LIMIT || cell.length > DISTINCT_LENGTH) distinct[column] = null;
    }
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
    const first = judged[0];
    if (first === undefined) return;
    if (hasHeader ?? looksLikeHeader(first, judged.slice(1))) header = judged.shift() as string[];
    expected = filledLength(header ?? first);
    width = expected;
    dates = columnsOf(judged)
      .map((cells, column) => ({ column, look: columnLook(cells) }))
      .filter(({ look }) => look === 'date')
      .map(({ column }) => ({ column, dmy: 0, mdy: 0, either: 0, sample: '' }));
    for (const row of judged) takeRow(row);
  };

  for await (const batch of source.batches()) {
    for (const row of batch.rows) {
      if (row.length > COLUMN_LIMIT && !isBlank(row.slice(COLUMN_LIMIT))) throw tooWide(row.length);
      if (isBlank(row)) continue;
      if (isDecided) takeRow(row);
      else {
        judged.push(row);
        if (judged.length > JUDGED) decide();
      }
    }
    await breathe();
  }
  if (!isDecided) decide();
  if (rows === 0) throw header === null ? emptyFile(fileName) : emptyFile(fileName, 'has column names but no rows');

  const notes = [...source.notes()];
  if (hasHeader === null && header === null)
    notes.push('The first row looks like data, so the columns have no names. If it holds names, say so above.');
  const named = header as string[] | null;
  if (short > 0) notes.push(`${counted(short)} fewer cells than the first one; the missing cells were taken as empty.`);
  if (long > 0) notes.push(`${counted(long)} more cells than the first one; what is in them stands in columns of their own.`);
  return {
    hasHeader: named !== null,
    headers: headersOf(named, width),
    rows,
    sample: judged.slice(0, 20).map((row) => padded(row, width)),
    looks: columnsOf(judged, width).map(columnLook),
    distinct: new Map(
      Array.from({ length: width }, (_, column): [number, string[]] => [column, [...(distinct[column] ?? [])]]).filter(
        ([, values]) => values.length > 0,
      ),
    ),
    dateOrders: new Map(orders(dates ?? [])),
    notes,
  };
}

function* orders(
  dates: readonly { column: number; dmy: number; mdy: number; either: number; sample: string }[],
): Generator<[number, DateOrder]> {
  for (const { column, dmy, mdy, either, sample } of dates) {
    if (either > 0) yield [column, dmy > mdy ? 'dmy' : mdy > 0 ? 'mdy' : likelyOrder(sample)];
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

function counted(rows: number): string {
  return rows === 1 ? '1 row has' : `${rows.toLocaleString('en')} rows have`;
}

const tooWide = (columns: number): ProblemError =>
  unreadable(
    `This table has ${columns.toLocaleString('en')} columns; Fieldbook reads up to ${COLUMN_LIMIT.toLocaleString('en')}.`,
    'Take out the columns you do not need and choose the file again. If it should have few columns, choose another delimiter.',
  );
