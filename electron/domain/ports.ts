import type { NounName, RecordOf, Stored } from '../../shared/nouns/nouns.ts';
import type { BookHistory, RecordLists } from '../../shared/operations/apply-operation.ts';
import type { Operation } from '../../shared/operations/operation.ts';
import type { Transaction } from '../../shared/operations/transaction.ts';
import type { LayeredHistory } from './book-history.ts';
import type { BookRecords } from './book-records.ts';
import type { SyncSnapshot, SyncState } from './sync-state.ts';

/** What the domain needs from the rooms around it, in its own words. It knows neither electron nor rxdb. */

/** The append-only log on disk: an operation in it survives the death of any process (invariant 1). */
export interface Journal {
  /** Writes the operations in order and returns when they are fsynced. Throws ProblemError DISK_FULL or DISK_FAILED; then none of them is in it. */
  append(operations: readonly Operation[]): Promise<void>;
}

/** The RxDB database behind the storage host. */
export interface Database {
  /**
   * Writes the records the operations left behind, and the operations themselves; idempotent. Resolves when they are in
   * IndexedDB, or when the host died and they will be written by replay: the journal keeps the promise.
   */
  apply(operations: readonly Operation[], records: ReadonlyMap<NounName, readonly Stored<RecordOf[NounName]>[]>): Promise<void>;
  /** Operations by id, in any order; missing ones are left out. */
  operations(ids: readonly string[]): Promise<Operation[]>;
}

/** What was read at start: the newest state of every record and what undo and history need. */
export interface OpenedBook {
  deviceId: string;
  records: BookRecords;
  /** Number of the last operation. */
  seq: number;
  newestStamp: string | null;
  history: LayeredHistory;
  /** Undo and redo stacks, oldest first; an entry is an operation or a group. */
  undo: UndoEntry[];
  redo: UndoEntry[];
  /** What is known of the servers. */
  sync: SyncState;
}

export interface UndoEntry {
  /** Operation id, or group id. */
  target: string;
  command: string;
  operationIds: string[];
  /** Records touched, all operations together. */
  records: number;
}

/** The book at one moment, cheap to take: records are replaced, never changed in place. */
export type BookSnapshot = Omit<OpenedBook, 'deviceId' | 'records' | 'history' | 'sync'> & {
  records: RecordLists;
  history: BookHistory;
  sync: SyncSnapshot;
};

export interface CommandRunner {
  /**
   * Runs a command: `work` plans it synchronously, then the operation is journaled (fsync) and applied; resolves after
   * both. `operation` is null when nothing differed. Operations of one long job share `group`.
   */
  run<T>(command: string, group: string | null, work: (tx: Transaction) => T): Promise<{ value: T; operation: Operation | null }>;
  /**
   * The same for a command that plans thousands of records: between two pieces everything else has its turn, and sees the
   * book without the command. Other commands wait for it.
   */
  runInPieces<T>(command: string, work: (tx: Transaction) => Generator<void, T, void>): Promise<{ value: T; operation: Operation | null }>;
}

/** Logs carry ids, codes, counts and times; never what people typed. */
export interface Log {
  info(event: string, facts?: Record<string, string | number | boolean | null>): void;
  warn(event: string, facts?: Record<string, string | number | boolean | null>): void;
  error(event: string, facts?: Record<string, string | number | boolean | null>): void;
}
