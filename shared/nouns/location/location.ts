import { z } from 'zod';
import type { FieldInfo } from '../field.ts';
import {
  addressSchema,
  commonFields,
  customValues,
  emptyAddress,
  externalIds,
  idSchema,
  longText,
  optionalEmail,
  optionalPhone,
  optionalText,
  requiredText,
} from '../values.ts';

/** What a person can set on a location (a branch, a program location). */
export const locationFieldsSchema = z.object({
  clientId: idSchema,
  name: requiredText(300),
  /** Exactly one per client that has locations: the first is made primary, setting one clears the other. */
  isPrimary: z.boolean().default(false),
  physicalAddress: addressSchema.default(emptyAddress),
  mailingAddress: addressSchema.default(emptyAddress),
  primaryPhone: optionalPhone.default(null),
  secondaryPhone: optionalPhone.default(null),
  fax: optionalPhone.default(null),
  primaryEmail: optionalEmail.default(null),
  invoiceEmail: optionalEmail.default(null),
  clientInstructions: optionalText(longText).default(null),
  invoiceInstructions: optionalText(longText).default(null),
  notes: optionalText(longText).default(null),
  isActive: z.boolean().default(true),
  externalIds: externalIds.default({}),
  custom: customValues.default({}),
});

export const locationSchema = locationFieldsSchema.extend(commonFields);
export type Location = z.output<typeof locationSchema>;
export type NewLocation = z.input<typeof locationFieldsSchema>;

const addressFields = (prefix: string, word: string, listed: boolean): FieldInfo[] => [
  { path: `${prefix}.line1`, label: `${word} address line 1`, kind: 'text', group: `${word} address`, inList: listed, width: 200 },
  { path: `${prefix}.line2`, label: `${word} address line 2`, kind: 'text', group: `${word} address`, width: 160 },
  { path: `${prefix}.line3`, label: `${word} address line 3`, kind: 'text', group: `${word} address`, width: 160 },
  {
    path: `${prefix}.city`,
    label: `City (${word.toLowerCase()} address)`,
    kind: 'text',
    group: `${word} address`,
    inList: listed,
    width: 150,
  },
  {
    path: `${prefix}.region`,
    label: `State or region (${word.toLowerCase()} address)`,
    kind: 'text',
    group: `${word} address`,
    inList: listed,
    width: 140,
  },
  {
    path: `${prefix}.postalCode`,
    label: `Postal code (${word.toLowerCase()} address)`,
    kind: 'text',
    group: `${word} address`,
    width: 120,
  },
  { path: `${prefix}.country`, label: `Country (${word.toLowerCase()} address)`, kind: 'text', group: `${word} address`, width: 130 },
];

export const locationFieldInfo: readonly FieldInfo[] = [
  { path: 'name', label: 'Name', kind: 'text', group: 'Location', required: true, inList: true, width: 220 },
  { path: 'clientId', label: 'Client', kind: 'reference', of: 'clients', group: 'Location', required: true, inList: true, width: 220 },
  { path: 'isPrimary', label: 'Primary location', kind: 'boolean', group: 'Location', inList: true, width: 120 },
  { path: 'isActive', label: 'Active', kind: 'boolean', group: 'Location', width: 90 },
  { path: 'primaryPhone', label: 'Phone', kind: 'phone', group: 'Phone and e-mail', inList: true, width: 150 },
  { path: 'secondaryPhone', label: 'Second phone', kind: 'phone', group: 'Phone and e-mail', width: 150 },
  { path: 'fax', label: 'Fax', kind: 'phone', group: 'Phone and e-mail', width: 140 },
  { path: 'primaryEmail', label: 'E-mail', kind: 'email', group: 'Phone and e-mail', width: 200 },
  { path: 'invoiceEmail', label: 'Invoice e-mail', kind: 'email', group: 'Phone and e-mail', width: 200 },
  ...addressFields('physicalAddress', 'Street', true),
  ...addressFields('mailingAddress', 'Mailing', false),
  { path: 'clientInstructions', label: 'Client instructions', kind: 'multiline', group: 'Instructions', width: 240 },
  { path: 'invoiceInstructions', label: 'Invoice instructions', kind: 'multiline', group: 'Instructions', width: 240 },
  { path: 'notes', label: 'Notes', kind: 'multiline', group: 'Instructions', width: 240 },
  { path: 'createdAt', label: 'Created', kind: 'instant', group: 'Record', computed: true, width: 150 },
  { path: 'updatedAt', label: 'Changed', kind: 'instant', group: 'Record', computed: true, width: 150 },
];
