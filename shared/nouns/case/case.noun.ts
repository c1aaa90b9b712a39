import { defineNoun } from '../define-noun.ts';
import { type Case, caseFieldInfo, caseFieldsSchema, caseSchema } from './case.ts';

export const caseNoun = defineNoun({
  singular: 'case',
  plural: 'cases',
  schema: caseSchema,
  fieldsSchema: caseFieldsSchema,
  fields: caseFieldInfo,
  needed: { clientId: '', name: '' },
  title: (record: Case) => record.name,
  titlePath: 'name',
  isNewestFirst: false,
  parents: { clientId: 'clients' },
  isMadeTwice: false,
  at: 'place',
  seenBy: 'owners',
  writtenBy: 'seers',
  deletedBy: 'seers',
  hasTags: false,
  board: {
    column: 'status',
    closed: ['closed', 'rejected', 'duplicate'],
    amount: null,
    order: [{ path: 'createdAt', descending: false }],
    card: ['name', 'clientId', 'priority', 'createdAt', 'assignedToIds'],
  },
  imported: { prefix: 'case', label: 'Case', noteField: 'description' },
});
