import { z } from 'zod';
import type { Location } from '../nouns/location/location.ts';
import { badRequest, created, type Dialect, endpoint, forbidden, noNextPage, notFound, ok, unauthorized } from './dialect.ts';
import type { ListQuery } from './list-query.ts';
import { byId, filter, type QueryParameter } from './query-parameter.ts';
import type { EncodeContext, Member, Shape } from './shape.ts';
import { Unsayable } from './shape.ts';
import type { BookRecord } from './book-view.ts';
import { isWire, type Wire } from './wire.ts';
import { children, countryCode, id, instant, isSameRegion, plain, reference, regionCode, website } from './wire-values.ts';
import { valueAt } from '../nouns/field.ts';

/**
 * Casework (spec/casework-clients.md): clients with a required primary location, requests nested under `client`, a
 * partial update that reaches the client only, and lists by what changed since. There is no delete.
 */

const text = z.string().nullish();
const email = z.email().max(254).nullish();

/** A zip comes as text or as a number; it is answered as text, because a number has lost its leading zeros. */
export const zipSchema = z.union([z.string(), z.int()]).nullish();

const twoCharacters = (what: string, example: string) =>
  z.string().trim().length(2, `Write the two characters of the ${what}, like ${example}.`);
const state = twoCharacters('state or province', 'CO');
const country = twoCharacters('country', 'US').refine(
  (value) => countryCode(value) !== null,
  'There is no country with these two letters.',
);

const locationFields = {
  email_invoice: email,
  address_1: text,
  address_2: text,
  address_3: text,
  city: text,
  zip: zipSchema,
  phone_primary: text,
  phone_secondary: text,
  phone_fax: text,
  notes: text,
};

/** In an answer a location of the book may lack what a request must bring. */
export const primaryLocationSchema = z.object({ id: z.int(), name: z.string(), ...locationFields, state: text, country: text });
export const primaryLocationRequestSchema = z.object({
  name: z.string().trim().min(1).max(300),
  ...locationFields,
  state,
  country,
});

const clientFields = {
  account_code: text,
  website: z.url().max(300).nullish(),
  email_invoice: email,
  notes: text,
  has_invoice_reminders: z.boolean().optional(),
  show_location_on_invoice: z.boolean().optional(),
};

