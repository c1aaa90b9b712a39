import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { get, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { node24, root } from '../../build/paths.mjs';
import { inOrganisation } from '../../server/store/tenant.ts';
import { schemaHeader } from '../../shared/sync/wire.ts';
import { dataKey } from './support/data-key.ts';
import { databaseOf } from './support/database-of.ts';
import { basicOf, type EngineName, engines, password, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

/** More than the buffers of a connection hold. */
const MANY = 20_000;

interface Company {
  server: TestServer;
  ada: Somebody;
  ask: (path: string) => Promise<IncomingMessage>;
  /** Until no transaction is open. */
  quiet: () => Promise<void>;
}

/** A company with so many clients, of texts that are as long as `more` makes them. */
async function fill(server: TestServer, name: string, clients: number, more: Record<string, string> = {}): Promise<Somebody> {
  const ada = await server.organisation(name);
  await server.run(ada, (tx) => tx.create('clients', { name: 'Client', ...more }));
  // Copies of the one client, under names of their own: writing them one by one takes too long.
  await inOrganisation(server.engine, ada.organisation, ({ tx }) =>
    sql`insert into records select copy.* from records r, generate_series(1, ${clients}::int) n,
      jsonb_populate_record(r, jsonb_build_object('id', r.id || '-' || n, 'number', r.number + n, 'seq', r.seq + n,
        'name_key', r.name_key || ' ' || lpad(n::text, 6, '0'),
        'doc', r.doc || jsonb_build_object('id', r.id || '-' || n, 'name', 'Client ' || n))) copy
      where r.collection = 'clients' and r.number = 1`.execute(tx),
  );
  return ada;
}

/** A company of many clients, served over the network. */
async function openCompany(engine: EngineName, name: string, clients = MANY, readerPatienceMs = 300): Promise<Company> {
  const server = await startTestServer(engine, 'streams', { readerPatienceMs });
  const ada = await fill(server, name, clients);
  const url = await server.app.listen({ port: 0, host: '127.0.0.1' });
  return {
    server,
    ada,
    ask: (path) =>
      new Promise((done, failed) => {
        get(`${url}${path}`, { headers: { authorization: `Bearer ${ada.accessToken}` } }, done).on('error', failed);
      }),
    quiet: () => quiet(server),
  };
}

/** Until no transaction is open: the embedded database answers the question itself no sooner. */
async function quiet({ engine }: TestServer): Promise<void> {
  const isBusy = async () => {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
      where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()`.execute(engine.db);
    return rows[0]?.n !== 0;
  };
  await vi.waitUntil(async () => !(await isBusy()), { timeout: 10_000 });
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
    const { server, ada, ask, quiet } = await openCompany(engine, `readers-${engine}`, 3 * MANY, 600_000);
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

  it.each(engines)(
    'and pages of six companies that do not read keep a seventh from nothing, and hold nothing of %s',
    async (engine) => {
      const server = await startTestServer(engine, 'streams', { readerPatienceMs: 600_000 });
      const url = await server.app.listen({ port: 0, host: '127.0.0.1' });
      // Eight megabytes a list at two of the dialects without pages; the third says no more of a client than its name.
      const clients = 2_000;
      const long = { description: 'd'.repeat(4_000), notes: 'n'.repeat(4_000) };
      const ask = (as: Somebody, path: string, body?: object) =>
        new Promise<IncomingMessage>((done, failed) => {
          // Skhokho takes no tokens.
          const signed = path.startsWith('/api/v1.0/') ? basicOf(as) : { authorization: `Bearer ${as.accessToken}` };
          const headers = { ...signed, 'organization-id': as.organisation, 'content-type': 'application/json', [schemaHeader]: '1' };
          request(`${url}${path}`, { method: body === undefined ? 'GET' : 'POST', headers, agent: false }, done)
            .on('error', failed)
            .end(body === undefined ? undefined : JSON.stringify(body));
        });
      const lists = (as: Somebody) => ['/client/', '/api/v1/clients', `/api/v1.0/organisation/${as.organisation}/clients/`];
      const readers: IncomingMessage[] = [];
      const noReading = async (answer: Promise<IncomingMessage>) => {
        const reader = await answer;
        reader.on('error', () => {});
        readers.push(reader);
        await quiet(server);
        return reader.statusCode;
      };
      for (let company = 1; company <= 6; company += 1) {
        const ada = await fill(server, `unread-${company}-${engine}`, clients, long);
        const people = [ada, await server.member(ada, `bob@unread-${company}-${engine}.example.com`, 'manager')] as const;
        for (let at = 0; at < 8; at += 1) {
          // As many as one company may; from the fifth on those that have most make room.
          const as = people[at % 2] as Somebody;
          const status = await noReading(ask(as, lists(as)[1 + (at % 2)] as string));
          expect([200, 429]).toContain(status);
          if (at < 5) expect(status, `list ${at} of company ${company}`).toBe(200);
        }
        for (const as of people) {
          expect(await noReading(ask(as, '/api/clients?page=1&limit=1000'))).toBe(200);
          expect(await noReading(ask(as, '/api/accounts/?limit=1000'))).toBe(200);
          expect(await noReading(ask(as, '/sync/pull', { collection: 'clients', checkpoint: null, limit: 1000 }))).toBe(200);
        }
      }
      // All places are taken, nothing of the database is, and nobody notices.
      await vi.waitFor(() => expect(openAnswers()).toBe(32), { timeout: 10_000 });
      await quiet(server);
      const eve = await fill(server, `reads-${engine}`, clients, long);
      expect((await server.app.inject('/readyz')).statusCode).toBe(200);
      for (let round = 0; round < 3; round += 1)
        for (const path of lists(eve)) {
          const answer = await ask(eve, path);
          expect(answer.statusCode, path).toBe(200);
          const rows = JSON.parse(await whole(answer)) as unknown[];
          expect(rows, path).toHaveLength(clients + 1);
        }
      expect((await server.ask(eve, 'GET', '/api/clients?page=1&limit=100')).body).toMatchObject({ meta: { total: clients + 1 } });
      const accounts = await server.ask(eve, 'GET', '/api/accounts/?limit=100', undefined, {
        headers: { 'organization-id': eve.organisation },
      });
      expect(accounts.status).toBe(200);
      const pulled = await server.ask(
        eve,
        'POST',
        '/sync/pull',
        { collection: 'clients', checkpoint: null, limit: 100 },
        {
          headers: { [schemaHeader]: '1' },
        },
      );
      expect(pulled.body['rows']).toHaveLength(100);
      // More at once than one company may is asked to come back, in words and with a time; what is answered is whole.
      const crowd = await Promise.all(Array.from({ length: 24 }, (_, at) => ask(eve, lists(eve)[at % 3] as string)));
      const ends = await Promise.all(crowd.map(async (answer) => ({ answer, text: await whole(answer) })));
      for (const { answer, text } of ends) {
        if (answer.statusCode === 200) expect(JSON.parse(text)).toHaveLength(clients + 1);
        else
          expect([answer.statusCode, answer.headers['retry-after'], JSON.parse(text)]).toEqual([
            429,
            '5',
            { detail: expect.stringContaining('throttled') },
          ]);
      }
      expect(ends.some(({ answer }) => answer.statusCode === 200)).toBe(true);
      expect(ends.some(({ answer }) => answer.statusCode === 429)).toBe(true);
      expect((await server.app.inject('/readyz')).statusCode).toBe(200);
      for (const reader of readers) reader.destroy();
      await quiet(server);
      await vi.waitUntil(() => openAnswers() === 0, { timeout: 10_000 });
      await server.close();
    },
    240_000,
  );

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
