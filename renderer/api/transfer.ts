import { useSyncExternalStore } from 'react';
import type { PickedFile } from '../../shared/contracts/api.ts';
import type { ImportJob, ImportPlan, RowReport } from '../../shared/contracts/transfer.contract.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import type { Result } from '../../shared/lib/result.ts';
import { crm, settled } from './crm.ts';
import type { WindowRequest } from './list-window.ts';

/** Imports of this book, newest first; kept up to date by what main tells. Null until they were asked for. */
let jobs: readonly ImportJob[] | null = null;
const listeners = new Set<() => void>();
let isStarted = false;

function put(next: readonly ImportJob[]): void {
  jobs = next;
  for (const listener of listeners) listener();
}

/** Takes in one import as it stands now: told by main, or answered to a call. */
function putJob(job: ImportJob): void {
  const known = jobs ?? [];
  put(known.some(({ id }) => id === job.id) ? known.map((one) => (one.id === job.id ? job : one)) : [job, ...known]);
}

async function ask(): Promise<void> {
  const result = await settled(() => crm().imports.list({}));
  if (result.ok) put(result.value.jobs);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!isStarted) {
    isStarted = true;
    crm().on('importProgress', putJob);
    // Undo from the keyboard also takes imports back.
    crm().on('undoState', () => void ask());
    crm().onConnection((connected) => {
      if (connected) void ask();
    });
    void ask();
  }
  return () => listeners.delete(listener);
}

export function useImports(): readonly ImportJob[] | null {
  return useSyncExternalStore(subscribe, () => jobs);
}

async function forJob(call: () => Promise<Result<ImportJob>>): Promise<Result<ImportJob>> {
  const result = await settled(call);
  if (result.ok) putJob(result.value);
  return result;
}

export const imports = {
  take: (file: PickedFile, onProgress: (bytes: number) => void) => settled(() => crm().files.take(file, onProgress)),
  preview: (plan: ImportPlan) => settled(() => crm().imports.preview(plan)),
  dryRun: (plan: ImportPlan) => settled(() => crm().imports.dryRun(plan)),
  start: (plan: ImportPlan) => forJob(() => crm().imports.start(plan)),
  pause: (id: string) => forJob(() => crm().imports.pause({ id })),
  resume: (id: string) => forJob(() => crm().imports.resume({ id })),
  cancel: (id: string) => forJob(() => crm().imports.cancel({ id })),
  undo: (id: string) => forJob(() => crm().imports.undo({ id })),
  report: (id: string, verdict: RowReport['verdict'], offset: number) =>
    settled(() => crm().imports.report({ id, verdict, offset, limit: 200 })),
  errorFile: (id: string) => settled(() => crm().imports.errorFile({ id })),
  drop: (fileId: string) => settled(() => crm().imports.drop({ fileId })),
};

export type ExportFormat = 'csv' | 'xlsx' | 'vcard';

export const exports = {
  /** `ids`: only these of the list; null takes all of it. */
  create: (
    collection: NounName,
    format: ExportFormat,
    list: WindowRequest,
    ids: readonly string[] | null,
    columns: readonly string[],
    includeSecret: boolean,
  ) =>
    settled(() =>
      crm().exports.create({ collection, format, list, ...(ids === null ? {} : { ids: [...ids] }), columns: [...columns], includeSecret }),
    ),
  /** Saves a file that was made, where the person wants it. */
  save: (fileId: string) => settled(() => crm().files.save(fileId)),
};