export const clientSchema = z.object({
  id: z.int(),
  name: z.string(),
  ...clientFields,
  salesperson: z.int().nullish(),
  case_manager: z.int().nullish(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  primary_location: primaryLocationSchema.nullable(),
});

const newClient = z.object({ name: z.string().trim().min(1).max(300), ...clientFields, primary_location: primaryLocationRequestSchema });
const changedClient = newClient.omit({ primary_location: true }).partial();

/** "Must be nested under a client object" (spec, "Example New Client Request"). */
export const clientRequestSchema = z.object({ client: newClient });
/** "All fields are optional when updating", although the table marks `name` required. */
export const clientChangeSchema = z.object({ client: changedClient });

const codeKey = (codeOf: (text: string) => string | null, value: unknown) => codeOf(String(value)) ?? String(value);

const stateMember: Member = {
  kind: 'value',
  wire: 'state',
  book: 'physicalAddress.region',
  same: (first, second) => isSameRegion(String(first), String(second)),
  write: (value, record) => {
    if (typeof value !== 'string') return value;
    const country = valueAt(record, 'physicalAddress.country');
    return (
      regionCode(value, typeof country === 'string' ? country : null) ??
      new Unsayable('Casework takes the two characters of a state or province, like CO. This one stays in the book and is not sent.')
    );
  },
};

const countryMember: Member = {
  kind: 'value',
  wire: 'country',
  book: 'physicalAddress.country',
  same: (first, second) => codeKey(countryCode, first) === codeKey(countryCode, second),
  write: (value) =>
    typeof value === 'string'
      ? (countryCode(value) ??
        new Unsayable('Casework takes the two letters of a country, like US. This one stays in the book and is not sent.'))
      : value,
};

/** A number has lost its leading zeros; for the United States we know how many there were. */
const zipMember: Member = {
  kind: 'value',
  wire: 'zip',
  book: 'physicalAddress.postalCode',
  read: (raw, wire) => {
    if (typeof raw !== 'number') return raw;
    const digits = String(raw);
    return typeof wire['country'] === 'string' && countryCode(wire['country']) === 'US' && /^\d+$/.test(digits)
      ? digits.padStart(5, '0')
      : digits;
  },
};

const locationMembers = (state: Member, country: Member): readonly Member[] => [
  plain('name', 'name'),
  plain('email_invoice', 'invoiceEmail'),
  plain('phone_primary', 'primaryPhone'),
  plain('phone_secondary', 'secondaryPhone'),
  plain('phone_fax', 'fax'),
  plain('address_1', 'physicalAddress.line1'),
  plain('address_2', 'physicalAddress.line2'),
  plain('address_3', 'physicalAddress.line3'),
  plain('city', 'physicalAddress.city'),
  state,
  zipMember,
  country,
  plain('notes', 'notes'),
];

/** The primary location in an answer: what the book has, codes where it has them. */
export const primaryLocationShape: Shape = {
  kind: 'locations',
  use: 'answer',
  schema: primaryLocationSchema,
  members: [id('id', true), ...locationMembers(shownAsCode(stateMember), shownAsCode(countryMember))],
};
export const newPrimaryLocation: Shape = {
  kind: 'locations',
  use: 'request',
  schema: primaryLocationRequestSchema,
  members: locationMembers(stateMember, countryMember),
};

/** What has no code is shown as it is rather than not at all. */
function shownAsCode(member: Member): Member {
  if (member.kind !== 'value' || member.write === undefined) return member;
  const { write } = member;
  return {
    ...member,
    write: (value, record) => {
      const written = write(value, record);
      return written instanceof Unsayable ? value : written;
    },
  };
}

/** A client's primary location; the oldest where none is marked. */
export function primaryLocationOf(client: BookRecord, context: Pick<EncodeContext, 'book'>): Location[] {
  const all = context.book.having('locations', 'clientId', client.id);
  const primary = all.find((location) => location.isPrimary) ?? all[0];
  return primary === undefined ? [] : [primary];
}

const fields: readonly Member[] = [
  plain('name', 'name'),
  plain('account_code', 'accountCode'),
  website('website', 'website'),
  plain('email_invoice', 'invoiceEmail'),
  plain('notes', 'notes'),
  plain('has_invoice_reminders', 'hasInvoiceReminders'),
  plain('show_location_on_invoice', 'showLocationOnInvoice'),
];

const answer: Shape = {
  kind: 'clients',
  use: 'answer',
  schema: clientSchema,
  members: [
    id('id', true),
    ...fields,
    // Only answered and filtered by: no request of the spec takes them.
    reference('salesperson', 'salespersonId', 'directory', { integer: true }),
    reference('case_manager', 'caseManagerId', 'directory', { integer: true }),
    children('primary_location', 'locations', 'clientId', {
      integer: true,
      shape: primaryLocationShape,
      single: true,
      select: primaryLocationOf,
    }),
    instant('created_at', 'createdAt', { millis: false, isOrigin: true }),
    instant('updated_at', 'updatedAt', { millis: false, isOrigin: true }),
  ],
};

const create: Shape = {
  kind: 'clients',
  use: 'request',
  schema: newClient,
  members: [
    ...fields,
    children('primary_location', 'locations', 'clientId', {
      integer: true,
      shape: newPrimaryLocation,
      single: true,
      select: primaryLocationOf,
    }),
  ],
};
const change: Shape = { kind: 'clients', use: 'request', schema: changedClient, members: fields };

/** A request's body around the client. */
export function wrapped(client: Wire): Wire {
  return { client };
}

/**
 * The client in a body. The spec nests requests and does not show an answer: ours is the client itself, theirs may be
 * nested; times are called `created`, `created_at` or `created_on` in the wild.
 */
export function clientIn(body: unknown): Wire | null {
  if (!isWire(body)) return null;
  const client = isWire(body['client']) ? body['client'] : body;
  const renamed = { ...client };
  for (const [name, others] of Object.entries({ created_at: ['created', 'created_on'], updated_at: ['updated', 'updated_on'] })) {
    for (const other of others) {
      if (Object.hasOwn(renamed, name) || !Object.hasOwn(renamed, other)) continue;
      renamed[name] = renamed[other];
      delete renamed[other];
    }
  }
  return renamed;
}

/** The clients in a list's body: bare, or under `clients`, each bare or nested. */
export function clientsIn(body: unknown): Wire[] {
  const list = Array.isArray(body)
    ? body
    : isWire(body) && Array.isArray(body['clients'])
      ? body['clients']
      : isWire(body) && Array.isArray(body['data'])
        ? body['data']
        : [];
  return (list as unknown[]).flatMap((item): Wire[] => {
    const client = clientIn(item);
    return client === null ? [] : [client];
  });
}

/** Why a client cannot be made there yet; null when it can. The primary location is required, and its codes are. */
export function creationProblem(client: BookRecord, context: EncodeContext): { path: string; message: string } | null {
  const [location] = primaryLocationOf(client, context);
  if (location === undefined)
    return {
      path: 'primary_location',
      message: 'Casework takes a client only with its primary location. Add a location to this client to send it.',
    };
  for (const [path, what] of [
    ['physicalAddress.region', 'state or province'],
    ['physicalAddress.country', 'country'],
  ] as const) {
    const member = newPrimaryLocation.members.find((one) => one.kind === 'value' && one.book === path);
    const value = valueAt(location, path);
    const written = member?.kind === 'value' ? member.write?.(value, location) : null;
    if (written === null || written === undefined)
      return { path, message: `Casework takes a location only with its ${what}. Fill it in to send this client.` };
    if (written instanceof Unsayable) return { path, message: written.message };
  }
  return null;
}

const time = (name: string, path: string, is: 'atLeast' | 'atMost', meaning: string): QueryParameter => ({
  name,
  type: is === 'atLeast' ? 'instant' : 'instantEnd',
  meaning,
  ask: (value, query: ListQuery) => void query.conditions.push({ path, is, value }),
});

const listParameters: readonly QueryParameter[] = [
  byId('id', 'id', undefined, 'The client with this id'),
  filter('name', 'text', 'Clients whose name begins with this', { path: 'name', is: 'startsWith' }),
  filter('account_code', 'text', 'Clients with exactly this account code', { path: 'accountCode', is: 'equalText' }),
  byId('salesperson', 'salespersonId', 'directory', 'Clients of this salesperson'),
  byId('case_manager', 'caseManagerId', 'directory', 'Clients of this case manager'),
  time('created_from', 'createdAt', 'atLeast', 'Created at or after this time, in UTC'),
  time('created_to', 'createdAt', 'atMost', 'Created at or before this time, in UTC; a day means its end'),
  time('updated_from', 'updatedAt', 'atLeast', 'Changed at or after this time, in UTC'),
  time('updated_to', 'updatedAt', 'atMost', 'Changed at or before this time, in UTC; a day means its end'),
];

const path = '/api/v1/clients';
const one = `${path}/{client_id}`;
const common = { resource: 'clients', meanings: { client_id: 'Id of the client' }, integers: ['client_id'] };

export const casework: Dialect = {
  name: 'casework',
  label: 'Casework',
  spec: 'spec/casework-clients.md',
  capabilities: {
    canDelete: false,
    canListChangesSince: true,
    keepsDeleted: false,
    idsAreIntegers: true,
    paging: 'none',
    auth: ['basic', 'bearer'],
    headers: [],
    canChooseIds: false,
  },
  rowsIn: (body) => clientsIn(body),
  oneIn: clientIn,
  nextPage: noNextPage,
  resources: [
    {
      name: 'clients',
      of: 'clients',
      answer,
      create,
      change,
      merge: { answer, change },
      wrap: 'client',
      // No request of the spec changes a location, and passing a wish over in silence would lose it.
      fixed: ['primary_location'],
      canList: true,
      canGet: true,
      canDelete: false,
    },
  ],
  endpoints: [
    endpoint({
      ...common,
      name: 'clients.list',
      action: 'list',
      method: 'GET',
      path,
      query: listParameters,
      start: { sort: [{ path: 'createdAt', descending: false }], page: null },
      response: z.array(clientSchema),
      statuses: [ok, badRequest, unauthorized, forbidden],
    }),
    endpoint({
      ...common,
      name: 'clients.get',
      action: 'get',
      method: 'GET',
      path: one,
      response: clientSchema,
      statuses: [ok, unauthorized, forbidden, notFound],
    }),
    endpoint({
      ...common,
      name: 'clients.create',
      action: 'create',
      method: 'POST',
      path,
      body: clientRequestSchema,
      response: clientSchema,
      statuses: [created, badRequest, unauthorized, forbidden],
    }),
    endpoint({
      ...common,
      name: 'clients.change',
      action: 'change',
      method: 'PUT',
      path: one,
      body: clientChangeSchema,
      response: clientSchema,
      statuses: [ok, badRequest, unauthorized, forbidden, notFound],
    }),
  ],
};
