import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BookRecord } from '../../../../shared/dialects/book-view.ts';
import { resourceOf } from '../../../../shared/dialects/dialect.ts';
import { planAssignPrograms, priceNumber, pricePair, programs } from '../../../../shared/dialects/programs.ts';
import { decode, encode } from '../../../../shared/dialects/shape.ts';
import { checkProperty } from '../../../support/property.ts';
import { blankRecord, MemoryBook } from './memory-book.ts';

describe('What assign_programs asks for', () => {
  const roles = [
    { remoteId: '12', locationRemoteId: '23' },
    { remoteId: '13', locationRemoteId: '24' },
  ];
  const isLocation = (id: string) => ['23', '24', '25'].includes(id);

  it('keeps the entries that are named and takes the others away', () => {
    expect(planAssignPrograms(['12'], roles, isLocation)).toEqual({ keep: ['12'], remove: ['13'], add: [], unknown: [] });
    expect(planAssignPrograms([], roles, isLocation)).toEqual({ keep: [], remove: ['12', '13'], add: [], unknown: [] });
  });

  it('makes an entry for a program location that is named, once', () => {
    expect(planAssignPrograms(['12', '25', '25'], roles, isLocation)).toEqual({ keep: ['12'], remove: ['13'], add: ['25'], unknown: [] });
    expect(planAssignPrograms(['24'], roles, isLocation)).toEqual({ keep: ['13'], remove: ['12'], add: [], unknown: [] });
    expect(planAssignPrograms(['25'], [], isLocation)).toEqual({ keep: [], remove: [], add: ['25'], unknown: [] });
  });

  it('says which ids are neither', () => {
    expect(planAssignPrograms(['99'], roles, isLocation).unknown).toEqual(['99']);
  });
});

describe('Prices at Programs', () => {
  const { answer, change } = resourceOf(programs, 'program-location-item-price');

  function priced(own: Record<string, unknown>) {
    const book = new MemoryBook();
    book.put('itemPrices', {
      ...blankRecord('itemPrices', 'itemPrices:1'),
      invoiceItem: 'Drug Screen',
      itemCode: 'DS001',
      defaultPrice: '45.00',
      defaultTaxRate: '0.0775',
    } as BookRecord);
    const record = book.put('locationItemPrices', {
      ...blankRecord('locationItemPrices', 'locationItemPrices:100'),
      locationId: 'locations:23',
      itemPriceId: 'itemPrices:1',
      ...own,
    } as BookRecord);
    return encode(answer, record, book.context()).wire;
  }

  it('are final as the default until the location has its own, price and tax each for itself', () => {
    expect(priced({})).toMatchObject({ custom_price: null, custom_tax_rate: null, final_price: '45.00', final_tax_rate: '0.0775' });
    expect(priced({ customPrice: '50.00' })).toMatchObject({ final_price: '50.00', final_tax_rate: '0.0775' });
    expect(priced({ customPrice: '0.00', customTaxRate: '0.08' })).toMatchObject({ final_price: '0.00', final_tax_rate: '0.0800' });
  });

  it('are taken as text or as a number, and never become floats', () => {
    const read = (body: object) => decode(change ?? answer, { ...body }).fields;
    expect(read({ custom_price: '50.10', custom_tax_rate: 0.08 })).toEqual({ customPrice: '50.10', customTaxRate: '0.08' });
    expect(read({ custom_price: null, custom_tax_rate: '' })).toEqual({ customPrice: null, customTaxRate: null });
    expect(decode(change ?? answer, { custom_tax_rate: '8' }).refused[0]?.message).toMatch(/fraction between 0 and 1/);
  });
});

describe('What a price is called by', () => {
  const number = fc.integer({ min: 1, max: 94_906_264 });

  it('gives back its location and its item, and fits a whole number', () => {
    checkProperty(
      fc.property(number, number, (location, item) => {
        const price = priceNumber(location, item);
        expect(Number.isSafeInteger(price)).toBe(true);
        expect(pricePair(price)).toEqual({ location, item });
      }),
    );
  });

  it('is another one for every pair, and every number is at most one pair', () => {
    const seen = new Set<number>();
    for (let location = 1; location <= 100; location += 1) for (let item = 1; item <= 100; item += 1) seen.add(priceNumber(location, item));
    expect(seen.size).toBe(10_000);
    for (let price = 1; price < 2_000; price += 1) {
      const pair = pricePair(price);
      if (pair !== null) expect(priceNumber(pair.location, pair.item)).toBe(price);
    }
  });

  it('fits the smaller whole numbers of other programs for 46,339 locations', () => {
    expect(priceNumber(46_339, 46_339)).toBeLessThan(2 ** 31);
  });

  it.each([0, -1, 1, 2, 4, 1.5, Number.NaN, 2 ** 53])('is never %d', (price) => expect(pricePair(price)).toBeNull());
});

describe('A new record at Programs', () => {
  it('is sent without an id', () => {
    const book = new MemoryBook();
    const record = { ...blankRecord('itemPrices', 'made-here'), invoiceItem: 'Drug Screen', itemCode: 'DS001' } as BookRecord;
    expect(
      encode(resourceOf(programs, 'item-price').create ?? resourceOf(programs, 'item-price').answer, record, book.context()).wire,
    ).toEqual({
      invoice_item: 'Drug Screen',
      item_code: 'DS001',
      default_price: '0.00',
      default_tax_rate: '0.0000',
    });
  });
});
