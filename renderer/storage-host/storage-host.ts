import { Dexie, type Table } from 'dexie';
import {
  createRevision,
  type DexieStorageInternals,
  RXDB_VERSION,
  type RxStorage,
  type RxStorageInstance,
  type RxStorageInstanceCreationParams,
} from 'rxdb';
import { fromStorageToDexie, getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import { exposeRxStorageRemote } from 'rxdb/plugins/storage-remote';
import { Subject } from 'rxjs';
import {
  type FromStorageHost,
  insertContext,
  newRowsContext,
  type StorageHostRequest,
  type StorageInspection,
  type ToStorageHost,
  upsertContext,
} from '../../shared/contracts/storage-host.ts';

/** The line to main. Messages are plain objects that survive a structured clone and JSON. */
export interface HostPort {
  send(message: FromStorageHost): void;
  onMessage(listener: (message: unknown) => void): void;
}

type Durability = 'strict' | 'relaxed';

/** The table of documents of each collection that RxDB has open, by the collection's name. */
type OpenTables = Map<string, Table>;

/**
 * Serves RxDB's Dexie storage over the port, in a worker or a page. It keeps no state that main could miss: when the
 * page dies, main opens another one and compares. Starts once per page; a page whose line broke must be loaded again.
 */
export function startStorageHost(port: HostPort): void {
  leaveOutAdvertisement();
  const fromMain = new Subject<never>();
  const open: OpenTables = new Map();
  let durability: Durability = 'strict';

  // Electron keeps IndexedDB for good; a browser may clear it when space runs out, unless it agrees not to. Some ask the
  // person first, so the answer is not waited for.
  let isPersistent: boolean | null = null;
  navigator.storage?.persist?.().then(
    (answer) => {
      isPersistent = answer;
    },
    () => undefined,
  );

  const storage = getRxStorageDexie({
    onCreate: (db) => {
      // Dexie asks for one durability per connection; each transaction is to have the one of its moment.
      db.use({
        stack: 'dbcore',
        name: 'durability',
        create: (core) => ({ ...core, transaction: (stores, mode) => core.transaction(stores, mode, { durability }) }),
      });
      db.on('close', () => {
        if ([...open.values()].some((table) => table.db === db)) port.send({ kind: 'lost', reason: 'database-closed' });
      });
    },
  });

  exposeRxStorageRemote({
    storage: withOwnWrites(storage, open),
    messages$: fromMain,
    // Main is the only writer: its own events would bring every record back to it.
    send: (message) => {
      if (message.method !== 'changeStream') port.send({ kind: 'rx', message });
    },
    customRequestHandler: async (request: StorageHostRequest) => {
      switch (request.ask) {
        case 'version':
          return RXDB_VERSION;
        case 'inspect':
          return inspect(new Map(request.collections.map((name) => [name, tableOf(open, name)])), isPersistent);
        case 'readThrough':
          return readThrough(tableOf(open, request.collection), request);
        case 'rows':
          return rowsBehind(tableOf(open, request.collection), request);
        case 'rowsById':
          return (await tableOf(open, request.collection).bulkGet(request.ids)).filter((row) => row !== undefined);
        case 'rowsBySequence':
          return rowsBySequence(tableOf(open, request.collection), request);
        case 'setToken':
          await withFacts((facts) => facts.put({ key: 'token', value: request.token }));
          return null;
        case 'drop':
          return drop();
        case 'setDurability':
          durability = request.durability;
          return null;
      }
    },
  });

  port.onMessage((message) => {
    const { kind, ...rest } = message as ToStorageHost;
    // Not a timer: timers of a hidden page crawl, messages do not.
    if (kind === 'ping') port.send({ kind: 'pong', number: (rest as { number: number }).number });
    else if (kind === 'rx') fromMain.next((rest as { message: never }).message);
  });
}

/**
 * RxDB wants the old row with each new one. It is looked up here instead of travelling to main and back, which halves
 * what an edit waits for; rows that are new need no look, which costs a third of what writing them does. Main is the
 * only writer, one write after the other.
 */
function withOwnWrites<Options>(
  storage: RxStorage<DexieStorageInternals, Options>,
  open: OpenTables,
): RxStorage<DexieStorageInternals, Options> {
  return {
    name: storage.name,
    rxdbVersion: storage.rxdbVersion,
    async createStorageInstance<RxDocType>(params: RxStorageInstanceCreationParams<RxDocType, Options>) {
      const instance: RxStorageInstance<RxDocType, DexieStorageInternals, Options> = await storage.createStorageInstance(params);
      const write = instance.bulkWrite.bind(instance);
      const { dexieTable: table } = await instance.internals;
      open.set(params.collectionName, table);
      const close = instance.close.bind(instance);
      instance.close = () => {
        open.delete(params.collectionName);
        return close();
      };
      const idOf = (document: object) => (document as { id: string }).id;
      const toDexie = async (rows: readonly { document: object }[]) => {
        const { dexieTable, booleanIndexes } = await instance.internals;
        return { dexieTable, documents: rows.map(({ document }) => fromStorageToDexie(booleanIndexes, document as never)) };
      };
      instance.bulkWrite = async (rows, context) => {
        if (context === newRowsContext) {
          const { dexieTable, documents } = await toDexie(rows);
          // One transaction: all of them or none.
          await dexieTable.bulkPut(documents);
          return { error: [] };
        }
        if (context === insertContext) {
          const { dexieTable, documents } = await toDexie(rows);
          // One that is there already undoes the others.
          const add = dexieTable.db.transaction('rw', dexieTable, () => dexieTable.bulkAdd(documents));
          const isAdded = await add.then(
            () => true,
            () => false,
          );
          // RxDB finds out which are there, or what else is wrong.
          return isAdded ? { error: [] } : write(rows, context);
        }
        if (context !== upsertContext) return write(rows, context);
        const ids = rows.map(({ document }) => idOf(document));
        const known = new Map((await instance.findDocumentsById(ids, true)).map((row) => [idOf(row), row]));
        const writes = rows.map(({ document }) => {
          const previous = known.get(idOf(document));
          if (previous === undefined) return { document };
          const writer = document._rev.slice(document._rev.indexOf('-') + 1);
          return { document: { ...document, _rev: createRevision(writer, previous) }, previous };
        });
        return { ...(await write(writes, context)), inserted: rows.length - known.size };
      };
      return instance;
    },
  };
}

function tableOf(open: OpenTables, collection: string): Table {
  const table = open.get(collection);
  if (table === undefined) throw new Error('RxDB has not opened this collection');
  return table;
}

/** The index that RxDB made of a schema's index on `field`; null where the schema has none. Rows that are not deleted come first, as "0". */
function indexOn(table: Table, field: string): string | null {
  return table.schema.indexes.find(({ keyPath }) => Array.isArray(keyPath) && keyPath.includes(field))?.name ?? null;
}

const factsName = 'fieldbook-facts';

/** What is known of the database as a whole, in one of our own beside it: RxDB would not let a half-built one be told from a whole one. */
async function withFacts<T>(work: (facts: Table) => PromiseLike<T>): Promise<T> {
  const db = new Dexie(factsName, { chromeTransactionDurability: 'strict' });
  db.version(1).stores({ facts: 'key' });
  await db.open();
  try {
    return await work(db.table('facts'));
  } finally {
    db.close();
  }
}

async function inspect(tables: OpenTables, isPersistent: boolean | null): Promise<StorageInspection> {
  const inspection: StorageInspection = { token: null, counts: {}, newestWrite: 0, newestSequence: 0, isPersistent };
  if (await Dexie.exists(factsName)) {
    const fact: unknown = await withFacts((facts) => facts.get('token'));
    inspection.token = (fact as { value: string } | undefined)?.value ?? null;
  }
  for (const [collection, table] of tables) {
    const newest: { _meta: { lwt: number } } | undefined = await table.orderBy('_meta.lwt').last();
    inspection.newestWrite = Math.max(inspection.newestWrite, newest?._meta.lwt ?? 0);
    inspection.counts[collection] = await table.count();
    const sequence = indexOn(table, 'seq');
    if (sequence === null) continue;
    const last: { seq: number } | undefined = await table.orderBy(sequence).last();
    inspection.newestSequence = last?.seq ?? 0;
  }
  return inspection;
}

async function rowsBySequence(table: Table, request: Extract<StorageHostRequest, { ask: 'rowsBySequence' }>): Promise<unknown[]> {
  const sequence = indexOn(table, 'seq');
  if (sequence === null) throw new Error('This collection has no numbers');
  const rows: unknown[] = [];
  for (const [from, to] of request.ranges) {
    const range = table.where(sequence).between(['0', from, ''], ['0', to, '']);
    rows.push(...(await range.limit(request.limit - rows.length).toArray()));
  }
  return rows;
}

async function rowsBehind(table: Table, { after, limit }: { after: string; limit: number }): Promise<{ id: string }[]> {
  return table.where(':id').above(after).limit(limit).toArray();
}

async function readThrough(table: Table, request: Extract<StorageHostRequest, { ask: 'readThrough' }>): Promise<string | null> {
  const rows = await rowsBehind(table, request);
  return rows.length < request.limit ? null : (rows.at(-1)?.id ?? null);
}

/** The token goes first: a drop that was interrupted leaves a database nobody takes for a whole one. */
async function drop(): Promise<null> {
  await Dexie.delete(factsName);
  for (const name of await Dexie.getDatabaseNames()) await Dexie.delete(name);
  return null;
}

/** RxDB writes to every console once that a paid storage is to be had. Warnings there are for faults, and none may hide among others. */
function leaveOutAdvertisement(): void {
  const { warn } = console;
  // oxlint-disable-next-line no-console -- it is the console's own warning that is left out
  console.warn = (...said: unknown[]) => {
    if (!String(said[0]).includes('RxDB Open Core RxStorage')) warn.apply(console, said);
  };
}
