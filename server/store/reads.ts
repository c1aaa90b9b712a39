import {
  type CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  PostgresAdapter,
  type PostgresDialect,
  PostgresQueryCompiler,
  type QueryResult,
  Transaction,
} from 'kysely';
import type pg from 'pg';
import type { Connection, Statement } from './postgres.ts';
import type { Readers } from './readers.ts';
import type { Tables, Tx } from './tables.ts';

/** A transaction that cannot write. */
export interface Reading {
  tx: Tx;
  /** What the opening answered. It goes with the first statement, or alone where none was sent yet. */
  opened(): Promise<unknown>;
}

export interface Reads {
  /** Runs work in a transaction that cannot write, and that begins with the opening. */
  run<T>(opening: Statement, work: (reading: Reading) => Promise<T>): Promise<T>;
}

const begin: Statement = { text: 'begin read only', values: [], isSilent: true };

export function createReads(connect: () => Promise<Connection>, dialect: PostgresDialect, readers: Readers): Reads {
  const compiler = new PostgresQueryCompiler();
  const adapter = new PostgresAdapter();
  const driver = dialect.createDriver();
  return {
    run: (opening, work) =>
      readers.read(async () => {
        const connection = await connect();
        const own = new ReadConnection(connection, opening);
        const executor = new DefaultQueryExecutor(compiler, adapter, { provideConnection: (consumer) => consumer(own) });
        const tx = new Transaction<Tables>({ config: { dialect }, dialect, driver, executor });
        try {
          return await work({ tx, opened: () => own.opened() });
        } finally {
          connection.leave();
        }
      }),
  };
}

class ReadConnection implements DatabaseConnection {
  readonly #connection: Connection;
  readonly #opening: Statement;
  #opened: Promise<pg.QueryResult[]> | null = null;

  constructor(connection: Connection, opening: Statement) {
    this.#connection = connection;
    this.#opening = opening;
  }

  async opened(): Promise<unknown> {
    return (await (this.#opened ?? this.#open([])))[1]?.rows[0];
  }

  async executeQuery<R>({ sql: text, parameters: values }: CompiledQuery): Promise<QueryResult<R>> {
    const statements = [{ text, values }];
    const results = await (this.#opened === null ? this.#open(statements) : this.#connection.send(statements));
    return { rows: results.at(-1)?.rows ?? [] };
  }

  #open(statements: readonly Statement[]): Promise<pg.QueryResult[]> {
    this.#opened = this.#connection.send([begin, this.#opening, ...statements]);
    return this.#opened;
  }

  streamQuery(): AsyncIterableIterator<never> {
    throw new Error('Long lists are read through a cursor of their own (list-sql.ts)');
  }
}
