import { connect, createServer, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import type { Where } from '../../server/store/engine.ts';
import { ownDatabases, told } from './support/databases.ts';
import { call, command, firstStart, run, type Running, start, tidyUp, tokenFor } from './support/server-process.ts';
import { engines, password } from './support/test-server.ts';

tidyUp();
const databases = ownDatabases();
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
}, 60_000);

async function hasSaid(server: Running, words: string): Promise<void> {
  await expect.poll(() => server.said(), { timeout: 60_000, interval: 20 }).toContain(words);
}

/** The way to a PostgreSQL, which can be shut and opened. */
async function wayTo(where: Where): Promise<{ where: Where; open(): Promise<void>; shut(): Promise<void> }> {
  const url = new URL(String(where.databaseUrl));
  const real = Number(url.port);
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  const listen = (port: number) =>
    new Promise<number>((done, failed) => {
      const own = createServer((client) => {
        const database = connect(real, '127.0.0.1');
        for (const [one, other] of [
          [client, database],
          [database, client],
        ] as const) {
          sockets.add(one);
          one.pipe(other);
          one.on('error', () => {});
          one.once('close', () => (sockets.delete(one), other.destroy()));
        }
      });
      server = own;
      own.once('error', failed);
      own.listen(port, '127.0.0.1', () => done((own.address() as { port: number }).port));
    });
  const shut = () =>
    new Promise<void>((done) => {
      for (const socket of sockets) socket.destroy();
      if (server === null) done();
      else server.close(() => done());
      server = null;
    });
  const port = await listen(0);
  await shut();
  closing.push(shut);
  url.port = String(port);
  return { where: { ...where, databaseUrl: url.href }, open: async () => void (await listen(port)), shut };
}

async function connectionTo(where: Where): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: String(where.databaseUrl) });
  await client.connect();
  closing.push(() => client.end());
  return client;
}

describe('A PostgreSQL that does not answer', () => {
  it('yet, is waited for', async () => {
    const { where, open } = await wayTo(await databases.bare('postgresql'));
    const { args, env } = told(where);
    const starting = start([...args, '--wait', '60s'], { ...env, ...firstStart });
    const early = run(['--port', '0', ...args, '--wait', '60s'], env);
    await hasSaid(early, 'does not answer yet (ECONNREFUSED). Trying again for 60 s.');
    // Waiting is no reason not to stop.
    await early.end('SIGTERM');
    expect(early.out()).toBe('');
    await open();
    const server = await starting;
    expect(server.ready).not.toBeNull();
    expect(await server.end('SIGTERM')).toBe(0);
  });

  it('at all, or does not let the server in, is named without the password', async () => {
    const { where, open } = await wayTo(await databases.bare('postgresql'));
    const { args, env } = told(where);
    const secret = new URL(String(where.databaseUrl)).password;
    const gone = await command([...args, '--wait', '1s'], env);
    expect(gone).toMatchObject({
      code: 1,
      said: expect.stringMatching(/PostgreSQL at 127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\)\. Check/),
    });
    expect(gone.said).not.toContain(secret);
    await open();
    for (const change of [(url: URL) => (url.password = 'wrong'), (url: URL) => (url.pathname = '/none')]) {
      const url = new URL(String(where.databaseUrl));
      change(url);
      const refused = await command([...args, '--wait', '60s'], { ...env, DATABASE_URL: url.href });
      expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('does not let the server in') });
      expect(refused.said).not.toContain(secret);
    }
  });

  it('for a while, is answered with 503, and with everything when it is back', async () => {
    const { where, open, shut } = await wayTo(await databases.bare('postgresql'));
    const { args, env } = told(where);
    await open();
    const server = await start(args, { ...env, ...firstStart });
    const token = await tokenFor(server.url);
    await shut();
    expect((await call(server.url, 'GET', '/healthz', null)).status).toBe(200);
    expect((await call(server.url, 'GET', '/readyz', null)).status).toBe(503);
    const refused = await call(server.url, 'POST', '/api/clients', token, { name: 'Alpha' });
    expect([refused.status, refused.json()]).toEqual([503, { detail: expect.stringContaining('Nothing was changed. Try again.') }]);
    await open();
    await expect.poll(async () => (await call(server.url, 'GET', '/readyz', null)).status, { timeout: 30_000 }).toBe(200);
    expect((await call(server.url, 'POST', '/api/clients', token, { name: 'Alpha' })).status).toBe(201);
    // Those who would restore are told again too, on a connection that is made anew.
    const locks = await connectionTo(where);
    const shared = async () => (await locks.query(`select from pg_locks where locktype = 'advisory' and mode = 'ShareLock'`)).rowCount;
    await expect.poll(shared, { timeout: 30_000 }).toBe(1);
    expect(await server.end('SIGTERM')).toBe(0);
  });
});

