import { z } from 'zod';
import type { Contact } from '../nouns/contact/contact.ts';
import type { LocationContact } from '../nouns/location-contact/location-contact.ts';
import { computeLocationItemPrice, type LocationItemPrice } from '../nouns/location-item-price/location-item-price.ts';
import type { BookRecord, BookView } from './book-view.ts';
import {
  badRequest,
  bareObject,
  created,
  type Dialect,
  endpoint,
  type Endpoint,
  forbidden,
  listIn,
  noContent,
  noNextPage,
  notFound,
  ok,
  type Resource,
  type Status,
  unauthorized,
} from './dialect.ts';
import { byId, filter, type QueryParameter, searchIn } from './query-parameter.ts';
import type { EncodeContext, Member, Shape } from './shape.ts';
import { children, computed, decimal, id, padded, plain, reference } from './wire-values.ts';

/** Programs (spec/programs.md): Django ModelViewSets with integer ids; what is sent and what is answered differ. */

const number = z.int().positive();
const text = z.string().nullish();
const date = z.iso.date().nullish();
const email = z.email().max(254).nullish();
/** Places after the point, as Django's columns have them: prices are said with two, rates with four. */
const pricePlaces = 2;
const ratePlaces = 4;

/** Decimals travel as text; a JSON number is taken too, as Django takes it, and answered as text. */
const decimalOf = (places: number) =>
  z
    .union([z.string(), z.number()], {
      error: ({ input }) =>
        input === undefined ? 'This field is required.' : input === null ? 'This field may not be null.' : 'A valid number is required.',
    })
    .superRefine((value, issues) => {
      const digits = /^[-+]?(?:\d+(?:\.(\d*))?|\.(\d+))$/.exec(String(value).trim());
      if (digits === null) issues.addIssue('A valid number is required.');
      else if ((digits[1] ?? digits[2] ?? '').length > places)
        issues.addIssue(`Ensure that there are no more than ${places} decimal places.`);
    });

// Clients

export const clientSchema = z.object({ id: number, name: z.string(), is_active: z.boolean() });
export const clientRequestSchema = z.object({
  id: number.optional(),
  name: z.string().trim().min(1).max(300),
  is_active: z.boolean().optional(),
});
export const clientChangeSchema = clientRequestSchema.partial();

const clientMembers: readonly Member[] = [id('id', true), plain('name', 'name'), plain('is_active', 'isActive')];
const client: Shape = { kind: 'clients', use: 'answer', schema: clientSchema, members: clientMembers };

// Client contacts

export const userInfoSchema = z.object({ id: number, username: z.string() });
export const programInfoSchema = z.object({ id: number, name: z.string() });

/** An entry of a contact's `programs`: where the person works, when and as what. */
export const contactProgramSchema = z.object({
  id: number,
  program: programInfoSchema,
  title: z.string().nullable(),
  start_date: z.iso.date().nullable(),
  end_date: z.iso.date().nullable(),
  is_active: z.boolean(),
});

const contactFields = {
  first_name: text,
  middle_name: text,
  last_name: text,
  title: text,
  dob: date,
  email,
  work_phone: text,
  mobile_phone: text,
  general_note: text,
  is_active: z.boolean().optional(),
};

export const contactSchema = z.object({
  id: number,
  client_info: clientSchema.nullable(),
  ...contactFields,
  user_info: userInfoSchema.nullable(),
  programs: z.array(contactProgramSchema),
});

export const contactRequestSchema = z.object({
  id: number.optional(),
  client: number.nullish(),
  ...contactFields,
  user: number.nullish(),
  assign_programs: z.array(number).optional(),
});

const user: Shape = {
  kind: 'users',
  use: 'answer',
  schema: userInfoSchema,
  members: [id('id', true), { kind: 'value', wire: 'username', book: 'username', write: (value) => value ?? '' }],
};

const program: Shape = { kind: 'locations', use: 'answer', schema: programInfoSchema, members: [id('id', true), plain('name', 'name')] };

const roleFields: readonly Member[] = [
  plain('title', 'title'),
  plain('start_date', 'startDate'),
  plain('end_date', 'endDate'),
  plain('is_active', 'isActive'),
];

const contactProgram: Shape = {
  kind: 'locationContacts',
  use: 'answer',
  schema: contactProgramSchema,
  members: [id('id', true), reference('program', 'locationId', 'locations', { integer: true, shape: program }), ...roleFields],
};

