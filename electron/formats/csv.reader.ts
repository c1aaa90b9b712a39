import Papa from 'papaparse';
import type { RowBatch } from '../domain/transfer/source.ts';
import { unguardCell } from './formula-guard.ts';
import { type DecodingStats, decodedHead, decodedPieces, type Encoding } from './text-decoding.ts';

export interface CsvStats extends DecodingStats {
  /** Numbers of rows with a quotation mark that opens and never closes; the mark was taken as text. At most 20 are kept. */
  unclosedQuotes: number[];
  /** Numbers of rows whose quotation mark would have swallowed the rows after it; it was taken as text. At most 20 are kept. */
  strayQuotes: number[];
}

export function newCsvStats(): CsvStats {
  return { nul: 0, unreadable: 0, unclosedQuotes: [], strayQuotes: [] };
}

/** Longest cell with line breaks that is waited for: beyond it the quotation mark was a slip, not the start of a cell. */
const LONGEST_QUOTED = 1_000_000;
const NOTED = 20;
const HEAD = 64 * 1024;
/** Some spreadsheets name the delimiter in a first line of its own. */
const delimiterLine = /^"?sep=([^\r\n"])"?[ ;,\t]*(?:\r\n|\r|\n|$)/i;

/** Finds the delimiter from the first lines. A file with one column has none: a comma then does no harm. */
export async function detectDelimiter(path: string, encoding: Encoding): Promise<string> {
  const head = await decodedHead(path, encoding, HEAD);
  const said = delimiterLine.exec(head)?.[1];
  if (said !== undefined) return said;
  const parsed = Papa.parse<string[]>(head, { preview: 50, delimitersToGuess: [',', '\t', ';', '|'], skipEmptyLines: true });
  return parsed.meta.delimiter;
}

/** What the first lines say of how the others are written. */
interface Dialect {
  delimiter: string;
  newline: '\n' | '\r';
  /** Cells most rows have. */
  width: number;
  /** A space follows each delimiter, and quotation marks after it: `a, "b, c"`. */
  isSpaced: boolean;
}

