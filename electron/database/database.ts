import type { AppStatus } from '../../shared/contracts/app.contract.ts';
import type { StorageInspection } from '../../shared/contracts/storage-host.ts';
import { type AnyRecord, type NounName, nounNames, type Stored } from '../../shared/nouns/nouns.ts';
import { isNounName, type RecordList } from '../../shared/operations/apply-operation.ts';
import { isOwn, type Operation } from '../../shared/operations/operation.ts';
import type { BookSnapshot, Database, Log } from '../domain/ports.ts';
import type { Platform } from '../platform/platform.ts';
import { words } from '../../shared/words/words.ts';
import { isEmptyDatabase, isTokenOf, judgeDatabase, tokenOf, type Verdict } from './book-check.ts';
import type { BookFiles } from './book-files.ts';
import { databaseForm, newRowKey } from './collections.ts';
import { compareDatabase, type DatabaseComparison } from './database-comparison.ts';
import { errorCode } from './disk-problem.ts';
import { type Manifest, manifestFor, othersBeside } from './manifest.ts';
import { type ChannelTimes, openStorageChannel, usualTimes } from './storage-channel.ts';
import { createGeneration, type Generation, OtherVersion } from './storage-generation.ts';
import { formats } from './migrations/formats.ts';
import { writeTimes } from './write-times.ts';

export type StorageStatus = Pick<AppStatus, 'storage' | 'unapplied' | 'writing'>;

export interface DatabaseDeps {
  platform: Pick<Platform, 'openStorageHost' | 'chromiumMajor'>;
  files: BookFiles;
  /** The book as journaled: must not hold operations that are not in the journal yet. */
  snapshot: () => BookSnapshot;
  onStatus: (status: StorageStatus) => void;
  /** Operations the journal had lost and the database had. They are in the journal again; memory should take them in too. */
  onRecovered?: (operations: readonly Operation[]) => Promise<void> | void;
  log: Log;
  appVersion?: string;
  /** A book was just put in this folder's place: the browser still has the one that was here, which is nothing to tell of. */
  isRestored?: boolean;
  times?: Partial<DatabaseTimes>;
}

export interface DatabaseTimes extends ChannelTimes {
  /** Waits before the next host after the first, the second and every further death in a row. */
  retryMs: readonly [number, number, number];
  /** Wait before another try once too many have failed. */
  breakMs: number;
  /** A small command is answered after this long even if the host has not: it is in the journal. */
  patienceMs: number;
  /** A check waits this long for a host that is on its way. */
  openingPatienceMs: number;
}

export interface BookDatabase extends Database {
  start(): void;
  state(): AppStatus['storage'];
  unapplied(): number;
  /** Rows per collection; null while no host is open. */
  counts(): Readonly<Record<string, number>> | null;
  /**
   * Reads all there is and holds it against memory and journal, whose operations are given by id with their numbers. Waits
   * for a host that is being opened; `away` says how it stood at the end where there was none, or no moment to look.
   */
  compare(
    journaled: ReadonlyMap<string, number>,
    watch: { signal?: AbortSignal | undefined; onRows?: (rows: number) => void },
  ): Promise<DatabaseComparison | { away: AppStatus['storage'] }>;
  /** Gives the database up and has it built again from memory and journal; `notices` tell how far that is. */
  buildAgain(): void;
  /** Writes what is waiting, and a checkpoint where one is useful; a host that does not answer is left after 3 s. */
  close(): Promise<void>;
}

/** Changes kept in memory for a host that is away or behind; beyond, the journal files are read instead. */
const recentChanges = 20_000;
const partOperations = 1000;
/** Imports wait for the database, so that it does not fall behind without end; what people type does not. */
const smallApply = 200;
/** How far a write of more records than this has come is told: it takes longer than a person waits without a word. */
const largeApply = 2000;
const breakerDeaths = 3;
const breakerWindowMs = 5 * 60_000;
/** How long a database that is still being opened may go on when Fieldbook closes. */
const openingMs = 500;
/** Of the five seconds a closing app has, for the last writes, and again for closing the databases. */
const closeMs = 1500;
/** Reading through: about 4 ms of the storage host's time in every 50. */
const readThroughRows = 200;
const readThroughPauseMs = 50;
/** How often, and after which pauses, a comparison waits for a moment in which nothing is written. */
const settledAttempts = 100;
const settledPauseMs = 50;

interface Waiting {
  operations: readonly Operation[];
  records: Parameters<Database['apply']>[1];
  done: () => void;
}

