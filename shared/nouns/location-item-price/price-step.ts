import { z } from 'zod';
import { addMoney, compareDecimals, multiplyMoney, roundTo } from '../../lib/money.ts';
import { priceSchema, taxRateSchema } from '../item-price/item-price.ts';
import type { LocationItemPrice, LocationItemPriceComputed } from './location-item-price.ts';
import { schemaWords } from '../../words/words.ts';

/** Most prices one step changes: more would hold everything else up for too long. */
export const mostPricesAtOnce = 20_000;

/** How far a price can be raised or lowered at once, in percent of what is paid now. Minus 100 makes it free. */
const percentSchema = z
  .string()
  .trim()
  .regex(/^-?\d{1,4}(\.\d{1,4})?$/, { message: schemaWords('values.percentage') })
  .refine((text) => Number(text) >= -100 && Number(text) <= 1000, {
    message: schemaWords('values.percentageRange'),
  })
  .refine((text) => Number(text) !== 0, { message: schemaWords('values.percentageZero') });

const amountSchema = priceSchema.refine((text) => Number(text) !== 0, { message: schemaWords('values.amountZero') });

/** What is to become of the price or the tax rate that a location has for an item. */
export const priceStepSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('keep') }),
  z.strictObject({ kind: z.literal('set'), value: priceSchema }),
  z.strictObject({ kind: z.literal('percent'), value: percentSchema }),
  /** So much more than what is paid now, or less. */
  z.strictObject({ kind: z.literal('amount'), value: amountSchema }),
  z.strictObject({ kind: z.literal('default') }),
]);
export type PriceStep = z.output<typeof priceStepSchema>;

/**
 * A price for each of the chosen items (outer) at each of the chosen locations (inner), in their order: a block from a
 * spreadsheet. Null leaves that one as it is.
 */
export const eachPriceSchema = z.strictObject({
  kind: z.literal('each'),
  values: z.array(z.array(priceSchema.nullable()).max(mostPricesAtOnce)).max(mostPricesAtOnce),
});

/** A block that was copied holds default prices too: put back, they stay the item's, and are no own prices from then on. */
export function stepToPasted(value: string | null, defaultPrice: string): PriceStep {
  if (value === null) return { kind: 'keep' };
  return compareDecimals(value, defaultPrice) === 0 ? { kind: 'default' } : { kind: 'set', value };
}

export const taxStepSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('keep') }),
  z.strictObject({ kind: z.literal('set'), value: taxRateSchema }),
  z.strictObject({ kind: z.literal('default') }),
]);
export type TaxStep = z.output<typeof taxStepSchema>;

type Own = Pick<LocationItemPrice, 'customPrice' | 'customTaxRate'>;

/**
 * The own price after the step. A percentage and an amount are of what is paid now, own or default; a percentage is rounded half-up
 * to two decimals, or to as many as that price has. A sum has as many as either.
 */
export function afterStep(own: Own, paid: LocationItemPriceComputed, price: PriceStep, tax: TaxStep): Own {
  return {
    customPrice:
      price.kind === 'keep'
        ? own.customPrice
        : price.kind === 'default'
          ? null
          : price.kind === 'set'
            ? price.value
            : price.kind === 'amount'
              ? roundTo(addMoney([paid.finalPrice, price.value]), Math.max(digitsOf(paid.finalPrice), digitsOf(price.value)))
              : raised(paid.finalPrice, price.value),
    customTaxRate: tax.kind === 'keep' ? own.customTaxRate : tax.kind === 'default' ? null : tax.value,
  };
}

function raised(price: string, percent: string): string {
  return roundTo(addMoney([price, multiplyMoney(price, multiplyMoney(percent, '0.01'))]), digitsOf(price));
}

/** As many as are written, and two at least. */
function digitsOf(price: string): number {
  return Math.max(2, price.split('.')[1]?.length ?? 0);
}
