// Rules (docs/sync-protocol.md): S1, S3, S10, S21
import { expect, it, onTestFinished } from 'vitest';
import { createTaking } from '../../electron/sync/take-rows.ts';
import type { Replica } from '../../shared/sync/replica.ts';
import { openKeptCheck } from '../../electron/database/kept-check.ts';
import { openBook } from '../../electron/opening/open-book.ts';
import { systemClock } from '../../electron/system-clock.ts';
import type { SafetyJob } from '../../shared/contracts/safety.contract.ts';
import type { SyncState } from '../../shared/contracts/sync.contract.ts';
import { firstStart, freshFolder, start, tidyUp } from '../server/support/server-process.ts';
import { password } from '../server/support/test-server.ts';
import { quietLog } from '../support/opened-book.ts';
import { quietPlatform } from '../support/quiet-platform.ts';
import { connectFile, folderLaptop, type FolderLaptop } from './support/folder-laptop.ts';
import { say } from '../../shared/words/say.ts';

tidyUp();

async function connected(url: string, person: string): Promise<FolderLaptop> {
  const laptop = folderLaptop(person, password);
  const answer = await laptop.run(['--connect', connectFile(laptop.folder, url, firstStart.FIELDBOOK_ADMIN_EMAIL)]);
  expect(answer).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(answer.out)).toMatchObject({ connected: { kind: 'fieldbook', url, account: firstStart.FIELDBOOK_ADMIN_EMAIL } });
  return laptop;
}

it('brings two data folders and a server to the same records, says what it did, and does nothing the second time', async () => {
  const server = await start(['--data', freshFolder()], firstStart);
  const ada = await connected(server.url, 'Ada');
  const bob = await connected(server.url, 'Bob');
  const client = await ada.edit(async ({ clients, contacts }) => {
    const { record } = await clients.create({
      name: 'North Depot',
      email: 'office@north.example',
      tags: ['route 7'],
      banking: { accountNumber: '000123456789' },
    });
    await contacts.create({ clientId: record.id, firstName: 'Grace' });
    return record;
  });

  const rehearsed = await ada.sync({ rehearse: true });
  expect(rehearsed).toMatchObject({ code: 0, receipt: { state: 'rehearsed', sent: { created: 2, changed: 0, deleted: 0 }, waiting: 2 } });
  const first = await ada.sync();
  expect(first).toMatchObject({
    code: 0,
    err: '',
    receipt: { state: 'synced', sent: { created: 2 }, waiting: 0, conflicts: 0, refused: 0 },
  });
  const second = await bob.sync();
  expect(second.receipt.received.created).toBeGreaterThanOrEqual(2);
  // What the server itself has of people came to Ada with her first sync.
  expect(await bob.records()).toEqual(await ada.records());

  // Both edit offline: different fields, and one field twice.
  await ada.edit(({ clients }) =>
    clients.change(client.id, { phone: '+41 44 111', tags: ['route 7', 'by ada'], website: 'https://north.example' }),
  );
  await bob.edit(({ clients }) => clients.change(client.id, { notes: 'Ask for Grace', tags: ['route 7', 'by bob'] }));
  await bob.edit(({ clients }) => clients.change(client.id, { phone: '+41 44 222' }));
  expect((await ada.sync()).receipt).toMatchObject({ sent: { changed: 1 }, waiting: 0 });
  const met = await bob.sync();
  expect(met).toMatchObject({ code: 2, receipt: { state: 'waits', merged: 1, conflicts: 1, sent: { changed: 1 }, waiting: 0 } });
  expect(met.err).toContain('1 field was changed twice');
  await ada.sync();
  const [mine, theirs] = [await ada.records(), await bob.records()];
  expect(mine).toEqual(theirs);
  expect(mine.get(`clients/${client.id}`)).toMatchObject({
    phone: '+41 44 222',
    notes: 'Ask for Grace',
    website: 'https://north.example',
    tags: ['route 7', 'by ada', 'by bob'],
    banking: { accountNumber: '000123456789' },
  });

  // Who did what, and when, is in the history of the other laptop; what others did is not this person's to undo.
  await ada.edit(async ({ history }) => {
    const { entries } = await history.ofRecord('clients', client.id, 100);
    expect(entries.map(({ actor, fields }) => [actor, fields.map(({ path }) => path).toSorted()])).toEqual([
      ['Bob', ['phone']],
      ['Bob', ['notes', 'tags']],
      ['Ada', ['phone', 'tags', 'website']],
      ['Ada', expect.arrayContaining(['name', 'email'])],
    ]);
    expect(history.state().undo).toMatchObject({ command: 'clients.change' });
    await history.undo(null);
  });
  const undone = (await ada.records()).get(`clients/${client.id}`);
  expect(undone, 'undo takes back what Ada did and nothing of Bob').toMatchObject({
    phone: '+41 44 222',
    tags: ['route 7', 'by ada', 'by bob'],
    website: null,
  });

  await ada.sync();
  await bob.sync();
  const nothing = await ada.sync();
  expect(nothing.receipt).toMatchObject({ sent: { created: 0, changed: 0, deleted: 0 }, received: { created: 0, changed: 0, deleted: 0 } });
  expect(await ada.records()).toEqual(await bob.records());
});

