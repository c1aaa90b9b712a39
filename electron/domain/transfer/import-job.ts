import { isImportNoun, ownTargets } from '../../../shared/nouns/import-target.ts';
import { isOwnFieldNoun } from '../../../shared/nouns/own-field/own-field.ts';
import { ownFieldKey } from '../../../shared/nouns/own-field/own-field.rules.ts';
import type { ImportJob, RowReport } from '../../../shared/contracts/transfer.contract.ts';
import { type Clock, instantOf } from '../../../shared/lib/clock.ts';
import { ProblemError } from '../../../shared/lib/result.ts';
import type { Transaction } from '../../../shared/operations/transaction.ts';
import { ownFieldTargets } from '../own-fields.ts';
import type { Log } from '../ports.ts';
import type { ChunkMark, ImportState, ImportStore, Progress, ReportFile } from './import-store.ts';
import { MatchIndex } from './match-index.ts';
import { BookMoved, carryOut, planRow, type RowPlan } from './planner.ts';
import { nounsOf, type RowDraft } from './row-draft.ts';
import type { RowSource } from './source.ts';
import { draftsOf, inChunks } from './source-rows.ts';
import type { ImportBook } from './transfer-ports.ts';
import { type Words, words } from '../../../shared/words/words.ts';

/** Rows per operation: few enough that nothing else waits for long, many enough that the disk is not asked for each. */
export const CHUNK = 300;
/** Chunks that are safe in the journal and still on their way to the database: main plans while Chromium writes. */
const BEHIND = 10;
/** Times a chunk is planned again because somebody else changed what it needs. */
const PLANS = 5;

export interface JobDeps {
  book: ImportBook;
  store: ImportStore;
  clock: Clock;
  log: Log;
  /** Told after every chunk and at every change of state. */
  onProgress: (job: ImportJob) => void;
}

/** A line of the report on disk. */
export interface ReportLine extends RowReport {
  /** The cells of a row that failed, to be mended and imported again. */
  cells?: readonly string[];
}

/** What stops an import without an end: the disk or the book gave out, not a row. */
const outer = new Set(['DISK_FULL', 'DISK_FAILED', 'BOOK_READ_ONLY', 'STARTING', 'TIMED_OUT', 'UNEXPECTED']);

/** One import on its way. It is always either running, or completely on disk. */
export class ImportRun {
  state: ImportState;
  readonly #deps: JobDeps;
  #wanted: 'run' | 'paused' | 'cancelled' | 'interrupted' = 'run';
  #index: MatchIndex | null = null;
  /** Records this import made or changed → the row, to say of a later row that it is the same. */
  readonly #rows = new Map<string, number>();
  #report: ReportFile | null = null;
  #startedMs = 0;
  #startedAtRow = 0;
  #ended: Promise<void> | null = null;
  #onCommit: (() => void) | null = null;
  readonly #behind = new Set<Promise<unknown>>();

  constructor(state: ImportState, deps: JobDeps) {
    this.state = state;
    this.#deps = deps;
  }

  /** Every record that changes, whoever changed it, while this runs. */
  readonly onRecord = (...[noun, , after]: Parameters<Parameters<ImportBook['watch']>[0]>): void => {
    if (isImportNoun(noun)) this.#index?.refresh(noun, after);
    this.#onCommit?.();
  };

  /** Goes on from where the state says; resolves when it stops, whatever the reason. */
  run(source: RowSource): Promise<void> {
    this.#wanted = 'run';
    this.#ended = this.#run(source);
    return this.#ended;
  }

  /** Stops after the chunk that is on its way. */
  async stop(as: 'paused' | 'cancelled' | 'interrupted'): Promise<void> {
    this.#wanted = as;
    await this.#ended;
  }

