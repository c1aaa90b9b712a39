import type { FilePreview, ImportJob, ImportPlan, RowReport } from '../../../shared/contracts/transfer.contract.ts';
import { type Clock, instantOf } from '../../../shared/lib/clock.ts';
import { newId } from '../../../shared/lib/ids.ts';
import { ProblemError } from '../../../shared/lib/result.ts';
import { ownTargets } from '../../../shared/nouns/import-target.ts';
import { ownFieldTargets } from '../own-fields.ts';
import type { Log } from '../ports.ts';
import { noCounts } from './dry-run.ts';
import { ImportRun, jobOf, operationsOf, settled } from './import-job.ts';
import type { ImportState, ImportStore } from './import-store.ts';
import { mappingKey, remember } from './mapping-memory.ts';
import { rowReader } from './row-draft.ts';
import type { OpenSource, RowSource } from './source.ts';
import type { ImportBook, ImportHistory, TransferFiles } from './transfer-ports.ts';
import { errorFileOf, type ImportOutput, reportPage } from './import-report.ts';
import { previewOf } from './import-preview.ts';
import { createScans, headersOf, rowsIn, type Scanned, settledPlan } from './import-scan.ts';
import { createDryRuns } from './dry-runs.ts';
import { words } from '../../../shared/words/words.ts';

export interface ImportDeps {
  book: ImportBook;
  history: ImportHistory;
  files: TransferFiles;
  store: ImportStore;
  openSource: OpenSource;
  /** Writes the file of rows that failed. */
  writeTable: (path: string, rows: AsyncIterable<string[]>) => Promise<void>;
  clock: Clock;
  log: Log;
  onProgress: (job: ImportJob) => void;
}

export interface ImportService {
  preview(plan: ImportPlan): Promise<FilePreview>;
  dryRun(plan: ImportPlan): Promise<ImportOutput<'dryRun'>>;
  start(plan: ImportPlan): Promise<ImportJob>;
  pause(id: string): Promise<ImportJob>;
  resume(id: string): Promise<ImportJob>;
  cancel(id: string): Promise<ImportJob>;
  undo(id: string): Promise<ImportJob>;
  list(): Promise<ImportJob[]>;
  report(id: string, verdict: RowReport['verdict'], offset: number, limit: number): Promise<ImportOutput<'report'>>;
  errorFile(id: string): Promise<ImportOutput<'errorFile'>>;
  drop(fileId: string): Promise<void>;
  /** True for a file that an import still has to read. */
  needsFile(fileId: string): boolean;
  /** Stops what runs after the chunk on its way; it can go on at the next start. */
  close(): Promise<void>;
}

/** At most five messages a second. */
const TELL_MS = 200;
/** Taking back a very large import takes longer than a call may; its end is told as progress. */
const PATIENCE_MS = 15_000;

/** Reads what former imports left on disk first; one that a crash interrupted is offered to go on. */
export async function createImportService(deps: ImportDeps): Promise<ImportService> {
  const { book, files, store, openSource, clock, log } = deps;
  const states = new Map<string, ImportState>();
  let running: ImportRun | null = null;
  const { scan, whileThere, forget } = createScans({ files, openSource });
  const dry = createDryRuns({ book, clock, whileThere });
  let toldAt = 0;

  book.watch((...change) => running?.onRecord(...change));
  for (const state of await store.list()) {
    if (state.state !== 'running' && !state.isUndoing) {
      states.set(state.id, state);
      continue;
    }
    const last = await store.lastMark(state.id, state.progress.reportBytes);
    const found = interrupted(settled(state, last, operationsOf(book, state.id)));
    states.set(found.id, found);
    await store.write(found);
  }

  async function save(state: ImportState): Promise<ImportJob> {
    states.set(state.id, state);
    await store.write(state);
    const job = jobOf(state);
    deps.onProgress(job);
    return job;
  }

  function tell(job: ImportJob): void {
    const now = performance.now();
    if (job.state === 'running' && now - toldAt < TELL_MS) return;
    toldAt = now;
    deps.onProgress(job);
  }

  function stateOf(id: string): ImportState {
    const state = running?.state.id === id ? running.state : states.get(id);
    if (state === undefined)
      throw new ProblemError({
        code: 'NOT_FOUND',
        ...words('imports.notListed'),
      });
    return inStep(book, state);
  }

  async function begin(state: ImportState, source: RowSource): Promise<ImportJob> {
    const run = new ImportRun(state, { book, store, clock, log, onProgress: tell });
    running = run;
    states.set(state.id, state);
    void run.run(source).then(async () => {
      if (running === run) running = null;
      states.set(state.id, run.state);
      if (isOver(run.state)) await forget(run.state.fileId);
    });
    return jobOf(run.state);
  }

  function refuseWhileRunning(): void {
    if (running !== null) {
      throw new ProblemError({
        code: 'IMPORT_RUNNING',
        ...words('imports.otherRunning'),
      });
    }
  }

  return {
    preview: async (plan) => previewOf({ book, store }, plan, await files.get(plan.fileId), await scan(plan)),

    dryRun: async (plan) => dry.answer(plan, await scan(plan)),

    async start(plan) {
      refuseWhileRunning();
      const found = await scan(plan);
      const file = await files.get(plan.fileId);
      const headers = headersOf(found);
      const settledOne = settledPlan(plan, found);
      if (found.table !== null) rowReader(settledOne, headers, ownTargets(ownFieldTargets(book)));
      refuseWhileRunning();
      dry.stop();
      const state = begun(settledOne, found, file, instantOf(clock));
      await begin(state, found.source);
      if (found.table?.hasHeader === true) {
        await store
          .rememberMapping(mappingKey(headers), remember(settledOne, found.table, state.startedAt))
          .catch(() => log.warn('import.mapping-not-kept', { id: state.id }));
      }
      // A small import may have ended meanwhile, and whoever was told so would take "running" for the news.
      return jobOf(stateOf(state.id));
    },

    async pause(id) {
      if (running?.state.id !== id) return jobOf(stateOf(id));
      const run = running;
      await run.stop('paused');
      return jobOf(run.state);
    },

    async resume(id) {
      const state = stateOf(id);
      if (running?.state.id === id) return jobOf(state);
      refuseWhileRunning();
      if (state.isUndoing) return soon(takeBack({ ...deps, save, forget }, state), () => jobOf(stateOf(id)));
      if (!canGoOn(state)) return jobOf(state);
      const file = await files.get(state.fileId);
      const source = await whileThere(state.fileId, () => openSource(file, state.plan));
      refuseWhileRunning();
      return begin(state, source);
    },

    async cancel(id) {
      const state = stateOf(id);
      if (running?.state.id === id) {
        const run = running;
        await run.stop('cancelled');
        return jobOf(run.state);
      }
      if (!canGoOn(state)) return jobOf(state);
      const job = await save({ ...state, state: 'cancelled', finishedAt: instantOf(clock), problem: null });
      await forget(state.fileId);
      return job;
    },

    async undo(id) {
      const state = stateOf(id);
      if (running?.state.id === id) refuseWhileRunning();
      if (state.state === 'undone' || state.state === 'undoing') return jobOf(state);
      return soon(takeBack({ ...deps, save, forget }, state), () => jobOf(stateOf(id)));
    },

    list: async () => [...states.keys()].map((id) => jobOf(stateOf(id))).sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1)),

    report: async (id, verdict, offset, limit) => reportPage(store, stateOf(id), verdict, offset, limit),
    errorFile: async (id) => errorFileOf(deps, stateOf(id)),

    async drop(fileId) {
      if (needsFile(fileId)) return;
      dry.stop();
      await forget(fileId);
    },

    needsFile,

    async close() {
      dry.stop();
      await running?.stop('interrupted');
    },
  };

  function needsFile(fileId: string): boolean {
    return running?.state.fileId === fileId || [...states.values()].some((state) => state.fileId === fileId && canGoOn(state));
  }
}

