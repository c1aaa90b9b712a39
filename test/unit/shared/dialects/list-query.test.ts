import { describe, expect, it } from 'vitest';
import { bottlecrm, bottlecrmPaths } from '../../../../shared/dialects/bottlecrm.ts';
import type { BookKind, BookRecord, Collection } from '../../../../shared/dialects/book-view.ts';
import { casework } from '../../../../shared/dialects/casework.ts';
import { type Dialect, endpointOf } from '../../../../shared/dialects/dialect.ts';
import { answerList } from '../../../../shared/dialects/list-query.ts';
import { programs, programsPaths } from '../../../../shared/dialects/programs.ts';
import { type RawQuery, readQuery } from '../../../../shared/dialects/query-parameter.ts';
import { skhokho } from '../../../../shared/dialects/skhokho.ts';
import { summit } from '../../../../shared/dialects/summit.ts';
import { specText } from './examples.ts';
import { blankRecord, MemoryBook } from './memory-book.ts';

const book = new MemoryBook();
const put = (of: Collection, kind: BookKind, id: string, fields: Record<string, unknown>) =>
  book.put(of, { ...blankRecord(kind, `${of}:${id}`), ...fields } as BookRecord);
const address = (city: string) => ({ ...(blankRecord('clients', 'x') as BookRecord & { address: object }).address, city });

put('directory', 'users', '7', { fullName: 'Ann' });
put('directory', 'users', '8', { fullName: 'Bo' });
put('directory', 'teams', '9', { name: 'North' });
put('clients', 'clients', '1', {
  name: 'ACME Client',
  kind: 'client',
  entityType: 'company',
  lifecycleStage: 'active_client',
  industry: 'legal',
  companySize: '11-50',
  email: 'office@acme.com',
  accountCode: 'A-1',
  address: address('New York'),
  salespersonId: 'directory:7',
  tags: ['enterprise', 'Technology'],
  assignedToIds: ['directory:7'],
  createdAt: '2023-10-01T10:00:00.000Z',
  updatedAt: '2023-10-02T10:00:00.000Z',
});
put('clients', 'clients', '2', {
  name: 'Client Alpha',
  kind: 'lead',
  entityType: 'individual',
  lifecycleStage: 'prospect',
  industry: 'Retail',
  email: 'alpha@example.com',
  accountCode: 'B-2',
  address: address('Denver'),
  caseManagerId: 'directory:8',
  tags: ['vip'],
  teamIds: ['directory:9'],
  paymentTermsDays: 30,
  createdAt: '2023-10-27T10:00:00.000Z',
  updatedAt: '2023-10-27T23:30:00.000Z',
});
put('clients', 'clients', '3', {
  name: 'Émile & Söhne',
  kind: 'vendor',
  entityType: 'other',
  industry: 'other',
  isActive: false,
  paymentTermsDays: 15,
  createdAt: '2023-11-01T00:00:00.000Z',
  updatedAt: '2023-11-05T00:00:00.000Z',
});
put('clients', 'clients', '4', { name: 'Gone', deletedAt: '2024-01-01T00:00:00.000Z' });

put('locations', 'locations', '23', { clientId: 'clients:1', name: 'Downtown Program', physicalAddress: address('San Diego') });
put('locations', 'locations', '24', { clientId: 'clients:2', name: 'Harbor', physicalAddress: address('Denver') });
put('contacts', 'contacts', '1234', { clientId: 'clients:1', firstName: 'Gabriel', lastName: 'Pulido', email: 'gabriel@arguswest.com' });
put('contacts', 'contacts', '1235', { clientId: 'clients:2', firstName: 'Mira', lastName: 'Gabrielson', email: 'mira@alpha.com' });
put('contacts', 'contacts', '1236', { clientId: null, ownerKind: 'lead', firstName: 'Solo', lastName: 'Artist' });
put('locationContacts', 'locationContacts', '12', { contactId: 'contacts:1234', locationId: 'locations:23', isProgramContact: true });
put('locationContacts', 'locationContacts', '13', { contactId: 'contacts:1234', locationId: 'locations:24', isProgramContact: false });
put('locationContacts', 'locationContacts', '14', { contactId: 'contacts:1235', locationId: 'locations:24', isProgramContact: false });
put('itemPrices', 'itemPrices', '1', { invoiceItem: 'Drug Screen', itemCode: 'DS001' });
put('itemPrices', 'itemPrices', '2', { invoiceItem: 'Background Check', itemCode: 'BC001' });
put('locationItemPrices', 'locationItemPrices', '100', { locationId: 'locations:23', itemPriceId: 'itemPrices:1' });
put('locationItemPrices', 'locationItemPrices', '101', { locationId: 'locations:23', itemPriceId: 'itemPrices:2' });
put('locationItemPrices', 'locationItemPrices', '102', { locationId: 'locations:24', itemPriceId: 'itemPrices:1' });