const contactMembers: readonly Member[] = [
  plain('first_name', 'firstName'),
  plain('middle_name', 'middleName'),
  plain('last_name', 'lastName'),
  plain('title', 'title'),
  plain('dob', 'dateOfBirth'),
  plain('email', 'email'),
  plain('work_phone', 'workPhone'),
  plain('mobile_phone', 'mobilePhone'),
  plain('general_note', 'generalNote'),
  plain('is_active', 'isActive'),
];

const contactAnswer: Shape = {
  kind: 'contacts',
  use: 'answer',
  schema: contactSchema,
  members: [
    id('id', true),
    reference('client_info', 'clientId', 'clients', { integer: true, shape: client }),
    ...contactMembers,
    reference('user_info', 'userId', 'directory', { integer: true, shape: user }),
    children('programs', 'locationContacts', 'contactId', { integer: true, shape: contactProgram }),
  ],
};

/**
 * Creating and updating take the same, with nothing required. An update of ours never says `assign_programs`, because no
 * answer does: where somebody works is told through /program-location-contact/.
 */
const contactRequest: Shape = {
  kind: 'contacts',
  use: 'request',
  schema: contactRequestSchema,
  members: [
    id('id', true),
    reference('client', 'clientId', 'clients', { integer: true }),
    ...contactMembers,
    reference('user', 'userId', 'directory', { integer: true }),
    children('assign_programs', 'locationContacts', 'contactId', { integer: true }),
  ],
};

export interface AssignPlan {
  keep: string[];
  remove: string[];
  /** Locations where the contact is to work and does not yet. */
  add: string[];
  /** Ids that are neither. */
  unknown: string[];
}

/**
 * What `assign_programs` asks for. The example's 12 is the id of an entry of `programs`, but the text says "IDs to set
 * the programs", and a new contact has no entries yet. So an id of an entry this contact has keeps that entry, any other
 * is a program location's id and makes one, and entries that are not named go (docs/dialects.md).
 */
export function planAssignPrograms(
  ids: readonly string[],
  roles: readonly { remoteId: string; locationRemoteId: string }[],
  isLocation: (remoteId: string) => boolean,
): AssignPlan {
  const plan: AssignPlan = { keep: [], remove: [], add: [], unknown: [] };
  for (const one of new Set(ids)) {
    if (roles.some((role) => role.remoteId === one)) plan.keep.push(one);
    else if (!isLocation(one)) plan.unknown.push(one);
    else {
      const there = roles.find((role) => role.locationRemoteId === one);
      if (there === undefined) plan.add.push(one);
      else plan.keep.push(there.remoteId);
    }
  }
  plan.remove = roles.map((role) => role.remoteId).filter((role) => !plan.keep.includes(role));
  return plan;
}

/** A prospective client is a lead in the book; a contact without a client says itself whose it is. */
export function isProspective(contact: Pick<Contact, 'clientId' | 'ownerKind'>, book: BookView): boolean {
  const its = contact.clientId === null ? null : book.get('clients', contact.clientId);
  return its === null ? contact.ownerKind === 'lead' : its.kind === 'lead';
}

/** Paths of this dialect's lists that are no fields (list-query.ts, `computed`). */
export const programsPaths: Readonly<Record<string, (record: BookRecord, book: BookView) => unknown>> = {
  isProspective: (record, book) => isProspective(record as Contact, book),
};

// Program locations

const locationFields = {
  physical_address_1: text,
  physical_address_2: text,
  physical_address_3: text,
  physical_city: text,
  physical_state: text,
  physical_zip: text,
  mailing_address_1: text,
  mailing_address_2: text,
  mailing_address_3: text,
  mailing_city: text,
  mailing_state: text,
  mailing_zip: text,
  primary_phone: text,
  primary_email: email,
  billing_email: email,
  client_instructions: text,
  invoice_instructions: text,
  general_notes: text,
  is_active: z.boolean().optional(),
};

export const locationSchema = z.object({ id: number, client_info: clientSchema, program_name: z.string(), ...locationFields });
export const locationRequestSchema = z.object({
  id: number.optional(),
  client: number,
  program_name: z.string().trim().min(1).max(300),
  ...locationFields,
});
export const locationChangeSchema = locationRequestSchema.partial();

const addressMembers = (prefix: 'physical' | 'mailing'): Member[] => [
  plain(`${prefix}_address_1`, `${prefix}Address.line1`),
  plain(`${prefix}_address_2`, `${prefix}Address.line2`),
  plain(`${prefix}_address_3`, `${prefix}Address.line3`),
  plain(`${prefix}_city`, `${prefix}Address.city`),
  plain(`${prefix}_state`, `${prefix}Address.region`),
  plain(`${prefix}_zip`, `${prefix}Address.postalCode`),
];

