import { expect, it } from 'vitest';
import type { DuplicateNoun, MergeOrder } from '../../../../../shared/contracts/duplicate.contract.ts';
import { nounNames } from '../../../../../shared/nouns/nouns.ts';
import { openLaptop, problemOf, request, type TestBook } from '../../../../support/opened-book.ts';

function order(noun: DuplicateNoun, ids: string[], rest: Partial<MergeOrder> = {}): MergeOrder {
  return { noun, ids, keepId: ids[0] ?? null, choices: {}, ...rest };
}

async function twoBakeries() {
  const laptop = await openLaptop();
  const { record: harbor } = await laptop.clients.create({
    name: 'Harbor Bakery',
    email: 'a@b.example',
    tags: ['vip'],
    externalIds: { erp: '7' },
  });
  const { record: harbour } = await laptop.clients.create({
    name: 'Harbour Bakery',
    phone: '555 0100',
    email: 'office@b.example',
    tags: ['north', 'vip'],
    address: { line1: '1 Main Street', city: 'Denver' },
    banking: { accountNumber: '000123456789' },
    externalIds: { erp: '9', crm: '4' },
    custom: { Route: 'B' },
  });
  const { record: ada } = await laptop.contacts.create({ clientId: harbor.id, firstName: 'Ada', isPrimary: true });
  const { record: grace } = await laptop.contacts.create({ clientId: harbour.id, firstName: 'Grace', isPrimary: true });
  const { record: shop } = await laptop.locations.create({ clientId: harbour.id, name: 'Shop' });
  const { record: ovens } = await laptop.opportunities.create({ clientId: harbour.id, name: 'New ovens', contactIds: [grace.id] });
  const { record: call } = await laptop.tasks.create({ clientId: harbour.id, title: 'Call back', opportunityId: ovens.id });
  return { laptop, harbor, harbour, ada, grace, shop, ovens, call };
}

/** The book without what every operation moves on. */
function content({ book }: TestBook) {
  return Object.fromEntries(
    nounNames.map((noun) => [
      noun,
      [...book.all(noun)]
        .map(({ stamps: _, updatedAt: __, updatedBy: ___, ...rest }) => rest)
        .toSorted((left, right) => (left.id < right.id ? -1 : 1)),
    ]),
  );
}

it('makes one client of two: values, lists, children, and one primary contact', async () => {
  const { laptop, harbor, harbour, ada, grace, shop, ovens, call } = await twoBakeries();

  const merged = await laptop.merges.merge(order('clients', [harbor.id, harbour.id], { choices: { name: harbour.id } }));

  expect(merged).toMatchObject({ id: harbor.id, moved: 4 });
  expect(laptop.clients.get(harbor.id)).toMatchObject({
    name: 'Harbour Bakery',
    email: 'a@b.example',
    phone: '555 0100',
    tags: ['vip', 'north'],
    address: { line1: '1 Main Street', city: 'Denver' },
    externalIds: { erp: '7', crm: '4' },
    custom: { Route: 'B' },
    contactCount: 2,
    primaryContactId: ada.id,
  });
  expect(laptop.banking(harbor.id)?.accountNumber).toBe('000123456789');
  expect(laptop.contacts.get(grace.id)).toMatchObject({ clientId: harbor.id, isPrimary: false, deletedAt: null });
  expect(laptop.locations.get(shop.id)).toMatchObject({ clientId: harbor.id, isPrimary: true });
  expect(laptop.opportunities.get(ovens.id)).toMatchObject({ clientId: harbor.id });
  expect(laptop.tasks.get(call.id)).toMatchObject({ clientId: harbor.id });
  const { rows, total, deleted } = await laptop.clients.list(request());
  expect({ names: rows.map(({ name }) => name), total, deleted }).toEqual({ names: ['Harbour Bakery'], total: 1, deleted: 0 });
});

