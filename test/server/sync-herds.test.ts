// Rules (docs/sync-protocol.md): S5, S19
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { schemaHeader } from '../../shared/sync/wire.ts';
import { deviceOf, row } from './support/sync-device.ts';
import { type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

/** Many laptops of one office, which all come from one address. */
let server: TestServer;
let admin: Somebody;

beforeAll(async () => {
  server = await startTestServer('pglite', 'syncRequests', { attemptsPerMinute: 3, requestsPerMinute: 10 });
  admin = await server.organisation('herds');
});
afterAll(() => server.close());

it('Laptops behind one address are not refused because they are many; other programs and passwords are', async () => {
  const statuses = { refresh: new Set<number>(), hello: new Set<number>(), list: new Set<number>(), signIn: new Set<number>() };
  // By now the organisation has signed in once.
  for (let at = 0; at < 3; at += 1) statuses.signIn.add((await server.ask(null, 'POST', '/auth/token', {})).status);
  let { refreshToken } = admin;
  for (let at = 0; at < 8; at += 1) {
    const { status, body } = await server.ask(null, 'POST', '/auth/refresh', { refreshToken });
    ({ refreshToken } = body as { refreshToken: string });
    statuses.refresh.add(status);
  }
  for (let at = 0; at < 30; at += 1) {
    const more = { headers: { [schemaHeader]: '1' } };
    statuses.hello.add((await server.ask(admin, 'GET', '/sync', undefined, more)).status);
  }
  for (let at = 0; at < 11; at += 1) statuses.list.add((await server.ask(admin, 'GET', '/api/clients')).status);
  expect(statuses).toEqual({ refresh: new Set([200]), hello: new Set([200]), list: new Set([200, 429]), signIn: new Set([400, 429]) });
});

it('A page is packed for who unpacks it, and is the same for who does not', async () => {
  const ada = deviceOf(server, admin, 'ada');
  await ada.put(...Array.from({ length: 50 }, (_, at) => row('clients', ada.make('clients', { name: `Client ${at}` }))));
  const page = async (accepts: string | null) => {
    const answer = await server.app.inject({
      method: 'POST',
      url: '/sync/pull',
      payload: JSON.stringify({ collection: 'clients', checkpoint: null, limit: 100 }),
      headers: {
        'content-type': 'application/json',
        [schemaHeader]: '1',
        authorization: `Bearer ${admin.accessToken}`,
        ...(accepts !== null && { 'accept-encoding': accepts }),
      },
    });
    const { rawPayload, headers } = answer;
    const isPacked = headers['content-encoding'] === 'gzip';
    expect(headers).toMatchObject({ vary: 'accept-encoding', 'content-type': 'application/json; charset=utf-8' });
    return { isPacked, size: rawPayload.length, text: (isPacked ? gunzipSync(rawPayload) : rawPayload).toString('utf8') };
  };
  const plain = await page(null);
  expect(plain.isPacked).toBe(false);
  expect(JSON.parse(plain.text)).toMatchObject({ rows: { length: 50 } });
  for (const accepts of ['gzip', 'gzip, deflate', 'br, gzip;q=0.5']) {
    const packed = await page(accepts);
    expect(packed).toMatchObject({ isPacked: true, text: plain.text });
    expect(packed.size).toBeLessThan(plain.size / 5);
  }
  for (const accepts of ['identity', 'br', 'gzip;q=0', 'br, gzip; q=0.0']) expect(await page(accepts)).toMatchObject({ isPacked: false });
});