const locationMembers: readonly Member[] = [
  plain('program_name', 'name'),
  ...addressMembers('physical'),
  ...addressMembers('mailing'),
  plain('primary_phone', 'primaryPhone'),
  plain('primary_email', 'primaryEmail'),
  plain('billing_email', 'invoiceEmail'),
  plain('client_instructions', 'clientInstructions'),
  plain('invoice_instructions', 'invoiceInstructions'),
  plain('general_notes', 'notes'),
  plain('is_active', 'isActive'),
];

const locationAnswer: Shape = {
  kind: 'locations',
  use: 'answer',
  schema: locationSchema,
  members: [id('id', true), reference('client_info', 'clientId', 'clients', { integer: true, shape: client }), ...locationMembers],
};
const locationMembersOfRequest: readonly Member[] = [
  id('id', true),
  reference('client', 'clientId', 'clients', { integer: true }),
  ...locationMembers,
];
const locationCreate: Shape = { kind: 'locations', use: 'request', schema: locationRequestSchema, members: locationMembersOfRequest };
const locationChange: Shape = { kind: 'locations', use: 'request', schema: locationChangeSchema, members: locationMembersOfRequest };

// Program location contacts

export const locationContactSchema = z.object({
  id: number,
  program_location: number,
  client_contact: number,
  title: text,
  start_date: date,
  end_date: date,
  is_active: z.boolean().optional(),
  is_program_contact: z.boolean().optional(),
});
export const locationContactRequestSchema = locationContactSchema.partial({ id: true });
export const locationContactChangeSchema = locationContactSchema.partial();

const locationContactMembers: readonly Member[] = [
  id('id', true),
  reference('program_location', 'locationId', 'locations', { integer: true }),
  reference('client_contact', 'contactId', 'contacts', { integer: true }),
  ...roleFields,
  plain('is_program_contact', 'isProgramContact'),
];
const locationContactAnswer: Shape = {
  kind: 'locationContacts',
  use: 'answer',
  schema: locationContactSchema,
  members: locationContactMembers,
};
const locationContactCreate: Shape = {
  kind: 'locationContacts',
  use: 'request',
  schema: locationContactRequestSchema,
  members: locationContactMembers,
};
const locationContactChange: Shape = {
  kind: 'locationContacts',
  use: 'request',
  schema: locationContactChangeSchema,
  members: locationContactMembers,
};

// Item prices

export const itemPriceSchema = z.object({
  id: number,
  invoice_item: z.string(),
  item_code: z.string(),
  default_price: z.string(),
  default_tax_rate: z.string(),
});
export const itemPriceRequestSchema = z.object({
  id: number.optional(),
  invoice_item: z.string().trim().min(1).max(300),
  item_code: z.string().trim().min(1).max(100),
  default_price: decimalOf(pricePlaces),
  default_tax_rate: decimalOf(ratePlaces),
});
export const itemPriceChangeSchema = itemPriceRequestSchema.partial();

const itemPriceMembers: readonly Member[] = [
  id('id', true),
  plain('invoice_item', 'invoiceItem'),
  plain('item_code', 'itemCode'),
  decimal('default_price', 'defaultPrice', pricePlaces),
  decimal('default_tax_rate', 'defaultTaxRate', ratePlaces),
];
const itemPrice: Shape = { kind: 'itemPrices', use: 'answer', schema: itemPriceSchema, members: itemPriceMembers };
const itemPriceCreate: Shape = { kind: 'itemPrices', use: 'request', schema: itemPriceRequestSchema, members: itemPriceMembers };
const itemPriceChange: Shape = { kind: 'itemPrices', use: 'request', schema: itemPriceChangeSchema, members: itemPriceMembers };

// Program location item prices: the object does not name its location; a list asked by `program_location_id` does.

export const locationItemPriceSchema = z.object({
  id: number,
  item_price: itemPriceSchema,
  custom_price: z.string().nullable(),
  custom_tax_rate: z.string().nullable(),
  final_price: z.string(),
  final_tax_rate: z.string(),
});
export const locationItemPriceRequestSchema = z.object({
  custom_price: decimalOf(pricePlaces).nullish(),
  custom_tax_rate: decimalOf(ratePlaces).nullish(),
});

const ownPriceMembers: readonly Member[] = [
  decimal('custom_price', 'customPrice', pricePlaces),
  decimal('custom_tax_rate', 'customTaxRate', ratePlaces),
];

