import type { InvoiceLine } from '../../../shared/nouns/invoice/invoice.ts';
import { addMoney, isDecimal, multiplyMoney } from '../../../shared/lib/money.ts';
import { plainDecimal } from '../../ui/field-text.ts';

/** A line as it is typed: texts as the person writes them, the tax rate in percent. */
export interface LineRow {
  itemPriceId: string | null;
  description: string;
  quantity: string;
  unitPrice: string;
  taxPercent: string;
}

export const blankRow: LineRow = { itemPriceId: null, description: '', quantity: '', unitPrice: '', taxPercent: '' };

const localPoint = new Intl.NumberFormat(undefined).formatToParts(0.5).find(({ type }) => type === 'decimal')?.value ?? '.';

export function rowOf({ itemPriceId, description, quantity, unitPrice, taxRate }: InvoiceLine): LineRow {
  return { itemPriceId, description, quantity: typed(quantity), unitPrice: typed(unitPrice), taxPercent: typed(percentOf(taxRate)) };
}

export function percentOf(rate: string): string {
  return addMoney([multiplyMoney(rate, '100')])
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}

const typed = (decimal: string) => decimal.replace('.', localPoint);

export function isBlank(row: LineRow): boolean {
  return row.description.trim() === '' && row.quantity.trim() === '' && row.unitPrice.trim() === '' && row.taxPercent.trim() === '';
}

/** The line a row stands for, or what is wrong with it. What is left empty is one piece, of no price, without tax. */
export function lineOf(row: LineRow): { line: InvoiceLine } | { wrong: keyof LineRow; says: string } {
  const quantity = decimalOf(row.quantity, '1');
  const unitPrice = decimalOf(row.unitPrice, '0.00');
  const percent = decimalOf(row.taxPercent, '0');
  if (row.description.trim() === '') return { wrong: 'description', says: 'Write what this line is for.' };
  if (quantity === null) return { wrong: 'quantity', says: 'Write the quantity as a number, like 2.5.' };
  if (unitPrice === null) return { wrong: 'unitPrice', says: 'Write the price as a number, like 45.00.' };
  if (percent === null) return { wrong: 'taxPercent', says: 'Write the tax rate in percent, like 7.75.' };
  return {
    line: {
      itemPriceId: row.itemPriceId,
      description: row.description.trim(),
      quantity,
      unitPrice,
      taxRate: multiplyMoney(percent, '0.01'),
    },
  };
}

function decimalOf(text: string, empty: string): string | null {
  const plain = plainDecimal(text.replace('%', '').trim());
  if (plain === '') return empty;
  return isDecimal(plain) ? plain : null;
}
