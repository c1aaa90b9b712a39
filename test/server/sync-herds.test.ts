// Rules (docs/sync-protocol.md): S2, S5, S19
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdmission } from '../../server/sync/admission.ts';
import { type Checkpoint, schemaHeader } from '../../shared/sync/wire.ts';
import { deviceOf, row } from './support/sync-device.ts';
import { type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

/** Many laptops of one office, which all come from one address. */
let server: TestServer;
let admin: Somebody;
/** Two laptops of another company. */
let others: readonly [Somebody, Somebody];

beforeAll(async () => {
  server = await startTestServer('pglite', 'syncRequests', {
    attemptsPerMinute: 6,
    requestsPerMinute: 10,
    sync: { places: { manyPages: 1, manyPushes: 1 } },
  });
  admin = await server.organisation('herds');
  const company = await server.organisation('herds-places');
  others = [company, { ...company, ...(await server.signIn(company.email)) }];
});
afterAll(() => server.close());

it('Laptops behind one address are not refused because they are many; other programs and passwords are', async () => {
  const statuses = { refresh: new Set<number>(), hello: new Set<number>(), list: new Set<number>(), signIn: new Set<number>() };
  for (let at = 0; at < 7; at += 1) statuses.signIn.add((await server.ask(null, 'POST', '/auth/token', {})).status);
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

it('Whoever is not let in is counted by address, and the laptops beside them go on', async () => {
  const statuses = { nobody: new Set<number>(), bad: new Set<number>(), noVersion: new Set<number>(), laptops: new Set<number>() };
  const ask = async (of: keyof typeof statuses, who: Somebody | null, url: string, headers: Record<string, string>) => {
    const answer = await server.ask(who, 'GET', url, undefined, { headers });
    statuses[of].add(answer.status);
    return answer;
  };
  server.clock.moveTo(new Date(server.clock.now() + 60_000).toISOString());
  const version = { [schemaHeader]: '1' };
  const bad = { ...admin, accessToken: 'nonsense' };
  for (let at = 0; at < 10; at += 1) await ask('bad', bad, at % 2 === 0 ? '/sync' : '/sync/nowhere', version);
  expect(statuses.bad).toEqual(new Set([401]));
  expect(await ask('bad', bad, '/sync', version)).toMatchObject({
    status: 429,
    body: { code: 'too_many' },
    headers: { 'retry-after': '60' },
  });
  await ask('nobody', null, '/sync', version);
  await ask('noVersion', admin, '/sync', {});
  for (let at = 0; at < 20; at += 1) for (const who of [admin, ...others]) await ask('laptops', who, '/sync', version);
  expect(statuses).toEqual({ nobody: new Set([429]), bad: new Set([401, 429]), noVersion: new Set([429]), laptops: new Set([200]) });
  server.clock.moveTo(new Date(server.clock.now() + 60_000).toISOString());
  expect((await ask('bad', bad, '/sync', version)).status).toBe(401);
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

describe('Places for long work', () => {
  const of = (organisation: string) => (sessionId: string) => ({ organisation, sessionId });
  const [office, elsewhere] = [of('office'), of('other office')];

  it('are few, kept for who has one, and everybody who returns when told gets one', () => {
    let now = 0;
    const places = createAdmission({ most: 2, idleMs: 1_000 }, () => now);
    expect(['a', 'b', 'a'].map((device) => places.enter('office', office(device)))).toEqual([0, 0, 0]);
    // Nobody else waits for this office.
    expect(places.enter('other office', elsewhere('c'))).toBe(0);
    for (const device of ['a', 'b', 'a']) places.leave('office', office(device), true);
    const herd = Array.from({ length: 9 }, (_, at) => `laptop ${at}`);
    const told = herd.map((device) => places.enter('office', office(device)));
    // Two a turn, one turn behind the other.
    expect(told).toEqual([2, 2, 4, 4, 6, 6, 8, 8, 10]);
    const waits = new Map(herd.map((device, at) => [device, (told[at] as number) * 1000]));
    let [returns, most, served] = [0, 0, 0];
    const inside = new Map<string, number>();
    for (now = 100; waits.size > 0 && now < 120_000; now += 100) {
      for (const [device, until] of inside) {
        if (until > now) continue;
        places.leave('office', office(device), true);
        inside.delete(device);
      }
      for (const [device, at] of waits) {
        if (at > now) continue;
        returns += 1;
        const seconds = places.enter('office', office(device));
        if (seconds > 0) waits.set(device, now + seconds * 1000);
        else {
          waits.delete(device);
          inside.set(device, now + 700);
          served += 1;
        }
        most = Math.max(most, inside.size);
      }
    }
    expect({ served, most }).toEqual({ served: 9, most: 2 });
    // Each comes about once, not again and again.
    expect(returns).toBeLessThanOrEqual(12);
  });

  it('are given back at once where the work was short', () => {
    const places = createAdmission({ most: 1, idleMs: 1_000_000 }, () => 0);
    for (const device of ['a', 'b', 'c']) {
      expect(places.enter('', office(device))).toBe(0);
      places.leave('', office(device), false);
    }
    expect(places.enter('', office('d'))).toBe(0);
    expect(places.enter('', office('e'))).toBeGreaterThan(0);
  });

  it('are all for one organisation where nobody else waits, and two of them where somebody does', () => {
    const places = createAdmission({ most: 4, mostOfOne: 2, idleMs: 1_000_000 }, () => 0);
    for (const device of ['a', 'b', 'c', 'd']) expect(places.enter('', office(device))).toBe(0);
    for (const device of ['a', 'b', 'c']) places.leave('', office(device), true);
    expect(places.enter('', elsewhere('x'))).toBeGreaterThan(0);
    places.leave('', office('d'), false);
    // One is free now, and three are this office's.
    expect(places.enter('', office('e'))).toBeGreaterThan(0);
    expect(places.enter('', elsewhere('x'))).toBe(0);
  });

  it.each([
    ['of the same organisation', 'office'],
    ['of another', 'other office'],
  ])('are not held for ever by who asks again and again, whatever it is told, while somebody waits %s', (_who, organisation) => {
    let now = 0;
    const places = createAdmission({ most: 2, mostOfOne: 2, idleMs: 1_000, longestMs: 60_000 }, () => now);
    const waiting = of(organisation)('waiting');
    const greedy = ['a', 'b', 'c', 'd'].map(office);
    const taken = { before: 0, whileWaiting: 0 };
    const askAgain = (count: 'before' | 'whileWaiting') => {
      for (const device of greedy) {
        if (places.enter('', device) > 0) continue;
        places.leave('', device, true);
        taken[count] += 1;
      }
    };
    // Two of the four hold both places, and those that wait get them in turn.
    for (; now < 30_000; now += 100) askAgain('before');
    expect(taken.before).toBe(600);
    let comesAt = now;
    for (; now < 200_000; now += 100) {
      askAgain('whileWaiting');
      if (comesAt > now) continue;
      const seconds = places.enter('', waiting);
      if (seconds === 0) break;
      comesAt = now + seconds * 1000;
    }
    expect(now).toBeLessThan(150_000);
  });

  it('have first syncs and large pushes come one after the other; small ones are never sent away', async () => {
    const [ada, bob] = [deviceOf(server, others[0], 'ada'), deviceOf(server, others[1], 'bob')];
    const clients = (device: typeof ada, count: number) =>
      Array.from({ length: count }, (_, at) => row('clients', device.make('clients', { name: `${device.name} ${at}` })));
    const { epoch, seq } = (await ada.ask('GET', '/sync')).body as { epoch: string; seq: number };
    const push = (device: typeof ada, count: number) =>
      device.ask('POST', '/sync/push', { batchId: crypto.randomUUID(), epoch, seen: seq, rows: clients(device, count) });
    const pull = (device: typeof ada, checkpoint: Checkpoint | null) =>
      device.ask('POST', '/sync/pull', { collection: 'clients', checkpoint, limit: 100 });
    const sentAway = { status: 429, body: { code: 'too_many' }, headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) } };

    expect((await push(ada, 150)).status).toBe(200);
    expect(await push(bob, 150)).toMatchObject(sentAway);
    expect((await push(bob, 20)).status).toBe(200);
    expect((await push(ada, 150)).status).toBe(200);

    const first = await pull(ada, null);
    expect(first).toMatchObject({ status: 200, body: { more: true } });
    expect(await pull(bob, null)).toMatchObject(sentAway);
    // Who has everything but what is new is let in.
    const checkpoint = first.body['checkpoint'] as Checkpoint;
    expect((await pull(bob, { ...checkpoint, seq: checkpoint.from })).status).toBe(200);

    // Told when to return, and then it is bob's turn: nothing was lost by being sent away.
    const returned = async (work: () => ReturnType<typeof pull>): Promise<Record<string, unknown>> => {
      const { status, body, headers } = await work();
      if (status === 200) return body;
      expect(status).toBe(429);
      await new Promise((done) => setTimeout(done, Number(headers['retry-after']) * 1000));
      return returned(work);
    };
    const came = new Set<string>();
    for (let [at, more]: [Checkpoint | null, boolean] = [null, true]; more; ) {
      const body = (await returned(() => pull(bob, at))) as { rows: { record: { id: string } }[]; checkpoint: Checkpoint; more: boolean };
      for (const { record } of body.rows) came.add(record.id);
      [at, more] = [body.checkpoint, body.more];
    }
    expect(came.size).toBe(320);
  });
});
