// Rules (docs/sync-protocol.md): S1, S3, S6, S12, S15, S17, S20
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { doTask } from '../../server/operations/administration.ts';
import { backup } from '../../server/operations/backup.ts';
import { restore } from '../../server/operations/restore.ts';
import { purge } from '../../server/store/purge.ts';
import { fixedClock } from '../../shared/lib/clock.ts';
import { schemaVersion } from '../../shared/sync/wire.ts';
import { backendOf } from '../support/book-backend.ts';
import { openLaptop, problemOf } from '../support/opened-book.ts';
import { type EngineLaptop, engineLaptop, memoryStore, remotesOf } from './support/engine-laptop.ts';
import { openFaultLine } from './support/fault-line.ts';
import { recordsOf } from './support/folder-laptop.ts';
import { openSyncServer, sharedSyncServer, type SyncServer } from './support/sync-server.ts';
import { carryOutJob } from './support/world-desk.ts';
import { say } from '../../shared/words/say.ts';

/*
 * Every reason for which other programs say "reset sync": each heals by itself or says what to do, and what was not sent is kept.
 */
const clock = fixedClock('2026-03-04T09:00:00.000Z');
const server = sharedSyncServer(clock, 'postgres');
let companies = 0;

interface Company {
  server: SyncServer;
  id: string;
  email: string;
  laptop(name: string, email?: string): Promise<EngineLaptop>;
}

async function company(on?: SyncServer): Promise<Company> {
  const one = on ?? (await server());
  companies += 1;
  const { id, email } = await one.organisation(`kept-${companies}`);
  return {
    server: one,
    id,
    email,
    async laptop(name, of = email) {
      const laptop = await engineLaptop(name, { at: new Date(clock.now()).toISOString() });
      await laptop.connect(one.url, of);
      await laptop.inStep();
      return laptop;
    },
  };
}

async function ask<T = unknown>(laptop: EngineLaptop, method: string, input: object): Promise<T> {
  const answer = await backendOf(laptop.book).call(method, input);
  if (!answer.ok) throw new Error(`${method}: ${say(answer.error)}`);
  return answer.value as T; // what the contract says of this method
}

async function create(laptop: EngineLaptop, name: string, more: object = {}): Promise<string> {
  return (await ask<{ record: { id: string } }>(laptop, 'clients.create', { name, ...more })).record.id;
}
const phone = (laptop: EngineLaptop, id: string, value: string) => ask(laptop, 'clients.change', { id, changes: { phone: value } });
const remove = (laptop: EngineLaptop, id: string) => ask(laptop, 'clients.remove', { ids: [id] });
const client = (laptop: EngineLaptop, id: string) => laptop.book.book.get('clients', id);
const waiting = (laptop: EngineLaptop) => laptop.book.book.sync.waiting().size;

/** All of them, and one that begins today, hold the same. What was deleted long ago some remember longer than others. */
async function agree({ laptop }: Company, ...laptops: EngineLaptop[]): Promise<void> {
  for (let round = 0; round < 2; round += 1) for (const one of laptops) await one.inStep();
  const live = ({ book: { book } }: EngineLaptop) => new Map([...recordsOf(book)].filter(([, { deletedAt }]) => deletedAt === null));
  const fresh = live(await laptop('Fresh'));
  for (const one of laptops) expect(live(one)).toEqual(fresh);
}

function later(days: number, ...laptops: EngineLaptop[]): void {
  for (const one of [clock, ...laptops.map(({ book }) => book.clock)]) one.moveTo(new Date(one.now() + days * 86_400_000).toISOString());
}

/** The sync says in one sentence what to do, and everything that waits still does. */
async function expectSaid(laptop: EngineLaptop, words: RegExp): Promise<void> {
  const before = waiting(laptop);
  const { state, problem } = await laptop.sync();
  expect(state).toBe('failed');
  expect(problem).toMatch(words);
  expect(waiting(laptop), 'what is not sent is kept').toBe(before);
  expect(laptop.book.book.sync.audit().size).toBe(before);
}