function dialectOf(head: string, delimiter: string): Dialect {
  // "\n" also reads files with "\r\n": the "\r" is cut off below. Only old Mac files have "\r" alone.
  const newline = head.includes('\n') || !head.includes('\r') ? '\n' : '\r';
  const lines = head.split(newline, 51).slice(0, 50);
  const rows = (Papa.parse<string[]>(head, { delimiter, newline, preview: 50 }) as Papa.ParseResult<string[]>).data;
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  const width = [...counts].toSorted((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0] ?? 1;
  const [spaced, tight] = [`${delimiter} `, new RegExp(`${escapedForRegExp(delimiter)}[^ ]`)];
  const outside = lines.map((line) => line.replace(/"(?:[^"]|"")*"/g, '""'));
  const isSpaced = delimiter !== '\t' && lines.some((line) => line.includes(`${spaced}"`)) && !outside.some((line) => tight.test(line));
  return { delimiter, newline, width, isSpaced };
}

function escapedForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/**
 * Reads a CSV or TSV file row by row, in pieces, so that a file of any size takes bounded memory. Blank rows come as
 * `['']`, so that numbers stay those a person sees.
 */
export async function* readCsv(path: string, encoding: Encoding, delimiter: string, stats: CsvStats): AsyncGenerator<RowBatch> {
  const head = await decodedHead(path, encoding, HEAD);
  const toSkip = delimiterLine.exec(head)?.[0].length ?? 0;
  const dialect = dialectOf(head.slice(toSkip), delimiter);
  const { newline, isSpaced } = dialect;
  const parser = new Papa.Parser({ delimiter, newline });
  const spaceBeforeQuote = new RegExp(`${escapedForRegExp(delimiter)} +(?="(?!")|""(?:${escapedForRegExp(delimiter)}|[\r\n]|$))`, 'g');
  let rest = '';
  let next = 1;

  const take = (last: boolean): string[][] => {
    const parsed = parser.parse(rest, 0, !last) as Papa.ParseResult<string[]>;
    if (last && parsed.errors.some((error) => error.code === 'MissingQuotes')) return [];
    const rows = withoutSwallowed(parsed.data, rest, dialect, parsed.errors, (row) => noted(stats.strayQuotes, next + row));
    rest = last ? '' : rest.slice(parsed.meta.cursor);
    for (const row of rows) {
      const end = row.length - 1;
      const cell = row[end];
      if (cell?.endsWith('\r')) row[end] = cell.slice(0, -1);
      for (let i = 0; i < row.length; i++) if ((row[i] as string).startsWith("'")) row[i] = unguardCell(row[i] as string);
    }
    return rows;
  };
  const takeLine = (row: number): string[][] => {
    noted(stats.unclosedQuotes, row);
    const end = rest.indexOf(newline);
    const line = end === -1 ? rest : rest.slice(0, end);
    rest = end === -1 ? '' : rest.slice(end + 1);
    return [cellsOf(line, delimiter)];
  };
  const batch = (rows: string[][]): RowBatch => {
    const first = next;
    next += rows.length;
    return { first, rows };
  };

  let isFirst = true;
  for await (const piece of decodedPieces(path, encoding, stats)) {
    rest += isFirst ? piece.slice(toSkip) : piece;
    if (isFirst && toSkip > 0) yield batch([['']]);
    isFirst = false;
    if (isSpaced) rest = rest.replace(spaceBeforeQuote, delimiter);
    let rows = take(false);
    if (rows.length > 0) yield batch(rows);
    while (rest.length > LONGEST_QUOTED) {
      yield batch(takeLine(next));
      rows = take(false);
      if (rows.length > 0) yield batch(rows);
    }
  }
  while (rest !== '') {
    const complete = take(false);
    if (complete.length > 0) yield batch(complete);
    if (rest === '') break;
    const ending = take(true);
    yield batch(ending.length > 0 ? ending : takeLine(next));
  }
}

function noted(rows: number[], row: number): void {
  if (rows.length < NOTED) rows.push(row);
}

/**
 * A quotation mark that was never meant to open a cell swallows the lines up to the next one. It shows in the lines: each
 * of them is a whole row by itself. Those lines are rows then, and the mark is text.
 */
function withoutSwallowed(
  rows: string[][],
  text: string,
  { delimiter, newline, width }: Dialect,
  errors: readonly Papa.ParseError[],
  told: (row: number) => void,
): string[][] {
  if (width < 2 || !rows.some((row) => row.some((cell) => cell.includes(newline)))) return rows;
  const spoilt = new Set(errors.filter(({ code }) => code === 'InvalidQuotes').map(({ row }) => row));
  const found: string[][] = [];
  let at = 0;
  rows.forEach((row, index) => {
    let breaks = 0;
    for (const cell of row) for (let seen = cell.indexOf(newline); seen !== -1; seen = cell.indexOf(newline, seen + 1)) breaks += 1;
    const start = at;
    for (let line = 0; line <= breaks; line++) {
      const end = text.indexOf(newline, at);
      at = end === -1 ? text.length : end + 1;
    }
    const lines = breaks === 0 ? [] : text.slice(start, at).split(newline, breaks + 1);
    const whole = lines.map((line) => cellsOf(line, delimiter));
    // Two lines with commas in them may be an address: then a space follows some comma, and the mark closes as it should.
    const isSure = lines.length > 2 || spoilt.has(index) || !lines.some((line) => line.includes(`${delimiter} `));
    if (breaks === 0 || !isSure || whole.some(({ length }) => length !== width)) {
      found.push(row);
      return;
    }
    told(found.length);
    for (const cells of whole) found.push(cells);
  });
  return found;
}

/** The cells of one line by itself: a quotation mark counts where it opens a cell and closes it in this line. */
function cellsOf(line: string, delimiter: string): string[] {
  const cells: string[] = [];
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  let at = 0;
  // Where one mark closes nowhere, none after it does.
  let mayClose = true;
  for (;;) {
    const closing = mayClose && text[at] === '"' ? closingQuote(text, at, delimiter) : -1;
    if (text[at] === '"' && closing === -1) mayClose = false;
    const end = closing === -1 ? text.indexOf(delimiter, at) : closing + 1 === text.length ? -1 : closing + 1;
    const cell = end === -1 ? text.slice(at) : text.slice(at, end);
    cells.push(closing === -1 ? cell : cell.slice(1, -1).replaceAll('""', '"'));
    if (end === -1) return cells;
    at = end + delimiter.length;
  }
}

function closingQuote(text: string, opening: number, delimiter: string): number {
  for (let at = text.indexOf('"', opening + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    if (text[at + 1] === '"') at += 1;
    else if (at + 1 === text.length || text.startsWith(delimiter, at + 1)) return at;
  }
  return -1;
}
