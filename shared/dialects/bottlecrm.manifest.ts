import { accountShapes, accountsIn, bottlecrm, contactShape, teamShape, userShape } from './bottlecrm.ts';
import { accountDetails, hangingOnAccounts } from './bottlecrm-details.ts';
import { bottlecrm12, bottlecrm2025 } from './bottlecrm-editions.ts';
import { type ListPage, listPath, type Manifest, readOnlyResource, resourceIn, wholeNumber } from './manifest.ts';
import { isWire } from './wire.ts';

/** The flat envelope of the document: limit and offset hold for open and closed accounts, each by itself, with counts. */
function page(body: unknown, asked: Readonly<Record<string, string>>): ListPage | null {
  if (!isWire(body) || !Array.isArray(body['open_accounts'])) return null;
  const { open, closed, contacts, users, teams } = accountsIn(body);
  const [openCount, closedCount] = [wholeNumber(body['open_accounts_count']), wholeNumber(body['closed_accounts_count'])];
  const offset = Number(asked['offset'] ?? 0);
  // A limit may be cut: what came is how far this page goes.
  const reached = offset + Math.max(open.length, closed.length);
  const isMore = reached > offset && ((openCount ?? 0) > reached || (closedCount ?? 0) > reached);
  return {
    rows: [...open, ...closed],
    next: isMore ? { ...asked, offset: String(reached) } : null,
    total: openCount === null || closedCount === null ? null : openCount + closedCount,
    beside: { contacts, users, teams },
  };
}

export const people = [
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
    shape: contactShape,
    keys: [
      { members: ['primary_email'], isUnique: false, unless: ['last_name'] },
      { members: ['first_name', 'last_name', 'mobile_number'], isUnique: false, unless: ['primary_email'] },
    ],
  }),
];

const shapes = accountShapes('closed');

/** What each edition says of itself beyond the document: shared/dialects/bottlecrm-editions.ts. */
export const bottlecrmManifest: Manifest = {
  kind: 'bottlecrm',
  edition: 'bottlecrm',
  label: bottlecrm.label,
  dialect: bottlecrm,
  signIn: ['token'],
  organisation: { in: 'headers', names: ['organization-id', 'org'] },
  resources: [
    ...people,
    resourceIn(bottlecrm, 'accounts', {
      list: { path: listPath(bottlecrm, 'accounts'), query: { limit: '100', offset: '0' }, page, details: accountDetails },
      merge: shapes,
      create: shapes.create,
      keys: [{ members: ['name'], isUnique: true }],
      halves: ['contacts', 'assigned_to', 'teams', 'tags'],
    }),
    ...hangingOnAccounts,
  ],
  editions: [bottlecrm12, bottlecrm2025],
  recognise: (body) => isWire(body) && Array.isArray(body['open_accounts']),
  limits: [
    'Each account’s name is in use once.',
    'Contacts, people, teams, opportunities, cases, tasks and comments come from there and are changed there only.',
  ],
};
