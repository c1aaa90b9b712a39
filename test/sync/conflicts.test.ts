// Rules (docs/sync-protocol.md): S10, S11, S12, S13
import { expect, it } from 'vitest';
import { createConflictService } from '../../electron/domain/conflict.service.ts';
import { systemClock } from '../../electron/system-clock.ts';
import { password } from '../server/support/test-server.ts';
import { connectFile, folderLaptop, type FolderLaptop } from './support/folder-laptop.ts';
import { sharedSyncServer } from './support/sync-server.ts';

const server = sharedSyncServer(systemClock);
let companies = 0;

async function twoLaptops(): Promise<[FolderLaptop, FolderLaptop]> {
  const { url, organisation } = await server();
  companies += 1;
  const { email } = await organisation(`company-${companies}`);
  const laptops = [folderLaptop('Ada', password), folderLaptop('Bob', password)] as const;
  for (const laptop of laptops) expect(await laptop.sync({ connect: connectFile(laptop.folder, url, email) })).toMatchObject({ code: 0 });
  return [...laptops];
}

/** Both sync until nothing moves any more. */
async function meet(...laptops: FolderLaptop[]): Promise<void> {
  for (const laptop of [...laptops, ...laptops]) expect((await laptop.sync()).receipt).toMatchObject({ waiting: 0 });
}

const needsOf = (laptop: FolderLaptop) => laptop.edit(async (_services, book) => createConflictService(book).conflicts());

it('S10: one field changed twice stands as it was changed last, the other value is taken with one answer, and undo opens it again', async () => {
  const [ada, bob] = await twoLaptops();
  const { id } = await ada.edit(async ({ clients }) => (await clients.create({ name: 'North Depot', tags: ['old'] })).record);
  await meet(ada, bob);
  await ada.edit(({ clients }) => clients.change(id, { phone: '+41 44 111', custom: { color: 'red', ada: 1 } }));
  await bob.edit(({ clients }) => clients.change(id, { phone: '+41 44 222', custom: { color: 'blue', bob: 2 } }));
  await ada.sync();
  expect(await bob.sync()).toMatchObject({ code: 2, receipt: { conflicts: 2, waiting: 0 } });

  const conflicts = await needsOf(bob);
  expect(conflicts.map(({ field, label, title, mine, theirs, kept }) => [field, label, title, mine.by, theirs.by, kept])).toEqual([
    ['phone', 'Phone', 'North Depot', 'Bob', 'Ada', 'mine'],
    ['custom', 'Own fields', 'North Depot', 'Bob', 'Ada', 'mine'],
  ]);
  const phone = conflicts.find(({ field }) => field === 'phone');
  const custom = conflicts.find(({ field }) => field === 'custom');

  // Taken, taken back, taken again: each time the list of what needs a person says so.
  await bob.edit(async (services, book) => {
    const service = createConflictService(book);
    await service.settle([
      { id: phone?.id ?? '', take: 'theirs' },
      { id: custom?.id ?? '', take: 'theirs' },
    ]);
    expect(service.conflicts()).toEqual([]);
    expect(book.get('clients', id)).toMatchObject({ phone: '+41 44 111', custom: { color: 'red', ada: 1, bob: 2 } });
    await services.history.undo(null);
    expect(service.conflicts().map(({ field }) => field)).toEqual(['phone', 'custom']);
    expect(book.get('clients', id)).toMatchObject({ phone: '+41 44 222', custom: { color: 'blue', ada: 1, bob: 2 } });
  });
  expect(await needsOf(bob), 'also after a restart').toHaveLength(2);
  await bob.edit(async (services, book) => {
    await services.history.redo();
    expect(createConflictService(book).conflicts()).toEqual([]);
    await expect(createConflictService(book).settle([{ id: phone?.id ?? '', take: 'mine' }])).rejects.toMatchObject({
      problem: { code: 'NOT_FOUND' },
    });
  });
  expect(await bob.sync()).toMatchObject({ code: 0, receipt: { state: 'synced', conflicts: 0, waiting: 0 } });
  await meet(ada, bob);
  expect((await ada.records()).get(`clients/${id}`)).toMatchObject({ phone: '+41 44 111', custom: { color: 'red', ada: 1, bob: 2 } });
  expect(await ada.records()).toEqual(await bob.records());
});

it('S11: long texts are joined line by line, and only where lines met somebody is asked', async () => {
  const [ada, bob] = await twoLaptops();
  const notes = 'Orders by phone.\nGate code 12.\nInvoices to Fresno.';
  const [one, two] = await ada.edit(async ({ clients }) => [
    (await clients.create({ name: 'Apart', notes })).record.id,
    (await clients.create({ name: 'Met', notes })).record.id,
  ]);
  await meet(ada, bob);
  await ada.edit(async ({ clients }) => {
    await clients.change(one as string, { notes: notes.replace('phone.', 'phone only.') });
    await clients.change(two as string, { notes: notes.replace('12', '34') });
  });
  await bob.edit(async ({ clients }) => {
    await clients.change(one as string, { notes: notes.replace('Fresno', 'Reno') });
    await clients.change(two as string, { notes: notes.replace('12', '56') });
  });
  await ada.sync();
  expect(await bob.sync()).toMatchObject({ code: 2, receipt: { merged: 2, conflicts: 1, waiting: 0 } });
  await meet(ada, bob);
  expect((await ada.records()).get(`clients/${one}`)).toMatchObject({ notes: 'Orders by phone only.\nGate code 12.\nInvoices to Reno.' });
  expect((await ada.records()).get(`clients/${two}`)).toMatchObject({
    notes: 'Orders by phone.\nGate code 34.\nGate code 56.\nInvoices to Fresno.',
  });
  const [conflict] = await needsOf(bob);
  expect(conflict).toMatchObject({ field: 'notes', kept: 'both' });
  await bob.edit((_services, book) => createConflictService(book).settle([{ id: conflict?.id ?? '', take: 'mine' }]));
  expect((await bob.sync()).code).toBe(0);
  await meet(ada, bob);
  expect((await ada.records()).get(`clients/${two}`)).toMatchObject({ notes: notes.replace('12', '56') });
});