const final = (record: BookRecord, context: EncodeContext) => {
  const price = record as LocationItemPrice;
  const item = context.book.get('itemPrices', price.itemPriceId);
  return item === null ? null : computeLocationItemPrice(price, item);
};

const locationItemPrice: Shape = {
  kind: 'locationItemPrices',
  use: 'answer',
  schema: locationItemPriceSchema,
  members: [
    id('id', true),
    reference('item_price', 'itemPriceId', 'itemPrices', { integer: true, shape: itemPrice }),
    ...ownPriceMembers,
    computed('final_price', (record, context) => padded(final(record, context)?.finalPrice ?? null, pricePlaces)),
    computed('final_tax_rate', (record, context) => padded(final(record, context)?.finalTaxRate ?? null, ratePlaces)),
  ],
};
/** The same beside the location that the list was narrowed to, for whoever reads it. */
export const locationItemPriceAtShape: Shape = {
  ...locationItemPrice,
  schema: locationItemPriceSchema.extend({ location: number }),
  members: [...locationItemPrice.members, reference('location', 'locationId', 'locations', { integer: true })],
};
const locationItemPriceChange: Shape = {
  kind: 'locationItemPrices',
  use: 'request',
  schema: locationItemPriceRequestSchema,
  members: ownPriceMembers,
};

/**
 * What a price is called by: one whole number for the pair of the location's and the item's own, which it gives back
 * again (Szudzik's pairing). It does not change while both are there, needs no table, and stays below 2^31 for 46,339
 * locations and below 2^53 for 94,906,264.
 */
export function priceNumber(location: number, item: number): number {
  return location >= item ? location * location + location + item : item * item + location;
}

/** The pair a price is called by; null where there can be none. Locations and items are numbered from 1. */
export function pricePair(price: number): { location: number; item: number } | null {
  if (!Number.isSafeInteger(price) || price < 1) return null;
  let root = Math.floor(Math.sqrt(price));
  // Roots of large numbers are rounded.
  if (root * root > price) root -= 1;
  const rest = price - root * root;
  const [location, item] = rest < root ? [rest, root] : [root, rest - root];
  return location < 1 || item < 1 ? null : { location, item };
}

// Endpoints

const refused: readonly Status[] = [unauthorized, forbidden];
const idMeaning = { id: 'Id of the record' };

interface Calls {
  name: string;
  resource: Resource;
  query?: readonly QueryParameter[];
  sort: string;
  list?: false;
  get?: false;
  create?: false;
  remove?: false;
}

/** The calls a ModelViewSet has, less those the spec takes away. */
function callsOf({ name, resource, query = [], sort, ...has }: Calls): Endpoint[] {
  const base = `/${name}/`;
  const one = `${base}{id}/`;
  const common = { resource: name, meanings: idMeaning, integers: ['id'] };
  const bodyTypes = ['json', 'form', 'multipart'] as const;
  const schemaOf = (shape: Shape | null) => shape?.schema ?? null;
  const all: (Endpoint | false)[] = [
    has.list ??
      endpoint({
        ...common,
        name: `${name}.list`,
        action: 'list',
        method: 'GET',
        path: base,
        query,
        start: { sort: [{ path: sort, descending: false }], page: null },
        response: z.array(resource.answer.schema),
        statuses: query.length > 0 ? [ok, badRequest, ...refused] : [ok, ...refused],
      }),
    has.create ??
      endpoint({
        ...common,
        name: `${name}.create`,
        action: 'create',
        method: 'POST',
        path: base,
        body: schemaOf(resource.create),
        bodyTypes,
        response: resource.answer.schema,
        statuses: [created, badRequest, ...refused],
      }),
    has.get ??
      endpoint({
        ...common,
        name: `${name}.get`,
        action: 'get',
        method: 'GET',
        path: one,
        response: resource.answer.schema,
        statuses: [ok, ...refused, notFound],
      }),
    endpoint({
      ...common,
      name: `${name}.replace`,
      action: 'replace',
      method: 'PUT',
      path: one,
      body: schemaOf(resource.create ?? resource.change),
      bodyTypes,
      response: resource.answer.schema,
      statuses: [ok, badRequest, ...refused, notFound],
    }),
    endpoint({
      ...common,
      name: `${name}.change`,
      action: 'change',
      method: 'PATCH',
      path: one,
      body: schemaOf(resource.change),
      bodyTypes,
      response: resource.answer.schema,
      statuses: [ok, badRequest, ...refused, notFound],
    }),
    has.remove ??
      endpoint({
        ...common,
        name: `${name}.delete`,
        action: 'delete',
        method: 'DELETE',
        path: one,
        statuses: [noContent, ...refused, notFound],
      }),
  ];
  return all.filter((call): call is Endpoint => call !== false);
}

