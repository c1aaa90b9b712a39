import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../build/postgres.mjs';
import type { BenchTable } from './measure.ts';
import { startServer } from './server-process.ts';
import { syncBook, syncFigures } from './sync-load.ts';

const account = { email: 'bench@example.com', password: 'a long enough password' };

/** A book pushed and pulled by one laptop, over HTTP, to a server of its own process on a PostgreSQL that waits for the disk. */
export async function run(): Promise<BenchTable> {
  const home = mkdtempSync(join(tmpdir(), 'fieldbook-bench-sync-'));
  const postgres = await startPostgres({ isDurable: true });
  const env = {
    DATABASE_URL: await postgres.database('bench'),
    FIELDBOOK_DATA_KEY: Buffer.alloc(32, 7).toString('base64'),
    FIELDBOOK_ORG: 'Bench',
    FIELDBOOK_ADMIN_EMAIL: account.email,
    FIELDBOOK_ADMIN_PASSWORD: account.password,
    FIELDBOOK_REQUESTS_PER_MINUTE: '9000000',
  };
  try {
    const server = await startServer(['--data', home], env);
    try {
      const rows = await syncFigures(server, account, async () => {
        // As the database does by itself within a minute.
        const client = new pg.Client({ connectionString: env.DATABASE_URL });
        await client.connect();
        await client.query('analyze');
        await client.end();
      });
      return {
        name: `sync: ${syncBook.clients} clients, ${syncBook.contacts} contacts, ${syncBook.locations} locations, one laptop`,
        rows,
      };
    } finally {
      await server.stop();
    }
  } finally {
    await postgres.stop();
    rmSync(home, { recursive: true, force: true });
  }
}
