import Papa from 'papaparse';
import type { RowBatch } from '../domain/transfer/source.ts';
import { unguardCell } from './formula-guard.ts';
import { type DecodingStats, decodedHead, decodedPieces, type Encoding } from './text-decoding.ts';

export interface CsvStats extends DecodingStats {
  /** Numbers of rows with a quotation mark that opens and never closes; the mark was taken as text. At most 20 are kept. */
  unclosedQuotes: number[];
}

export function newCsvStats(): CsvStats {
  return { nul: 0, unreadable: 0, unclosedQuotes: [] };
}

/** Longest cell with line breaks that is waited for: beyond it the quotation mark was a slip, not the start of a cell. */
const LONGEST_QUOTED = 1_000_000;

/** Finds the delimiter from the first lines. A file with one column has none: a comma then does no harm. */
export async function detectDelimiter(path: string, encoding: Encoding): Promise<string> {
  const head = await decodedHead(path, encoding, 64 * 1024);
  const parsed = Papa.parse<string[]>(head, { preview: 50, delimitersToGuess: [',', '\t', ';', '|'], skipEmptyLines: true });
  return parsed.meta.delimiter;
}

/**
 * Reads a CSV or TSV file row by row, in pieces, so that a file of any size takes bounded memory. Blank rows come as
 * `['']`, so that numbers stay those a person sees.
 */
export async function* readCsv(path: string, encoding: Encoding, delimiter: string, stats: CsvStats): AsyncGenerator<RowBatch> {
  // "\n" also reads files with "\r\n": the "\r" is cut off below. Only old Mac files have "\r" alone.
  const head = await decodedHead(path, encoding, 64 * 1024);
  const newline = head.includes('\n') || !head.includes('\r') ? '\n' : '\r';
  const parser = new Papa.Parser({ delimiter, newline });
  let rest = '';
  let next = 1;

  const take = (last: boolean): string[][] => {
    const parsed = parser.parse(rest, 0, !last) as Papa.ParseResult<string[]>;
    if (last && parsed.errors.some((error) => error.code === 'MissingQuotes')) return [];
    rest = last ? '' : rest.slice(parsed.meta.cursor);
    for (const row of parsed.data) {
      const end = row.length - 1;
      const cell = row[end];
      if (cell?.endsWith('\r')) row[end] = cell.slice(0, -1);
      for (let i = 0; i < row.length; i++) if ((row[i] as string).startsWith("'")) row[i] = unguardCell(row[i] as string);
    }
    return parsed.data;
  };
  const takeLine = (row: number): string[][] => {
    if (stats.unclosedQuotes.length < 20) stats.unclosedQuotes.push(row);
    const end = rest.indexOf(newline);
    const line = end === -1 ? rest : rest.slice(0, end);
    rest = end === -1 ? '' : rest.slice(end + 1);
    return [line.replace(/\r$/, '').split(delimiter)];
  };
  const batch = (rows: string[][]): RowBatch => {
    const first = next;
    next += rows.length;
    return { first, rows };
  };

  for await (const piece of decodedPieces(path, encoding, stats)) {
    rest += piece;
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
