import { expect, it } from 'vitest';
import { openLaptop, type TestBook } from '../../../../support/opened-book.ts';

async function scanned(laptop: TestBook) {
  laptop.duplicateScan.start();
  while (laptop.duplicateScan.state().status === 'running') await new Promise((resolve) => setImmediate(resolve));
  return titles(laptop);
}

async function titles(laptop: TestBook): Promise<string[]> {
  const { groups } = await laptop.duplicateScan.groups(null, 0, 50);
  return groups.map(({ reasons, records }) => `${records.map(({ title }) => title).join(' = ')}: ${reasons.join(', ')}`);
}

async function withDuplicates() {
  const laptop = await openLaptop();
  const add = async (fields: Record<string, unknown>) => (await laptop.clients.create(fields)).record.id;
  const harbor = await add({ name: 'Harbor Street Bakery', phone: '+33 6 28 10 44 12' });
  const harbour = await add({ name: 'Harbour Street Bakery', phone: '06 28 10 44 12' });
  const birch = await add({ name: 'Birch Clinic' });
  await add({ name: 'Brich Clinic', website: 'other.example' });
  await add({ name: 'Depot 12 North' });
  await add({ name: 'Depot 13 North' });
  await laptop.contacts.create({ clientId: harbor, firstName: 'Ada', lastName: 'King', email: 'ada@king.example' });
  await laptop.contacts.create({ clientId: birch, firstName: 'A.', lastName: 'King', email: 'ADA@king.example' });
  // Colleagues share the phone of their office.
  await laptop.contacts.create({ clientId: birch, firstName: 'Linus', phone: '555 010 0000' });
  await laptop.contacts.create({ clientId: birch, firstName: 'Grace', phone: '555 010 0000' });
  return { laptop, harbor, harbour, birch };
}

it('lists what may be the same with the reasons, the likeliest first, and what tells them apart', async () => {
  const { laptop } = await withDuplicates();
  expect(await scanned(laptop)).toEqual([
    'Harbor Street Bakery = Harbour Street Bakery: phone, similarName',
    'Ada King = A. King: email',
    'Birch Clinic = Brich Clinic: similarName',
  ]);
  expect(laptop.duplicateScan.state()).toMatchObject({ status: 'done', done: 10, total: 10 });
  const { groups, total } = await laptop.duplicateScan.groups('contacts', 0, 10);
  expect(total).toBe(1);
  expect(groups[0]?.records.map(({ facts }) => facts)).toEqual([
    ['Harbor Street Bakery', 'ada@king.example'],
    ['Birch Clinic', 'ADA@king.example'],
  ]);
  expect((await laptop.duplicateScan.groups(null, 1, 1)).groups).toHaveLength(1);
});

it('follows the book: merges, deletions, new records and undo, without looking again', async () => {
  const { laptop, harbor, harbour, birch } = await withDuplicates();
  await scanned(laptop);
  await laptop.merges.merge({ noun: 'clients', ids: [harbor, harbour], keepId: harbor, choices: {} });
  await laptop.clients.remove([birch]);
  expect(await titles(laptop)).toEqual([]);
  await laptop.history.undo(null);
  await laptop.history.undo(null);
  expect(await titles(laptop)).toHaveLength(3);
  await laptop.clients.create({ name: 'Birch Clinic', website: 'other.example' });
  expect((await titles(laptop))[2]).toBe('Birch Clinic = Brich Clinic = Birch Clinic: website, name, similarName');
});

it('never puts together what somebody said is not the same, also after a restart; the hint neither', async () => {
  const { laptop, harbor, harbour } = await withDuplicates();
  await scanned(laptop);
  await laptop.merges.keepApart('clients', [harbor, harbour]);
  expect(await titles(laptop)).toHaveLength(2);
  const again = await laptop.reopen();
  expect(await scanned(again)).toHaveLength(2);
  const { record: third } = await again.clients.create({ name: 'Harbor Street Bakery' });
  const groups = await titles(again);
  expect(groups.some((group) => group.startsWith('Harbor Street Bakery = Harbour Street Bakery'))).toBe(false);
  expect(groups).toContain('Harbor Street Bakery = Harbor Street Bakery: name');
  const like = async () => (await again.duplicates.like('clients', again.clients.get(harbor), 5, harbor)).map(({ id }) => id);
  expect(await like()).toEqual([third.id]);
  await again.history.undo(null);
  await again.history.undo(null);
  expect(await like()).toEqual([harbour]);
  expect(await titles(again)).toHaveLength(3);
});

it('can be cancelled, keeps what it found, and can begin again', async () => {
  const { laptop } = await withDuplicates();
  for (let at = 0; at < 3000; at += 500) {
    await laptop.book.run('imports.start', 'import-1', (tx) => {
      for (let row = at; row < at + 500; row += 1) tx.create('clients', { name: `Client ${row}`, email: `c${row}@c${row}.example` });
    });
  }
  laptop.duplicateScan.start();
  while (laptop.duplicateScan.state().done < 10) await new Promise((resolve) => setImmediate(resolve));
  const stopped = laptop.duplicateScan.cancel();
  expect(stopped.status).toBe('stopped');
  expect(stopped.done).toBeLessThan(3000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(laptop.duplicateScan.state()).toEqual(stopped);
  expect(await titles(laptop)).not.toEqual([]);
  expect(await scanned(laptop)).toHaveLength(3);
});
