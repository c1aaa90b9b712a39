import type { UndoState } from '../../shared/contracts/history.contract.ts';
import type { CrmEvents } from '../../shared/contracts/api.ts';
import { type NounName, nounNames, type RecordOf, type Stored, perNoun } from '../../shared/nouns/nouns.ts';
import { asDone, isOwn, type Operation } from '../../shared/operations/operation.ts';
import { type Clock, instantOf } from '../../shared/lib/clock.ts';
import { isSame } from '../../shared/lib/equal.ts';
import { newId } from '../../shared/lib/ids.ts';
import { type Problem, ProblemError } from '../../shared/lib/result.ts';
import { type Stamp, stampSource } from '../../shared/sync/stamp.ts';
import type { SyncPart } from '../../shared/sync/sync-part.ts';
import type { SyncEffect } from './sync-effect.ts';
import type { SyncState } from './sync-state.ts';
import {
  addToHistory,
  applyChangeOf,
  lateChangeOf,
  emptyRecordMaps,
  historyKey,
  isNounName,
  type RecordMaps,
} from '../../shared/operations/apply-operation.ts';
import { createBreather } from './transfer/breather.ts';
import type { BookSnapshot, CommandRunner, Database, Journal, Log, OpenedBook } from './ports.ts';
import { createLayer, type Layer, pour, type StoredRecord } from '../../shared/operations/record-layer.ts';
import { type HistoryTransaction, atOnce, planCommand } from '../../shared/operations/transaction.ts';
import type { RecordWalks } from './book-records.ts';
import type { BookPosition } from './read-model.ts';
import { nextStacks, type UndoStacks } from './history/undo-stacks.ts';
import { words } from '../../shared/words/words.ts';

export interface BookDeps {
  journal: Journal;
  database: Database;
  clock: Clock;
  /** Who is written as the author of what happens now. */
  actor: () => string;
  log: Log;
  /** Told once per batch of commands, after they are safe in the journal. */
  onChanged: (change: CrmEvents['changed']) => void;
  onUndoState: (state: UndoState) => void;
  /** What waits for a server, or what is known of one, may be another now. */
  onSynced?: () => void;
  /**
   * Resolves when what was opened is proven, and commands wait for it; false where it is not what was saved. They are then refused
   * with `bookReadAgain`, and nothing was done: whoever called may call the book that is opened in its place.
   */
  proven?: Promise<boolean>;
}

/** What commands are answered that waited for a book which was not what was saved. */
export const bookReadAgain: Problem = { code: 'STARTING', ...words('program.readAgain') };

/** Waits until what was opened is proven. Throws ProblemError `bookReadAgain` where it is not what was saved. */
export async function reliedOn(proven: Promise<boolean>): Promise<void> {
  if (!(await proven)) throw new ProblemError(bookReadAgain);
}

export function isReadAgain(problem: Problem): boolean {
  return problem.words === bookReadAgain.words;
}

/** What the read side needs of the book. Only what is safe in the journal is seen here. */
export interface BookReader {
  get<N extends NounName>(noun: N, id: string): Stored<RecordOf[N]> | undefined;
  /** Parses every record that was not parsed lately: nothing that happens often may ask for it. */
  all<N extends NounName>(noun: N): Iterable<Stored<RecordOf[N]>>;
  ids(noun: NounName): Iterable<string>;
  /** The ways to look through all for a few (book-records.ts). */
  mentioning<N extends NounName>(noun: N, field: string & keyof Stored<RecordOf[N]>, value?: string): Iterable<Stored<RecordOf[N]>>;
  naming: RecordWalks['naming'];
  lastTouched: RecordWalks['lastTouched'];
  /** Records of the noun that hang on the parent, deleted ones too. */
  children<N extends NounName>(noun: N, parentId: string): Stored<RecordOf[N]>[];
  counts(noun: NounName): { live: number; deleted: number };
  /** Ids of the operations that touched the record, oldest first. */
  historyOf(noun: NounName, id: string): readonly string[];
  /** Up to where the book is now. */
  position(): BookPosition;
  /** Calls back for every record that changed, once per batch. */
  watch(listener: RecordListener): void;
}
export type RecordListener = (noun: NounName, before: StoredRecord | null, after: StoredRecord) => void;

