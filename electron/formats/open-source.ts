import type { CardSource, OpenSource, RowBatch, SourceFile, SourceSettings, TableSource } from '../domain/transfer/source.ts';
import { detectDelimiter, newCsvStats, readCsv } from './csv.reader.ts';
import { recogniseFile } from './file-format.ts';
import { encodingNames } from '../../shared/contracts/transfer.contract.ts';
import type { DecodingStats, DetectedEncoding } from './text-decoding.ts';
import { newCardStats, readCards } from './vcard.reader.ts';
import { readXlsx } from './xlsx.reader.ts';

/** Opens a file that was taken in, whatever it is called: its content decides. */
export const openSource: OpenSource = async (file, settings) => {
  const { format, encoding } = await recogniseFile(file.path, file.fileName, settings.encoding);
  if (format === 'xlsx') return openWorkbook(file, settings);
  const known = encoding as DetectedEncoding;
  return format === 'vcard' ? openCards(file, known) : openTable(file, known, settings);
};

async function openTable(file: SourceFile, { encoding, guessed }: DetectedEncoding, settings: SourceSettings): Promise<TableSource> {
  const delimiter = settings.delimiter ?? (await detectDelimiter(file.path, encoding));
  let stats = newCsvStats();
  return {
    kind: 'table',
    format: delimiter === '\t' ? 'tsv' : 'csv',
    encoding,
    delimiter,
    sheets: [],
    sheet: null,
    batches: () => {
      stats = newCsvStats();
      return readCsv(file.path, encoding, delimiter, stats);
    },
    notes: () => {
      const notes = textNotes(encoding, guessed, stats);
      if (stats.unclosedQuotes.length > 0) notes.push(quoteNote(stats.unclosedQuotes, 'that is never closed'));
      if (stats.strayQuotes.length > 0) notes.push(quoteNote(stats.strayQuotes, 'that would swallow the rows below'));
      return notes;
    },
  };
}

function quoteNote(rows: readonly number[], which: string): string {
  const what = rows.length === 1 ? `Row ${rows[0]} opens a quotation mark ${which}` : `Rows ${list(rows)} open a quotation mark ${which}`;
  return `${what}; it was taken as plain text. Check those rows below.`;
}

async function openCards(file: SourceFile, { encoding, guessed }: DetectedEncoding): Promise<CardSource> {
  let stats = newCardStats();
  return {
    kind: 'cards',
    format: 'vcard',
    encoding,
    batches: () => {
      stats = newCardStats();
      return readCards(file.path, encoding, stats);
    },
    notes: () => [
      ...textNotes(encoding, guessed, stats),
      ...(stats.strayLines === 0
        ? []
        : [`${counted(stats.strayLines, 'line')} outside of any card ${stats.strayLines === 1 ? 'was' : 'were'} passed over.`]),
    ],
  };
}

const SHEET_SLICE = 500;

async function openWorkbook(file: SourceFile, settings: SourceSettings): Promise<TableSource> {
  const workbook = await readXlsx(file.path, settings.sheet);
  return {
    kind: 'table',
    format: 'xlsx',
    encoding: null,
    delimiter: null,
    sheets: workbook.sheets,
    sheet: workbook.sheet,
    async *batches(): AsyncGenerator<RowBatch> {
      for (let at = 0; at < workbook.rows.length; at += SHEET_SLICE)
        yield { first: at + 1, rows: workbook.rows.slice(at, at + SHEET_SLICE) };
    },
    notes: () => workbook.notes,
  };
}

function textNotes(encoding: DetectedEncoding['encoding'], guessed: boolean, stats: DecodingStats): string[] {
  const notes: string[] = [];
  if (guessed) notes.push(`The letters were read as ${encodingNames[encoding]}. If they look wrong below, choose another encoding.`);
  if (stats.nul > 0)
    notes.push(`${counted(stats.nul, 'empty character')} (NUL) that no program can show ${stats.nul === 1 ? 'was' : 'were'} left out.`);
  if (stats.unreadable > 0) {
    notes.push(
      `${counted(stats.unreadable, 'letter')} could not be read and ${stats.unreadable === 1 ? 'stands' : 'stand'} as �. Choose another encoding, or mend the file.`,
    );
  }
  return notes;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

function list(rows: readonly number[]): string {
  return rows.length > 5 ? `${rows.slice(0, 5).join(', ')} and more` : `${rows.slice(0, -1).join(', ')} and ${rows.at(-1)}`;
}
