// Rules (docs/sync-protocol.md): S4
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededFrom, seedsOf } from '../support/seeded.ts';
import type { SyncedRecord } from '../../shared/sync/merge.ts';
import type { Checkpoint } from '../../shared/sync/wire.ts';
import { type Somebody, startTestServer, type TestServer } from './support/test-server.ts';
import { deviceOf, row, type SyncDevice } from './support/sync-device.ts';

/** A soak takes a minute (docs/sync-protocol.md). */
const seconds = Number(process.env['FIELDBOOK_WRITERS_SECONDS'] ?? 4);
const writers = 16;
const collections = ['clients', 'opportunities', 'operations'] as const;

/** What a puller holds that only ever goes on from where it was. */
interface Puller {
  device: SyncDevice;
  held: Map<string, { seq: number; record: unknown }>;
  checkpoints: Map<string, Checkpoint>;
}

describe('Sixteen writers at once', () => {
  const servers: TestServer[] = [];
  let company: Somebody;
  let member: Somebody;

  beforeAll(async () => {
    // In one process writers wait for their turn; so each writer has a server of its own, all on one database.
    for (let at = 0; at < writers; at += 1)
      servers.push(await startTestServer('postgresql', 'syncWriters', { sync: { devicePerMinute: 1_000_000 } }));
    const [server] = servers as [TestServer];
    company = await server.organisation('writers');
    member = await server.member(company, 'member@writers.example.com', 'member');
    // Every commit that took numbers takes up to 20 ms more, and every number that was ever given out is noted.
    const statements = [
      `create table given_out (organisation_id uuid, seq bigint)`,
      `create function note_number() returns trigger language plpgsql security definer as $$ begin
        insert into given_out values (new.organisation_id, new.seq); return null; end $$`,
      `create function late_commit() returns trigger language plpgsql as $$ begin
        if current_setting('test.was_late', true) is distinct from pg_current_xact_id()::text then
          perform set_config('test.was_late', pg_current_xact_id()::text, true), pg_sleep(random() * 0.02);
        end if;
        return null; end $$`,
      ...['records', 'operations'].flatMap((table) => [
        `create trigger note_first after insert on ${table} for each row execute function note_number()`,
        `create trigger note_next after update of seq on ${table} for each row when (old.seq <> new.seq) execute function note_number()`,
      ]),
      `create constraint trigger late_commit after update on organisations deferrable initially deferred
        for each row when (old.seq <> new.seq) execute function late_commit()`,
    ];
    for (const statement of statements) await sql.raw(statement).execute(server.engine.db);
  }, 120_000);
  afterAll(async () => {
    for (const server of servers) await server.close();
  });

  it(`whose commits take up to 20 ms leave no gap in the numbers, and whoever pulls meanwhile misses nothing: ${seconds} s`, {
    timeout: (seconds + 120) * 1000,
  }, async () => {
    const [seed = 0] = seedsOf('sixteen writers', 1);
    const end = Date.now() + seconds * 1000;
    const acknowledged = new Map<string, SyncedRecord | null>();
    const integrated: string[] = [];
    let pushes = 0;

    /** Makes and changes records, and says of which it was told that they are written. */
    async function write(at: number): Promise<void> {
      const random = seededFrom(seed + at);
      const server = servers[at] as TestServer;
      const device = deviceOf(server, company, `writer-${at}`);
      const mine: SyncedRecord[] = [];
      for (let count = 0; Date.now() < end; count += 1) {
        if (at % 4 === 3) {
          // An integration.
          const answer = await server.ask(company, 'POST', '/api/clients', {
            name: `Of ${at}, ${count}`,
            email: `${at}-${count}@writers.example.com`,
          });
          expect(answer.status).toBe(201);
          integrated.push(String(answer.body['name']));
          continue;
        }
        const client = device.make('clients', { name: `Of ${at}, ${count}` });
        const opportunity = device.make('opportunities', { clientId: client.id, name: 'Roof' });
        const before = mine.length > 0 && random.oneIn(2) ? mine.splice(random.below(mine.length), 1)[0] : undefined;
        const changed = before === undefined ? [] : [[device.change('clients', before, { notes: `${count}` }), before] as const];
        const operation = device.operation(count + 1, [{ collection: 'clients', id: client.id, before: null, after: { name: 'x' } }]);
        await device.put(
          row('clients', client),
          row('opportunities', opportunity),
          ...changed.map(([after, base]) => row('clients', after, base)),
          row('operations', operation),
        );
        pushes += 1;
        mine.push(client, ...changed.map(([after]) => after));
        for (const [after] of changed) acknowledged.set(`clients ${after.id}`, after);
        acknowledged.set(`clients ${client.id}`, client);
        acknowledged.set(`opportunities ${opportunity.id}`, opportunity);
        acknowledged.set(`operations ${operation.id}`, null);
      }
    }

    /** Goes on by one page of each collection. Answers whether there is more. */
    async function pull({ device, held, checkpoints }: Puller, limit: number): Promise<boolean> {
      let hasMore = false;
      for (const collection of collections) {
        const from = checkpoints.get(collection) ?? null;
        const { rows, checkpoint, more } = await device.pull(collection, from, limit);
        let last = from?.seq ?? 0;
        for (const one of rows) {
          expect(one.seq).toBeGreaterThan(last);
          last = one.seq;
          if ('record' in one) held.set(`${collection} ${one.record.id}`, one);
        }
        expect(checkpoint.seq).toBeGreaterThanOrEqual(last);
        checkpoints.set(collection, checkpoint);
        hasMore ||= more;
      }
      return hasMore;
    }

    let isWriting = true;
    const pullers = [company, company, company, member].map((somebody, at): Puller => {
      const device = deviceOf(servers[at] as TestServer, somebody, `puller-${at}`);
      return { device, held: new Map(), checkpoints: new Map() };
    });
    const pulling = pullers.map(async (puller, at) => {
      const random = seededFrom(seed - at);
      let isBehind = true;
      while (isWriting || isBehind) {
        const wasWriting = isWriting;
        isBehind = (await pull(puller, 1 + random.below(200))) || wasWriting;
      }
    });
    await Promise.all(Array.from({ length: writers }, (_, at) => write(at)));
    isWriting = false;
    await Promise.all(pulling);

    const { engine } = servers[0] as TestServer;
    const given = await sql<{ numbers: number; first: number; last: number; most: number }>`select count(*)::int as numbers,
      min(seq)::int as first, max(seq)::int as last, count(distinct seq)::int as most from given_out
      where organisation_id = ${company.organisation}`.execute(engine.db);
    const { numbers, first, last, most } = given.rows[0] as (typeof given.rows)[number];
    process.stdout.write(
      `${writers} writers for ${seconds} s: ${pushes} pushes, ${acknowledged.size + integrated.length} records and operations, ${numbers} numbers from ${first} to ${last}\n`,
    );
    expect({ numbers, most }).toEqual({ numbers: last - first + 1, most: numbers });

    // Enough of it that writers were in each other's way.
    expect(pushes).toBeGreaterThan(writers);
    for (const { device, held } of pullers) {
      const fresh = new Map<string, unknown>();
      for (const collection of collections)
        for (const one of (await device.pullAll(collection)).rows) if ('record' in one) fresh.set(`${collection} ${one.record.id}`, one);
      const missed = [...acknowledged.keys()].filter((key) => !held.has(key));
      expect(missed).toEqual([]);
      const names = new Set([...held.values()].map(({ record }) => (record as Record<string, unknown>)['name']));
      expect(integrated.filter((name) => !names.has(name))).toEqual([]);
      // What each of them holds is the newest of each, also where it was changed after it was pulled first.
      expect([...held].toSorted(byKey)).toEqual([...fresh].toSorted(byKey));
      for (const [key, record] of acknowledged) if (record !== null) expect(held.get(key)?.record).toMatchObject({ stamps: record.stamps });
    }
  });
});

const byKey = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]) => (one < other ? -1 : 1);
