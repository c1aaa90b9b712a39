import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../build/postgres.mjs';
import { type BenchTable, figure, percentile } from './measure.ts';
import { startServer } from './server-process.ts';
import { laptopOf, measureSync, rowsOfBook } from './sync-load.ts';

const account = { email: 'bench@example.com', password: 'a long enough password' };
const size = { clients: 6_000, contacts: 15_000, locations: 3_000 };

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
      const signIn = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(account) };
      const { accessToken } = (await (await fetch(`${server.url}/auth/token`, signIn)).json()) as { accessToken: string };
      const laptop = laptopOf(server.url, accessToken);
      // Warm: compiled, prepared, cached.
      await measureSync(laptop, rowsOfBook(400, 600, 200), server.pid);
      // As the database does by itself within a minute.
      const client = new pg.Client({ connectionString: env.DATABASE_URL });
      await client.connect();
      await client.query('analyze');
      await client.end();
      const rates = await measureSync(laptop, rowsOfBook(size.clients, size.contacts, size.locations), server.pid);
      return {
        name: `sync: ${size.clients} clients, ${size.contacts} contacts, ${size.locations} locations, one laptop`,
        rows: [
          figure('push, batches of 200', rates.pushedPerSecond, 'documents/s', '≥ 2000', rates.pushedPerSecond >= 2_000),
          figure('push of a batch, p50', percentile(rates.pushBatchMs, 0.5), 'ms', '', null),
          figure('push of a batch, p95', percentile(rates.pushBatchMs, 0.95), 'ms', '', null),
          figure('push, the server’s processor time', (rates.pushCpuPerThousand ?? Number.NaN) * 1000, 'ms for 1000 documents', '', null),
          figure('pull, pages of 1000', rates.pulledPerSecond, 'documents/s', '≥ 8000', rates.pulledPerSecond >= 8_000),
          figure('pull', rates.pulledMegabytesPerSecond, 'MB/s', '', null),
          figure('pull, the server’s processor time', (rates.pullCpuPerThousand ?? Number.NaN) * 1000, 'ms for 1000 documents', '', null),
        ],
      };
    } finally {
      await server.stop();
    }
  } finally {
    await postgres.stop();
    rmSync(home, { recursive: true, force: true });
  }
}
