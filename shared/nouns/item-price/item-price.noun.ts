import { defineNoun } from '../define-noun.ts';
import { type ItemPrice, itemPriceFieldInfo, itemPriceFieldsSchema, itemPriceSchema } from './item-price.ts';

export const itemPriceNoun = defineNoun({
  singular: 'item price',
  plural: 'item prices',
  schema: itemPriceSchema,
  fieldsSchema: itemPriceFieldsSchema,
  fields: itemPriceFieldInfo,
  needed: { invoiceItem: '', itemCode: '' },
  title: (record: ItemPrice) => record.invoiceItem,
  titlePath: 'invoiceItem',
  isNewestFirst: false,
  parents: {},
  isMadeTwice: false,
  at: 'place',
  seenBy: 'everybody',
  writtenBy: 'seers',
  deletedBy: 'managers',
  hasTags: false,
  board: null,
  imported: { prefix: 'item', label: 'Item', noteField: null },
});