it('holds every record against the server where it is asked to, puts right what differs, and says how much that was', async () => {
  const server = await start(['--data', freshFolder()], firstStart);
  const ada = await connected(server.url, 'Ada');
  const bob = await connected(server.url, 'Bob');
  const { id } = await ada.edit(async ({ clients }) => (await clients.create({ name: 'North Depot' })).record);
  const compared = (mended: number) => ({ records: expect.any(Number), mended, left: 0 });
  // What waits is sent first.
  expect(await ada.sync({ compare: true })).toMatchObject({
    code: 0,
    err: '',
    receipt: { state: 'synced', sent: { created: 1 }, waiting: 0, compared: compared(0) },
  });
  await bob.sync();
  // A page that was never taken in, although its number was.
  await bob.edit((_services, book) =>
    book.runSync((turn) => {
      const taking = createTaking(turn, 'lost');
      taking.drop('clients', turn.state.replicaOf('clients', id) as Replica, { code: 'not_visible', message: '' });
      return { value: null, operations: taking.operations() };
    }),
  );
  const plain = await bob.sync();
  expect(plain.receipt).not.toHaveProperty('compared');
  expect((await bob.records()).has(`clients/${id}`)).toBe(false);
  const found = await bob.sync({ compare: true });
  expect(found).toMatchObject({ code: 0, receipt: { state: 'synced', received: { created: 1 }, compared: compared(1) } });
  expect(found.receipt.compared?.records).toBeGreaterThanOrEqual(1);
  expect(await bob.records()).toEqual(await ada.records());
  // What is rehearsed changes nothing, whatever else is asked for.
  expect((await bob.sync({ compare: true, rehearse: true })).receipt).toMatchObject({ state: 'rehearsed' });
});

it('sends nothing after a check that found the book other than its journal, in the window nor without one, until a check finds it whole', async () => {
  const server = await start(['--data', freshFolder()], firstStart);
  const ada = await connected(server.url, 'Ada');
  const bob = await connected(server.url, 'Bob');
  const { id } = await ada.edit(async ({ clients }) => (await clients.create({ name: 'North Depot' })).record);
  await (await openKeptCheck(ada.folder, quietLog)).put(2);

  const sentence = /^The last check found 2 records that are not as the journal has them, so nothing was sent\. Open "Check my book"/;
  const held = await ada.sync();
  expect(held).toMatchObject({
    code: 1,
    err: expect.stringMatching(sentence),
    receipt: { state: 'failed', sent: { created: 0 }, waiting: 1 },
  });
  expect(await ada.sync({ rehearse: true })).toMatchObject({ code: 1, err: expect.stringMatching(sentence) });

  const options = { dataFolder: ada.folder, version: '0.0.0', clock: systemClock, log: quietLog };
  const noWindow = { openStorageHost: () => Promise.reject(new Error('There is no window.')) };
  const book = await openBook(quietPlatform(noWindow), options, () => undefined);
  onTestFinished(() => book.close());
  const ask = async <T>(method: string) => {
    const answer = await book.backend.call(method, {});
    if (!answer.ok) throw new Error(`${method}: ${say(answer.error)}`);
    return answer.value as T;
  };
  const slow = { timeout: 60_000 };
  const problem = async () => (await ask<SyncState>('sync.state')).remotes[0]?.last?.problem ?? null;
  await ask('sync.syncNow');
  await expect.poll(problem, slow).toMatch(sentence);
  await bob.sync();
  expect((await bob.records()).has(`clients/${id}`)).toBe(false);

  await ask('safety.check');
  await expect.poll(async () => (await ask<{ job: SafetyJob }>('safety.state')).job.state, slow).toBe('done');
  await ask('sync.syncNow');
  await expect.poll(problem, slow).toBeNull();
  await bob.sync();
  expect((await bob.records()).get(`clients/${id}`)).toMatchObject({ name: 'North Depot' });
}, 300_000);
