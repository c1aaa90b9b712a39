import { tmpdir } from 'node:os';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createChanges } from '../../server/store/changes.ts';
import { openEngine } from '../../server/store/engine.ts';
import { createEntrances } from '../../server/store/entrances.ts';
import { migrationRole } from '../../server/store/migration-role.ts';
import { proveIsolation } from '../../server/store/self-test.ts';
import { inOrganisation, type Kept, type Store, type Tenant } from '../../server/store/tenant.ts';
import { dataKey } from './support/data-key.ts';
import { engines, openTestEngine, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

describe.each(engines)('Companies on %s', (engine) => {
  let server: TestServer;
  let ada: Somebody;
  let eve: Somebody;

  beforeAll(async () => {
    server = await startTestServer(engine, 'isolation');
    ada = await server.organisation('ada');
    eve = await server.organisation('eve');
    for (const name of ['Alpha', 'Beta'])
      expect(await server.ask(ada, 'POST', '/api/clients', { name, email: `${name}@example.com` })).toMatchObject({ status: 201 });
  });
  afterAll(() => server.close());

  it('see nothing of each other through any call', async () => {
    const before = await server.ask(ada, 'GET', '/api/clients');
    for (const query of ['', '?q=alpha', '?sort=name&order=desc', '?limit=100&page=1'])
      expect(await server.ask(eve, 'GET', `/api/clients${query}`)).toMatchObject({ status: 200, body: { data: [], meta: { total: 0 } } });
    for (const id of [1, 2]) {
      expect(await server.ask(eve, 'GET', `/api/clients/${id}`)).toMatchObject({ status: 404, body: { detail: 'Not found.' } });
      expect(await server.ask(eve, 'PUT', `/api/clients/${id}`, { name: 'Mine' })).toMatchObject({ status: 404 });
      expect(await server.ask(eve, 'DELETE', `/api/clients/${id}`)).toMatchObject({ status: 404 });
    }
    expect(await server.ask(ada, 'GET', '/api/clients')).toEqual({ ...before, headers: expect.anything() });
  });

  it('count their own clients and take the same e-mail without meeting', async () => {
    expect(await server.ask(eve, 'POST', '/api/clients', { name: 'Alpha', email: 'alpha@example.com' })).toMatchObject({
      status: 201,
      body: { id: 1 },
    });
    expect(await server.ask(ada, 'GET', '/api/clients/1')).toMatchObject({ body: { name: 'Alpha', email: 'Alpha@example.com' } });
  });

  it('cannot reach each other with SQL inside a request, nor the logins, nor take a record away', async () => {
    const within = (statement: string) =>
      inOrganisation(server.engine, eve.organisation, ({ tx }) => sql.raw<{ n: number }>(statement).execute(tx));
    expect((await within(`select count(*)::int as n from records where organisation_id = '${ada.organisation}'`)).rows).toEqual([{ n: 0 }]);
    expect((await within(`select count(*)::int as n from terms where organisation_id = '${ada.organisation}'`)).rows).toEqual([{ n: 0 }]);
    expect((await within(`update organisations set name = 'Mine' where organisation_id = '${ada.organisation}'`)).numAffectedRows).toBe(0n);
    await expect(within(`update records set organisation_id = '${ada.organisation}'`)).rejects.toThrow(/row-level security/);
    for (const statement of [
      'select * from logins',
      'select * from sessions',
      'select * from server_keys',
      'delete from records',
      'drop table records',
    ])
      await expect(within(statement)).rejects.toThrow(/permission denied|must be owner/);
  });

  it('leave nothing of a request on the connection', async () => {
    await inOrganisation(server.engine, ada.organisation, async () => {});
    // The end of one that only reads may wait for what comes next.
    await inOrganisation(server.engine, ada.organisation, async () => {}, 'reads');
    const found = await sql<{
      role: string;
      organisation: string;
    }>`select current_setting('role') as role, current_setting('fieldbook.organisation', true) as organisation`.execute(server.engine.db);
    expect(found.rows[0]).toEqual({ role: 'none', organisation: '' });
  });
});

describe.each(engines)('What only reads on %s', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine, 'reads');
  });
  afterAll(() => server.close());

  it('cannot write, sees what was written just before, and keeps no other from writing', async () => {
    const [ada, eve] = [await server.organisation('ada'), await server.organisation('eve')];
    const nameOf = ({ organisation }: Somebody) =>
      inOrganisation(server.engine, organisation, ({ tx }) => tx.selectFrom('organisations').select('name').execute(), 'reads');
    const rename = ({ organisation }: Somebody, name: string, access: 'reads' | 'writes') =>
      inOrganisation(server.engine, organisation, ({ tx }) => tx.updateTable('organisations').set({ name }).execute(), access);
    await expect(rename(ada, 'Mine', 'reads')).rejects.toThrow(/read-only transaction/);
    for (let run = 0; run < 20; run += 1) {
      await rename(ada, `Ada ${run}`, 'writes');
      const seen = await Promise.all([
        nameOf(ada),
        nameOf(eve),
        rename(eve, `Eve ${run}`, 'writes'),
        nameOf(ada),
        sql`select 1`.execute(server.engine.db),
      ]);
      expect([seen[0], seen[3]]).toEqual([[{ name: `Ada ${run}` }], [{ name: `Ada ${run}` }]]);
      expect(await nameOf(eve)).toEqual([{ name: `Eve ${run}` }]);
    }
    await sql`select 1`.execute(server.engine.db);
    const open = await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity where state = 'idle in transaction'
      and datname = current_database() and usename = current_user and xact_start < clock_timestamp() - interval '2 s'`.execute(
      server.engine.db,
    );
    expect(open.rows).toEqual([{ n: 0 }]);
  });

  it('takes nothing for granted that held a moment ago: a session, a role, a record', async () => {
    const admin = await server.organisation('held');
    const bea = await server.member(admin, 'bea@held.example.com', 'member');
    for (const [name, who] of [
      ['Own', bea],
      ['Other', admin],
    ] as const)
      await server.run(admin, (tx) => void tx.create('clients', { name, accountOwnerId: who.userId }));
    const numbers = (await server.ask(admin, 'GET', '/api/clients?sort=name')).body['data'] as { id: number }[];
    const [other, own] = numbers.map(({ id }) => id) as [number, number];
    const seenBy = async (who: Somebody) => {
      const { status, body } = await server.ask(who, 'GET', '/api/clients?sort=name');
      return status === 200 ? (body['data'] as { name: string }[]).map(({ name }) => name) : status;
    };
    const { db } = server.engine;
    const login = (role: 'admin' | 'member') => db.updateTable('logins').set({ role }).where('user_id', '=', bea.userId).execute();
    for (let run = 0; run < 3; run += 1) {
      expect(await seenBy(bea)).toEqual(['Own']);
      await login('admin');
      expect((await server.ask(bea, 'GET', `/api/clients/${other}`)).status).toBe(200);
      await login('member');
      await login('admin');
      expect(await seenBy(bea)).toEqual(['Other', 'Own']);
      await login('member');
      expect(await seenBy(bea)).toEqual(['Own']);
    }
    // Another server on the same database writes: this one is not told.
    const elsewhere = { ...server.engine, changes: createChanges(), entrances: createEntrances() };
    for (let run = 0; run < 3; run += 1) {
      await inOrganisation(elsewhere, admin.organisation, async (tenant) => {
        await tenant.lock();
        const [before] = await tenant.byNumber('clients', [own]);
        await tenant.put(
          [{ of: 'clients', before: before as Kept, after: { ...(before as Kept).record, name: `Own ${run}` } as never }],
          null,
        );
      });
      const seq = (store: Store) => inOrganisation(store, admin.organisation, async ({ entered }) => entered.seq, 'reads');
      expect(await seq(server.engine)).toBe(await seq(elsewhere));
      expect(await seenBy(bea)).toEqual([`Own ${run}`]);
      expect(await seenBy(admin)).toEqual(['Other', `Own ${run}`]);
    }
    await db.updateTable('sessions').set({ revoked_at: '2024-05-03T10:00:00.000Z' }).where('user_id', '=', bea.userId).execute();
    expect(await seenBy(bea)).toBe(401);
    expect((await server.ask(bea, 'GET', '/api/clients/999999')).status).toBe(401);
    await db.updateTable('sessions').set({ revoked_at: null }).where('user_id', '=', bea.userId).execute();
    expect(await seenBy(bea)).toEqual(['Own 2']);
  });

  it('goes on after statements that failed, alone or with the beginning', async () => {
    const { organisation } = await server.organisation('failing');
    const ask = (work: (tenant: Tenant) => Promise<unknown>) => inOrganisation(server.engine, organisation, work, 'reads');
    const divide = async ({ tx }: Tenant, by: number) => (await sql<{ n: number }>`select 6 / ${by}::int as n`.execute(tx)).rows[0]?.n;
    for (let run = 0; run < 5; run += 1) {
      await expect(ask((tenant) => divide(tenant, 0))).rejects.toThrow(/division by zero/);
      expect(await ask((tenant) => divide(tenant, 3))).toBe(2);
      await expect(
        ask(async (tenant) => {
          await divide(tenant, 1);
          await divide(tenant, 0);
        }),
      ).rejects.toThrow(/division by zero/);
      await expect(ask(({ tx }) => sql`select ${run} from nowhere`.execute(tx))).rejects.toThrow(/nowhere/);
      const unwritable = { toJSON: () => expect.fail('cannot be written down') };
      await expect(ask(({ tx }) => sql`select ${unwritable}::jsonb`.execute(tx))).rejects.toThrow(/cannot be written down/);
    }
  });
});

describe.each(engines)('The self-test on %s', (engine) => {
  it('lets the server start where companies are kept apart, and leaves nothing behind', async () => {
    const { engine: opened, remove } = await openTestEngine(engine, 'broken');
    await proveIsolation(opened.db);
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from organisations`.execute(opened.db);
    expect(rows).toEqual([{ n: 0 }]);

    await sql`drop policy own_organisation on records`.execute(opened.db);
    await sql`create policy everything on records to fieldbook_tenant using (true) with check (true)`.execute(opened.db);
    await expect(proveIsolation(opened.db)).rejects.toThrow(
      /does not start, because companies are not kept apart.*read the records of another.*change the records.*write into another/,
    );
    await sql`grant select on logins to fieldbook_tenant`.execute(opened.db);
    await expect(proveIsolation(opened.db)).rejects.toThrow(/read the logins/);
    await sql`alter table records disable row level security`.execute(opened.db);
    await expect(proveIsolation(opened.db)).rejects.toThrow(/does not start/);
    await opened.close();
    remove();
  });
});