/** How an undo or redo runs: like a command, with the stacks as they are in its turn. */
export interface HistoryRunner {
  runHistory<T>(
    head: { command: string; kind: 'undo' | 'redo'; target: string; sync?: SyncPart | undefined },
    work: (tx: HistoryTransaction, stacks: UndoStacks) => T,
  ): Promise<{ value: T; operation: Operation | null }>;
  stacks(): UndoStacks;
  operations(ids: readonly string[]): Promise<Operation[]>;
}

/** An operation that a sync plans; the book numbers it. */
export type SyncOperation = Omit<Operation, 'seq' | 'deviceId'> & { deviceId?: string };

/** The book and what is known of the server at one moment: nothing happens between what is read here and what is journaled. */
export interface SyncTurn {
  state: SyncState;
  get(noun: NounName, id: string): StoredRecord | undefined;
  all(noun: NounName): Iterable<StoredRecord>;
  /** Records of the noun that hang on the parent, deleted ones too. */
  children(noun: NounName, parentId: string): StoredRecord[];
  /** Ids of the operations that touched the record. */
  historyOf(noun: NounName, id: string): readonly string[];
  now: string;
  /** The newest stamp that was issued or seen here. */
  newestStamp: Stamp | null;
  /** A new one, later than all that were issued or seen here and than this one. */
  stampAfter(stamp: Stamp): Stamp;
}

/** What a remote writes: its name in the history, and what is remembered of the remote in the same line of the journal. */
export interface RemoteWrite<T> {
  command: string;
  /** This person where it is left out. */
  actor?: string;
  sync?: (value: T) => SyncPart;
}

export interface Book extends CommandRunner, BookReader, HistoryRunner {
  /** What is known of the servers. Read it; it changes with what is journaled. */
  readonly sync: SyncState;
  /** A turn of the sync: what it plans is journaled and then taken in, alone, after every command that came before. */
  runSync<T>(work: (turn: SyncTurn) => { value: T; operations: readonly SyncOperation[] }): Promise<T>;
  /** Like `run`, by somebody else than this person; on nobody's undo stack where the command is Fieldbook's own. */
  runFor<T>(write: RemoteWrite<T>, work: (tx: HistoryTransaction) => T): Promise<{ value: T; operation: Operation | null }>;
  /** Own operations above a number, as far as memory still has all of them; null where the journal has to be read. */
  recentOwn(after: number): Operation[] | null;
  /** This laptop's replica of the book; a restored book is a new one. */
  readonly deviceId: string;
  run<T>(command: string, group: string | null, work: (tx: HistoryTransaction) => T): Promise<{ value: T; operation: Operation | null }>;
  /** Everything that is safe in the journal at this moment. */
  snapshot(): BookSnapshot;
  undoState(): UndoState;
  /** Takes in operations that were lost and found again: they are in the journal, and records are made as if they had never been away. */
  takeBack(operations: readonly Operation[]): Promise<void>;
  /** Resolves when nothing waits: every command so far is in the journal and was handed to the database. */
  idle(): Promise<void>;
}

interface Waiting {
  head: Pick<Operation, 'command' | 'kind' | 'group' | 'target'>;
  work: (tx: HistoryTransaction, stacks: UndoStacks) => Generator<void, unknown, void>;
  /** Whether others have their turn while it is planned. */
  isInPieces: boolean;
  actor?: string;
  sync?: (value: unknown) => SyncPart;
  resolve: (done: { value: unknown; operation: Operation | null }) => void;
  reject: (error: unknown) => void;
}

interface Planned {
  waiting: Waiting;
  value: unknown;
  operation: Operation | null;
}

/** Changes whose operations are kept in memory, so that undo does not wait for the database; older ones are read from it. */
const recentChanges = 3000;
const changedIdsTold = 500;