const listed = { skhokho: 'clients', summit: 'clients', casework: 'clients', bottlecrm: 'accounts' } as const;

/** Remote ids of what a list answers, or its errors. */
function ask(dialect: Dialect, parameters: RawQuery, resource: string = listed[dialect.name as keyof typeof listed]) {
  const endpoint = endpointOf(dialect, `${resource}.list`);
  const read = readQuery(endpoint.query, parameters, endpoint.start);
  if (!read.ok) return read.errors;
  const of = dialect.resources.find((one) => one.name === resource)?.of as Collection;
  const live = [...book.records.entries()]
    .filter(([key, record]) => key.startsWith(`${of}/`) && record.deletedAt === null)
    .map(([, record]) => record);
  const { rows } = answerList(live, read.query, of, {
    book,
    remoteId: book.context().remoteId,
    computed: { ...programsPaths, ...bottlecrmPaths },
  });
  return rows.map((row) => row.id.split(':')[1]);
}

describe('The list of Skhokho', () => {
  it('has all clients, by name', () => expect(ask(skhokho, {})).toEqual(['1', '2', '3']));

  it('takes client, lead and vendor as kinds and the six entity types as entity types', () => {
    expect(ask(skhokho, { entity_type: 'lead' })).toEqual(['2']);
    expect(ask(skhokho, { entity_type: 'vendor' })).toEqual(['3']);
    expect(ask(skhokho, { entity_type: 'company' })).toEqual(['1']);
    expect(ask(skhokho, { entity_type: 'other' })).toEqual(['3']);
    expect(ask(skhokho, { entity_type: 'giant' })).toEqual({ entity_type: ['"giant" is not a valid choice.'] });
  });

  it('takes the industries of the model and those of the filter', () => {
    expect(ask(skhokho, { industry: 'legal' })).toEqual(['1']);
    expect(ask(skhokho, { industry: 'retail' })).toEqual(['2']);
    expect(ask(skhokho, { industry: 'other' })).toEqual(['3']);
    expect(ask(skhokho, { industry: 'energy' })).toEqual([]);
    expect(ask(skhokho, { industry: 'alchemy' })).toEqual({ industry: ['"alchemy" is not a valid choice.'] });
  });

  it('filters by company size and lifecycle stage, together', () => {
    expect(ask(skhokho, { company_size: '11-50' })).toEqual(['1']);
    expect(ask(skhokho, { company_size: '11' })).toEqual([]);
    expect(ask(skhokho, { lifecycle_stage: 'prospect' })).toEqual(['2', '3']);
    expect(ask(skhokho, { lifecycle_stage: 'prospect', entity_type: 'lead' })).toEqual(['2']);
  });

  it('searches by any part of the name, accents aside', () => {
    expect(ask(skhokho, { search: 'acme' })).toEqual(['1']);
    expect(ask(skhokho, { search: 'alph' })).toEqual(['2']);
    expect(ask(skhokho, { search: 'emile' })).toEqual(['3']);
    expect(ask(skhokho, { search: 'SOHNE' })).toEqual(['3']);
    expect(ask(skhokho, { search: 'lpha' })).toEqual(['2']);
    expect(ask(skhokho, { search: 'LPHÁ' })).toEqual(['2']);
    expect(ask(skhokho, { search: 'a.me' })).toEqual([]);
  });

  it('passes over what is empty or not its own', () => {
    expect(ask(skhokho, { search: '', entity_type: ' ', format: 'json' })).toEqual(['1', '2', '3']);
  });
});