let generations = 0;

/**
 * The RxDB database behind the storage host, over all the hosts it will have. The journal holds every operation before
 * it comes here (invariant 1), so losing a host, or all it stored, costs time and nothing else.
 */
export function createDatabase(deps: DatabaseDeps): BookDatabase {
  const { files, log } = deps;
  const times: DatabaseTimes = {
    ...usualTimes,
    retryMs: [250, 500, 1000],
    breakMs: 60_000,
    patienceMs: 1000,
    openingPatienceMs: 60_000,
    ...deps.times,
  };
  const lwt = writeTimes(Date.now);
  let state: AppStatus['storage'] = 'opening';
  let live: Generation | null = null;
  /** Newest operation when the live host was opened: later ones, and the records they made, cannot be in its database. */
  let openedSeq = 0;
  let manifest: Manifest | null = null;
  /** Newest operation of the journal, as far as told here. */
  let newestSeq = files.opened.seq;
  let newestStamp = files.opened.newestStamp;
  /** Every operation up to this one is in the database. */
  let appliedSeq = 0;
  /** The newest operations that came through `apply`, without a gap up to `newestSeq`. */
  let recent: Operation[] = [];
  let recentSize = 0;
  const sessionIds = new Set<string>();
  let isSearched = false;
  let hasTriedSalvage = false;
  /** Every row was read once since the start, or the database is new anyway. */
  let isReadThrough = false;
  /** Why the next host begins with an empty database. */
  let givenUp: 'unreadable' | 'different' | null = null;
  let queue: Waiting[] = [];
  /** What the live database had lost, or had otherwise than the journal. */
  let healing: Operation[] = [];
  let healed = 0;
  let pumping: Promise<void> | null = null;
  let isClosing = false;
  const closing = Promise.withResolvers<'closing'>();
  let running: Promise<void> = Promise.resolve();

  let writing: AppStatus['writing'] = null;
  const report = () => deps.onStatus({ storage: state, unapplied: newestSeq - appliedSeq, writing });
  const enter = (next: AppStatus['storage']) => {
    if (state !== next) log.info('storage.state', { state: next });
    state = next;
    report();
  };

  const keepRecent = (operations: Operation[]) => {
    recent = operations;
    recentSize = sizeOfAll(operations);
  };

  const advance = (seq: number, counts: Readonly<Record<string, number>>) => {
    appliedSeq = Math.max(appliedSeq, seq);
    const firstUnapplied = recent.findIndex((operation) => operation.seq > appliedSeq);
    keepRecent(firstUnapplied < 0 ? [] : recent.slice(firstUnapplied));
    if (manifest === null) return;
    manifest = { ...manifest, appliedSeq, counts: { ...counts }, newestSeq, newestStamp };
    files.manifest.set(manifest);
  };

  // --- the queue of a live host --------------------------------------------------------------------------------------

  const settleQueue = () => {
    for (const { done } of queue) done();
    queue = [];
  };

  const heal = async (host: Generation) => {
    const operations = healing;
    healing = [];
    try {
      await host.putBack(operations);
    } catch (error) {
      // The journal is read again the next time somebody asks.
      log.warn('storage.heal-failed', kindOf(error));
    }
  };

  const pump = async (host: Generation) => {
    if (healing.length > 0) await heal(host);
    while (queue.length > 0 && live === host) {
      const batch = queue;
      queue = [];
      const operations = batch.flatMap((waiting) => waiting.operations);
      const records = newestOf(batch);
      const total = sizeOf(records);
      const told = (rows: number) => {
        writing = { done: (writing?.done ?? 0) + rows, total };
        report();
      };
      try {
        await host.write(
          operations,
          records,
          operations.every((operation) => operation.seq > openedSeq && isOwn(operation)),
          total > largeApply ? told : undefined,
        );
        advance(highestSeq(operations), host.counts);
      } catch (error) {
        log.warn('storage.write-failed', kindOf(error));
        // Whatever went wrong, this host is not trusted further: the next one is compared and caught up with.
        if (live === host) live = null;
        host.channel.kill('write-failed');
      }
      for (const { done } of batch) done();
      writing = null;
      report();
      if (healing.length > 0) await heal(host);
    }
    if (live !== host) settleQueue();
  };

  /** Reads when everything is written, and judges what was read if nothing came in between. False where that never was so. */
  const whenSettled = async <T>(read: () => Promise<T>, judge: (read: T) => void): Promise<boolean> => {
    for (let attempt = 0; attempt < settledAttempts; attempt += 1) {
      while (pumping !== null) await pumping;
      const seq = newestSeq;
      if (seq === appliedSeq) {
        const found = await read();
        if (newestSeq === seq && pumping === null) {
          judge(found);
          return true;
        }
      }
      await after(settledPauseMs);
    }
    return false;
  };

  /** Rows that were lost, or changed: history and undo have what the journal has, and the rows get it back. */
  const putRight = (operations: readonly Operation[], host: Generation) => {
    healing.push(...operations);
    healed += operations.length;
    log.warn('storage.operations-put-right', { operations: operations.length });
    files.postNotice({
      id: 'history-put-right',
      level: 'warning',
      text: words('notices.historyPutRight', { steps: healed }),
    });
    startPump(host);
  };

  /** The live host, or the next one that opens until then; null where none does, and at once where none can be opened. */
  const hostUntil = async (end: number, signal: AbortSignal | undefined): Promise<Generation | null> => {
    while (live === null && state !== 'readOnly' && !isClosing && performance.now() < end) {
      await Promise.race([closing.promise, after(settledPauseMs)]);
      signal?.throwIfAborted();
    }
    return live;
  };

  const startPump = (host: Generation) => {
    pumping ??= pump(host).finally(() => {
      pumping = null;
      if (queue.length + healing.length > 0 && live !== null) startPump(live);
    });
  };

  let keeping: Promise<void> | null = null;
  const keepCheckpoint = () => {
    keeping ??= files
      .writeCheckpoint(deps.snapshot())
      // The older checkpoint and the journal are whole: the next start reads more, that is all.
      .catch((error: unknown) => log.warn('checkpoint.failed', { code: errorCode(error) }))
      .finally(() => {
        keeping = null;
      });
    return keeping;
  };

  // --- opening a host ------------------------------------------------------------------------------------------------

  /** Brings everything after `appliedSeq` into the database. */
  const catchUp = async (host: Generation) => {
    while (appliedSeq < newestSeq) {
      const until = newestSeq;
      const isInMemory = (recent[0]?.seq ?? Number.POSITIVE_INFINITY) <= appliedSeq + 1;
      const source = isInMemory ? parts(recent) : files.operationsAfter(appliedSeq);
      for await (const part of source) {
        // Later ones may not be in memory yet, or be refused by the disk after all: their turn comes with `apply`.
        const operations = part.filter(({ seq }) => seq <= until);
        if (operations.length > 0) await host.write(operations, recordsTouched(operations, deps.snapshot()));
        report();
      }
      advance(until, host.counts);
    }
  };

  const rebuild = async (host: Generation, verdict: Verdict) => {
    const tell = (isDone: boolean) => {
      if (verdict === 'new' || verdict === 'whole') return;
      const text = words('notices.databaseRebuilt', { why: verdict, isDone, isWhole: files.isWhole() });
      files.postNotice({ id: 'database-rebuilt', level: 'info', text });
    };
    log.warn('storage.rebuild', { verdict });
    tell(false);
    if (verdict !== 'new') enter('rebuilding');
    const key = newRowKey();
    host.useKey(key);
    await host.startAnew();
    const snapshot = deps.snapshot();
    for (const noun of nounNames) await host.fill(noun, snapshot.records[noun]);
    for await (const part of files.operationsAfter(0)) await host.fillOperations(part.filter(({ seq }) => seq <= snapshot.seq));
    appliedSeq = snapshot.seq;
    // Journaled and in memory, but not handed over yet: they are in the snapshot.
    newestSeq = Math.max(newestSeq, snapshot.seq);
    await catchUp(host);
    // Last of all: a rebuild that is interrupted leaves a database without a token, which is built again.
    const token = tokenOf(files.opened.deviceId);
    await host.setToken(token);
    manifest = {
      format: formats.manifest,
      databaseForm,
      key,
      others: othersBeside(manifest, token),
      token,
      appliedSeq,
      counts: {},
      newestSeq,
      newestStamp,
      chromiumMajor: deps.platform.chromiumMajor(),
      appVersion: deps.appVersion ?? null,
    };
    advance(appliedSeq, host.counts);
    await files.manifest.flush();
    tell(true);
  };

  /**
   * Whether the database was made for the book of this folder, also where nothing but the database is left of it. A book
   * that was restored has another device, and must not get back what the restore has left behind.
   */
  const isOfThisBook = async (host: Generation, found: StorageInspection): Promise<boolean> => {
    if (manifest !== null && found.token === manifest.token) return true;
    const { id, copiedFrom } = files.device;
    const devices = copiedFrom === null ? [id] : [id, copiedFrom];
    if (devices.some((device) => isTokenOf(found.token, device)) || (files.wasNothing && host.channel.isInFolder)) return true;
    // Databases of before have a token without a device: who wrote last in it tells.
    const newest = await host.operationsBySequence([[found.newestSequence, found.newestSequence + 1]]);
    return found.newestSequence > 0 && newest.some((operation) => devices.includes(operation.deviceId));
  };

  /** The key its rows were written with; null where the manifest does not know this database. */
  const keyOf = ({ token }: StorageInspection): string | null => (manifest === null ? null : (manifestFor(manifest, token)?.key ?? null));

  /** Operations only the database has: those the journal lost, and those behind its end when an older copy was put back. */
  const recover = async (host: Generation, newestInDatabase: number) => {
    if (isSearched) return;
    const ranges = rangesOf(files.missing());
    if (newestInDatabase > files.opened.seq) ranges.push([files.opened.seq + 1, Number.MAX_SAFE_INTEGER]);
    const found = ranges.length === 0 ? [] : await host.operationsBySequence(ranges);
    const operations = found.filter(({ id }) => !sessionIds.has(id));
    if (operations.length > 0) {
      await files.putBack(operations);
      for (const { id } of operations) sessionIds.add(id);
      log.warn('storage.operations-recovered', { operations: operations.length });
      newestSeq = Math.max(newestSeq, highestSeq(operations));
      // Before anything is compared with memory, or built from it.
      await deps.onRecovered?.(operations);
    }
    searchEnded();
  };

  const searchEnded = () => {
    // From now on only this process writes: the database cannot know more than the journal.
    isSearched = true;
    files.searchEnded();
  };

  /** The last that can be had of a database that is given up: it may be unreadable in one place and not in another. */
  const salvage = async (host: Generation) => {
    if (isSearched || hasTriedSalvage || files.missing().length === 0) return;
    hasTriedSalvage = true;
    await host.open();
    const found = await host.inspect();
    host.useKey(keyOf(found));
    if (await isOfThisBook(host, found)) await recover(host, found.newestSequence);
  };

  /**
   * Chromium opens a damaged IndexedDB without a word, and a damaged row shows only when it is read. So each row is read
   * once after the start, slowly enough that nobody notices; where one cannot be, the database is built again.
   */
  const readThrough = async (host: Generation) => {
    try {
      await host.readThrough(readThroughRows, () => after(readThroughPauseMs));
      isReadThrough = true;
    } catch (error) {
      if (host.channel.isDead() || isClosing) return;
      log.warn('storage.unreadable', kindOf(error));
      givenUp = 'unreadable';
      isReadThrough = true;
      host.channel.kill('unreadable');
    }
  };

  const openHost = async (host: Generation, mustDrop: boolean) => {
    manifest ??= await files.manifest.read();
    if (mustDrop) {
      await salvage(host);
      const verdict = givenUp ?? 'unreadable';
      givenUp = null;
      return rebuild(host, verdict);
    }
    await host.open();
    const found = await host.inspect();
    log.info('storage.inspected', {
      ...found.counts,
      newestSeq: found.newestSequence,
      hasToken: found.token !== null,
      persistent: found.isPersistent,
    });
    lwt.observe(found.newestWrite);
    // Another browser than the last: what is known of its database counts.
    if (manifest !== null) manifest = manifestFor(manifest, found.token) ?? manifest;
    host.useKey(keyOf(found));
    const isOurs = !isEmptyDatabase(found) && (await isOfThisBook(host, found));
    if (isOurs) await recover(host, found.newestSequence);
    else if (!isSearched) searchEnded();
    const judged = judgeDatabase(found, manifest, deps.snapshot(), isOurs);
    const verdict = judged === 'foreign' && deps.isRestored === true ? 'new' : judged;
    if (verdict !== 'whole' || manifest === null) return rebuild(host, verdict);
    appliedSeq = Math.min(manifest.appliedSeq, newestSeq);
    manifest = { ...manifest, chromiumMajor: deps.platform.chromiumMajor(), appVersion: deps.appVersion ?? null };
    await catchUp(host);
    advance(appliedSeq, host.counts);
  };

  // --- one host after the other --------------------------------------------------------------------------------------

  interface Ended {
    reason: string;
    /** no: nothing was learned about the database; failed: it, or the host, would not open. */
    opened: 'yes' | 'no' | 'failed';
  }

  const runHost = async (mustDrop: boolean): Promise<Ended> => {
    const opening = deps.platform.openStorageHost();
    const port = await Promise.race([opening, closing.promise]);
    if (port === 'closing') {
      // The host that comes late is for nobody here; freed, it serves the book that is opened next in this process.
      opening.then(
        (late) => late.close(),
        () => undefined,
      );
      return { reason: 'closing', opened: 'no' };
    }
    generations += 1;
    const channel = openStorageChannel(port, generations, log, times);
    // The database is compared with the book, and built from it: not before that is proven. Where it is not, this one is closed.
    if (!(await Promise.race([files.proven, closing.promise.then(() => false)]))) {
      await closing.promise;
      channel.kill('closing');
      return { reason: 'closing', opened: 'no' };
    }
    const host = createGeneration(generations, channel, lwt, files.secrets);
    let isOpening = true;
    // A rebuild of a large book takes longer than anybody waits for a window to close; the next start begins it anew.
    const giveUp = () => isOpening && channel.kill('closing');
    void closing.promise.then(() => after(openingMs)).then(giveUp);
    try {
      await openHost(host, mustDrop);
      // What came while the token and the manifest were written, or in the tick since: nobody has queued it.
      while (appliedSeq < newestSeq) await catchUp(host);
      isOpening = false;
    } catch (error) {
      isOpening = false;
      const wasAlive = !channel.isDead();
      log.warn('storage.open-failed', kindOf(error));
      await host.close();
      const reason = await channel.died;
      if (error instanceof OtherVersion) return { reason: 'other-version', opened: 'no' };
      return { reason, opened: wasAlive || reason.startsWith('timeout') ? 'failed' : 'no' };
    }
    // No await since the last comparison: an operation was either caught up with, or comes through the queue from now on.
    live = host;
    openedSeq = newestSeq;
    files.dismissNotice('database-closed');
    enter('ready');
    if (!isReadThrough) void readThrough(host);
    const reason = await Promise.race([channel.died, closing.promise]);
    if (reason === 'closing' && pumping !== null) await Promise.race([pumping, channel.died, after(closeMs)]);
    live = null;
    settleQueue();
    await Promise.race([host.close(), after(closeMs)]);
    channel.kill('closing');
    return { reason, opened: 'yes' };
  };

  const run = async () => {
    let deaths: number[] = [];
    let failures = 0;
    while (!isClosing) {
      const { reason, opened } = await runHost(failures >= 2 || givenUp !== null).catch((error: unknown): Ended => {
        log.warn('storage.host-not-made', kindOf(error));
        return { reason: 'not-made', opened: 'no' };
      });
      if (isClosing) return;
      const now = performance.now();
      // A host that had opened is success: closing its page twenty times must not stop the twenty-first.
      deaths = opened === 'yes' ? [now] : [...deaths.filter((at) => at > now - breakerWindowMs), now];
      failures = opened === 'failed' ? failures + 1 : opened === 'yes' ? 0 : failures;
      log.info('storage.host-ended', { reason, opened, deaths: deaths.length });
      if (deaths.length <= breakerDeaths) {
        enter('restarting');
        await Promise.race([closing.promise, after(times.retryMs[Math.min(deaths.length, 3) - 1] ?? times.retryMs[2])]);
        continue;
      }
      files.postNotice({
        id: 'database-closed',
        level: 'error',
        text: words('notices.databaseClosed'),
      });
      enter('readOnly');
      await Promise.race([closing.promise, after(times.breakMs)]);
    }
  };

  return {
    start() {
      running = run().catch((error: unknown) => log.error('storage.supervisor-failed', kindOf(error)));
    },
    state: () => state,
    unapplied: () => newestSeq - appliedSeq,
    counts: () => live?.counts ?? null,
    apply(operations, records) {
      for (const { id, stamp, sync } of operations) {
        sessionIds.add(id);
        if (newestStamp === null || stamp > newestStamp) newestStamp = stamp;
        // Stamps from before a clock was put right count as never issued.
        newestStamp = sync?.clock?.newestStamp ?? newestStamp;
      }
      newestSeq = Math.max(newestSeq, highestSeq(operations));
      recent.push(...operations);
      recentSize += sizeOfAll(operations);
      // The newest only: what lies before is read from the journal, which needs no gap to be filled.
      if (recentSize > recentChanges) keepRecent([...operations]);
      if (files.isCheckpointDue()) void keepCheckpoint();
      if (live === null) {
        report();
        return Promise.resolve();
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      queue.push({ operations, records, done: resolve });
      startPump(live);
      return operations.length > smallApply || sizeOf(records) > smallApply ? promise : Promise.race([promise, after(times.patienceMs)]);
    },
    async compare(journaled, watch) {
      const end = performance.now() + times.openingPatienceMs;
      for (;;) {
        const host = await hostUntil(end, watch.signal);
        if (host === null) return { away: state };
        const book = { snapshot: deps.snapshot, journaled, applied: appliedSeq, secrets: files.secrets };
        try {
          return (await compareDatabase(host, book, whenSettled, watch)) ?? { away: state };
        } catch (error) {
          // A host that went meanwhile is soon followed by another one.
          if (watch.signal?.aborted === true || !host.channel.isDead()) throw error;
          await after(settledPauseMs);
        }
      }
    },
    buildAgain() {
      givenUp = 'different';
      enter('restarting');
      live?.channel.kill('different');
    },
    async operations(ids) {
      const found = new Map<string, Operation>();
      const host = live;
      const until = appliedSeq;
      let isRead = false;
      if (host !== null) {
        try {
          for (const operation of await host.operations(ids)) found.set(operation.id, operation);
          isRead = true;
        } catch (error) {
          log.warn('storage.read-failed', kindOf(error));
        }
      }
      const rest = ids.filter((id) => !found.has(id));
      if (rest.length === 0) return [...found.values()];
      const journaled = await files.findOperations(rest);
      for (const operation of journaled) found.set(operation.id, operation);
      if (isRead && host === live) {
        const lost = journaled.filter(({ id, seq }) => seq <= until && !healing.some((one) => one.id === id));
        if (lost.length > 0) putRight(lost, host as Generation);
      }
      return [...found.values()];
    },
    async close() {
      isClosing = true;
      closing.resolve('closing');
      await running;
      await keeping;
      if (files.isCheckpointUseful()) await keepCheckpoint();
      await files.manifest.flush();
    },
  };
}

/** Resolves after some time; does not keep the process alive. */
function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

/** Numbers in order as pairs: from the first up to but without the second. */
function rangesOf(numbers: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number) last[1] = number + 1;
    else ranges.push([number, number + 1]);
  }
  return ranges;
}

