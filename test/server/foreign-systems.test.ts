import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { doTask, readTask } from '../../server/operations/administration.ts';
import { rowsAtOnce } from '../../server/remotes/server-book.ts';
import { claimDueRemote, claimRemote, keepClaim, listRemotes, renewRemote } from '../../server/store/remote-claims.ts';
import { bringUpToDate, schemaOf } from '../../server/store/engine.ts';
import { proveIsolation } from '../../server/store/self-test.ts';
import { inOrganisation } from '../../server/store/tenant.ts';
import type { Client } from '../../shared/nouns/client/client.ts';
import { type Faulted, noTrouble, serve, type StandIn } from '../remotes/support/stand-in.ts';
import { summitStandIn } from '../remotes/support/summit.stand-in.ts';
import { engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

/** A foreign system that the server itself speaks to for an organisation. */

const token = 'what signs in to Summit';

function atFirstPost(faulted: Faulted, happens: () => Promise<unknown>): void {
  let isFirst = true;
  faulted.meanwhile = ({ method }) => {
    if (method !== 'POST' || !isFirst) return undefined;
    isFirst = false;
    return happens();
  };
}

describe.each(engines)('A foreign system at the server on %s', (engine) => {
  let server: TestServer;
  let ada: Somebody;
  let made = 0;
  beforeAll(async () => {
    server = await startTestServer(engine, 'foreign');
  });
  afterAll(() => server.close());

  const task = (of: object) => doTask(server.engine, readTask({ organisation: ada.organisation, ...of }), server.clock);

  /** A company of its own, beside a Summit of its own. */
  async function office(): Promise<{ summit: StandIn; faulted: Faulted; url: string; request: object; run(): Promise<string> }> {
    made += 1;
    ada = await server.organisation(`office${made}-${engine}`);
    const [summit, faulted] = [summitStandIn({ token }), noTrouble()];
    const served = await serve(summit, faulted);
    const request = { kind: 'summit', url: served.url, organisation: null, signIn: { token }, direction: 'both' };
    onTestFinished(async () => {
      for (const { id } of await listRemotes(server.engine.db, ada.organisation)) await task({ do: 'remote remove', id });
      await served.close();
    });
    return { summit, faulted, url: served.url, request, run: () => task({ do: 'remote run' }) };
  }
  const connected = async () => {
    const one = await office();
    await task({ do: 'remote connect', email: ada.email, request: one.request });
    return one;
  };
  const create = (fields: Record<string, unknown>) => server.run(ada, (tx) => tx.create('clients', { name: '', ...fields }).id);
  const clients = () =>
    inOrganisation(server.engine, ada.organisation, async ({ tx, opened }) => {
      const { rows } = await sql<{ doc: unknown; number: number }>`select doc, number from records
        where collection = 'clients' order by number`.execute(tx);
      return opened('clients', rows).map(({ record }) => record as Client);
    });
  const names = async () =>
    (await clients())
      .filter(({ deletedAt }) => deletedAt === null)
      .map(({ name }) => name)
      .toSorted();
  const there = (summit: StandIn) =>
    summit
      .rows('clients')
      .map((row) => String(row['name']))
      .toSorted();

  it('holds what the company holds: made, changed and deleted on either side, in the name of the account it was connected with', async () => {
    const { summit, faulted, run, request } = await office();
    const theirs = summit.add('clients', { name: 'Theirs', phone: '555-0101' });
    const [kept, gone] = [await create({ name: 'Kept' }), await create({ name: 'Gone' })];
    expect(await task({ do: 'remote connect', email: ada.email, request })).toMatch(/^Summit at http:\S+ is connected as [0-9a-f-]{36}\. /);
    const rehearsed = await task({ do: 'remote rehearse' });
    expect(rehearsed).toContain('sent  clients  Kept');
    expect([there(summit), await names()]).toEqual([['Theirs'], ['Gone', 'Kept']]);
    expect(await run()).toContain('synced. Sent 2 new, 0 changed, 0 deleted. Received 1 new,');
    expect([there(summit), await names()]).toEqual([
      ['Gone', 'Kept', 'Theirs'],
      ['Gone', 'Kept', 'Theirs'],
    ]);
    const received = (await clients()).find(({ name }) => name === 'Theirs');
    expect([received?.createdBy, Object.values(received?.externalIds ?? {})]).toEqual([ada.userId, [theirs]]);

    summit.edit('clients', theirs, { name: 'Theirs & Co' });
    await server.run(ada, (tx) => {
      tx.change('clients', kept, { phone: '555-0202' });
      tx.remove('clients', gone);
    });
    await run();
    expect([there(summit), await names()]).toEqual([
      ['Kept', 'Theirs & Co'],
      ['Kept', 'Theirs & Co'],
    ]);
    expect(summit.rows('clients').find((row) => row['name'] === 'Kept')).toMatchObject({ phone: '555-0202' });
    summit.remove('clients', theirs);
    await run();
    expect(await names()).toEqual(['Kept']);

    const calls = faulted.calls.length;
    const { seq } = await server.engine.db
      .selectFrom('organisations')
      .select('seq')
      .where('organisation_id', '=', ada.organisation)
      .executeTakeFirstOrThrow();
    await run();
    expect(faulted.calls.slice(calls).map(({ method }) => method)).toEqual(['GET']);
    expect(
      await server.engine.db
        .selectFrom('organisations')
        .select('seq')
        .where('organisation_id', '=', ada.organisation)
        .executeTakeFirstOrThrow(),
    ).toEqual({ seq });
  });

  it('is taken up by a database of the version before, with all that is in it', async () => {
    const { summit, request, run } = await office();
    await create({ name: 'There before' });
    const { db } = server.engine;
    await sql`drop table remotes, remote_memory`.execute(db);
    await sql`delete from kysely_migration where name = '0009-remotes'`.execute(db);
    expect(await schemaOf(db)).toBe('0008-kana');
    await bringUpToDate(db);
    expect(await schemaOf(db)).toBe('0009-remotes');
    await proveIsolation(db);
    await task({ do: 'remote connect', email: ada.email, request });
    await run();
    expect(there(summit)).toEqual(['There before']);
  });

  it('asks an administrator about what both sides changed and what is refused, and does what they say', async () => {
    const { summit, faulted, run } = await connected();
    const id = await create({ name: 'Twice', phone: '1' });
    await run();
    const [row] = summit.rows('clients');
    await server.run(ada, (tx) => tx.change('clients', id, { phone: '2' }));
    summit.edit('clients', String(row?.['id']), { phone: '3' });
    expect(await run()).toMatch(/: waits\. .*Conflicts 1,/);
    const asked = await task({ do: 'remote questions' });
    expect(asked).toContain('Twice: Phone. mine "2", theirs "3"');
    const [question = ''] = /^\S+\|\S+(?=  )/m.exec(asked) ?? [];
    const other = (await clients())[0]?.phone === '2' ? 'theirs' : 'mine';
    await task({ do: 'remote answer', question, take: other });
    await run();
    const stands = other === 'theirs' ? '3' : '2';
    expect([(await clients())[0]?.phone, summit.rows('clients')[0]?.['phone']]).toEqual([stands, stands]);
    expect(await task({ do: 'remote questions' })).toBe('Nothing waits for an answer.');

    faulted.trouble = ({ method }) =>
      method === 'POST'
        ? { kind: 'status', status: 400, body: { statusCode: 400, message: ['name is not liked'], error: 'Bad Request' } }
        : null;
    await create({ name: 'Disliked' });
    expect(await run()).toMatch(/: waits\. .*refused 1,/);
    const open = await task({ do: 'remote questions' });
    expect(open).toMatch(/refused\s+Disliked: .*name is not liked/);
    // What is no question is not told to be answered, and a conflict is not answered by having been seen.
    for (const take of ['seen', 'mine'])
      await expect(task({ do: 'remote answer', question: 'no such', take })).rejects.toThrow(/answered already, so nothing was changed/);
    await server.run(ada, (tx) => tx.change('clients', id, { phone: '4' }));
    summit.edit('clients', String(row?.['id']), { phone: '5' });
    await run();
    const [again = ''] = /^\S+\|\S+(?=  +changed on both)/m.exec(await task({ do: 'remote questions' })) ?? [];
    await expect(task({ do: 'remote answer', question: again, take: 'seen' })).rejects.toThrow(/Only what was refused/);
    const [refused = ''] = /^\S+\|\S+(?=  +refused)/m.exec(open) ?? [];
    expect(await task({ do: 'remote answer', question: refused, take: 'seen' })).toMatch(/off the list/);
    expect(await task({ do: 'remote questions' })).not.toContain('Disliked');
  });

  it('stops where it lost what it had, until an administrator says that it is right', async () => {
    const { summit, run } = await connected();
    for (const name of ['A', 'B', 'C']) await create({ name });
    await run();
    summit.empty();
    expect(await run()).toContain(': waits.');
    expect(await names()).toEqual(['A', 'B', 'C']);
    expect(await task({ do: 'remote questions' })).toContain('If that is right: remote accept');
    await task({ do: 'remote accept' });
    expect(await names()).toEqual([]);
  });

  it('is in one hand at a time, and whoever lost it stops before the next write', async () => {
    const { summit, faulted, run } = await connected();
    const { db } = server.engine;
    const [row] = await listRemotes(db, ada.organisation);
    if (row === undefined) return expect.fail('it is not connected');
    const tries = await Promise.all([1, 2, 3].map(() => claimDueRemote(db)));
    const [taken] = tries.flatMap((one) => one ?? []);
    expect(tries.filter((one) => one !== null)).toHaveLength(1);
    await expect(run()).rejects.toThrow(/is in the hands of .*, process \d+\./);
    // Not heard of any more: another takes it over, and the first can write nothing.
    await sql`update remotes set claimed_until = 1 where id = ${row.id}`.execute(db);
    const next = await claimRemote(db, row);
    expect(next).not.toBeNull();
    await expect(keepClaim(db, taken?.claim ?? expect.fail())).rejects.toThrow(/another server process/);
    await sql`update remotes set claimed_until = 1 where id = ${row.id}`.execute(db);

    for (const name of ['A', 'B', 'C']) await create({ name });
    // Somebody takes it over while the first of three is made.
    atFirstPost(faulted, () => sql`update remotes set claim = gen_random_uuid() where id = ${row.id}`.execute(db));
    await expect(run()).rejects.toThrow(/another server process meanwhile/);
    // Nor was anything of the answer remembered: that it was about to be made is all that is known.
    const known = await inOrganisation(
      server.engine,
      ada.organisation,
      async ({ tx }) =>
        (
          await sql<{ remoteId: string | null; intent: object | null }>`select value ->> 'remoteId' as "remoteId",
            value -> 'intent' as intent from remote_memory where key like 'record %'`.execute(tx)
        ).rows,
    );
    expect(known.map(({ remoteId, intent }) => [remoteId, intent === null])).toEqual(Array.from({ length: 3 }, () => [null, false]));
    expect(there(summit)).toEqual(['A']);
    expect((await clients()).flatMap(({ externalIds }) => Object.values(externalIds))).toEqual([]);
    // Whoever has it now finds the one that was made without an answer that anybody kept.
    await sql`update remotes set claimed_until = 1 where id = ${row.id}`.execute(db);
    await run();
    expect([there(summit), await names()]).toEqual([
      ['A', 'B', 'C'],
      ['A', 'B', 'C'],
    ]);
    expect(faulted.calls.filter(({ method }) => method === 'POST')).toHaveLength(3);
  });

  it('is met as it was connected last: a cycle that goes on from before ends before its next write', async () => {
    const { summit, faulted, run } = await connected();
    const { db } = server.engine;
    const [row] = await listRemotes(db, ada.organisation);
    if (row === undefined) return expect.fail('it is not connected');
    for (const name of ['A', 'B', 'C']) await create({ name });
    const { organisation_id, id, account, secrets, user_id } = row;
    const anew = { organisation_id, id, account, secrets, user_id, direction: 'read', every_ms: 3_600_000 } as const;
    atFirstPost(faulted, () => renewRemote(db, anew));
    await expect(run()).rejects.toThrow(/another server process meanwhile, or was connected anew/);
    expect(there(summit)).toEqual(['A']);
    // Nobody takes it while the call of that cycle may be under way; then it is due at once, as it is now.
    expect(await claimDueRemote(db)).toBeNull();
    await sql`update remotes set claimed_until = 1 where id = ${row.id}`.execute(db);
    const taken = await claimDueRemote(db);
    expect(taken?.row).toMatchObject({ id: row.id, direction: 'read', every_ms: 3_600_000 });
    await sql`update remotes set claimed_until = 1 where id = ${row.id}`.execute(db);
    await run();
    expect(there(summit)).toEqual(['A']);
  });

  it('is written to in the name of somebody as long as they may act, not to the end of a cycle', async () => {
    const { summit, faulted, run } = await connected();
    const { db } = server.engine;
    for (const name of ['A', 'B', 'C']) await create({ name });
    const active = (isActive: boolean) =>
      sql`update logins set is_active = ${isActive} where organisation_id = ${ada.organisation} and user_id = ${ada.userId}`.execute(db);
    atFirstPost(faulted, () => active(false));
    await expect(run()).rejects.toThrow(/an administrator who can sign in/);
    expect(there(summit)).toEqual(['A']);
    expect((await clients()).flatMap(({ externalIds }) => Object.values(externalIds))).toEqual([]);
    await active(true);
    await run();
    expect(there(summit)).toEqual(['A', 'B', 'C']);
  });

  it('lets whatever else the server does have its turn while a company of many records is read', async () => {
    const { request } = await connected();
    await server.run(ada, (tx) => {
      for (let at = 0; at < rowsAtOnce + 100; at += 1) tx.create('clients', { name: `Client ${at}` });
    });
    let turn = 0;
    let next = setImmediate(function count() {
      turn += 1;
      next = setImmediate(count);
    });
    const turns: number[] = [];
    const { db } = server.engine;
    const begin = db.transaction.bind(db);
    const transaction = vi.spyOn(db, 'transaction').mockImplementation(() => {
      turns.push(turn);
      return begin();
    });
    try {
      expect(await task({ do: 'remote questions' })).toBe('Nothing waits for an answer.');
    } finally {
      transaction.mockRestore();
      clearImmediate(next);
    }
    // Two for the records, with a turn between them, and one for what is remembered.
    expect(turns).toHaveLength(3);
    expect(turns[1]).toBeGreaterThan(turns[0] ?? Infinity);
    expect(await task({ do: 'remote rehearse' })).toContain(`Sent ${rowsAtOnce + 100} new,`);
    const often = { do: 'remote connect', organisation: ada.organisation, email: ada.email, every: '59s', request };
    expect(() => readTask(often)).toThrow(/once a minute at most/);
  });

  it('keeps of a cycle how it ended and no customer, also where a fault ended it', async () => {
    const { run } = await connected();
    await create({ name: 'Somebody' });
    expect(await run()).toContain('Somebody');
    const { db } = server.engine;
    const kept = async () => (await listRemotes(db, ada.organisation))[0]?.receipt;
    expect(await kept()).toMatchObject({ state: 'synced' });
    expect(JSON.stringify(await kept())).not.toContain('Somebody');
    const [row] = await listRemotes(db, ada.organisation);
    const within = (statement: ReturnType<typeof sql>) =>
      inOrganisation(server.engine, ada.organisation, ({ tx }) => statement.execute(tx));
    await within(sql`insert into remote_memory values (${ada.organisation}, ${row?.id}, 'record damaged', 'null')`);
    await expect(run()).rejects.toThrow(TypeError);
    expect(await task({ do: 'remote list' })).toContain('failed A fault of this server ended the cycle.');
    await within(sql`delete from remote_memory where key = 'record damaged'`);
    // It takes longer than it may.
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(AbortSignal.abort());
    onTestFinished(() => timeout.mockRestore());
    await expect(run()).rejects.toThrow(/longer than an hour/);
    expect(await run()).toContain(': synced.');
  });

  it('takes texts that PostgreSQL does not: NUL, and half a surrogate pair, also where a long reason was cut', async () => {
    const { summit, faulted, run } = await connected();
    summit.add('clients', { name: 'Odd\u0000 one\ud83d', phone: '\u0000555-0101' });
    expect(await run()).toContain(': synced.');
    expect((await clients()).map(({ name, phone }) => [name, phone])).toEqual([['Odd one\ufffd', '555-0101']]);
    expect(await run()).toContain('Received 0 new, 0 changed');
    for (const name of ['Long', 'Longer']) await create({ name });
    let posts = 0;
    faulted.trouble = ({ method }) => {
      if (method !== 'POST') return null;
      posts += 1;
      const message = [`${'x'.repeat(posts)}${'😀'.repeat(300)}`];
      return { kind: 'status', status: 400, body: { statusCode: 400, message, error: 'Bad Request' } };
    };
    expect(await run()).toMatch(/: waits\. .*refused 2,/);
    expect(await task({ do: 'remote questions' })).toContain('x😀');
    expect(await task({ do: 'remote list' })).toContain('waits ');
  });

  it('doubles nothing where all that was remembered is lost, as after a restore', async () => {
    const { summit, faulted, run, request } = await connected();
    summit.add('clients', { name: 'Theirs' });
    await create({ name: 'Ours' });
    await run();
    await task({ do: 'remote remove' });
    expect(await task({ do: 'remote list' })).not.toContain('summit');
    await task({ do: 'remote connect', email: ada.email, request });
    await run();
    expect([there(summit), await names()]).toEqual([
      ['Ours', 'Theirs'],
      ['Ours', 'Theirs'],
    ]);
    expect(faulted.calls.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('is signed in to with what nobody reads in the database, and by an administrator alone', async () => {
    const { faulted, request, run } = await office();
    const member = await server.member(ada, `member@office${made}-${engine}.example.com`, 'member');
    await expect(task({ do: 'remote connect', email: member.email, request })).rejects.toThrow(/an administrator who can sign in/);
    await expect(task({ do: 'remote connect', email: ada.email, request: { ...request, signIn: { token: 'wrong' } } })).rejects.toThrow(
      /does not know this sign-in/,
    );
    await task({ do: 'remote connect', email: ada.email, request });
    const { rows } = await sql<{ row: string }>`select row_to_json(r)::text as row from remotes r`.execute(server.engine.db);
    expect(rows.map(({ row }) => row).join()).toContain(String((request as { url: string }).url));
    expect(rows.map(({ row }) => row).join()).not.toContain(token);
    await expect(inOrganisation(server.engine, ada.organisation, ({ tx }) => sql`select secrets from remotes`.execute(tx))).rejects.toThrow(
      /permission denied/,
    );
    const eve = await server.organisation(`other${made}-${engine}`);
    const seen = await inOrganisation(server.engine, eve.organisation, ({ tx }) =>
      sql`select id from remotes union all select remote_id from remote_memory`.execute(tx),
    );
    expect(seen.rows).toEqual([]);

    const calls = faulted.calls.length;
    await task({ do: 'user disable', email: ada.email });
    await expect(run()).rejects.toThrow(/an administrator who can sign in/);
    expect(faulted.calls).toHaveLength(calls);
    expect(await task({ do: 'remote list' })).toContain('failed What comes from a foreign system is written in the name of');
    await task({ do: 'user enable', email: ada.email });
  });
});
