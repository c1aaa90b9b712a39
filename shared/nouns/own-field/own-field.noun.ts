import { defineNoun } from '../define-noun.ts';
import { type OwnField, ownFieldFieldInfo, ownFieldFieldsSchema, ownFieldSchema } from './own-field.ts';

/** What fields of their own people gave to the other nouns: a setting of the book, found in Settings and not by search. */
export const ownFieldNoun = defineNoun({
  singular: 'own field',
  plural: 'own fields',
  schema: ownFieldSchema,
  fieldsSchema: ownFieldFieldsSchema,
  fields: ownFieldFieldInfo,
  needed: { noun: 'clients', label: '' },
  title: (record: OwnField) => record.label,
  titlePath: 'label',
  isNewestFirst: false,
  parents: {},
  isMadeTwice: false,
  at: 'settings',
  seenBy: 'everybody',
  writtenBy: 'seers',
  deletedBy: 'managers',
  hasTags: false,
  board: null,
  imported: null,
});
