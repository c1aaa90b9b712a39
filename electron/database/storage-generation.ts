import { createRxDatabase, RXDB_VERSION, type RxCollection, type RxDatabase } from 'rxdb';
import { getRxStorageRemote } from 'rxdb/plugins/storage-remote';
import { newRowsContext, type StorageInspection } from '../../shared/contracts/storage-host.ts';
import { type AnyRecord, type NounName, nounNames, type Stored } from '../../shared/nouns/nouns.ts';
import type { RecordList } from '../../shared/operations/apply-operation.ts';
import type { Operation } from '../../shared/operations/operation.ts';
import type { Database } from '../domain/ports.ts';
import {
  type CollectionName,
  collectionNames,
  collectionSchemas,
  databaseName,
  operationOf,
  operationRow,
  recordKey,
  recordRow,
} from './collections.ts';
import { noSecretBox, type SecretBox } from './secret-box.ts';
import { batches, batchRows, createRowWriter, onceEach, type Ask, type StoredRow } from './row-writer.ts';
import type { StorageChannel } from './storage-channel.ts';
import { withWriteTimes, type WriteTimes } from './write-times.ts';

/** RxDB on one storage host, from its first question to its death. Every method rejects once the host is gone. */
export interface Generation {
  readonly channel: StorageChannel;
  /** Rows per collection as `inspect` found them, kept up while writing. */
  readonly counts: Readonly<Record<string, number>>;
  inspect(): Promise<StorageInspection>;
  /** Operations with numbers from the first of each pair up to but without the second, damaged rows left out. */
  operationsBySequence(ranges: readonly (readonly [number, number])[]): Promise<Operation[]>;
  /** Reads every row once, `rows` at a time with a pause after each; rejects where a row cannot be read. */
  readThrough(rows: number, pause: () => Promise<unknown>): Promise<void>;
  /** The key of the sums in rows of operations; null takes them as they are, where nobody knows it any more. */
  useKey(key: string | null): void;
  /** Rows as they lie there, in the order of their ids, behind the one that is named. */
  rows(collection: CollectionName, after: string, limit: number): Promise<StoredRow[]>;
  rowsById(collection: CollectionName, ids: readonly string[]): Promise<StoredRow[]>;
  /** The operation in such a row; null where it is not what was written. */
  operationIn(row: StoredRow): Operation | null;
  /** Takes away all there is and opens an empty database. */
  startAnew(): Promise<void>;
  open(): Promise<void>;
  setToken(token: string): Promise<void>;
  /**
   * Writes operations and the records they left behind, whatever was there before. `areNew` says that neither the
   * operations nor the records they made can be there.
   */
  write(
    operations: readonly Operation[],
    records: Parameters<Database['apply']>[1],
    areNew?: boolean,
    /** Told how many more records are written, part by part. */
    onWritten?: (records: number) => void,
  ): Promise<void>;
  /** Writes into an empty database without waiting for the disk; a `write` must follow. */
  fill(noun: NounName, records: RecordList<Stored<AnyRecord>>): Promise<void>;
  fillOperations(operations: readonly Operation[]): Promise<void>;
  /** Rows that are missing, or not as they were written, are left out. */
  operations(ids: readonly string[]): Promise<Operation[]>;
  /** Puts operations over whatever is there in their place. */
  putBack(operations: readonly Operation[]): Promise<void>;
  /** Closes the databases and ends the host; never rejects. */
  close(): Promise<void>;
}

/** The page was served by another version of Fieldbook. */
export class OtherVersion extends Error {
  override readonly name = 'OtherVersion';
}

/** Operations read per message: one of an import holds hundreds of records. */
const batchOperations = 50;
/** A write of more rows than this does not wait for the disk each time; one strict write seals it. */
const smallWrite = 200;

