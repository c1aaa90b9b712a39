import { minorUnitOf } from '../../../shared/lib/money.ts';

const formats = new Map<string, Intl.NumberFormat>();

/** An amount with its currency, as the person's locale writes it. Amounts are text and may be longer than a float holds. */
export function moneyText(amount: string, currency: string): string {
  let format = formats.get(currency);
  if (format === undefined) {
    const digits = minorUnitOf(currency);
    format = new Intl.NumberFormat(undefined, {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      minimumFractionDigits: digits,
      maximumFractionDigits: Math.max(digits, 4),
    });
    formats.set(currency, format);
  }
  // ES2023 formats text exactly; the types know numbers only.
  return format.format(amount as unknown as number);
}
