// Rules (docs/sync-protocol.md): S6, S9, S17, S19
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { purge } from '../../server/store/purge.ts';
import { renewEpochs } from '../../server/store/rebuild.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import type { SyncedRecord } from '../../shared/sync/merge.ts';
import { type Checkpoint, limits, schemaHeader, syncCollections, type SyncErrorCode, syncErrors } from '../../shared/sync/wire.ts';
import { conflict, deviceOf, idsOf, ok, recordsOf, row, type SyncDevice } from './support/sync-device.ts';
import { type Answer, engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

let companies = 0;
const deletedAt = '2024-05-03T10:00:00.000Z';
const refused = (code: SyncErrorCode, more: object = {}) => ({
  status: syncErrors[code],
  body: { code, message: expect.any(String), ...more },
});

describe.each(engines)('Requests of devices on %s', (engine) => {
  let server: TestServer;
  let admin: Somebody;
  let ada: SyncDevice;

  beforeAll(async () => {
    server = await startTestServer(engine, 'syncRequests');
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    companies += 1;
    server.clock.moveTo('2024-05-03T10:00:00.000Z');
    admin = await server.organisation(`requests-${engine}-${companies}`);
    ada = deviceOf(server, admin, 'ada');
  });

  const seqOf = async () => Number((await ada.ask('GET', '/sync')).body['seq']);
  /** Days later: whoever was signed in signs in again. */
  const laterBy = async (days: number) => {
    server.clock.moveTo(new Date(server.clock.now() + days * 86_400_000).toISOString());
    ada = deviceOf(server, { ...admin, ...(await server.signIn(admin.email)) }, 'ada');
  };

  describe('that push', () => {
    it('are answered the same when they ask again, and nothing is written twice', async () => {
      const [client, other] = [ada.make('clients', { name: 'North' }), ada.make('clients', { name: 'South' })];
      await ada.put(row('clients', other));
      const rows = [
        row('clients', client),
        row('clients', { ...ada.make('clients', { name: 'x' }), name: '' }),
        row('clients', ada.change('clients', other, { name: 'West' }), client),
      ];
      const batchId = randomUUID();
      const first = await ada.push(rows, { batchId });
      expect(first.map(({ verdict }) => verdict)).toEqual(['ok', 'rejected', 'conflict']);
      const seq = await seqOf();
      // The copy in a conflict is always the one that is there now.
      const again = first.map((one) => (one.verdict === 'conflict' ? { ...one, seq } : one));
      expect(await ada.push(rows, { batchId })).toEqual(again);
      expect(await ada.push(rows, { batchId })).toEqual(again);
      expect(await seqOf()).toBe(seq);
      // A receipt says what became of the push then, also when more has happened since.
      await ada.put(row('clients', ada.change('clients', client, { name: 'Later' }), client));
      expect((await ada.push(rows, { batchId })).map(({ verdict }) => verdict)).toEqual(['ok', 'rejected', 'conflict']);

      expect(await ada.tryPush(rows.slice(0, 1), { batchId })).toMatchObject(refused('batch_reused'));
      // Another device has batches of its own.
      const bob = deviceOf(server, { ...admin, ...(await server.signIn(admin.email)) }, 'bob');
      expect((await bob.push([row('clients', other)], { batchId }))[0]).toEqual(ok(other.id));
    });

    it('have receipts for a week', async () => {
      const batchId = randomUUID();
      const client = ada.make('clients', { name: 'North' });
      const other = ada.make('clients', { name: 'South' });
      await ada.push([row('clients', client)], { batchId });
      server.clock.moveTo(new Date(server.clock.now() + 14 * 60_000).toISOString());
      await purge(server.engine.db, server.clock.now() + 6 * 86_400_000);
      expect(await ada.tryPush([row('clients', other)], { batchId })).toMatchObject(refused('batch_reused'));
      await purge(server.engine.db, server.clock.now() + 8 * 86_400_000);
      expect(await ada.push([row('clients', other)], { batchId })).toEqual([ok(other.id)]);
    });

    it('all at once, the same rows, write them once', async () => {
      const clients = Array.from({ length: 5 }, (_, at) => ada.make('clients', { name: `Client ${at}` }));
      const before = await seqOf();
      const batchId = randomUUID();
      const epoch = await ada.epoch();
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, at) =>
          ada.push(
            clients.map((one) => row('clients', one)),
            { epoch, batchId: at < 4 ? batchId : randomUUID() },
          ),
        ),
      );
      for (const verdicts of answers) expect(verdicts).toEqual(clients.map(({ id }) => ok(id)));
      expect(await seqOf()).toBe(before + 5);
    });

    it('may not take everything away: many deletions at once need a person’s word, and write nothing without it', async () => {
      const make = (of: NounName, count: number, fields: (at: number) => object) =>
        Array.from({ length: count }, (_, at) => ada.make(of, { ...fields(at) }));
      const clients = make('clients', 120, (at) => ({ name: `Client ${at}` }));
      const [first] = clients as [SyncedRecord];
      const contacts = make('contacts', 70, (at) => ({ clientId: first.id, firstName: `Contact ${at}` }));
      await ada.put(...clients.map((one) => row('clients', one)), ...contacts.map((one) => row('contacts', one)));
      const gone = (of: NounName, some: readonly SyncedRecord[]) => some.map((one) => row(of, ada.change(of, one, { deletedAt }), one));
      const seq = await seqOf();
      const rest = clients.slice(1);

      expect(await ada.tryPush(gone('clients', rest.slice(0, 51)))).toMatchObject(refused('mass_delete', { deletions: { clients: 51 } }));
      expect(await ada.tryPush(gone('clients', rest.slice(0, 13)))).toMatchObject(refused('mass_delete', { deletions: { clients: 13 } }));
      expect(await ada.tryPush(gone('clients', rest.slice(0, 51)), { confirmedDeletions: 50 })).toMatchObject(refused('mass_delete'));
      const mixed = [...gone('clients', rest.slice(0, 51)), row('clients', ada.make('clients', { name: 'New' }))];
      expect(await ada.tryPush(mixed)).toMatchObject(refused('mass_delete'));
      expect(await seqOf()).toBe(seq);

      await ada.put(...gone('clients', rest.slice(0, 5)));
      // One client, and what goes with it.
      await ada.put(...gone('clients', [first]), ...gone('contacts', contacts.slice(0, 40)));
      await ada.put(...gone('contacts', contacts.slice(40)));
      expect(await ada.push(gone('clients', rest.slice(5, 65)), { confirmedDeletions: 60 })).toHaveLength(60);
      // Few of few are nothing to worry about.
      const tasks = make('tasks', 4, (at) => ({ title: `Task ${at}` }));
      await ada.put(...tasks.map((one) => row('tasks', one)));
      await ada.put(...gone('tasks', tasks));
    });
  });

  describe('that cannot go on from where they were', () => {
    const expectResync = async (answer: Promise<Answer>, reason: string) =>
      expect(await answer).toMatchObject(refused('resync_required', { reason }));

    it('begin anew after a restore, and when they know more than the server', async () => {
      const client = ada.make('clients', { name: 'North' });
      await ada.put(row('clients', client));
      const { checkpoint } = await ada.pullAll('clients');
      await expectResync(ada.tryPull('clients', { ...checkpoint, seq: checkpoint.seq + 1 }), 'ahead');
      await expectResync(ada.tryPull('clients', { ...checkpoint, from: checkpoint.seq + 1 }), 'ahead');
      const { epoch } = checkpoint;
      await server.engine.db.transaction().execute(renewEpochs);
      await expectResync(ada.tryPull('clients', checkpoint), 'restored');
      await expectResync(ada.tryPush([row('clients', ada.make('clients', { name: 'South' }))], { epoch }), 'restored');
      expect(recordsOf((await ada.pullAll('clients')).rows)).toEqual([client]);
    });

    it('begin anew when they stayed away longer than deletions are remembered; whoever came by does not', async () => {
      const clients = Array.from({ length: 4 }, (_, at) => ada.make('clients', { name: `Client ${at}` })) as [
        SyncedRecord,
        SyncedRecord,
        SyncedRecord,
        SyncedRecord,
      ];
      const contact = ada.make('contacts', { clientId: clients[1].id, firstName: 'Still there' });
      const [merged] = [clients[3]];
      await ada.put(...clients.map((one) => row('clients', one)), row('contacts', contact));
      const old = (await ada.pullAll('clients')).checkpoint;
      const operation = ada.operation(1, [{ collection: 'clients', id: clients[0].id, before: null, after: { name: 'Client 0' } }]);
      const both = ada.operation(
        2,
        [clients[0], clients[2]].map(({ id }) => ({ collection: 'clients', id, before: {}, after: { phone: '1' } })),
      );
      await ada.put(row('operations', operation), row('operations', both));
      // A laptop's clock says whatever it says: what counts is when a deletion came here.
      const stamped = (copy: SyncedRecord, more: object = {}) =>
        row('clients', ada.change('clients', copy, { deletedAt: '2001-01-01T00:00:00.000Z', ...more }), copy);
      await ada.put(stamped(clients[0]), stamped(clients[1]), stamped(merged, { mergedInto: clients[2].id }));
      const near = (await ada.pullAll('clients')).checkpoint;
      await purge(server.engine.db, server.clock.now());

      await laterBy(179);
      await purge(server.engine.db, server.clock.now());
      expect((await ada.pullAll('clients', old)).rows).toHaveLength(3);
      const late = (await ada.pullAll('clients', near)).checkpoint;

      await laterBy(2);
      await purge(server.engine.db, server.clock.now());
      const { rows, checkpoint } = await ada.pullAll('clients');
      // One is gone; one is kept because a contact still hangs on it, and one because its id stands for another.
      expect(idsOf(rows).toSorted()).toEqual([clients[1].id, clients[2].id, merged.id].toSorted());
      expect(idsOf((await ada.pullAll('operations')).rows)).toEqual([both.id]);
      await expectResync(ada.tryPull('clients', old), 'too_old');
      await expectResync(ada.tryPush([row('clients', ada.make('clients', { name: 'x' }))], { seen: old.seq }), 'too_old');
      expect((await ada.pull('clients', late)).rows).toEqual([]);
      expect((await ada.pull('clients', near)).rows).toEqual([]);
      // Whoever begins anew is not sent back to the beginning again, page by page.
      for (let from: Checkpoint | null = null, pages = 0; pages < 3; pages += 1) from = (await ada.pull('clients', from, 1)).checkpoint;
      await ada.push([row('clients', ada.make('clients', { name: 'Fine' }))], { seen: Math.max(checkpoint.seq, checkpoint.from) });
      // An edit of what is purged meets nothing, so its device sends the whole record or lets it go.
      const edited = ada.change('clients', clients[0], { phone: '5' });
      expect(await ada.push([row('clients', edited, clients[0])], { seen: checkpoint.seq })).toEqual([conflict(edited.id, null)]);
      await ada.put(row('clients', edited));
    });

    it('purge what hung on what is purged, from the leaves up, and number what comes later as before', async () => {
      const client = ada.make('clients', { name: 'North' });
      const location = ada.make('locations', { clientId: client.id, name: 'Depot' });
      const contact = ada.make('contacts', { clientId: client.id, firstName: 'Mia' });
      const role = ada.make('locationContacts', { locationId: location.id, contactId: contact.id });
      const all: [NounName, SyncedRecord][] = [
        ['clients', client],
        ['locations', location],
        ['contacts', contact],
        ['locationContacts', role],
      ];
      await ada.put(...all.map(([of, one]) => row(of, one)));
      const [there] = recordsOf((await ada.pullAll('locations')).rows) as [SyncedRecord];
      await ada.put(
        ...all.map(([of, one]) =>
          of === 'locations' ? row(of, ada.change(of, there, { deletedAt }), there) : row(of, ada.change(of, one, { deletedAt }), one),
        ),
      );
      await purge(server.engine.db, server.clock.now());
      await laterBy(181);
      await purge(server.engine.db, server.clock.now());
      for (const [of] of all) expect((await ada.pullAll(of)).rows).toEqual([]);
      expect(await server.ask(ada.somebody, 'POST', '/api/clients', { name: 'Next' })).toMatchObject({ body: { id: 2 } });
    });

    it('do not show an operation to more people when one of the records that it touched is purged', async () => {
      const name = `purge-${engine}-${companies}`;
      const member = await server.member(ada.somebody, `tim@${name}.example.com`, 'member');
      const [hidden, open] = [
        ada.make('clients', { name: 'Hidden', accountOwnerId: ada.somebody.userId }),
        ada.make('clients', { name: 'Open' }),
      ];
      const both = [hidden, open].map(({ id }) => ({ collection: 'clients' as const, id, before: null, after: { name: 'Hidden' } }));
      const operations = [ada.operation(1, both), ada.operation(2, both.slice(0, 1))];
      await ada.put(row('clients', hidden), row('clients', open), ...operations.map((one) => row('operations', one)));
      await ada.put(row('clients', ada.change('clients', hidden, { deletedAt }), hidden));
      await purge(server.engine.db, server.clock.now());
      await laterBy(181);
      await purge(server.engine.db, server.clock.now());
      expect(idsOf((await ada.pullAll('clients')).rows)).toEqual([open.id]);
      expect(idsOf((await ada.pullAll('operations')).rows)).toEqual([operations[0]?.id]);
      const tim = deviceOf(server, { ...member, ...(await server.signIn(member.email)) }, 'tim');
      expect((await tim.pullAll('operations')).rows).toEqual([]);
    });
  });

  describe('of one company', () => {
    it('reach nothing of another one, by whatever id and at whatever address', async () => {
      const eve = deviceOf(server, await server.organisation(`eve-${engine}-${companies}`), 'eve');
      const client = ada.make('clients', { name: 'Secret Depot', phone: '+1 555 7777' });
      const operation = ada.operation(1, [{ collection: 'clients', id: client.id, before: null, after: { name: 'Secret Depot' } }]);
      await ada.put(row('clients', client), row('operations', operation));
      const hers = await ada.pullAll('clients');
      for (const collection of syncCollections) {
        const { rows } = await eve.pullAll(collection);
        expect(JSON.stringify(rows)).not.toMatch(/Secret|555 7777/);
      }
      expect(await eve.tryPull('clients', hers.checkpoint)).toMatchObject(refused('resync_required', { reason: 'restored' }));
      expect(await eve.tryPush([row('clients', client)], { epoch: await ada.epoch() })).toMatchObject(refused('resync_required'));
      // The same id is another record in another company: no verdict tells that it is taken elsewhere.
      expect(await eve.push([row('clients', eve.change('clients', client, { name: 'Mine' }), client)])).toEqual([
        conflict(client.id, null),
      ]);
      await eve.put(
        row('clients', eve.make('clients', { name: 'Mine' }, client.id)),
        row('operations', { ...operation, command: 'clients.mine' }),
      );
      expect(recordsOf((await ada.pullAll('clients')).rows)).toEqual([client]);
      expect(recordsOf((await ada.pullAll('operations')).rows)).toEqual([operation]);
    });

    it('cannot be made with SQL inside a request, nor by whoever tidies up', async () => {
      await ada.put(row('clients', ada.make('clients', { name: 'North' })));
      const eve = await server.organisation(`eve-sql-${engine}-${companies}`);
      for (const role of ['fieldbook_tenant', 'fieldbook_keeper'])
        for (const table of ['records', 'operations', 'operation_records', 'receipts']) {
          const found = await server.engine.db.transaction().execute(async (tx) => {
            await sql`select set_config('role', ${role}, true), set_config('fieldbook.organisation', ${eve.organisation}, true)`.execute(
              tx,
            );
            return sql<{
              n: number;
            }>`select count(*)::int as n from ${sql.table(table)} where organisation_id = ${admin.organisation}`.execute(tx);
          });
          expect(found.rows).toEqual([{ n: 0 }]);
        }
      const asKeeper = (statement: string) =>
        server.engine.db.transaction().execute(async (tx) => {
          await sql`select set_config('role', 'fieldbook_keeper', true), set_config('fieldbook.organisation', ${eve.organisation}, true)`.execute(
            tx,
          );
          return sql.raw(statement).execute(tx);
        });
      expect((await asKeeper(`delete from records where organisation_id = '${admin.organisation}'`)).numAffectedRows).toBe(0n);
      expect((await asKeeper(`update organisations set floor = 9 where organisation_id = '${admin.organisation}'`)).numAffectedRows).toBe(
        0n,
      );
      for (const statement of [
        'select from logins',
        'select from server_keys',
        'update records set seq = 1',
        'update organisations set seq = 1',
        'insert into records select * from records',
      ])
        await expect(asKeeper(statement)).rejects.toThrow(/permission denied/);
    });
  });

  describe('that are not as they should be', () => {
    it.each([
      ['no token', 401, 'not_signed_in', { authorization: '' }],
      ['a token of nobody', 401, 'not_signed_in', { authorization: 'Bearer nonsense' }],
      ['basic authentication', 401, 'not_signed_in', { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` }],
      ['no version', 400, 'invalid_request', { [schemaHeader]: '' }],
      ['no number for a version', 400, 'invalid_request', { [schemaHeader]: 'one' }],
      ['a version to come', 400, 'server_too_old', { [schemaHeader]: '3' }],
    ])('are refused with %s', async (_what, status, code, headers) => {
      for (const [method, url] of [
        ['GET', '/sync'],
        ['POST', '/sync/pull'],
        ['POST', '/sync/digests'],
        ['POST', '/sync/records'],
        ['POST', '/sync/push'],
        ['GET', '/sync/events'],
      ] as const)
        expect(await ada.ask(method, url, method === 'POST' ? {} : undefined, headers as unknown as Record<string, string>)).toMatchObject({
          status,
          body: { code },
        });
    });

    it('are refused where the session was ended, at once', async () => {
      const devices = (await server.ask(admin, 'GET', '/auth/devices')).body['devices'] as { id: string; isThisOne: boolean }[];
      const other = deviceOf(server, { ...admin, ...(await server.signIn(admin.email)) }, 'other');
      await other.pullAll('clients');
      await server.ask(other.somebody, 'DELETE', `/auth/devices/${devices.find(({ isThisOne }) => isThisOne)?.id}`);
      expect(await ada.tryPull('clients', null)).toMatchObject(refused('not_signed_in'));
      expect(
        await ada.ask('POST', '/sync/push', {
          batchId: randomUUID(),
          epoch: 'x',
          seen: 0,
          rows: [row('clients', ada.make('clients', { name: 'x' }))],
        }),
      ).toMatchObject(refused('not_signed_in'));
      await other.pullAll('clients');
    });

    it('are refused with a body of another form, and write nothing', async () => {
      const epoch = await ada.epoch();
      const one = row('clients', ada.make('clients', { name: 'North' }));
      const push = { batchId: randomUUID(), epoch, seen: 0, rows: [one] };
      const seq = await seqOf();
      const bodies: unknown[] = [
        null,
        [],
        'text',
        7,
        {},
        { ...push, rows: [] },
        { ...push, rows: Array.from({ length: 201 }, () => one) },
        { ...push, rows: [one, one] },
        { ...push, rows: [{ ...one, collection: 'ledgers' }] },
        { ...push, rows: [{ ...one, assumed: undefined }] },
        { ...push, rows: [{ ...one, record: { ...one.record, id: '' } }] },
        { ...push, rows: [{ ...one, record: null }] },
        { ...push, batchId: 'short' },
        { ...push, seen: -1 },
        { ...push, more: true },
        { ...push, confirmedDeletions: 1.5 },
      ];
      for (const body of bodies)
        expect(await ada.ask('POST', '/sync/push', body)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
      for (const body of [
        {},
        { collection: 'clients' },
        { collection: 'clients', checkpoint: null, limit: 0 },
        { collection: 'clients', checkpoint: null, limit: 1001 },
        { collection: 'clients', checkpoint: { epoch, seq: 0 }, limit: 1 },
        { collection: 'logins', checkpoint: null, limit: 1 },
      ])
        expect(await ada.ask('POST', '/sync/pull', body)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
      const raw = (payload: string | Buffer, type = 'application/json') =>
        server.ask(admin, 'POST', '/sync/push', undefined, { payload, headers: { 'content-type': type, [schemaHeader]: '1' } });
      for (const payload of ['{', '{"rows":', Buffer.from([0xff, 0xfe, 0x00]), `${'['.repeat(40)}${']'.repeat(40)}`, '{"a":"\\ud800"}'])
        expect(await raw(payload)).toMatchObject(refused('unreadable'));
      expect(await raw('a=b', 'application/x-www-form-urlencoded')).toMatchObject({
        status: expect.toSatisfy((status: number) => status === 400 || status === 415),
      });
      expect(await raw('{}', 'text/plain')).toMatchObject(refused('unsupported_media_type'));
      expect(await ada.ask('GET', '/sync/nowhere')).toMatchObject(refused('not_found'));
      expect(await ada.ask('GET', '/sync/push')).toMatchObject(refused('not_found'));
      expect(await seqOf()).toBe(seq);
    });

    it('are refused when they are too large: many rows of more than a megabyte; one may have eight', async () => {
      const wide = (size: number) => ({ ...ada.make('clients', { name: 'Wide' }), later: 'x'.repeat(size) });
      expect(await ada.tryPush([row('clients', wide(limits.pushBytes / 2)), row('clients', wide(limits.pushBytes / 2))])).toMatchObject(
        refused('too_large'),
      );
      await ada.put(row('clients', wide(7 * 1024 * 1024)));
      expect(await ada.tryPush([row('clients', wide(limits.rowBytes + 1024 * 1024))])).toMatchObject(refused('too_large'));
    });
  });
});

describe.each(engines)('A server of another version on %s', (engine) => {
  let server: TestServer;
  let admin: Somebody;

  beforeAll(async () => {
    server = await startTestServer(engine, 'syncRequests', { sync: { version: 3, devicePerMinute: 60 } });
    admin = await server.organisation(`versions-${engine}`);
  });
  afterAll(() => server.close());

  it('serves the version before its own and the one after, and tells older ones what to do', async () => {
    const ada = deviceOf(server, admin, 'ada');
    for (const version of ['2', '3', '4'])
      expect(await ada.ask('GET', '/sync', undefined, { [schemaHeader]: version })).toMatchObject({
        status: 200,
        body: { schema: { current: 3, oldest: 2, newest: 4 } },
      });
    expect(await ada.ask('GET', '/sync', undefined, { [schemaHeader]: '1' })).toMatchObject({
      ...refused('client_too_old', { oldest: 2, newest: 4 }),
      headers: { upgrade: 'fieldbook/2' },
    });
    expect(await ada.ask('GET', '/sync', undefined, { [schemaHeader]: '5' })).toMatchObject(
      refused('server_too_old', { oldest: 2, newest: 4 }),
    );
    expect((await ada.ask('GET', '/sync', undefined, { [schemaHeader]: '1' })).body['message']).toMatch(/Update Fieldbook/);
  });

  it('loses no field between a device of the version before, itself, and one of the version after', async () => {
    const as = (version: string) => {
      const device = deviceOf(server, admin, `of-${version}`);
      const headers = { [schemaHeader]: version };
      return {
        device,
        push: async (...rows: ReturnType<typeof row>[]) => {
          const epoch = String((await device.ask('GET', '/sync', undefined, headers)).body['epoch']);
          const answer = await device.ask('POST', '/sync/push', { batchId: randomUUID(), epoch, seen: 0, rows }, headers);
          expect(answer.body['verdicts']).toEqual(rows.map(({ record }) => ok(record.id)));
        },
        pull: async () =>
          (
            (await device.ask('POST', '/sync/pull', { collection: 'clients', checkpoint: null, limit: 10 }, headers)).body['rows'] as {
              record: SyncedRecord;
            }[]
          ).map(({ record }) => record)[0] as SyncedRecord,
      };
    };
    const [older, newer] = [as('2'), as('4')];
    // What the older one does not know yet, it does not have; the newer one has a field that the server does not know.
    const { notDuplicateOf: _, companySize: __, ...made } = older.device.make('clients', { name: 'North', tags: ['key'] });
    await older.push(row('clients', made));
    const first = await newer.pull();
    expect(first).toMatchObject({ name: 'North', companySize: null, notDuplicateOf: [] });
    const changed = newer.device.change('clients', { ...first, mood: null } as SyncedRecord, { companySize: '10', mood: 'good' });
    await newer.push(row('clients', changed, first));
    const { companySize: ___, mood: ____, notDuplicateOf: _____, ...known } = await older.pull();
    const base = await older.pull();
    await older.push(row('clients', older.device.change('clients', known as SyncedRecord, { phone: '1', tags: ['key', 'old'] }), base));
    expect(await newer.pull()).toMatchObject({
      name: 'North',
      companySize: '10',
      mood: 'good',
      phone: '1',
      tags: ['key', 'old'],
      stamps: { companySize: changed.stamps['companySize'], mood: changed.stamps['mood'] },
    });
  });

  it('asks a device that asks too often to wait, and no other', async () => {
    const [ada, bob] = [
      deviceOf(server, { ...admin, ...(await server.signIn(admin.email)) }, 'ada'),
      deviceOf(server, { ...admin, ...(await server.signIn(admin.email)) }, 'bob'),
    ];
    const headers = { [schemaHeader]: '3' };
    for (let count = 0; count < 60; count += 1) expect(await ada.ask('GET', '/sync', undefined, headers)).toMatchObject({ status: 200 });
    expect(await ada.ask('GET', '/sync', undefined, headers)).toMatchObject({ ...refused('too_many'), headers: { 'retry-after': '60' } });
    expect(await bob.ask('GET', '/sync', undefined, headers)).toMatchObject({ status: 200 });
    server.clock.moveTo(new Date(server.clock.now() + 60_000).toISOString());
    expect(await ada.ask('GET', '/sync', undefined, headers)).toMatchObject({ status: 200 });
  });
});

describe('What is said of sync to whoever runs the server, or writes a client', () => {
  it('is in the OpenAPI document, with every status and schema', async () => {
    const server = await startTestServer('pglite', 'syncRequests');
    const { body } = await server.ask(null, 'GET', '/docs/json');
    const paths = body['paths'] as Record<
      string,
      Record<string, { responses: Record<string, object>; requestBody?: object; security: object[]; tags: string[] }>
    >;
    for (const [path, method] of [
      ['/sync', 'get'],
      ['/sync/pull', 'post'],
      ['/sync/digests', 'post'],
      ['/sync/records', 'post'],
      ['/sync/push', 'post'],
      ['/sync/events', 'get'],
      ['/sync/files/{sha256}', 'patch'],
      ['/sync/files/{sha256}', 'get'],
    ] as const) {
      const operation = paths[path]?.[method] ?? paths[`${path}/`]?.[method];
      expect(operation, `${method} ${path}`).toMatchObject({
        tags: ['sync'],
        security: [{ bearer: [] }],
        responses: { '200': expect.anything(), '401': expect.anything(), '426': expect.anything() },
      });
    }
    expect(JSON.stringify(paths['/sync/push']?.['post']?.requestBody)).toContain('confirmedDeletions');
    expect(JSON.stringify(paths['/sync/push']?.['post']?.responses)).toContain('missingFile');
    await server.close();
  });
});