it('says before what will be left, what differs and what moves, with secrets masked', async () => {
  const { laptop, harbor, harbour } = await twoBakeries();
  const preview = laptop.merges.preview(order('clients', [harbor.id, harbour.id], { keepId: harbour.id }));
  expect(preview).toMatchObject({
    keepId: harbour.id,
    title: 'Harbour Bakery',
    result: { email: 'office@b.example', tags: ['north', 'vip'] },
  });
  expect(preview.records.map(({ children }) => children)).toEqual([
    { contacts: 1, locations: 1, opportunities: 1, tasks: 1 },
    { contacts: 1 },
  ]);
  expect(preview.differing).toEqual(expect.arrayContaining(['name', 'email', 'phone', 'tags', 'address', 'banking']));
  expect(preview.differing).not.toContain('website');
  expect(JSON.stringify(preview)).not.toContain('000123456789');
});

it('lets old ids land on the record that is left: opening, editing, deleting, and new records that name it', async () => {
  const { laptop, harbor, harbour } = await twoBakeries();
  await laptop.merges.merge(order('clients', [harbor.id, harbour.id]));
  expect(laptop.clients.get(harbour.id).id).toBe(harbor.id);
  await laptop.clients.change(harbour.id, { notes: 'late' });
  expect(laptop.clients.get(harbor.id).notes).toBe('late');
  const { record: linus } = await laptop.contacts.create({ clientId: harbour.id, firstName: 'Linus' });
  expect(linus.clientId).toBe(harbor.id);
  const { entries } = await laptop.history.ofRecord('clients', harbour.id, 1);
  expect(entries[0]?.fields).toEqual([{ path: 'notes', before: null, after: 'late' }]);

  // On through a second merge, and after a restart.
  const { record: third } = await laptop.clients.create({ name: 'Harbor' });
  await laptop.merges.merge(order('clients', [third.id, harbor.id]));
  const again = await laptop.reopen();
  expect(again.clients.get(harbour.id).id).toBe(third.id);
  expect(await again.clients.remove([harbour.id, harbor.id])).toMatchObject({ removed: 1 });
  expect(again.clients.get(third.id).deletedAt).not.toBeNull();
  expect(await again.clients.restore([harbour.id])).toMatchObject({ restored: 1 });
  expect(again.clients.get(third.id)).toMatchObject({ deletedAt: null, contactCount: 3 });
});

it('is one step to undo and to do again, also after a restart', async () => {
  const { laptop, harbor, harbour } = await twoBakeries();
  const before = content(laptop);
  await laptop.merges.merge(order('clients', [harbor.id, harbour.id]));
  const after = content(laptop);
  let again = await laptop.reopen();
  expect(content(again)).toEqual(after);
  await again.history.undo(null);
  expect(content(again)).toEqual(before);
  again = await again.reopen();
  await again.history.redo();
  expect(content(again)).toEqual(after);
});

