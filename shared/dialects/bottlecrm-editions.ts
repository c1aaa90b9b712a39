import { accountIn, accountShapes, accountsIn, bottlecrm, contactShape, teamShape, userShape } from './bottlecrm.ts';
import { accountDetails, hangingOnAccounts } from './bottlecrm-details.ts';
import type { BookRecord } from './book-view.ts';
import { type ListPage, listPath, type Manifest, readOnlyResource, type RemoteResource, resourceIn, wholeNumber } from './manifest.ts';
import { type EncodeContext, type Member, type Shape, Unsayable } from './shape.ts';
import { contactName } from '../nouns/contact/contact.ts';
import { valueAt } from '../nouns/field.ts';
import { isWire, readPath, type Wire } from './wire.ts';
import { countryCode, plain } from './wire-values.ts';

/**
 * BottleCRM as it is really deployed. Both editions nest their lists, say `close` where the document says `closed`, and
 * answer whole objects where it shows ids; docs/remotes.md names the rest.
 */

const nested = (body: unknown, key: string): Wire | null => {
  const part = isWire(body) ? body[key] : null;
  return isWire(part) ? part : null;
};

/** The answer's own offsets are those of the next page: null at the end, and 0 on an empty page, which never means the first. */
function page(body: unknown, asked: Readonly<Record<string, string>>): ListPage | null {
  const [active, closed] = [nested(body, 'active_accounts'), nested(body, 'closed_accounts')];
  if (active === null || closed === null || !Array.isArray(active['open_accounts'])) return null;
  const { open, closed: shut, contacts, users, teams } = accountsIn(body);
  const at = Number(asked['offset'] ?? 0);
  const following = [active['offset'], closed['offset']].flatMap((value) => wholeNumber(value) ?? []).filter((value) => value > at);
  const next = open.length + shut.length === 0 || following.length === 0 ? null : Math.min(...following);
  const counts = [wholeNumber(active['open_accounts_count']), wholeNumber(closed['close_accounts_count'])];
  return {
    rows: [...open, ...shut],
    next: next === null ? null : { ...asked, offset: String(next) },
    total: counts[0] === null || counts[1] === null ? null : (counts[0] ?? 0) + (counts[1] ?? 0),
    beside: { contacts, users: users.filter((user) => user['id'] !== undefined), teams },
  };
}

const hasCounts = (body: unknown) => Object.hasOwn(nested(body, 'closed_accounts') ?? {}, 'close_accounts_count');
const isNested = (body: unknown) => nested(body, 'active_accounts') !== null;

/** `is_active` is false on every contact there and means nothing. */
const withoutActive: Shape = { ...contactShape, members: contactShape.members.filter(({ wire }) => wire !== 'is_active') };

/** Contacts of 1.2 say the same in other words. */
const otherContact: Shape = {
  ...contactShape,
  members: [
    ...contactShape.members.filter(
      ({ wire }) => !/^(primary_email|secondary_email|mobile_number|secondary_number|address\.|is_active)/.test(wire),
    ),
    plain('email', 'email'),
    plain('phone', 'mobilePhone'),
    plain('address_line', 'address.line1'),
    plain('city', 'address.city'),
    plain('state', 'address.region'),
    plain('postcode', 'address.postalCode'),
    plain('country', 'address.country'),
  ],
};

const people = (contact: Shape, email: string): RemoteResource[] => [
  readOnlyResource({
    name: 'users',
    of: 'directory',
    shape: userShape,
    keys: [
      { members: ['email'], isUnique: true },
      { members: ['full_name'], isUnique: false, unless: ['email'] },
    ],
  }),
  readOnlyResource({ name: 'teams', of: 'directory', shape: teamShape, keys: [{ members: ['name'], isUnique: false }] }),
  readOnlyResource({
    name: 'contacts',
    of: 'contacts',
    shape: contact,
    keys: [
      { members: [email], isUnique: false, unless: ['last_name'] },
      { members: ['first_name', 'last_name'], isUnique: false, unless: [email] },
    ],
  }),
];

/** A country by its two letters, and an industry in capitals: other spellings are refused. */
const spelled = (member: Member): Member => {
  if (member.kind !== 'value') return member;
  if (member.wire === 'billing_country' || member.wire === 'country')
    return {
      ...member,
      write: (value) =>
        typeof value === 'string'
          ? (countryCode(value) ??
            new Unsayable('BottleCRM takes the two letters of a country, like US. This one stays in the book and is not sent.'))
          : value,
      same: (first, second) => (countryCode(String(first)) ?? first) === (countryCode(String(second)) ?? second),
    };
  if (member.wire === 'industry')
    return {
      ...member,
      write: (value) => (typeof value === 'string' ? value.toUpperCase() : value),
      same: (first, second) => String(first).toUpperCase() === String(second).toUpperCase(),
    };
  return member;
};

const inShape = (shape: Shape, turn: (members: readonly Member[]) => readonly Member[]): Shape => ({
  ...shape,
  members: turn(shape.members),
});

// 2025-11

const documented = accountShapes('close');
const spell = (shape: Shape) => inShape(shape, (members) => members.map(spelled));
const needed: readonly (readonly [wire: string, path: string, what: string])[] = [
  ['email', 'email', 'an e-mail'],
  ['billing_address_line', 'address.line1', 'the first line of the address'],
  ['billing_city', 'address.city', 'a city'],
  ['billing_state', 'address.region', 'a state'],
  ['billing_postcode', 'address.postalCode', 'a postal code'],
  ['billing_country', 'address.country', 'a country'],
];
const lists = ['contacts', 'assigned_to', 'teams', 'tags'] as const;

