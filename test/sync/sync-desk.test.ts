// Rules (docs/sync-protocol.md): S1, S3, S7, S10, S20, S21
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openBook } from '../../electron/opening/open-book.ts';
import { systemClock } from '../../electron/system-clock.ts';
import { syncSentence } from '../../renderer/features/settings/sync-sentence.ts';
import type { AppStatus } from '../../shared/contracts/app.contract.ts';
import type { TodayQueue } from '../../shared/contracts/today.contract.ts';
import type { SyncState } from '../../shared/contracts/sync.contract.ts';
import type { SyncNeeds } from '../../shared/sync/sync-view.ts';
import { firstStart, freshFolder, start, tidyUp } from '../server/support/server-process.ts';
import { password } from '../server/support/test-server.ts';
import { contractAnswers } from '../support/contract-answers.ts';
import { quietLog } from '../support/opened-book.ts';
import { quietPlatform } from '../support/quiet-platform.ts';
import { say } from '../../shared/words/say.ts';
import { openFaultLine } from './support/fault-line.ts';
import { sharedSyncServer } from './support/sync-server.ts';

tidyUp();
const sharedServer = sharedSyncServer(systemClock);

const held = contractAnswers(() => false);

/** A whole book as the app opens it, asked through the door that screens use. */
async function laptop() {
  const dataFolder = freshFolder();
  const options = { dataFolder, version: '0.0.0', clock: systemClock, log: quietLog };
  const book = await openBook(quietPlatform(), options, () => undefined);
  onTestFinished(() => book.close());
  const call = async (method: string, input: object = {}) => {
    const answer = await book.backend.call(method, input);
    held.hold(method, answer, `${method} ${JSON.stringify(input)}`);
    return answer;
  };
  const ask = async <T>(method: string, input: object = {}): Promise<T> => {
    const answer = await call(method, input);
    if (!answer.ok) throw new Error(`${method}: ${say(answer.error)}`);
    return answer.value as T;
  };
  const state = () => ask<SyncState>('sync.state');
  return {
    dataFolder,
    call,
    ask,
    state,
    sentence: async () => syncSentence(await ask<AppStatus>('app.status')),
    needs: () => ask<SyncNeeds>('sync.needs'),
    async until(isSo: (now: SyncState) => boolean): Promise<void> {
      await expect.poll(async () => isSo(await state()), { timeout: 60_000 }).toBe(true);
    },
    look: (url: string, of = password) =>
      ask<SyncState>('sync.look', {
        kind: 'fieldbook',
        url,
        organisation: null,
        signIn: { email: firstStart.FIELDBOOK_ADMIN_EMAIL, password: of },
        direction: 'both',
      }),
  };
}
type Laptop = Awaited<ReturnType<typeof laptop>>;

/** Where nobody listens any more. */
async function closedAddress(): Promise<string> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return `http://127.0.0.1:${port}`;
}

const isStill = ({ isSyncing, remotes }: SyncState) => !isSyncing && remotes[0]?.last !== null && remotes.length > 0;

async function joined(one: Laptop, url: string, same: object[] = []): Promise<void> {
  await one.look(url);
  await one.until(({ joining }) => joining?.step === 'ready');
  await one.ask('sync.join', { same });
  await one.until((now) => now.joining === null && isStill(now));
}

async function synced(one: Laptop): Promise<void> {
  const before = (await one.state()).remotes[0]?.last?.at;
  await one.ask('sync.syncNow');
  await one.until((now) => isStill(now) && now.remotes[0]?.last?.at !== before);
}

const create = async (one: Laptop, fields: object) => (await one.ask<{ record: { id: string } }>('clients.create', fields)).record.id;

it('keeps nothing of a server before somebody agreed, and says of each failure which field it is about', async () => {
  const server = await start(['--data', freshFolder()], firstStart);
  const ada = await laptop();
  await create(ada, { name: 'Harbor Bakery' });
  for (const [url, of, field, words] of [
    [await closedAddress(), password, 'url', 'Nothing answers'],
    ['http://crm.example', password, 'url', 'can be read by everybody'],
    [server.url, 'not the password', 'password', 'does not know this e-mail'],
  ] as const) {
    await ada.look(url, of);
    await ada.until(({ joining }) => joining?.step === 'failed');
    const { joining: failed } = await ada.state();
    expect(failed?.problem?.field, url).toBe(field);
    expect(failed?.problem?.message).toContain(words);
  }
  expect(
    await ada.call('sync.look', { kind: 'fieldbook', url: 'no address', organisation: null, signIn: { token: 'x' }, direction: 'both' }),
  ).toMatchObject({
    ok: false,
    error: { code: 'INVALID_INPUT', field: 'url' },
  });
  await ada.look(server.url);
  await ada.until(({ joining }) => joining?.step === 'ready');
  const { joining, remotes } = await ada.state();
  expect(joining?.rehearsal).toMatchObject({
    sent: { created: 1, changed: 0, deleted: 0 },
    pairs: [],
    perNoun: expect.arrayContaining([{ noun: 'clients', goes: 1, comes: 0 }]),
  });
  expect(remotes).toEqual([]);
  expect(await ada.sentence()).toContain('This book is only on this laptop');
  expect(existsSync(join(ada.dataFolder, 'remotes.json'))).toBe(false);
  await ada.ask('sync.leave');
  expect((await ada.state()).joining).toBeNull();
  expect(await ada.call('sync.join', { same: [] })).toMatchObject({ ok: false, error: { code: 'NOTHING_TO_JOIN' } });
  expect(existsSync(join(ada.dataFolder, 'remotes.json'))).toBe(false);
}, 300_000);