describe('The lists of Programs', () => {
  it('find contacts by client, program location and both', () => {
    expect(ask(programs, { client_id: '1' }, 'client-contact')).toEqual(['1234']);
    expect(ask(programs, { program_location_id: '24' }, 'client-contact')).toEqual(['1235', '1234']);
    expect(ask(programs, { program_location_id: '24', client_id: '1' }, 'client-contact')).toEqual(['1234']);
    expect(ask(programs, { client_id: '99' }, 'client-contact')).toEqual([]);
    expect(ask(programs, { client_id: 'x' }, 'client-contact')).toEqual({ client_id: ['A valid integer is required.'] });
  });

  it('find program contacts, at any place or at the one asked for', () => {
    expect(ask(programs, { is_program_contact: 'true' }, 'client-contact')).toEqual(['1234']);
    expect(ask(programs, { is_program_contact: 'false' }, 'client-contact')).toEqual(['1236', '1235']);
    expect(ask(programs, { is_program_contact: 'true', program_location_id: '24' }, 'client-contact')).toEqual([]);
    expect(ask(programs, { is_program_contact: 'false', program_location_id: '24' }, 'client-contact')).toEqual(['1235', '1234']);
    expect(ask(programs, { is_program_contact: 'perhaps' }, 'client-contact')).toEqual({ is_program_contact: ['Must be true or false.'] });
  });

  it('find contacts of prospective clients', () => {
    expect(ask(programs, { is_prospective_client: 'true' }, 'client-contact')).toEqual(['1236', '1235']);
    expect(ask(programs, { is_prospective_client: 'false' }, 'client-contact')).toEqual(['1234']);
  });

  it('search contacts by the beginning of first name, last name or e-mail, with filters', () => {
    expect(ask(programs, { search: 'Gabriel' }, 'client-contact')).toEqual(['1235', '1234']);
    expect(ask(programs, { search: 'Gabriel', client_id: '1' }, 'client-contact')).toEqual(['1234']);
    expect(ask(programs, { search: 'mira@' }, 'client-contact')).toEqual(['1235']);
    expect(ask(programs, { search: 'abriel' }, 'client-contact')).toEqual([]);
    // Each word counts by itself, whichever field it begins.
    expect(ask(programs, { search: 'pul Gabr' }, 'client-contact')).toEqual(['1234']);
    expect(ask(programs, { search: 'gabriel,mira@' }, 'client-contact')).toEqual(['1235']);
    expect(ask(programs, { search: 'gabriel nobody' }, 'client-contact')).toEqual([]);
    expect(ask(programs, { search: 'San Diego' }, 'program-location')).toEqual(['23']);
  });

  it('search program locations by the beginning of name or physical city', () => {
    expect(ask(programs, { search: 'Downtown', client_id: '1' }, 'program-location')).toEqual(['23']);
    expect(ask(programs, { search: 'san' }, 'program-location')).toEqual(['23']);
    expect(ask(programs, { search: 'Program' }, 'program-location')).toEqual([]);
    expect(ask(programs, { client_id: '2' }, 'program-location')).toEqual(['24']);
  });

  it('search item prices by the beginning of item or code', () => {
    expect(ask(programs, { search: 'ds0' }, 'item-price')).toEqual(['1']);
    expect(ask(programs, { search: 'back' }, 'item-price')).toEqual(['2']);
    expect(ask(programs, {}, 'item-price')).toEqual(['2', '1']);
  });

  it('find the prices of a location, of an item, and of both', () => {
    expect(ask(programs, { program_location_id: '23' }, 'program-location-item-price')).toEqual(['100', '101']);
    expect(ask(programs, { item_price_id: '1' }, 'program-location-item-price')).toEqual(['100', '102']);
    expect(ask(programs, { program_location_id: '23', item_price_id: '1' }, 'program-location-item-price')).toEqual(['100']);
  });
});

