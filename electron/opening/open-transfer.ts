import path from 'node:path';
import type { ImportJob } from '../../shared/contracts/transfer.contract.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import type { Book } from '../domain/book.ts';
import type { BookServices } from '../domain/book.services.ts';
import { type CalendarFileService, createCalendarFileService } from '../domain/calendar/calendar-file.ts';
import { createReportFileService, type ReportFileService } from '../domain/reports/report-file.ts';
import type { Log } from '../domain/ports.ts';
import { createExportService, type ExportService } from '../domain/transfer/export.service.ts';
import { createImportService, type ImportService } from '../domain/transfer/import.service.ts';
import type { Files } from '../files.ts';
import { writeCsv } from '../formats/csv.writer.ts';
import { writeCalendar } from '../formats/icalendar.writer.ts';
import { guardCell, guardForeignCell } from '../formats/formula-guard.ts';
import { importFolder } from '../formats/import-folder.ts';
import { openSource } from '../formats/open-source.ts';
import { writeCards } from '../formats/vcard.writer.ts';
import { writeXlsx, XLSX_CELL, XLSX_ROWS } from '../formats/xlsx.writer.ts';

export interface TransferDeps {
  book: Book;
  services: BookServices;
  files: Files;
  dataFolder: string;
  clock: Clock;
  log: Log;
  /** Another book takes the place of the one that was open: calls that waited may name files that were taken in. */
  isAgain: boolean;
  onProgress: (job: ImportJob) => void;
}

/** Import and export with their files and formats. */
export async function openTransfer(deps: TransferDeps): Promise<{
  imports: ImportService;
  exports: ExportService;
  calendarFiles: CalendarFileService;
  reportFiles: ReportFileService;
  /** Removes files that passed through, but for those an unfinished import goes on with. */
  tidy: () => Promise<void>;
}> {
  const { book, services, files, dataFolder, clock, log, onProgress } = deps;
  const imports = await createImportService({
    book,
    history: services.history,
    files,
    store: importFolder(path.join(dataFolder, 'imports')),
    openSource,
    writeTable: (target, rows) => writeCsv(target, guarded(rows)),
    clock,
    log,
    onProgress,
  });
  const exports = createExportService({
    book,
    ids: (noun, query) => services[noun].ids(query),
    view: (noun, id) => services.queries.get(noun, id),
    files,
    writers: { csv: writeCsv, guard: guardCell, xlsx: writeXlsx, xlsxLimits: { cell: XLSX_CELL, rows: XLSX_ROWS }, vcard: writeCards },
    clock,
  });
  // Exports, and files taken in and never imported, are readable as they are, banking data with them: none outlasts the session. Where the
  // book is read again the session goes on, and a call that waited may name one.
  const tidy = () => files.tidy(0, imports.needsFile).catch(() => log.warn('files.not-tidied'));
  if (!deps.isAgain) void tidy();
  const calendarFiles = createCalendarFileService({ calendar: services.calendar, files, write: writeCalendar, clock });
  const reportFiles = createReportFileService({
    reports: services.reports,
    files,
    write: (target, rows) =>
      writeCsv(
        target,
        rows.map((row) => row.map(guardCell)),
      ),
    clock,
  });
  return { imports, exports, calendarFiles, reportFiles, tidy };
}

async function* guarded(rows: AsyncIterable<string[]>): AsyncGenerator<string[]> {
  for await (const row of rows) yield row.map(guardForeignCell);
}
