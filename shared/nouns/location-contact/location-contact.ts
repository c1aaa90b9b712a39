import { z } from 'zod';
import type { Problem } from '../../lib/result.ts';
import type { FieldInfo } from '../field.ts';
import { commonFields, customValues, externalIds, idSchema, optionalDate, optionalText } from '../values.ts';
import { words } from '../../words/words.ts';

/** Who works where, and when (spec/programs.md, "Program Location Contacts"). */
export const locationContactFieldsSchema = z.object({
  locationId: idSchema,
  contactId: idSchema,
  /** Job title at this location. */
  title: optionalText(200).default(null),
  startDate: optionalDate.default(null),
  /** The last day; null while there is no end. */
  endDate: optionalDate.default(null),
  isActive: z.boolean().default(true),
  isProgramContact: z.boolean().default(false),
  externalIds: externalIds.default({}),
  custom: customValues.default({}),
});

export const locationContactSchema = locationContactFieldsSchema.extend(commonFields);
export type LocationContact = z.output<typeof locationContactSchema>;

/** The rule that an end does not lie before its start; null when it is kept. */
export function locationContactProblem(of: Pick<LocationContact, 'startDate' | 'endDate'>): Problem | null {
  if (of.startDate === null || of.endDate === null || of.endDate >= of.startDate) return null;
  return { code: 'END_BEFORE_START', ...words('records.endBeforeStart'), field: 'endDate' };
}

/** What it is called: by contact and location where a view names them, else by the title there. */
export function locationContactTitle(of: Pick<LocationContact, 'title'>): string {
  const { contactName, locationName } = of as { contactName?: string | null; locationName?: string | null };
  return contactName && locationName ? `${contactName} at ${locationName}` : (of.title ?? 'No title');
}

export interface LocationContactComputed {
  /** Active, and today lies between start and end, both included. */
  isCurrent: boolean;
}

export function computeLocationContact(
  of: Pick<LocationContact, 'startDate' | 'endDate' | 'isActive'>,
  today: string,
): LocationContactComputed {
  const started = of.startDate === null || of.startDate <= today;
  const ended = of.endDate !== null && of.endDate < today;
  return { isCurrent: of.isActive && started && !ended };
}

export const locationContactFieldInfo: readonly FieldInfo[] = [
  { path: 'contactId', label: 'Contact', kind: 'reference', of: 'contacts', group: 'Role', required: true, inList: true, width: 220 },
  { path: 'locationId', label: 'Location', kind: 'reference', of: 'locations', group: 'Role', required: true, inList: true, width: 220 },
  { path: 'title', label: 'Title at this location', kind: 'text', group: 'Role', inList: true, width: 180 },
  { path: 'startDate', label: 'From', kind: 'date', group: 'Role', inList: true, width: 120 },
  { path: 'endDate', label: 'Until', kind: 'date', group: 'Role', inList: true, width: 120 },
  { path: 'isCurrent', label: 'Works here now', kind: 'boolean', group: 'Role', computed: true, width: 130 },
  { path: 'isActive', label: 'Active', kind: 'boolean', group: 'Role', width: 90 },
  { path: 'isProgramContact', label: 'Contact for programs', kind: 'boolean', group: 'Role', width: 140 },
  { path: 'createdAt', label: 'Created', kind: 'instant', group: 'Record', computed: true, width: 150 },
  { path: 'updatedAt', label: 'Changed', kind: 'instant', group: 'Record', computed: true, width: 150 },
];
