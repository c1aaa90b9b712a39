import { defineNoun } from '../define-noun.ts';
import { type Client, clientFieldInfo, clientFieldsSchema, clientSchema } from './client.ts';

export const clientNoun = defineNoun({
  singular: 'client',
  plural: 'clients',
  schema: clientSchema,
  fieldsSchema: clientFieldsSchema,
  fields: clientFieldInfo,
  needed: { name: '' },
  title: (record: Client) => record.name,
  titlePath: 'name',
  isNewestFirst: false,
  parents: {},
  isMadeTwice: false,
  at: 'place',
  seenBy: 'owners',
  writtenBy: 'seers',
  deletedBy: 'seers',
  hasTags: true,
  board: null,
  imported: { prefix: 'client', label: 'Client', noteField: 'notes' },
});