it('takes a merge apart years later: records and children come back, later edits and moves stay', async () => {
  const { laptop, harbor, harbour, ada, grace, shop, ovens } = await twoBakeries();
  await laptop.merges.merge(order('clients', [harbor.id, harbour.id], { choices: { name: harbour.id } }));
  laptop.clock.moveTo('2029-03-04T09:00:00.000Z');
  const { record: other } = await laptop.clients.create({ name: 'Other' });
  await laptop.clients.change(harbor.id, { phone: '555 0199', notes: 'After the merge', tags: ['vip', 'north', 'late'] });
  await laptop.contacts.change(grace.id, { clientId: other.id });
  await laptop.opportunities.change(ovens.id, { contactIds: [grace.id, ada.id], stage: 'proposal' });
  const { record: linus } = await laptop.contacts.create({ clientId: harbor.id, firstName: 'Linus' });
  for (let step = 0; step < 1100; step += 1) await laptop.clients.change(other.id, { notes: `step ${step}` });
  const again = await laptop.reopen();

  const [merge] = await again.merges.mergesOf('clients', harbor.id);
  expect(merge).toMatchObject({ actor: 'Ada', records: [{ id: harbour.id, title: 'Harbour Bakery' }] });
  const apart = await again.merges.takeApart('clients', harbor.id, merge?.operationId ?? '');

  expect(apart).toMatchObject({ ids: [harbour.id], kept: 2 });
  expect(again.clients.get(harbor.id)).toMatchObject({
    id: harbor.id,
    name: 'Harbor Bakery',
    email: 'a@b.example',
    phone: '555 0199',
    notes: 'After the merge',
    tags: ['vip', 'late'],
    address: { line1: null },
  });
  expect(again.clients.get(harbour.id)).toMatchObject({
    id: harbour.id,
    name: 'Harbour Bakery',
    phone: '555 0100',
    deletedAt: null,
    tags: ['north', 'vip'],
  });
  expect(again.banking(harbour.id)?.accountNumber).toBe('000123456789');
  expect(again.banking(harbor.id)).toBeNull();
  expect(again.locations.get(shop.id)).toMatchObject({ clientId: harbour.id, isPrimary: true });
  expect(again.opportunities.get(ovens.id)).toMatchObject({ clientId: harbour.id, stage: 'proposal' });
  expect(again.contacts.get(grace.id).clientId).toBe(other.id);
  expect(again.contacts.get(linus.id).clientId).toBe(harbor.id);
  expect(await again.merges.mergesOf('clients', harbor.id)).toEqual([]);
  expect(await problemOf(again.merges.takeApart('clients', harbor.id, merge?.operationId ?? ''))).toMatchObject({ code: 'NOT_MERGED' });

  // And that is a command like any other.
  await again.history.undo(null);
  expect(again.clients.get(harbour.id).id).toBe(harbor.id);
  const [once] = await again.merges.mergesOf('clients', harbor.id);
  await again.merges.takeApart('clients', harbor.id, once?.operationId ?? '');
  expect(again.locations.get(shop.id).clientId).toBe(harbour.id);
});

it('moves people in lists of contacts, and keeps one primary location', async () => {
  const { laptop, harbor, harbour, ada, grace, shop, ovens } = await twoBakeries();
  await laptop.opportunities.change(ovens.id, { contactIds: [ada.id, grace.id] });
  await laptop.merges.merge(order('contacts', [ada.id, grace.id]));
  expect(laptop.opportunities.get(ovens.id)).toMatchObject({ contactIds: [ada.id] });
  const [merge] = await laptop.merges.mergesOf('contacts', ada.id);
  await laptop.merges.takeApart('contacts', ada.id, merge?.operationId ?? '');
  expect(laptop.opportunities.get(ovens.id)).toMatchObject({ contactIds: [ada.id, grace.id] });

  const { record: depot } = await laptop.locations.create({ clientId: harbour.id, name: 'Depot' });
  await laptop.merges.merge(order('locations', [depot.id, shop.id]));
  expect(laptop.locations.get(depot.id)).toMatchObject({ isPrimary: true, deletedAt: null });
  expect(laptop.clients.get(harbor.id).locationCount + laptop.clients.get(harbour.id).locationCount).toBe(1);
});

it('restores a child that was deleted before the merge on the record that is left', async () => {
  const { laptop, harbor, harbour, grace } = await twoBakeries();
  await laptop.contacts.remove([grace.id]);
  await laptop.merges.merge(order('clients', [harbor.id, harbour.id]));
  await laptop.contacts.restore([grace.id]);
  expect(laptop.contacts.get(grace.id)).toMatchObject({ clientId: harbor.id, deletedAt: null });
});