/** Who is asked for at the account: its first contact, or the account by its own name. */
function contactNameOf(record: BookRecord, context: EncodeContext): string {
  const [first] = context.book.having('contacts', 'clientId', record.id);
  return (first === undefined ? String(valueAt(record, 'name')) : contactName(first)).slice(0, 64);
}

export const bottlecrm2025: Manifest = {
  kind: 'bottlecrm',
  edition: 'bottlecrm-2025-11',
  label: 'BottleCRM (2025-11)',
  dialect: bottlecrm,
  signIn: ['token'],
  organisation: { in: 'headers', names: ['org', 'organization-id'] },
  resources: [
    ...people(withoutActive, 'primary_email'),
    resourceIn(bottlecrm, 'accounts', {
      list: { path: listPath(bottlecrm, 'accounts'), query: { limit: '100', offset: '0' }, page, details: accountDetails },
      merge: {
        answer: spell(documented.answer),
        change: spell(documented.change as Shape),
        always: ['name', 'email', ...needed.map(([wire]) => wire), 'billing_street', ...lists],
      },
      create: spell(documented.create),
      keys: [{ members: ['name'], isUnique: true }],
      halves: lists,
      oneIn: (body) => (isWire(body) && typeof body['error'] === 'boolean' ? null : accountIn(body)),
      // A list in a JSON body has to be text; a real one is answered with 500, after the account was saved without it.
      body: (wire, _action, record, context) => ({
        ...wire,
        contact_name: contactNameOf(record, context),
        billing_street: wire['billing_street'] ?? '',
        ...Object.fromEntries(lists.flatMap((name) => (Array.isArray(wire[name]) ? [[name, JSON.stringify(wire[name])]] : []))),
      }),
      problem: (record) => {
        const missing = needed.find(([, path]) => (valueAt(record, path) ?? null) === null);
        if (missing === undefined) return null;
        return { path: missing[1], message: `BottleCRM takes an account only with ${missing[2]}. Fill it in to send this client.` };
      },
    }),
    ...hangingOnAccounts,
  ],
  recognise: (body) => isNested(body) && !hasCounts(body),
  limits: [
    'An account needs an e-mail and a whole address.',
    'Each account’s name is in use once, and has 64 characters at most.',
    'Contacts, people, teams, opportunities, cases, tasks and comments come from there and are changed there only.',
  ],
};

// 1.2

const renames: Readonly<Record<string, string>> = {
  billing_address_line: 'address_line',
  billing_city: 'city',
  billing_state: 'state',
  billing_postcode: 'postcode',
  billing_country: 'country',
};

/** The address goes by other names, without a street, and an account is active or not. */
const renamed = (shape: Shape) =>
  inShape({ ...shape, schema: shape.schema.partial().loose() }, (members) =>
    members.flatMap((member): Member[] => {
      if (member.wire === 'billing_street') return [];
      if (member.wire === 'status') return [plain('is_active', 'isActive')];
      return [spelled({ ...member, wire: renames[member.wire] ?? member.wire } as Member)];
    }),
  );

const tagsOf = (row: Wire): Record<string, string> => {
  const tags = Array.isArray(row['tags']) ? row['tags'].filter(isWire) : [];
  return Object.fromEntries(tags.map((tag) => [`tag ${String(tag['name']).toLowerCase()}`, String(tag['id'])]));
};

export const bottlecrm12: Manifest = {
  kind: 'bottlecrm',
  edition: 'bottlecrm-1.2',
  label: 'BottleCRM (1.2)',
  dialect: bottlecrm,
  signIn: ['token'],
  // The token says it; the headers are passed over.
  organisation: { in: 'headers', names: ['org', 'organization-id'] },
  resources: [
    ...people(otherContact, 'email'),
    resourceIn(bottlecrm, 'accounts', {
      list: { path: listPath(bottlecrm, 'accounts'), query: { limit: '100', offset: '0' }, page, learns: tagsOf, details: accountDetails },
      merge: { answer: renamed(documented.answer), change: renamed(documented.change as Shape) },
      create: renamed(documented.create),
      calls: {
        get: { method: 'GET', path: '/api/accounts/{id}/' },
        create: { method: 'POST', path: '/api/accounts/' },
        // Unlike PUT it leaves alone what it does not name.
        change: { method: 'PATCH', path: '/api/accounts/{id}/' },
        remove: { method: 'DELETE', path: '/api/accounts/{id}/' },
      },
      keys: [{ members: ['name'], isUnique: true }],
      halves: lists,
      oneIn: (body) => {
        const account = accountIn(body);
        return account === null || !Object.hasOwn(account, 'message') ? account : { id: account['id'] };
      },
      body: (wire, action, _record, _context, known) => {
        const tags = readPath(wire, 'tags');
        if (action === 'create' || !Array.isArray(tags)) return wire;
        const missing = tags.find((tag) => known[`tag ${String(tag).toLowerCase()}`] === undefined);
        if (missing !== undefined)
          return new Unsayable(
            'BottleCRM takes a tag on an account that is there only if some account has it already. Take the new tag off, or use it there first.',
          );
        return { ...wire, tags: tags.map((tag) => known[`tag ${String(tag).toLowerCase()}`]) };
      },
    }),
    ...hangingOnAccounts,
  ],
  recognise: (body) => isNested(body) && hasCounts(body),
  limits: [
    'Each account’s name is in use once.',
    'An address has no second line.',
    'Contacts, people, teams, opportunities, cases, tasks and comments come from there and are changed there only.',
  ],
};
