import { z } from 'zod';
import type { Address } from '../nouns/values.ts';
import { emailKey } from '../lib/text.ts';
import { badRequest, bareObject, conflict, created, type Dialect, endpoint, listIn, notFound, ok, unauthorized } from './dialect.ts';
import type { ErrorAnswer } from './error-body.ts';
import { errorAnswers } from './error-body.ts';
import type { ListQuery } from './list-query.ts';
import { type QueryParameter, searchIn } from './query-parameter.ts';
import type { Member, Shape } from './shape.ts';
import type { Wire } from './wire.ts';
import { given, id, instant, plain } from './wire-values.ts';

/** Summit (spec/summit-clients.md): clients by page, a bearer token, an e-mail that is unique, a soft delete. */

const text = z.string().nullish();
const settable = {
  email: z.email().max(254).nullish(),
  phone: text,
  address: text,
  paymentTerms: z.int().min(0).max(3650).nullish(),
};

export const clientSchema = z.object({
  id: z.int(),
  companyId: z.int().optional(),
  name: z.string(),
  ...settable,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  softDelete: z.boolean(),
});
export const clientRequestSchema = z.object({ name: z.string().trim().min(1).max(300), ...settable });
export const clientChangeSchema = clientRequestSchema.partial();

export const metaSchema = z.object({ total: z.int(), page: z.int(), limit: z.int(), pageCount: z.int() });
export const clientListSchema = z.object({ data: z.array(clientSchema), meta: metaSchema });

/** An address in one line, as it would stand on an envelope. */
export function addressLine(address: Address): string | null {
  const { line1, line2, line3, city, region, postalCode, country } = address;
  const place = [region, postalCode].filter((part) => part !== null).join(' ');
  const parts = [line1, line2, line3, city, place === '' ? null : place, country].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(', ');
}

/**
 * Summit has one text where the book has lines. A text that came from there is kept as `address.freeform` and said again
 * as it is; without one the lines are said in one. Lines are never made from a text: that would be guessing.
 */
const addressMember: Member = {
  kind: 'value',
  wire: 'address',
  book: 'address.freeform',
  isComposed: true,
  write: (value, record) => value ?? ('address' in record ? addressLine(record.address as Address) : null),
};

const fields: readonly Member[] = [
  plain('name', 'name'),
  // Servers of this kind put them into small letters: that is no change.
  { ...plain('email', 'email'), same: (first, second) => emailKey(String(first)) === emailKey(String(second)) },
  plain('phone', 'phone'),
  addressMember,
  plain('paymentTerms', 'paymentTermsDays'),
];

const answer: Shape = {
  kind: 'clients',
  use: 'answer',
  schema: clientSchema,
  members: [
    id('id', true),
    given('companyId'),
    ...fields,
    instant('createdAt', 'createdAt', { millis: true, isOrigin: true }),
    instant('updatedAt', 'updatedAt', { millis: true, isOrigin: true }),
    { kind: 'deleted', wire: 'softDelete' },
  ],
};
const create: Shape = { kind: 'clients', use: 'request', schema: clientRequestSchema, members: fields };
const change: Shape = { kind: 'clients', use: 'request', schema: clientChangeSchema, members: fields };

/** Fields a list can be sorted by, and what they are in the book. */
export const sortPaths: Readonly<Record<string, string>> = {
  id: 'id',
  name: 'name',
  email: 'email',
  phone: 'phone',
  address: 'address.freeform',
  paymentTerms: 'paymentTermsDays',
  createdAt: 'createdAt',
  updatedAt: 'updatedAt',
};

export const defaultLimit = 10;
export const maxLimit = 100;

const pageOf = (query: ListQuery) => query.page ?? { offset: 0, limit: defaultLimit };

