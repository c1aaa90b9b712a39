import { describe, expect, it } from 'vitest';
import { openLaptop, problemOf, request } from '../../../support/opened-book.ts';

/** A contact of one client who works at a location of another. */
async function withRole() {
  const laptop = await openLaptop();
  const { record: bakery } = await laptop.clients.create({ name: 'Harbor Bakery' });
  const { record: agency } = await laptop.clients.create({ name: 'Quick Staff' });
  const { record: ada } = await laptop.contacts.create({ clientId: agency.id, firstName: 'Ada', lastName: 'Byron' });
  const { record: depot } = await laptop.locations.create({ clientId: bakery.id, name: 'North Depot' });
  const role = async (more: object = {}) =>
    (await laptop.locationContacts.create({ locationId: depot.id, contactId: ada.id, ...more })).record;
  const later = () => laptop.clock.moveTo(new Date(laptop.clock.now() + 1000).toISOString());
  return { laptop, bakery, agency, ada, depot, role, later };
}

describe('who works where', () => {
  it('is named by contact and location, counted on both, and listed by the contact', async () => {
    const { laptop, ada, depot, bakery, role } = await withRole();
    await role({ title: 'Director' });
    const { record: zoe } = await laptop.contacts.create({ clientId: bakery.id, firstName: 'Zoe' });
    await laptop.locationContacts.create({ locationId: depot.id, contactId: zoe.id });
    expect(laptop.locations.get(depot.id).peopleCount).toBe(2);
    expect(laptop.contacts.get(ada.id).workplaceCount).toBe(1);
    const { rows } = await laptop.locationContacts.list(request({ parentId: depot.id }));
    expect(rows.map(({ contactName, locationName, title }) => [contactName, locationName, title])).toEqual([
      ['Ada Byron', 'North Depot', 'Director'],
      ['Zoe', 'North Depot', null],
    ]);
    await laptop.contacts.change(zoe.id, { firstName: 'Aaron' });
    const again = await laptop.locationContacts.list(request({ parentId: depot.id }));
    expect(again.rows.map(({ contactName }) => contactName)).toEqual(['Aaron', 'Ada Byron']);
  });

  it('is current between its days, both included, and follows the clock', async () => {
    const { laptop, role } = await withRole();
    const { id } = await role({ startDate: '2026-03-04', endDate: '2026-03-05' });
    const isCurrent = () => laptop.locationContacts.get(id).isCurrent;
    const current = async () =>
      (await laptop.locationContacts.list(request({ filters: [{ path: 'isCurrent', operator: 'is', value: 'yes' }] }))).total;
    expect([isCurrent(), await current()]).toEqual([true, 1]);
    laptop.clock.moveTo('2026-03-05T12:00:00.000Z');
    expect([isCurrent(), await current()]).toEqual([true, 1]);
    laptop.clock.moveTo('2026-03-06T12:00:00.000Z');
    expect([isCurrent(), await current()]).toEqual([false, 0]);
  });

  it('does not end before it starts', async () => {
    const { laptop, role } = await withRole();
    const wrong = { code: 'END_BEFORE_START', field: 'endDate' };
    expect(await problemOf(role({ startDate: '2026-03-04', endDate: '2026-03-03' }))).toMatchObject(wrong);
    const { id } = await role({ startDate: '2026-03-04' });
    expect(await problemOf(laptop.locationContacts.change(id, { endDate: '2026-03-03' }))).toMatchObject(wrong);
    await laptop.locationContacts.change(id, { endDate: '2026-03-04' });
    expect(await problemOf(laptop.locationContacts.change(id, { startDate: '2026-03-05' }))).toMatchObject(wrong);
  });

  it('needs a location and a contact that are there', async () => {
    const { laptop, ada, depot } = await withRole();
    const { create } = laptop.locationContacts;
    expect(await problemOf(create({ locationId: 'nobody', contactId: ada.id }))).toMatchObject({
      code: 'LOCATION_NOT_FOUND',
      field: 'locationId',
    });
    await laptop.contacts.remove([ada.id]);
    expect(await problemOf(create({ locationId: depot.id, contactId: ada.id }))).toMatchObject({
      code: 'CONTACT_NOT_FOUND',
      field: 'contactId',
    });
  });

  it('goes with either of the two and comes back when both are there again', async () => {
    const { laptop, bakery, ada, depot, role, later } = await withRole();
    const { id } = await role();
    const isThere = () => laptop.locationContacts.get(id).deletedAt === null;
    expect(await laptop.contacts.remove([ada.id])).toMatchObject({ withThem: 1 });
    expect(await laptop.contacts.restore([ada.id])).toMatchObject({ withThem: 1 });
    expect(isThere()).toBe(true);
    await laptop.locations.remove([depot.id]);
    later();
    await laptop.contacts.remove([ada.id]);
    later();
    await laptop.locations.restore([depot.id]);
    expect(isThere()).toBe(false);
    later();
    await laptop.contacts.restore([ada.id]);
    expect(isThere()).toBe(true);
    await laptop.clients.remove([bakery.id]);
    expect(isThere()).toBe(false);
    await laptop.history.undo(null);
    expect(isThere()).toBe(true);
  });

  it('stays deleted when it was deleted by itself', async () => {
    const { laptop, ada, role, later } = await withRole();
    const { id } = await role();
    await laptop.locationContacts.remove([id]);
    later();
    await laptop.contacts.remove([ada.id]);
    later();
    await laptop.contacts.restore([ada.id]);
    expect(laptop.locationContacts.get(id).deletedAt).not.toBeNull();
  });
});