const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'fieldbook-kept-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

it('S6: a server that was restored from an old backup gets back what came after it from those who have it', async () => {
  const all = await company();
  const [ada, bob] = [await all.laptop('Ada'), await all.laptop('Bob')];
  const old = await create(ada, 'North');
  await ada.inStep();
  const file = join(folder(), 'backup.ndjson.gz');
  await all.server.whileOff(async (where) => void (await backup(where, file, clock)));

  await phone(ada, old, '1');
  const since = await create(ada, 'Since');
  await ada.inStep();
  await bob.inStep();
  const unsent = await create(bob, 'Unsent');
  const ways = { replace: true, attachments: join(all.server.folder, 'contents'), withoutKey: false };
  await all.server.whileOff(async (where) => void (await restore(where, file, ways, clock)));

  await expectSaid(bob, /not signed in .* any more\. Sign in again; what is not sent yet stays here/);
  await bob.connect(all.server.url, all.email);
  await bob.inStep();
  await ada.connect(all.server.url, all.email);
  await agree(all, ada, bob);
  expect(client(ada, old)).toMatchObject({ phone: '1' });
  expect(client(ada, since)).toMatchObject({ name: 'Since', deletedAt: null });
  expect(client(ada, unsent)).toMatchObject({ name: 'Unsent' });
});

it('S6: a server whose database was copied back by hand knows less than the laptops, and is told', async () => {
  const own = await openSyncServer(clock);
  try {
    const all = await company(own);
    const ada = await all.laptop('Ada');
    const old = await create(ada, 'North');
    await ada.inStep();
    const copy = join(folder(), 'data');
    await own.whileOff(async (where) => cpSync(where.folder, copy, { recursive: true }));
    await phone(ada, old, '1');
    const since = await create(ada, 'Since');
    await ada.inStep();
    const unsent = await create(ada, 'Unsent');
    await own.whileOff(async (where) => {
      rmSync(where.folder, { recursive: true });
      renameSync(copy, where.folder);
    });
    await agree(all, ada);
    expect(client(ada, old)).toMatchObject({ phone: '1' });
    for (const id of [since, unsent]) expect(client(ada, id)).toMatchObject({ deletedAt: null });
  } finally {
    await own.close();
  }
});

it('S6: a laptop that was away longer than deletions are remembered keeps its own work and loses what was deleted', async () => {
  const all = await company();
  const [ada, bob] = [await all.laptop('Ada'), await all.laptop('Bob')];
  const [gone, edited, stays] = [await create(ada, 'Gone'), await create(ada, 'Edited'), await create(ada, 'Stays')];
  await ada.inStep();
  await bob.inStep();
  await phone(bob, edited, '2');
  await phone(bob, stays, '3');
  const unsent = await create(bob, 'Unsent');
  for (const id of [gone, edited]) await remove(ada, id);
  await ada.inStep();
  const { db } = all.server.engine;
  await purge(db, clock.now());
  later(181, ada, bob);
  await purge(db, clock.now());
  await purge(db, clock.now());

  await expectSaid(bob, /Sign in again; what is not sent yet stays here/);
  await bob.connect(all.server.url, all.email);
  await ada.connect(all.server.url, all.email);
  await bob.inStep();
  expect(client(bob, gone)).toBeUndefined();
  expect(await ada.sync()).toMatchObject({ state: 'waits', waiting: 0 });
  await bob.inStep();
  // Whoever remembers the deletion longer than the server is told that it met a change.
  expect(client(ada, edited)).toMatchObject({ phone: '2', deletedAt: null });
  expect([...ada.book.book.sync.conflicts.values()]).toMatchObject([{ recordId: edited, field: 'deletedAt', kept: 'theirs' }]);
  expect(client(ada, stays)).toMatchObject({ phone: '3' });
  for (const one of [ada, bob]) expect(client(one, unsent)).toMatchObject({ name: 'Unsent' });
  expect(client(bob, edited)).toMatchObject({ phone: '2', deletedAt: null });
});