function* parts(operations: readonly Operation[]): Generator<Operation[]> {
  for (let at = 0; at < operations.length; at += partOperations) yield operations.slice(at, at + partOperations);
}

/** The newest state of each record in the batch: one that changed five times is written once. */
function newestOf(batch: readonly Waiting[]): Waiting['records'] {
  const [first] = batch;
  if (batch.length === 1 && first !== undefined) return first.records;
  const newest = new Map(nounNames.map((noun) => [noun, new Map<string, Stored<AnyRecord>>()]));
  for (const { records } of batch) for (const [noun, list] of records) for (const record of list) newest.get(noun)?.set(record.id, record);
  return new Map([...newest].map(([noun, map]) => [noun, [...map.values()]]));
}

function recordsTouched(operations: readonly Operation[], snapshot: BookSnapshot): Waiting['records'] {
  const ids = new Map<NounName, Set<string>>(nounNames.map((noun) => [noun, new Set()]));
  for (const { changes } of operations) for (const { collection, id } of changes) if (isNounName(collection)) ids.get(collection)?.add(id);
  const touched = new Map<NounName, Stored<AnyRecord>[]>();
  for (const [noun, wanted] of ids) {
    const records: RecordList<Stored<AnyRecord>> = snapshot.records[noun];
    touched.set(
      noun,
      [...wanted].flatMap((id) => records.get(id) ?? []),
    );
  }
  return touched;
}

function sizeOf(records: Waiting['records']): number {
  let size = 0;
  for (const list of records.values()) size += list.length;
  return size;
}

function sizeOfAll(operations: readonly Operation[]): number {
  return operations.reduce((size, { changes }) => size + changes.length, 0);
}

function highestSeq(operations: readonly Operation[]): number {
  return operations.reduce((seq, operation) => Math.max(seq, operation.seq), 0);
}

/** Only the kind of the error: messages of storage-remote contain whole records. */
function kindOf(error: unknown): Record<string, string> {
  return { error: error instanceof Error ? error.name : typeof error };
}
