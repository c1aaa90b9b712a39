import { createRxDatabase, isBulkWriteConflictError, RXDB_VERSION, type RxCollection, type RxDatabase, type RxDocumentData } from 'rxdb';
import { getRxStorageRemote } from 'rxdb/plugins/storage-remote';
import type { StorageHostRequest, StorageInspection } from '../../shared/contracts/storage-host.ts';
import { type AnyRecord, type NounName, nounNames, type Stored } from '../../shared/entities/nouns.ts';
import type { Operation } from '../../shared/entities/operation.ts';
import type { Database } from '../domain/ports.ts';
import {
  type CollectionName,
  collectionNames,
  collectionSchemas,
  databaseName,
  operationOf,
  operationRow,
  recordRow,
} from './collections.ts';
import type { StorageChannel } from './storage-channel.ts';
import { withWriteTimes, type WriteTimes } from './write-times.ts';

/** RxDB on one storage host, from its first question to its death. Every method rejects once the host is gone. */
export interface Generation {
  readonly channel: StorageChannel;
  /** Rows per collection, kept up while writing. Right only after `setCounts`. */
  readonly counts: Readonly<Record<string, number>>;
  inspect(): Promise<StorageInspection>;
  /** Operations by number as the database has them, damaged rows left out. Before `open`. */
  operationsBySequence(sequences: readonly number[], above: number | null): Promise<Operation[]>;
  /** Before `open`. */
  drop(): Promise<void>;
  open(counts: Readonly<Record<string, number>>): Promise<void>;
  setToken(token: string): Promise<void>;
  /** Writes operations and the records they left behind, whatever was there before. */
  write(operations: readonly Operation[], records: Parameters<Database['apply']>[1]): Promise<void>;
  /** Writes into an empty database without waiting for the disk; a `write` must follow. */
  fill(noun: NounName, records: readonly Stored<AnyRecord>[]): Promise<void>;
  fillOperations(operations: readonly Operation[]): Promise<void>;
  operations(ids: readonly string[]): Promise<Operation[]>;
  /** Closes the databases and ends the host; never rejects. */
  close(): Promise<void>;
}

/** The page was served by another version of Fieldbook. */
export class OtherVersion extends Error {}

/** Rows per message: a host that is busy with more would miss its heartbeats. */
const batchRows = 1000;
/** A write of more rows than this does not wait for the disk each time; one strict write seals it. */
const smallWrite = 200;

type Row = { id: string };
type StoredRow = RxDocumentData<unknown>;