it('joins what is the same before it is sent, answers a conflict, and tells the truth in one sentence at each step', async () => {
  const server = await start(['--data', freshFolder()], firstStart);
  const [ada, bob] = [await laptop(), await laptop()];
  const harbor = await create(ada, { name: 'Harbor Bakery', email: 'office@harbor.example', accountCode: 'HB-1' });
  await joined(ada, server.url);
  expect(await ada.sentence()).toContain('Everything is on the server as of');

  const double = await create(bob, { name: 'The Harbor Bakery', accountCode: 'hb-1', phone: '030 1234567' });
  await create(bob, { name: 'Cedar Point Clinic' });
  await bob.look(server.url);
  await bob.until(({ joining }) => joining?.step === 'ready');
  const { pairs } = (await bob.state()).joining?.rehearsal ?? { pairs: [] };
  expect(pairs).toMatchObject([{ noun: 'clients', here: { id: double }, there: { id: harbor }, same: 'accountCode' }]);
  await joined(bob, server.url, [{ noun: 'clients', here: double, there: harbor }]);
  expect(await bob.ask('clients.get', { id: double })).toMatchObject({ id: harbor, phone: '030 1234567', email: 'office@harbor.example' });
  await synced(ada);
  expect(await ada.ask('app.counts')).toMatchObject({ clients: 2 });

  // Both change a field while they work offline.
  for (const one of [ada, bob]) await one.ask('sync.workOffline', { isOffline: true });
  await ada.ask('clients.change', { id: harbor, changes: { phone: '030 111' } });
  await bob.ask('clients.change', { id: harbor, changes: { phone: '030 222', notes: 'Ask for Grace' } });
  expect(await ada.sentence()).toMatch(/^Offline\. Your work is safe on this laptop\. 1 change waits, the oldest since /);
  expect(await ada.ask('sync.waiting')).toMatchObject({
    total: 1,
    items: [{ recordId: harbor, title: 'Harbor Bakery', what: 'changed', fields: ['phone'], reason: null }],
  });
  expect(await ada.ask('sync.marks', { noun: 'clients', ids: [harbor, 'nobody'] })).toEqual({
    marks: [{ id: harbor, mark: 'unsent', fields: [{ field: 'phone', mark: 'unsent', says: null }] }],
  });
  expect(await ada.ask('clients.list', { show: 'unsent' })).toMatchObject({ total: 1, rows: [{ id: harbor }] });
  expect(readFileSync(join(ada.dataFolder, 'settings.json'), 'utf8')).toContain('"workOffline": true');

  await ada.ask('sync.workOffline', { isOffline: false });
  await ada.until((now) => isStill(now) && now.remotes[0]?.waiting === 0);
  await bob.ask('sync.workOffline', { isOffline: false });
  await expect.poll(async () => (await bob.needs()).conflicts.length, { timeout: 60_000 }).toBe(1);
  expect(await bob.sentence()).toContain('1 conflict needs you');
  const [conflict] = (await bob.needs()).conflicts;
  expect(conflict).toMatchObject({
    field: 'phone',
    kept: 'mine',
    mine: { value: '030 222' },
    theirs: { value: '030 111' },
    base: { value: '030 1234567' },
  });
  const toDecide = async () =>
    (await bob.ask<TodayQueue>('today.queue', {})).groups
      .find(({ group }) => group === 'sync')
      ?.rows.map(({ kind, noun, id, title }) => ({ kind, noun, id, title }));
  const asked = [{ kind: 'conflict', noun: 'clients', id: harbor, title: 'Harbor Bakery' }];
  expect(await toDecide(), 'Today leads to it').toEqual(asked);
  await bob.ask('sync.settle', { choices: [{ id: conflict?.id, take: 'theirs' }] });
  expect(await toDecide()).toBeUndefined();
  expect(await bob.ask('clients.get', { id: harbor })).toMatchObject({ phone: '030 111', notes: 'Ask for Grace' });
  expect(await bob.sentence()).not.toContain('conflict');
  await bob.ask('history.undo', { target: null });
  expect(await bob.sentence()).toContain('1 conflict needs you');
  expect(await toDecide()).toEqual(asked);
  await bob.ask('sync.settle', { choices: [{ id: conflict?.id, take: 'asItIs' }] });
  expect(await bob.ask('clients.get', { id: harbor })).toMatchObject({ phone: '030 222' });
  expect(await bob.call('sync.settle', { choices: [{ id: conflict?.id, take: 'mine' }] })).toMatchObject({ ok: false });

  // Held against the server record by record: nothing differs, and it is said when that was so.
  await synced(bob);
  expect(await bob.state()).toMatchObject({ canCompare: true, comparing: null, compared: null });
  await bob.ask('sync.compare');
  await bob.until(({ comparing, compared }) => comparing === null && compared !== null);
  expect((await bob.state()).compared?.says).toMatch(/^Compared \d+ records: nothing differed\.$/);
  expect(
    (await bob.ask<{ items: { compared: object | null }[] }>('sync.receipts', {})).items.some(({ compared }) => compared !== null),
  ).toBe(true);

  // What would go, the receipts, and the devices of this person.
  await synced(bob);
  await bob.ask('sync.rehearse');
  await bob.until(({ isRehearsing, rehearsal }) => !isRehearsing && rehearsal.length === 1);
  expect((await bob.state()).rehearsal).toMatchObject([{ state: 'rehearsed', sent: { created: 0, changed: 0, deleted: 0 } }]);
  const receipts = await bob.ask<{ total: number; items: { sent: object }[] }>('sync.receipts', {});
  expect(receipts.items.some(({ sent }) => JSON.stringify(sent) !== '{"created":0,"changed":0,"deleted":0}')).toBe(true);
  expect(await bob.ask('sync.receipts', { search: 'nowhere.example' })).toMatchObject({ total: 0 });
  expect(await bob.ask('sync.exportReceipts', {})).toMatchObject({ rows: receipts.total });
  const remoteId = (await bob.state()).remotes[0]?.id ?? '';
  const { devices } = await bob.ask<{ devices: { id: string; isThisOne: boolean }[] }>('sync.devices', { remoteId });
  expect(devices).toHaveLength(2);
  expect(devices.filter(({ isThisOne }) => isThisOne)).toHaveLength(1);
  await bob.ask('sync.signOutDevice', { remoteId, id: devices.find(({ isThisOne }) => !isThisOne)?.id });
  await synced(ada);
  expect(await ada.sentence()).toContain('not signed in');

  // Signing out refuses to take away what is not sent; what waits stays, with what it hangs on.
  await bob.ask('sync.workOffline', { isOffline: true });
  await bob.ask('clients.change', { id: harbor, changes: { notes: 'Ask for Mei' } });
  expect(await bob.call('sync.disconnect', { remoteId, book: 'remove' })).toMatchObject({ ok: false, error: { code: 'UNSENT_WORK' } });
  expect((await bob.state()).remotes).toHaveLength(1);
  await bob.ask('sync.disconnect', { remoteId, book: 'remove', unsent: 'stays' });
  expect(await bob.sentence()).toContain('This book is only on this laptop');
  expect(await bob.ask('app.counts')).toMatchObject({ clients: 1 });
  expect(await bob.ask('clients.get', { id: harbor })).toMatchObject({ notes: 'Ask for Mei' });
}, 300_000);

