import { describe, expect, it } from 'vitest';
import { itemCodeKey, itemPriceFieldsSchema } from '../../../../../shared/nouns/item-price/item-price.ts';
import { saySchema } from '../../../../../shared/words/say.ts';

describe('An item price', () => {
  it('keeps the digits it was given', () => {
    const item = itemPriceFieldsSchema.parse({
      invoiceItem: 'Drug Screen',
      itemCode: 'DS001',
      defaultPrice: '45.00',
      defaultTaxRate: '0.0775',
    });
    expect(item).toMatchObject({ defaultPrice: '45.00', defaultTaxRate: '0.0775' });
  });

  it('says what a tax rate is when a percentage is typed', () => {
    const answer = itemPriceFieldsSchema.safeParse({ invoiceItem: 'Drug Screen', itemCode: 'DS001', defaultTaxRate: '8' });
    expect(saySchema(answer.error?.issues[0]?.message ?? '')).toBe('A tax rate is a fraction between 0 and 1. Write 0.0775 for 7.75 %.');
  });

  it('refuses floats and words as money', () => {
    for (const defaultPrice of [45, 'abc', '1e3', '1,00', '']) {
      expect(itemPriceFieldsSchema.safeParse({ invoiceItem: 'x', itemCode: 'y', defaultPrice }).success, String(defaultPrice)).toBe(false);
    }
  });

  it('takes codes that differ in case or space as one', () => {
    expect(itemCodeKey(' ds001 ')).toBe(itemCodeKey('DS001'));
  });
});