  async #run(source: RowSource): Promise<void> {
    const { store, clock, log } = this.#deps;
    this.state = { ...this.state, state: 'running', problem: null };
    try {
      await store.write(this.state);
      this.#startedMs = clock.now();
      this.#startedAtRow = this.state.progress.done;
      this.#tell();
      this.#report = await store.openReport(this.state.id, this.state.progress.reportBytes);
      await this.#rebuild();
      const { plan, headers, progress } = this.state;
      const own = ownTargets(ownFieldTargets(this.#deps.book));
      for await (const drafts of inChunks(draftsOf(source, plan, headers, own, progress.lastRow), CHUNK)) {
        if (this.#wanted !== 'run') break;
        await this.#chunk(drafts);
        this.#tell();
      }
      await Promise.all(this.#behind);
      const ended = this.#wanted === 'run' ? 'done' : this.#wanted;
      const isOver = ended === 'done' || ended === 'cancelled';
      await this.#end({ ...this.state, state: ended, finishedAt: isOver ? instantOf(clock) : null });
    } catch (error) {
      log.warn('import.failed', {
        id: this.state.id,
        code: error instanceof ProblemError ? error.problem.code : 'unknown',
        row: this.state.progress.lastRow,
      });
      // A chunk that is refused is not in the book. Where even this cannot be written, the book decides at the next start.
      await this.#end({ ...this.state, state: 'failed', problem: reasonFor(error) }).catch((cause: unknown) => {
        this.state = { ...this.state, state: 'failed', problem: reasonFor(cause) };
      });
    }
    log.info('import.stopped', { id: this.state.id, state: this.state.state, rows: this.state.progress.done });
    this.#tell();
  }

  /** What others see of the end comes last: whoever sees it can go on from there at once. */
  async #end(last: ImportState): Promise<void> {
    await this.#report?.close().catch(() => {});
    this.#report = null;
    this.#index = null;
    await this.#deps.store.write(last);
    this.state = last;
  }

