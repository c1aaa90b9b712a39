import { defineNoun } from '../define-noun.ts';
import { type Location, locationFieldInfo, locationFieldsSchema, locationSchema } from './location.ts';

export const locationNoun = defineNoun({
  singular: 'location',
  plural: 'locations',
  schema: locationSchema,
  fieldsSchema: locationFieldsSchema,
  fields: locationFieldInfo,
  needed: { clientId: '', name: '' },
  title: (record: Location) => record.name,
  titlePath: 'name',
  isNewestFirst: false,
  parents: { clientId: 'clients' },
  isMadeTwice: false,
  at: 'place',
  seenBy: 'parents',
  writtenBy: 'seers',
  deletedBy: 'seers',
  hasTags: false,
  board: null,
  imported: { prefix: 'location', label: 'Location', noteField: 'notes' },
});
