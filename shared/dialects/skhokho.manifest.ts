import { djangoPage, type Manifest, readOnlyResource, resourceIn } from './manifest.ts';
import { contactMiniShape, personMiniShape, skhokho } from './skhokho.ts';
import { isWire, type Wire } from './wire.ts';

/** People and the primary contact stand inside a client; nobody is a person without an id. */
function inside(row: Wire): Record<string, Wire[]> {
  const named = (value: unknown): Wire[] =>
    isWire(value) && typeof value['unique_id'] === 'string' && value['unique_id'] !== '' ? [value] : [];
  const isNamed = (person: Wire) => typeof person['full_name'] === 'string' && person['full_name'].trim() !== '';
  return {
    people: [row['assigned_to'], row['account_owner']].flatMap(named).filter(isNamed),
    primary_contact: named(row['primary_contact']).map((contact) => ({ ...contact, entity_id: row['unique_id'] })),
  };
}

const organisation = 'org_uid';

export const skhokhoManifest: Manifest = {
  kind: 'skhokho',
  edition: 'skhokho',
  label: skhokho.label,
  dialect: skhokho,
  signIn: ['basic', 'session'],
  organisation: { in: 'path', parameter: organisation },
  resources: [
    readOnlyResource({
      name: 'people',
      of: 'directory',
      shape: personMiniShape,
      keys: [{ members: ['full_name'], isUnique: false }],
    }),
    resourceIn(
      skhokho,
      'clients',
      {
        list: {
          path: skhokho.endpoints[0]?.path ?? '',
          query: {},
          page: (body) => djangoPage(body),
          inside,
        },
        choosesIds: true,
        keys: [
          { members: ['name', 'website'], isUnique: false },
          { members: ['name'], isUnique: false, unless: ['website', 'address.phone', 'address.city'] },
        ],
      },
      organisation,
    ),
    readOnlyResource({
      name: 'primary_contact',
      of: 'contacts',
      shape: contactMiniShape,
      keys: [
        { members: ['entity_id', 'email'], isUnique: false },
        { members: ['entity_id', 'first_name', 'last_name'], isUnique: false, unless: ['email'] },
      ],
    }),
  ],
  limits: [
    'It knows 28 industries; others stay in the book.',
    'Phones have 9 to 15 digits there.',
    'The owner, the assignee and the primary contact are shown and changed there only.',
  ],
};
