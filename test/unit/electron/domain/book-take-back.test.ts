import { expect, it } from 'vitest';
import { contentOf, openLaptop, request } from '../../../support/opened-book.ts';

it('makes the records of operations that were found again, and goes on after them', async () => {
  const laptop = await openLaptop();
  const { record: client } = await laptop.clients.create({ name: 'North Depot' });
  await laptop.clients.change(client.id, { name: 'North Depot Ltd' });
  await laptop.contacts.create({ clientId: client.id, firstName: 'Grace' });
  const lost = [...laptop.database.kept.values()];

  const restored = await openLaptop();
  await restored.book.takeBack(lost);

  expect(contentOf(restored.book).records).toEqual(contentOf(laptop.book).records);
  expect(restored.changed).toHaveLength(1);
  expect((await restored.clients.list(request({ search: 'north ltd' }))).total).toBe(1);
  await restored.clients.change(client.id, { name: 'South Depot' });
  expect(restored.clients.get(client.id).name, 'a change made now is newer than what was found').toBe('South Depot');
  expect(contentOf(restored.book).seq).toBe(4);
});

it('leaves what was changed later as it is', async () => {
  const laptop = await openLaptop();
  const { record: client } = await laptop.clients.create({ name: 'North Depot', notes: 'old' });
  await laptop.clients.change(client.id, { name: 'Second name', notes: 'found again' });
  const [, second] = [...laptop.database.kept.values()];
  await laptop.clients.change(client.id, { name: 'Third name' });
  const before = contentOf(laptop.book).records;

  await laptop.book.takeBack(second === undefined ? [] : [second]);

  expect(contentOf(laptop.book).records).toEqual(before);
});

it('waits for the batch that is on its way to the disk', async () => {
  const lost = await openLaptop();
  const { record: found } = await lost.clients.create({ name: 'Found again' });
  const laptop = await openLaptop();

  const making = laptop.clients.create({ name: 'Made meanwhile' });
  const takenBack = laptop.book.takeBack([...lost.database.kept.values()]);
  const { record: made } = await making;
  await takenBack;
  await laptop.book.idle();

  expect([found.id, made.id].map((id) => laptop.clients.get(id).name)).toEqual(['Found again', 'Made meanwhile']);
});