interface TakeBackDeps extends Pick<ImportDeps, 'book' | 'history' | 'clock'> {
  save: (state: ImportState) => Promise<ImportJob>;
  forget: (fileId: string) => Promise<void>;
}

async function takeBack({ book, history, clock, save, forget }: TakeBackDeps, state: ImportState): Promise<ImportJob> {
  if (state.operationIds.length === 0) return save({ ...state, state: 'undone', finishedAt: instantOf(clock), problem: null, note: null });
  const undoing: ImportState = { ...state, state: 'undoing', isUndoing: true, problem: null };
  await save(undoing);
  try {
    const isStep = book.stacks().undo.some(({ target }) => target === state.id);
    const { kept } = await (isStep && !state.isUndoing ? history.undo(state.id) : history.undoGroup(state.id, state.operationIds));
    const note = kept === 0 ? null : words('imports.leftAsChanged', { fields: kept });
    const job = await save({ ...undoing, state: 'undone', isUndoing: false, finishedAt: instantOf(clock), note });
    await forget(state.fileId);
    return job;
  } catch (error) {
    await save({
      ...undoing,
      state: 'interrupted',
      problem: words('imports.notTakenBack'),
    });
    throw error;
  }
}

/** The result, or, after a while, how things stand. What goes wrong later is noted in the import itself. */
async function soon<T>(work: Promise<T>, meanwhile: () => T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(meanwhile()), PATIENCE_MS);
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** An import before its first row. */
function begun(plan: ImportPlan, found: Scanned, file: { fileId: string; fileName: string }, startedAt: string): ImportState {
  return {
    version: 1,
    id: newId(),
    fileId: file.fileId,
    fileName: file.fileName,
    format: found.source.format,
    plan,
    headers: headersOf(found),
    state: 'running',
    startedAt,
    finishedAt: null,
    rows: rowsIn(found),
    progress: { done: 0, lastRow: 0, counts: noCounts(), made: {}, reportBytes: 0 },
    operationIds: [],
    isUndoing: false,
    problem: null,
    note: null,
  };
}

/** Undo and redo of the import can also come from the keyboard: the book's stacks say where it stands. */
function inStep(book: ImportBook, state: ImportState): ImportState {
  const { undo, redo } = book.stacks();
  if (state.isUndoing || state.operationIds.length === 0 || state.state === 'running') return state;
  if (state.state !== 'undone' && redo.some(({ target }) => target === state.id)) return { ...state, state: 'undone' };
  if (state.state === 'undone' && undo.some(({ target }) => target === state.id)) return { ...state, state: 'done' };
  return state;
}

/** After a crash nothing runs any more. */
function interrupted(state: ImportState): ImportState {
  if (state.isUndoing)
    return {
      ...state,
      state: 'interrupted',
      problem: words('imports.endedInUndo'),
    };
  if (state.state !== 'running') return state;
  return { ...state, state: 'interrupted', problem: null };
}

function canGoOn({ state, isUndoing }: ImportState): boolean {
  return !isUndoing && (state === 'paused' || state === 'interrupted' || state === 'failed');
}

function isOver({ state }: ImportState): boolean {
  return state === 'done' || state === 'cancelled' || state === 'undone';
}
