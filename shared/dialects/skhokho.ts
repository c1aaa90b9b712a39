import { z } from 'zod';
import { type Client, computeClient } from '../nouns/client/client.ts';
import { type Contact, contactName } from '../nouns/contact/contact.ts';
import type { BookRecord } from './book-view.ts';
import {
  badRequest,
  bareObject,
  created,
  type Dialect,
  endpoint,
  forbidden,
  listIn,
  noContent,
  noNextPage,
  notFound,
  ok,
  unauthorized,
} from './dialect.ts';
import { filter, type QueryParameter } from './query-parameter.ts';
import type { EncodeContext, Member, Shape } from './shape.ts';
import { Unsayable } from './shape.ts';
import { children, computed, decimal, dialled, id, instant, label, plain, reference, textOrEmpty, website } from './wire-values.ts';

/** Skhokho (spec/skhokho-clients.openapi.json): one resource, clients, in an organisation named in the path. */

/** Labels as the spec writes them; the app's own are in shared/nouns/client/client.ts. */
export const entityTypeLabels = {
  individual: 'Individual',
  company: 'Company',
  non_profit: 'Non-Profit Organization',
  government: 'Government Entity',
  partnership: 'Partnership',
  other: 'Other',
} as const;

export const lifecycleStageLabels = {
  prospect: 'Prospect',
  active_client: 'Active Client',
  matured_client: 'Matured Client',
  inactive: 'Inactive',
  dormant: 'Dormant',
  lost_opportunity: 'Lost Opportunity',
} as const;

export const industryLabels = {
  agriculture: 'Agriculture and Farming',
  cleaning: 'Cleaning Services',
  construction: 'Construction and Real Estate Services',
  consulting: 'Consulting and Freelancing',
  creative: 'Creative and Design Services',
  education: 'Education and Tutoring Services',
  events: 'Entertainment and Events Planning',
  handyman: 'Handyman and Home Repair Services',
  health: 'Health and Wellness',
  home_based: 'Home-Based Businesses',
  hospitality: 'Hospitality and Tourism',
  it_support: 'IT and Software Support Services',
  legal: 'Legal and Financial Services',
  logistics: 'Logistics and Delivery Services',
  manufacturing: 'Manufacturing and Small-Scale Production',
  marketing: 'Marketing and Advertising Services',
  music: 'Music and Entertainment Services',
  non_profit: 'Non-Profit and Social Enterprises',
  online_retail: 'Online Retail and E-commerce',
  photography: 'Photography and Videography Services',
  printing: 'Printing and Copy Services',
  professional: 'Professional Services',
  travel: 'Travel Agencies',
  utilities: 'Utilities and Renewable Energy Services',
  wholesale: 'Wholesale and Distribution',
  writing: 'Writing and Editing Services',
  virtual_assistance: 'Virtual Assistance and Admin Support',
  other: 'Other',
} as const;

export const bankAccountTypeLabels = { checking: 'Checking', savings: 'Savings', business: 'Business', other: 'Other' } as const;

const keysOf = <T extends object>(labels: T) => Object.keys(labels) as [keyof T & string, ...(keyof T & string)[]];

/** The industry filter's own thirteen values; five of them are also among the model's 28. */
export const industryFilterValues = [
  'agriculture',
  'construction',
  'energy',
  'finance',
  'healthcare',
  'hospitality',
  'information_technology',
  'manufacturing',
  'media',
  'other',
  'retail',
  'services',
  'transportation',
] as const;

/** What the entity type filter names, although the model's entity types are others: it is the book's `kind`. */
export const entityTypeFilterValues = ['client', 'lead', 'vendor'] as const;

const text = (max: number) => z.string().max(max).nullish();
const entityType = z.enum(keysOf(entityTypeLabels));
const lifecycleStage = z.enum(keysOf(lifecycleStageLabels));
const industry = z.enum([...keysOf(industryLabels), '']).nullish();
const phone = z
  .string()
  .max(17)
  .regex(/^\+?1?\d{9,15}$/, 'Enter a phone number of 9 to 15 digits, with + in front at most.')
  .nullish();
const annualRevenue = z
  .string()
  .regex(/^-?\d{0,13}(?:\.\d{0,2})?$/, 'A valid number is required: at most 13 digits before and 2 after the decimal point.')
  .nullish();

