import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priceSchema } from '../../../../../shared/nouns/item-price/item-price.ts';
import { afterStep, priceStepSchema, taxStepSchema } from '../../../../../shared/nouns/location-item-price/price-step.ts';
import { compareDecimals } from '../../../../../shared/lib/money.ts';
import { saySchema } from '../../../../../shared/words/say.ts';

const own = { customPrice: '50.00', customTaxRate: null };
const paid = { finalPrice: '50.00', finalTaxRate: '0.0775' };
const keep = { kind: 'keep' } as const;

describe('a step of prices', () => {
  it('sets, raises, lowers, goes back to the default, or leaves each part alone', () => {
    expect(afterStep(own, paid, keep, keep)).toEqual(own);
    expect(afterStep(own, paid, { kind: 'set', value: '49.9' }, keep)).toEqual({ customPrice: '49.9', customTaxRate: null });
    expect(afterStep(own, paid, { kind: 'percent', value: '2.5' }, keep).customPrice).toBe('51.25');
    expect(afterStep(own, paid, { kind: 'percent', value: '-33' }, keep).customPrice).toBe('33.50');
    expect(afterStep(own, paid, { kind: 'default' }, { kind: 'set', value: '0.08' })).toEqual({ customPrice: null, customTaxRate: '0.08' });
    expect(afterStep({ ...own, customTaxRate: '0.08' }, paid, keep, { kind: 'default' })).toEqual(own);
  });

  it('rounds half away from zero, also a price that is given back', () => {
    const at = (finalPrice: string, value: string) => afterStep(own, { ...paid, finalPrice }, { kind: 'percent', value }, keep).customPrice;
    expect(at('0.10', '5')).toBe('0.11');
    expect(at('-0.10', '5')).toBe('-0.11');
    expect(at('0', '50')).toBe('0.00');
    expect(at('-0.01', '-100')).toBe('0.00');
  });

  it('is a price again for every price and percentage, and more for a rise of more than nothing', () => {
    const cents = fc
      .integer({ min: 1, max: 900_000_000 })
      .map((value) => `${Math.floor(value / 100)}.${String(value % 100).padStart(2, '0')}`);
    const percent = fc.integer({ min: -1_000_000, max: 10_000_000 }).filter((value) => value !== 0);
    fc.assert(
      fc.property(cents, percent, (finalPrice, tenThousandths) => {
        const value = `${tenThousandths < 0 ? '-' : ''}${Math.floor(Math.abs(tenThousandths) / 10_000)}.${String(Math.abs(tenThousandths) % 10_000).padStart(4, '0')}`;
        const step = priceStepSchema.parse({ kind: 'percent', value });
        const { customPrice } = afterStep(own, { ...paid, finalPrice }, step, keep);
        expect(priceSchema.safeParse(customPrice).success).toBe(true);
        expect(compareDecimals(customPrice ?? '', finalPrice) * Math.sign(tenThousandths)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it.each([
    ['0', 'nothing changes'],
    ['-0.00', 'nothing changes'],
    ['-100.5', 'from −100 to 1000'],
    ['1001', 'from −100 to 1000'],
    ['lots', 'Write a percentage'],
    ['', 'Write a percentage'],
    ['2,5', 'Write a percentage'],
  ])('of %j percent is refused in plain words', (value, words) => {
    const { error } = priceStepSchema.safeParse({ kind: 'percent', value });
    expect(saySchema(error?.issues[0]?.message ?? '')).toContain(words);
  });

  it.each(['0', '-0.00'])('of an amount of %j is refused: it would make every default price an own one', (value) => {
    const { error } = priceStepSchema.safeParse({ kind: 'amount', value });
    expect(saySchema(error?.issues[0]?.message ?? '')).toContain('nothing changes');
  });

  it('refuses a tax rate above the whole, and any step it does not know', () => {
    expect(saySchema(taxStepSchema.safeParse({ kind: 'set', value: '7.75' }).error?.issues[0]?.message ?? '')).toContain(
      'A tax rate is a fraction',
    );
    expect(taxStepSchema.safeParse({ kind: 'percent', value: '5' }).success).toBe(false);
    expect(priceStepSchema.safeParse({ kind: 'keep', value: '1' }).success).toBe(false);
  });
});
