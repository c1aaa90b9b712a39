import { djangoPage, listPath, type Manifest, type NaturalKey, type RemoteList, type RemoteResource, resourceIn } from './manifest.ts';
import { locationItemPriceAtShape, programs } from './programs.ts';
import { isWire, type Wire } from './wire.ts';
import { valueAt } from '../nouns/field.ts';

const list = (name: string, more: Partial<RemoteList> = {}): RemoteList => ({
  path: listPath(programs, name),
  query: {},
  page: (body) => djangoPage(body),
  ...more,
});

const one = (name: string, keys: readonly NaturalKey[], more: Partial<RemoteResource> = {}): RemoteResource =>
  resourceIn(programs, name, { list: more.list === undefined ? list(name) : more.list, keys, ...more });

/** Where somebody works stands inside the contact: it is listed nowhere else. */
function roles(contact: Wire): Record<string, Wire[]> {
  const entries = Array.isArray(contact['programs']) ? contact['programs'].filter(isWire) : [];
  return {
    'program-location-contact': entries.map(({ program, ...entry }) => ({
      ...entry,
      program_location: isWire(program) ? program['id'] : program,
      client_contact: contact['id'],
    })),
  };
}

/** A contact of no client, or of one that is not there, cannot be told there. */
const hangsOn =
  (field: string, of: 'clients' | 'locations'): NonNullable<RemoteResource['isOffered']> =>
  (record, book) => {
    const parent = valueAt(record, field);
    return typeof parent === 'string' && book.get(of, parent)?.deletedAt === null;
  };

export const programsManifest: Manifest = {
  kind: 'programs',
  edition: 'programs',
  label: programs.label,
  dialect: programs,
  signIn: ['token', 'basic'],
  organisation: { in: 'nowhere' },
  resources: [
    one('client', [{ members: ['name'], isUnique: false }]),
    one(
      'client-contact',
      [
        { members: ['client_info', 'email'], isUnique: false, unless: ['last_name'] },
        { members: ['client_info', 'first_name', 'last_name'], isUnique: false, unless: ['email', 'dob'] },
        { members: ['client_info', 'last_name'], isUnique: false, unless: ['first_name', 'email', 'dob'] },
      ],
      { list: list('client-contact', { inside: roles }), isOffered: hangsOn('clientId', 'clients') },
    ),
    one('program-location', [{ members: ['client_info', 'program_name'], isUnique: false }], { isOffered: hangsOn('clientId', 'clients') }),
    one('program-location-contact', [{ members: ['program_location', 'client_contact'], isUnique: false, unless: ['start_date'] }], {
      list: null,
      isOffered: (record, book) => {
        const contact = valueAt(record, 'contactId');
        const its = typeof contact === 'string' ? book.get('contacts', contact) : null;
        return its?.deletedAt === null && hangsOn('locationId', 'locations')(record, book);
      },
    }),
    one('item-price', [{ members: ['item_code'], isUnique: true }]),
    one('program-location-item-price', [{ members: ['location', 'item_price'], isUnique: true }], {
      merge: { answer: locationItemPriceAtShape, change: one('program-location-item-price', []).merge.change },
      list: list('program-location-item-price', {
        narrowed: { by: 'program-location', parameter: 'program_location_id', member: 'location' },
      }),
    }),
  ],
  limits: [
    'Of a client it knows the name, and whether it is active.',
    'A price of an item at a place comes into being by itself.',
    'Deleting a client or a place there may delete what hangs on it.',
  ],
};
