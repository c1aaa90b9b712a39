import { z } from 'zod';
import type { FieldInfo } from '../field.ts';
import {
  commonFields,
  customValues,
  externalIds,
  idList,
  idSchema,
  longText,
  optionalDate,
  optionalText,
  requiredText,
} from '../values.ts';

export const caseStatuses = {
  new: 'New',
  assigned: 'Assigned',
  pending: 'Pending',
  closed: 'Closed',
  rejected: 'Rejected',
  duplicate: 'Duplicate',
} as const;
export type CaseStatus = keyof typeof caseStatuses;

export const casePriorities = { low: 'Low', normal: 'Normal', high: 'High', urgent: 'Urgent' } as const;
export const caseTypes = { question: 'Question', incident: 'Incident', problem: 'Problem' } as const;

export const caseFieldsSchema = z.object({
  clientId: idSchema,
  contactIds: idList.default([]),
  name: requiredText(300),
  status: z.enum(['new', 'assigned', 'pending', 'closed', 'rejected', 'duplicate']).default('new'),
  priority: z.enum(['low', 'normal', 'high', 'urgent']).default('normal'),
  caseType: z.enum(['question', 'incident', 'problem']).nullable().default(null),
  closedOn: optionalDate.default(null),
  description: optionalText(longText).default(null),
  assignedToIds: idList.default([]),
  teamIds: idList.default([]),
  externalIds: externalIds.default({}),
  custom: customValues.default({}),
});

export const caseSchema = caseFieldsSchema.extend(commonFields);
export type Case = z.output<typeof caseSchema>;

export function isCaseOpen(status: CaseStatus): boolean {
  return status === 'new' || status === 'assigned' || status === 'pending';
}

/** The day a case closed is set once when it stops being open, and taken away when it opens again. */
export function caseClosedOnAfter(of: Pick<Case, 'closedOn'>, status: CaseStatus, today: string): string | null {
  return isCaseOpen(status) ? null : (of.closedOn ?? today);
}

export const caseFieldInfo: readonly FieldInfo[] = [
  { path: 'name', label: 'Name', kind: 'text', group: 'Case', required: true, inList: true, width: 260 },
  { path: 'clientId', label: 'Client', kind: 'reference', of: 'clients', group: 'Case', required: true, inList: true, width: 220 },
  { path: 'status', label: 'Status', kind: 'choice', choices: caseStatuses, group: 'Case', inList: true, width: 120 },
  { path: 'priority', label: 'Priority', kind: 'choice', choices: casePriorities, group: 'Case', inList: true, width: 110 },
  { path: 'caseType', label: 'Type', kind: 'choice', choices: caseTypes, group: 'Case', inList: true, width: 110 },
  { path: 'contactIds', label: 'Contacts', kind: 'references', of: 'contacts', group: 'Case', width: 200 },
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
  { path: 'closedOn', label: 'Closed on', kind: 'date', group: 'Case', width: 120 },
  { path: 'description', label: 'Description', kind: 'multiline', group: 'Notes', width: 240 },
  { path: 'createdAt', label: 'Created', kind: 'instant', group: 'Record', computed: true, inList: true, width: 150 },
  { path: 'updatedAt', label: 'Changed', kind: 'instant', group: 'Record', computed: true, width: 150 },
];