export const personMiniSchema = z.object({ unique_id: text(100), full_name: z.string() });

export const contactMiniSchema = z.object({
  unique_id: text(100),
  first_name: z.string().max(150),
  last_name: z.string().max(150),
  name: z.string(),
  email: z.email().max(254).nullish(),
  phone: text(17),
  job_title: z.string().nullable(),
  primary_contact: z.boolean().optional(),
  is_active: z.boolean().optional(),
  entity_type: z.enum(['client', 'vendor', 'lead']),
  entity_id: text(100),
});

export const addressSchema = z.object({
  address_line_1: text(300),
  address_line_2: text(300),
  city: text(300),
  province_state: text(300),
  postal_code: text(300),
  country: z.string().nullish(),
  phone,
});

export const bankingInformationSchema = z.object({
  bank_name: text(200),
  account_number: text(100),
  branch_code: text(50),
  account_type: z.enum([...keysOf(bankAccountTypeLabels), '']).nullish(),
  routing_number: text(50),
  swift_code: text(50),
});

const website_ = z.url().max(300).nullish();
const date = z.iso.date().nullish();

const settable = {
  unique_id: text(100),
  description: z.string().nullish(),
  entity_type: entityType.optional(),
  lifecycle_stage: lifecycleStage.optional(),
  industry,
  website: website_,
  company_size: text(100),
  annual_revenue: annualRevenue,
  first_contact_date: date,
  last_contact_date: date,
  next_follow_up_date: date,
  address: addressSchema.nullish(),
  banking_information: bankingInformationSchema.nullish(),
};

/** `Client` of the spec. */
export const clientSchema = z.object({
  ...settable,
  name: z.string().max(300),
  entity_type_display: z.string().nullable(),
  lifecycle_stage_display: z.string().nullable(),
  industry_display: z.string().nullable(),
  default_currency: z.string().max(3).optional(),
  created_by: personMiniSchema,
  assigned_to: personMiniSchema,
  account_owner: personMiniSchema,
  days_since_last_contact: z.int().nullable(),
  is_follow_up_overdue: z.boolean(),
  primary_contact: contactMiniSchema.nullable(),
  date_created: z.iso.datetime({ offset: true }).nullable(),
  last_updated: z.iso.datetime({ offset: true }).nullable(),
});

/** `ClientRequest`: creating, and PUT, which takes a part of it as well ("full or partial update"). */
export const clientRequestSchema = z.object({
  ...settable,
  name: z.string().trim().min(1).max(300),
  default_currency: z.string().min(1).max(3).optional(),
});

/** `PatchedClientRequest`. */
export const patchedClientRequestSchema = clientRequestSchema.partial({ name: true });

/**
 * The pattern and the 17 characters hold at the facade, not in the book. Brackets and spaces go, digits and an extension
 * do not: what does not fit then is shown before sending, never cut (domain model, "Known contradictions").
 */
const addressPhone: Member = {
  kind: 'value',
  wire: 'address.phone',
  book: 'address.phone',
  write: (value) => {
    if (typeof value !== 'string') return value;
    const digits = dialled(value);
    return /^\+?1?\d{9,15}$/.test(digits)
      ? digits
      : new Unsayable(
          'Skhokho takes phone numbers of 9 to 15 digits, with + in front at most. This one stays in the book and is not sent.',
        );
  },
  same: (first, second) => dialled(first) === dialled(second),
};

/** Free text is kept in the book; what is none of the 28 cannot be said here. */
const industryMember: Member = {
  kind: 'value',
  wire: 'industry',
  book: 'industry',
  write: (value) =>
    value === null || (typeof value === 'string' && Object.hasOwn(industryLabels, value))
      ? value
      : new Unsayable('Skhokho knows 28 industries, and this is none of them. It stays in the book and is not sent.'),
};

const bankAccountType: Member = {
  kind: 'value',
  wire: 'banking_information.account_type',
  book: 'banking.accountType',
  read: (raw) => (raw === '' ? null : raw),
};