it('S6, S12: a change of something whose parent was deleted and forgotten comes back with that parent, on every laptop', async () => {
  const all = await company();
  const [ada, bob, cem] = [await all.laptop('Ada'), await all.laptop('Bob'), await all.laptop('Cem')];
  const above = await create(ada, 'Above');
  const { record: below } = await ask<{ record: { id: string } }>(ada, 'contacts.create', { clientId: above, firstName: 'Below' });
  for (const one of [ada, bob, cem]) await one.inStep();
  await ask(bob, 'contacts.change', { id: below.id, changes: { firstName: 'Changed' } });
  const { record: task } = await ask<{ record: { id: string } }>(cem, 'tasks.create', { clientId: above, title: 'Call' });
  await remove(ada, above);
  await ada.inStep();
  const { db } = all.server.engine;
  await purge(db, clock.now());
  later(200, ada, bob, cem);
  await purge(db, clock.now());

  for (const one of [bob, cem, ada]) await one.connect(all.server.url, all.email);
  for (const one of [bob, cem, ada]) await one.sync();
  for (const one of [bob, cem]) await one.inStep();
  expect(await ada.sync()).toMatchObject({ state: 'waits', waiting: 0 });
  for (const { book } of [ada, bob, cem]) {
    expect(book.book.get('clients', above)).toMatchObject({ name: 'Above', deletedAt: null });
    expect(book.book.get('contacts', below.id)).toMatchObject({ firstName: 'Changed', deletedAt: null });
    expect(book.book.get('tasks', task.id)).toMatchObject({ title: 'Call', deletedAt: null });
  }
  expect([...ada.book.book.sync.conflicts.values()].map(({ recordId }) => recordId)).toContain(above);
});

it('S6, S12: a change meets a deletion also where the server was restored to before the deletion', async () => {
  const all = await company();
  const [ada, bob] = [await all.laptop('Ada'), await all.laptop('Bob')];
  const [changed, untouched] = [await create(ada, 'Changed'), await create(ada, 'Untouched')];
  await ada.inStep();
  await bob.inStep();
  const file = join(folder(), 'backup.ndjson.gz');
  await all.server.whileOff(async (where) => void (await backup(where, file, clock)));
  for (const id of [changed, untouched]) await remove(ada, id);
  await ada.inStep();
  await phone(bob, changed, '8');
  const ways = { replace: true, attachments: join(all.server.folder, 'contents'), withoutKey: false };
  await all.server.whileOff(async (where) => void (await restore(where, file, ways, clock)));

  for (const one of [bob, ada]) await one.connect(all.server.url, all.email);
  await bob.inStep();
  expect(await ada.sync()).toMatchObject({ state: 'waits', waiting: 0 });
  expect([...ada.book.book.sync.conflicts.values()]).toMatchObject([{ recordId: changed, field: 'deletedAt' }]);
  await bob.inStep();
  for (const one of [ada, bob]) {
    expect(client(one, changed)).toMatchObject({ phone: '8', deletedAt: null });
    expect(client(one, untouched)).toMatchObject({ deletedAt: expect.any(String) });
  }
});

