import { generatedClient, generatedContact, generatedLocation, seededRandom } from '../support/generated-book.ts';
import type { serverBenchSize } from './server-book.ts';

/** One way of asking a dialect, as many clients of it would: paths drawn at random, the same at every run. */
export interface Ask {
  dialect: 'summit' | 'casework' | 'skhokho' | 'programs' | 'bottlecrm';
  what: string;
  paths: string[];
}

const drawn = 20_000;

/** `organisation` is in Skhokho's paths. Filters and searches are such that a list without pages has tens of rows, not thousands. */
export function asksFor(organisation: string, size: typeof serverBenchSize, ids: { clients: readonly string[] }): Ask[] {
  const random = seededRandom(11);
  const number = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
  const many = (make: () => string) => Array.from({ length: drawn }, make);
  const query = (of: Record<string, string | number>) =>
    `?${Object.entries(of)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&')}`;
  const client = () => generatedClient(number(0, size.clients - 1));
  const contact = () => generatedContact(number(0, size.contacts - 1), '-', false);
  const location = () => generatedLocation(number(0, size.locations - 1), '-');
  /** What somebody has typed of a text so far, from the given character on. */
  const typed = (text: unknown, from: number) => String(text).slice(0, number(from, String(text).length));
  const cities = ['Denver', 'Köln', 'Zürich', 'Málaga', 'Łódź', 'Nairobi', 'São Paulo', 'Québec'];
  const skhokho = `/api/v1.0/organisation/${organisation}/clients/`;

  return [
    {
      dialect: 'summit',
      what: 'page of a list',
      paths: many(() => `/api/clients${query({ page: number(1, 200), limit: pick([10, 25]) })}`),
    },
    {
      dialect: 'summit',
      what: 'page of a sorted list',
      paths: many(
        () =>
          `/api/clients${query({ page: number(1, 20), limit: 10, sort: pick(['name', 'email', 'phone', 'address', 'paymentTerms', 'createdAt', 'updatedAt', 'id']), order: pick(['asc', 'desc']) })}`,
      ),
    },
    { dialect: 'summit', what: 'page far down', paths: many(() => `/api/clients${query({ page: number(1_000, 9_900), limit: 10 })}`) },
    { dialect: 'summit', what: 'search, from 3 letters on', paths: many(() => `/api/clients${query({ q: typed(client().name, 3) })}`) },
    {
      dialect: 'summit',
      what: 'search, sorted by name',
      paths: many(() => `/api/clients${query({ q: typed(client().email, 8), sort: 'name' })}`),
    },
    { dialect: 'summit', what: 'one client', paths: many(() => `/api/clients/${number(1, size.clients)}`) },
    {
      dialect: 'casework',
      what: 'filter by account code',
      paths: many(() => `/api/v1/clients${query({ account_code: client().accountCode ?? '' })}`),
    },
    { dialect: 'casework', what: 'filter by name', paths: many(() => `/api/v1/clients${query({ name: client().name })}`) },
    {
      dialect: 'casework',
      what: 'made within ten minutes',
      paths: many(() => {
        const from = Date.parse('2024-01-01T00:00:00Z') + number(1, size.clients - 20) * 60_000;
        const at = (ms: number) => new Date(ms).toISOString();
        return `/api/v1/clients${query({ created_from: at(from), created_to: at(from + 600_000) })}`;
      }),
    },
    { dialect: 'casework', what: 'one client', paths: many(() => `/api/v1/clients/${number(1, size.clients)}`) },
    { dialect: 'skhokho', what: 'search by name', paths: many(() => `${skhokho}${query({ search: client().name.slice(0, -1) })}`) },
    {
      dialect: 'skhokho',
      what: 'search with filters',
      paths: many(() => {
        const { name, industry, lifecycleStage } = client();
        return `${skhokho}${query({ search: name.slice(0, -2), industry: industry ?? '', lifecycle_stage: lifecycleStage ?? '' })}`;
      }),
    },
    { dialect: 'skhokho', what: 'one client', paths: many(() => `${skhokho}${pick(ids.clients)}/`) },
    {
      dialect: 'programs',
      what: 'contacts of a client',
      paths: many(() => `/client-contact/${query({ client_id: number(1, size.clients) })}`),
    },
    {
      dialect: 'programs',
      what: 'search for contacts',
      paths: many(() => `/client-contact/${query({ search: String(contact().email) })}`),
    },
    {
      dialect: 'programs',
      what: 'locations of a client',
      paths: many(() => `/program-location/${query({ client_id: number(1, size.locations) })}`),
    },
    { dialect: 'programs', what: 'search for locations', paths: many(() => `/program-location/${query({ search: location().name })}`) },
    { dialect: 'programs', what: 'item prices', paths: many(() => `/item-price/${query({ search: `IT${number(0, size.items - 1)}` })}`) },
    {
      dialect: 'programs',
      what: 'prices of a location',
      paths: many(() => `/program-location-item-price/${query({ program_location_id: number(1, size.locations) })}`),
    },
    {
      dialect: 'programs',
      what: 'price of an item at a location',
      paths: many(
        () =>
          `/program-location-item-price/${query({ program_location_id: number(1, size.locations), item_price_id: number(1, size.items) })}`,
      ),
    },
    {
      dialect: 'bottlecrm',
      what: 'page of a list',
      paths: many(() => `/api/accounts/${query({ limit: 10, offset: 10 * number(0, 200) })}`),
    },
    {
      dialect: 'bottlecrm',
      what: 'name contains',
      paths: many(() => `/api/accounts/${query({ name: client().name.slice(number(1, 6)) })}`),
    },
    {
      dialect: 'bottlecrm',
      what: 'city, industry and tags',
      paths: many(
        () =>
          `/api/accounts/${query({ city: pick(cities), industry: client().industry ?? '', tags: pick(['vip', 'needs visit', 'newsletter']), offset: 10 * number(0, 5) })}`,
      ),
    },
    { dialect: 'bottlecrm', what: 'one account with all that hangs on it', paths: many(() => `/api/accounts/${pick(ids.clients)}/`) },
  ];
}

/** Lists without pages, whole. */
export function wholeLists(organisation: string): { what: string; path: string; rows: 'clients' | 'contacts' | 'prices' | 'item' }[] {
  return [
    { what: 'Skhokho: all clients', path: `/api/v1.0/organisation/${organisation}/clients/`, rows: 'clients' },
    { what: 'Casework: all clients', path: '/api/v1/clients', rows: 'clients' },
    { what: 'Programs: all contacts', path: '/client-contact/', rows: 'contacts' },
    { what: 'Programs: all prices', path: '/program-location-item-price/', rows: 'prices' },
    { what: 'Programs: prices of an item', path: '/program-location-item-price/?item_price_id=1', rows: 'item' },
  ];
}
