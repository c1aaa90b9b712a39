import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import {
  type Driver,
  Kysely,
  PGliteDialect,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  type PostgresPool,
  type PostgresPoolClient,
  sql,
} from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { Refused } from '../refused.ts';
import { syncPath, syncTree } from './durable.ts';
import { type FolderHold, holdFolder } from './folder-hold.ts';
import { createChanges } from './changes.ts';
import { migrations } from './migrations.ts';
import { createReaders, type Readers } from './readers.ts';
import { createSecretSeal, proveDataKey, readDataKey } from './secret-seal.ts';
import { beginToRead, type Database, type Tables } from './tables.ts';
import type { Store } from './tenant.ts';

const INT8 = 20;
const CONNECT_MS = 5_000;

export interface Where {
  /** Holds the embedded database, the key of what is sealed where none is given, and what lies beside any database. */
  folder: string;
  /** Null for the embedded database. */
  databaseUrl: string | null;
  /** Base64; null takes the one in the folder. */
  dataKey: string | null;
}

/** A database as it was found. */
export interface Opened {
  db: Database;
  entering: Database | null;
  readers: Readers | null;
  name: 'postgresql' | 'pglite';
  /** The hold on the folder of the embedded database. */
  hold: FolderHold | null;
  close(): Promise<void>;
}

export interface Engine extends Opened, Store {}

export interface OpenOptions {
  /** Whether an embedded database that is not there is made. */
  whenMissing?: 'make' | 'refuse';
  /** The folder is held already, and stays so. */
  hold?: FolderHold;
}

/** The embedded database does not open. Which backup to take is for whoever knows where they lie. */
export class DatabaseDamaged extends Refused {}