it('S6, S15: who sees less than before loses what came from the server, and nothing of their own', async () => {
  const all = await company();
  const ada = await all.laptop('Ada');
  const max = await all.server.member(all.id, `max@${all.id}.example.com`, 'member');
  const mel = await all.server.member(all.id, `mel@${all.id}.example.com`, 'manager');
  await ada.inStep();
  const { record: team } = await ask<{ record: { id: string } }>(ada, 'directory.create', {
    kind: 'team',
    name: 'Valley',
    memberIds: [max, mel],
  });
  const [theirs, changed] = [
    await create(ada, 'Of Max', { assignedToIds: [max] }),
    await create(ada, 'Of Max too', { assignedToIds: [max] }),
  ];
  await ada.inStep();
  const laptop = await all.laptop('Mel', `mel@${all.id}.example.com`);
  expect(client(laptop, theirs)).toMatchObject({ name: 'Of Max' });

  await phone(laptop, changed, '4');
  const own = await create(laptop, 'Of Mel', { assignedToIds: [mel] });
  await ask(ada, 'directory.change', { id: team.id, changes: { memberIds: [max] } });
  await ada.inStep();
  expect(await laptop.sync()).toMatchObject({ state: 'waits', refused: 1, waiting: 0 });
  for (const id of [theirs, changed]) expect(client(laptop, id)).toBeUndefined();
  expect(client(laptop, own)).toMatchObject({ name: 'Of Mel' });
  expect([...laptop.book.book.sync.setAside.values()]).toMatchObject([
    { recordId: changed, code: 'not_visible', mine: { fields: { phone: '4' } } },
  ]);
  await ada.inStep();
  expect(client(ada, own)).toMatchObject({ name: 'Of Mel' });

  // A manager who becomes a member sees no more than what is theirs.
  const nobodys = await create(laptop, 'Nobody’s');
  await all.server.engine.db.updateTable('logins').set({ role: 'member' }).where('user_id', '=', mel).execute();
  await laptop.sync();
  expect(waiting(laptop)).toBe(0);
  await ada.inStep();
  expect(client(ada, nobodys)).toMatchObject({ name: 'Nobody’s' });
});

it('S3, S6: where nothing is new the server is asked once; another role, a change and a restart are seen all the same', async () => {
  const all = await company();
  const ada = await all.laptop('Ada');
  const mel = await all.server.member(all.id, `mel@${all.id}.example.com`, 'manager');
  await ada.inStep();
  const theirs = await create(ada, 'Of Mel', { assignedToIds: [mel] });
  const team = await ask<{ record: { id: string } }>(ada, 'directory.create', { kind: 'team', name: 'Valley', memberIds: [mel] });
  const shared = await create(ada, 'Of the team', { teamIds: [team.record.id] });
  await ada.inStep();
  const laptop = await all.laptop('Mel', `mel@${all.id}.example.com`);
  expect(await laptop.sync()).toMatchObject({ state: 'synced', requests: 1 });
  expect(client(laptop, shared)).toMatchObject({ name: 'Of the team' });
  await all.server.engine.db.updateTable('logins').set({ role: 'member' }).where('user_id', '=', mel).execute();
  await laptop.inStep();
  expect(client(laptop, shared)).toBeUndefined();
  expect(await laptop.sync()).toMatchObject({ requests: 1 });
  await phone(ada, theirs, '9');
  await ada.inStep();
  await laptop.inStep();
  expect(client(laptop, theirs)).toMatchObject({ phone: '9' });
  laptop.goOnWith(await laptop.book.reopen());
  expect((await laptop.sync()).requests).toBeGreaterThan(1);
});

it('S6: a laptop that was restored from its own old backup gets back what had been sent since', async () => {
  const all = await company();
  const [ada, bob] = [await all.laptop('Ada'), await all.laptop('Bob')];
  const old = await create(ada, 'North');
  await ada.inStep();
  const unsent = await create(ada, 'Unsent then');
  await carryOutJob(ada.book, 'safety.backUp', 0);
  await phone(ada, old, '5');
  const since = await create(ada, 'Since');
  await ada.inStep();
  await bob.inStep();
  await phone(bob, old, '6');
  await bob.inStep();
  const before = ada.book.book.deviceId;
  await ada.remotes.close();
  ada.goOnWith(await carryOutJob(ada.book, 'safety.restore', 0));
  expect(client(ada, old)).toMatchObject({ phone: null });
  expect(ada.book.book.deviceId, 'what it writes from now on is not taken for what it wrote then').not.toBe(before);
  const again = await create(ada, 'After');
  await agree(all, ada, bob);
  expect(client(ada, old)).toMatchObject({ phone: '6' });
  for (const id of [unsent, since, again]) expect(client(bob, id)).toMatchObject({ deletedAt: null });
});

