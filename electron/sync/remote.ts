import type { Clock } from '../../shared/lib/clock.ts';
import type { HistoryTransaction } from '../../shared/operations/transaction.ts';
import type { Operation } from '../../shared/operations/operation.ts';
import type { Book, BookReader } from '../domain/book.ts';
import type { Log } from '../domain/ports.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import type { SyncedRecord } from '../../shared/sync/merge.ts';
import type { StopView } from '../../shared/sync/sync-view.ts';
import type { Contents } from './file-exchange.ts';
import type { OpenQuestions } from '../../remotes/open-questions.ts';
import type { ConnectRequest, KeptRemote, RemoteKind, RemoteReceipt, WaitingChange } from '../../remotes/remote.ts';
import type { StaysField } from '../../remotes/stays-here.ts';

/**
 * A remote is a server that this book is kept equal with: our own, or a system that was there before us. A kind of server
 * plugs in as one `RemoteAdapter` (registered in `remote-adapters.ts`); the command line, the Sync page and the status
 * sentence know remotes only by what is said here.
 */
export interface Remote {
  readonly kept: KeptRemote;
  /** What would go and come. Sends nothing but questions, changes nothing here or there. `look` sees each record that would come. */
  rehearse(signal: AbortSignal, look?: (seen: SeenRecord) => void): Promise<RemoteReceipt>;
  /**
   * One sync from start to end. Never rejects for anything the network or the server does: that is a receipt with state
   * failed. May be cut off at any moment (kill, abort) and be run again: nothing is lost or doubled.
   */
  syncOnce(signal: AbortSignal): Promise<RemoteReceipt>;
  /**
   * A sync in which every record is held against the server, whatever was believed of it, and what differs is put right. What is not sent
   * is kept. Like `syncOnce` in all else; absent where the kind of server is read whole with every sync.
   */
  compare?(signal: AbortSignal): Promise<RemoteReceipt>;
  /** How many records have been compared, of how many here; null while no comparison runs. */
  compared?(): { records: number; of: number } | null;
  /** Changes of this book that the remote is not known to have, from the records themselves (invariant 5). */
  waiting(): readonly WaitingChange[];
  close(): Promise<void>;
  /** What a system that knows nothing of conflicts leaves for a person. */
  questions?: OpenQuestions & { open(): { conflicts: number; refused: number } };
  /** What the system does not store of these records, of those that it has. */
  stays?(noun: NounName, ids: readonly string[]): ReadonlyMap<string, readonly StaysField[]>;
  /** Why the last sync stopped before anything was sent or removed, and what to say if it is right; null where it did not stop. */
  stopped?: { why(): StopView | null; accept(): void };
  /** Records that came in the sync that runs; null while none runs. */
  received?(): number | null;
  /** Deletions that the server takes only when a person says that so many are meant. */
  deletions?: { held(): number; confirm(count: number): void };
  /** The devices of the person who is signed in. */
  devices?: { list(signal: AbortSignal): Promise<Device[]>; signOut(id: string, signal: AbortSignal): Promise<void> };
}

/** A record of the server, seen while it was asked what would come. */
export interface SeenRecord {
  noun: NounName;
  record: SyncedRecord;
  /** Whether it is new to this book. */
  isNew: boolean;
}

export interface Device {
  id: string;
  device: string;
  createdAt: string;
  usedAt: string;
  isThisOne: boolean;
}

export interface RemoteAdapter {
  readonly kinds: readonly RemoteKind[];
  /**
   * Looks whether the server is what was chosen, signs in, and says what to keep. Sends nothing of the book. Throws
   * ProblemError with one sentence that says what to do; then nothing is kept.
   */
  connect(
    request: ConnectRequest,
    deps: { log: Log; clock: Clock; deviceName: string; signal: AbortSignal },
  ): Promise<{ organisation: string | null; account: string | null; settings: Record<string, unknown>; secrets: Record<string, string> }>;
  open(kept: KeptRemote, context: RemoteContext): Remote;
}

/** What a remote gets of this laptop. */
export interface RemoteContext {
  book: RemoteBook;
  /** Sealed with the data key in the data folder. `set` resolves when it is on the disk. */
  secrets: { get(name: string): string | null; set(name: string, value: string | null): Promise<void> };
  clock: Clock;
  log: Log;
  /** What our own server's engine needs besides: it moves records as they are, stamps and all, and the operations. */
  whole: {
    book: Book;
    /** Operations of the journal above a number, some at a time. */
    operationsAfter(seq: number): AsyncGenerator<Operation[]>;
    /** What is attached; null where only records are synced. */
    contents: Contents | null;
  };
}

/**
 * The book as remotes see it. What is read here is safe in the journal; what is written here is in the journal before it
 * is on the screen, in each record's history under `actor`, and on nobody's undo stack.
 */
export interface RemoteBook extends BookReader {
  readonly deviceId: string;
  /**
   * Changes records by the rules of the nouns, as one operation. What `memory` answers is journaled in the same line: after
   * a kill the records and what is remembered of the remote are both there, or neither. Keys with null are forgotten.
   */
  write<T>(
    head: { remote: string; command: string; actor: string },
    work: (tx: HistoryTransaction) => T,
    memory?: (value: T) => Readonly<Record<string, unknown>>,
  ): Promise<T>;
  /** What is remembered of a remote: JSON values by key, kept as durably as the records (journal and checkpoint). */
  memory(remote: string): ReadonlyMap<string, unknown>;
  remember(remote: string, changes: Readonly<Record<string, unknown>>): Promise<void>;
}