  async #rebuild(): Promise<MatchIndex> {
    // Set before it is filled, so that nothing that changes meanwhile is missed.
    const index = new MatchIndex(nounsOf(this.state.plan, ownTargets(ownFieldTargets(this.#deps.book))));
    this.#index = index;
    await index.fill(this.#deps.book, this.#startedAtRow > 0 ? this.state.startedAt : null);
    for (const [id, row] of this.#rows) index.markRow(id, row);
    return index;
  }

  async #chunk(drafts: readonly RowDraft[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const index = this.#index ?? (await this.#rebuild());
      const plans = drafts.map((draft) => planRow(draft, { plan: this.state.plan, index, today: this.#deps.clock.today() }));
      try {
        await this.#commit(plans, drafts, index);
        return;
      } catch (error) {
        this.#index = null;
        const isMoved = error instanceof BookMoved;
        if (isMoved && attempt < PLANS) continue;
        if (!isMoved && !(error instanceof ProblemError && !outer.has(error.problem.code))) throw error;
        // A rule that only the book knows: find the row it is about, so that the others go in.
        if (drafts.length === 1) {
          await this.#refuse(drafts[0] as RowDraft, isMoved ? words('imports.changedElsewhere') : wordsOf((error as ProblemError).problem));
          return;
        }
        for (const draft of drafts) await this.#chunk([draft]);
        return;
      }
    }
  }

  async #refuse(draft: RowDraft, reason: Words): Promise<void> {
    const plan: RowPlan = { report: { row: draft.row, title: draft.title, verdict: 'error', reason }, actions: [], cells: draft.cells };
    await this.#commit([plan], [draft], this.#index ?? (await this.#rebuild()));
  }

  async #commit(plans: readonly RowPlan[], drafts: readonly RowDraft[], index: MatchIndex): Promise<void> {
    const { book } = this.#deps;
    const { progress: before, operationIds } = this.state;
    const after = {
      done: before.done + drafts.length,
      lastRow: (drafts.at(-1) as RowDraft).row,
      counts: countedWith(before.counts, plans),
      made: madeWith(before.made, plans, this.#rows),
    };
    const changesBook = plans.some(({ actions }) => actions.length > 0);
    const mark: ChunkMark = { before, after, changesBook, operationBefore: operationIds.at(-1) ?? null };
    const reportBytes = await (this.#report as ReportFile).add(linesOf(plans), mark);
    if (changesBook) {
      try {
        await this.#toBook((tx) => {
          defineOwnFields(drafts, tx);
          carryOut(plans, index, tx);
        });
      } catch (error) {
        // The chunk did not happen: the next one is written over its lines.
        await this.#rewind();
        throw error;
      }
      for (const { actions } of plans) for (const { slot } of actions) if (slot.id !== null) this.#rows.set(slot.id, slot.row);
    }
    const ids = changesBook ? withNew(operationIds, operationsOf(book, this.state.id)) : operationIds;
    this.state = { ...this.state, progress: { ...after, reportBytes }, operationIds: ids };
  }

  async #rewind(): Promise<void> {
    await this.#report?.close();
    this.#report = await this.#deps.store.openReport(this.state.id, this.state.progress.reportBytes);
  }

  /** Resolves when the chunk is safe in the journal, which is when its records change in the book; the database follows. */
  async #toBook(work: (tx: Transaction) => void): Promise<void> {
    let planned = false;
    const applied = this.#deps.book.run('imports.start', this.state.id, (tx) => {
      work(tx);
      planned = true;
    });
    const committed = new Promise<void>((resolve) => {
      // A record that changes before this chunk was planned is somebody else's.
      this.#onCommit = () => planned && resolve();
    });
    const behind = applied.catch(() => {}).finally(() => this.#behind.delete(behind));
    this.#behind.add(behind);
    try {
      await Promise.race([applied, committed]);
    } finally {
      this.#onCommit = null;
    }
    while (this.#behind.size >= BEHIND) await Promise.race(this.#behind);
  }

  #tell(): void {
    this.#deps.onProgress(jobOf(this.state, this.#rate()));
  }

  #rate(): number | null {
    const rows = this.state.progress.done - this.#startedAtRow;
    const seconds = (this.#deps.clock.now() - this.#startedMs) / 1000;
    return this.state.state === 'running' && rows > 0 && seconds > 0 ? rows / seconds : null;
  }
}

/** The operations of the import that are in the book and not taken back, oldest first. */
export function operationsOf(book: Pick<ImportBook, 'stacks'>, id: string): string[] {
  const { undo, redo } = book.stacks();
  return [...([...undo, ...redo].find(({ target }) => target === id)?.operationIds ?? [])];
}

/** What a screen is told of an import. */
export function jobOf(state: ImportState, rowsPerSecond: number | null = null): ImportJob {
  const { id, fileName, format, startedAt, finishedAt, rows, progress, problem, note } = state;
  const left = rows - progress.done;
  return {
    id,
    fileName,
    format,
    state: state.state,
    startedAt,
    finishedAt,
    rows,
    done: progress.done,
    rowsPerSecond: rowsPerSecond === null ? null : Math.round(rowsPerSecond),
    secondsLeft: rowsPerSecond === null ? null : Math.ceil(left / rowsPerSecond),
    counts: progress.counts,
    made: progress.made,
    problem,
    note,
  };
}

/**
 * The state as the book has it, after a start: the last chunk of the report is in the book if the import's group has an
 * operation newer than those before it.
 */
export function settled(state: ImportState, last: { mark: ChunkMark; end: number } | null, inBook: readonly string[]): ImportState {
  if (last === null) return state;
  const { mark, end } = last;
  const isIn = !mark.changesBook || (inBook.length > 0 && inBook.at(-1) !== mark.operationBefore);
  const progress: Progress = isIn ? { ...mark.after, reportBytes: end } : mark.before;
  return { ...state, progress, operationIds: withNew(state.operationIds, inBook) };
}

/** Those that were taken back from the keyboard meanwhile are on neither stack, and stay noted. */
function withNew(known: readonly string[], inBook: readonly string[]): string[] {
  const noted = new Set(known);
  return [...known, ...inBook.filter((id) => !noted.has(id))];
}

function linesOf(plans: readonly RowPlan[]): string {
  return plans.map(({ report, cells }) => `${JSON.stringify(cells === null ? report : { ...report, cells })}\n`).join('');
}

function countedWith(counts: Progress['counts'], plans: readonly RowPlan[]): Progress['counts'] {
  const next = { ...counts };
  for (const { report } of plans) next[report.verdict] += 1;
  return next;
}

/** Each record counts once, however many rows touched it. */
function madeWith(made: Progress['made'], plans: readonly RowPlan[], known: ReadonlyMap<string, number>): Progress['made'] {
  const next = { ...made };
  const seen = new Set<object>();
  for (const { actions } of plans) {
    for (const { slot } of actions) {
      if (seen.has(slot) || (slot.id !== null && known.has(slot.id))) continue;
      seen.add(slot);
      next[slot.noun] = (next[slot.noun] ?? 0) + 1;
    }
  }
  return next;
}

function reasonFor(error: unknown): Words {
  return error instanceof ProblemError ? wordsOf(error.problem) : words('imports.stoppedByMistake');
}

/** What a problem says, without what else it is. */
function wordsOf({ words: id, values }: Words): Words {
  return values === undefined ? { words: id } : { words: id, values };
}

/** A column that no field takes is kept under its name: as an own field, so that lists can show it and filter on it. */
function defineOwnFields(drafts: readonly RowDraft[], tx: Transaction): void {
  const seen = new Set<string>();
  for (const { noun, values } of drafts.flatMap((row) => (row.problem === null ? Object.values(row.drafts) : []))) {
    for (const { steps, key: path, value } of values) {
      const key = steps[1];
      if (steps[0] !== 'custom' || key === undefined || value === null || !isOwnFieldNoun(noun) || seen.has(`${noun} ${path}`)) continue;
      seen.add(`${noun} ${path}`);
      if (tx.holderOf('ownFields', ownFieldKey(noun, key)) === null) tx.create('ownFields', { noun, key, label: key });
    }
  }
}
