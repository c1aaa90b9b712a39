import { defineNoun } from '../define-noun.ts';
import { type Invoice, invoiceFieldInfo, invoiceFieldsSchema, invoiceSchema } from './invoice.ts';

export const invoiceNoun = defineNoun({
  singular: 'invoice',
  plural: 'invoices',
  schema: invoiceSchema,
  fieldsSchema: invoiceFieldsSchema,
  fields: invoiceFieldInfo,
  needed: { clientId: '' },
  title: (record: Invoice) => record.number ?? 'Draft invoice',
  titlePath: 'number',
  isNewestFirst: false,
  parents: { clientId: 'clients', locationId: 'locations' },
  isMadeTwice: false,
  at: 'place',
  seenBy: 'parents',
  writtenBy: 'seers',
  deletedBy: 'seers',
  hasTags: false,
  board: null,
  imported: null,
});
