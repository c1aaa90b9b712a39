import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { migrations } from './migrations.ts';
import type { Database, Tables } from './tables.ts';

const INT8 = 20;

export type Where = { databaseUrl: string } | { folder: string };

export interface Engine {
  db: Database;
  name: 'postgresql' | 'pglite';
  close(): Promise<void>;
}

/** Opens the database and brings its tables up to date. */
export async function openEngine(where: Where): Promise<Engine> {
  const engine = 'databaseUrl' in where ? openPostgres(where.databaseUrl) : await openPglite(where.folder);
  try {
    const migrator = new Migrator({ db: engine.db, provider: { getMigrations: async () => migrations } });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error instanceof Error ? error : new Error('The tables could not be brought up to date.');
  } catch (error) {
    await engine.close();
    throw error;
  }
  return engine;
}

function openPostgres(connectionString: string): Engine {
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
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return { db, name: 'postgresql', close: () => db.destroy() };
}

async function openPglite(folder: string): Promise<Engine> {
  mkdirSync(folder, { recursive: true });
  const lock = takeLock(folder);
  const pglite = await PGlite.create({ dataDir: join(folder, 'pgdata'), parsers: { [INT8]: Number } }).catch((error: unknown) => {
    rmSync(lock, { force: true });
    throw error;
  });
  const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
  return {
    db,
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
