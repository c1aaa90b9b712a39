import { defineNoun } from '../define-noun.ts';
import { type DirectoryEntry, directoryFieldInfo, directoryFieldsSchema, directoryName, directorySchema } from './directory.ts';

export const directoryNoun = defineNoun({
  singular: 'person or team',
  plural: 'people and teams',
  schema: directorySchema,
  fieldsSchema: directoryFieldsSchema,
  fields: directoryFieldInfo,
  needed: {},
  title: (record: DirectoryEntry) => directoryName(record),
  titlePath: 'displayName',
  isNewestFirst: false,
  parents: {},
  isMadeTwice: false,
  at: 'place',
  seenBy: 'everybody',
  writtenBy: 'admins',
  deletedBy: 'admins',
  hasTags: false,
  board: null,
  imported: { prefix: 'person', label: 'Person or team', noteField: null },
});
