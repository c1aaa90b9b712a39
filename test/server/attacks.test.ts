import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { newId } from '../../shared/lib/ids.ts';
import { deviceOf, row } from './support/sync-device.ts';
import { engines, password, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

let companies = 0;

describe.each(engines)('A server that is attacked, on %s', (engine) => {
  const open: TestServer[] = [];
  const start = async (limits: Parameters<typeof startTestServer>[2] = {}) => {
    const server = await startTestServer(engine, 'attacks', limits);
    open.push(server);
    return server;
  };
  const company = (server: TestServer) => server.organisation(`attacks-${engine}-${(companies += 1)}`);
  afterEach(async () => {
    for (const server of open.splice(0)) await server.close();
  });

  it('counts wrong passwords by address and by e-mail, whichever way they are said', async () => {
    const server = await start({ attemptsPerMinute: 5 });
    const ada = await company(server);
    const bob = await server.member(ada, `bob-${engine}@example.com`, 'member');
    // A password that was right within the last minute is not counted: whoever is at work stays so.
    const aMinute = () => server.clock.moveTo(new Date(server.clock.now() + 61_000).toISOString());
    aMinute();
    const guess = (email: string, words: string, remoteAddress: string) =>
      server.ask(null, 'GET', '/client/', undefined, {
        headers: { authorization: `Basic ${Buffer.from(`${email}:${words}`).toString('base64')}` },
        remoteAddress,
      });
    const all = await Promise.all(Array.from({ length: 40 }, (_, at) => guess(ada.email, `guess ${at}`, '198.51.100.7')));
    expect(all.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(all.filter(({ status }) => status === 429)).toHaveLength(35);
    // The right one is no better there, nor the other way in, nor from another place under the same e-mail.
    expect((await guess(bob.email, password, '198.51.100.7')).status).toBe(429);
    const token = { email: ada.email, password };
    expect((await server.ask(null, 'POST', '/auth/token', token, { remoteAddress: '203.0.113.1' })).status).toBe(429);
    // Elsewhere others go on, and a minute later everybody does.
    expect((await guess(bob.email, password, '203.0.113.1')).status).toBe(200);
    aMinute();
    expect((await guess(ada.email, password, '198.51.100.7')).status).toBe(200);
    for (let at = 0; at < 10; at += 1) await guess(ada.email, `again ${at}`, `203.0.113.${at + 10}`);
    expect((await guess(ada.email, password, '203.0.113.99')).status).toBe(200);
    // A block of IPv6 addresses is one address.
    const six = await Promise.all(Array.from({ length: 12 }, (_, at) => guess(`x${at}@example.com`, 'no', `2001:db8:1:2::${at + 1}`)));
    expect(six.filter(({ status }) => status === 401)).toHaveLength(5);
  });

  it('ends requests that do not come', async () => {
    const server = await start({ slowRequests: { graceMs: 300, everyMs: 200, leastBytes: 1_000 } });
    const ada = await company(server);
    const url = new URL(await server.app.listen({ port: 0, host: '127.0.0.1' }));
    const halves = Array.from({ length: 20 }, () => connect(Number(url.port), url.hostname));
    const ended = halves.map((half) => new Promise<void>((done) => half.on('error', () => {}).once('close', () => done())));
    for (const half of halves)
      half.write(
        `POST /api/clients HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ada.accessToken}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"name":`,
      );
    await Promise.all(ended);
    // What comes is answered, also one that takes its time.
    const answer = await fetch(new URL('/api/clients', url), {
      method: 'POST',
      headers: { authorization: `Bearer ${ada.accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'In time' }),
    });
    expect(answer.status).toBe(201);
  });

  it('lets nothing be kept on the way, and shows its figures to whoever runs it only', async () => {
    const token = 'a token of the operator';
    const server = await start({ operatorToken: token });
    const ada = await company(server);
    expect((await server.ask(ada, 'GET', '/client/')).headers['cache-control']).toBe('no-store');
    const asked = async (url: string, remoteAddress: string, headers: Record<string, string> = {}) =>
      (await server.app.inject({ url, remoteAddress, headers })).statusCode;
    for (const url of ['/metrics', '/docs/json', '/docs']) {
      expect(await asked(url, '198.51.100.7'), url).toBe(401);
      expect(await asked(url, '127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }), url).toBe(401);
      expect(await asked(url, '198.51.100.7', { authorization: 'Bearer another token' }), url).toBe(401);
      expect(await asked(url, '127.0.0.1'), url).toBe(200);
      expect(await asked(url, '198.51.100.7', { authorization: `Bearer ${token}` }), url).toBe(200);
      expect(await asked(url, '198.51.100.7', { authorization: `Basic ${Buffer.from(`any:${token}`).toString('base64')}` }), url).toBe(200);
    }
  });

  it('answers an address that cannot be read in the words of whoever serves it', async () => {
    const server = await start();
    for (const url of ['/api/clients/%', '/client/%zz/', '/auth/devices/%'])
      expect(await server.ask(null, 'GET', url), url).toMatchObject({ status: 404, body: { detail: 'Not found.' } });
    expect(await server.ask(null, 'GET', '/sync/files/%')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('takes no id through sync that is a path or a name of the language, and no website that runs', async () => {
    const server = await start();
    const ada = deviceOf(server, await company(server), 'ada');
    const invalid = [{ verdict: 'rejected', code: 'invalid' }];
    for (const id of ['__proto__', 'constructor', '../../x', '..', '.', 'a/b', 'a\\b', 'a\nb'])
      expect(await ada.push([row('clients', ada.make('clients', { name: 'X' }, id))]), id).toMatchObject(invalid);
    expect(await ada.push([row('contacts', ada.make('contacts', { firstName: 'X', clientId: '../x' }))])).toMatchObject(invalid);
    const nested = { ...ada.make('clients', { name: 'X' }), custom: JSON.parse('{"__proto__":"x"}') as unknown };
    expect(await ada.push([row('clients', nested)])).toMatchObject(invalid);
    for (const website of ['javascript:alert(1)', ' JavaScript:alert(1)', 'java\tscript:alert(1)', 'data:text/html,x', 'vbscript:x'])
      expect(await ada.push([row('clients', ada.make('clients', { name: 'X', website }))]), website).toMatchObject(invalid);
    for (const website of ['https://example.com', 'example.com', 'ftp://example.com', 'javascript.example.com'])
      await ada.put(row('clients', ada.make('clients', { name: 'X', website }, newId())));
  });

  it('sends no more of a person’s e-mails than a company can answer for', async () => {
    const server = await start({ recipientsPerHour: 5 });
    const ada: Somebody = await company(server);
    const bob = await server.member(ada, `bob2-${engine}@example.com`, 'member');
    const { id } = await server.run(ada, (tx) => tx.create('clients', { name: 'Round' }));
    const send = (as: Somebody, count: number) =>
      server.ask(
        as,
        'POST',
        `/api/accounts/${id}/create_mail/`,
        { recipients: Array.from({ length: count }, (_, at) => `a${at}@example.com`), subject: 'Hello' },
        { headers: { 'organization-id': ada.organisation } },
      );
    expect((await send(bob, 3)).status).not.toBe(429);
    expect(await send(bob, 3)).toMatchObject({ status: 429, headers: { 'retry-after': '3600' } });
    expect((await send(ada, 3)).status).not.toBe(429);
    server.clock.moveTo(new Date(server.clock.now() + 3_601_000).toISOString());
    expect((await send(bob, 3)).status).not.toBe(429);
  });
});

it('Two processes on one PostgreSQL count wrong passwords together', async () => {
  const servers = [
    await startTestServer('postgresql', 'attacks', { attemptsPerMinute: 5 }),
    await startTestServer('postgresql', 'attacks', { attemptsPerMinute: 5 }),
  ] as const;
  const ada = await servers[0].organisation('attacks-together');
  const minuteLater = new Date(servers[0].clock.now() + 61_000).toISOString();
  for (const { clock } of servers) clock.moveTo(minuteLater);
  const statuses: number[] = [];
  for (let at = 0; at < 6; at += 1) {
    const wrong = { email: ada.email, password: `guess ${at}` };
    const server = servers[at % 2] as TestServer;
    statuses.push((await server.ask(null, 'POST', '/auth/token', wrong, { remoteAddress: `203.0.113.${at + 200}` })).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  for (const server of servers)
    expect((await server.ask(null, 'POST', '/auth/token', { email: ada.email, password }, { remoteAddress: '203.0.113.250' })).status).toBe(
      429,
    );
  for (const server of servers) await server.close();
});