describe('Stopping', () => {
  it('lets requests that are at work come to their end, and takes no others', async () => {
    const where = await databases.bare('postgresql');
    const { args, env } = told(where);
    const server = await start(args, { ...env, ...firstStart });
    const token = await tokenFor(server.url);
    const holder = await connectionTo(where);
    await holder.query('begin; select from organisations for update');
    const waiting = call(server.url, 'POST', '/api/clients', token, { name: 'In good order' });
    const isWaiting = async () => (await holder.query(`select from pg_stat_activity where wait_event_type = 'Lock'`)).rowCount;
    await expect.poll(isWaiting, { timeout: 30_000 }).toBe(1);
    const ended = server.end('SIGTERM');
    const isOpen = () =>
      call(server.url, 'GET', '/healthz', null).then(
        () => true,
        () => false,
      );
    await expect.poll(isOpen, { timeout: 3_000, interval: 10 }).toBe(false);
    await holder.query('commit');
    expect((await waiting).status).toBe(201);
    expect(await ended).toBe(0);
  });

  it('is over after ten seconds whatever a request waits for, and at once with a second signal', async () => {
    const where = await databases.bare('postgresql');
    const { args, env } = told(where);
    for (const signals of [1, 2]) {
      const server = await start(args, { ...env, ...firstStart });
      const token = await tokenFor(server.url);
      const holder = await connectionTo(where);
      await holder.query('begin; select from organisations for update');
      const waiting = call(server.url, 'POST', '/api/clients', token, { name: 'For ever' }).catch(() => 'cut');
      const isWaiting = async () => (await holder.query(`select from pg_stat_activity where wait_event_type = 'Lock'`)).rowCount;
      await expect.poll(isWaiting, { timeout: 30_000 }).toBe(1);
      const began = performance.now();
      const ended = server.end('SIGTERM');
      const isOpen = () =>
        call(server.url, 'GET', '/healthz', null).then(
          () => true,
          () => false,
        );
      await expect.poll(isOpen, { timeout: 3_000, interval: 10 }).toBe(false);
      if (signals === 2) server.child.kill('SIGTERM');
      expect(await ended).toBe(1);
      expect(performance.now() - began).toBeLessThan(signals === 2 ? 4_000 : 12_000);
      expect(await waiting).toBe('cut');
      await holder.query('rollback');
    }
  });
});