const resource = (
  name: string,
  of: Resource['of'],
  answer: Shape,
  create: Shape | null,
  change: Shape,
  has: Partial<Pick<Resource, 'canList' | 'canGet' | 'canDelete'>> = {},
): Resource => ({
  name,
  of,
  answer,
  create,
  change,
  merge: { answer, change },
  canList: true,
  canGet: true,
  canDelete: true,
  ...has,
});

const clients = resource(
  'client',
  'clients',
  client,
  { ...client, use: 'request', schema: clientRequestSchema },
  { ...client, use: 'request', schema: clientChangeSchema },
);
const contacts = resource('client-contact', 'contacts', contactAnswer, contactRequest, contactRequest);
const locations = resource('program-location', 'locations', locationAnswer, locationCreate, locationChange);
const locationContacts = resource(
  'program-location-contact',
  'locationContacts',
  locationContactAnswer,
  locationContactCreate,
  locationContactChange,
  { canList: false },
);
const itemPrices = resource('item-price', 'itemPrices', itemPrice, itemPriceCreate, itemPriceChange);
const locationItemPrices = resource('program-location-item-price', 'locationItemPrices', locationItemPrice, null, locationItemPriceChange, {
  canGet: false,
  canDelete: false,
});

/** Each word counts by itself, as Django REST framework searches. */
const eachWord = { eachWord: true } as const;

const ofRoles = (path: keyof LocationContact) => `locationContacts.${path}`;

export const programs: Dialect = {
  name: 'programs',
  label: 'Programs',
  spec: 'spec/programs.md',
  capabilities: {
    canDelete: true,
    canListChangesSince: false,
    keepsDeleted: false,
    idsAreIntegers: true,
    paging: 'none',
    auth: ['basic', 'bearer', 'token'],
    headers: [],
    canChooseIds: false,
  },
  rowsIn: (body) => listIn(body),
  oneIn: bareObject,
  nextPage: noNextPage,
  resources: [clients, contacts, locations, locationContacts, itemPrices, locationItemPrices],
  endpoints: [
    ...callsOf({ name: 'client', resource: clients, sort: 'name' }),
    ...callsOf({
      name: 'client-contact',
      resource: contacts,
      sort: 'lastName',
      query: [
        byId('client_id', 'clientId', 'clients', 'Contacts of this client'),
        byId('program_location_id', ofRoles('locationId'), 'locations', 'Contacts who work at this program location'),
        filter('is_program_contact', 'boolean', 'Contacts who are, or are not, a program contact somewhere', {
          path: ofRoles('isProgramContact'),
          is: 'equal',
        }),
        filter('is_prospective_client', 'boolean', 'Contacts of clients who are, or are not, prospective', {
          path: 'isProspective',
          is: 'equal',
        }),
        searchIn(
          'search',
          ['firstName', 'lastName', 'email'],
          'start',
          'Contacts whose first name, last name or e-mail begins with this, or with each word of it',
          eachWord,
        ),
      ],
    }),
    ...callsOf({
      name: 'program-location',
      resource: locations,
      sort: 'name',
      query: [
        byId('client_id', 'clientId', 'clients', 'Program locations of this client'),
        searchIn(
          'search',
          ['name', 'physicalAddress.city'],
          'start',
          'Program locations whose name or physical city begins with this, or with each word of it',
          eachWord,
        ),
      ],
    }),
    ...callsOf({ name: 'program-location-contact', resource: locationContacts, sort: 'id', list: false }),
    ...callsOf({
      name: 'item-price',
      resource: itemPrices,
      sort: 'itemCode',
      query: [
        searchIn(
          'search',
          ['invoiceItem', 'itemCode'],
          'start',
          'Item prices whose item or code begins with this, or with each word of it',
          eachWord,
        ),
      ],
    }),
    ...callsOf({
      name: 'program-location-item-price',
      resource: locationItemPrices,
      sort: 'id',
      create: false,
      get: false,
      remove: false,
      query: [
        byId('program_location_id', 'locationId', 'locations', 'Prices at this program location'),
        byId('item_price_id', 'itemPriceId', 'itemPrices', 'Prices of this item'),
      ],
    }),
  ],
};
