import type { z } from 'zod';
import type { FilePreview, ImportJob, ImportPlan, importContract, RowReport } from '../../../shared/contracts/transfer.contract.ts';
import { type Clock, instantOf } from '../../../shared/lib/clock.ts';
import { newId } from '../../../shared/lib/ids.ts';
import { ProblemError } from '../../../shared/lib/result.ts';
import { ownTargets } from '../../../shared/nouns/import-target.ts';
import { ownFieldTargets } from '../own-fields.ts';
import type { Log } from '../ports.ts';
import { type CardScan, scanCards } from './card-scan.ts';
import { DryRun, noCounts } from './dry-run.ts';
import { reasonHeader, rowHeader } from './header-words.ts';
import { ImportRun, jobOf, operationsOf, type ReportLine, settled } from './import-job.ts';
import type { ImportState, ImportStore } from './import-store.ts';
import { mappingKey, recall, remember } from './mapping-memory.ts';
import { proposeMapping, rateExamplesOf } from './mapping-proposal.ts';
import { knownPeople } from './people-columns.ts';
import { rowReader } from './row-draft.ts';
import type { CardSource, OpenSource, RowSource, TableSource } from './source.ts';
import { scanTable, type TableScan } from './table-scan.ts';
import type { ImportBook, ImportHistory, TransferFiles } from './transfer-ports.ts';
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

type Output<M extends keyof typeof importContract.methods> = z.output<(typeof importContract.methods)[M]['output']>;

export interface ImportService {
  preview(plan: ImportPlan): Promise<FilePreview>;
  dryRun(plan: ImportPlan): Promise<Output<'dryRun'>>;
  start(plan: ImportPlan): Promise<ImportJob>;
  pause(id: string): Promise<ImportJob>;
  resume(id: string): Promise<ImportJob>;
  cancel(id: string): Promise<ImportJob>;
  undo(id: string): Promise<ImportJob>;
  list(): Promise<ImportJob[]>;
  report(id: string, verdict: RowReport['verdict'], offset: number, limit: number): Promise<Output<'report'>>;
  errorFile(id: string): Promise<Output<'errorFile'>>;
  drop(fileId: string): Promise<void>;
  /** True for a file that an import still has to read. */
  needsFile(fileId: string): boolean;
  /** Stops what runs after the chunk on its way; it can go on at the next start. */
  close(): Promise<void>;
}

/** A dry run answers after this long with what it has, and goes on. */
const ANSWER_MS = 1500;
/** At most five messages a second. */
const TELL_MS = 200;
const SCANS_KEPT = 2;
/** Taking back a very large import takes longer than a call may; its end is told as progress. */
const PATIENCE_MS = 15_000;

interface Scanned {
  source: RowSource;
  table: TableScan | null;
  cards: CardScan | null;
}