it('S12: what was changed on one laptop and deleted on the other comes back with what went along, and says so', async () => {
  const [ada, bob] = await twoLaptops();
  const made = await ada.edit(async ({ clients, contacts }) => {
    const edited = (await clients.create({ name: 'Edited' })).record.id;
    const hung = (await clients.create({ name: 'Hung on' })).record.id;
    const gone = (await clients.create({ name: 'Gone' })).record.id;
    const contact = (await contacts.create({ clientId: edited, firstName: 'Grace' })).record.id;
    const other = (await contacts.create({ clientId: gone, firstName: 'Alan' })).record.id;
    return { edited, hung, gone, contact, other };
  });
  await meet(ada, bob);
  await ada.edit(async ({ clients }) => {
    for (const id of [made.edited, made.hung, made.gone]) await clients.remove([id]);
  });
  const added = await bob.edit(async ({ clients, contacts }) => {
    await clients.change(made.edited, { phone: '+41 44 333' });
    return (await contacts.create({ clientId: made.hung, firstName: 'New' })).record.id;
  });
  await ada.sync();
  expect(await bob.sync()).toMatchObject({ code: 2, receipt: { conflicts: 1, waiting: 0 } });
  await meet(ada, bob);
  const records = await ada.records();
  expect(records).toEqual(await bob.records());
  for (const key of [`clients/${made.edited}`, `contacts/${made.contact}`, `clients/${made.hung}`, `contacts/${added}`])
    expect(records.get(key), key).toMatchObject({ deletedAt: null });
  for (const key of [`clients/${made.gone}`, `contacts/${made.other}`]) expect(records.get(key)?.deletedAt, key).not.toBeNull();
  expect(records.get(`clients/${made.edited}`)).toMatchObject({ phone: '+41 44 333' });
  const [conflict] = await needsOf(bob);
  expect(conflict).toMatchObject({ field: 'deletedAt', title: 'Edited', kept: 'mine', mine: { by: 'Bob' }, theirs: { by: 'Ada' } });

  // It was meant: deleted again with one answer, on both.
  await bob.edit((_services, book) => createConflictService(book).settle([{ id: conflict?.id ?? '', take: 'theirs' }]));
  expect((await bob.sync()).code).toBe(0);
  await meet(ada, bob);
  const after = await ada.records();
  for (const key of [`clients/${made.edited}`, `contacts/${made.contact}`]) expect(after.get(key)?.deletedAt, key).not.toBeNull();
});

it('S13: a merge on one laptop and an edit of the lost record on the other meet in the record that stays', async () => {
  const [ada, bob] = await twoLaptops();
  const { stays, lost } = await ada.edit(async ({ clients }) => ({
    stays: (await clients.create({ name: 'Golden Valley', website: 'https://golden.example', tags: ['a'] })).record.id,
    lost: (await clients.create({ name: 'Golden Valley Foods', phone: '+1 1', tags: ['b'] })).record.id,
  }));
  await meet(ada, bob);
  await ada.edit(({ merges }) => merges.merge({ noun: 'clients', ids: [stays, lost], keepId: stays, choices: {} }));
  const contact = await bob.edit(async ({ clients, contacts }) => {
    await clients.change(lost, { phone: '+1 2', website: 'https://foods.example', tags: ['b', 'c'], notes: 'Ask for Sam' });
    return (await contacts.create({ clientId: lost, firstName: 'Sam' })).record.id;
  });
  // Either may be the one that finds it.
  await bob.sync();
  expect(await ada.sync()).toMatchObject({ code: 2, receipt: { conflicts: 1, waiting: 0 } });
  await meet(ada, bob);
  const records = await bob.records();
  expect(records).toEqual(await ada.records());
  expect(records.get(`clients/${stays}`)).toMatchObject({
    deletedAt: null,
    phone: '+1 2',
    notes: 'Ask for Sam',
    website: 'https://golden.example',
    tags: ['a', 'b', 'c'],
  });
  expect(records.get(`clients/${lost}`)).toMatchObject({ mergedInto: stays });
  expect(records.get(`contacts/${contact}`)).toMatchObject({ clientId: stays, deletedAt: null });
  const [conflict] = await needsOf(ada);
  expect(conflict).toMatchObject({
    recordId: stays,
    field: 'website',
    theirs: { value: 'https://foods.example', by: 'Bob' },
    kept: 'mine',
  });
});

it('S13: two laptops that merge the same two records, each the other way, keep one of them', async () => {
  const [ada, bob] = await twoLaptops();
  const [one, two] = (await ada.edit(async ({ clients }) => [
    (await clients.create({ name: 'North' })).record.id,
    (await clients.create({ name: 'North Ltd' })).record.id,
  ])) as [string, string];
  await meet(ada, bob);
  await ada.edit(({ merges }) => merges.merge({ noun: 'clients', ids: [one, two], keepId: one, choices: {} }));
  await bob.edit(({ merges }) => merges.merge({ noun: 'clients', ids: [one, two], keepId: two, choices: {} }));
  await ada.sync();
  await bob.sync();
  await meet(ada, bob);
  const records = await ada.records();
  expect(records).toEqual(await bob.records());
  expect([one, two].filter((id) => records.get(`clients/${id}`)?.deletedAt === null).length).toBeGreaterThan(0);
});
