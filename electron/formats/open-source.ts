import type { CardSource, OpenSource, RowBatch, SourceFile, SourceSettings, TableSource } from '../domain/transfer/source.ts';
import { detectDelimiter, newCsvStats, readCsv } from './csv.reader.ts';
import { recogniseFile } from './file-format.ts';
import { encodingNames } from '../../shared/contracts/transfer.contract.ts';
import type { DecodingStats, DetectedEncoding } from './text-decoding.ts';
import { newCardStats, readCards } from './vcard.reader.ts';
import { readXlsx } from './xlsx.reader.ts';
import { type Words, words } from '../../shared/words/words.ts';

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
      if (stats.unclosedQuotes.length > 0) notes.push(words('imports.quoteNeverClosed', { rows: stats.unclosedQuotes.map(String) }));
      if (stats.strayQuotes.length > 0) notes.push(words('imports.quoteStray', { rows: stats.strayQuotes.map(String) }));
      return notes;
    },
  };
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
      ...(stats.strayLines === 0 ? [] : [words('imports.strayLines', { lines: stats.strayLines })]),
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

function textNotes(encoding: DetectedEncoding['encoding'], guessed: boolean, stats: DecodingStats): Words[] {
  const notes: Words[] = [];
  if (guessed) notes.push(words('imports.lettersReadAs', { encoding: encodingNames[encoding] }));
  if (stats.nul > 0) notes.push(words('imports.emptyCharacters', { count: stats.nul }));
  if (stats.unreadable > 0) notes.push(words('imports.lettersUnreadable', { count: stats.unreadable }));
  return notes;
}