export function createBook(opened: OpenedBook, deps: BookDeps): Book {
  const { journal, database, clock, log, proven = Promise.resolve(true) } = deps;
  const { history } = opened;
  const records = opened.records.layer;
  const recent = new Map<string, Operation>();
  let recentSize = 0;
  const listeners: RecordListener[] = [];
  const { sync } = opened;
  // A clock that is ahead of the server's is put right for stamps alone (docs/sync.md).
  const stampsFrom = (newest: Stamp | null) => stampSource(opened.deviceId, () => clock.now() + sync.clockOffset(), newest);
  let stamps = stampsFrom(opened.newestStamp);
  let seq = opened.seq;
  let newestStamp = opened.newestStamp;
  let stacks: UndoStacks = { undo: opened.undo, redo: opened.redo };

  sync.track({ get: records.get, all: records.all });

  /** Screens see it leave like one that was merged away; nothing of it stays here. */
  function dropCounted(noun: NounName, id: string): void {
    const record = opened.records.drop(noun, id);
    if (record === null) return;
    const gone = { ...record, deletedAt: instantOf(clock), mergedInto: id };
    for (const listener of listeners) tell(() => listener(noun, record, gone));
  }

  // One queue. What waits when a turn begins is planned together and shares one fsync (group commit).
  let queue: Waiting[] = [];
  let turn: Promise<void> | null = null;

  function enqueue<T>(
    head: Waiting['head'],
    work: (tx: HistoryTransaction, stacks: UndoStacks) => Generator<void, T, void>,
    more: Partial<Pick<Waiting, 'isInPieces' | 'actor' | 'sync'>> = {},
  ): Promise<{ value: T; operation: Operation | null }> {
    const done = new Promise<{ value: unknown; operation: Operation | null }>((resolve, reject) => {
      queue.push({ head, work, isInPieces: false, ...more, resolve, reject });
    });
    turn ??= takeTurns();
    return done as Promise<{ value: T; operation: Operation | null }>;
  }

  async function takeTurns(): Promise<void> {
    if (!(await proven)) {
      for (const waiting of queue.splice(0)) waiting.reject(new ProblemError(bookReadAgain));
      for (const { reject } of syncTurns.splice(0)) reject(new ProblemError(bookReadAgain));
      turn = null;
      return;
    }
    while (queue.length > 0 || syncTurns.length > 0) {
      const batch = queue;
      queue = [];
      try {
        if (batch.length > 0) await runBatch(batch);
        await syncTurns.shift()?.take();
      } catch (error) {
        // A mistake of ours. The queue must go on, and nobody may wait for ever; what was answered stays answered.
        log.error('book.batch-failed', { commands: batch.length, error: nameOf(error) });
        for (const waiting of batch) waiting.reject(error);
      }
      for (const { operations, done } of found.splice(0)) {
        pourBack(operations);
        done();
      }
    }
    turn = null;
  }

  const syncTurns: { take: () => Promise<void>; reject: (error: unknown) => void }[] = [];

  function runSync<T>(work: (turn: SyncTurn) => { value: T; operations: readonly SyncOperation[] }): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const take = async () => {
      let planned: { value: T; operations: readonly SyncOperation[] };
      try {
        planned = work({
          state: sync,
          get: records.get,
          all: records.all,
          children: records.children,
          historyOf: (noun, id) => history.get(historyKey(noun, id)) ?? [],
          now: instantOf(clock),
          newestStamp: stamps.newest(),
          stampAfter: (stamp) => {
            stamps.observe(stamp);
            return stamps.next();
          },
        });
      } catch (error) {
        // What came could not be used: nothing was written, and the disk has no part in it.
        reject(error);
        return;
      }
      try {
        await takeFromSync(
          planned.operations.map((one, at) => {
            // Id and number stand first in a line of the journal, where they are found without reading it whole.
            const { id, deviceId = opened.deviceId, ...rest } = one;
            return { id, seq: seq + 1 + at, deviceId, ...rest };
          }),
        );
        resolve(planned.value);
      } catch (error) {
        reject(error instanceof ProblemError ? error : diskFailed(error));
      }
    };
    syncTurns.push({ take, reject });
    turn ??= takeTurns();
    return promise;
  }

  /** Journal first, then memory, like a command. Nothing else is planned meanwhile. */
  async function takeFromSync(operations: readonly Operation[]): Promise<void> {
    if (operations.length === 0) return;
    const layer = createLayer(records);
    const effects = operations.flatMap((operation) => {
      if (operation.kind !== 'log')
        for (const [at, change] of operation.changes.entries()) {
          const noun = change.collection;
          if (isNounName(noun)) layer.put(noun, applyChangeOf(noun, layer.get(noun, change.id) ?? null, operation, change, at));
        }
      return sync.effectOf(operation, (noun, id) => layer.get(noun, id)) ?? [];
    });
    await journal.append(operations);
    for (const { sync: part } of operations)
      for (const row of part?.rows ?? []) for (const one of Object.values(row.head.stamps)) stamps.observe(one);
    commit(layer, operations, { seq: (operations.at(-1) as Operation).seq, stacks }, effects);
    const clockSet = operations.findLast((operation) => operation.sync?.clock !== undefined)?.sync?.clock;
    if (clockSet !== undefined) stamps = stampsFrom(clockSet.newestStamp);
    newestStamp = stamps.newest();
    applyToDatabase(operations, layer, () => undefined);
  }

  // Between two batches only: a batch on its way to the journal has taken its numbers already.
  const found: { operations: readonly Operation[]; done: () => void }[] = [];

  function pourBack(operations: readonly Operation[]): void {
    const layer = createLayer(records);
    let newest = seq;
    for (const operation of operations) {
      newest = Math.max(newest, operation.seq);
      stamps.observe(operation.stamp);
      if (operation.kind === 'log') continue;
      for (const [at, change] of operation.changes.entries()) {
        const noun = change.collection;
        if (isNounName(noun)) layer.put(noun, lateChangeOf(noun, layer.get(noun, change.id) ?? null, operation, change, at));
      }
    }
    commit(layer, operations, { seq: newest, stacks }, 'late');
    sync.doubt();
    newestStamp = stamps.newest();
  }

  async function runBatch(batch: Waiting[]): Promise<void> {
    const layer = createLayer(records);
    const plans: Planned[] = [];
    const refused: { waiting: Waiting; error: unknown }[] = [];
    let planned = { seq, stacks };
    for (const waiting of batch) {
      try {
        const pieces = planOne(waiting, layer, planned);
        const plan = waiting.isInPieces ? await inPieces(pieces) : atOnce(pieces);
        plans.push(plan);
        if (plan.operation !== null) planned = { seq: plan.operation.seq, stacks: nextStacks(planned.stacks, plan.operation) };
      } catch (error) {
        refused.push({ waiting, error });
      }
    }
    const operations = plans.flatMap(({ operation }) => operation ?? []);
    try {
      if (operations.length > 0) await journal.append(operations);
    } catch (error) {
      // Nothing was poured into the book, so it is as it was. All of the batch is refused: a later command of it may
      // have been decided on what an earlier one wrote.
      const problem = error instanceof ProblemError ? error : diskFailed(error);
      for (const { waiting } of [...plans, ...refused]) waiting.reject(problem);
      return;
    }
    if (operations.length > 0) commit(layer, operations, planned);
    for (const { waiting, error } of refused) waiting.reject(error);
    const answer = () => {
      for (const { waiting, value, operation } of plans) waiting.resolve({ value, operation });
    };
    if (operations.length === 0) answer();
    else applyToDatabase(operations, layer, answer);
  }

  function* planOne(waiting: Waiting, layer: Layer, planned: { seq: number; stacks: UndoStacks }): Generator<void, Planned, void> {
    const { tx, finishing } = planCommand(layer, {
      now: instantOf(clock),
      day: { today: clock.today(), dayOf: (instant) => clock.dayOf(instant) },
      actor: waiting.actor ?? deps.actor(),
      stamp: stamps.next(),
    });
    const value = yield* waiting.work(tx, planned.stacks);
    const { head, changes, records: after } = yield* finishing();
    // An undo that finds everything changed since is still a step taken: it must leave the stack.
    const isStep = waiting.head.kind !== 'do' && nextStepMoves(planned.stacks, waiting.head);
    const part = waiting.sync?.(value);
    if (changes.length === 0 && !isStep && part === undefined) return { waiting, value, operation: null };
    const operation: Operation = {
      id: newId(),
      seq: planned.seq + 1,
      deviceId: opened.deviceId,
      ...head,
      ...waiting.head,
      changes,
      ...(part !== undefined && { sync: part }),
    };
    pour(after, layer);
    return { waiting, value, operation };
  }

  function commit(
    layer: Layer,
    operations: readonly Operation[],
    planned: { seq: number; stacks: UndoStacks },
    effects: readonly SyncEffect[] | 'late' | null = null,
  ): void {
    seq = planned.seq;
    newestStamp = operations.at(-1)?.stamp ?? newestStamp;
    for (const operation of operations) {
      addToHistory(history, operation);
      recent.set(operation.id, operation);
      recentSize += operation.changes.length + 1;
    }
    for (const [id, operation] of recent) {
      if (recentSize <= recentChanges) break;
      recent.delete(id);
      recentSize -= operation.changes.length + 1;
    }
    const changed = changedNothing(false);
    let told = 0;
    for (const noun of nounNames) {
      for (const record of layer.own[noun].values()) {
        const before = opened.records.put(noun, record);
        sync.changed(noun, record);
        for (const listener of listeners) tell(() => listener(noun, before, record));
        told += 1;
        if (told <= changedIdsTold) changed[noun].push(record.id);
      }
    }
    if (effects === 'late' || effects === null)
      for (const operation of operations) sync.journaled(operation, records.get, effects === 'late');
    else for (const effect of effects) sync.apply(effect);
    for (const { sync: part } of operations) {
      for (const { collection, id } of effects === 'late' ? [] : (part?.dropped ?? [])) {
        if (!isNounName(collection)) continue;
        dropCounted(collection, id);
        told += 1;
        if (told <= changedIdsTold) changed[collection].push(id);
      }
    }
    const stateBefore = undoState();
    stacks = planned.stacks;
    if (effects !== null || operations.some((operation) => operation.sync !== undefined) || sync.isOn()) tell(() => deps.onSynced?.());
    if (told > 0) tell(() => deps.onChanged(told > changedIdsTold ? changedNothing(true) : changed));
    const state = undoState();
    if (!isSame(state, stateBefore)) tell(() => deps.onUndoState(state));
  }

  /** Who listens is behind the journal: a mistake there must not stop, or deny, a command that is safe. */
  function tell(work: () => void): void {
    try {
      work();
    } catch (error) {
      log.error('book.listener-failed', { error: nameOf(error) });
    }
  }

  // The database is written behind the journal, in order; what gathers while it is busy is written together. Commands
  // go on being planned and journaled meanwhile.
  let gathered: { operations: Operation[]; records: RecordMaps; answers: (() => void)[] } | null = null;
  let applying: Promise<void> | null = null;

  function applyToDatabase(operations: readonly Operation[], layer: Layer, answer: () => void): void {
    gathered ??= { operations: [], records: emptyRecordMaps(), answers: [] };
    gathered.operations.push(...operations);
    for (const noun of nounNames) {
      const map = gathered.records[noun] as Map<string, StoredRecord>;
      for (const record of layer.own[noun].values()) map.set(record.id, record);
    }
    gathered.answers.push(answer);
    applying ??= applyGathered();
  }

  async function applyGathered(): Promise<void> {
    while (gathered !== null) {
      const { operations, records: touched, answers } = gathered;
      gathered = null;
      try {
        const nouns = nounNames.filter((noun) => touched[noun].size > 0);
        await database.apply(operations, new Map(nouns.map((noun) => [noun, [...touched[noun].values()]])));
      } catch (error) {
        // The journal holds them and replay will bring them to the database (invariant 1): the caller is told yes.
        log.error('book.apply-failed', { operations: operations.length, error: nameOf(error) });
      }
      for (const answer of answers) answer();
    }
    applying = null;
  }

  function diskFailed(error: unknown): ProblemError {
    log.error('book.journal-failed', { error: nameOf(error) });
    return new ProblemError({
      code: 'DISK_FAILED',
      ...words('disk.notWritten'),
    });
  }

  function undoState(): UndoState {
    const top = (entries: UndoStacks['undo']) => {
      const entry = entries.at(-1);
      return entry === undefined ? null : { target: entry.target, command: entry.command, records: entry.records };
    };
    return { undo: top(stacks.undo), redo: top(stacks.redo) };
  }

  return {
    deviceId: opened.deviceId,
    run: (command, group, work) => enqueue({ command, kind: 'do', group, target: null }, inOne(work)),
    runInPieces: (command, work) => enqueue({ command, kind: 'do', group: null, target: null }, work, { isInPieces: true }),
    sync,
    runSync,
    runFor: ({ command, actor, sync: part }, work) =>
      enqueue({ command, kind: 'do', group: null, target: null }, inOne(work), {
        ...(actor !== undefined && { actor }),
        ...(part !== undefined && { sync: part as (value: unknown) => SyncPart }), // it is given the value of its own work
      }),
    recentOwn(after) {
      const own = [...recent.values()].filter((operation) => operation.seq > after);
      return own.length === seq - after ? own.filter(isOwn) : null;
    },
    runHistory: ({ sync: part, ...head }, work) =>
      enqueue({ ...head, group: null }, inOne(work), { ...(part !== undefined && { sync: () => part }) }),
    stacks: () => stacks,
    undoState,
    get: (noun, id) => records.get(noun, id),
    all: (noun) => records.all(noun) as Iterable<Stored<RecordOf[typeof noun]>>,
    ids: (noun) => opened.records.ids(noun),
    mentioning: (noun, field, value) => opened.records.mentioning(noun, field, value) as Iterable<Stored<RecordOf[typeof noun]>>,
    naming: (noun, id) => opened.records.naming(noun, id),
    lastTouched: (noun, passes) => opened.records.lastTouched(noun, passes),
    children: (noun, parentId) => records.children(noun, parentId),
    counts(noun) {
      const { live, deleted } = opened.records.counts(noun);
      return { live, deleted };
    },
    historyOf: (noun, id) => history.get(historyKey(noun, id)) ?? [],
    position: () => ({ seq, newestStamp }),
    watch: (listener) => listeners.push(listener),
    async operations(ids) {
      const missing = ids.filter((id) => !recent.has(id));
      const known = ids.flatMap((id) => recent.get(id) ?? []);
      const all = missing.length === 0 ? known : [...known, ...(await database.operations(missing))];
      return all.map(asDone);
    },
    takeBack(operations) {
      if (turn !== null) return new Promise((done) => void found.push({ operations, done }));
      pourBack(operations);
      return Promise.resolve();
    },
    snapshot: () => ({
      records: opened.records.lists(),
      seq,
      newestStamp,
      history: history.snapshot(),
      undo: stacks.undo,
      redo: stacks.redo,
      sync: sync.snapshot(),
    }),
    async idle() {
      while (turn !== null || applying !== null) await (turn ?? applying);
    },
  };
}

/** A plan of one piece. */
function inOne<A extends unknown[], T>(work: (...given: A) => T): (...given: A) => Generator<void, T, void> {
  // oxlint-disable-next-line require-yield -- it is asked as one with many pieces is
  return function* (...given) {
    return work(...given);
  };
}

async function inPieces<T>(pieces: Generator<void, T, void>): Promise<T> {
  const breathe = createBreather();
  for (;;) {
    const piece = pieces.next();
    if (piece.done === true) return piece.value;
    await breathe();
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}

function nextStepMoves(stacks: UndoStacks, head: Waiting['head']): boolean {
  const from = head.kind === 'undo' ? stacks.undo : stacks.redo;
  return from.some((entry) => entry.target === head.target);
}

/** What screens are told of a change, before any id is in it; `all` makes them ask for everything again. */
export function changedNothing(all: boolean): CrmEvents['changed'] {
  return { ...perNoun<string[]>(() => []), all };
}
