import { randomUUID } from 'node:crypto';
import { createRxDatabase, RXDB_VERSION, type RxCollection, type RxDatabase, type RxDocumentData } from 'rxdb';
import { getRxStorageRemote, type RxStorageRemote } from 'rxdb/plugins/storage-remote';
import type { AppStatus } from '../../shared/contracts/app.contract.ts';
import type { StorageHostRequest, StorageInspection } from '../../shared/contracts/storage-host.ts';
import { type AnyRecord, type NounName, nounNames, type RecordOf, type Stored } from '../../shared/entities/nouns.ts';
import type { Operation } from '../../shared/entities/operation.ts';
import type { BookSnapshot, Database, Log } from '../domain/ports.ts';
import type { Platform } from '../platform/platform.ts';
import type { BookFiles } from './book-files.ts';
import { type CollectionName, collectionNames, collectionSchemas, databaseName, operationOf, operationRow, recordRow } from './collections.ts';
import type { Manifest } from './manifest.ts';
import { type ChannelTimes, openStorageChannel, type StorageChannel, usualTimes } from './storage-channel.ts';
import { withWriteTimes, writeTimes } from './write-times.ts';

export interface StorageStatus {
  storage: AppStatus['storage'];
  /** Operations that are safe in the journal and not yet in the database. */
  unapplied: number;
}

export interface DatabaseDeps {
  platform: Pick<Platform, 'openStorageHost' | 'chromiumMajor'>;
  files: BookFiles;
  /** The book as journaled: must not contain operations that are not in the journal yet. */
  snapshot: () => BookSnapshot;
  onStatus: (status: StorageStatus) => void;
  /** Operations that were missing from the journal and were in the database. They are in the journal again. */
  onRecovered?: (operations: readonly Operation[]) => void;
  log: Log;
  appVersion?: string;
  times?: Partial<DatabaseTimes>;
}

export interface DatabaseTimes extends ChannelTimes {
  /** Waits before the next generation after the first, second and every further death in a row. */
  retryMs: readonly [number, number, number];
  /** Wait before another try after the breaker has opened. */
  breakMs: number;
}

export interface BookDatabase extends Database {
  start(): void;
  state(): AppStatus['storage'];
  unapplied(): number;
  /** Writes what is waiting, at most 3 s; the journal keeps the rest. */
  close(): Promise<void>;
}

/** Rows per write: a host that is busy with more would miss its heartbeats. */
const batchRows = 1000;
/** A write of more records than this does not wait for the disk each time; one strict write seals it. */
const smallWrite = 200;
/** Operations kept in memory while the host is away; beyond, the journal files are read instead. */
const waitingLimit = 5000;
const breakerDeaths = 3;
const breakerWindowMs = 5 * 60_000;
const closeMs = 3000;

interface Waiting {
  operations: readonly Operation[];
  records: ReadonlyMap<NounName, readonly Stored<AnyRecord>[]>;
  done: () => void;
}

interface Generation {
  number: number;
  channel: StorageChannel;
  rx: RxDatabase;
  collections: Record<CollectionName, RxCollection>;
  ask: (request: StorageHostRequest) => Promise<unknown>;
  durability: 'strict' | 'relaxed';
}

/** Storage-remote caches channels by identifier for the life of the process, so no two generations may share one. */
let generations = 0;

/**
 * The RxDB database behind the storage host, over all its generations. The journal holds every operation before it
 * comes here (invariant 1), so losing the host, or all it stored, costs time and nothing else.
 */
