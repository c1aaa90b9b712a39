import type { SignIn } from '../../../remotes/remote-http.ts';
import { bottlecrmManifest } from '../../../shared/dialects/bottlecrm.manifest.ts';
import { caseworkManifest } from '../../../shared/dialects/casework.manifest.ts';
import type { Manifest } from '../../../shared/dialects/manifest.ts';
import { programsManifest } from '../../../shared/dialects/programs.manifest.ts';
import { skhokhoManifest } from '../../../shared/dialects/skhokho.manifest.ts';
import { summitManifest } from '../../../shared/dialects/summit.manifest.ts';
import { bottlecrmStandIn, type Edition } from './bottlecrm.stand-in.ts';
import { caseworkStandIn } from './casework.stand-in.ts';
import type { RemoteLaptop } from './laptop.ts';
import { programsStandIn } from './programs.stand-in.ts';
import { skhokhoStandIn } from './skhokho.stand-in.ts';
import type { Row, StandIn } from './stand-in.ts';
import { summitStandIn } from './summit.stand-in.ts';

/** All that the contract kit must know of a system. A new one is an entry here, and passes, or is not listed. */
export interface System {
  name: string;
  manifest: Manifest;
  organisation: string | null;
  signIn: SignIn;
  standIn(): StandIn;
  /** Resource and kind of the stand-in that clients are kept in there. */
  kind: string;
  /** A client as somebody there would enter it. */
  row(name: string): Row;
  /** A client that can be sent there. */
  make(laptop: RemoteLaptop, name: string): Promise<{ id: string }>;
  /** A second field, which both sides can change, with three values. */
  field: { wire: string; path: string; values: readonly [unknown, unknown, unknown] };
  idOf(row: Row): string;
  /** A call that makes a client. */
  isCreate(asked: { method: string; path: string }): boolean;
  isChange(asked: { method: string; path: string }): boolean;
  /** Names are in use once there. */
  namesAreUnique: boolean;
  canDelete: boolean;
  /** Clients a page. */
  pageSize: number | null;
  /** Characters a name may have there. */
  longest: number;
}

const token = { kind: 'token', token: 'token' } as const;
const basic = { kind: 'basic', email: 'ada@example.com', password: 'secret' } as const;
const plainMake = async (laptop: RemoteLaptop, name: string) => laptop.create('clients', { name });
const texts = ['first', 'second', 'third'] as const;

const ofBottle = (edition: Edition): System => ({
  name: edition,
  manifest: bottlecrmManifest,
  organisation: 'org-1',
  signIn: token,
  standIn: () => bottlecrmStandIn({ edition }),
  kind: 'accounts',
  row: (name) => ({ name, ...(edition === 'bottlecrm-2025-11' && { email: `there${++mails}@example.com`, ...wholeAddress }) }),
  make: async (laptop, name) =>
    laptop.create('clients', {
      name,
      email: `office${++mails}@example.com`,
      address: { line1: '1 Main St', city: 'Denver', region: 'CO', postalCode: '80202', country: 'US' },
    }),
  field: { wire: 'description', path: 'description', values: texts },
  idOf: (row) => String(row['id']),
  isCreate: ({ method, path }) => method === 'POST' && path === '/api/accounts/',
  isChange: ({ method }) => method === 'PUT' || method === 'PATCH',
  namesAreUnique: true,
  canDelete: true,
  pageSize: 50,
  longest: 64,
});

let mails = 0;
const wholeAddress = {
  billing_address_line: '2 Side St',
  billing_city: 'Boulder',
  billing_state: 'CO',
  billing_postcode: '80301',
  billing_country: 'US',
};

