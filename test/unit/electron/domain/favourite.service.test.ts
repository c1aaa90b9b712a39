import { expect, it } from 'vitest';
import { mostFavourites } from '../../../../shared/contracts/favourite.contract.ts';
import { backendOf } from '../../../support/book-backend.ts';
import { keptFile, openLaptop, type TestBook } from '../../../support/opened-book.ts';

const titles = (laptop: TestBook) => laptop.favourites.list().hits.map(({ title }) => title);

it('keeps favourites by name in the settings, over a restart, and nowhere in the book', async () => {
  const settings = keptFile();
  const laptop = await openLaptop({ settings });
  const { record: birch } = await laptop.clients.create({ name: 'birch Clinic' });
  const { record: adler } = await laptop.clients.create({ name: 'Adler Bakery' });
  const { record: grace } = await laptop.contacts.create({ clientId: adler.id, firstName: 'Grace', lastName: 'Hill' });
  const { seq } = laptop.book.snapshot();
  const backend = backendOf(laptop);
  for (const [noun, id] of [
    ['clients', birch.id],
    ['contacts', grace.id],
    ['clients', adler.id],
  ] as const)
    expect((await backend.call('favourites.put', { noun, id, isFavourite: true })).ok).toBe(true);
  expect(laptop.book.snapshot().seq).toBe(seq);
  expect(titles(laptop)).toEqual(['Adler Bakery', 'birch Clinic', 'Grace Hill']);

  await laptop.end();
  const again = await openLaptop({ folder: laptop.folder, settings });
  expect(titles(again)).toEqual(['Adler Bakery', 'birch Clinic', 'Grace Hill']);
  await again.favourites.put('clients', adler.id, false);
  expect(titles(again)).toEqual(['birch Clinic', 'Grace Hill']);
});

it('forgets a favourite while it is deleted, and follows one that was merged', async () => {
  const laptop = await openLaptop();
  const { record: one } = await laptop.clients.create({ name: 'Adler Bakery' });
  const { record: other } = await laptop.clients.create({ name: 'Adler Bakery Ltd' });
  await laptop.favourites.put('clients', one.id, true);
  await laptop.clients.remove([one.id]);
  expect(titles(laptop)).toEqual([]);
  await laptop.clients.restore([one.id]);
  expect(titles(laptop)).toEqual(['Adler Bakery']);

  await laptop.merges.merge({ noun: 'clients', ids: [one.id, other.id], keepId: other.id, choices: {} });
  expect(laptop.favourites.list().hits.map(({ id }) => id)).toEqual([other.id]);
  await laptop.favourites.put('clients', other.id, true);
  expect(titles(laptop)).toEqual(['Adler Bakery Ltd']);
  // The star that was given to the one under its old id goes as well.
  await laptop.favourites.put('clients', other.id, false);
  expect(titles(laptop)).toEqual([]);
});

it('refuses in words what is not there, what has no place of its own, and more than fit', async () => {
  const laptop = await openLaptop();
  const backend = backendOf(laptop);
  const put = (noun: string, id: string) => backend.call('favourites.put', { noun, id, isFavourite: true });
  expect(await put('clients', 'nobody')).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } });
  const { record: field } = await laptop.ownFields.create({ noun: 'clients', label: 'Founded', fieldKind: 'number' });
  expect(await put('ownFields', field.id)).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } });

  const ids: string[] = [];
  for (let at = 0; at <= mostFavourites; at += 1) ids.push((await laptop.clients.create({ name: `Client ${at}` })).record.id);
  for (const id of ids.slice(0, mostFavourites)) await laptop.favourites.put('clients', id, true);
  expect(await put('clients', ids.at(-1) ?? '')).toMatchObject({ ok: false, error: { code: 'TOO_MANY_FAVOURITES' } });
  // The same one again is no other.
  expect((await put('clients', ids[0] ?? '')).ok).toBe(true);
});
