import { z } from 'zod';
import { daysBetween } from '../../lib/clock.ts';
import type { FieldInfo } from '../field.ts';
import {
  addressSchema,
  commonFields,
  currencySchema,
  customValues,
  emptyAddress,
  externalIds,
  idList,
  longText,
  optionalDate,
  optionalDecimal,
  optionalEmail,
  optionalId,
  optionalPhone,
  optionalText,
  optionalUrl,
  optionalWholeNumber,
  requiredText,
  tagList,
} from '../values.ts';

export const clientKinds = { client: 'Client', lead: 'Lead', vendor: 'Vendor' } as const;

export const entityTypes = {
  individual: 'Individual',
  company: 'Company',
  non_profit: 'Non-profit organization',
  government: 'Government entity',
  partnership: 'Partnership',
  other: 'Other',
} as const;

export const lifecycleStages = {
  prospect: 'Prospect',
  active_client: 'Active client',
  matured_client: 'Matured client',
  inactive: 'Inactive',
  dormant: 'Dormant',
  lost_opportunity: 'Lost opportunity',
} as const;

/** The known industries (spec/skhokho-clients.openapi.json); any other text is kept as it is. */
export const industries = {
  agriculture: 'Agriculture and farming',
  cleaning: 'Cleaning services',
  construction: 'Construction and real estate services',
  consulting: 'Consulting and freelancing',
  creative: 'Creative and design services',
  education: 'Education and tutoring services',
  events: 'Entertainment and events planning',
  handyman: 'Handyman and home repair services',
  health: 'Health and wellness',
  home_based: 'Home-based businesses',
  hospitality: 'Hospitality and tourism',
  it_support: 'IT and software support services',
  legal: 'Legal and financial services',
  logistics: 'Logistics and delivery services',
  manufacturing: 'Manufacturing and small-scale production',
  marketing: 'Marketing and advertising services',
  music: 'Music and entertainment services',
  non_profit: 'Non-profit and social enterprises',
  online_retail: 'Online retail and e-commerce',
  photography: 'Photography and videography services',
  printing: 'Printing and copy services',
  professional: 'Professional services',
  travel: 'Travel agencies',
  utilities: 'Utilities and renewable energy services',
  wholesale: 'Wholesale and distribution',
  writing: 'Writing and editing services',
  virtual_assistance: 'Virtual assistance and admin support',
  other: 'Other',
} as const;

export const accountTypes = { checking: 'Checking', savings: 'Savings', business: 'Business', other: 'Other' } as const;

const keys = <T extends Record<string, string>>(labels: T) => Object.keys(labels) as [keyof T & string, ...(keyof T & string)[]];

export const bankingSchema = z.object({
  bankName: optionalText(200).default(null),
  accountNumber: optionalText(100).default(null),
  branchCode: optionalText(50).default(null),
  accountType: z.enum(keys(accountTypes)).nullable().default(null),
  routingNumber: optionalText(50).default(null),
  swiftCode: optionalText(50).default(null),
});
export type Banking = z.output<typeof bankingSchema>;

/** What a person can set on a client. Defaults make a client from a name alone. */
export const clientFieldsSchema = z.object({
  kind: z.enum(keys(clientKinds)).default('client'),
  name: requiredText(300),
  description: optionalText(longText).default(null),
  entityType: z.enum(keys(entityTypes)).default('company'),
  lifecycleStage: z.enum(keys(lifecycleStages)).default('prospect'),
  isActive: z.boolean().default(true),
  industry: optionalText(200).default(null),
  website: optionalUrl.default(null),
  companySize: optionalText(100).default(null),
  annualRevenue: optionalDecimal(13, 2).default(null),
  defaultCurrency: currencySchema.default('USD'),
  email: optionalEmail.default(null),
  phone: optionalPhone.default(null),
  accountCode: optionalText(100).default(null),
  invoiceEmail: optionalEmail.default(null),
  paymentTermsDays: optionalWholeNumber(0, 3650).default(null),
  hasInvoiceReminders: z.boolean().default(false),
  showLocationOnInvoice: z.boolean().default(false),
  notes: optionalText(longText).default(null),
  firstContactDate: optionalDate.default(null),
  lastContactDate: optionalDate.default(null),
  nextFollowUpDate: optionalDate.default(null),
  accountOwnerId: optionalId.default(null),
  assignedToIds: idList.default([]),
  salespersonId: optionalId.default(null),
  caseManagerId: optionalId.default(null),
  teamIds: idList.default([]),
  tags: tagList.default([]),
  address: addressSchema.default(emptyAddress),
  banking: bankingSchema.nullable().default(null),
  externalIds: externalIds.default({}),
  custom: customValues.default({}),
});

export const clientSchema = clientFieldsSchema.extend(commonFields);
export type Client = z.output<typeof clientSchema>;
export type NewClient = z.input<typeof clientFieldsSchema>;

export interface ClientComputed {
  /** Whole days from the last contact to today; null without one. */
  daysSinceLastContact: number | null;
  isFollowUpOverdue: boolean;
}

/** Computed, never stored. `today` is the person's local day (spec/skhokho-clients.openapi.json). */
export function computeClient(client: Pick<Client, 'lastContactDate' | 'nextFollowUpDate'>, today: string): ClientComputed {
  return {
    daysSinceLastContact: client.lastContactDate === null ? null : daysBetween(client.lastContactDate, today),
    isFollowUpOverdue: client.nextFollowUpDate !== null && client.nextFollowUpDate < today,
  };
}