export function createDatabase(deps: DatabaseDeps): BookDatabase {
  const { files, log } = deps;
  const times: DatabaseTimes = { ...usualTimes, retryMs: [250, 500, 1000], breakMs: 60_000, ...deps.times };
  const lwt = writeTimes(Date.now);
  let state: AppStatus['storage'] = 'opening';
  let live: Generation | null = null;
  let manifest: Manifest | null = null;
  let counts: Record<string, number> = {};
  /** Newest operation of the journal, as far as told here. */
  let newestSeq = files.opened.seq;
  let newestStamp = files.opened.newestStamp;
  /** Every operation up to this one is in the database. */
  let appliedSeq = 0;
  /** Operations that came while no host was there, oldest first; null when there were too many. */
  let missed: Operation[] | null = [];
  const seenIds = new Set<string>();
  let queue: Waiting[] = [];
  let pumping: Promise<void> | null = null;
  let isClosing = false;
  const closing = Promise.withResolvers<void>();
  let running: Promise<void> = Promise.resolve();

  const report = () => deps.onStatus({ storage: state, unapplied: newestSeq - appliedSeq });
  const enter = (next: AppStatus['storage']) => {
    if (state !== next) log.info('storage.state', { state: next });
    state = next;
    report();
  };

  const settleQueue = () => {
    const settled = queue;
    queue = [];
    for (const waiting of settled) {
      remember(waiting.operations);
      waiting.done();
    }
  };
  const remember = (operations: readonly Operation[]) => {
    if (missed === null) return;
    missed.push(...operations);
    if (missed.length > waitingLimit) missed = null;
  };

  const saveManifest = () => {
    if (manifest === null) return;
    manifest = { ...manifest, appliedSeq, counts: { ...counts }, newestStamp };
    files.manifest.set(manifest);
  };

  // --- writing -------------------------------------------------------------------------------------------------------

  const setDurability = async (host: Generation, durability: 'strict' | 'relaxed') => {
    if (host.durability === durability) return;
    await host.ask({ ask: 'setDurability', durability });
    host.durability = durability;
  };

  /** Writes rows whatever was there before. `areNew` saves looking first; it may be wrong. */
  const upsert = async (host: Generation, name: CollectionName, rows: readonly { id: string }[], areNew: (id: string) => boolean) => {
    const storage = host.collections[name].storageInstance;
    for (let at = 0; at < rows.length; at += batchRows) {
      const batch = rows.slice(at, at + batchRows);
      const known = new Map<string, RxDocumentData<unknown>>();
      const ids = batch.flatMap(({ id }) => (areNew(id) ? [] : id));
      if (ids.length > 0) for (const row of await storage.findDocumentsById(ids, true)) known.set((row as { id: string }).id, row);
      let writes = batch.map((row) => writeOf(row, known.get(row.id)));
      let inserted = batch.length - known.size;
      for (let round = 0; writes.length > 0; round++) {
        const { error } = await storage.bulkWrite(writes as never, 'fieldbook');
        const conflicts = error.filter((one) => one.status === 409);
        // Not the errors themselves: they carry the rows.
        if (conflicts.length < error.length || round === 2) throw new Error(`The database refused ${error.length} rows (${error[0]?.status})`);
        if (round === 0) inserted -= conflicts.filter((one) => one.writeRow.previous === undefined).length;
        writes = conflicts.map((one) => writeOf(one.writeRow.document as unknown as { id: string }, one.documentInDb));
      }
      counts[name] = (counts[name] ?? 0) + inserted;
    }
  };

  const write = async (host: Generation, operations: readonly Operation[], records: ReadonlyMap<NounName, readonly Stored<AnyRecord>[]>) => {
    const made = new Set<string>();
    for (const operation of operations) for (const change of operation.changes) if (change.before === null) made.add(change.id);
    let size = operations.length;
    for (const list of records.values()) size += list.length;
    const isSmall = size <= smallWrite;
    await setDurability(host, isSmall ? 'strict' : 'relaxed');
    const writeRecords = [...records].map(([noun, list]) => {
      const rows = list.map((record) => recordRow(noun, record));
      return upsert(host, noun, rows, (id) => made.has(id));
    });
    // Side by side: should only some arrive, `appliedSeq` has not moved, and all are written again.
    await Promise.all([...writeRecords, upsert(host, 'operations', operations.slice(0, isSmall ? undefined : -1).map(operationRow), () => true)]);
    if (!isSmall && operations.length > 0) {
      await setDurability(host, 'strict');
      await upsert(host, 'operations', operations.slice(-1).map(operationRow), () => true);
    }
  };

  const pump = async (host: Generation) => {
    while (queue.length > 0 && live === host) {
      const batch = queue;
      queue = [];
      const operations = batch.flatMap((waiting) => waiting.operations);
      try {
        await write(host, operations, newestOf(batch));
        appliedSeq = Math.max(appliedSeq, highestSeq(operations));
        saveManifest();
      } catch (error) {
        log.warn('storage.write-failed', errorFacts(error));
        // Whatever went wrong, the host is not trusted further: the next generation compares and catches up.
        queue = [...batch, ...queue];
        live = null;
        host.channel.kill('write-failed');
        settleQueue();
      }
      for (const waiting of batch) waiting.done();
      report();
    }
  };

  const startPump = (host: Generation) => {
    pumping ??= pump(host).finally(() => {
      pumping = null;
      if (queue.length > 0 && live !== null) startPump(live);
    });
  };

  // --- a generation --------------------------------------------------------------------------------------------------

  /** Brings everything after `appliedSeq` into the database. Ends in the same tick in which nothing is left to do. */
  const catchUp = async (host: Generation) => {
    while (appliedSeq < newestSeq) {
      const inMemory = missed !== null && missed.length > 0 && (missed[0] as Operation).seq <= appliedSeq + 1 ? missed : null;
      const until = newestSeq;
      const source = inMemory === null ? files.operationsAfter(appliedSeq) : [inMemory.filter((operation) => operation.seq > appliedSeq)];
      if (inMemory === null) missed = [];
      for await (const operations of source) {
        for (let at = 0; at < operations.length; at += batchRows) {
          const part = operations.slice(at, at + batchRows);
          await write(host, part, recordsTouched(part, deps.snapshot()));
          report();
        }
      }
      appliedSeq = Math.max(appliedSeq, until);
      saveManifest();
    }
    missed = [];
  };

  const rebuild = async (host: Generation) => {
    const snapshot = deps.snapshot();
    await setDurability(host, 'relaxed');
    for (const noun of nounNames) {
      const records: readonly Stored<AnyRecord>[] = snapshot.records[noun];
      for (let at = 0; at < records.length; at += batchRows) {
        await upsert(host, noun, records.slice(at, at + batchRows).map((record) => recordRow(noun, record)), () => true);
      }
    }
    for await (const operations of files.operationsAfter(0)) {
      await upsert(host, 'operations', operations.filter((operation) => operation.seq <= snapshot.seq).map(operationRow), () => true);
    }
    appliedSeq = snapshot.seq;
    await setDurability(host, 'strict');
  };

  /** Operations only the database has: those the journal lost, and those after its end when an older copy was put back. */
  const recover = async (ask: Generation['ask'], inspection: StorageInspection) => {
    const above = inspection.newestSequence > files.opened.seq ? files.opened.seq : null;
    if (files.missing.length === 0 && above === null) return;
    const rows = await ask({ ask: 'rowsBySequence', database: databaseName, collection: 'operations', sequences: [...files.missing], above });
    const operations = (rows as unknown[]).flatMap((row) => operationOf(row) ?? []).filter((operation) => !seenIds.has(operation.id));
    if (operations.length === 0) return;
    operations.sort((a, b) => a.seq - b.seq);
    await files.putBack(operations);
    log.warn('storage.operations-recovered', { operations: operations.length });
    newestSeq = Math.max(newestSeq, highestSeq(operations));
    deps.onRecovered?.(operations);
  };

  const openGeneration = async (host: Omit<Generation, 'rx' | 'collections'>, storage: RxStorageRemote, mustDrop: boolean): Promise<Generation> => {
    manifest ??= await files.manifest.read();
    let inspection = mustDrop ? null : await inspect(host.ask);
    const snapshot = deps.snapshot();
    const verdict = inspection === null ? 'unreadable' : judge(inspection, manifest, snapshot);
    if (inspection !== null && verdict !== 'foreign') await recover(host.ask, inspection);
    if (verdict !== 'whole') {
      await host.ask({ ask: 'drop', database: databaseName });
      log.warn('storage.dropped', { verdict });
      if (verdict !== 'new') {
        enter('rebuilding');
        files.postNotice({ id: 'database-rebuilt', level: 'info', text: `${reasons[verdict]} It is being built again from the journal. Nothing is lost.` });
      }
      inspection = null;
    }
    lwt.observe(inspection?.newestWrite ?? 0);
    counts = { ...inspection?.counts };
    appliedSeq = verdict === 'whole' ? Math.min(manifest?.appliedSeq ?? 0, newestSeq) : 0;
    const rx = await createRxDatabase({ name: databaseName, storage: withWriteTimes(storage, lwt), multiInstance: false, eventReduce: false });
    const generation: Generation = { ...host, rx, collections: {} as Generation['collections'] };
    try {
      generation.collections = (await rx.addCollections(collectionSchemas as never)) as unknown as Generation['collections'];
      if (verdict !== 'whole') {
        await rebuild(generation);
        await catchUp(generation);
        const token = randomUUID();
        manifest = { format: 1, token, appliedSeq, counts, newestStamp, chromiumMajor: deps.platform.chromiumMajor(), appVersion: deps.appVersion ?? null };
        await host.ask({ ask: 'setToken', database: databaseName, token });
        saveManifest();
        await files.manifest.flush();
        if (verdict !== 'new') files.postNotice({ id: 'database-rebuilt', level: 'info', text: `${reasons[verdict]} It was built again from the journal. Nothing is lost.` });
      } else if (manifest !== null) {
        manifest = { ...manifest, chromiumMajor: deps.platform.chromiumMajor(), appVersion: deps.appVersion ?? null };
      }
      await catchUp(generation);
      return generation;
    } catch (error) {
      await closeRx(rx);
      throw error;
    }
  };

  const runGeneration = async (mustDrop: boolean): Promise<{ reason: string; opened: boolean }> => {
    const port = await Promise.race([deps.platform.openStorageHost(), closing.promise]);
    if (port === undefined) return { reason: 'closing', opened: false };
    const number = ++generations;
    const channel = openStorageChannel(port, number, log, times);
    const storage = getRxStorageRemote({ identifier: `store-${number}`, mode: 'storage', messageChannelCreator: () => Promise.resolve(channel.remote) });
    const ask = (request: StorageHostRequest) => storage.customRequest<StorageHostRequest, unknown>(request);
    let generation: Generation;
    try {
      generation = await openGeneration({ number, channel, ask, durability: 'strict' }, storage, mustDrop);
    } catch (error) {
      log.warn('storage.open-failed', errorFacts(error));
      channel.kill('open-failed');
      return { reason: await channel.died, opened: false };
    }
    // No await between the end of catching up and here: an operation is either caught up with or queued from now on.
    live = generation;
    files.dismissNotice('database-closed');
    enter('ready');
    if (queue.length > 0) startPump(generation);
    const reason = await Promise.race([channel.died, closing.promise]);
    live = null;
    if (reason === undefined) return { reason: 'closing', opened: true };
    settleQueue();
    await closeRx(generation.rx);
    return { reason, opened: true };
  };

  const run = async () => {
    let deaths: number[] = [];
    let failedOpens = 0;
    while (!isClosing) {
      const { reason, opened } = await runGeneration(failedOpens >= 2).catch((error: unknown) => {
        log.warn('storage.host-not-made', errorFacts(error));
        return { reason: 'not-made', opened: false };
      });
      if (isClosing) return;
      const now = performance.now();
      // Deaths of hosts that had opened are forgiven: editing goes on, and the next host is soon there.
      deaths = opened ? [now] : [...deaths.filter((at) => at > now - breakerWindowMs), now];
      failedOpens = !opened && !reason.startsWith('closed') ? failedOpens + 1 : 0;
      if (deaths.length > breakerDeaths) {
        files.postNotice({
          id: 'database-closed',
          level: 'error',
          text: 'The database cannot be opened. Everything you saved is safe in the journal on this disk. Fieldbook tries again every minute; starting it again may help.',
        });
        enter('readOnly');
        await pause(times.breakMs);
      } else {
        enter('restarting');
        await pause(times.retryMs[Math.min(deaths.length, 3) - 1] ?? times.retryMs[2]);
      }
    }
  };

  const pause = async (ms: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    await Promise.race([promise, closing.promise]);
    clearTimeout(timer);
  };

  return {
    start() {
      running = run().catch((error: unknown) => log.error('storage.supervisor-failed', errorFacts(error)));
    },
    state: () => state,
    unapplied: () => newestSeq - appliedSeq,
    apply(operations, records) {
      for (const operation of operations) seenIds.add(operation.id);
      newestSeq = Math.max(newestSeq, highestSeq(operations));
      for (const { stamp } of operations) if (newestStamp === null || stamp > newestStamp) newestStamp = stamp;
      if (live === null || isClosing) {
        remember(operations);
        report();
        return Promise.resolve();
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      queue.push({ operations, records: records as Waiting['records'], done: resolve });
      startPump(live);
      return promise;
    },
    async operations(ids) {
      const found = new Map<string, Operation>();
      const host = live;
      if (host !== null) {
        try {
          for (let at = 0; at < ids.length; at += batchRows) {
            const rows = await host.collections.operations.storageInstance.findDocumentsById(ids.slice(at, at + batchRows), true);
            for (const operation of rows.flatMap((row) => operationOf(row) ?? [])) found.set(operation.id, operation);
          }
        } catch (error) {
          log.warn('storage.read-failed', errorFacts(error));
        }
      }
      const rest = ids.filter((id) => !found.has(id));
      if (rest.length > 0) for (const operation of await files.findOperations(rest)) found.set(operation.id, operation);
      return [...found.values()];
    },
    async close() {
      if (isClosing) return;
      const host = live;
      if (host !== null && pumping !== null) await Promise.race([pumping, pause(closeMs), host.channel.died]);
      isClosing = true;
      closing.resolve();
      live = null;
      settleQueue();
      if (host !== null) {
        host.channel.expectClosing();
        await Promise.race([closeRx(host.rx), new Promise((resolve) => setTimeout(resolve, closeMs).unref())]);
        host.channel.kill('closing');
      }
      saveManifest();
      await files.manifest.flush();
      await running;
    },
  };
}

const reasons = {
  gone: 'The database was no longer there.',
  foreign: 'The database found here belongs to another book.',
  incomplete: 'The database had lost records.',
  unreadable: 'The database could not be read.',
} as const;

type Verdict = 'whole' | 'new' | keyof typeof reasons;

/** Compares what is in IndexedDB with what main knows of it. Chromium opens a damaged one without a word. */
function judge(inspection: StorageInspection, manifest: Manifest | null, snapshot: BookSnapshot): Verdict {
  if (manifest === null) return 'new';
  if (inspection.token === null) return 'gone';
  if (inspection.token !== manifest.token) return 'foreign';
  const isShort = Object.entries(manifest.counts).some(([name, count]) => (inspection.counts[name] ?? 0) < count);
  if (isShort || inspection.newestSequence < manifest.appliedSeq) return 'incomplete';
  const isLong = nounNames.some((noun) => (inspection.counts[noun] ?? 0) > snapshot.records[noun].length);
  return isLong && inspection.newestSequence <= snapshot.seq ? 'incomplete' : 'whole';
}

async function inspect(ask: Generation['ask']): Promise<StorageInspection> {
  const inspection = (await ask({ ask: 'inspect', database: databaseName, collections: [...collectionNames], sequenceOf: 'operations' })) as StorageInspection;
  if (inspection.rxdbVersion !== RXDB_VERSION) throw new Error('The storage host runs another version');
  return inspection;
}

/** A dead database rejects when it is closed; only then may the next one take its name. */
async function closeRx(rx: RxDatabase): Promise<void> {
  await rx.close().catch(() => undefined);
}

function writeOf(row: { id: string }, previous: unknown) {
  const document = { ...row, _deleted: false, _attachments: {}, _rev: '', _meta: { lwt: 1 } };
  return previous === undefined ? { document } : { document, previous };
}

/** The newest state of each record in the batch: a record that changed five times is written once. */
function newestOf(batch: readonly Waiting[]): Map<NounName, Stored<AnyRecord>[]> {
  const newest = new Map<NounName, Map<string, Stored<AnyRecord>>>();
  for (const { records } of batch) {
    for (const [noun, list] of records) {
      const ofNoun = newest.get(noun) ?? new Map<string, Stored<AnyRecord>>();
      for (const record of list) ofNoun.set(record.id, record);
      newest.set(noun, ofNoun);
    }
  }
  return new Map([...newest].map(([noun, map]) => [noun, [...map.values()]]));
}

function recordsTouched(operations: readonly Operation[], snapshot: BookSnapshot): Map<NounName, Stored<AnyRecord>[]> {
  const ids = new Map<string, Set<string>>();
  for (const operation of operations) {
    for (const { collection, id } of operation.changes) ids.set(collection, (ids.get(collection) ?? new Set()).add(id));
  }
  const touched = new Map<NounName, Stored<AnyRecord>[]>();
  for (const noun of nounNames) {
    const wanted = ids.get(noun);
    const records: readonly Stored<RecordOf[NounName]>[] = snapshot.records[noun];
    if (wanted !== undefined) touched.set(noun, records.filter(({ id }) => wanted.has(id)));
  }
  return touched;
}

function highestSeq(operations: readonly Operation[]): number {
  return operations.reduce((seq, operation) => Math.max(seq, operation.seq), 0);
}

/** Only the kind of the error: messages of storage-remote contain whole records. */
function errorFacts(error: unknown): Record<string, string> {
  return { error: error instanceof Error ? error.name : typeof error };
}
