// Rules (docs/sync-protocol.md): S6, S15, S19, S21
import { hash as hashOf, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../shared/lib/ids.ts';
import { type NounName, nounNames } from '../../shared/nouns/nouns.ts';
import { compareIds, digestOf, rangeDigest } from '../../shared/sync/digest.ts';
import {
  type Checkpoint,
  type DigestAnswer,
  digestAnswerSchema,
  type RecordsAnswer,
  recordsAnswerSchema,
  syncErrors,
} from '../../shared/sync/wire.ts';
import { deviceOf, recordsOf, row, type SyncDevice } from './support/sync-device.ts';
import { engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

const hash = (text: string) => hashOf('sha256', text, 'base64url');
let companies = 0;

describe.each(engines)('Digests on %s', (engine) => {
  let server: TestServer;
  let company: Somebody;
  let ada: SyncDevice;
  let tom: SyncDevice;
  let mia: SyncDevice;

  beforeAll(async () => {
    server = await startTestServer(engine, 'syncDigests');
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    companies += 1;
    const name = `digests-${engine}-${companies}`;
    company = await server.organisation(name);
    ada = deviceOf(server, company, 'ada');
    tom = deviceOf(server, await server.member(company, `tom@${name}.example.com`, 'member'), 'tom');
    mia = deviceOf(server, await server.member(company, `mia@${name}.example.com`, 'manager'), 'mia');
  });

  async function digests(device: SyncDevice, collection: NounName, checkpoint: Checkpoint, more: object = {}): Promise<DigestAnswer> {
    const answer = await device.ask('POST', '/sync/digests', { collection, checkpoint, after: '', to: null, size: 1000, ...more });
    expect(answer).toMatchObject({ status: 200 });
    return digestAnswerSchema.parse(answer.body);
  }
  async function records(device: SyncDevice, collection: NounName, checkpoint: Checkpoint, ids: string[]): Promise<RecordsAnswer> {
    const answer = await device.ask('POST', '/sync/records', { collection, checkpoint, ids });
    expect(answer).toMatchObject({ status: 200 });
    return recordsAnswerSchema.parse(answer.body);
  }

  /** What digests say of everything that a new device would be given, and nothing else, whatever they are asked in. */
  async function expectAsPulled(device: SyncDevice): Promise<number> {
    let all = 0;
    for (const noun of nounNames) {
      const { rows, checkpoint } = await device.pullAll(noun);
      const pulled = recordsOf(rows).toSorted((one, other) => compareIds(one.id, other.id));
      all += pulled.length;
      for (const size of [1000, 2, 1]) {
        const { ranges, upTo } = await digests(device, noun, checkpoint, { size });
        expect(upTo).toBeNull();
        const expected = [];
        for (let at = 0; at < pulled.length; at += size) {
          const some = pulled.slice(at, at + size);
          const each = some.map((one) => digestOf(noun, one, hash));
          expected.push({ to: some.at(-1)?.id, count: some.length, digest: rangeDigest(each, hash) });
        }
        expect(ranges, `${noun} of ${device.name} by ${size}`).toEqual(expected);
      }
    }
    return all;
  }

  it('S15, S21: are of exactly what a pull gives, to everybody, also with secrets, deletions, teams and fields of a later version', async () => {
    for (const owner of [null, ada, tom, mia]) {
      const client = ada.make('clients', {
        name: 'Depot',
        ...(owner !== null && { accountOwnerId: owner.somebody.userId }),
        banking: {
          bankName: 'B',
          accountNumber: `DE-${owner?.name ?? ''}`,
          branchCode: null,
          accountType: 'checking',
          routingNumber: null,
          swiftCode: null,
        },
        later: { of: ['a later version', 1.5] },
      });
      const contact = ada.make('contacts', { clientId: client.id, firstName: 'Ida' });
      const task = ada.make('tasks', { clientId: client.id, title: 'Call' });
      await ada.put(row('clients', client), row('contacts', contact), row('tasks', task));
      const deleted = ada.change('tasks', task, { deletedAt: '2024-05-03T10:00:00.000Z' });
      await ada.put(row('tasks', deleted, task));
    }
    const team = ada.make('directory', { kind: 'team', name: 'North', memberIds: [mia.somebody.userId, tom.somebody.userId] });
    await ada.put(row('directory', team));
    const [ofAda, ofTom, ofMia] = [await expectAsPulled(ada), await expectAsPulled(tom), await expectAsPulled(mia)];
    expect(ofTom).toBeLessThan(ofMia);
    expect(ofMia).toBeLessThan(ofAda);
  });

  it('S19: are cut where an answer would be about more than 1,000 records or 2 MB, and go on from there', async () => {
    const wide = (id: string) => ({ ...ada.make('clients', { name: 'Wide' }, id), later: randomBytes(1_000_000).toString('base64') });
    const ids = Array.from({ length: 3 }, () => newId()).toSorted();
    for (const id of ids) await ada.put(row('clients', wide(id)));
    const { checkpoint } = await ada.pullAll('clients');
    const first = await digests(ada, 'clients', checkpoint);
    expect(first.ranges.map(({ to }) => to)).toEqual([first.upTo]);
    expect(ids.slice(0, 2)).toContain(first.upTo);
    const rest = await digests(ada, 'clients', checkpoint, { after: first.upTo });
    expect(rest.ranges.reduce((sum, { count }) => sum + count, 0) + (first.ranges[0]?.count ?? 0)).toBe(3);
    const whole = await records(ada, 'clients', checkpoint, ids);
    expect(whole.rows.length).toBeLessThan(3);
    expect(whole.rows[0]).toMatchObject({ record: { id: ids[0] } });

    const tasks = Array.from({ length: 1_001 }, (_, at) => ada.make('tasks', { title: `Task ${at}` }));
    for (let at = 0; at < tasks.length; at += 200) await ada.put(...tasks.slice(at, at + 200).map((one) => row('tasks', one)));
    const sorted = tasks.map(({ id }) => id).toSorted();
    const end = (await ada.pullAll('tasks')).checkpoint;
    expect(await digests(ada, 'tasks', end)).toMatchObject({ ranges: [{ to: sorted[999], count: 1000 }], upTo: sorted[999] });
    expect(await digests(ada, 'tasks', end, { after: sorted[999] })).toMatchObject({
      ranges: [{ to: sorted[1000], count: 1 }],
      upTo: null,
    });
    const part = await digests(ada, 'tasks', end, { after: sorted[9], to: sorted[19], size: 4 });
    expect(part).toMatchObject({ ranges: [{ to: sorted[13] }, { to: sorted[17] }, { to: sorted[19], count: 2 }], upTo: sorted[19] });
  });

  it('S15: records are given by their ids to whoever sees them, and to nobody else', async () => {
    const [toms, mias] = [tom, mia].map((owner) => ada.make('clients', { name: 'Depot', accountOwnerId: owner.somebody.userId }));
    await ada.put(...[toms, mias].map((one) => row('clients', one as object)));
    const { checkpoint } = await tom.pullAll('clients');
    const ids = [toms?.id ?? '', mias?.id ?? '', newId()];
    const { rows, seq } = await records(tom, 'clients', checkpoint, ids);
    expect(rows).toEqual([{ seq: expect.any(Number), record: toms }, { gone: ids[1] }, { unknown: ids[2] }]);
    expect(seq).toBe(checkpoint.seq);
    // Neither under the name of another collection.
    expect((await records(tom, 'contacts', checkpoint, ids)).rows).toEqual(ids.map((unknown) => ({ unknown })));
    // Nor to another organisation.
    const other = deviceOf(server, await server.organisation(`others-${engine}-${companies}`), 'other');
    const theirs = (await other.pullAll('clients')).checkpoint;
    expect((await records(other, 'clients', theirs, ids)).rows).toEqual(ids.map((unknown) => ({ unknown })));
    expect(await digests(other, 'clients', theirs)).toEqual({ ranges: [], upTo: null });
  });

  it('S6, S19: are refused where no pull could go on, and in another form', async () => {
    const { checkpoint } = await ada.pullAll('clients');
    const good = { collection: 'clients', checkpoint, after: '', to: null, size: 1 };
    const ids = { collection: 'clients', checkpoint, ids: ['one'] };
    for (const [url, body] of [
      ['/sync/digests', good],
      ['/sync/records', ids],
    ] as const) {
      expect(await ada.ask('POST', url, body)).toMatchObject({ status: 200 });
      for (const [more, reason] of [
        [{ epoch: 'another' }, 'restored'],
        [{ seq: checkpoint.seq + 1 }, 'ahead'],
        [{ view: 'another' }, 'view_changed'],
      ] as const)
        expect(await ada.ask('POST', url, { ...body, checkpoint: { ...checkpoint, ...more } })).toMatchObject({
          status: syncErrors.resync_required,
          body: { code: 'resync_required', reason },
        });
    }
    for (const [url, body] of [
      ['/sync/digests', { ...good, collection: 'operations' }],
      ['/sync/digests', { ...good, collection: 'logins' }],
      ['/sync/digests', { ...good, checkpoint: null }],
      ['/sync/digests', { ...good, size: 0 }],
      ['/sync/digests', { ...good, size: 1001 }],
      ['/sync/digests', { ...good, after: 'a\u0000' }],
      ['/sync/digests', { ...good, to: '' }],
      ['/sync/digests', { ...good, more: 1 }],
      ['/sync/records', { ...ids, ids: [] }],
      ['/sync/records', { ...ids, ids: Array.from({ length: 201 }, (_, at) => String(at)) }],
      ['/sync/records', { ...ids, ids: ['a\u0000'] }],
      ['/sync/records', { ...ids, ids: ['x'.repeat(101)] }],
    ] as const)
      expect(await ada.ask('POST', url, body), JSON.stringify(body)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });
});