export const systems: readonly System[] = [
  {
    name: 'summit',
    manifest: summitManifest,
    organisation: null,
    signIn: token,
    standIn: () => summitStandIn({ pageSize: 4, isShuffled: true }),
    kind: 'clients',
    row: (name) => ({ name }),
    make: plainMake,
    field: { wire: 'phone', path: 'phone', values: ['555-0101', '555-0102', '555-0103'] },
    idOf: (row) => String(row['id']),
    isCreate: ({ method }) => method === 'POST',
    isChange: ({ method }) => method === 'PUT',
    namesAreUnique: false,
    canDelete: true,
    pageSize: 4,
    longest: 300,
  },
  {
    name: 'summit with text in meta that really deletes',
    manifest: summitManifest,
    organisation: null,
    signIn: token,
    standIn: () => summitStandIn({ pageSize: 3, textMeta: true, showsDeleted: false, deletesHard: true }),
    kind: 'clients',
    row: (name) => ({ name }),
    make: plainMake,
    field: { wire: 'address', path: 'address.freeform', values: ['1 Main St, Denver', '2 Main St', '3 Main St\nDenver'] },
    idOf: (row) => String(row['id']),
    isCreate: ({ method }) => method === 'POST',
    isChange: ({ method }) => method === 'PUT',
    namesAreUnique: false,
    canDelete: true,
    pageSize: 3,
    longest: 300,
  },
  {
    name: 'casework',
    manifest: caseworkManifest,
    organisation: null,
    signIn: basic,
    standIn: () => caseworkStandIn(),
    kind: 'clients',
    row: (name) => ({ name, primary_location: { name: 'Main', state: 'CO', country: 'US', zip: '01234' } }),
    make: withPlace,
    field: { wire: 'notes', path: 'notes', values: texts },
    idOf: (row) => String(row['id']),
    isCreate: ({ method }) => method === 'POST',
    isChange: ({ method }) => method === 'PUT',
    namesAreUnique: false,
    canDelete: false,
    pageSize: null,
    longest: 300,
  },
  {
    name: 'casework with nested answers and times without a zone',
    manifest: caseworkManifest,
    organisation: null,
    signIn: token,
    standIn: () => caseworkStandIn({ isNested: true, times: 'bare' }),
    kind: 'clients',
    row: (name) => ({ name, primary_location: { name: 'Main', state: 'CO', country: 'US' } }),
    make: withPlace,
    field: { wire: 'account_code', path: 'accountCode', values: ['A-1', 'A-2', '007'] },
    idOf: (row) => String(row['id']),
    isCreate: ({ method }) => method === 'POST',
    isChange: ({ method }) => method === 'PUT',
    namesAreUnique: false,
    canDelete: false,
    pageSize: null,
    longest: 300,
  },
  {
    name: 'skhokho',
    manifest: skhokhoManifest,
    organisation: 'org-1',
    signIn: basic,
    standIn: () => skhokhoStandIn(),
    kind: 'clients',
    row: (name) => ({ name }),
    make: plainMake,
    field: { wire: 'description', path: 'description', values: texts },
    idOf: (row) => String(row['unique_id']),
    isCreate: ({ path }) => path.endsWith('/create/'),
    isChange: ({ method }) => method === 'PATCH',
    namesAreUnique: false,
    canDelete: true,
    pageSize: null,
    longest: 300,
  },
  {
    name: 'skhokho in pages that chooses ids itself',
    manifest: skhokhoManifest,
    organisation: 'org-1',
    signIn: { kind: 'session', cookie: 'sessionid=abc; csrftoken=csrf' },
    standIn: () => skhokhoStandIn({ pageSize: 5, ownIds: true, session: 'abc' }),
    kind: 'clients',
    row: (name) => ({ name }),
    make: plainMake,
    field: { wire: 'annual_revenue', path: 'annualRevenue', values: ['10.00', '20.00', '30.50'] },
    idOf: (row) => String(row['unique_id']),
    isCreate: ({ path }) => path.endsWith('/create/'),
    isChange: ({ method }) => method === 'PATCH',
    namesAreUnique: false,
    canDelete: true,
    pageSize: 5,
    longest: 300,
  },
  {
    name: 'programs',
    manifest: programsManifest,
    organisation: null,
    signIn: basic,
    standIn: () => programsStandIn(),
    kind: 'client',
    row: (name) => ({ name }),
    make: plainMake,
    field: { wire: 'is_active', path: 'isActive', values: [true, false, true] },
    idOf: (row) => String(row['id']),
    isCreate: ({ method, path }) => method === 'POST' && path === '/client/',
    isChange: ({ method }) => method === 'PATCH',
    namesAreUnique: false,
    canDelete: true,
    pageSize: null,
    longest: 300,
  },
  {
    name: 'programs in pages',
    manifest: programsManifest,
    organisation: null,
    signIn: token,
    standIn: () => programsStandIn({ pageSize: 4, deletes: 'refused' }),
    kind: 'client',
    row: (name) => ({ name }),
    make: plainMake,
    field: { wire: 'is_active', path: 'isActive', values: [true, false, true] },
    idOf: (row) => String(row['id']),
    isCreate: ({ method, path }) => method === 'POST' && path === '/client/',
    isChange: ({ method }) => method === 'PATCH',
    namesAreUnique: false,
    canDelete: true,
    pageSize: 4,
    longest: 300,
  },
  ofBottle('bottlecrm'),
  ofBottle('bottlecrm-2025-11'),
  ofBottle('bottlecrm-1.2'),
];

async function withPlace(laptop: RemoteLaptop, name: string): Promise<{ id: string }> {
  const client = await laptop.create('clients', { name });
  await laptop.create('locations', {
    clientId: client.id,
    name: 'Head office',
    physicalAddress: { city: 'Denver', region: 'Colorado', country: 'United States', postalCode: '02134' },
  });
  return client;
}