it('S1: a data folder that was copied is a device of its own, and both go on', async () => {
  const all = await company();
  const ada = await all.laptop('Ada');
  const old = await create(ada, 'North');
  await ada.inStep();
  const unsent = await create(ada, 'Unsent');
  await ada.remotes.close();
  await ada.book.end();
  const copied = join(folder(), 'copy');
  cpSync(ada.book.folder, copied, { recursive: true });
  ada.goOnWith(await ada.book.reopen());
  const store = memoryStore();
  for (const kept of ada.store.list()) await store.add(kept, { tokens: ada.store.secret(kept.id, 'tokens') ?? '' });
  const book = await openLaptop({ folder: copied, at: new Date(clock.now()).toISOString() });
  const copy: EngineLaptop = { ...ada, book, store, remotes: remotesOf(book, store) };
  copy.sync = async () => (await copy.remotes.syncAll('sync', AbortSignal.timeout(60_000)))[0] as Awaited<ReturnType<EngineLaptop['sync']>>;
  expect(copy.book.book.deviceId).not.toBe(ada.book.book.deviceId);
  await phone(ada, old, '7');
  await ask(copy, 'clients.change', { id: old, changes: { notes: 'On the copy' } });
  const [here, there] = [await create(ada, 'Here'), await create(copy, 'There')];
  for (const one of [ada, copy, ada, copy]) expect(await one.sync()).toMatchObject({ state: 'synced', waiting: 0 });
  await agree(all, ada);
  expect(recordsOf(copy.book.book)).toEqual(recordsOf(ada.book.book));
  expect(client(ada, old)).toMatchObject({ phone: '7', notes: 'On the copy' });
  for (const id of [unsent, here, there]) expect(client(ada, id)).toMatchObject({ deletedAt: null });
});

it('S17: a server that is two versions newer, or older, says which side to update, and everything waits until then', async () => {
  const all = await company();
  const ada = await all.laptop('Ada');
  const id = await create(ada, 'Waits');
  for (const [version, words] of [
    [schemaVersion + 2, /^The server is newer than this Fieldbook\. Update Fieldbook; until then everything stays safe here\.$/],
    [schemaVersion - 2, /^This Fieldbook is newer than the server\. Everything stays safe here until the server is updated\.$/],
  ] as const) {
    await all.server.stop();
    await all.server.start(version);
    await expectSaid(ada, words);
  }
  for (const version of [schemaVersion + 1, schemaVersion - 1, schemaVersion]) {
    await all.server.stop();
    await all.server.start(version);
    await phone(ada, id, String(version));
    await ada.inStep();
  }
  await agree(all, ada);
});

it('S1, S15: a laptop that lost its sign-in keeps all, one whose account was disabled what it has not sent, and both send when they may again', async () => {
  const all = await company();
  const ada = await all.laptop('Ada');
  const [above, sent] = [await create(ada, 'Above'), await create(ada, 'Sent')];
  await ada.inStep();
  const unsent = await create(ada, 'Unsent');
  const { record: below } = await ask<{ record: { id: string } }>(ada, 'contacts.create', { clientId: above, firstName: 'Below' });
  const [{ kept } = { kept: null }] = ada.remotes.list();
  await ada.store.setSecret(kept?.id ?? '', 'tokens', null);
  await expectSaid(
    ada,
    /^This laptop is not signed in to 127\.0\.0\.1:\d+ any more\. Sign in again; what is not sent yet stays here and goes then\.$/,
  );
  await ada.connect(all.server.url, all.email);

  const { engine } = all.server;
  await doTask(engine, { do: 'user disable', email: all.email, organisation: all.id }, clock);
  // What came from the server goes; what did not go there stays, with what it hangs on.
  await expectSaid(ada, /^Your account on .* was disabled\. .* what is not sent yet stays here\. Ask an administrator\.$/);
  expect([...recordsOf(ada.book.book).keys()].toSorted()).toEqual(
    [`clients/${above}`, `clients/${unsent}`, `contacts/${below.id}`].toSorted(),
  );
  ada.goOnWith(await ada.book.reopen());
  expect(recordsOf(ada.book.book).size, 'also when it is opened again').toBe(3);
  await expectSaid(ada, /was disabled/);
  const refused = await problemOf(ada.connect(all.server.url, all.email));
  expect(refused.message).toMatch(/does not know this e-mail with this password\. Check both; nothing was sent/);
  await doTask(engine, { do: 'user enable', email: all.email, organisation: all.id }, clock);
  await ada.connect(all.server.url, all.email);
  await agree(all, ada);
  for (const id of [unsent, above, sent]) expect(client(ada, id)).toMatchObject({ deletedAt: null });
});

