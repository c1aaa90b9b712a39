import { casework, clientIn, clientsIn, creationProblem, primaryLocationOf, primaryLocationShape, wrapped } from './casework.ts';
import { type ListPage, listPath, type Manifest, readOnlyResource, resourceIn, rowsOf } from './manifest.ts';
import { valueAt } from '../nouns/field.ts';
import { isWire, type Wire } from './wire.ts';
import { reference } from './wire-values.ts';

function page(body: unknown): ListPage | null {
  return rowsOf(body, ['clients', 'data']) !== null ? { rows: clientsIn(body), next: null, total: null } : null;
}

/** A location does not name its client; it stands inside it. */
function inside(row: Wire): Record<string, Wire[]> {
  const location = row['primary_location'];
  return { primary_location: isWire(location) ? [{ ...location, client_id: row['id'] }] : [] };
}

const location = {
  ...primaryLocationShape,
  members: [...primaryLocationShape.members, reference('client_id', 'clientId', 'clients', { integer: true })],
};

export const caseworkManifest: Manifest = {
  kind: 'casework',
  edition: 'casework',
  label: casework.label,
  dialect: casework,
  signIn: ['token', 'basic'],
  organisation: { in: 'nowhere' },
  resources: [
    resourceIn(casework, 'clients', {
      list: {
        path: listPath(casework, 'clients'),
        query: {},
        page,
        inside,
        since: { parameter: 'updated_from', member: 'updated_at', grainMs: 1000 },
      },
      oneIn: clientIn,
      body: wrapped,
      problem: creationProblem,
      keys: [
        { members: ['account_code'], isUnique: false },
        { members: ['name', 'email_invoice'], isUnique: false, unless: ['account_code'] },
        { members: ['name'], isUnique: false, unless: ['account_code', 'email_invoice', 'website'] },
      ],
    }),
    readOnlyResource({
      name: 'primary_location',
      of: 'locations',
      shape: location,
      keys: [{ members: ['client_id'], isUnique: true }],
      isMatchable: (record, book) => {
        const client = book.get('clients', String(valueAt(record, 'clientId')));
        return client !== null && primaryLocationOf(client, { book })[0]?.id === record.id;
      },
    }),
  ],
  limits: [
    'A client there can be neither deleted nor closed: what is deleted here stays there.',
    'The first location is sent with the client, and changed there only.',
    'A state and a country are sent by their two letters.',
  ],
};
