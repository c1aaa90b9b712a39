import { availableParallelism } from 'node:os';
import type { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import pg from 'pg';
import driver from 'pg/lib/utils.js';
import { createReaders } from './readers.ts';
import { createReads, type Reads } from './reads.ts';
import type { Database, Tables } from './tables.ts';

/** PostgreSQL's number of the type bigint. */
export const INT8 = 20;
const CONNECT_MS = 5_000;
const mostConnections = 16;

/** A statement with its values ($1, $2, …). */
export interface Statement {
  text: string;
  values: readonly unknown[];
  /** Answers no rows, and is asked for none. */
  isSilent?: boolean;
}

export interface Postgres {
  db: Database;
  reads: Reads;
  close(): Promise<void>;
}

/** A database of PostgreSQL. */
export function openPostgres(connectionString: string): Postgres {
  // A database on another machine has processors of its own, and is further away: there only the connections are limited.
  const most = isHere(connectionString) ? Math.min(mostConnections, 2 * availableParallelism()) : mostConnections;
  return openPool({ connectionString, max: mostConnections, connectionTimeoutMillis: CONNECT_MS, keepAlive: true }, most);
}

/** The embedded database, which has one connection: whoever wants it waits until it is free. It stays open when the pool is closed. */
export const openPglite = (pglite: PGlite): Postgres => openPool({ ...createPgConfig(pglite), max: 1, idleTimeoutMillis: 0 }, 1);

function openPool(config: pg.PoolConfig, mostReaders: number): Postgres {
  const pool = new pg.Pool({
    ...config,
    // Sequence numbers fit a number for a hundred thousand years of writing.
    types: {
      getTypeParser: (oid, format) => (oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format)) as never,
    },
  });
  pool.on('connect', (client) => void client.query(settings).catch(() => {}));
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => {});
  const connections = new WeakMap<pg.PoolClient, Connection>();
  const connect = async (): Promise<Connection> => {
    const client = await pool.connect();
    const known = connections.get(client) ?? new Connection(client);
    connections.set(client, known);
    return known;
  };
  const dialect = new PostgresDialect({ pool: poolOf(pool, connect) });
  const db = new Kysely<Tables>({ dialect });
  return { db, reads: createReads(connect, dialect, createReaders(mostReaders)), close: () => db.destroy() };
}

function isHere(connectionString: string): boolean {
  const { hostname, searchParams } = new URL(connectionString);
  return ['', 'localhost', '127.0.0.1', '[::1]'].includes(hostname) || searchParams.get('host')?.startsWith('/') === true;
}

/**
 * What a statement is for is known when it is written, and so is its way through the indexes: the way is planned once a
 * connection, not with every request, which took half of the database's time. A plan that was made while the tables were
 * empty has to be good when they are full, so none reads a whole table that has an index for what is asked. Costs are guessed high now and then, and compiling a statement
 * then takes longer than answering it.
 */
const settings = 'set jit = off; set plan_cache_mode = force_generic_plan; set enable_seqscan = off';

/** The pool as Kysely takes it. */
function poolOf(pool: pg.Pool, connect: () => Promise<Connection>): PostgresPool {
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const connection = await connect();
      const query = (text: string, values: readonly unknown[]) =>
        values.length === 0 ? connection.simple(text) : connection.send([{ text, values }]).then(([result]) => result);
      const client = { query, release: (isBroken: boolean) => connection.release(isBroken) };
      return client as unknown as PostgresPoolClient; // its other form of `query` takes a cursor, and this pool has none
    },
  };
}

/** Texts of statements that are prepared; each connection keeps a plan of each. */
const mostStatements = 200;
const names = new Map<string, string>();

/** Empty for what is not prepared: beyond the most, and what has no values, which may be a text of its own each time. */
function nameOf({ text, values, isSilent }: Statement): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  if (names.size >= mostStatements || (values.length === 0 && isSilent !== true)) return '';
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
const commit: Statement = { text: 'commit', values: [], isSilent: true };

/** A connection of the pool, which remembers what is prepared on it. */
export class Connection {
  readonly #client: pg.PoolClient;
  readonly #prepared = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #isLeft = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
    // A connection that broke says so to whoever asks next.
    this.#timer = setTimeout(() => void this.#end().catch(() => {}), END_WAITS_MS).unref();
  }

  /**
   * Sends statements together, which saves the ways between them, and answers the result of each. After one that fails
   * those that follow it are not carried out. Planning takes longer than most of them: they are prepared, once a connection.
   */
  async send(statements: readonly Statement[]): Promise<pg.QueryResult[]> {
    if (!this.#isLeft) return this.#together(statements);
    this.#isLeft = false;
    return (await this.#together([commit, ...statements])).slice(1);
  }

  /** Sends a text without values, which may be of several statements, and answers the result of the last. */
  async simple(text: string): Promise<pg.QueryResult | undefined> {
    await this.#end();
    const results: pg.QueryResult | pg.QueryResult[] = await this.#client.query(text);
    return Array.isArray(results) ? results.at(-1) : results;
  }

  /** Gives the connection back. The transaction on it, which wrote nothing, ends with whatever is sent next or in a moment. */
  leave(): void {
    this.#isLeft = true;
    this.#timer.refresh();
    this.#client.release();
  }

  release(isBroken: boolean): void {
    this.#client.release(isBroken);
  }

  async #end(): Promise<void> {
    if (this.#isLeft) await this.send([]);
  }

  async #together(statements: readonly Statement[]): Promise<pg.QueryResult[]> {
    // First of all: a value that cannot be written down is to fail before half of the statements are on their way.
    const written = statements.map(({ values }) => values.map((value) => driver.prepareValue(value)));
    const { promise, resolve, reject } = Promise.withResolvers<pg.QueryResult[]>();
    const fresh = new Set<string>();
    const query = new pg.Query({ text: '' }, (error, result) => {
      if (error !== undefined && error !== null) return reject(error);
      for (const name of fresh) this.#prepared.add(name);
      // Several statements have a list of results, which the types do not know.
      resolve([result].flat() as pg.QueryResult[]);
    });
    query.submit = (connection) => {
      connection.stream.cork?.();
      try {
        for (const [at, statement] of statements.entries()) this.#submit(connection, statement, written[at] ?? [], fresh);
        connection.sync();
      } finally {
        connection.stream.uncork?.();
      }
      return null;
    };
    this.#client.query(query);
    return promise;
  }

  #submit(connection: pg.Connection, statement: Statement, values: (string | Buffer | null)[], fresh: Set<string>): void {
    const { text, isSilent = false } = statement;
    const name = nameOf(statement);
    if (name === '') connection.parse({ text, name, types: [] }, true);
    else if (!this.#prepared.has(name) && !fresh.has(name)) {
      // It may be there from statements that failed together; to close one that is not there is no error.
      connection.close({ type: 'S', name }, true);
      connection.parse({ text, name, types: [] }, true);
      fresh.add(name);
    }
    connection.bind({ statement: name, values }, true);
    if (!isSilent) connection.describe({ type: 'P', name: '' }, true);
    connection.execute({}, true);
  }
}
