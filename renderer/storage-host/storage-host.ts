import { Dexie } from 'dexie';
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

/**
 * Serves RxDB's Dexie storage over the port, in a worker or a page. It keeps no state that main could miss: when the
 * page dies, main opens another one and compares. Starts once per page; a page whose line broke must be loaded again.
 */
export function startStorageHost(port: HostPort): void {
  leaveOutAdvertisement();
  const fromMain = new Subject<never>();
  /** Every database RxDB has opened here, so that the durability of all can be switched. */
  const open = new Set<Dexie>();
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
    chromeTransactionDurability: durability,
    onCreate: (db) => {
      setDurability(db, durability);
      open.add(db);
      db.on('close', () => {
        open.delete(db);
        port.send({ kind: 'lost', reason: 'database-closed' });
      });
    },
  });

  exposeRxStorageRemote({
    storage: withOwnWrites(storage),
    messages$: fromMain,
    // Main is the only writer: its own events would bring every record back to it.
    send: (message) => {
      if (message.method !== 'changeStream') port.send({ kind: 'rx', message });
    },
    customRequestHandler: async (request: StorageHostRequest) => {
      switch (request.ask) {
        case 'inspect':
          return inspect(request, isPersistent);
        case 'readThrough':
          return readThrough(request);
        case 'rowsBySequence':
          return rowsBySequence(request);
        case 'setToken':
          return setToken(request);
        case 'drop':
          return drop(request.database);
        case 'setDurability':
          durability = request.durability;
          for (const db of open) setDurability(db, durability);
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
function withOwnWrites<Options>(storage: RxStorage<DexieStorageInternals, Options>): RxStorage<DexieStorageInternals, Options> {
  return {
    name: storage.name,
    rxdbVersion: storage.rxdbVersion,
    async createStorageInstance<RxDocType>(params: RxStorageInstanceCreationParams<RxDocType, Options>) {
      const instance: RxStorageInstance<RxDocType, DexieStorageInternals, Options> = await storage.createStorageInstance(params);
      const write = instance.bulkWrite.bind(instance);
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

/** Dexie reads this option at the start of every transaction. */
function setDurability(db: Dexie, durability: Durability): void {
  (db as unknown as { _options: { chromeTransactionDurability: Durability } })._options.chromeTransactionDurability = durability;
}

const factsName = (database: string) => `${database}-facts`;
/** RxDB's name for the database of a collection whose schema has version 0. */
const collectionPrefix = (database: string) => `rxdb-dexie-${database}--`;
const collectionName = (database: string, collection: string) => `${collectionPrefix(database)}0--${collection}`;

/** RxDB's index on a field `seq`: rows that are not deleted come first, as "0". */
const sequenceIndex = '[_deleted+seq+id]';

async function existing(): Promise<Set<string>> {
  return new Set((await indexedDB.databases()).flatMap(({ name }) => name ?? []));
}

/** Opens a database as it is, without a schema of our own, for as long as `work` runs. */
async function withDatabase<T>(name: string, work: (db: Dexie) => Promise<T>): Promise<T> {
  const db = await new Dexie(name).open();
  try {
    return await work(db);
  } finally {
    db.close();
  }
}

async function withFacts<T>(database: string, work: (facts: Dexie) => Promise<T>): Promise<T> {
  const db = new Dexie(factsName(database), { chromeTransactionDurability: 'strict' });
  db.version(1).stores({ facts: 'key' });
  await db.open();
  try {
    return await work(db);
  } finally {
    db.close();
  }
}

async function inspect(request: Extract<StorageHostRequest, { ask: 'inspect' }>, isPersistent: boolean | null): Promise<StorageInspection> {
  const names = await existing();
  const inspection: StorageInspection = {
    rxdbVersion: RXDB_VERSION,
    token: null,
    counts: {},
    newestWrite: 0,
    newestSequence: 0,
    isPersistent,
  };
  if (names.has(factsName(request.database))) {
    const fact: unknown = await withFacts(request.database, (db) => db.table('facts').get('token'));
    inspection.token = (fact as { value: string } | undefined)?.value ?? null;
  }
  for (const collection of request.collections) {
    const name = collectionName(request.database, collection);
    if (!names.has(name)) {
      inspection.counts[collection] = 0;
      continue;
    }
    await withDatabase(name, async (db) => {
      const docs = db.table('docs');
      inspection.counts[collection] = await docs.count();
      const newest: { _meta: { lwt: number } } | undefined = await docs.orderBy('_meta.lwt').last();
      inspection.newestWrite = Math.max(inspection.newestWrite, newest?._meta.lwt ?? 0);
      if (collection !== request.sequenceOf) return;
      const last: { seq: number } | undefined = await docs.orderBy(sequenceIndex).last();
      inspection.newestSequence = last?.seq ?? 0;
    });
  }
  return inspection;
}

async function rowsBySequence(request: Extract<StorageHostRequest, { ask: 'rowsBySequence' }>): Promise<unknown[]> {
  const name = collectionName(request.database, request.collection);
  if (!(await existing()).has(name)) return [];
  return withDatabase(name, async (db) => {
    const rows: unknown[] = [];
    for (const [from, to] of request.ranges) {
      const range = db.table('docs').where(sequenceIndex).between(['0', from, ''], ['0', to, '']);
      rows.push(...(await range.limit(request.limit - rows.length).toArray()));
    }
    return rows;
  });
}

async function readThrough(request: Extract<StorageHostRequest, { ask: 'readThrough' }>): Promise<string | null> {
  const name = collectionName(request.database, request.collection);
  if (!(await existing()).has(name)) return null;
  return withDatabase(name, async (db) => {
    const rows: { id: string }[] = await db.table('docs').where(':id').above(request.after).limit(request.limit).toArray();
    return rows.length < request.limit ? null : (rows.at(-1)?.id ?? null);
  });
}

async function setToken({ database, token }: Extract<StorageHostRequest, { ask: 'setToken' }>): Promise<null> {
  await withFacts(database, (db) => db.table('facts').put({ key: 'token', value: token }));
  return null;
}

/** The token goes first: a drop that was interrupted leaves a database nobody takes for a whole one. */
async function drop(database: string): Promise<null> {
  await Dexie.delete(factsName(database));
  for (const name of await existing()) if (name.startsWith(collectionPrefix(database))) await Dexie.delete(name);
  return null;
}

/** RxDB writes to every console once that a paid storage is to be had. Warnings there are for faults, and none may hide among others. */
function leaveOutAdvertisement(): void {
  const { warn } = console;
  console.warn = (...said: unknown[]) => {
    if (!String(said[0]).includes('RxDB Open Core RxStorage')) warn.apply(console, said);
  };
}
