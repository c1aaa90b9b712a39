import { z } from 'zod';
import { addMoney, multiplyMoney, roundTo } from '../../lib/money.ts';
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

/** What is to become of the price or the tax rate that a location has for an item. */
export const priceStepSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('keep') }),
  z.strictObject({ kind: z.literal('set'), value: priceSchema }),
  z.strictObject({ kind: z.literal('percent'), value: percentSchema }),
  z.strictObject({ kind: z.literal('default') }),
]);
export type PriceStep = z.output<typeof priceStepSchema>;

export const taxStepSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('keep') }),
  z.strictObject({ kind: z.literal('set'), value: taxRateSchema }),
  z.strictObject({ kind: z.literal('default') }),
]);
export type TaxStep = z.output<typeof taxStepSchema>;

type Own = Pick<LocationItemPrice, 'customPrice' | 'customTaxRate'>;

/**
 * The own price after the step. A percentage is of what is paid now, own or default, rounded half-up to two decimals, or to
 * as many as that price has.
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
            : raised(paid.finalPrice, price.value),
    customTaxRate: tax.kind === 'keep' ? own.customTaxRate : tax.kind === 'default' ? null : tax.value,
  };
}

function raised(price: string, percent: string): string {
  const digits = Math.max(2, price.split('.')[1]?.length ?? 0);
  return roundTo(addMoney([price, multiplyMoney(price, multiplyMoney(percent, '0.01'))]), digits);
}