export function createGeneration(number: number, channel: StorageChannel, times: WriteTimes, secrets: SecretBox = noSecretBox): Generation {
  // Storage-remote caches channels by identifier for the life of the process: no two generations may share one.
  const storage = getRxStorageRemote({
    identifier: `store-${number}`,
    mode: 'storage',
    messageChannelCreator: () => Promise.resolve(channel.remote),
  });
  const ask: Ask = (request) => storage.customRequest(request);
  let rx: RxDatabase | null = null;
  let collections: Record<CollectionName, RxCollection> | null = null;
  let counts: Record<string, number> = {};
  let key: string | null = null;

  const sealedRecord = (noun: NounName, record: Stored<AnyRecord>) => recordRow(noun, secrets.sealFields(noun, record.id, record));
  const sealedOperation = (operation: Operation) => {
    if (key === null) throw new Error('The database has no key');
    return operationRow(secrets.sealOperation(operation), key);
  };
  const openedOperation = (row: unknown): Operation | null => {
    const operation = operationOf(row, key);
    return operation === null ? null : secrets.openOperation(operation);
  };

  const rowsOf = (name: CollectionName) => {
    if (collections === null) throw new Error('The database is not open');
    return collections[name].storageInstance;
  };

  const { setDurability, write, upsert } = createRowWriter({
    ask,
    rowsOf,
    onWritten: (name, rows) => {
      counts[name] = (counts[name] ?? 0) + rows;
    },
  });

  const open = async () => {
    if ((await ask<string>({ ask: 'version' })) !== RXDB_VERSION) throw new OtherVersion();
    rx = await createRxDatabase({
      name: databaseName,
      storage: withWriteTimes(storage, times),
      multiInstance: false,
      eventReduce: false,
    });
    collections = (await rx.addCollections(collectionSchemas as never)) as unknown as Record<CollectionName, RxCollection>; // RxDB types each collection by its schema, which is not known here
  };

  const inspect = async (): Promise<StorageInspection> => {
    const { counts: found, ...inspection } = await ask<StorageInspection>({ ask: 'inspect', collections: [...collectionNames] });
    counts = Object.fromEntries(collectionNames.map((name) => [name, found[name] ?? 0]));
    return { ...inspection, counts: { ...counts } };
  };

  return {
    channel,
    get counts() {
      return { ...counts };
    },
    inspect,
    useKey: (next) => {
      key = next;
    },
    operationsBySequence: (ranges) => readBySequence(ask, openedOperation, ranges),
    async readThrough(limit, pause) {
      for (const collection of collectionNames) {
        let last: string | null = '';
        while (last !== null) {
          last = await ask<string | null>({ ask: 'readThrough', collection, after: last, limit });
          await pause();
        }
      }
    },
    rows: (collection, after, limit) => ask<StoredRow[]>({ ask: 'rows', collection, after, limit }),
    async rowsById(collection, ids) {
      const found: StoredRow[] = [];
      for (const batch of batches(ids, batchOperations))
        found.push(...(await ask<StoredRow[]>({ ask: 'rowsById', collection, ids: [...batch] })));
      return found;
    },
    operationIn: openedOperation,
    async startAnew() {
      collections = null;
      await rx?.close();
      rx = null;
      await ask({ ask: 'drop' });
      counts = Object.fromEntries(collectionNames.map((name) => [name, 0]));
      await open();
    },
    open,
    setToken: (token) => ask({ ask: 'setToken', token }),
    async write(operations, records, areNew = false, onWritten) {
      const made = new Set<string>();
      // What others made has come by itself, and may be here already.
      for (const { changes, kind } of operations)
        for (const change of changes)
          if (change.before === null && kind !== 'log') made.add(recordKey(change.collection as NounName, change.id));
      const rows = nounNames.flatMap((noun) => (records.get(noun) ?? []).map((record) => sealedRecord(noun, record)));
      const isSmall = rows.length + operations.length <= smallWrite;
      await setDurability(isSmall ? 'strict' : 'relaxed');
      const sealing = isSmall ? [] : operations.slice(-1);
      // Side by side: when only some arrive, the caller counts none as written, and all are written again.
      await Promise.all([
        upsert('records', rows, (id) => made.has(id), areNew, onWritten),
        upsert('operations', operations.slice(0, operations.length - sealing.length).map(sealedOperation), () => true, areNew),
      ]);
      if (isSmall) return;
      await setDurability('strict');
      await upsert('operations', sealing.map(sealedOperation), () => true, areNew);
    },
    async fill(noun, records) {
      if (records.length === 0) return;
      await setDurability('relaxed');
      for (const batch of batches(records, batchRows))
        await upsert(
          'records',
          batch.map((record) => sealedRecord(noun, record)),
          () => true,
        );
    },
    async fillOperations(operations) {
      if (operations.length === 0) return;
      await setDurability('relaxed');
      await upsert('operations', operations.map(sealedOperation), () => true);
    },
    async operations(ids) {
      const found: Operation[] = [];
      for (const batch of batches(ids, batchOperations)) {
        const rows: unknown[] = await rowsOf('operations').findDocumentsById([...batch], true);
        for (const row of rows) {
          const operation = openedOperation(row);
          if (operation !== null) found.push(operation);
        }
      }
      return found;
    },
    async putBack(operations) {
      // Without a look at what is there: a row that was changed need not be one that RxDB can read.
      for (const batch of batches(onceEach(operations.map(sealedOperation)), batchRows)) await write('operations', batch, newRowsContext);
      await inspect();
    },
    async close() {
      channel.expectClosing();
      // A dead database rejects here; it has to be tried, or the next one could not take its name.
      await rx?.close().catch(() => undefined);
      channel.kill('closing');
    },
  };
}

/** Operations by their numbers, page by page. */
async function readBySequence(
  ask: Ask,
  openedOperation: (row: unknown) => Operation | null,
  ranges: readonly (readonly [number, number])[],
): Promise<Operation[]> {
  const found = new Map<string, Operation>();
  const read = async (some: (readonly [number, number])[]): Promise<void> => {
    const rows = await ask<unknown[]>({
      ask: 'rowsBySequence',
      collection: 'operations',
      ranges: some.map(([from, until]) => [from, until]),
      limit: batchOperations,
    });
    let isNews = false;
    for (const operation of rows.flatMap((row) => openedOperation(row) ?? [])) {
      isNews ||= !found.has(operation.id);
      found.set(operation.id, operation);
    }
    const last = (rows.at(-1) as { seq?: number } | undefined)?.seq;
    // A full page may have left some out. Several can have one number, when an older copy of the folder was used for a
    // while: the next page begins with the last, or behind it where it brought nothing new.
    if (rows.length < batchOperations || typeof last !== 'number') return;
    const next = isNews ? last : last + 1;
    const rest = some.flatMap(([from, until]) => (until <= next ? [] : [[Math.max(from, next), until] as const]));
    if (rest.length > 0) await read(rest);
  };
  for (const batch of batches(ranges, batchOperations)) await read([...batch]);
  return [...found.values()].toSorted((a, b) => a.seq - b.seq);
}
