import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { node24, root } from '../../build/paths.mjs';
import { inOrganisation } from '../../server/store/tenant.ts';
import { dataKey } from './support/data-key.ts';
import { databaseOf } from './support/database-of.ts';
import { type EngineName, engines, password, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

/** More than the buffers of a connection hold. */
const MANY = 20_000;

interface Company {
  server: TestServer;
  ada: Somebody;
  ask: (path: string) => Promise<IncomingMessage>;
  /** Until no transaction is open. */
  quiet: () => Promise<void>;
}

/** A company of many clients, served over the network. */
async function openCompany(engine: EngineName, name: string, clients = MANY, readerPatienceMs = 300): Promise<Company> {
  const server = await startTestServer(engine, 'streams', { readerPatienceMs });
  const ada = await server.organisation(name);
  await server.run(ada, (tx) => tx.create('clients', { name: 'Client' }));
  // Copies of the one client, under names of their own: writing them one by one takes too long.
  await inOrganisation(server.engine, ada.organisation, ({ tx }) =>
    sql`insert into records select copy.* from records r, generate_series(1, ${clients}::int) n,
      jsonb_populate_record(r, jsonb_build_object('id', r.id || '-' || n, 'number', r.number + n, 'seq', r.seq + n,
        'name_key', r.name_key || ' ' || lpad(n::text, 6, '0'),
        'doc', r.doc || jsonb_build_object('id', r.id || '-' || n, 'name', 'Client ' || n))) copy
      where r.collection = 'clients' and r.number = 1`.execute(tx),
  );
  const url = await server.app.listen({ port: 0, host: '127.0.0.1' });
  const isBusy = async () => {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
      where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()`.execute(server.engine.db);
    return rows[0]?.n !== 0;
  };
  return {
    server,
    ada,
    ask: (path) =>
      new Promise((done, failed) => {
        get(`${url}${path}`, { headers: { authorization: `Bearer ${ada.accessToken}` } }, done).on('error', failed);
      }),
    quiet: async () => void (await vi.waitUntil(async () => !(await isBusy()), { timeout: 10_000 })),
  };
}

/** Files of long answers that this process, which is the server too, has open; they have no name any more. */
const openAnswers = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('fieldbook-answer-');
    } catch {
      // One that was closed meanwhile.
      return false;
    }
  }).length;

const whole = async (answer: IncomingMessage) => {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  return text;
};
/** How an answer ended; what was in it is much too long to show. */
const endOf = (answer: IncomingMessage) =>
  whole(answer).then(
    () => 'whole',
    () => 'broken off',
  );

describe.each(engines)('Long lists on %s', (engine) => {
  let company: Company;
  beforeAll(async () => {
    company = await openCompany(engine, 'many');
  }, 120_000);
  afterAll(() => company.server.close());
  const getOne = async () => (await company.server.ask(company.ada, 'GET', '/client/1/')).status;

  it('come whole and in their order, and the beginning long before the end', async () => {
    const began = performance.now();
    const answer = await company.ask('/client/');
    const headed = performance.now() - began;
    const rows = JSON.parse(await whole(answer)) as { id: number; name: string }[];
    const ended = performance.now() - began;
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'transfer-encoding': 'chunked' });
    expect(rows).toHaveLength(MANY + 1);
    expect(rows.every(({ id, name }, at) => id === at + 1 && name === (at === 0 ? 'Client' : `Client ${at}`))).toBe(true);
    expect(headed).toBeLessThan(ended / 3);
  });

  it('have everything at every dialect without pages', async () => {
    expect(JSON.parse(await whole(await company.ask('/api/v1/clients')))).toHaveLength(MANY + 1);
  });

  it('let go of the database when the reader leaves, and when it does not read', async () => {
    const left = await company.ask('/client/?padding=1');
    left.on('error', () => {}).destroy();
    await company.quiet();

    const idle = await company.ask('/api/v1/clients?padding=1');
    // The embedded database answers nobody else before it has let go.
    await company.quiet();
    // Whoever reads again before the patience is over gets the rest.
    await vi.waitUntil(() => openAnswers() === 0, { timeout: 10_000 });
    expect(await endOf(idle)).toBe('broken off');
    expect(await getOne()).toBe(200);
  });

  it('break off where one of them cannot be read, so that nobody takes them for whole', async () => {
    const { server, ada } = company;
    await inOrganisation(server.engine, ada.organisation, ({ tx }) =>
      sql`update records set doc = 'null' where number = 15000`.execute(tx),
    );
    expect(await endOf(await company.ask('/client/'))).toBe('broken off');
    await vi.waitUntil(() => server.faults.length > 0);
    expect(server.faults.splice(0)).toHaveLength(1);
    expect(await getOne()).toBe(200);
  });
});

describe('Long lists', () => {
  it.each(engines)('are read by eight of a company at a time at every dialect together, and hold nothing of %s', async (engine) => {
    const { server, ada, ask, quiet } = await openCompany(engine, `readers-${engine}`, 3 * MANY, 60_000);
    const readers: IncomingMessage[] = [];
    for (let at = 0; at < 8; at += 1) {
      readers.push(await ask('/api/v1/clients'));
      // Fewer may be made at a time than read.
      await quiet();
    }
    expect(readers.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 8 }, () => 200));
    expect((await server.app.inject('/readyz')).statusCode).toBe(200);
    const ninth = await ask('/api/v1/clients');
    expect([ninth.statusCode, ninth.headers['retry-after']]).toEqual([429, '5']);
    expect(JSON.parse(await whole(ninth))).toEqual({ detail: expect.stringContaining('throttled') });
    expect((await server.ask(ada, 'GET', '/client/1/')).status).toBe(200);
    // Another company's long list is its own.
    const other = await server.organisation(`beside-${engine}`);
    expect((await server.ask(other, 'GET', '/client/')).status).toBe(200);
    for (const reader of readers) reader.on('error', () => {}).destroy();
    await quiet();
    expect(await endOf(await ask('/client/'))).toBe('whole');
    await server.close();
  });

  it('answer HEAD without a body', async () => {
    const { server, ada } = await openCompany('pglite', 'head', 1_000);
    const answer = await server.app.inject({ method: 'HEAD', url: '/client/', headers: { authorization: `Bearer ${ada.accessToken}` } });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
    await server.close();
  });

  it('of 100,000 clients go through a server that has memory for a small part of them', async () => {
    const clients = 100_000;
    const { server, ada } = await openCompany('postgresql', 'large', clients);
    const child = spawn(node24, ['--max-old-space-size=128', join(root, 'server/main.ts'), '--port', '0'], {
      env: { ...process.env, DATABASE_URL: inject('postgres').owned[databaseOf.streams], FIELDBOOK_DATA_KEY: dataKey },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      const { url } = JSON.parse(String(line)) as { url: string };
      const headers = { authorization: `Basic ${Buffer.from(`${ada.email}:${password}`).toString('base64')}` };
      const began = performance.now();
      const answer = await fetch(`${url}/api/v1.0/organisation/${ada.organisation}/clients/`, { headers });
      const headed = performance.now() - began;
      let rows = 0;
      let bytes = 0;
      for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
        bytes += chunk.length;
        rows += Buffer.from(chunk).toString('latin1').split('"unique_id":"').length - 1;
      }
      console.info(
        `${clients} clients: first byte ${headed.toFixed(0)} ms, all ${(performance.now() - began).toFixed(0)} ms, ${bytes} bytes`,
      );
      // As text alone it is most of what the process may have; as records and objects it would be several times that.
      expect(bytes).toBeGreaterThan(75 * 1024 * 1024);
      expect(headed).toBeLessThan(5_000);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect(rows).toBeGreaterThan(clients);
    } finally {
      child.kill();
      await once(child, 'close');
      await server.close();
    }
  });
});
