import type { z } from 'zod';
import type { exportContract } from '../../../shared/contracts/transfer.contract.ts';
import type { Client } from '../../../shared/nouns/client/client.ts';
import type { Contact } from '../../../shared/nouns/contact/contact.ts';
import { type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import { secretPartsOf } from '../../../shared/nouns/secret.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import { ProblemError } from '../../../shared/lib/result.ts';
import type { BookReader } from '../book.ts';
import type { ListQuery } from '../lists/record-queries.ts';
import { createBreather } from './breather.ts';
import { ownFieldInfos } from '../own-fields.ts';
import { type ExportColumn, exportColumns, type ExportRecord } from './export-columns.ts';
import { cardOfClient, cardOfContact, type OutgoingCard } from './outgoing-card.ts';
import type { TransferFiles } from './transfer-ports.ts';
import { type Words, words } from '../../../shared/words/words.ts';

type ExportInput = z.output<(typeof exportContract.methods)['create']['input']>;

export interface ExportWriters {
  /** `guard` makes a cell safe that a spreadsheet would run. */
  csv(path: string, rows: AsyncIterable<string[]>): Promise<void>;
  guard(text: string): string;
  xlsx(path: string, sheet: string, columns: readonly { header: string; width: number }[], rows: readonly string[][]): Promise<void>;
  /** Longest text a cell of a sheet holds, and most rows of one. */
  xlsxLimits: { cell: number; rows: number };
  vcard(path: string, cards: AsyncIterable<OutgoingCard>): Promise<void>;
}

export interface ExportDeps {
  book: Pick<BookReader, 'get' | 'all'>;
  /** Ids of everything the list holds, in its order. */
  ids: (noun: NounName, query: ListQuery) => Promise<string[]>;
  /** Computed fields and the names of what the record refers to. */
  view: (noun: NounName, id: string) => object | null;
  files: TransferFiles;
  writers: ExportWriters;
  clock: Clock;
}

export interface ExportService {
  create(input: ExportInput): Promise<{ fileId: string; fileName: string; rows: number }>;
}

const mediaTypes = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  vcard: 'text/vcard',
} as const;
const endings = { csv: 'csv', xlsx: 'xlsx', vcard: 'vcf' } as const;
/** Numbers and dates run nothing, and would turn into text with an apostrophe. */
const harmless = new Set<ExportColumn['kind']>(['number', 'decimal', 'rate', 'date', 'instant', 'boolean']);

export function createExportService(deps: ExportDeps): ExportService {
  const { book, writers, files, clock } = deps;

  /** Records as they are now; one that is deleted meanwhile is still exported as it was listed. */
  async function recordsOf(noun: NounName, ids: readonly string[]): Promise<ExportRecord[]> {
    const records: ExportRecord[] = [];
    const breathe = createBreather();
    for (const id of ids) {
      const record = book.get(noun, id);
      const view = record === undefined ? null : deps.view(noun, id);
      // The view masks secrets, so what the record keeps of those stands above it.
      if (record !== undefined && view !== null) records.push({ ...record, ...view, ...secretsOf(noun, record) } as ExportRecord);
      await breathe();
    }
    return records;
  }

  return {
    async create({ collection, format, list, ids: only, columns: asked, includeSecret }) {
      if (format === 'vcard' && collection === 'locations') {
        throw new ProblemError({ code: 'INVALID_INPUT', ...words('exports.noVcardForm') });
      }
      const chosen = only === undefined ? null : new Set(only);
      const ids = (await deps.ids(collection, list)).filter((id) => chosen === null || chosen.has(id));
      if (ids.length === 0)
        throw new ProblemError({
          code: 'NOTHING_TO_EXPORT',
          ...words('exports.listEmpty'),
        });
      const records = await recordsOf(collection, ids);
      const plural = nouns[collection].plural;
      const name = `${plural.charAt(0).toUpperCase()}${plural.slice(1)} ${clock.today()}.${endings[format]}`;
      const file = await files.make(name, mediaTypes[format], (path) => write(path, format, collection, records, asked, includeSecret));
      return { fileId: file.fileId, fileName: file.fileName, rows: records.length };
    },
  };

  async function write(
    path: string,
    format: ExportInput['format'],
    noun: NounName,
    records: ExportRecord[],
    asked: readonly string[],
    includeSecret: boolean,
  ): Promise<void> {
    if (format === 'vcard') return writers.vcard(path, cards(noun, records));
    const columns = exportColumns(noun, asked, includeSecret, records, ownFieldInfos(book, noun));
    if (format === 'csv') return writers.csv(path, csvRows(columns, records));
    const { cell, rows: most } = writers.xlsxLimits;
    if (records.length > most) throw tooMuch(words('exports.sheetHolds', { most, rows: records.length }));
    const rows: string[][] = [];
    const breathe = createBreather();
    for (const record of records) {
      const row = columns.map((column) => column.text(record));
      const long = row.findIndex((text) => text.length > cell);
      if (long !== -1) {
        throw tooMuch(
          words('exports.cellHolds', { column: (columns[long] as ExportColumn).header, length: (row[long] as string).length, most: cell }),
        );
      }
      rows.push(row);
      await breathe();
    }
    return writers.xlsx(path, nouns[noun].plural, columns, rows);
  }

  async function* csvRows(columns: readonly ExportColumn[], records: readonly ExportRecord[]): AsyncGenerator<string[]> {
    yield columns.map(({ header }) => writers.guard(header));
    const breathe = createBreather();
    for (const record of records) {
      yield columns.map(({ kind, text }) => (harmless.has(kind) ? text(record) : writers.guard(text(record))));
      await breathe();
    }
  }

  async function* cards(noun: NounName, records: readonly ExportRecord[]): AsyncGenerator<OutgoingCard> {
    const breathe = createBreather();
    for (const record of records) {
      yield noun === 'clients' ? cardOfClient(record as Client) : cardOfContact(record as Contact, record.clientName ?? null);
      await breathe();
    }
  }
}

function secretsOf(noun: NounName, record: object): object {
  return Object.fromEntries([...secretPartsOf(noun).keys()].map((field) => [field, (record as Record<string, unknown>)[field]]));
}

function tooMuch(why: Words): ProblemError {
  return new ProblemError({ code: 'INVALID_INPUT', ...words('exports.notExported', { why }) });
}
