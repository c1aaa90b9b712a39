import { type ItemPrice, itemCodeKey } from './item-price.ts';
import type { RecordRules } from '../record-rules.ts';
import { words } from '../../words/words.ts';

export const itemPriceRules: RecordRules<ItemPrice> = {
  unique: {
    // Unique in this book only: two devices can take one code while offline. Sync keeps both (invariant 2).
    value: ({ itemCode }) => itemCode,
    key: itemCodeKey,
    problem: ({ id, name }) => ({
      code: 'ITEM_CODE_TAKEN',
      field: 'itemCode',
      ...words('records.itemCodeTaken', { name }),
      details: { id, name },
    }),
  },
};
