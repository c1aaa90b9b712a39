import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Dexie } from 'dexie';
import { afterEach } from 'vitest';
import { type BookFiles, type BookFilesDeps, openBookFiles } from '../../../../electron/database/book-files.ts';
import { collectionNames, databaseName, operationRow, recordRow } from '../../../../electron/database/collections.ts';
import { type BookDatabase, createDatabase, type DatabaseTimes, type StorageStatus } from '../../../../electron/database/database.ts';
import {
  addToHistory,
  applyOperation,
  emptyRecordMaps,
  recordLists,
  type RecordMaps,
} from '../../../../shared/operations/apply-operation.ts';
import type { BookSnapshot, Log } from '../../../../electron/domain/ports.ts';
import { nextStacks } from '../../../../electron/domain/history/undo-stacks.ts';
import type { StoragePort } from '../../../../electron/platform/platform.ts';
import type { FromStorageHost } from '../../../../shared/contracts/storage-host.ts';
import { type AnyRecord, type NounName, nounNames, type Stored } from '../../../../shared/nouns/nouns.ts';
import type { Change, Operation } from '../../../../shared/operations/operation.ts';
import { fixedClock } from '../../../../shared/lib/clock.ts';
import { newId } from '../../../../shared/lib/ids.ts';
import { hostProgram } from './host-program.ts';
import { formatStamp } from '../../../../shared/sync/stamp.ts';

const startStorageHost = await hostProgram();

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** Runs after the test, newest first. */
export function atEnd(clean: () => Promise<void>): void {
  cleanups.push(clean);
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldbook-test-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface LogLine {
  level: string;
  event: string;
  facts: Record<string, unknown>;
}

export function memoryLog(): Log & { lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: string): Log['info'] =>
    (event, facts = {}) =>
      void lines.push({ level, event, facts });
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}

/** The Chromium of a test: an IndexedDB that outlives the pages, and pages that can die. */
export interface TestBrowser {
  chromiumMajor(): number;
  openStorageHost(): Promise<StoragePort>;
  /** What is stored lies in the data folder. */
  isInFolder: boolean;
  hosts: TestHost[];
  /** What every new host does with each message on its way; null swallows it. */
  onToHost: (message: Record<string, unknown>, host: TestHost) => unknown;
  onFromHost: (message: Record<string, unknown>, host: TestHost) => unknown;
  /** Clears what the browser stored, as a person can. */
  clearStorage(): void;
}

export interface TestHost {
  number: number;
  /** The page is gone: nothing more comes out of it. */
  crash(reason?: string): void;
  /** Something comes over its line, dead or not. */
  say(message: unknown): void;
  isGone(): boolean;
}

export function testBrowser(): TestBrowser {
  useFreshIndexedDb();
  const browser: TestBrowser = {
    chromiumMajor: () => 150,
    isInFolder: false,
    hosts: [],
    onToHost: (message) => message,
    onFromHost: (message) => message,
    clearStorage: useFreshIndexedDb,
    openStorageHost: () => Promise.resolve(openHost(browser)),
  };
  return browser;
}

function useFreshIndexedDb(): void {
  const factory = new IDBFactory();
  Object.assign(globalThis, { indexedDB: factory, IDBKeyRange });
  Object.assign(Dexie.dependencies, { indexedDB: factory, IDBKeyRange });
}

function openHost(browser: TestBrowser): StoragePort {
  let isGone = false;
  let toMain: (message: unknown) => void = () => undefined;
  let toHost: (message: unknown) => void = () => undefined;
  let closed: (reason: string) => void = () => undefined;
  const host: TestHost = {
    number: browser.hosts.length + 1,
    crash(reason = 'crashed') {
      if (isGone) return;
      isGone = true;
      closed(reason);
    },
    say: (message) => toMain(message),
    isGone: () => isGone,
  };
  browser.hosts.push(host);
  const throughJson = (message: unknown, look: TestBrowser['onToHost'], deliver: (message: unknown) => void) => {
    const seen = look(JSON.parse(JSON.stringify(message)), host);
    if (seen === null) return;
    setImmediate(() => {
      if (!isGone) deliver(seen);
    });
  };
  startStorageHost({
    send: (message: FromStorageHost) =>
      throughJson(
        message,
        (m, h) => browser.onFromHost(m, h),
        (m) => toMain(m),
      ),
    onMessage: (listener) => {
      toHost = listener;
    },
  });
  return {
    isInFolder: browser.isInFolder,
    send: (message) => {
      if (!isGone)
        throughJson(
          message,
          (m, h) => browser.onToHost(m, h),
          (m) => toHost(m),
        );
    },
    onMessage: (listener) => {
      toMain = listener;
    },
    onClose: (listener) => {
      closed = listener;
    },
    close: () => {
      isGone = true;
    },
  };
}