const fields: readonly Member[] = [
  id('unique_id', false),
  plain('name', 'name'),
  plain('description', 'description'),
  plain('entity_type', 'entityType'),
  plain('lifecycle_stage', 'lifecycleStage'),
  industryMember,
  website('website', 'website'),
  plain('company_size', 'companySize'),
  decimal('annual_revenue', 'annualRevenue'),
  plain('default_currency', 'defaultCurrency'),
  plain('first_contact_date', 'firstContactDate'),
  plain('last_contact_date', 'lastContactDate'),
  plain('next_follow_up_date', 'nextFollowUpDate'),
  plain('address.address_line_1', 'address.line1'),
  plain('address.address_line_2', 'address.line2'),
  plain('address.city', 'address.city'),
  plain('address.province_state', 'address.region'),
  plain('address.postal_code', 'address.postalCode'),
  plain('address.country', 'address.country'),
  addressPhone,
  plain('banking_information.bank_name', 'banking.bankName'),
  plain('banking_information.account_number', 'banking.accountNumber'),
  plain('banking_information.branch_code', 'banking.branchCode'),
  bankAccountType,
  plain('banking_information.routing_number', 'banking.routingNumber'),
  plain('banking_information.swift_code', 'banking.swiftCode'),
];

export const personMiniShape: Shape = {
  kind: 'users',
  use: 'answer',
  schema: personMiniSchema,
  members: [id('unique_id', false), plain('full_name', 'fullName')],
};

/** The spec gives these three no null, so nobody is a person without id or name. */
const nobody = { unique_id: null, full_name: '' };
const person = (wire: string, book: string, isOrigin = false): Member =>
  reference(wire, book, 'directory', { integer: false, shape: personMiniShape, nobody, isOrigin });

export const contactMiniShape: Shape = {
  kind: 'contacts',
  use: 'answer',
  schema: contactMiniSchema,
  members: [
    id('unique_id', false),
    textOrEmpty('first_name', 'firstName'),
    textOrEmpty('last_name', 'lastName'),
    computed('name', (record) => contactName(record as Contact)),
    plain('email', 'email'),
    plain('phone', 'phone'),
    plain('job_title', 'jobTitle'),
    plain('primary_contact', 'isPrimary'),
    plain('is_active', 'isActive'),
    plain('entity_type', 'ownerKind'),
    reference('entity_id', 'clientId', 'clients', { integer: false }),
  ],
};

/** The active contact marked primary (domain model, "Computed"). */
export function primaryContactOf(client: BookRecord, context: Pick<EncodeContext, 'book'>): Contact[] {
  return context.book
    .having('contacts', 'clientId', client.id)
    .filter((contact) => contact.isPrimary && contact.isActive)
    .slice(0, 1);
}

const compute = (record: BookRecord, context: EncodeContext) => computeClient(record as Client, context.today);

const answer: Shape = {
  kind: 'clients',
  use: 'answer',
  schema: clientSchema,
  members: [
    ...fields,
    label('entity_type_display', 'entityType', entityTypeLabels),
    label('lifecycle_stage_display', 'lifecycleStage', lifecycleStageLabels),
    // An industry that is not one of the 28 is null above and named here.
    label('industry_display', 'industry', industryLabels),
    person('created_by', 'createdBy', true),
    {
      ...(reference('assigned_to', 'assignedToIds', 'directory', { integer: false, shape: personMiniShape, nobody }) as Member & {
        kind: 'reference';
      }),
      list: true,
      single: true,
    },
    person('account_owner', 'accountOwnerId'),
    computed('days_since_last_contact', (record, context) => compute(record, context).daysSinceLastContact),
    computed('is_follow_up_overdue', (record, context) => compute(record, context).isFollowUpOverdue),
    children('primary_contact', 'contacts', 'clientId', {
      integer: false,
      shape: contactMiniShape,
      single: true,
      select: primaryContactOf,
    }),
    instant('date_created', 'createdAt', { millis: false, isOrigin: true }),
    instant('last_updated', 'updatedAt', { millis: false, isOrigin: true }),
  ],
};

const create: Shape = { kind: 'clients', use: 'request', schema: clientRequestSchema, members: fields };
const change: Shape = { kind: 'clients', use: 'request', schema: patchedClientRequestSchema, members: fields };

const industries = [...new Set([...keysOf(industryLabels), ...industryFilterValues])].sort();

