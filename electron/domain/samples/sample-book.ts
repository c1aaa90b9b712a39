import type { NewClient } from '../../../shared/nouns/client/client.ts';
import type { NewContact } from '../../../shared/nouns/contact/contact.ts';
import type { NewLocation } from '../../../shared/nouns/location/location.ts';
import { fold } from '../../../shared/lib/text.ts';

/** A client of the sample with what hangs on it. */
export interface SampleClient {
  client: NewClient;
  contacts: Omit<NewContact, 'clientId'>[];
  locations: Omit<NewLocation, 'clientId'>[];
}

type Stage = NonNullable<NewClient['lifecycleStage']>;
type Person = readonly [firstName: string, lastName: string, jobTitle: string];
type Place = readonly [city: string, region: string, postalCode: string, country: string];
type Row = readonly [
  name: string,
  stage: Stage,
  industry: string,
  place: Place,
  street: string,
  people: readonly Person[],
  sites: readonly string[],
  tags?: readonly string[],
];

const denver: Place = ['Denver', 'CO', '80202', 'US'];
const sanDiego: Place = ['San Diego', 'CA', '92101', 'US'];
const austin: Place = ['Austin', 'TX', '78701', 'US'];
const portland: Place = ['Portland', 'OR', '97204', 'US'];
const boston: Place = ['Boston', 'MA', '02108', 'US'];
const quebec: Place = ['Québec', 'QC', 'G1R 4P5', 'CA'];
const lyon: Place = ['Lyon', 'Auvergne-Rhône-Alpes', '69002', 'FR'];
const koeln: Place = ['Köln', 'Nordrhein-Westfalen', '50667', 'DE'];
const capeTown: Place = ['Cape Town', 'Western Cape', '8001', 'ZA'];

/** Companies and people are made up; addresses, numbers and domains are of the kind kept free for examples. */
const rows: readonly Row[] = [
  [
    'Harbor Street Bakery',
    'active_client',
    'hospitality',
    sanDiego,
    '12 Harbor Street',
    [
      ['Carla', 'Mendez', 'Owner'],
      ['Jonas', 'Berg', 'Head baker'],
    ],
    ['Main shop', 'Market stall'],
    ['vip'],
  ],
  [
    'North Field Logistics',
    'active_client',
    'logistics',
    denver,
    '480 Depot Road',
    [
      ['Amina', 'Okafor', 'Director'],
      ['Hugo', 'Lind', 'Fleet manager'],
    ],
    ['North depot', 'South depot', 'Airport office'],
    ['north route'],
  ],
  ['Cedar Point Clinic', 'matured_client', 'health', portland, '77 Cedar Avenue', [['Priya', 'Nair', 'Practice manager']], ['Clinic']],
  [
    'Old Mill Printing',
    'active_client',
    'printing',
    boston,
    '5 Mill Lane',
    [
      ['Olga', 'Petrova', 'Owner'],
      ['Noah', 'Reed', 'Press operator'],
    ],
    ['Print works'],
  ],
  [
    'Summit Ridge Builders',
    'prospect',
    'construction',
    denver,
    '230 Quarry Road',
    [['Farid', 'Haddad', 'Site manager']],
    ['Yard'],
    ['needs visit'],
  ],
  ['Blue Lantern Travel', 'dormant', 'travel', sanDiego, '9 Pier Walk', [['Mei', 'Tan', 'Owner']], ['Office']],
  [
    'Greenhouse Studio',
    'active_client',
    'creative',
    austin,
    '301 Garden Street',
    [
      ['Inès', 'Moreau', 'Art director'],
      ['Kofi', 'Asante', 'Designer'],
    ],
    ['Studio'],
  ],
  [
    'Riverside Primary School',
    'active_client',
    'education',
    portland,
    '18 River Road',
    [
      ['Grace', 'Hall', 'Head teacher'],
      ['Elena', 'Ruiz', 'Office'],
    ],
    ['School', 'Sports ground'],
  ],
  ['Silver Creek Law', 'matured_client', 'legal', boston, '640 Court Square', [['Dmitri', 'Novak', 'Partner']], ['Office']],
  ['Bright Path Tutoring', 'prospect', 'education', austin, '22 College Street', [['Rosa', 'Alvarez', 'Founder']], []],
  [
    'Iron Gate Security Systems',
    'active_client',
    'it_support',
    denver,
    '88 Foundry Street',
    [
      ['Søren', 'Holm', 'Operations'],
      ['Lucía', 'Vega', 'Accounts'],
    ],
    ['Head office', 'Workshop'],
  ],
  [
    'Maple Grove Farms',
    'active_client',
    'agriculture',
    quebec,
    '1450 Chemin des Érables',
    [['Étienne', 'Gagnon', 'Farmer']],
    ['Farm', 'Farm shop'],
    ['newsletter'],
  ],
  ['Atelier du Pont', 'prospect', 'creative', lyon, '4 quai du Pont', [['Camille', 'Lefort', 'Gérante']], ['Atelier']],
  [
    'Rheinufer Consulting',
    'active_client',
    'consulting',
    koeln,
    'Uferstraße 31',
    [
      ['Björn', 'Krause', 'Berater'],
      ['Anke', 'Vogel', 'Buchhaltung'],
    ],
    ['Büro'],
  ],
  [
    'Table Bay Tours',
    'active_client',
    'travel',
    capeTown,
    '15 Harbour Road',
    [['Thandi', 'Mokoena', 'Manager']],
    ['Booking office', 'Boat house'],
    ['vip', 'newsletter'],
  ],
  [
    'Golden Valley Foods',
    'matured_client',
    'wholesale',
    sanDiego,
    '900 Market Way',
    [
      ['Hana', 'Sato', 'Buyer'],
      ['Omar', 'Khalil', 'Warehouse'],
    ],
    ['Warehouse'],
  ],
  ['Lakeside Animal Shelter', 'active_client', 'non_profit', portland, '61 Lake Road', [['Wendy', 'Moss', 'Coordinator']], ['Shelter']],
  ['Copper Kettle Catering', 'inactive', 'events', austin, '47 Kettle Lane', [['Tomás', 'Silva', 'Chef']], []],
  ['Highline Cleaning', 'active_client', 'cleaning', denver, '5 Union Street', [['Ewa', 'Kowalska', 'Owner']], ['Office'], ['north route']],
  [
    'Second Wind Energy',
    'prospect',
    'utilities',
    austin,
    '1200 Mesa Road',
    [['Liam', 'Porter', 'Project lead']],
    ['Test field'],
    ['needs visit'],
  ],
  ['Paper Boat Books', 'active_client', 'online_retail', boston, '3 Water Street', [['Nadia', 'Rahman', 'Owner']], ['Shop']],
  ['Quiet Hours Music School', 'active_client', 'music', quebec, '210 rue de la Gare', [['Luc', 'Bouchard', 'Teacher']], ['School']],
  ['Fern Hill Nursery', 'lost_opportunity', 'agriculture', portland, '500 Fern Hill Road', [['Daniel', 'Cole', 'Owner']], []],
  ['Stone Bridge Handyman', 'active_client', 'handyman', sanDiego, '72 Bridge Street', [['Marco', 'Ricci', 'Owner']], ['Workshop']],
  [
    'Clearwater Pools',
    'active_client',
    'manufacturing',
    austin,
    '850 Spring Road',
    [
      ['Ivy', 'Chen', 'Sales'],
      ['Ben', 'Larsen', 'Plant manager'],
    ],
    ['Factory', 'Showroom'],
  ],
  ['Morning Star Hospice', 'matured_client', 'health', boston, '39 Hill Street', [['Ruth', 'Adler', 'Matron']], ['House']],
  [
    'Freewheel Courier Cooperative',
    'active_client',
    'logistics',
    koeln,
    'Radgasse 8',
    [['Lena', 'Hartmann', 'Disposition']],
    ['Werkstatt'],
  ],
  ['Les Jardins Suspendus', 'prospect', 'agriculture', lyon, '58 montée des Roses', [['Antoine', 'Perrin', 'Jardinier']], ['Serre']],
  ['Kelp & Anchor Photography', 'dormant', 'photography', capeTown, '27 Beach Road', [['Zola', 'Dlamini', 'Photographer']], []],
  [
    'City of Millbrook Parks',
    'active_client',
    'other',
    portland,
    '1 Town Hall Square',
    [['Harriet', 'Webb', 'Parks officer']],
    ['Town hall', 'Nursery', 'Depot'],
  ],
];

