import type { ServerStatus } from '../../shared/contracts/app.contract.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import type { Book } from '../domain/book.ts';
import type { Log } from '../domain/ports.ts';
import { createAlarm } from './alarm.ts';
import type { RemoteReceipt } from '../../remotes/remote.ts';
import type { Remote } from './remote.ts';
import type { Remotes } from './remotes.ts';
import { words } from '../../shared/words/words.ts';
import { say } from '../../shared/words/say.ts';

/** A second after a change: what is typed in one go is sent together. */
const afterChangeMs = 1000;
/** A foreign system is read whole each time: what is changed within this goes together. */
const afterChangeForeignMs = 5000;
const everyMs = 60_000;
const firstBackOffMs = 1000;
const longestBackOffMs = 5 * 60_000;
/** Longest a whole sync may take without an end; each of its requests has its own, shorter time. */
const watchdogMs = 10 * 60_000;
const beforeQuitMs = 3000;

export interface SyncWorker {
  /** Null where the book is connected to no server. */
  status(): ServerStatus | 'none';
  /** Something here may wait now. */
  changed(): void;
  /** The computer woke up, or somebody asks: what was put off is tried at once. */
  wake(): void;
  isSyncing(): boolean;
  /** When the sync that runs began; null while none does. */
  beganAt(): number | null;
  /** What `isOffline` says may be another now: a sync that runs is stopped, or one begins. */
  offlineChanged(): void;
  /** Stops all that asks the servers, waits for its end and for what else is paused for, and lets no sync begin while `work` is done. */
  pausedFor<T>(work: () => Promise<T>): Promise<T>;
  /** As `pausedFor`, for what asks the servers in the place of a sync: a later `pausedFor`, "Work offline" and the end stop it. */
  askingFor(work: (stopped: AbortSignal) => Promise<void>): Promise<void>;
  /** Sends what waits, for at most three seconds, and begins nothing more. */
  close(): Promise<void>;
}

/** Says when a sync begins. What it says of the servers comes from the records, never from how the last sync ended. */
export function createSyncWorker(deps: {
  book: Book;
  remotes: Remotes;
  clock: Clock;
  log: Log;
  onStatus: () => void;
  /** Somebody chose to work offline. */
  isOffline?: () => boolean;
  /** Every sync that ended, one for each server, with the state counted from the records. */
  onEnded?: (ended: { remote: Remote; receipt: RemoteReceipt }[], ms: number) => void;
  /** When the last sync that went through was over, before this start; null where none is known of. */
  knownAsOf?: () => string | null;
  random?: () => number;
}): SyncWorker {
  const {
    book,
    remotes,
    clock,
    log,
    onStatus,
    isOffline = () => false,
    onEnded = () => undefined,
    knownAsOf = () => null,
    random = Math.random,
  } = deps;
  let stop = new AbortController();
  let running: Promise<void> | null = null;
  const alarm = createAlarm(begin);
  /** How soon after the sync that runs the next one is to begin; null where nobody asked. */
  let againMs: number | null = null;
  let isClosing = false;
  let failures = 0;
  let asOf: string | null = null;
  let problem: string | null = null;
  let isUnreachable = false;
  const turns = createTurns(stopNow, () => {
    onStatus();
    within(0);
  });
  let began = 0;

  function within(ms: number): void {
    if (isClosing || turns.areTaken() || isOffline() || remotes.list().length === 0) return;
    if (running === null) alarm.within(ms);
    else againMs = Math.min(ms, againMs ?? ms);
  }

  function begin(): void {
    alarm.clear();
    running ??= syncOnce().finally(() => {
      running = null;
      onStatus();
      const next = isPutOff() ? backOff() : againMs !== null ? Math.max(againMs, afterChangeMs) : everyMs * (0.8 + 0.4 * random());
      againMs = null;
      within(next);
    });
  }

  /** Ends what runs and plans nothing anew. */
  async function stopNow(): Promise<void> {
    alarm.clear();
    stop.abort();
    stop = new AbortController();
    await running;
  }

  /** What the servers that named a time asked for, at the most; null where none did. */
  let serverAskedForMs: number | null = null;
  const isPutOff = () => failures > 0 || serverAskedForMs !== null;
  const backOff = () => backOffMs(failures, serverAskedForMs, random);

  async function syncOnce(): Promise<void> {
    began = clock.now();
    onStatus();
    const stopped = stop.signal;
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(watchdogMs)]);
    let receipts: RemoteReceipt[];
    const asked = remotes.list();
    try {
      receipts = await remotes.syncAll('sync', signal);
      // A sync that a person stopped ended in nothing worth keeping.
      if (!stopped.aborted) {
        const ended = asked.flatMap((remote, at) => (receipts[at] === undefined ? [] : [{ remote, receipt: receipts[at] }]));
        onEnded(ended, clock.now() - began);
      }
    } catch (error) {
      log.error('sync.worker-failed', { error: error instanceof Error ? error.name : 'unknown' });
      failures += 1;
      problem = say(words('sync.wentWrong'));
      return;
    }
    // Stopped by a person: nothing failed.
    if (stopped.aborted) return;
    const failed = receipts.filter(({ state }) => state === 'failed');
    isUnreachable = failed.some(({ passes }) => passes?.isOffline === true);
    const named = failed.flatMap(({ passes }) => passes?.afterMs ?? []);
    serverAskedForMs = named.length === 0 ? null : Math.max(...named);
    // A server that says when to return is well.
    failures = failed.length === named.length ? 0 : failures + 1;
    problem = (failed[0] ?? receipts.find(({ state }) => state === 'synced'))?.problem ?? null;
    if (failed.length === 0) asOf = new Date(clock.now()).toISOString();
    logEnded(log, receipts);
  }

  within(0);
  return {
    status() {
      const all = remotes.list();
      if (all.length === 0) return 'none';
      return {
        ...openWork(book, all),
        isSyncing: running !== null,
        isOffline: isOffline(),
        isUnreachable,
        asOf: asOf ?? knownAsOf(),
        problem,
      };
    },
    changed() {
      if (running === null && isPutOff()) return;
      const writes = (isOwn: boolean) =>
        remotes.list().some(({ kept }) => (kept.kind === 'fieldbook') === isOwn && (isOwn || kept.direction !== 'read'));
      if (writes(true) && (book.sync.waiting().size > 0 || book.sync.hasUnsentOperations())) within(afterChangeMs);
      else if (writes(false)) within(afterChangeForeignMs);
    },
    wake() {
      failures = 0;
      serverAskedForMs = null;
      within(0);
    },
    isSyncing: () => running !== null,
    beganAt: () => (running === null ? null : began),
    offlineChanged() {
      if (isOffline()) {
        turns.stopAsking();
        void stopNow().then(onStatus);
      } else {
        failures = 0;
        within(0);
      }
      onStatus();
    },
    pausedFor(work) {
      turns.stopAsking();
      return turns.take(work);
    },
    askingFor: (work) => turns.takeAsking(work),
    async close() {
      turns.stopAsking();
      const isNeeded = !isOffline() && remotes.list().length > 0 && !isPutOff() && (book.sync.waiting().size > 0 || running !== null);
      alarm.clear();
      if (isNeeded) {
        begin();
        isClosing = true;
        await Promise.race([running, new Promise((resolve) => setTimeout(resolve, beforeQuitMs).unref())]);
      }
      isClosing = true;
      stop.abort();
      stop = new AbortController();
      await running;
      await remotes.close();
    },
  };
}