/** Reads what former imports left on disk first; one that a crash interrupted is offered to go on. */
export async function createImportService(deps: ImportDeps): Promise<ImportService> {
  const { book, history, files, store, openSource, clock, log } = deps;
  const states = new Map<string, ImportState>();
  const scans = new Map<string, Promise<Scanned>>();
  let running: ImportRun | null = null;
  let dry: { key: string; run: DryRun } | null = null;
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
    return inStep(state);
  }

  /** Undo and redo of the import can also come from the keyboard: the book's stacks say where it stands. */
  function inStep(state: ImportState): ImportState {
    const { undo, redo } = book.stacks();
    if (state.isUndoing || state.operationIds.length === 0 || state.state === 'running') return state;
    if (state.state !== 'undone' && redo.some(({ target }) => target === state.id)) return { ...state, state: 'undone' };
    if (state.state === 'undone' && undo.some(({ target }) => target === state.id)) return { ...state, state: 'done' };
    return state;
  }

  function scan(plan: ImportPlan): Promise<Scanned> {
    const key = JSON.stringify([plan.fileId, plan.encoding, plan.delimiter, plan.hasHeader, plan.headerRow, plan.sheet]);
    const known = scans.get(key);
    if (known !== undefined) return known;
    const fresh = scanFile(plan);
    scans.set(key, fresh);
    // A file that could not be read is looked at again: it may have been replaced.
    fresh.catch(() => scans.delete(key));
    for (const old of scans.keys()) {
      if (scans.size <= SCANS_KEPT) break;
      scans.delete(old);
    }
    return fresh;
  }

  async function scanFile(plan: ImportPlan): Promise<Scanned> {
    const file = await files.get(plan.fileId);
    return whileThere(file.fileId, async () => {
      const source = await openSource(file, plan);
      if (source.kind === 'cards') return { source, table: null, cards: await scanCards(source as CardSource, file.fileName) };
      return { source, table: await scanTable(source as TableSource, file.fileName, plan), cards: null };
    });
  }

  /** Reads a file; throws ProblemError FILE_GONE where an import that has ended since let go of it. */
  async function whileThere<T>(fileId: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ProblemError)) await files.get(fileId);
      throw error;
    }
  }

  const headersOf = ({ table, cards }: Scanned) => (table ?? (cards as CardScan)).headers;

  /** The plan with everything settled, so that the same rows are met again after a restart. */
  function settledPlan(plan: ImportPlan, { source, table }: Scanned): ImportPlan {
    if (source.kind === 'cards') return { ...plan, encoding: source.encoding };
    return {
      ...plan,
      encoding: source.encoding,
      delimiter: source.delimiter,
      sheet: source.sheet,
      hasHeader: table?.hasHeader ?? null,
      headerRow: table?.headerRow ?? null,
      totalRows: table?.totalRows ?? [],
    };
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

  /** The file is not needed again: rows that failed are in the report. */
  async function forget(fileId: string): Promise<void> {
    for (const key of scans.keys()) if ((JSON.parse(key) as string[])[0] === fileId) scans.delete(key);
    await files.drop(fileId).catch(() => {});
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
    async preview(plan) {
      const file = await files.get(plan.fileId);
      const found = await scan(plan);
      const { source, table, cards } = found;
      const ownFields = ownFieldTargets(book);
      const own = ownTargets(ownFields);
      const base = {
        fileId: file.fileId,
        fileName: file.fileName,
        size: file.size,
        format: source.format,
        encoding: source.encoding,
        matchBy: plan.matchBy,
        onMatch: plan.onMatch,
        ownFields,
      };
      if (table === null) {
        const { rows, headers, sample, notes } = cards as CardScan;
        return {
          ...base,
          delimiter: null,
          hasHeader: false,
          headerRow: null,
          totalRows: [],
          sheets: [],
          sheet: null,
          rows,
          headers,
          sample,
          distinct: {},
          rateExamples: {},
          lists: null,
          columns: [],
          defaults: {},
          remembered: false,
          notes,
        };
      }
      const { delimiter, sheets, sheet } = source as TableSource;
      const { hasHeader, headerRow, totalRows, rows, headers, sample, notes } = table;
      // A remembered mapping is of what the file listed then.
      const known = hasHeader && plan.lists === null ? (await store.mappings())[mappingKey(headers)] : undefined;
      const proposal =
        known === undefined
          ? proposeMapping(table, own, plan.lists)
          : { lists: null, columns: recall(known, table, own), defaults: known.defaults };
      const people = knownPeople(proposal.columns, table, book, own);
      const distinct = Object.fromEntries([...table.distinct].map(([column, values]) => [String(column), values]));
      return {
        ...base,
        delimiter,
        hasHeader,
        headerRow,
        totalRows,
        sheets,
        sheet,
        rows,
        headers,
        sample: sample.map((row) => row.map((cell) => (cell.length > 300 ? `${cell.slice(0, 299)}…` : cell))),
        distinct,
        rateExamples: rateExamplesOf(table),
        ...proposal,
        columns: people.columns,
        matchBy: known?.matchBy ?? base.matchBy,
        onMatch: known?.onMatch ?? base.onMatch,
        remembered: known !== undefined,
        notes: [...notes, ...people.notes],
      };
    },

    async dryRun(plan) {
      const found = await scan(plan);
      const key = JSON.stringify(plan);
      if (dry?.key !== key) {
        dry?.run.stop();
        dry = { key, run: new DryRun(found.source, settledPlan(plan, found), headersOf(found), book, clock.today()) };
      }
      const { run } = dry;
      let timer: ReturnType<typeof setTimeout> | undefined;
      await Promise.race([run.finished, new Promise((resolve) => (timer = setTimeout(resolve, ANSWER_MS)))]);
      clearTimeout(timer);
      // What was answered whole is not answered again: the book may have changed by then.
      if ((run.isComplete || run.error !== null) && dry?.run === run) dry = null;
      const { error } = run;
      if (error !== null) await whileThere(plan.fileId, () => Promise.reject(error));
      const total = (found.table ?? (found.cards as CardScan)).rows;
      return { counts: { ...run.counts }, rows: [...run.rows], checked: run.checked, total, complete: run.isComplete };
    },

    async start(plan) {
      refuseWhileRunning();
      const found = await scan(plan);
      const file = await files.get(plan.fileId);
      const headers = headersOf(found);
      const settledOne = settledPlan(plan, found);
      if (found.table !== null) rowReader(settledOne, headers, ownTargets(ownFieldTargets(book)));
      refuseWhileRunning();
      dry?.run.stop();
      dry = null;
      const startedAt = instantOf(clock);
      const state: ImportState = {
        version: 1,
        id: newId(),
        fileId: file.fileId,
        fileName: file.fileName,
        format: found.source.format,
        plan: settledOne,
        headers,
        state: 'running',
        startedAt,
        finishedAt: null,
        rows: (found.table ?? (found.cards as CardScan)).rows,
        progress: { done: 0, lastRow: 0, counts: noCounts(), made: {}, reportBytes: 0 },
        operationIds: [],
        isUndoing: false,
        problem: null,
        note: null,
      };
      await begin(state, found.source);
      if (found.table?.hasHeader === true) {
        await store
          .rememberMapping(mappingKey(headers), remember(settledOne, found.table, startedAt))
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
      if (state.isUndoing) return soon(undo(state), () => jobOf(stateOf(id)));
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
      return soon(undo(state), () => jobOf(stateOf(id)));
    },

    list: async () => [...states.keys()].map((id) => jobOf(stateOf(id))).sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1)),

    async report(id, verdict, offset, limit) {
      const { progress } = stateOf(id);
      const rows: RowReport[] = [];
      let total = 0;
      for await (const line of lines(id, progress.reportBytes)) {
        if (line.verdict !== verdict) continue;
        if (total >= offset && rows.length < limit)
          rows.push({ row: line.row, title: line.title, verdict: line.verdict, reason: line.reason });
        total += 1;
      }
      return { rows, total };
    },

    async errorFile(id) {
      const { fileName, headers, format, progress } = stateOf(id);
      const name = `${fileName.replace(/\.[^.]+$/, '')} - rows not imported.csv`;
      async function* table(): AsyncGenerator<string[]> {
        yield format === 'vcard' ? ['Name', 'Card', rowHeader, reasonHeader] : [...headers, rowHeader, reasonHeader];
        for await (const { row, title, verdict, reason, cells } of lines(id, progress.reportBytes)) {
          if (verdict !== 'error') continue;
          if (format === 'vcard') yield [title, cells?.[0] ?? '', String(row), reason];
          else yield [...headers.map((_, column) => cells?.[column] ?? ''), String(row), reason];
        }
      }
      const made = await files.make(name, 'text/csv', (path) => deps.writeTable(path, table()));
      return { fileId: made.fileId, fileName: made.fileName };
    },

    async drop(fileId) {
      if (needsFile(fileId)) return;
      dry?.run.stop();
      dry = null;
      await forget(fileId);
    },

    needsFile,

    async close() {
      dry?.run.stop();
      await running?.stop('interrupted');
    },
  };

  function needsFile(fileId: string): boolean {
    return running?.state.fileId === fileId || [...states.values()].some((state) => state.fileId === fileId && canGoOn(state));
  }

  async function* lines(id: string, bytes: number): AsyncGenerator<ReportLine> {
    for await (const line of store.report(id, bytes)) {
      try {
        yield JSON.parse(line) as ReportLine;
      } catch {
        // A line that a power cut spoilt. The records and their history are in the book.
      }
    }
  }

  async function undo(state: ImportState): Promise<ImportJob> {
    if (state.operationIds.length === 0)
      return save({ ...state, state: 'undone', finishedAt: instantOf(clock), problem: null, note: null });
    const undoing: ImportState = { ...state, state: 'undoing', isUndoing: true, problem: null };
    await save(undoing);
    try {
      const isStep = book.stacks().undo.some(({ target }) => target === state.id);
      const { kept } = await (isStep && !state.isUndoing ? history.undo(state.id) : history.undoGroup(state.id, state.operationIds));
      const note =
        kept === 0
          ? null
          : `${kept === 1 ? '1 field was' : `${kept.toLocaleString('en')} fields were`} changed after the import and left as ${kept === 1 ? 'it is' : 'they are'}.`;
      const job = await save({ ...undoing, state: 'undone', isUndoing: false, finishedAt: instantOf(clock), note });
      await forget(state.fileId);
      return job;
    } catch (error) {
      await save({
        ...undoing,
        state: 'interrupted',
        problem: 'The import could not be taken back completely. Nothing is lost. Undo it once more.',
      });
      throw error;
    }
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

/** After a crash nothing runs any more. */
function interrupted(state: ImportState): ImportState {
  if (state.isUndoing)
    return {
      ...state,
      state: 'interrupted',
      problem: 'Fieldbook ended while this import was being taken back. Resume to take back the rest.',
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
