import { defineNoun } from '../define-noun.ts';
import { type Task, taskFieldInfo, taskFieldsSchema, taskSchema } from './task.ts';

export const taskNoun = defineNoun({
  singular: 'task',
  plural: 'tasks',
  schema: taskSchema,
  fieldsSchema: taskFieldsSchema,
  fields: taskFieldInfo,
  needed: { title: '' },
  title: (record: Task) => record.title,
  titlePath: 'title',
  isNewestFirst: false,
  parents: { clientId: 'clients', opportunityId: 'opportunities', caseId: 'cases' },
  isMadeTwice: false,
  at: 'place',
  seenBy: 'owners',
  writtenBy: 'seers',
  deletedBy: 'seers',
  hasTags: false,
  board: {
    column: 'status',
    closed: ['completed'],
    amount: null,
    order: [{ path: 'dueDate', descending: false }],
    card: ['title', 'clientId', 'priority', 'dueDate', 'assignedToIds'],
  },
  imported: { prefix: 'task', label: 'Task', noteField: null },
});