/** Order is the order of the detail screen and of exports. `inList` marks the columns a new list starts with. */
export const clientFieldInfo: readonly FieldInfo[] = [
  { path: 'name', label: 'Name', kind: 'text', group: 'Client', required: true, inList: true, width: 260 },
  { path: 'kind', label: 'Kind', kind: 'choice', group: 'Client', choices: clientKinds, width: 110 },
  { path: 'lifecycleStage', label: 'Lifecycle stage', kind: 'choice', group: 'Client', choices: lifecycleStages, inList: true, width: 150 },
  { path: 'entityType', label: 'Entity type', kind: 'choice', group: 'Client', choices: entityTypes, width: 150 },
  { path: 'isActive', label: 'Active', kind: 'boolean', group: 'Client', width: 90 },
  { path: 'industry', label: 'Industry', kind: 'openChoice', group: 'Client', choices: industries, inList: true, width: 200 },
  { path: 'email', label: 'E-mail', kind: 'email', group: 'Phone and e-mail', inList: true, width: 220 },
  { path: 'phone', label: 'Phone', kind: 'phone', group: 'Phone and e-mail', inList: true, width: 150 },
  { path: 'website', label: 'Website', kind: 'url', group: 'Phone and e-mail', width: 200 },
  { path: 'address.line1', label: 'Address line 1', kind: 'text', group: 'Address', width: 200 },
  { path: 'address.line2', label: 'Address line 2', kind: 'text', group: 'Address', width: 160 },
  { path: 'address.line3', label: 'Address line 3', kind: 'text', group: 'Address', width: 160 },
  { path: 'address.city', label: 'City', kind: 'text', group: 'Address', inList: true, width: 150 },
  { path: 'address.region', label: 'State or region', kind: 'text', group: 'Address', width: 140 },
  { path: 'address.postalCode', label: 'Postal code', kind: 'text', group: 'Address', width: 120 },
  { path: 'address.country', label: 'Country', kind: 'text', group: 'Address', width: 130 },
  { path: 'address.phone', label: 'Address phone', kind: 'phone', group: 'Address', width: 150 },
  { path: 'address.freeform', label: 'Address as one text', kind: 'multiline', group: 'Address', width: 240 },
  { path: 'nextFollowUpDate', label: 'Next follow-up', kind: 'date', group: 'Follow-up', inList: true, width: 130 },
  { path: 'lastContactDate', label: 'Last contact', kind: 'date', group: 'Follow-up', width: 130 },
  { path: 'firstContactDate', label: 'First contact', kind: 'date', group: 'Follow-up', width: 130 },
  { path: 'daysSinceLastContact', label: 'Days since last contact', kind: 'number', group: 'Follow-up', computed: true, width: 130 },
  { path: 'isFollowUpOverdue', label: 'Follow-up overdue', kind: 'boolean', group: 'Follow-up', computed: true, width: 130 },
  {
    path: 'accountOwnerId',
    label: 'Account owner',
    kind: 'reference',
    of: 'directory',
    where: { kind: 'user' },
    group: 'People',
    width: 170,
  },
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
  { path: 'salespersonId', label: 'Salesperson', kind: 'reference', of: 'directory', where: { kind: 'user' }, group: 'People', width: 170 },
  {
    path: 'caseManagerId',
    label: 'Case manager',
    kind: 'reference',
    of: 'directory',
    where: { kind: 'user' },
    group: 'People',
    width: 170,
  },
  { path: 'accountCode', label: 'Account code', kind: 'text', group: 'Account', width: 130 },
  { path: 'companySize', label: 'Company size', kind: 'text', group: 'Account', width: 130 },
  { path: 'annualRevenue', label: 'Annual revenue (USD)', kind: 'decimal', group: 'Account', width: 150 },
  { path: 'defaultCurrency', label: 'Currency', kind: 'text', group: 'Account', width: 100 },
  { path: 'invoiceEmail', label: 'Invoice e-mail', kind: 'email', group: 'Billing', width: 200 },
  { path: 'paymentTermsDays', label: 'Payment terms (days)', kind: 'number', group: 'Billing', width: 140 },
  { path: 'hasInvoiceReminders', label: 'Invoice reminders', kind: 'boolean', group: 'Billing', width: 130 },
  { path: 'showLocationOnInvoice', label: 'Location on invoice', kind: 'boolean', group: 'Billing', width: 140 },
  { path: 'tags', label: 'Tags', kind: 'tags', group: 'Client', width: 180 },
  { path: 'description', label: 'Description', kind: 'multiline', group: 'Notes', width: 240 },
  { path: 'notes', label: 'Notes', kind: 'multiline', group: 'Notes', width: 240 },
  { path: 'banking.bankName', label: 'Bank', kind: 'text', group: 'Banking', secret: true, width: 150 },
  { path: 'banking.accountNumber', label: 'Account number', kind: 'text', group: 'Banking', secret: true, width: 150 },
  { path: 'banking.branchCode', label: 'Branch code', kind: 'text', group: 'Banking', secret: true, width: 110 },
  { path: 'banking.accountType', label: 'Account type', kind: 'choice', group: 'Banking', choices: accountTypes, secret: true, width: 120 },
  { path: 'banking.routingNumber', label: 'Routing number', kind: 'text', group: 'Banking', secret: true, width: 130 },
  { path: 'banking.swiftCode', label: 'SWIFT code', kind: 'text', group: 'Banking', secret: true, width: 120 },
  { path: 'createdAt', label: 'Created', kind: 'instant', group: 'Record', computed: true, width: 150 },
  { path: 'updatedAt', label: 'Changed', kind: 'instant', group: 'Record', computed: true, inList: true, width: 150 },
];
