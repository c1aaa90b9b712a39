import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../build/paths.mjs';
import { restore } from '../../server/operations/restore.ts';
import { fixedClock } from '../../shared/lib/clock.ts';
import { schemaHeader } from '../../shared/sync/wire.ts';
import { ownDatabases, told } from './support/databases.ts';
import { call, start, tidyUp, tokenFor } from './support/server-process.ts';
import { engines } from './support/test-server.ts';

tidyUp();
const databases = ownDatabases();
/** What servers of the past left behind (test/fixtures/README.md). */
const kept = join(root, 'test/fixtures/server-1');
const made = JSON.parse(readFileSync(join(kept, 'server.json'), 'utf8')) as {
  admin: { email: string };
  ids: Record<'client' | 'gone', string>;
};

describe.each(engines)('A dump of the first tables, restored into %s,', (to) => {
  it('is answered from, edited and synced', async () => {
    const where = await databases.bare(to);
    const restoring = { replace: false, withoutKey: false, attachments: join(where.folder, 'attachments') };
    await restore(where, join(kept, 'server.ndjson.gz'), restoring, fixedClock('2026-12-01T08:00:00.000Z'));
    const { args, env } = told(where);
    const server = await start(args, env);
    const token = await tokenFor(server.url, made.admin.email);
    const list = await call(server.url, 'GET', '/api/clients', token);
    expect(list.status).toBe(200);
    expect(list.text).toContain('Adler Bakery');
    expect(list.text).not.toContain('Closed shop');
    expect((await call(server.url, 'POST', '/api/clients', token, { name: 'After' })).status).toBe(201);
    const answer = await fetch(`${server.url}/sync/pull`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', [schemaHeader]: '1' },
      body: JSON.stringify({ collection: 'clients', checkpoint: null, limit: 100 }),
    });
    expect(answer.status).toBe(200);
    const { rows } = (await answer.json()) as { rows: { record: { id: string; name: string; deletedAt: string | null; notes: string } }[] };
    expect(rows.find(({ record }) => record.id === made.ids.client)?.record.notes).toBe('Deliveries before 6 in the morning.');
    expect(rows.some(({ record }) => record.name === 'After')).toBe(true);
    expect(await server.end('SIGTERM')).toBe(0);
    expect(server.said()).toBe('');
  });
});