export function createGeneration(number: number, channel: StorageChannel, times: WriteTimes): Generation {
  // Storage-remote caches channels by identifier for the life of the process: no two generations may share one.
  const storage = getRxStorageRemote({
    identifier: `store-${number}`,
    mode: 'storage',
    messageChannelCreator: () => Promise.resolve(channel.remote),
  });
  const ask = <T>(request: StorageHostRequest) => storage.customRequest<StorageHostRequest, T>(request);
  let rx: RxDatabase | null = null;
  let collections: Record<CollectionName, RxCollection> | null = null;
  let counts: Record<string, number> = {};
  let durability: 'strict' | 'relaxed' = 'strict';

  const rowsOf = (name: CollectionName) => {
    if (collections === null) throw new Error('The database is not open');
    return collections[name].storageInstance;
  };

  const setDurability = async (next: 'strict' | 'relaxed') => {
    if (durability === next) return;
    await ask({ ask: 'setDurability', durability: next });
    durability = next;
  };

  /** `isNew` saves looking first; it may be wrong. */
  const upsert = async (name: CollectionName, rows: readonly Row[], isNew: (id: string) => boolean) => {
    const storageInstance = rowsOf(name);
    for (const batch of batches(rows)) {
      const perhapsKnown = batch.flatMap(({ id }) => (isNew(id) ? [] : id));
      const known = new Map<string, StoredRow>();
      if (perhapsKnown.length > 0)
        for (const row of await storageInstance.findDocumentsById(perhapsKnown, true)) known.set((row as unknown as Row).id, row);
      let writes = batch.map((row) => writeOf(row, known.get(row.id)));
      let inserted = batch.length - known.size;
      for (let round = 0; writes.length > 0; round++) {
        const { error } = await storageInstance.bulkWrite(writes as never, 'fieldbook');
        const conflicts = error.flatMap((one) => isBulkWriteConflictError<unknown>(one) || []);
        // Not the errors themselves: they carry the rows.
        if (conflicts.length < error.length || round === 2) throw new Error('The database refused rows');
        if (round === 0) inserted -= conflicts.filter(({ writeRow }) => writeRow.previous === undefined).length;
        writes = conflicts.map((conflict) => writeOf(conflict.writeRow.document as unknown as Row, conflict.documentInDb));
      }
      counts[name] = (counts[name] ?? 0) + inserted;
    }
  };

  return {
    channel,
    get counts() {
      return { ...counts };
    },
    async inspect() {
      const inspection = await ask<StorageInspection>({
        ask: 'inspect',
        database: databaseName,
        collections: [...collectionNames],
        sequenceOf: 'operations',
      });
      if (inspection.rxdbVersion !== RXDB_VERSION) throw new OtherVersion();
      return inspection;
    },
    async operationsBySequence(sequences, above) {
      const rows = await ask<unknown[]>({
        ask: 'rowsBySequence',
        database: databaseName,
        collection: 'operations',
        sequences: [...sequences],
        above,
      });
      return rows.flatMap((row) => operationOf(row) ?? []);
    },
    drop: () => ask({ ask: 'drop', database: databaseName }),
    async open(known) {
      counts = { ...known };
      rx = await createRxDatabase({
        name: databaseName,
        storage: withWriteTimes(storage, times),
        multiInstance: false,
        eventReduce: false,
      });
      collections = (await rx.addCollections(collectionSchemas as never)) as unknown as Record<CollectionName, RxCollection>;
    },
    setToken: (token) => ask({ ask: 'setToken', database: databaseName, token }),
    async write(operations, records) {
      const made = new Set<string>();
      for (const { changes } of operations) for (const change of changes) if (change.before === null) made.add(change.id);
      const rows = nounNames.map((noun) => (records.get(noun) ?? []).map((record) => recordRow(noun, record)));
      const isSmall = rows.reduce((sum, list) => sum + list.length, operations.length) <= smallWrite;
      await setDurability(isSmall ? 'strict' : 'relaxed');
      const sealing = isSmall ? [] : operations.slice(-1);
      // Side by side: when only some arrive, the caller counts none as written, and all are written again.
      await Promise.all([
        ...nounNames.map((noun, at) => upsert(noun, rows[at] as Row[], (id) => made.has(id))),
        upsert('operations', operations.slice(0, operations.length - sealing.length).map(operationRow), () => true),
      ]);
      if (isSmall) return;
      await setDurability('strict');
      await upsert('operations', sealing.map(operationRow), () => true);
    },
    async fill(noun, records) {
      if (records.length === 0) return;
      await setDurability('relaxed');
      for (const batch of batches(records))
        await upsert(
          noun,
          batch.map((record) => recordRow(noun, record)),
          () => true,
        );
    },
    async fillOperations(operations) {
      if (operations.length === 0) return;
      await setDurability('relaxed');
      await upsert('operations', operations.map(operationRow), () => true);
    },
    async operations(ids) {
      const found: Operation[] = [];
      for (const batch of batches(ids)) {
        const rows: unknown[] = await rowsOf('operations').findDocumentsById([...batch], true);
        for (const row of rows) {
          const operation = operationOf(row);
          if (operation !== null) found.push(operation);
        }
      }
      return found;
    },
    async close() {
      channel.expectClosing();
      // A dead database rejects here; it has to be tried, or the next one could not take its name.
      await rx?.close().catch(() => undefined);
      channel.kill('closing');
    },
  };
}

function writeOf(row: Row, previous: unknown) {
  const document = { ...row, _deleted: false, _attachments: {}, _rev: '', _meta: { lwt: 1 } };
  return previous === undefined ? { document } : { document, previous };
}

function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += batchRows) yield items.slice(at, at + batchRows);
}
