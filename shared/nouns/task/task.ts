import { z } from 'zod';
import type { FieldInfo } from '../field.ts';
import { commonFields, customValues, externalIds, idList, optionalDate, optionalId, requiredText } from '../values.ts';

export const taskStatuses = { new: 'New', in_progress: 'In progress', completed: 'Completed' } as const;
export const taskPriorities = { low: 'Low', medium: 'Medium', high: 'High' } as const;

export const taskFieldsSchema = z.object({
  /** Null for a task that is about no client. */
  clientId: optionalId.default(null),
  opportunityId: optionalId.default(null),
  caseId: optionalId.default(null),
  title: requiredText(300),
  status: z.enum(['new', 'in_progress', 'completed']).default('new'),
  priority: z.enum(['low', 'medium', 'high']).default('medium'),
  dueDate: optionalDate.default(null),
  assignedToIds: idList.default([]),
  teamIds: idList.default([]),
  externalIds: externalIds.default({}),
  custom: customValues.default({}),
});

export const taskSchema = taskFieldsSchema.extend(commonFields);
export type Task = z.output<typeof taskSchema>;

export interface TaskComputed {
  /** Not completed although its day has passed; a task due today is not overdue. */
  isOverdue: boolean;
}

export function computeTask(of: Pick<Task, 'status' | 'dueDate'>, today: string): TaskComputed {
  return { isOverdue: of.status !== 'completed' && of.dueDate !== null && of.dueDate < today };
}

export const taskFieldInfo: readonly FieldInfo<'clients' | 'opportunities' | 'cases' | 'directory'>[] = [
  { path: 'title', label: 'Title', kind: 'text', group: 'Task', required: true, inList: true, width: 260 },
  { path: 'clientId', label: 'Client', kind: 'reference', of: 'clients', group: 'Task', inList: true, width: 220 },
  { path: 'opportunityId', label: 'Opportunity', kind: 'reference', of: 'opportunities', group: 'Task', width: 200 },
  { path: 'caseId', label: 'Case', kind: 'reference', of: 'cases', group: 'Task', width: 200 },
  { path: 'status', label: 'Status', kind: 'choice', choices: taskStatuses, group: 'Task', inList: true, width: 120 },
  { path: 'priority', label: 'Priority', kind: 'choice', choices: taskPriorities, group: 'Task', inList: true, width: 110 },
  { path: 'dueDate', label: 'Due', kind: 'date', group: 'Task', inList: true, width: 120 },
  {
    path: 'assignedToIds',
    label: 'Assigned to',
    kind: 'references',
    of: 'directory',
    where: { kind: 'user' },
    group: 'People',
    width: 180,
  },
  { path: 'teamIds', label: 'Teams', kind: 'references', of: 'directory', where: { kind: 'team' }, group: 'People', width: 160 },
  { path: 'isOverdue', label: 'Overdue', kind: 'boolean', group: 'Task', computed: true, width: 100 },
  { path: 'createdAt', label: 'Created', kind: 'instant', group: 'Record', computed: true, width: 150 },
  { path: 'updatedAt', label: 'Changed', kind: 'instant', group: 'Record', computed: true, width: 150 },
];