it('S3, S21: a comparison ends where somebody works offline or signs out, and brings nothing back', async () => {
  const server = await sharedServer();
  const { id: organisation } = await server.organisation('stopped');
  await server.member(organisation, firstStart.FIELDBOOK_ADMIN_EMAIL, 'admin');
  let requests = 0;
  let onHold: { path: string; arrived: () => void; until: Promise<void> } | null = null;
  const line = await openFaultLine(async (request) => {
    requests += 1;
    const said = await server.answer(request);
    if (onHold?.path === request.url) {
      onHold.arrived();
      await onHold.until;
    }
    return said;
  });
  onTestFinished(() => line.close());
  /** The next answers to this are on their way until they are let go. */
  const hold = (path: string) => {
    const [arrived, until] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    onHold = { path, arrived: arrived.resolve, until: until.promise };
    return {
      arrived: arrived.promise,
      letGo() {
        onHold = null;
        until.resolve();
      },
    };
  };
  const [ada, bob] = [await laptop(), await laptop()];
  await create(ada, { name: 'Harbor Bakery' });
  await joined(ada, line.url);
  await joined(bob, server.url);

  const digests = hold('/sync/digests');
  await ada.ask('sync.compare');
  await digests.arrived;
  await ada.ask('sync.workOffline', { isOffline: true });
  const asked = requests;
  digests.letGo();
  await ada.until(({ comparing }) => comparing === null);
  expect(requests, 'nothing is asked while somebody works offline').toBe(asked);
  for (const method of ['sync.compare', 'sync.rehearse'])
    expect(await ada.call(method), method).toMatchObject({ ok: false, error: { code: 'WORKS_OFFLINE' } });
  await ada.ask('sync.workOffline', { isOffline: false });
  await ada.until(isStill);

  await create(bob, { name: 'Cedar Point Clinic' });
  await synced(bob);
  const pull = hold('/sync/pull');
  await ada.ask('sync.compare');
  await pull.arrived;
  const { remotes } = await ada.state();
  await ada.ask('sync.disconnect', { remoteId: remotes[0]?.id, book: 'remove' });
  pull.letGo();
  await ada.until(({ comparing }) => comparing === null);
  expect(await ada.ask('app.counts')).toMatchObject({ clients: 0 });
}, 300_000);
