import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
} from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { migrations } from './migrations.ts';
import { createSecretSeal, proveDataKey, readDataKey } from './secret-seal.ts';
import type { Tables } from './tables.ts';
import type { Store } from './tenant.ts';

const INT8 = 20;

export interface Where {
  /** Holds the embedded database, and the key of what is sealed where none is given. */
  folder: string;
  /** Null for the embedded database. */
  databaseUrl: string | null;
  /** Base64; null takes the one in the folder. */
  dataKey: string | null;
}

export interface Engine extends Store {
  name: 'postgresql' | 'pglite';
  close(): Promise<void>;
}

/** Opens the database, brings its tables up to date and checks that the key of what is sealed in it is the right one. */
export async function openEngine({ folder, databaseUrl, dataKey }: Where): Promise<Engine> {
  const secrets = createSecretSeal(readDataKey(folder, dataKey));
  const engine = { ...(databaseUrl !== null ? openPostgres(databaseUrl) : await openPglite(folder)), secrets };
  try {
    const migrator = new Migrator({ db: engine.db, provider: { getMigrations: async () => migrations } });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error instanceof Error ? error : new Error('The tables could not be brought up to date.');
    await proveDataKey(engine.db, secrets);
  } catch (error) {
    await engine.close();
    throw error;
  }
  return engine;
}

type Opened = Omit<Engine, 'secrets'>;

function openPostgres(connectionString: string): Opened {
  const pool = new pg.Pool({
    connectionString,
    max: 16,
    // Sequence numbers fit a number for a hundred thousand years of writing.
    types: {
      getTypeParser: (oid, format) => (oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format)) as never,
    },
  });
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => {});
  const named = withNamedStatements(pool);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: named }) });
  const entering = new Kysely<Tables>({ dialect: new EnteringDialect({ pool: named }) });
  return { db, entering, name: 'postgresql', close: () => db.destroy() };
}

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
      const query = async (text: string, values: readonly unknown[]) => {
        if (values.length > 0) return client.query({ name: nameOf(text), text, values: [...values] } as pg.QueryConfig);
        const results = (await client.query(text)) as pg.QueryResult | pg.QueryResult[];
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

async function openPglite(folder: string): Promise<Opened> {
  mkdirSync(folder, { recursive: true });
  const lock = takeLock(folder);
  const pglite = await PGlite.create({ dataDir: join(folder, 'pgdata'), parsers: { [INT8]: Number } }).catch((error: unknown) => {
    rmSync(lock, { force: true });
    throw error;
  });
  const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
  return {
    db,
    entering: null,
    name: 'pglite',
    close: async () => {
      await db.destroy();
      if (!pglite.closed) await pglite.close();
      rmSync(lock, { force: true });
    },
  };
}

/** PGlite takes no lock on its folder: two processes in one lose what was acknowledged (docs/server.md). */
function takeLock(folder: string): string {
  const file = join(folder, 'lock');
  for (let attempt = 0; ; attempt += 1) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = Number(readFileSync(file, 'utf8'));
      if (attempt > 0 || isAlive(holder)) {
        throw new Error(
          `The folder ${folder} is in use by another server (process ${holder}). Stop that one, or give --data another folder.`,
          {
            cause: error,
          },
        );
      }
      rmSync(file, { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
