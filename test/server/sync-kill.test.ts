// Rules (docs/sync-protocol.md): S1, S2
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { fixedClock } from '../../shared/lib/clock.ts';
import type { PulledRow, PushedRow, SyncCollection } from '../../shared/sync/wire.ts';
import { type Seeded, seededFrom, seedsOf } from '../support/seeded.ts';
import { ownDatabases, told } from './support/databases.ts';
import { firstStart, type Running, start, tidyUp } from './support/server-process.ts';
import { type Asked, deviceOf, ok, row, type SyncDevice } from './support/sync-device.ts';
import { type Answer, engines, type Somebody } from './support/test-server.ts';

tidyUp();
const databases = ownDatabases();
/** A soak takes fifty (docs/sync-protocol.md). */
const kills = Number(process.env['FIELDBOOK_KILLS'] ?? 3);
const collections: readonly SyncCollection[] = ['clients', 'contacts', 'operations'];
const laptops = 4;

/** A push that was sent: what stood in it, and whether an answer came. */
interface Sent {
  batchId: string;
  rows: PushedRow[];
  isAnswered: boolean;
}

describe.each(engines)('A server on %s that is killed amid pushes', (engine) => {
  it(`has all that it said it has, and takes what was cut off once: ${kills} times`, { timeout: (120 + kills * 30) * 1000 }, async () => {
    const { args, env } = told(await databases.bare(engine));
    const [seed = 0] = seedsOf(`kills on ${engine}`, 1);
    const random = seededFrom(seed);
    let server: Running = await start(args, { ...env, ...firstStart, FIELDBOOK_REQUESTS_PER_MINUTE: '9000000' });
    const clock = fixedClock(new Date().toISOString());
    const asked: Asked = { ask: (...what) => askOverNetwork(server.url, ...what), clock, faults: [] };
    const email = firstStart.FIELDBOOK_ADMIN_EMAIL;
    const somebody: Somebody = { organisation: '', userId: '', email, accessToken: '', refreshToken: '' };
    Object.assign(somebody, (await asked.ask(null, 'POST', '/auth/token', { email, password: firstStart.FIELDBOOK_ADMIN_PASSWORD })).body);
    const devices = Array.from({ length: laptops }, (_, at) => deviceOf(asked, somebody, `laptop-${at}`));
    const [device] = devices as [SyncDevice];
    const sent: Sent[] = [];
    const figures = { acknowledged: 0, cutOff: 0, written: 0 };
    let hasEnded = false;

    for (let kill = 0; kill < kills; kill += 1) {
      const begun = sent.length;
      hasEnded = false;
      const pushing = devices.map((one) => pushOn(one));
      // Somewhere between a request and its answer: sooner than the first one ends, or after some.
      await Promise.race([Promise.all(pushing), manySent(begun + laptops * (1 + random.below(3)))]);
      await sleep(random.below(60));
      await server.end('SIGKILL');
      hasEnded = true;
      await Promise.all(pushing);

      server = await start(args, { ...env, FIELDBOOK_REQUESTS_PER_MINUTE: '9000000' });
      expect(server.ready).not.toBeNull();
      // The same device still: an access token lasts no longer than a long soak.
      Object.assign(somebody, (await asked.ask(null, 'POST', '/auth/refresh', { refreshToken: somebody.refreshToken })).body);
      const before = await holding(device);
      for (const { rows, isAnswered } of sent) {
        const there = rows.filter(({ collection, record }) => before.has(`${collection} ${record.id}`)).length;
        // What was acknowledged is there. Of what was cut off there is all or nothing.
        expect(isAnswered ? [rows.length] : [0, rows.length]).toContain(there);
      }
      for (const one of sent.filter(({ isAnswered }) => !isAnswered)) {
        figures.cutOff += 1;
        if (one.rows.every(({ collection, record }) => before.has(`${collection} ${record.id}`))) figures.written += 1;
        // Sent again as it was, or the same rows under another name.
        const batchId = random.oneIn(2) ? one.batchId : randomUUID();
        expect(await device.push(one.rows, { batchId })).toEqual(one.rows.map(({ record }) => ok(record.id)));
        one.isAnswered = true;
      }
      const after = await holding(device);
      expect([...after.keys()].toSorted()).toEqual(
        sent.flatMap(({ rows }) => rows.map(({ collection, record }) => `${collection} ${record.id}`)).toSorted(),
      );
      for (const { rows } of sent)
        for (const { collection, record } of rows) {
          const held = after.get(`${collection} ${record.id}`);
          expect(held?.record).toMatchObject(record);
          // What was written before it was asked for again has not been written anew.
          const was = before.get(`${collection} ${record.id}`);
          if (was !== undefined) expect(held?.seq).toBe(was.seq);
        }
    }
    figures.acknowledged = sent.reduce((sum, { rows }) => sum + rows.length, 0);
    process.stdout.write(
      `${kills} kills on ${engine}: ${figures.acknowledged} rows in ${sent.length} pushes, ${figures.cutOff} cut off, of which ${figures.written} were written\n`,
    );
    if (kills > 1) expect(figures.cutOff).toBeGreaterThan(0);
    expect(await server.end('SIGTERM')).toBe(0);

    async function manySent(count: number): Promise<void> {
      while (sent.length < count && !hasEnded) await new Promise((done) => setImmediate(done));
    }

    /** Pushes one batch after the other until the server is gone. */
    async function pushOn(one: SyncDevice): Promise<void> {
      while (!hasEnded) {
        const push: Sent = { batchId: randomUUID(), rows: someRows(one, random), isAnswered: false };
        try {
          const { epoch, seq } = (await one.ask('GET', '/sync')).body;
          const body = { batchId: push.batchId, epoch, seen: seq, rows: push.rows };
          sent.push(push);
          const answer = await one.ask('POST', '/sync/push', body);
          expect(answer).toMatchObject({ status: 200 });
          push.isAnswered = true;
        } catch (error) {
          if (error instanceof TypeError || error instanceof SyntaxError) return;
          throw error;
        }
      }
    }
  });
});

/** A client with contacts, and what was done to make them: of some size, so that a kill finds some of them amid being written. */
function someRows(device: SyncDevice, random: Seeded): PushedRow[] {
  const client = device.make('clients', { name: `Of ${device.name}` });
  const contacts = Array.from({ length: random.below(30) }, (_, at) =>
    device.make('contacts', { clientId: client.id, firstName: `${at}`, isPrimary: at === 0 }),
  );
  const operation = device.operation(1, [{ collection: 'clients', id: client.id, before: null, after: { name: 'x' } }]);
  return [row('clients', client), ...contacts.map((one) => row('contacts', one)), row('operations', operation)];
}

/** All that a server has, each once. */
async function holding(device: SyncDevice) {
  const held = new Map<string, PulledRow & { record: { id: string } }>();
  for (const collection of collections)
    for (const one of (await device.pullAll(collection)).rows) {
      if (!('record' in one)) throw new Error(`${collection} ${one.gone} is gone`);
      const key = `${collection} ${one.record.id}`;
      expect(held.has(key)).toBe(false);
      held.set(key, one);
    }
  return held;
}

async function askOverNetwork(url: string, ...[as, method, path, body, more]: Parameters<Asked['ask']>): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(as !== null && { authorization: `Bearer ${as.accessToken}` }),
      ...(more?.headers as Record<string, string> | undefined),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']), headers: {} };
}
