import pg from 'pg';
import { sql } from 'kysely';
import { Refused } from '../refused.ts';
import type { Tx } from './tables.ts';

/** Locks of PostgreSQL that belong to no row: shared by servers, whole for a restore. Any number that nothing else uses. */
const lock = 4_810_481_048;
const AGAIN_MS = 1_000;

/**
 * Says to whoever would restore a backup that a server works on this database. Kept on a connection of its own, and
 * taken again when that breaks. Answers how to stop saying so.
 */
export async function announceServer(databaseUrl: string): Promise<() => Promise<void>> {
  let isOver = false;
  let client: pg.Client | null = null;
  let again: NodeJS.Timeout | undefined;

  async function take(): Promise<void> {
    const own = new pg.Client({ connectionString: databaseUrl, keepAlive: true });
    client = own;
    own.once('error', () => {});
    own.once('end', () => {
      if (isOver) return;
      again = setTimeout(() => void take().catch(() => {}), AGAIN_MS);
      again.unref();
    });
    await own.connect();
    const { rows } = await own.query<{ taken: boolean }>('select pg_try_advisory_lock_shared($1) as taken', [lock]);
    if (rows[0]?.taken !== true) {
      await own.end();
      throw new Refused('A backup is being restored into this database. Start the server again when that is done.');
    }
  }

  const stop = async () => {
    isOver = true;
    clearTimeout(again);
    await client?.end().catch(() => {});
  };
  try {
    await take();
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** Keeps servers from the database for the rest of a transaction. Throws where one works on it. */
export async function keepServersOut(tx: Tx): Promise<void> {
  const { rows } = await sql<{ taken: boolean }>`select pg_try_advisory_xact_lock(${lock}) as taken`.execute(tx);
  if (rows[0]?.taken !== true)
    throw new Refused('A server is running on this database. Stop every server that uses it, and restore then. Nothing was changed.');
}