/** Enough of a book to feed the files and the database: operations in order, memory as the domain keeps it. */
export interface TestBook {
  files: BookFiles;
  database: BookDatabase;
  log: ReturnType<typeof memoryLog>;
  statuses: StorageStatus[];
  records: RecordMaps;
  recovered: Operation[];
  /** Journals and applies one operation; resolves when both are done. */
  run(changes: Change[], group?: string | null): Promise<Operation>;
  /** Journals several in one write, as commands that waited together are, and applies them one by one. */
  runAll(changes: Change[][]): Promise<void>;
  addClient(name: string, more?: Record<string, unknown>): Promise<Operation>;
  snapshot(): BookSnapshot;
  until(storage: StorageStatus['storage']): Promise<void>;
  /** Ready, and everything journaled is in the database. */
  untilCaughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** What lies in IndexedDB, read around RxDB: rows without RxDB's own fields and without sums, by collection and id. */
export async function storedRows(): Promise<Record<string, Map<string, Record<string, unknown>>>> {
  const stored: Record<string, Map<string, Record<string, unknown>>> = {};
  for (const collection of collectionNames) {
    const db = await new Dexie(`rxdb-dexie-${databaseName}--0--${collection}`).open();
    const rows: Record<string, unknown>[] = await db.table('docs').toArray();
    db.close();
    stored[collection] = new Map(rows.map(({ _deleted, _rev, _meta, _attachments, sum, ...row }) => [row['id'] as string, row]));
  }
  return stored;
}

/** The same, as it must be for what the book has in memory and journal. */
export async function expectedRows(book: TestBook): Promise<Awaited<ReturnType<typeof storedRows>>> {
  const expected: Awaited<ReturnType<typeof storedRows>> = { records: new Map(), operations: new Map() };
  for (const noun of nounNames)
    for (const record of book.records[noun].values()) {
      const row = recordRow(noun, record);
      expected['records']?.set(row.id, row);
    }
  for await (const part of book.files.operationsAfter(0))
    for (const one of part) {
      const { sum: _, ...row } = operationRow(one, 'any key');
      expected['operations']?.set(one.id, row);
    }
  return expected;
}

export const testTimes: DatabaseTimes = {
  readMs: 400,
  writeMs: 500,
  heartbeatMs: 100,
  misses: 3,
  retryMs: [1, 2, 4],
  breakMs: 50,
  patienceMs: 1000,
  openingPatienceMs: 10_000,
};

export async function openBook(
  folder: string,
  browser: TestBrowser,
  times: Partial<DatabaseTimes> = testTimes,
  more: Partial<BookFilesDeps> = {},
): Promise<TestBook> {
  const log = memoryLog();
  const files = await openBookFiles(folder, { clock: fixedClock('2026-03-04T09:00:00.000Z'), log, ...more });
  const records = emptyRecordMaps();
  for (const noun of nounNames)
    for (const record of files.opened.records.all(noun)) (records[noun] as Map<string, unknown>).set(record.id, record);
  const { history } = files.opened;
  let { seq, newestStamp, undo, redo } = files.opened;
  let planned = seq;
  const recovered: Operation[] = [];
  const statuses: StorageStatus[] = [];
  const waiters: (() => void)[] = [];
  const snapshot = (): BookSnapshot => ({
    records: recordLists(records),
    seq,
    newestStamp,
    history: history.snapshot(),
    undo,
    redo,
    sync: files.opened.sync.snapshot(),
  });
  const database = createDatabase({
    platform: browser,
    files,
    snapshot,
    log,
    times,
    onStatus: (status) => {
      statuses.push(status);
      for (const wake of waiters.splice(0)) wake();
    },
    onRecovered: (operations) => {
      for (const operation of operations) {
        recovered.push(operation);
        applyOperation(records, operation);
        addToHistory(history, operation);
        seq = Math.max(seq, operation.seq);
        planned = seq;
      }
    },
  });
  database.start();
  const untilStatus = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise<void>((resolve) => waiters.push(resolve));
  };
  let isClosed = false;

  const plan = (changes: Change[], group: string | null): Operation => {
    planned += 1;
    return {
      id: newId(),
      seq: planned,
      deviceId: files.opened.deviceId,
      actor: 'Ada',
      at: '2026-03-04T09:00:00.000Z',
      stamp: formatStamp(1_772_000_000_000 + planned, 0, files.opened.deviceId),
      command: 'clients.create',
      kind: 'do',
      group,
      target: null,
      changes,
    };
  };
  /** Memory follows the journal: what is not in it is in no snapshot. */
  const commit = (operation: Operation) => {
    applyOperation(records, operation);
    addToHistory(history, operation);
    ({ undo, redo } = nextStacks({ undo, redo }, operation));
    ({ seq, stamp: newestStamp } = operation);
  };
  const touchedBy = (operation: Operation): Parameters<BookDatabase['apply']>[1] => {
    const touched = new Map<NounName, Stored<AnyRecord>[]>();
    for (const { collection, id } of operation.changes) {
      const noun = collection as NounName;
      touched.set(noun, [...(touched.get(noun) ?? []), records[noun].get(id) as Stored<AnyRecord>]);
    }
    return touched as never;
  };
  const book: TestBook = {
    files,
    database,
    log,
    statuses,
    records,
    recovered,
    snapshot,
    async run(changes, group = null) {
      const operation = plan(changes, group);
      await files.journal.append([operation]);
      commit(operation);
      await database.apply([operation], touchedBy(operation));
      return operation;
    },
    async runAll(list) {
      const operations = list.map((changes) => plan(changes, null));
      await files.journal.append(operations);
      const applied = operations.map((operation) => {
        commit(operation);
        return database.apply([operation], touchedBy(operation));
      });
      await Promise.all(applied);
    },
    addClient: (name, more = {}) => book.run([{ collection: 'clients', id: newId(), before: null, after: { name, ...more } }]),
    until: (storage) => untilStatus(() => database.state() === storage),
    untilCaughtUp: () => untilStatus(() => database.state() === 'ready' && database.unapplied() === 0),
    async close() {
      if (isClosed) return;
      isClosed = true;
      await database.close();
      await files.close();
    },
  };
  atEnd(book.close);
  return book;
}