it('S1: a book changes its server when it is told to, takes everything along, and never goes to a second one by mistake', async () => {
  const [all, other] = [await company(), await company()];
  const ada = await all.laptop('Ada');
  const sent = await create(ada, 'Sent');
  await ada.inStep();
  const unsent = await create(ada, 'Unsent');
  const line = await openFaultLine(other.server.answer);
  onTestFinished(() => line.close());
  expect((await problemOf(ada.connect(line.url, other.email))).message).toMatch(/A book has one Fieldbook server; disconnect it first/);
  const elsewhere = await problemOf(ada.connect(all.server.url, other.email));
  expect(say(elsewhere)).toMatch(/belongs to another organisation on that server, so nothing was changed/);
  expect(waiting(ada)).toBe(1);

  const [{ kept } = { kept: null }] = ada.remotes.list();
  await ada.remotes.disconnect(kept?.id ?? '');
  expect(client(ada, unsent)).toMatchObject({ name: 'Unsent' });
  await ada.connect(line.url, other.email);
  await ada.inStep();
  await agree(other, ada);
  for (const id of [sent, unsent]) expect(client(ada, id)).toMatchObject({ deletedAt: null });
});

it('S12: a book that is connected again asks only of what both changed, and a change brings back what the other side deleted', async () => {
  const all = await company();
  const [ada, bob] = [await all.laptop('Ada'), await all.laptop('Bob')];
  const [mine, theirs, twice, apart] = [
    await create(ada, 'Mine'),
    await create(ada, 'Theirs'),
    await create(ada, 'Twice'),
    await create(ada, 'Apart'),
  ];
  for (const id of [twice, apart]) await phone(ada, id, '1');
  await ada.inStep();
  await bob.inStep();
  const [{ kept } = { kept: null }] = ada.remotes.list();
  await ada.remotes.disconnect(kept?.id ?? '');
  await phone(ada, mine, '2');
  await remove(ada, theirs);
  await phone(ada, twice, '3');
  await phone(ada, apart, '4');
  await remove(bob, mine);
  await phone(bob, theirs, '5');
  await phone(bob, twice, '6');
  await ask(bob, 'clients.change', { id: apart, changes: { notes: 'Ask for Grace' } });
  await bob.inStep();

  await ada.connect(all.server.url, all.email);
  ada.goOnWith(await ada.book.reopen());
  expect(await ada.sync()).toMatchObject({ state: 'waits', waiting: 0 });
  const asked = [...ada.book.book.sync.conflicts.values()].map(({ recordId, field }) => `${recordId} ${field}`);
  expect(asked.toSorted()).toEqual([`${mine} deletedAt`, `${theirs} deletedAt`, `${twice} phone`].toSorted());
  await bob.inStep();
  for (const one of [ada, bob]) {
    expect(client(one, mine)).toMatchObject({ deletedAt: null, phone: '2' });
    expect(client(one, theirs)).toMatchObject({ deletedAt: null, phone: '5' });
    expect(client(one, apart)).toMatchObject({ phone: '4', notes: 'Ask for Grace' });
  }
  expect(recordsOf(bob.book.book)).toEqual(recordsOf(ada.book.book));
});