/** In this order: how many a page has decides where a page begins, and what is sorted by comes before which way. */
const listParameters: readonly QueryParameter[] = [
  {
    name: 'limit',
    type: 'integer',
    meaning: `Clients per page; ${defaultLimit} unless told, ${maxLimit} at most, also where more are asked for`,
    refuse: (value) => (Number(value) < 1 ? 'Ensure this value is greater than or equal to 1.' : null),
    ask: (value, query) => void (query.page = { offset: 0, limit: Math.min(Number(value), maxLimit) }),
  },
  {
    name: 'page',
    type: 'integer',
    meaning: 'Number of the page, from 1',
    refuse: (value) => (Number(value) < 1 ? 'Ensure this value is greater than or equal to 1.' : null),
    ask: (value, query) => void (query.page = { ...pageOf(query), offset: (Number(value) - 1) * pageOf(query).limit }),
  },
  {
    name: 'sort',
    type: 'choice',
    values: Object.keys(sortPaths),
    meaning: 'Field to sort by',
    ask: (value, query) => void (query.sort = [{ path: sortPaths[String(value)] as string, descending: false }]),
  },
  {
    name: 'order',
    type: 'choice',
    values: ['asc', 'desc'],
    isAnyCase: true,
    meaning: 'Which way to sort',
    ask: (value, query) => void (query.sort = query.sort.map(({ path }) => ({ path, descending: value === 'desc' }))),
  },
  searchIn('q', ['name', 'email'], 'word', 'Clients whose name has this in it, or whose e-mail, or a word in it, begins with it', {
    inside: ['name'],
  }),
];

/** A page of clients in the envelope of the spec. */
export function listBody(data: Wire[], total: number, page: { offset: number; limit: number }): Wire {
  return {
    data,
    meta: { total, page: Math.floor(page.offset / page.limit) + 1, limit: page.limit, pageCount: Math.ceil(total / page.limit) },
  };
}

/** The page to ask for after this one; null after the last. An empty page ends it too, whatever `meta` promises. */
export function nextPage(body: unknown): number | null {
  const parsed = z.object({ data: z.array(z.unknown()), meta: metaSchema }).safeParse(body);
  if (!parsed.success || parsed.data.data.length === 0) return null;
  const { page, pageCount } = parsed.data.meta;
  return page < pageCount ? page + 1 : null;
}

/** Somebody else has the e-mail (spec, "Error Responses"). */
export function emailTaken(): ErrorAnswer {
  return errorAnswers.conflict('A client with this email already exists.', 'email');
}

const path = '/api/clients';
const one = `${path}/{clientId}`;
const meanings = { clientId: 'Id of the client' };
const common = { resource: 'clients', meanings, integers: ['clientId'] };

export const summit: Dialect = {
  name: 'summit',
  label: 'Summit',
  spec: 'spec/summit-clients.md',
  capabilities: {
    canDelete: true,
    canListChangesSince: false,
    keepsDeleted: true,
    idsAreIntegers: true,
    paging: 'page',
    auth: ['bearer'],
    headers: [],
    canChooseIds: false,
  },
  rowsIn: (body) => listIn(body),
  oneIn: bareObject,
  nextPage: (body, asked) => {
    const page = nextPage(body);
    return page === null ? null : { ...asked, page: String(page) };
  },
  resources: [
    { name: 'clients', of: 'clients', answer, create, change, merge: { answer, change }, canList: true, canGet: true, canDelete: true },
  ],
  endpoints: [
    endpoint({
      ...common,
      name: 'clients.list',
      action: 'list',
      method: 'GET',
      path,
      query: listParameters,
      start: { sort: [{ path: 'createdAt', descending: false }], page: { offset: 0, limit: defaultLimit } },
      response: clientListSchema,
      statuses: [ok, badRequest, unauthorized],
    }),
    endpoint({
      ...common,
      name: 'clients.create',
      action: 'create',
      method: 'POST',
      path,
      body: clientRequestSchema,
      response: clientSchema,
      statuses: [created, badRequest, unauthorized, conflict],
    }),
    endpoint({
      ...common,
      name: 'clients.get',
      action: 'get',
      method: 'GET',
      path: one,
      response: clientSchema,
      statuses: [ok, unauthorized, notFound],
    }),
    endpoint({
      ...common,
      name: 'clients.change',
      action: 'change',
      method: 'PUT',
      path: one,
      body: clientChangeSchema,
      response: clientSchema,
      statuses: [ok, badRequest, unauthorized, notFound, conflict],
    }),
    endpoint({
      ...common,
      name: 'clients.delete',
      action: 'delete',
      method: 'DELETE',
      path: one,
      response: clientSchema,
      statuses: [{ status: 200, meaning: 'Marked as deleted; answers the client' }, unauthorized, notFound],
    }),
  ],
};