describe('The list of Summit', () => {
  it('comes by page, oldest first unless told', () => {
    expect(ask(summit, {})).toEqual(['1', '2', '3']);
    expect(ask(summit, { page: '2', limit: '2' })).toEqual(['3']);
    expect(ask(summit, { limit: '2', page: '9' })).toEqual([]);
  });

  it('sorts by any field, either way, with what is empty last', () => {
    expect(ask(summit, { sort: 'name', order: 'desc' })).toEqual(['3', '2', '1']);
    expect(ask(summit, { sort: 'paymentTerms' })).toEqual(['3', '2', '1']);
    expect(ask(summit, { order: 'desc' })).toEqual(['3', '2', '1']);
    expect(ask(summit, { sort: 'password' })).toEqual({ sort: ['"password" is not a valid choice.'] });
    expect(ask(summit, { sort: 'name', order: 'DESC' })).toEqual(['3', '2', '1']);
    expect(ask(summit, { sort: 'name', order: 'Asc' })).toEqual(['1', '2', '3']);
    expect(ask(summit, { order: 'sideways' })).toEqual({ order: ['"sideways" is not a valid choice.'] });
  });

  it('searches by name and e-mail', () => {
    expect(ask(summit, { q: 'alpha' })).toEqual(['2']);
    expect(ask(summit, { q: 'office@' })).toEqual(['1']);
    expect(ask(summit, { q: 'example' })).toEqual(['2']);
    expect(ask(summit, { q: 'lpha' })).toEqual(['2']);
    // Of an e-mail its words are found, not the inside of one.
    expect(ask(summit, { q: 'xample' })).toEqual([]);
  });

  it('refuses pages that are none', () => {
    expect(ask(summit, { page: '0' })).toEqual({ page: ['Ensure this value is greater than or equal to 1.'] });
    expect(ask(summit, { limit: '0' })).toEqual({ limit: ['Ensure this value is greater than or equal to 1.'] });
    // More than there is room for is no mistake: as much as there is comes.
    expect(ask(summit, { limit: '1000' })).toEqual(['1', '2', '3']);
    expect(ask(summit, { limit: '1000', page: '2' })).toEqual([]);
    expect(ask(summit, { limit: `1${'0'.repeat(40)}` })).toEqual(['1', '2', '3']);
    expect(ask(summit, { limit: `-1${'0'.repeat(40)}` })).toEqual({ limit: ['Ensure this value is greater than or equal to 1.'] });
    expect(ask(summit, { page: `1${'0'.repeat(40)}` })).toEqual([]);
    expect(ask(summit, { limit: 'ten' })).toEqual({ limit: ['A valid integer is required.'] });
  });
});

describe('The list of Casework', () => {
  it('finds by id, name, account code, salesperson and case manager', () => {
    expect(ask(casework, { id: '2' })).toEqual(['2']);
    expect(ask(casework, { name: 'acme' })).toEqual(['1']);
    expect(ask(casework, { name: 'ACME Client' })).toEqual(['1']);
    expect(ask(casework, { account_code: 'b-2' })).toEqual(['2']);
    expect(ask(casework, { salesperson: '7' })).toEqual(['1']);
    expect(ask(casework, { case_manager: '8' })).toEqual(['2']);
  });

  it('finds what was created or changed between two times in UTC, both included', () => {
    expect(ask(casework, { created_from: '2023-10-27T10:00:00Z' })).toEqual(['2', '3']);
    expect(ask(casework, { created_to: '2023-10-01 10:00:00' })).toEqual(['1']);
    expect(ask(casework, { updated_from: '2023-10-03', updated_to: '2023-10-31' })).toEqual(['2']);
    expect(ask(casework, { created_from: '2023-10-27T12:00:00+02:00', created_to: '2023-10-27T10:00:00Z' })).toEqual(['2']);
    expect(ask(casework, { created_from: '1698400800' })).toEqual(['2', '3']);
  });

  it('takes a day as an end for the whole of it', () => {
    expect(ask(casework, { updated_to: '2023-10-27' })).toEqual(['1', '2']);
    expect(ask(casework, { updated_from: '2023-10-27', updated_to: '2023-10-27' })).toEqual(['2']);
  });

  it('says what a time looks like when it is none', () => {
    expect(ask(casework, { updated_from: 'yesterday' })).toEqual({
      updated_from: ['Enter a date and time in UTC, like 2023-10-01T10:00:00Z.'],
    });
    expect(ask(casework, { updated_from: '2023-02-30' })).toEqual({
      updated_from: ['Enter a date and time in UTC, like 2023-10-01T10:00:00Z.'],
    });
  });
});