describe('Behind a proxy', () => {
  const attempt = (url: string, headers: Record<string, string>) =>
    fetch(`${url}/auth/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ email: firstStart.FIELDBOOK_ADMIN_EMAIL, password }),
    });

  it('addresses and HTTPS are those the proxy names; without one nobody can name them', async () => {
    const where = await databases.bare('postgresql');
    const { args, env } = told(where);
    const limited = { ...env, ...firstStart, FIELDBOOK_ATTEMPTS_PER_MINUTE: '2' };
    const from = (address: string) => ({ 'x-forwarded-for': address, 'x-forwarded-proto': 'https' });
    const behind = await start([...args, '--trust-proxy', 'loopback,10.0.0.0/8'], limited);
    const statuses = async (url: string, addresses: string[]) => {
      const all: number[] = [];
      for (const address of addresses) all.push((await attempt(url, from(address))).status);
      return all;
    };
    // The address before the first that is not a proxy's counts; what a client wrote further to the left does not.
    expect(await statuses(behind.url, ['192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2'])).toEqual([200, 200, 429, 200]);
    expect(await statuses(behind.url, ['192.0.2.7, 192.0.2.2, 10.0.0.9', '192.0.2.8, 192.0.2.2, 10.0.0.9'])).toEqual([200, 429]);
    expect((await attempt(behind.url, from('192.0.2.3'))).headers.get('set-cookie')).toContain('; Secure');
    expect((await attempt(behind.url, { 'x-forwarded-for': '192.0.2.4' })).headers.get('set-cookie')).not.toContain('Secure');
    await behind.end('SIGTERM');

    const direct = await start(args, limited);
    expect((await attempt(direct.url, from('192.0.2.1'))).headers.get('set-cookie')).not.toContain('Secure');
    expect(await statuses(direct.url, ['192.0.2.2', '192.0.2.3'])).toEqual([200, 429]);
  });
});

describe.each(engines)('What a server on %s writes', (engine) => {
  it('has no name, address, id, password or token in it, whatever goes wrong', async () => {
    const where = await databases.bare(engine);
    const { args, env } = told(where);
    const canaries: string[] = ['canary'];
    const server = await start([...args, '--log', 'requests', '--dump-every', '1s'], {
      ...env,
      FIELDBOOK_ORG: 'Canary Depot',
      FIELDBOOK_ADMIN_EMAIL: 'canary@example.com',
      FIELDBOOK_ADMIN_PASSWORD: 'canary password',
    });
    const signedIn = (
      await call(server.url, 'POST', '/auth/token', null, { email: 'canary@example.com', password: 'canary password' })
    ).json();
    const token = String(signedIn['accessToken']);
    canaries.push(token, String(signedIn['refreshToken']), String(server.ready?.organisation));
    const ask = (method: string, path: string, body?: unknown) => call(server.url, method, path, token, body);
    expect((await ask('POST', '/api/clients', { name: 'Canary Ltd', email: 'canary@client.example.com' })).status).toBe(201);
    expect((await ask('POST', '/api/clients', { name: 'Canary Ltd', email: 'canary@client.example.com' })).status).toBe(409);
    expect((await ask('GET', '/api/clients?search=canary&wrong=canary')).status).toBe(200);
    expect((await ask('GET', '/api/clients/canary')).status).toBe(404);
    expect((await ask('GET', '/canary/canary?canary=canary')).status).toBe(404);
    expect((await ask('PUT', '/api/clients/1', { email: 'canary' })).status).toBe(400);
    expect((await call(server.url, 'GET', '/api/clients', 'canary')).status).toBe(401);
    expect(
      (await call(server.url, 'POST', '/auth/token', null, { email: 'canary@example.com', password: 'canary wrong one' })).status,
    ).toBe(401);
    expect((await call(server.url, 'POST', '/auth/refresh', null, { refreshToken: signedIn['refreshToken'] })).status).toBe(200);
    expect(
      (
        await fetch(`${server.url}/api/clients`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: '{"canary',
        })
      ).status,
    ).toBe(400);
    const asked = await command(['user', 'add', '--email', 'canary2@example.com', '--role', 'member', '--name', 'Canary', ...args], {
      ...env,
      FIELDBOOK_USER_PASSWORD: 'canary password',
    });
    expect(asked.code).toBe(0);
    expect(
      (
        await command(['user', 'add', '--email', 'canary2@example.com', '--role', 'member', ...args], {
          ...env,
          FIELDBOOK_USER_PASSWORD: 'canary password',
        })
      ).code,
    ).toBe(1);
    if (engine === 'postgresql') {
      // The database's own sentence quotes the whole row.
      const client = await connectionTo(where);
      await client.query(
        `alter table records add constraint nothing check (doc ->> 'name' is null or doc ->> 'name' <> 'Canary and Sons')`,
      );
      expect((await ask('POST', '/api/clients', { name: 'Canary and Sons' })).status).toBe(500);
      await hasSaid(server, 'POST /api/clients failed: error 23514');
      await client.query('drop table terms');
      expect((await ask('POST', '/api/clients', { name: 'Canary' })).status).toBe(500);
    }
    expect(await server.end('SIGTERM')).toBe(0);
    const lines = server.said().trimEnd().split('\n');
    expect(
      lines
        .map((line) => (line.startsWith('{') ? (JSON.parse(line) as { route: string; status: number }) : null))
        .filter((one) => one?.route === '/api/clients/:clientId'),
    ).toEqual([
      expect.objectContaining({ method: 'GET', status: 404, ms: expect.any(Number) }),
      expect.objectContaining({ method: 'PUT', status: 400 }),
    ]);
    const written = `${server.said()}${server.out().replace(String(server.ready?.organisation), '')}`.toLowerCase();
    expect(canaries.filter((canary) => written.includes(canary.toLowerCase()))).toEqual([]);
  });
});
