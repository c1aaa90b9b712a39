import { describe, expect, it } from 'vitest';
import type { OwnFieldKind, OwnFieldNoun } from '../../../../shared/nouns/own-field/own-field.ts';
import { openLaptop, problemOf, request } from '../../../support/opened-book.ts';

async function withFields() {
  const laptop = await openLaptop();
  const field = async (label: string, fieldKind: OwnFieldKind, choices: string[] = []) =>
    (await laptop.ownFields.create({ noun: 'clients', label, fieldKind, choices })).record.id;
  const ids = {
    founded: await field('Founded', 'number'),
    since: await field('Client since', 'date'),
    size: await field('Size', 'choice', ['Small', 'Large']),
    isKey: await field('Key account', 'boolean'),
  };
  const add = async (name: string, custom: Record<string, unknown>) => (await laptop.clients.create({ name, custom })).record.id;
  return { laptop, ids, add };
}

describe('Fields that people make themselves', () => {
  it('take what fits them, also as text, and refuse the rest in their own name', async () => {
    const { laptop, add } = await withFields();
    const id = await add('Adler Bakery', {
      Founded: '1987',
      'Client since': '2020-02-29',
      Size: 'large',
      'Key account': 'yes',
      Other: 'kept',
    });
    expect(laptop.clients.get(id).custom).toEqual({
      Founded: 1987,
      'Client since': '2020-02-29',
      Size: 'Large',
      'Key account': true,
      Other: 'kept',
    });
    const refused = async (custom: Record<string, unknown>) => (await problemOf(laptop.clients.change(id, { custom }))).message;
    expect(await refused({ Founded: 'long ago' })).toBe('Founded: write a number, like 12.5.');
    expect(await refused({ 'Client since': '2020-02-30' })).toBe('Client since: this day does not exist. Check the date.');
    expect(await refused({ Size: 'Huge' })).toBe('Size: choose one of: Small, Large.');
    expect(await refused({ 'Key account': 'perhaps' })).toBe('Key account: needs yes or no.');
    await laptop.clients.change(id, { custom: { Founded: '' } });
    expect(laptop.clients.get(id).custom['Founded']).toBeNull();
  });

  it('filter and sort lists as their kind does', async () => {
    const { laptop, add } = await withFields();
    await add('Adler Bakery', { Founded: 1987 });
    await add('Birch Clinic', { Founded: 205 });
    await add('Cedar Works', {});
    const listed = async (list: Parameters<typeof request>[0]) => (await laptop.clients.list(request(list))).rows.map(({ name }) => name);
    expect(await listed({ sort: [{ path: 'custom.Founded' }] })).toEqual(['Birch Clinic', 'Adler Bakery', 'Cedar Works']);
    expect(await listed({ filters: [{ path: 'custom.Founded', operator: 'atLeast', value: '1000' }] })).toEqual(['Adler Bakery']);
    expect(await listed({ search: '1987' })).toEqual(['Adler Bakery']);
    expect(await problemOf(laptop.clients.list(request({ sort: [{ path: 'custom.Nothing' }] })))).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('keep their values under a new name and another kind, over a restart too', async () => {
    const { laptop, ids, add } = await withFields();
    const id = await add('Adler Bakery', { Founded: 1987 });
    await laptop.ownFields.change(ids.founded, { label: 'Year', fieldKind: 'date' });
    const again = await laptop.reopen();
    expect(again.clients.get(id).custom).toEqual({ Founded: 1987 });
    // What was there is not held against another edit, and sorting does not stumble over it.
    await again.clients.change(id, { name: 'Adler & Sons', custom: { Founded: 1987 } });
    expect((await again.clients.list(request({ sort: [{ path: 'custom.Founded' }] }))).total).toBe(1);
    await again.history.undo(null);
    await again.history.undo(null);
    expect(again.ownFields.get(ids.founded)).toMatchObject({ label: 'Founded', fieldKind: 'number', key: 'Founded' });
  });

  it('find the values that an import brought under their name, and have names of their own', async () => {
    const { laptop, ids } = await withFields();
    const { record } = await laptop.clients.create({ name: 'Adler Bakery', custom: { Region: 'South' } });
    await laptop.ownFields.create({ noun: 'clients', label: 'Region' });
    expect((await laptop.clients.list(request({ filters: [{ path: 'custom.Region', operator: 'is', value: 'south' }] }))).rows[0]?.id).toBe(
      record.id,
    );
    expect(await problemOf(laptop.ownFields.create({ noun: 'clients', label: 'Region' }))).toMatchObject({
      code: 'OWN_FIELD_TAKEN',
      field: 'label',
    });
    await laptop.ownFields.create({ noun: 'contacts', label: 'Region' });
    await laptop.ownFields.remove([ids.size]);
    await laptop.ownFields.create({ noun: 'clients', label: 'Size' });
    expect(await problemOf(laptop.ownFields.restore([ids.size]))).toMatchObject({ code: 'OWN_FIELD_TAKEN' });
    expect(await problemOf(laptop.ownFields.create({ noun: 'clients', label: 'Colour', fieldKind: 'choice' }))).toMatchObject({
      field: 'choices',
    });
  });

  it('are no records that search or the counts of the book show', async () => {
    const { laptop } = await withFields();
    expect((await laptop.search.find('founded', 5)).hits).toEqual([]);
  });
});

it('are of every noun that people keep', async () => {
  const laptop = await openLaptop();
  const { record: client } = await laptop.clients.create({ name: 'Harbor Bakery' });
  const clientId = client.id;
  const { record: location } = await laptop.locations.create({ clientId, name: 'Depot' });
  const { record: contact } = await laptop.contacts.create({ clientId, firstName: 'Grace' });
  const needed: Record<OwnFieldNoun, object> = {
    clients: { name: 'Second' },
    contacts: { clientId, firstName: 'Ada' },
    locations: { clientId, name: 'Shop' },
    locationContacts: { locationId: location.id, contactId: contact.id },
    itemPrices: { invoiceItem: 'Bread', itemCode: 'B-1' },
    opportunities: { clientId, name: 'Ovens' },
    cases: { clientId, name: 'The door sticks' },
    tasks: { title: 'Call back' },
    invoices: { clientId },
    activities: { about: 'clients', aboutId: clientId, kind: 'comment', body: 'Nice shop' },
    directory: { kind: 'user', fullName: 'Linus' },
  };
  for (const noun of Object.keys(needed) as OwnFieldNoun[]) {
    await laptop.ownFields.create({ noun, label: 'Shelf', fieldKind: 'number' });
    const { record } = await laptop[noun].create({ ...needed[noun], custom: { Shelf: '12' } } as never); // each noun's own fields, one after the other
    expect(laptop[noun].get(record.id).custom, noun).toEqual({ Shelf: 12 });
    expect(await problemOf(laptop[noun].change(record.id, { custom: { Shelf: 'top' } })), noun).toMatchObject({
      message: 'Shelf: write a number, like 12.5.',
    });
    await laptop[noun].change(record.id, { custom: { Shelf: 7 } });
    await laptop.history.undo(null);
    expect(laptop[noun].get(record.id).custom, noun).toEqual({ Shelf: 12 });
    const filters = [{ path: 'custom.Shelf', operator: 'atLeast' as const, value: '12' }];
    expect(
      (await laptop[noun].list(request({ filters }))).rows.map(({ id }) => id),
      noun,
    ).toEqual([record.id]);
  }
});
