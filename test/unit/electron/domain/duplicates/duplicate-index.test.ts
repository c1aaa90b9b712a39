import { describe, expect, it } from 'vitest';
import { duplicateSigns, isOneSlipApart, nameKeys, nameKeysNear } from '../../../../../electron/domain/duplicates/duplicate-keys.ts';
import type { DuplicateNoun } from '../../../../../shared/contracts/duplicate.contract.ts';
import { openLaptop } from '../../../../support/opened-book.ts';
import { seeded } from '../../../../support/seeded.ts';

async function filled() {
  const laptop = await openLaptop();
  const { record: harbor } = await laptop.clients.create({
    name: 'Harbor Street Bakery',
    email: 'office@harbor-street.example',
    phone: '+33 6 28 10 44 12',
    website: 'https://www.harborstreet.example/shop',
    address: { line1: '12 Quay Rd.', city: 'Zürich', postalCode: '8001' },
  });
  await laptop.contacts.create({ clientId: harbor.id, firstName: 'Søren', lastName: 'Lukasz', mobilePhone: '0628 33 00 01' });
  await laptop.locations.create({ clientId: harbor.id, name: 'Side shop', physicalAddress: { line1: '4 Mill Lane', city: 'Genève' } });
  const reasons = async (noun: DuplicateNoun, fields: Record<string, unknown>) =>
    (await laptop.duplicates.like(noun, fields, 5)).map(({ title, reasons: why }) => `${title}: ${why.join(', ')}`);
  return { laptop, harbor, reasons };
}

describe('finds what is in the book already', () => {
  it.each([
    ['a phone written in another way', 'clients', { phone: '06.28.10.44.12' }, 'Harbor Street Bakery: phone'],
    ['an e-mail address in capitals', 'clients', { email: 'OFFICE@harbor-street.example' }, 'Harbor Street Bakery: email, website'],
    ['a website without its path', 'clients', { website: 'harborstreet.example' }, 'Harbor Street Bakery: website'],
    ['another address at the same domain', 'clients', { email: 'anna@harbor-street.example' }, 'Harbor Street Bakery: website'],
    ['a name in another order, with a legal form', 'clients', { name: 'Bakery Harbor Street, Ltd.' }, 'Harbor Street Bakery: name'],
    ['a name with a typing slip', 'clients', { name: 'Harbour Street Bakery' }, 'Harbor Street Bakery: similarName'],
    ['an address', 'clients', { address: { line1: '12 quay rd', postalCode: '8001' } }, 'Harbor Street Bakery: address'],
    ['a person without the accents', 'contacts', { firstName: 'Soren', lastName: 'Lukasz' }, 'Søren Lukasz: name'],
    ['a phone in another of the phone fields', 'contacts', { workPhone: '+33 628 330 001' }, 'Søren Lukasz: phone'],
    ['the address of a location', 'locations', { physicalAddress: { line1: '4 Mill Lane', city: 'Geneve' } }, 'Side shop: address'],
  ] as const)('%s', async (_what, noun, fields, answer) => {
    const { reasons } = await filled();
    expect(await reasons(noun, fields)).toEqual([answer]);
  });

  it('puts what agrees most first', async () => {
    const { laptop, reasons } = await filled();
    await laptop.clients.create({ name: 'Other firm', phone: '06 28 10 44 12' });
    expect(await reasons('clients', { name: 'Harbor Street Bakery', phone: '06 28 10 44 12' })).toEqual([
      'Harbor Street Bakery: phone, name',
      'Other firm: phone',
    ]);
  });

  it('follows every change, deletion and undo', async () => {
    const { laptop, harbor, reasons } = await filled();
    const named = { name: 'Harbor Street Bakery' };
    expect(await reasons('clients', named)).toHaveLength(1);
    await laptop.clients.change(harbor.id, { name: 'Quay Cafe' });
    expect(await reasons('clients', named)).toEqual([]);
    expect(await reasons('clients', { name: 'Quay Cafe' })).toHaveLength(1);
    await laptop.history.undo(null);
    expect(await reasons('clients', named)).toHaveLength(1);
    await laptop.clients.remove([harbor.id]);
    expect(await reasons('clients', named)).toEqual([]);
    await laptop.clients.restore([harbor.id]);
    expect(await reasons('clients', named)).toHaveLength(1);
  });
});

describe('says nothing', () => {
  it.each([
    ['of a public mail provider', { email: 'a@gmail.com' }],
    ['of a phone that is too short', { phone: '4412' }],
    ['of an empty form', {}],
    ['of fields of the wrong kind', { name: 7, phone: ['x'], address: 'Quay', email: { a: 1 } }],
  ])('%s', async (_what, fields) => {
    const { laptop, reasons } = await filled();
    await laptop.clients.create({ name: 'Private person', email: 'b@gmail.com', phone: '14412' });
    expect(await reasons('clients', fields)).toEqual([]);
  });

  it('of locations of two clients that share a name', async () => {
    const { laptop, reasons } = await filled();
    const { record } = await laptop.clients.create({ name: 'Second client' });
    expect(await reasons('locations', { clientId: record.id, name: 'Side shop' })).toEqual([]);
  });

  it('of a phone that half the town shares', async () => {
    const { laptop, reasons } = await filled();
    for (let at = 0; at < 51; at += 1) await laptop.contacts.create({ firstName: `N${at}`, phone: '020 7946 0000' });
    expect(await reasons('contacts', { phone: '020 7946 0000' })).toEqual([]);
  });
});

it('a name with any one slip meets the right one under one of its keys', () => {
  const { seed, below } = seeded('names with slips');
  const letters = 'abcdefghij';
  for (let run = 0; run < 5000; run += 1) {
    const name = Array.from({ length: 7 + below(14) }, () => letters[below(letters.length)]).join('');
    const at = below(name.length - 1);
    const slips = [
      name.slice(0, at) + name.slice(at + 1),
      `${name.slice(0, at)}x${name.slice(at)}`,
      `${name.slice(0, at)}x${name.slice(at + 1)}`,
      name.slice(0, at) + name[at + 1] + name[at] + name.slice(at + 2),
    ];
    const signs = duplicateSigns('clients', { name });
    for (const slip of slips) {
      const near = new Set(nameKeysNear(duplicateSigns('clients', { name: slip })));
      expect(
        nameKeys(signs).some((key) => near.has(key)),
        `seed ${seed}: ${name} ${slip}`,
      ).toBe(true);
      expect(slip === name || isOneSlipApart(name, slip), `seed ${seed}: ${name} ${slip}`).toBe(true);
    }
  }
});
