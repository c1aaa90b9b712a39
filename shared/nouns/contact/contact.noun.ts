import { defineNoun } from '../define-noun.ts';
import { type Contact, contactFieldInfo, contactFieldsSchema, contactName, contactSchema } from './contact.ts';

export const contactNoun = defineNoun({
  singular: 'contact',
  plural: 'contacts',
  schema: contactSchema,
  fieldsSchema: contactFieldsSchema,
  fields: contactFieldInfo,
  needed: {},
  title: (record: Contact) => contactName(record),
  titlePath: 'name',
  isNewestFirst: false,
  parents: { clientId: 'clients' },
  isMadeTwice: false,
  at: 'place',
  seenBy: 'parents',
  writtenBy: 'seers',
  deletedBy: 'seers',
  hasTags: true,
  board: null,
  imported: { prefix: 'contact', label: 'Contact', noteField: 'generalNote' },
});