/** Opens the database, brings its tables up to date and checks that the key of what is sealed in it is the right one. */
export async function openEngine(where: Where, options: OpenOptions = {}): Promise<Engine> {
  const opened = await openDatabase(where, options);
  try {
    await bringUpToDate(opened.db);
    const secrets = createSecretSeal(readDataKey(where.folder, where.dataKey));
    await proveDataKey(opened.db, secrets);
    return { ...opened, secrets, changes: createChanges() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Opens the database and leaves everything in it as it is. */
export function openDatabase({ folder, databaseUrl }: Where, options: OpenOptions = {}): Promise<Opened> {
  return databaseUrl === null ? openEmbedded(folder, options) : Promise.resolve(openPostgres(databaseUrl));
}

export async function bringUpToDate(db: Database): Promise<void> {
  const known = await schemaOf(db);
  if (known !== null && !schemas().includes(known))
    throw new Refused(`The database was made by a newer Fieldbook server (tables ${known}). Start that version, or one after it.`);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error('The tables could not be brought up to date.');
}

/** What tables can be like, oldest first. */
export const schemas = (): string[] => Object.keys(migrations).toSorted();

/** What the tables are like: the newest migration they have had. Null where there are none. */
export async function schemaOf(db: Database): Promise<string | null> {
  const there = await sql<{ there: boolean }>`select to_regclass('kysely_migration') is not null as there`.execute(db);
  if (there.rows[0]?.there !== true) return null;
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name collate "C" desc limit 1`.execute(db);
  return rows[0]?.name ?? null;
}

/** Nobody's data is in it: no organisation, and nobody who could sign in. */
export async function isEmpty(db: Database): Promise<boolean> {
  if ((await schemaOf(db)) === null) return true;
  const { rows } = await sql<{ isEmpty: boolean }>`
    select not exists (select from organisations) and not exists (select from logins) as "isEmpty"`.execute(db);
  return rows[0]?.isEmpty === true;
}

const mostConnections = 16;

/** A database on another machine has processors of its own, and is further away: there only the connections are limited. */
function readersOf(connectionString: string): Readers | null {
  const { hostname, searchParams } = new URL(connectionString);
  const isHere = ['', 'localhost', '127.0.0.1', '[::1]'].includes(hostname) || searchParams.get('host')?.startsWith('/') === true;
  return isHere ? createReaders(Math.min(mostConnections, 2 * availableParallelism())) : null;
}

function openPostgres(connectionString: string): Opened {
  const pool = new pg.Pool({
    connectionString,
    max: mostConnections,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    // Sequence numbers fit a number for a hundred thousand years of writing.
    types: {
      getTypeParser: (oid, format) => (oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format)) as never,
    },
  });
  pool.on('connect', (client) => void client.query(settings).catch(() => {}));
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => {});
  const named = withNamedStatements(pool);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: named }) });
  const entering = new Kysely<Tables>({ dialect: new EnteringDialect({ pool: named }) });
  return { db, entering, readers: readersOf(connectionString), name: 'postgresql', hold: null, close: () => db.destroy() };
}

/**
 * What a statement is for is known when it is written, and so is its way through the indexes: the way is planned once a
 * connection, not with every request, which took half of the database's time. A plan that was made while the tables were
 * empty has to be good when they are full, so none reads a whole table that has an index for what is asked. Costs are guessed high now and then, and compiling a statement
 * then takes longer than answering it.
 */
const settings = 'set jit = off; set plan_cache_mode = force_generic_plan; set enable_seqscan = off';

/** Begins no transaction: the first statement of `inOrganisation` does, and so saves a way to the database and back. */
class EnteringDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;
  constructor(config: PostgresDialectConfig) {
    super(config);
    this.#config = config;
  }
  override createDriver(): Driver {
    return new EnteringDriver(this.#config);
  }
}

class EnteringDriver extends PostgresDriver {
  override async beginTransaction(): Promise<void> {}
}

/** Texts of statements that are prepared; each connection keeps a plan of each. */
const mostStatements = 200;
const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= mostStatements) return known;
  const name = `fieldbook_${names.size}`;
  names.set(text, name);
  return name;
}

/**
 * How long the end of a transaction that only reads may wait for the beginning of the next one on its connection, to go
 * with it: a way to the database and back less for every read of a busy server. It holds nothing that others wait for but
 * its tables, as they are.
 */
const END_WAITS_MS = 5;
/** The answer to a "commit" that waits. */
const ended = { command: 'COMMIT', rowCount: null, rows: [] };

/** Statements with parameters are prepared once a connection: planning takes longer than most of them. */
function withNamedStatements(pool: pg.Pool): PostgresPool {
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect();
      const known = clients.get(client);
      if (known !== undefined) return known;
      let reads = false;
      let waits = false;
      const end = () => {
        if (!waits) return;
        waits = false;
        // A connection that broke says so to whoever asks next.
        client.query('commit').catch(() => {});
      };
      const timer = setTimeout(end, END_WAITS_MS).unref();
      const query = async (text: string, values: readonly unknown[]) => {
        if (reads && text === 'commit') {
          [reads, waits] = [false, true];
          timer.refresh();
          return ended;
        }
        const isBeginning = text.startsWith(beginToRead);
        const before = waits && isBeginning ? 'commit; ' : '';
        if (before === '') end();
        waits = false;
        if (isBeginning) reads = true;
        else if (text === 'rollback') reads = false;
        if (values.length > 0) return client.query({ name: nameOf(text), text, values: [...values] } as pg.QueryConfig);
        const results = (await client.query(before + text)) as pg.QueryResult | pg.QueryResult[];
        // Several statements in one text: the last one is the answer.
        return Array.isArray(results) ? results.at(-1) : results;
      };
      // Kysely calls it with a text and its values, or with a cursor, which this pool has none of.
      const wrapped = { query, release: (isBroken: boolean) => client.release(isBroken) } as unknown as PostgresPoolClient;
      clients.set(client, wrapped);
      return wrapped;
    },
  };
}

/** Folders of a data folder that hold a database: the one that counts, one that is being made, and one that a restore has finished. */
export const places = { live: 'pgdata', making: 'pgdata.making', restored: 'pgdata.restored' } as const;

async function openEmbedded(folder: string, { whenMissing = 'make', hold: given }: OpenOptions): Promise<Opened> {
  const hold = given ?? (await holdFolder(folder));
  const release = async () => {
    if (given === undefined) await hold.release();
  };
  try {
    settlePlaces(folder);
    if (isVoid(join(folder, places.live))) {
      if (whenMissing === 'refuse') throw new DatabaseDamaged(`There is no database in ${join(folder, places.live)}.`);
      // A first start that is killed leaves no half database behind.
      await (await openPlace(folder, places.making)).close();
      rmSync(join(folder, places.live), { recursive: true, force: true });
      renameSync(join(folder, places.making), join(folder, places.live));
    }
    const { db, close } = await openPlace(folder, places.live);
    const closeAll = async () => {
      await close();
      await release();
    };
    return { db, entering: null, readers: null, name: 'pglite', hold, close: closeAll };
  } catch (error) {
    await release();
    throw error;
  }
}

const isVoid = (folder: string) => !existsSync(folder) || readdirSync(folder).length === 0;

async function openPlace(folder: string, place: string): Promise<{ db: Database; close: () => Promise<void> }> {
  const dataDir = join(folder, place);
  // Without this file PGlite takes the folder for a new one, and makes an empty database in the place of what is there.
  if (!isVoid(dataDir) && !existsSync(join(dataDir, 'PG_VERSION')))
    throw new DatabaseDamaged(`The database in ${dataDir} is not complete.`);
  const pglite = await PGlite.create({ dataDir, parsers: { [INT8]: Number } }).catch((error: unknown) => {
    throw new DatabaseDamaged(`The database in ${dataDir} cannot be opened.`, { cause: error });
  });
  const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
  const close = async () => {
    await db.destroy();
    if (!pglite.closed) await pglite.close();
  };
  return { db, close };
}

/** Finishes a restore that was broken off while folders changed places; throws away one that was broken off before. */
export function settlePlaces(folder: string): void {
  rmSync(join(folder, places.making), { recursive: true, force: true });
  if (!existsSync(join(folder, places.live)) && existsSync(join(folder, places.restored)))
    renameSync(join(folder, places.restored), join(folder, places.live));
  rmSync(join(folder, places.restored), { recursive: true, force: true });
}

/**
 * Makes an embedded database beside the one that is there, and puts it in its place when `fill` is done. Until then the
 * one that is there is not touched, not even opened. Answers where it lies now; null where there was none.
 */
export async function replaceEmbedded(folder: string, setAsideAs: string, fill: (db: Database) => Promise<void>): Promise<string | null> {
  const { db, close } = await openPlace(folder, places.making);
  try {
    await bringUpToDate(db);
    await fill(db);
    await close();
  } catch (error) {
    await close();
    rmSync(join(folder, places.making), { recursive: true, force: true });
    throw error;
  }
  await syncTree(join(folder, places.making));
  renameSync(join(folder, places.making), join(folder, places.restored));
  const aside = existsSync(join(folder, places.live)) ? join(folder, setAsideAs) : null;
  if (aside !== null) renameSync(join(folder, places.live), aside);
  renameSync(join(folder, places.restored), join(folder, places.live));
  await syncPath(folder);
  return aside;
}
