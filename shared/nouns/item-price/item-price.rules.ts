import { type ItemPrice, itemCodeKey } from './item-price.ts';
import type { RecordRules } from '../record-rules.ts';

export const itemPriceRules: RecordRules<ItemPrice> = {
  unique: {
    // Unique in this book only: two devices can take one code while offline. Sync keeps both (invariant 2).
    value: ({ itemCode }) => itemCode,
    key: itemCodeKey,
    problem: ({ id, name }) => ({
      code: 'ITEM_CODE_TAKEN',
      field: 'itemCode',
      message: `The item "${name}" has this code already, so nothing was changed. Give one of the two another code, or open that item.`,
      details: { id, name },
    }),
  },
};
