import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ExportService } from '../../electron/domain/transfer/export.service.ts';
import type { ImportService } from '../../electron/domain/transfer/import.service.ts';
import { createFiles, type Files } from '../../electron/files.ts';
import { openTransfer } from '../../electron/opening/open-transfer.ts';
import {
  type FilePreview,
  type ImportJob,
  type ImportPlan,
  importPlanSchema,
  type RowReport,
} from '../../shared/contracts/transfer.contract.ts';
import { openLaptop, quietLog, type TestBook } from './opened-book.ts';

/** Files that came with the order, beside the repository. */
export const givenData = resolve(import.meta.dirname, '../../../shared/data');

/** A laptop with its import and export, on real files. */
export interface TransferDesk {
  laptop: TestBook;
  imports: ImportService;
  exports: ExportService;
  files: Files;
  told: ImportJob[];
  /** Takes a file in, as a drop on the window does. */
  take(name: string, content: string | Uint8Array): Promise<string>;
  /** Takes a file in and proposes where its columns go; `chosen` is what the person changes. */
  look(name: string, content: string | Uint8Array, chosen?: Partial<ImportPlan>): Promise<{ plan: ImportPlan; preview: FilePreview }>;
  /** Starts an import and waits for its end. */
  bring(plan: ImportPlan): Promise<ImportJob>;
  /** Resolves when the import has stopped, whatever the reason. */
  ended(id: string): Promise<ImportJob>;
  /** Resolves when more rows than that are in. */
  beyond(id: string, done: number): Promise<void>;
  rows(id: string, verdict: RowReport['verdict']): Promise<RowReport[]>;
  /** The text of a file that an export or the list of failed rows made. */
  read(fileId: string): Promise<Buffer>;
  /** Ends the program and opens the folder again. */
  reopen(): Promise<TransferDesk>;
}

export async function openDesk(laptop?: TestBook): Promise<TransferDesk> {
  const open = laptop ?? (await openLaptop());
  const files = createFiles(open.folder);
  const told: ImportJob[] = [];
  const { imports, exports } = await openTransfer({
    book: open.book,
    services: open,
    files,
    dataFolder: open.folder,
    clock: open.clock,
    log: quietLog,
    isAgain: false,
    onProgress: (job) => told.push(job),
  });
  const take = async (name: string, content: string | Uint8Array) => {
    async function* bytes() {
      yield typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    }
    return (await files.take(name, bytes())).fileId;
  };
  const ended = async (id: string): Promise<ImportJob> => {
    for (;;) {
      const job = (await imports.list()).find((one) => one.id === id);
      if (job === undefined) throw new Error('The import is not in the list');
      if (job.state !== 'running' && job.state !== 'undoing') return job;
      await new Promise((tick) => setImmediate(tick));
    }
  };
  return {
    laptop: open,
    imports,
    exports,
    files,
    told,
    take,
    async look(name, content, chosen = {}) {
      const fileId = await take(name, content);
      const { columns, ...settings } = chosen;
      const first = importPlanSchema.parse({ fileId, ...settings });
      const preview = await imports.preview(first);
      const plan = importPlanSchema.parse({
        ...first,
        columns: columns ?? preview.columns,
        defaults: settings.defaults ?? preview.defaults,
        matchBy: settings.matchBy ?? preview.matchBy,
        onMatch: settings.onMatch ?? preview.onMatch,
        hasHeader: preview.hasHeader,
        headerRow: preview.headerRow,
        totalRows: preview.totalRows,
      });
      return { plan, preview };
    },
    bring: async (plan) => ended((await imports.start(plan)).id),
    ended,
    async beyond(id, done) {
      while (((await imports.list()).find((one) => one.id === id)?.done ?? 0) <= done) await new Promise((tick) => setImmediate(tick));
    },
    rows: async (id, verdict) => (await imports.report(id, verdict, 0, 500)).rows,
    read: async (fileId) => readFileSync((await files.get(fileId)).path),
    async reopen() {
      await imports.close();
      return openDesk(await open.reopen());
    },
  };
}

/** A file on disk for one test. */
export function fileWith(name: string, content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'fieldbook-file-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}
