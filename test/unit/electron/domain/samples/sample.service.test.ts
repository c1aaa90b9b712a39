import { expect, it } from 'vitest';
import { counted, openLaptop, request } from '../../../../support/opened-book.ts';

it('fills an empty book with some thirty clients, their people and places, and empties it again in one step', async () => {
  const laptop = await openLaptop();
  expect(await laptop.sample.add()).toEqual({ clients: 30 });
  const { clients, contacts, locations } = laptop.counts();
  expect([clients, contacts > 35, locations > 30]).toEqual([30, true, true]);
  expect(laptop.sample.count()).toBe(clients + contacts + locations);
  expect(await laptop.sample.add()).toEqual({ clients: 0 });

  expect(await laptop.sample.remove()).toEqual({ removed: clients + contacts + locations, kept: 0 });
  expect(laptop.counts()).toEqual(counted({ clients: 0, contacts: 0, locations: 0 }));
  await laptop.history.undo(null);
  expect(laptop.counts()).toEqual(counted({ clients, contacts, locations }));
  await laptop.history.undo(null);
  expect(laptop.counts().clients).toBe(0);
});

it('keeps what was edited, and the client a person’s own records hang on', async () => {
  const laptop = await openLaptop();
  await laptop.sample.add();
  const { rows } = await laptop.clients.list(request({ filters: [{ path: 'tags', operator: 'is', value: 'vip' }] }));
  const [edited, visited] = rows;
  await laptop.clients.change(edited?.id as string, { notes: 'Called today' });
  const { record: own } = await laptop.contacts.create({ clientId: visited?.id as string, firstName: 'Grace' });
  const before = laptop.sample.count();
  const again = await laptop.reopen();

  expect(await again.sample.remove()).toEqual({ removed: before - 2, kept: 2 });
  expect(new Set(await again.clients.ids(request()))).toEqual(new Set([edited?.id, visited?.id]));
  expect(again.contacts.get(own.id).deletedAt).toBeNull();
});

it('leaves the e-mail of a person’s own client alone', async () => {
  const laptop = await openLaptop();
  await laptop.clients.create({ name: 'Mine', email: 'hello@harbor-street-bakery.example' });
  await laptop.sample.add();
  expect(laptop.counts().clients).toBe(31);
});