describe('A superuser of PostgreSQL', () => {
  it('is held by row-level security too, because each request takes on the role', async () => {
    const engine = await openEngine({ folder: tmpdir(), databaseUrl: inject('postgres').superuser, dataKey });
    await proveIsolation(engine.db);
    await sql`alter role fieldbook_tenant bypassrls`.execute(engine.db);
    await expect(proveIsolation(engine.db)).rejects.toThrow(/does not start/);
    await sql`alter role fieldbook_tenant nobypassrls`.execute(engine.db);
    await engine.close();
  });
});

// Roles belong to all databases of a PostgreSQL at once.
it('Servers that begin at the same moment make a role once', async () => {
  const { engine } = await openTestEngine('postgresql', 'store');
  const role = `fieldbook_role_${Date.now()}`;
  const first = Promise.withResolvers<void>();
  const made = Promise.withResolvers<void>();
  const makes = [
    engine.db.transaction().execute(async (tx) => {
      await migrationRole(role).execute(tx);
      made.resolve();
      await first.promise;
    }),
    made.promise.then(() => engine.db.transaction().execute((tx) => migrationRole(role).execute(tx))),
  ];
  await made.promise;
  const waits = async () => {
    const found = sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
      where wait_event_type = 'Lock' and query like ${`%${role}%`}`;
    return (await found.execute(engine.db)).rows[0]?.n === 1;
  };
  await vi.waitUntil(waits, 10_000);
  first.resolve();
  await Promise.all(makes);
  await migrationRole(role).execute(engine.db);
  const { rows } = await sql<{ is: boolean }>`select pg_has_role(current_user, ${role}, 'member') as is`.execute(engine.db);
  expect(rows).toEqual([{ is: true }]);
  await sql`drop role ${sql.id(role)}`.execute(engine.db);
  await engine.close();
});
