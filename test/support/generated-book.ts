import type { NewClient } from '../../shared/nouns/client/client.ts';
import type { NewContact } from '../../shared/nouns/contact/contact.ts';
import type { NewLocation } from '../../shared/nouns/location/location.ts';

/**
 * A made-up book of any size, the same at every run: what benches and volume tests measure on. Names are put together
 * from word lists, so that prefixes are shared as they are in a real book.
 */
export interface BookSize {
  clients: number;
  contacts: number;
  locations: number;
}

/** The size the figures of docs/benchmarks.md are stated for. */
export const benchSize: BookSize = { clients: 10_000, contacts: 25_000, locations: 12_000 };

const places = [
  ['Denver', 'Colorado', '80202', 'US'],
  ['San Diego', 'California', '92101', 'US'],
  ['Saint Paul', 'Minnesota', '55101', 'US'],
  ['Köln', 'Nordrhein-Westfalen', '50667', 'DE'],
  ['Zürich', 'Zürich', '8001', 'CH'],
  ['Genève', 'Genève', '1201', 'CH'],
  ['Málaga', 'Andalucía', '29001', 'ES'],
  ['São Paulo', 'São Paulo', '01001-000', 'BR'],
  ['Łódź', 'Łódzkie', '90-001', 'PL'],
  ['Cape Town', 'Western Cape', '8001', 'ZA'],
  ['Québec', 'Quebec', 'G1V 2M2', 'CA'],
  ['Nairobi', 'Nairobi', '00100', 'KE'],
] as const;
const first = [
  'North',
  'Harbor',
  'Silver',
  'Green',
  'Summit',
  'River',
  'Golden',
  'Blue',
  'Cedar',
  'Iron',
  'Maple',
  'Bright',
  'Old Mill',
  'Élan',
  'Über',
];
const second = [
  'Field',
  'Stone',
  'Bridge',
  'Valley',
  'Point',
  'Creek',
  'Lake',
  'Hill',
  'Gate',
  'Ridge',
  'Grove',
  'Haven',
  'Works',
  'Line',
  'Path',
];
const trades = [
  'Bakery',
  'Logistics',
  'Clinic',
  'Builders',
  'Consulting',
  'Printing',
  'Foods',
  'Systems',
  'Travel',
  'Law',
  'Studio',
  'Energy',
  'School',
  'Farms',
];
const given = [
  'Amina',
  'Björn',
  'Carla',
  'Dmitri',
  'Elena',
  'Farid',
  'Grace',
  'Hugo',
  'Inès',
  'Jonas',
  'Kofi',
  'Lucía',
  'Mei',
  'Noah',
  'Olga',
  'Priya',
  'Rosa',
  'Søren',
];
const family = [
  'Adeyemi',
  'Bauer',
  'Chen',
  'Dubois',
  'Eriksen',
  'Fernández',
  'García',
  'Hansen',
  'Ito',
  'Jensen',
  'Kovač',
  'Lindqvist',
  'Müller',
  'Nowak',
  'Okafor',
  'Petrov',
  'Schmidt',
];
const stages = ['prospect', 'active_client', 'matured_client', 'inactive', 'dormant', 'lost_opportunity'] as const;
const industries = [
  'agriculture',
  'construction',
  'consulting',
  'education',
  'health',
  'hospitality',
  'legal',
  'logistics',
  'manufacturing',
  'printing',
];
const jobs = ['Director', 'Buyer', 'Site manager', 'Accountant', 'Owner', 'Assistant', 'Head of operations'];

/** Small, fast and the same everywhere (mulberry32). Not for secrets. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function pick<T>(random: () => number, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

export function day(random: () => number, year: number, years: number): string {
  const ms = Date.UTC(year, 0, 1) + Math.floor(random() * years * 365) * 86_400_000;
  return new Date(ms).toISOString().slice(0, 10);
}

function phone(random: () => number): string {
  const digits = () => String(Math.floor(random() * 10_000)).padStart(4, '0');
  return random() < 0.5 ? `+1 (${String(200 + Math.floor(random() * 700))}) 555-${digits()}` : `+33 6 ${digits()} ${digits()}`;
}

function address(random: () => number) {
  const [city, region, postalCode, country] = pick(random, places);
  return { line1: `${1 + Math.floor(random() * 900)} ${pick(random, second)} Street`, city, region, postalCode, country };
}

export function generatedClient(index: number): NewClient {
  const random = seededRandom(1_000_003 + index);
  const name = `${pick(random, first)} ${pick(random, second)} ${pick(random, trades)} ${index}`;
  return {
    name,
    kind: random() < 0.2 ? 'lead' : 'client',
    lifecycleStage: pick(random, stages),
    industry: pick(random, industries),
    email: `office@${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.example`,
    phone: phone(random),
    website: `https://client-${index}.example`,
    accountCode: `AC-${String(index).padStart(6, '0')}`,
    annualRevenue: String(Math.floor(random() * 9_000_000)),
    paymentTermsDays: pick(random, [14, 30, 45]),
    lastContactDate: day(random, 2025, 1),
    nextFollowUpDate: random() < 0.6 ? day(random, 2026, 1) : null,
    tags: random() < 0.3 ? [pick(random, ['vip', 'north route', 'needs visit', 'newsletter'])] : [],
    description: `${pick(random, trades)} supplier near ${pick(random, places)[0]}`,
    address: address(random),
  };
}

export function generatedContact(index: number, clientId: string, isPrimary: boolean): NewContact {
  const random = seededRandom(2_000_003 + index);
  const firstName = pick(random, given);
  const lastName = pick(random, family);
  return {
    clientId,
    firstName,
    lastName,
    jobTitle: pick(random, jobs),
    email: `${firstName}.${lastName}.${index}@people.example`
      .normalize('NFKD')
      .replace(/[^\w.@-]/g, '')
      .toLowerCase(),
    mobilePhone: phone(random),
    isPrimary,
    address: random() < 0.3 ? address(random) : {},
    generalNote: random() < 0.2 ? 'Prefers calls in the morning.' : null,
  };
}

export function generatedLocation(index: number, clientId: string): NewLocation {
  const random = seededRandom(3_000_003 + index);
  return {
    clientId,
    name: `${pick(random, second)} ${pick(random, ['branch', 'depot', 'office', 'site'])} ${index}`,
    physicalAddress: address(random),
    primaryPhone: phone(random),
    primaryEmail: `site-${index}@places.example`,
    notes: random() < 0.2 ? 'Ring at the side door.' : null,
  };
}

/** The same clients as CSV text: the file the import bench takes in. */
export function generatedCsv(rows: number): string {
  const cell = (value: unknown) => `"${String(value ?? '').replace(/"/g, '""')}"`;
  const lines = ['Name,Account code,Industry,E-mail,Phone,Website,City,State,Zip,Country,Street,Description'];
  for (let index = 0; index < rows; index += 1) {
    const client = generatedClient(5_000_000 + index);
    const at = client.address ?? {};
    lines.push(
      [
        client.name,
        client.accountCode,
        client.industry,
        client.email,
        client.phone,
        client.website,
        at.city,
        at.region,
        at.postalCode,
        at.country,
        at.line1,
        client.description,
      ]
        .map(cell)
        .join(','),
    );
  }
  return `${lines.join('\r\n')}\r\n`;
}