describe('The list of BottleCRM', () => {
  it('filters by a part of the name, by city, industry and tags, in any case and together', () => {
    expect(ask(bottlecrm, { name: 'acme', city: 'new york', limit: '5' })).toEqual(['1']);
    expect(ask(bottlecrm, { name: 'lient' })).toEqual(['1', '2']);
    expect(ask(bottlecrm, { industry: 'RETAIL' })).toEqual(['2']);
    expect(ask(bottlecrm, { tags: 'technology,vip' })).toEqual(['1', '2']);
    expect(ask(bottlecrm, { tags: ['vip', 'none'] })).toEqual(['2']);
  });

  it('filters by assigned users, teams and contacts', () => {
    expect(ask(bottlecrm, { assigned_to: '7' })).toEqual(['1']);
    expect(ask(bottlecrm, { teams: '9' })).toEqual(['2']);
    expect(ask(bottlecrm, { contacts: '1234,1235' })).toEqual(['1', '2']);
  });

  it('comes by limit and offset', () => {
    expect(ask(bottlecrm, { limit: '2' })).toEqual(['1', '2']);
    expect(ask(bottlecrm, { limit: '2', offset: '2' })).toEqual(['3']);
    expect(ask(bottlecrm, { limit: '0' })).toEqual({ limit: ['Ensure this value is greater than or equal to 1.'] });
    expect(ask(bottlecrm, { limit: '100000' })).toEqual(['1', '2', '3']);
    expect(ask(bottlecrm, { offset: '-1' })).toEqual({ offset: ['Ensure this value is greater than or equal to 0.'] });
  });
});

describe('The parameters of the specs', () => {
  const named = (dialect: Dialect, resource: string) =>
    endpointOf(dialect, `${resource}.list`)
      .query.map((one) => one.name)
      .sort();

  it('are all taken by Programs', () => {
    const sections = specText('programs.md')
      .split(/^(?=\/[a-z-]+\/:)/m)
      .slice(1);
    const documented = Object.fromEntries(
      sections.map((section) => {
        const rows = [...section.matchAll(/^(\w+) \|\n(?!(?:integer|string|date|boolean|object|decimal) \|)/gm)].map(
          (match) => match[1] as string,
        );
        return [/^\/([a-z-]+)\//.exec(section)?.[1] as string, rows.sort()];
      }),
    );
    expect(documented).toEqual({
      client: [],
      'client-contact': ['client_id', 'is_program_contact', 'is_prospective_client', 'program_location_id', 'search'],
      'program-location': ['client_id', 'search'],
      'program-location-contact': [],
      'item-price': ['search'],
      'program-location-item-price': ['item_price_id', 'program_location_id'],
    });
    for (const [resource, parameters] of Object.entries(documented)) {
      if (resource !== 'program-location-contact') expect(named(programs, resource)).toEqual(parameters);
    }
    expect(programs.endpoints.some((one) => one.name === 'program-location-contact.list')).toBe(false);
  });

  it('are all taken by Summit', () => {
    const list = specText('summit-clients.md').split('Create Client')[0] as string;
    expect([...list.matchAll(/^- Name\n(\w+)$/gm)].map((match) => match[1] as string).sort()).toEqual(named(summit, 'clients'));
  });

  it('are all taken by Casework', () => {
    const list = specText('casework-clients.md').split('Getting a Client')[0] as string;
    expect([...list.matchAll(/^\| (\w+) \| (?:integer|string|timestamp) \|/gm)].map((match) => match[1] as string).sort()).toEqual(
      named(casework, 'clients'),
    );
  });

  it('are all taken by BottleCRM', () => {
    const signature = /def list_accounts\(([^)]*)\)/.exec(specText('bottlecrm-accounts.md'))?.[1] as string;
    const documented = [...signature.matchAll(/(\w+):/g)].map((match) => match[1] as string);
    expect(documented).toEqual(['name', 'city', 'industry', 'tags', 'limit', 'offset']);
    // "Filter by assigned users, teams, or related contacts" names no parameters; these are ours.
    expect(named(bottlecrm, 'accounts')).toEqual([...documented, 'assigned_to', 'teams', 'contacts'].sort());
  });
});
