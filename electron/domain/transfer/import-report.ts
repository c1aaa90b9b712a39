import type { z } from 'zod';
import type { importContract, RowReport } from '../../../shared/contracts/transfer.contract.ts';
import { reasonHeader, rowHeader } from './header-words.ts';
import type { ReportLine } from './import-job.ts';
import { type ImportState, type ImportStore, keptWords } from './import-store.ts';
import { say } from '../../../shared/words/say.ts';
import type { TransferFiles } from './transfer-ports.ts';

export type ImportOutput<M extends keyof typeof importContract.methods> = z.output<(typeof importContract.methods)[M]['output']>;

/** What became of the rows of an import. */
export async function reportPage(
  store: ImportStore,
  { id, progress }: ImportState,
  verdict: RowReport['verdict'],
  offset: number,
  limit: number,
): Promise<ImportOutput<'report'>> {
  const rows: RowReport[] = [];
  let total = 0;
  for await (const line of lines(store, id, progress.reportBytes)) {
    if (line.verdict !== verdict) continue;
    if (total >= offset && rows.length < limit)
      rows.push({ row: line.row, title: line.title, verdict: line.verdict, reason: keptWords(line.reason) });
    total += 1;
  }
  return { rows, total };
}

interface ErrorFileDeps {
  store: ImportStore;
  files: TransferFiles;
  /** Writes the file of rows that failed. */
  writeTable: (path: string, rows: AsyncIterable<string[]>) => Promise<void>;
}

/** The rows that failed, as they stood in the file, with the reason beside each. */
export async function errorFileOf(
  { store, files, writeTable }: ErrorFileDeps,
  { id, fileName, headers, format, progress }: ImportState,
): Promise<ImportOutput<'errorFile'>> {
  const name = `${fileName.replace(/\.[^.]+$/, '')} - rows not imported.csv`;
  async function* table(): AsyncGenerator<string[]> {
    yield format === 'vcard' ? ['Name', 'Card', rowHeader, reasonHeader] : [...headers, rowHeader, reasonHeader];
    for await (const { row, title, verdict, reason: why, cells } of lines(store, id, progress.reportBytes)) {
      if (verdict !== 'error') continue;
      const words = keptWords(why);
      const reason = words === null ? '' : say(words);
      if (format === 'vcard') yield [title, cells?.[0] ?? '', String(row), reason];
      else yield [...headers.map((_, column) => cells?.[column] ?? ''), String(row), reason];
    }
  }
  const made = await files.make(name, 'text/csv', (path) => writeTable(path, table()));
  return { fileId: made.fileId, fileName: made.fileName };
}

async function* lines(store: ImportStore, id: string, bytes: number): AsyncGenerator<ReportLine> {
  for await (const line of store.report(id, bytes)) {
    try {
      yield JSON.parse(line) as ReportLine;
    } catch {
      // A line that a power cut spoilt. The records and their history are in the book.
    }
  }
}