it('refuses what is one already, deleted, unknown, or would go in a circle, and changes nothing', async () => {
  const { laptop, harbor, harbour } = await twoBakeries();
  const { operationId } = await laptop.merges.merge(order('clients', [harbor.id, harbour.id]));
  expect(await problemOf(laptop.merges.merge(order('clients', [harbor.id, harbour.id])))).toMatchObject({ code: 'ALREADY_ONE' });
  expect(await problemOf(laptop.merges.merge(order('clients', [harbor.id, 'nobody'])))).toMatchObject({ code: 'NOT_FOUND' });
  const { record: third } = await laptop.clients.create({ name: 'Third' });
  expect(await problemOf(laptop.merges.merge(order('clients', [harbor.id, third.id], { choices: { name: 'nobody' } })))).toMatchObject({
    code: 'INVALID_INPUT',
  });
  await laptop.clients.remove([third.id]);
  expect(await problemOf(laptop.merges.merge(order('clients', [harbor.id, third.id])))).toMatchObject({ code: 'NOT_FOUND' });

  const { operationId: apart } = await laptop.merges.takeApart('clients', harbor.id, operationId ?? '');
  await laptop.merges.merge(order('clients', [harbour.id, harbor.id]));
  const before = content(laptop);
  expect(await problemOf(laptop.history.undo(apart))).toMatchObject({ code: 'MERGED_IN_CIRCLE' });
  expect(content(laptop)).toEqual(before);
});

it('remembers what is no duplicate, can undo that, and hands it on to the record that is left', async () => {
  const { laptop, harbor, harbour } = await twoBakeries();
  await laptop.merges.keepApart('clients', [harbour.id, harbor.id]);
  const marked = () => [harbor.id, harbour.id].flatMap((id) => laptop.clients.get(id).notDuplicateOf);
  expect(marked()).toHaveLength(1);
  await laptop.history.undo(null);
  expect(marked()).toEqual([]);
  await laptop.history.redo();
  const { record: third } = await laptop.clients.create({ name: 'Third' });
  await laptop.merges.merge(order('clients', [third.id, harbor.id]));
  expect([...laptop.clients.get(third.id).notDuplicateOf, ...laptop.clients.get(harbour.id).notDuplicateOf]).not.toEqual([]);
});

it('keeps one own price per item when two locations become one, and gives each its own back', async () => {
  const { laptop, harbour, shop } = await twoBakeries();
  const { record: depot } = await laptop.locations.create({ clientId: harbour.id, name: 'Depot' });
  const { record: bread } = await laptop.itemPrices.create({ invoiceItem: 'Bread', itemCode: 'B1', defaultPrice: '4.00' });
  const { record: cake } = await laptop.itemPrices.create({ invoiceItem: 'Cake', itemCode: 'C1', defaultPrice: '9.00' });
  await laptop.locationItemPrices.create({ locationId: shop.id, itemPriceId: bread.id, customPrice: '3.50' });
  await laptop.locationItemPrices.create({ locationId: depot.id, itemPriceId: bread.id, customPrice: '3.90' });
  await laptop.locationItemPrices.create({ locationId: depot.id, itemPriceId: cake.id, customPrice: '8.00' });
  const prices = (book: TestBook) =>
    [...book.book.all('locationItemPrices')]
      .filter(({ deletedAt }) => deletedAt === null)
      .map(
        ({ locationId, itemPriceId, customPrice }) =>
          `${locationId === shop.id ? 'shop' : 'depot'} ${itemPriceId === bread.id ? 'bread' : 'cake'} ${customPrice}`,
      )
      .toSorted();
  const before = prices(laptop);

  const { operationId } = await laptop.merges.merge(order('locations', [shop.id, depot.id]));
  expect(prices(laptop)).toEqual(['shop bread 3.50', 'shop cake 8.00']);
  await laptop.locationItemPrices.create({ locationId: depot.id, itemPriceId: bread.id, customPrice: '3.60' });
  expect(prices(laptop)).toEqual(['shop bread 3.60', 'shop cake 8.00']);
  await laptop.history.undo(null);
  await laptop.history.undo(null);
  expect(prices(laptop)).toEqual(before);
  await laptop.history.redo();
  const again = await laptop.reopen();
  await again.merges.takeApart(
    'locations',
    shop.id,
    (await again.merges.mergesOf('locations', shop.id))[0]?.operationId ?? operationId ?? '',
  );
  expect(prices(again)).toEqual(before);
});
