import { z } from 'zod';
import type { FieldInfo } from '../field.ts';
import { commonFields, customValues, decimalText, externalIds, requiredText } from '../values.ts';
import { schemaWords } from '../../words/words.ts';

/** A price as a decimal string. Its digits are kept as they were given: "45.00" stays "45.00". */
export const priceSchema = decimalText(13, 4);

/** A tax rate is a fraction: "0.0775" stands for 7.75 %. */
export const taxRateSchema = decimalText(1, 6).refine((rate) => Number(rate) >= 0 && Number(rate) <= 1, {
  message: schemaWords('values.taxRate'),
});

/** Something that can be invoiced, with what it costs unless a location says otherwise (spec/programs.md, "Item Prices"). */
export const itemPriceFieldsSchema = z.object({
  invoiceItem: requiredText(300),
  /** Unique in the book, compared by `itemCodeKey`. */
  itemCode: requiredText(100),
  defaultPrice: priceSchema.default('0.00'),
  defaultTaxRate: taxRateSchema.default('0'),
  externalIds: externalIds.default({}),
  custom: customValues.default({}),
});

export const itemPriceSchema = itemPriceFieldsSchema.extend(commonFields);
export type ItemPrice = z.output<typeof itemPriceSchema>;

/** Two codes with the same key are the same code: case and surrounding space do not tell items apart on paper. */
export function itemCodeKey(itemCode: string): string {
  return itemCode.trim().toLowerCase();
}

export const itemPriceFieldInfo: readonly FieldInfo[] = [
  { path: 'invoiceItem', label: 'Item', kind: 'text', group: 'Item', required: true, inList: true, width: 260 },
  { path: 'itemCode', label: 'Code', kind: 'text', group: 'Item', required: true, inList: true, width: 130 },
  { path: 'defaultPrice', label: 'Default price', kind: 'decimal', group: 'Item', inList: true, width: 120 },
  { path: 'defaultTaxRate', label: 'Default tax rate', kind: 'rate', group: 'Item', inList: true, width: 130 },
  { path: 'createdAt', label: 'Created', kind: 'instant', group: 'Record', computed: true, width: 150 },
  { path: 'updatedAt', label: 'Changed', kind: 'instant', group: 'Record', computed: true, width: 150 },
];