/** Full jitter: laptops that were cut off together do not come back together. A little behind the time that a server named. */
function backOffMs(failures: number, askedForMs: number | null, random: () => number): number {
  const most = failures === 0 ? 0 : Math.min(longestBackOffMs, firstBackOffMs * 2 ** Math.min(failures, 20));
  return Math.max(random() * most, askedForMs === null ? 0 : askedForMs + random() * firstBackOffMs);
}

/** Works for which syncs pause take turns; those that ask the servers can be stopped. `onEnd` is called after each. */
function createTurns(stopSync: () => Promise<void>, onEnd: () => void) {
  let taken = 0;
  /** The end of the newest of them. */
  let last: Promise<unknown> = Promise.resolve();
  let asking = new AbortController();

  async function take<T>(work: () => Promise<T>): Promise<T> {
    taken += 1;
    const turn = Promise.all([last, stopSync()]).then(work);
    last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      taken -= 1;
      onEnd();
    }
  }

  return {
    areTaken: () => taken > 0,
    take,
    /** What is stopped before its turn comes is told so when it comes. */
    takeAsking(work: (stopped: AbortSignal) => Promise<void>): Promise<void> {
      const { signal } = asking;
      return take(() => work(signal));
    },
    stopAsking(): void {
      asking.abort();
      asking = new AbortController();
    },
  };
}

/** What is open between the book and its servers, counted from the records. */
function openWork({ sync }: Book, all: readonly Remote[]) {
  let [waiting, oldest]: [number, string | null] = [0, null];
  for (const remote of all) {
    if (remote.kept.direction === 'read') continue;
    for (const { since } of remote.waiting()) {
      waiting += 1;
      if (oldest === null || since < oldest) oldest = since;
    }
  }
  const elsewhere = (of: 'conflicts' | 'refused') => all.reduce((sum, { questions }) => sum + (questions?.open()[of] ?? 0), 0);
  return {
    waiting,
    oldest,
    isHistoryUnsent: sync.hasUnsentOperations(),
    conflicts: sync.conflicts.size + elsewhere('conflicts'),
    stopped: all.filter(({ stopped }) => (stopped?.why() ?? null) !== null).length,
    refused: sync.refused.size + sync.setAside.size + elsewhere('refused'),
  };
}

function logEnded(log: Log, receipts: readonly RemoteReceipt[]): void {
  const sum = (of: (receipt: RemoteReceipt) => number) => receipts.reduce((total, one) => total + of(one), 0);
  log.info('sync.ended', {
    failed: receipts.filter(({ state }) => state === 'failed').length,
    sent: sum(({ sent }) => sent.created + sent.changed + sent.deleted),
    received: sum(({ received }) => received.created + received.changed + received.deleted),
    waiting: sum(({ waiting }) => waiting),
  });
}