/** The sample as input of the same commands a person uses. `day` gives the local day some days from now, so that follow-ups look current. */
export function sampleBook(day: (fromToday: number) => string): SampleClient[] {
  return rows.map(([name, lifecycleStage, industry, place, street, people, sites, tags = []], index) => {
    const domain = `${fold(name).replace(/[^a-z0-9]+/g, '-')}.example`;
    const [city, region, postalCode, country] = place;
    const address = { line1: street, city, region, postalCode, country };
    const isPublic = name.startsWith('City of');
    return {
      client: {
        name,
        lifecycleStage,
        industry,
        kind: lifecycleStage === 'prospect' ? 'lead' : 'client',
        entityType: isPublic ? 'government' : industry === 'non_profit' ? 'non_profit' : 'company',
        isActive: lifecycleStage !== 'inactive',
        email: `hello@${domain}`,
        phone: phone(country, index * 10),
        website: `https://www.${domain}`,
        accountCode: `S-${String(index + 1).padStart(3, '0')}`,
        paymentTermsDays: [14, 30, 45][index % 3] ?? 30,
        firstContactDate: day(-400 + index * 7),
        lastContactDate: lifecycleStage === 'prospect' ? null : day(-(index * 3) - 1),
        nextFollowUpDate: index % 4 === 3 ? null : day(index * 2 - 6),
        tags: [...tags],
        address,
      },
      contacts: people.map(([firstName, lastName, jobTitle], at) => ({
        firstName,
        lastName,
        jobTitle,
        isPrimary: at === 0,
        email: `${fold(firstName)}.${fold(lastName)}@${domain}`,
        mobilePhone: phone(country, index * 10 + at + 1),
      })),
      locations: sites.map((site, at) => ({
        name: site,
        isPrimary: at === 0,
        physicalAddress: at === 0 ? address : { ...address, line1: `${10 + at} ${site} Road` },
        primaryPhone: phone(country, index * 10 + at + 5),
      })),
    };
  });
}

/** Numbers that nobody has, each once: two sample records with one phone would be shown as duplicates. */
function phone(country: string, number: number): string {
  const hundred = Math.floor(number / 100);
  const last = String(100 + (number % 100)).padStart(4, '0');
  if (country === 'FR') return `+33 1 99 0${hundred} ${last.slice(0, 2)} ${last.slice(2)}`;
  if (country === 'DE') return `+49 22${hundred + 1} 555 ${last}`;
  if (country === 'ZA') return `+27 2${hundred + 1} 555 ${last}`;
  return `(${['619', '858', '760'][hundred] ?? '442'}) 555-${last}`;
}
