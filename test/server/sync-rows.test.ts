// Rules (docs/sync-protocol.md): S2, S5, S7, S8, S14, S17
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { locationItemPriceId } from '../../shared/nouns/location-item-price/location-item-price.ts';
import { newId } from '../../shared/lib/ids.ts';
import { formatStamp, parseStamp, stampOf } from '../../shared/sync/stamp.ts';
import { mergeRecords, type SyncedRecord } from '../../shared/sync/merge.ts';
import { conflict, deviceOf, idsOf, ok, recordsOf, row, type SyncDevice } from './support/sync-device.ts';
import { engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

let companies = 0;

describe.each(engines)('Rows that are pushed and pulled on %s', (engine) => {
  let server: TestServer;
  let admin: Somebody;
  let ada: SyncDevice;
  let bob: SyncDevice;

  beforeAll(async () => {
    server = await startTestServer(engine, 'syncRows');
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    companies += 1;
    admin = await server.organisation(`rows-${engine}-${companies}`);
    ada = deviceOf(server, admin, 'ada');
    bob = deviceOf(server, admin, 'bob');
  });

  const stored = async (collection: string, id: string) =>
    (
      await server.engine.db.transaction().execute(async (tx) => {
        await sql`select set_config('role', 'fieldbook_tenant', true), set_config('fieldbook.organisation', ${admin.organisation}, true)`.execute(
          tx,
        );
        return sql<{
          seq: number;
          text: string;
        }>`select seq, doc::text as text from records where collection = ${collection} and id = ${id}`.execute(tx);
      })
    ).rows[0];

  it('come to every device in the order they were written, page by page, and each once', async () => {
    const clients = Array.from({ length: 7 }, (_, at) => ada.make('clients', { name: `Client ${at}` }));
    await ada.put(...clients.map((one) => row('clients', one)));
    const first = await bob.pull('clients', null, 3);
    expect(idsOf(first.rows)).toEqual(clients.slice(0, 3).map(({ id }) => id));
    expect(first).toMatchObject({ more: true, checkpoint: { seq: first.rows[2]?.seq } });
    const all = await bob.pullAll('clients', null, 3);
    expect(recordsOf(all.rows)).toEqual(clients);
    expect(all.rows.map(({ seq }) => seq)).toEqual(all.rows.map(({ seq }) => seq).toSorted((a, b) => a - b));
    expect((await bob.pull('clients', all.checkpoint)).rows).toEqual([]);

    // A record that changes again stands in its newest form only, behind what was written before.
    const renamed = ada.change('clients', clients[1] as SyncedRecord, { name: 'Renamed' });
    await ada.put(row('clients', renamed, clients[1]));
    expect(recordsOf((await bob.pullAll('clients', all.checkpoint)).rows)).toEqual([renamed]);
    expect(idsOf((await bob.pullAll('clients')).rows)).toEqual(
      [...clients.filter((one) => one !== clients[1]), renamed].map(({ id }) => id),
    );
  });

  it('move the checkpoint of a collection on in which nothing happens', async () => {
    const { checkpoint } = await bob.pullAll('tasks');
    await ada.put(row('clients', ada.make('clients', { name: 'North' })));
    const next = (await bob.pull('tasks', checkpoint)).checkpoint;
    expect(next.seq).toBe(checkpoint.seq + 1);
    expect((await bob.ask('GET', '/sync')).body).toMatchObject({ seq: next.seq, epoch: next.epoch, organisationId: admin.organisation });
  });

  it('are filled pages also where a record is large: what does not fit comes with the next', async () => {
    // Ids, because a text that repeats itself is kept small.
    const large = Array.from({ length: 60 }, (_, at) =>
      ada.make('clients', { name: `Large ${at}`, notes: Array.from({ length: 2_500 }, () => newId()).join(' ') }),
    );
    for (const one of large) await ada.put(row('clients', one));
    const page = await bob.pull('clients', null, 1000);
    expect(page.rows.length).toBeLessThan(60);
    expect(page.more).toBe(true);
    expect(recordsOf((await bob.pullAll('clients')).rows)).toEqual(large);
  });

  it('are fine when sent again, and take no number then', async () => {
    const client = ada.make('clients', { name: 'North' });
    await ada.put(row('clients', client));
    const { checkpoint } = await bob.pullAll('clients');
    await ada.put(row('clients', client));
    await bob.put(row('clients', client, client));
    await bob.put(row('clients', client, ada.change('clients', client, { name: 'Other' })));
    expect((await bob.pull('clients', checkpoint)).checkpoint).toEqual(checkpoint);
  });

  it('are a conflict where somebody else was faster; the merged copy is taken', async () => {
    const client = ada.make('clients', { name: 'North', tags: ['key'] });
    await ada.put(row('clients', client));
    const hers = ada.change('clients', client, { tags: ['key', 'vip'], phone: '1' });
    const his = bob.change('clients', client, { tags: ['key', 'late'], email: 'north@example.com' });
    await ada.put(row('clients', hers, client));
    const [verdict] = await bob.push([row('clients', his, client)]);
    expect(verdict).toEqual(conflict(client.id, hers));
    expect((await bob.push([row('clients', his)]))[0]).toMatchObject({ verdict: 'conflict' });
    const merged = mergeRecords(client, his, hers).record;
    await bob.put(row('clients', merged, hers));
    expect(recordsOf((await ada.pullAll('clients')).rows)).toEqual([merged]);
    expect(merged).toMatchObject({ phone: '1', email: 'north@example.com', tags: expect.arrayContaining(['key', 'vip', 'late']) });
  });

  it('are answered with the number of the change before: only what has a greater one is news', async () => {
    const seqNow = async () => Number((await ada.ask('GET', '/sync')).body['seq']);
    const [client, first, second] = [ada.make('clients', { name: 'North' }), newId(), newId()];
    const contact = (id: string) => ada.make('contacts', { clientId: client.id, firstName: id, isPrimary: true }, id);
    await ada.put(row('clients', client), row('contacts', contact(first)));
    const before = await seqNow();
    const rows = [row('contacts', contact(second))];
    const batchId = randomUUID();
    const [verdict] = await bob.push(rows, { batchId });
    expect(verdict).toEqual({ id: second, verdict: 'ok', seq: before });
    // The server has settled since whose is the primary one; what bob sent is in the same place or replaced.
    const news = (await bob.pullAll('contacts')).rows.filter(({ seq }) => seq > before);
    expect(news.length).toBe(2);
    expect(await bob.push(rows, { batchId })).toEqual([verdict]);
    const [same] = await bob.push([row('clients', client)]);
    expect(same).toEqual({ id: client.id, verdict: 'ok', seq: await seqNow() });
    const [other] = await bob.push([row('clients', bob.change('clients', client, { name: 'South' }))]);
    expect(other).toMatchObject({ verdict: 'conflict', seq: await seqNow() });
  });

  it('are a conflict with nothing where the server does not have what they were made from', async () => {
    const client = ada.make('clients', { name: 'North' });
    expect(await ada.push([row('clients', ada.change('clients', client, { name: 'South' }), client)])).toEqual([conflict(client.id, null)]);
  });

  it('are judged one by one: what is wrong with one stops no other, and all that is right is written', async () => {
    const good = Array.from({ length: 3 }, (_, at) => ada.make('clients', { name: `Good ${at}` }));
    const [first, second, third] = good as [SyncedRecord, SyncedRecord, SyncedRecord];
    const verdicts = await ada.push([
      row('clients', first),
      row('clients', { ...ada.make('clients', { name: 'x' }), name: '' } as SyncedRecord),
      row('contacts', ada.make('contacts', { firstName: 'Mia', email: 'no address' })),
      row('clients', second),
      row('clients', { ...ada.make('clients', { name: 'Untrimmed' }), name: ' Untrimmed ' } as SyncedRecord),
      row('invoices', ada.make('invoices', { clientId: first.id, lines: [{ description: 'x', quantity: 'many' }] })),
      row('clients', third),
    ]);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['ok', 'rejected', 'rejected', 'ok', 'rejected', 'rejected', 'ok']);
    expect(verdicts[1]).toMatchObject({ code: 'invalid', field: 'name', message: 'Must not be empty.' });
    expect(verdicts[2]).toMatchObject({ code: 'invalid', field: 'email', message: expect.stringContaining('name@example.com') });
    expect(verdicts[4]).toMatchObject({ code: 'invalid', field: 'name' });
    expect(verdicts[5]).toMatchObject({ code: 'invalid', field: 'lines' });
    expect(recordsOf((await bob.pullAll('clients')).rows)).toEqual(good);
    expect((await bob.pullAll('contacts')).rows).toEqual([]);
  });

  it('are refused with what no text, no record and no database can have', async () => {
    const make = (more: Record<string, unknown>) => ({ ...ada.make('clients', { name: 'x' }), ...more }) as SyncedRecord;
    const rows = [
      make({ later: 'a\u0000b' }),
      make({ later: { 'a\u0000b': 1 } }),
      make({ custom: { 'a\u0000': 'b' } }),
      make({ stamps: {} }),
      make({ stamps: { '*': 'now' } }),
      make({ stamps: 'now' }),
      make({ createdAt: 'today' }),
      make({ deletedAt: undefined }),
      make({ banking: { ...(make({})['banking'] as object | null), accountNumber: `sealed:v1:0123456789ab:${'A'.repeat(60)}` } }),
      { ...ada.make('locationItemPrices', { locationId: newId(), itemPriceId: newId() }), id: newId() },
    ];
    const verdicts = await ada.push(rows.map((one, at) => row(at === rows.length - 1 ? 'locationItemPrices' : 'clients', one)));
    expect(verdicts.map((one) => (one.verdict === 'rejected' ? one.code : one.verdict))).toEqual(rows.map(() => 'invalid'));
    // Six letters that only look like a NUL are a text like any other.
    await ada.put(row('clients', make({ notes: 'written as \\u0000' })));
    const [locationId, itemPriceId] = [newId(), newId()];
    await ada.put(
      row('locationItemPrices', ada.make('locationItemPrices', { locationId, itemPriceId }, locationItemPriceId(locationId, itemPriceId))),
    );
  });

  it('need a newer stamp for what they change, and none of a time that has not come', async () => {
    const client = ada.make('clients', { name: 'North' });
    await ada.put(row('clients', client));
    const ahead = formatStamp(server.clock.now() + 300_001, 0, 'ada');
    const just = formatStamp(server.clock.now() + 300_000, 0, 'ada');
    const push = async (more: Record<string, unknown>, stamps: Record<string, string>) =>
      (await ada.push([row('clients', { ...client, ...more, stamps: { ...client.stamps, ...stamps } }, client)]))[0];
    expect(await push({ name: 'South' }, {})).toMatchObject({ verdict: 'rejected', code: 'stamp_reused', field: 'name' });
    expect(await push({ name: 'South' }, { phone: just })).toMatchObject({ code: 'stamp_reused', field: 'name' });
    expect(await push({ name: 'South' }, { name: formatStamp(1, 0, 'ada') })).toMatchObject({ code: 'stamp_not_newer', field: 'name' });
    expect(await push({ name: 'South' }, { name: ahead })).toMatchObject({ code: 'clock_ahead', field: 'name' });
    const answer = await ada.tryPush([row('clients', { ...client, name: 'South', stamps: { ...client.stamps, name: ahead } }, client)]);
    expect(answer.body['serverTime']).toBe('2024-05-03T10:00:00.000Z');
    expect(await push({ name: 'South' }, { name: just })).toEqual(ok(client.id));
  });

  it('have changes made elsewhere stamped after them: an integration’s edit is not lost to a laptop whose clock is ahead', async () => {
    const client = ada.make('clients', { name: 'North' });
    const ahead = formatStamp(server.clock.now() + 240_000, 7, 'ada');
    await ada.put(row('clients', { ...client, stamps: { '*': ahead } }));
    expect(await server.ask(admin, 'PUT', '/api/clients/1', { name: 'From an integration' })).toMatchObject({ status: 200 });
    const [there] = recordsOf((await ada.pullAll('clients')).rows) as [SyncedRecord];
    expect(there).toMatchObject({ id: client.id, name: 'From an integration', updatedBy: admin.userId });
    expect(there.stamps['name'] ?? '').toMatch(/-server$/);
    expect((there.stamps['name'] ?? '') > ahead).toBe(true);
    expect(await server.ask(admin, 'GET', '/api/clients/1')).toMatchObject({ body: { name: 'From an integration' } });
  });

  it('are found by searches and lists of every dialect as soon as they are there', async () => {
    const client = ada.make('clients', { name: 'Nørth Depot', email: 'north@example.com' });
    await ada.put(row('clients', client));
    expect(await server.ask(admin, 'GET', '/api/clients?q=north')).toMatchObject({ body: { data: [{ name: 'Nørth Depot' }] } });
    await ada.put(row('clients', ada.change('clients', client, { deletedAt: '2024-05-03T10:00:00.000Z' }), client));
    expect(await server.ask(admin, 'GET', '/api/clients?q=north')).toMatchObject({ body: { data: [] } });
    const [there] = recordsOf((await bob.pullAll('clients')).rows);
    expect(there).toMatchObject({ id: client.id, name: 'Nørth Depot', deletedAt: '2024-05-03T10:00:00.000Z' });
  });

  it('keep secrets sealed in the database, and open on the way', async () => {
    const banking = {
      bankName: 'First',
      accountNumber: '12345678',
      branchCode: null,
      accountType: 'checking',
      routingNumber: null,
      swiftCode: null,
    };
    const client = ada.make('clients', { name: 'North', banking });
    const operation = ada.operation(1, [{ collection: 'clients', id: client.id, before: null, after: { name: 'North', banking } }]);
    await ada.put(row('clients', client), row('operations', operation));
    const text = (await stored('clients', client.id))?.text ?? '';
    expect(text).toContain('sealed:v1:');
    expect(text).not.toContain('12345678');
    expect(recordsOf((await bob.pullAll('clients')).rows)).toEqual([client]);
    expect(recordsOf((await bob.pullAll('operations')).rows)).toEqual([operation]);
    const raw = await server.engine.db.transaction().execute(async (tx) => {
      await sql`select set_config('role', 'fieldbook_tenant', true), set_config('fieldbook.organisation', ${admin.organisation}, true)`.execute(
        tx,
      );
      return sql<{ doc: string }>`select doc from operations`.execute(tx);
    });
    expect(raw.rows[0]?.doc).toContain('sealed:v1:');
    expect(raw.rows[0]?.doc).not.toContain('12345678');
  });

  it('of one e-mail are kept, both: nobody offline could know of the other', async () => {
    const [hers, his] = [ada, bob].map((device) => device.make('clients', { name: `of ${device.name}`, email: 'same@example.com' })) as [
      SyncedRecord,
      SyncedRecord,
    ];
    await ada.put(row('clients', hers));
    await bob.put(row('clients', his));
    expect(recordsOf((await ada.pullAll('clients')).rows)).toEqual([hers, his]);
  });

  it.each([['the older one'], ['the newer one']])('of two primary contacts leave the newest claim, when %s comes first', async (first) => {
    const client = ada.make('clients', { name: 'North' });
    const older = ada.make('contacts', { clientId: client.id, firstName: 'Older', isPrimary: true });
    server.clock.moveTo('2024-05-03T10:01:00.000Z');
    const newer = bob.make('contacts', { clientId: client.id, firstName: 'Newer', isPrimary: true });
    const other = bob.make('contacts', { clientId: client.id, firstName: 'Other' });
    server.clock.moveTo('2024-05-03T10:00:00.000Z');
    await ada.put(row('clients', client));
    for (const one of first === 'the older one' ? [older, newer] : [newer, older]) await ada.put(row('contacts', one));
    await bob.put(row('contacts', other));
    const there = recordsOf((await ada.pullAll('contacts')).rows);
    expect(Object.fromEntries(there.map((one) => [String(one['firstName']), one['isPrimary']]))).toEqual({
      Newer: true,
      Older: false,
      Other: false,
    });
    const cleared = stampOf(there.find(({ id }) => id === older.id)?.stamps ?? {}, 'isPrimary') ?? '';
    expect(parseStamp(cleared).deviceId).toBe('settle');
    expect(cleared > (newer.stamps['*'] ?? '')).toBe(true);
  });

  it('of locations leave exactly one primary where there are any, and what a person said before counts more than what the server filled in', async () => {
    const client = ada.make('clients', { name: 'North' });
    const meant = ada.make('locations', { clientId: client.id, name: 'Meant', isPrimary: true });
    const first = ada.make('locations', { clientId: client.id, name: 'First' });
    const primaries = async () =>
      recordsOf((await bob.pullAll('locations')).rows)
        .filter((one) => one['isPrimary'] === true && one['deletedAt'] === null)
        .map((one) => one['name']);
    // The one that is meant comes with a later push.
    await ada.put(row('clients', client), row('locations', first));
    expect(await primaries()).toEqual(['First']);
    await ada.put(row('locations', meant));
    expect(await primaries()).toEqual(['Meant']);
    await ada.put(row('locations', ada.change('locations', meant, { deletedAt: '2024-05-03T10:00:00.000Z' }), meant));
    expect(await primaries()).toEqual(['First']);
  });

  it('hang on a record that was deleted meanwhile, or that is not there yet: they are kept, and come to everybody', async () => {
    const client = ada.make('clients', { name: 'North' });
    await ada.put(row('clients', client));
    await ada.put(row('clients', ada.change('clients', client, { deletedAt: '2024-05-03T10:00:00.000Z' }), client));
    const late = bob.make('contacts', { clientId: client.id, firstName: 'Late' });
    const early = bob.make('contacts', { clientId: newId(), firstName: 'Early' });
    await bob.put(row('contacts', late), row('contacts', early));
    expect(recordsOf((await ada.pullAll('contacts')).rows)).toEqual([late, early]);
    expect(recordsOf((await ada.pullAll('clients')).rows)).toMatchObject([{ id: client.id, deletedAt: expect.any(String) }]);
  });

  it('are operations too: added once, the same for ever', async () => {
    const change = { collection: 'clients', id: newId(), before: null, after: { name: 'North' } };
    const operations = [1, 2, 3].map((seq) => ada.operation(seq, [change]));
    const [first] = operations as [(typeof operations)[0]];
    await ada.put(...operations.map((one) => row('operations', one)));
    expect(await ada.push([row('operations', { ...first, command: 'clients.remove' })])).toMatchObject([
      { verdict: 'rejected', code: 'immutable' },
    ]);
    await ada.put(...operations.map((one) => row('operations', one)));
    const { rows } = await bob.pullAll('operations', null, 2);
    expect(recordsOf(rows)).toEqual(operations);
    expect(
      await ada.push([row('operations', { ...first, id: newId(), stamp: 'x' } as never), row('operations', { id: newId() })]),
    ).toMatchObject([
      { verdict: 'rejected', code: 'invalid', field: 'stamp' },
      { verdict: 'rejected', code: 'invalid' },
    ]);
    const ahead = ada.operation(9, [change], { stamp: formatStamp(server.clock.now() + 300_001, 0, 'ada') });
    expect(await ada.push([row('operations', ahead)])).toMatchObject([{ verdict: 'rejected', code: 'clock_ahead' }]);
    // Of a noun that this version does not know.
    await ada.put(row('operations', ada.operation(4, [{ collection: 'ledgers', id: 'x', before: null, after: { a: 1 } }])));
  });

  it('name files that are not there yet, and say so', async () => {
    const sha256 = 'ab'.repeat(32);
    const client = ada.make('clients', { name: 'North' });
    const file = ada.make('activities', {
      kind: 'attachment',
      about: 'clients',
      aboutId: client.id,
      fileName: 'plan.txt',
      mediaType: 'text/plain',
      size: 3,
      sha256,
    });
    expect(await ada.push([row('clients', client), row('activities', file)])).toEqual([
      ok(client.id),
      ok(file.id, { missingFile: sha256 }),
    ]);
    // As it was sent, but for who wrote it: that says who signed in.
    const [pulled] = recordsOf((await bob.pullAll('activities')).rows) as [SyncedRecord];
    const { authorId, updatedAt: _at, updatedBy: _by, stamps, ...rest } = pulled;
    expect(authorId).toBe(admin.userId);
    expect(file).toMatchObject(rest);
    expect(stamps).toEqual({ ...file.stamps, authorId: expect.stringMatching(/-settle$/) });
  });

  it('keep the fields of a later version, also through a device that does not know them', async () => {
    const client = { ...ada.make('clients', { name: 'North' }), mood: { today: 'good' }, tempers: ['a'] } as SyncedRecord;
    await ada.put(row('clients', client));
    const [pulled] = recordsOf((await bob.pullAll('clients')).rows) as [SyncedRecord];
    expect(pulled).toEqual(client);
    const { mood: _, tempers: __, ...known } = bob.change('clients', pulled, { phone: '1' });
    await bob.put(row('clients', known as SyncedRecord, pulled));
    expect(recordsOf((await ada.pullAll('clients')).rows)).toMatchObject([{ phone: '1', mood: { today: 'good' }, tempers: ['a'] }]);
    // And an integration in between loses none of it either.
    expect(await server.ask(admin, 'PUT', '/api/clients/1', { name: 'South' })).toMatchObject({ status: 200 });
    expect(recordsOf((await ada.pullAll('clients')).rows)).toMatchObject([{ name: 'South', phone: '1', mood: { today: 'good' } }]);
  });
});
