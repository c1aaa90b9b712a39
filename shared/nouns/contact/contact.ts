import { z } from 'zod';
import type { FieldInfo } from '../field.ts';
import {
  addressSchema,
  commonFields,
  customValues,
  emptyAddress,
  externalIds,
  longText,
  optionalDate,
  optionalEmail,
  optionalId,
  optionalPhone,
  optionalText,
  requiredText,
  tagList,
} from '../values.ts';

export const ownerKinds = { client: 'Client', vendor: 'Vendor', lead: 'Lead' } as const;

/** What a person can set on a contact. At least one of the names, an e-mail or a phone must be there: see `contactProblem`. */
export const contactFieldsSchema = z.object({
  ownerKind: z.enum(['client', 'vendor', 'lead']).default('client'),
  clientId: optionalId.default(null),
  firstName: optionalText(150).default(null),
  middleName: optionalText(150).default(null),
  lastName: optionalText(150).default(null),
  /** Professional title: what the person does by training ("Software Developer", spec/programs.md). */
  title: optionalText(200).default(null),
  jobTitle: optionalText(200).default(null),
  dateOfBirth: optionalDate.default(null),
  salutation: optionalText(50).default(null),
  department: optionalText(200).default(null),
  email: optionalEmail.default(null),
  secondaryEmail: optionalEmail.default(null),
  phone: optionalPhone.default(null),
  workPhone: optionalPhone.default(null),
  mobilePhone: optionalPhone.default(null),
  address: addressSchema.default(emptyAddress),
  links: z.array(requiredText(500)).max(50).default([]),
  doNotCall: z.boolean().default(false),
  generalNote: optionalText(longText).default(null),
  /** At most one primary contact per client; setting one clears the other in the same operation. */
  isPrimary: z.boolean().default(false),
  isActive: z.boolean().default(true),
  userId: optionalId.default(null),
  tags: tagList.default([]),
  externalIds: externalIds.default({}),
  custom: customValues.default({}),
});

export const contactSchema = contactFieldsSchema.extend(commonFields);
export type Contact = z.output<typeof contactSchema>;
export type NewContact = z.input<typeof contactFieldsSchema>;

type Named = Pick<Contact, 'firstName' | 'middleName' | 'lastName' | 'email' | 'phone' | 'mobilePhone' | 'workPhone'>;

/** The name shown for a contact, from its parts; where it has none, what it can be reached by. */
export function contactName(contact: Named): string {
  const parts = [contact.firstName, contact.middleName, contact.lastName].filter((part) => part !== null && part !== '');
  if (parts.length > 0) return parts.join(' ');
  return contact.email ?? contact.mobilePhone ?? contact.phone ?? contact.workPhone ?? 'Unnamed contact';
}

/** A contact nobody could find again is refused: it needs a name, an e-mail or a phone. */
export function hasContactIdentity(contact: Named): boolean {
  return [
    contact.firstName,
    contact.lastName,
    contact.middleName,
    contact.email,
    contact.phone,
    contact.mobilePhone,
    contact.workPhone,
  ].some((value) => value !== null && value !== '');
}

export const contactFieldInfo: readonly FieldInfo[] = [
  { path: 'name', label: 'Name', kind: 'text', group: 'Contact', computed: true, inList: true, width: 220 },
  { path: 'salutation', label: 'Salutation', kind: 'text', group: 'Contact', width: 100 },
  { path: 'firstName', label: 'First name', kind: 'text', group: 'Contact', width: 140 },
  { path: 'middleName', label: 'Middle name', kind: 'text', group: 'Contact', width: 140 },
  { path: 'lastName', label: 'Last name', kind: 'text', group: 'Contact', width: 140 },
  { path: 'clientId', label: 'Client', kind: 'reference', of: 'clients', group: 'Contact', inList: true, width: 220 },
  { path: 'ownerKind', label: 'Kind of contact', kind: 'choice', choices: ownerKinds, group: 'Contact', width: 110 },
  { path: 'jobTitle', label: 'Job title', kind: 'text', group: 'Contact', inList: true, width: 160 },
  { path: 'title', label: 'Professional title', kind: 'text', group: 'Contact', width: 160 },
  { path: 'department', label: 'Department', kind: 'text', group: 'Contact', width: 140 },
  { path: 'isPrimary', label: 'Primary contact', kind: 'boolean', group: 'Contact', inList: true, width: 120 },
  { path: 'isActive', label: 'Active', kind: 'boolean', group: 'Contact', width: 90 },
  { path: 'email', label: 'E-mail', kind: 'email', group: 'Phone and e-mail', inList: true, width: 220 },
  { path: 'secondaryEmail', label: 'Second e-mail', kind: 'email', group: 'Phone and e-mail', width: 200 },
  { path: 'phone', label: 'Phone', kind: 'phone', group: 'Phone and e-mail', inList: true, width: 150 },
  { path: 'workPhone', label: 'Work phone', kind: 'phone', group: 'Phone and e-mail', width: 150 },
  { path: 'mobilePhone', label: 'Mobile phone', kind: 'phone', group: 'Phone and e-mail', inList: true, width: 150 },
  { path: 'doNotCall', label: 'Do not call', kind: 'boolean', group: 'Phone and e-mail', width: 110 },
  { path: 'links', label: 'Links', kind: 'links', group: 'Phone and e-mail', width: 200 },
  { path: 'address.line1', label: 'Address line 1', kind: 'text', group: 'Address', width: 200 },
  { path: 'address.line2', label: 'Address line 2', kind: 'text', group: 'Address', width: 160 },
  { path: 'address.line3', label: 'Address line 3', kind: 'text', group: 'Address', width: 160 },
  { path: 'address.city', label: 'City', kind: 'text', group: 'Address', width: 150 },
  { path: 'address.region', label: 'State or region', kind: 'text', group: 'Address', width: 140 },
  { path: 'address.postalCode', label: 'Postal code', kind: 'text', group: 'Address', width: 120 },
  { path: 'address.country', label: 'Country', kind: 'text', group: 'Address', width: 130 },
  { path: 'address.freeform', label: 'Address as one text', kind: 'multiline', group: 'Address', width: 240 },
  { path: 'userId', label: 'Colleague', kind: 'reference', of: 'directory', where: { kind: 'user' }, group: 'Contact', width: 170 },
  { path: 'dateOfBirth', label: 'Date of birth', kind: 'date', group: 'About', width: 130 },
  { path: 'tags', label: 'Tags', kind: 'tags', group: 'About', width: 180 },
  { path: 'generalNote', label: 'Note', kind: 'multiline', group: 'About', width: 240 },
  { path: 'createdAt', label: 'Created', kind: 'instant', group: 'Record', computed: true, width: 150 },
  { path: 'updatedAt', label: 'Changed', kind: 'instant', group: 'Record', computed: true, width: 150 },
];
