import { describe, expect, it } from 'vitest';
import {
  computeLocationItemPrice,
  locationItemPriceFieldsSchema,
  locationItemPriceId,
} from '../../../../../shared/nouns/location-item-price/location-item-price.ts';

describe('A price at a location', () => {
  const item = { defaultPrice: '45.00', defaultTaxRate: '0.0775' };
  const own = (fields: object) => locationItemPriceFieldsSchema.parse({ locationId: 'l', itemPriceId: 'i', ...fields });

  it('is the custom one where set, else the default, price and tax each for itself', () => {
    expect(computeLocationItemPrice(own({ customPrice: '50.00', customTaxRate: '0.08' }), item)).toEqual({
      finalPrice: '50.00',
      finalTaxRate: '0.08',
    });
    expect(computeLocationItemPrice(own({ customTaxRate: '0.08' }), item)).toEqual({ finalPrice: '45.00', finalTaxRate: '0.08' });
    expect(computeLocationItemPrice(own({}), item)).toEqual({ finalPrice: '45.00', finalTaxRate: '0.0775' });
    expect(computeLocationItemPrice(null, item)).toEqual({ finalPrice: '45.00', finalTaxRate: '0.0775' });
  });

  it('takes zero as a price of its own', () => {
    expect(computeLocationItemPrice(own({ customPrice: '0.00', customTaxRate: '0' }), item)).toEqual({
      finalPrice: '0.00',
      finalTaxRate: '0',
    });
  });

  it('has the same id on two laptops that made it offline, and another for another pair', () => {
    expect(locationItemPriceId('location-a', 'item-b')).toBe(locationItemPriceId('location-a', 'item-b'));
    expect(locationItemPriceId('item-b', 'location-a')).not.toBe(locationItemPriceId('location-a', 'item-b'));
    // Frozen: books in the field hold ids made this way.
    expect(locationItemPriceId('location-a', 'item-b')).toBe('a476d0fa-5992-5ed4-b3ea-01fa7a91fb3d');
  });
});