const listParameters: readonly QueryParameter[] = [
  filter('company_size', 'text', 'Clients of exactly this company size', { path: 'companySize', is: 'equalText' }),
  {
    name: 'entity_type',
    type: 'choice',
    values: [...entityTypeFilterValues, ...keysOf(entityTypeLabels)],
    meaning: 'client, lead and vendor ask for the kind of record; the six entity types for the entity type',
    ask: (value, query) => {
      const path = (entityTypeFilterValues as readonly unknown[]).includes(value) ? 'kind' : 'entityType';
      query.conditions.push({ path, is: 'equal', value });
    },
  },
  {
    name: 'industry',
    type: 'choice',
    values: industries,
    meaning: 'Clients of this industry, by the 28 values of the model or the 13 of the filter',
    ask: (value, query) => query.conditions.push({ path: 'industry', is: 'equalText', value }),
  },
  {
    name: 'lifecycle_stage',
    type: 'choice',
    values: keysOf(lifecycleStageLabels),
    meaning: 'Clients in this lifecycle stage',
    ask: (value, query) => query.conditions.push({ path: 'lifecycleStage', is: 'equal', value }),
  },
  filter('search', 'text', 'Clients whose name has this in it', { path: 'name', is: 'contains' }),
];

const base = '/api/v1.0/organisation/{org_uid}/clients/';
const meanings = { org_uid: 'Id of the organisation', unique_id: 'Id of the client' };
const bodyTypes = ['json', 'form', 'multipart'] as const;

export const skhokho: Dialect = {
  name: 'skhokho',
  label: 'Skhokho',
  spec: 'spec/skhokho-clients.openapi.json',
  capabilities: {
    canDelete: true,
    canListChangesSince: false,
    keepsDeleted: false,
    idsAreIntegers: false,
    paging: 'none',
    auth: ['sessionCookie', 'basic'],
    headers: [],
    canChooseIds: true,
  },
  rowsIn: (body) => listIn(body),
  oneIn: bareObject,
  nextPage: noNextPage,
  resources: [
    {
      name: 'clients',
      of: 'clients',
      answer,
      create,
      change,
      merge: { answer, change, whole: ['address', 'banking_information'] },
      canList: true,
      canGet: true,
      canDelete: true,
    },
  ],
  endpoints: [
    endpoint({
      name: 'clients.list',
      resource: 'clients',
      action: 'list',
      method: 'GET',
      path: base,
      meanings,
      query: listParameters,
      start: { sort: [{ path: 'name', descending: false }], page: null },
      response: z.array(clientSchema),
      statuses: [ok, unauthorized, forbidden],
    }),
    endpoint({
      name: 'clients.create',
      resource: 'clients',
      action: 'create',
      method: 'POST',
      path: `${base}create/`,
      meanings,
      body: clientRequestSchema,
      bodyTypes,
      response: clientSchema,
      statuses: [created, badRequest, unauthorized, forbidden],
    }),
    endpoint({
      name: 'clients.get',
      resource: 'clients',
      action: 'get',
      method: 'GET',
      path: `${base}{unique_id}/`,
      meanings,
      response: clientSchema,
      statuses: [ok, unauthorized, forbidden, notFound],
    }),
    endpoint({
      name: 'clients.replace',
      resource: 'clients',
      action: 'change',
      method: 'PUT',
      path: `${base}{unique_id}/update/`,
      meanings,
      body: patchedClientRequestSchema,
      bodyTypes,
      response: clientSchema,
      statuses: [ok, badRequest, unauthorized, forbidden, notFound],
    }),
    endpoint({
      name: 'clients.change',
      resource: 'clients',
      action: 'change',
      method: 'PATCH',
      path: `${base}{unique_id}/update/`,
      meanings,
      body: patchedClientRequestSchema,
      bodyTypes,
      response: clientSchema,
      statuses: [ok, badRequest, unauthorized, forbidden, notFound],
    }),
    endpoint({
      name: 'clients.delete',
      resource: 'clients',
      action: 'delete',
      method: 'DELETE',
      path: `${base}{unique_id}/delete/`,
      meanings,
      statuses: [noContent, unauthorized, forbidden, notFound],
    }),
  ],
};
