import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dialect, Endpoint } from '../../shared/dialects/dialect.ts';
import { pathTo } from '../../shared/dialects/dialect.ts';
import { priceNumber } from '../../shared/dialects/programs.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import { newId } from '../../shared/lib/ids.ts';
import { inOrganisation } from '../../server/store/tenant.ts';
import { dialects } from '../unit/shared/dialects/shapes.ts';
import { multipart, partsOf } from './support/multipart.ts';
import { type Answer, basicOf, engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

type Wire = Record<string, unknown>;

/** What stands in Ada's records and nowhere else. */
const secret = 'Confidential';

/** A body that an endpoint takes, so that only who asks can be why it is refused. */
const bodies: Readonly<Record<string, Wire>> = {
  'skhokho clients': { name: 'Mine' },
  'programs client': { name: 'Mine' },
  'programs client-contact': { first_name: 'Mine' },
  'programs program-location': { client: 1, program_name: 'Mine' },
  'programs program-location-contact': { client_contact: 1, program_location: 1 },
  'programs item-price': { invoice_item: 'Mine', item_code: 'MINE', default_price: '1.00', default_tax_rate: '0' },
  'programs program-location-item-price': { custom_price: '1.00' },
  'summit clients': { name: 'Mine' },
  'casework clients': { client: { name: 'Mine', primary_location: { name: 'Main', state: 'CO', country: 'US' } } },
  'bottlecrm accounts': { name: 'Mine' },
  'bottlecrm comments': { comment: 'Mine' },
  'bottlecrm emails': {
    recipients: ['a@example.com'],
    subject: 'Mine',
    html: '<p>Mine</p>',
    from_account: 'me@example.com',
    scheduled_later: false,
  },
};

/** Calls that make a record which hangs on no other: there is no id in them that could be another company's. */
const namesNobody = new Set(['clients.create', 'client.create', 'client-contact.create', 'item-price.create', 'accounts.create']);

describe.each(engines)('Every call on %s', (engine) => {
  let server: TestServer;
  let ada: Somebody;
  let eve: Somebody;
  /** Ids of Ada's records, by collection: as numbers, or as they are. */
  const ids = new Map<NounName | 'comment' | 'attachment', { id: string; number: number }>();

  beforeAll(async () => {
    server = await startTestServer(engine, 'everyCall');
    ada = await server.organisation('ada');
    eve = await server.organisation('eve');
    const made = await server.run(ada, (tx) => {
      const client = tx.create('clients', { name: secret, email: 'confidential@example.com', banking: { accountNumber: secret } });
      const location = tx.create('locations', { clientId: client.id, name: secret });
      const contact = tx.create('contacts', { clientId: client.id, firstName: secret });
      const role = tx.create('locationContacts', { locationId: location.id, contactId: contact.id, title: secret });
      const item = tx.create('itemPrices', { invoiceItem: secret, itemCode: secret });
      const about = { about: 'clients', aboutId: client.id };
      const comment = tx.create('activities', { kind: 'comment', ...about, body: secret });
      const attachment = tx.create('activities', {
        kind: 'attachment',
        ...about,
        fileName: secret,
        mediaType: 'text/plain',
        size: 1,
        sha256: 'a'.repeat(64),
      });
      return { clients: client, locations: location, contacts: contact, locationContacts: role, itemPrices: item, comment, attachment };
    });
    await inOrganisation(server.engine, ada.organisation, async (tenant) => {
      for (const [name, { id }] of Object.entries(made)) {
        const [kept] = await tenant.get(name === 'comment' || name === 'attachment' ? 'activities' : (name as NounName), [id]);
        ids.set(name as NounName, { id, number: kept?.number ?? 0 });
      }
    });
  });
  afterAll(() => server.close());

  const idFor = (dialect: Dialect, endpoint: Endpoint): string => {
    if (endpoint.name.startsWith('program-location-item-price'))
      return String(priceNumber(ids.get('locations')?.number ?? 0, ids.get('itemPrices')?.number ?? 0));
    const of = dialect.resources.find(({ name }) => name === endpoint.resource)?.of ?? 'clients';
    const named = endpoint.name.startsWith('attachments') ? 'attachment' : /\/comment\//.test(endpoint.path) ? 'comment' : of;
    // Comments and e-mails are put on an account.
    const known = ids.get(named === 'activities' ? 'clients' : named);
    return dialect.capabilities.idsAreIntegers ? String(known?.number) : String(known?.id);
  };
  interface How {
    organisation?: string;
    id?: string;
    headers?: Record<string, string>;
    body?: unknown;
    /** In the place of a body that is JSON. */
    payload?: string | Buffer;
  }
  /** A call as somebody, in their own organisation and for Ada's records unless told. */
  const call = (as: Somebody | null, dialect: Dialect, endpoint: Endpoint, how: How = {}): Promise<Answer> => {
    const organisation = how.organisation ?? as?.organisation ?? ada.organisation;
    const id = how.id ?? idFor(dialect, endpoint);
    const parameters = Object.fromEntries(endpoint.pathParameters.map(({ name }) => [name, name === 'org_uid' ? organisation : id]));
    const { auth, headers } = dialect.capabilities;
    const signed = as === null || auth.includes('bearer') ? {} : basicOf(as);
    // A header beside is sent where the dialect has one, and where another organisation is to be named.
    const named: Record<string, string> =
      headers.includes('organization-id') || how.organisation !== undefined ? { 'organization-id': organisation } : {};
    const body =
      endpoint.body === null ? undefined : Object.hasOwn(how, 'body') ? how.body : (bodies[`${dialect.name} ${endpoint.resource}`] ?? {});
    const { payload } = how;
    return server.ask(as, endpoint.method, pathTo(endpoint, parameters), payload === undefined ? body : undefined, {
      ...(payload !== undefined && { payload }),
      headers: { ...named, ...signed, ...how.headers },
    });
  };
  const stateOf = async (as: Somebody) =>
    inOrganisation(server.engine, as.organisation, async ({ tx }) =>
      tx.selectFrom('records').select(['id', 'seq']).orderBy('seq').execute(),
    );
  const hasId = ({ pathParameters }: Endpoint) => pathParameters.some(({ name }) => name !== 'org_uid');

  describe.each(dialects.map((dialect) => [dialect.label, dialect] as const))('of %s', (_, dialect) => {
    it('is 401 for nobody and for a wrong token', async () => {
      for (const endpoint of dialect.endpoints) {
        expect(await call(null, dialect, endpoint), endpoint.name).toMatchObject({
          status: 401,
          headers: { 'www-authenticate': expect.anything() },
          body: { detail: 'Authentication credentials were not provided.' },
        });
        for (const authorization of ['Bearer x', `Bearer ${ada.refreshToken}`, 'Basic x', 'Basic YTpi', 'Digest x'])
          expect((await call(null, dialect, endpoint, { headers: { authorization } })).status, endpoint.name).toBe(401);
      }
    });

    it('is 403 for whoever names an organisation that is not theirs', async () => {
      const before = await stateOf(ada);
      for (const endpoint of dialect.endpoints)
        for (const organisation of [ada.organisation, newId(), 'rubbish'])
          expect(await call(eve, dialect, endpoint, { organisation }), endpoint.name).toMatchObject(
            // Calls that need no organisation beside go by whose record it is.
            endpoint.spares.length > 0 ? { status: expect.toBeOneOf([403, 404]) } : { status: 403, body: { detail: expect.any(String) } },
          );
      expect(await stateOf(ada)).toEqual(before);
    });

    it('finds nothing of another company by its ids, and changes nothing', async () => {
      const before = [await stateOf(ada), await stateOf(eve)];
      for (const endpoint of dialect.endpoints) {
        if (namesNobody.has(endpoint.name)) continue;
        const answer = await call(eve, dialect, endpoint);
        expect(JSON.stringify(answer.body), endpoint.name).not.toContain(secret);
        const status = hasId(endpoint) ? 404 : endpoint.action === 'list' ? 200 : 400;
        expect(answer.status, `${endpoint.name} ${JSON.stringify(answer.body)}`).toBe(status);
        if (status === 404) expect(answer.body).toEqual({ detail: 'Not found.' });
      }
      expect([await stateOf(ada), await stateOf(eve)]).toEqual(before);
    });

    it('is 404 for ids that are nobody’s', async () => {
      const before = await stateOf(ada);
      for (const endpoint of dialect.endpoints.filter(hasId))
        for (const id of [newId(), '987654321', 'none', '0'])
          expect(await call(ada, dialect, endpoint, { id }), `${endpoint.name} ${id}`).toMatchObject({
            status: 404,
            body: { detail: 'Not found.' },
          });
      expect(await stateOf(ada)).toEqual(before);
    });

    it('is answered alike whether its body is JSON, urlencoded or multipart, where it takes all of them', async () => {
      const types = { json: 'application/json', form: 'application/x-www-form-urlencoded', multipart } as const;
      let calls = 0;
      for (const endpoint of dialect.endpoints.filter(({ bodyTypes }) => bodyTypes.length > 1)) {
        const answers: Answer[] = [];
        for (const type of endpoint.bodyTypes) {
          calls += 1;
          const { item_code: code, ...fields } = bodies[`${dialect.name} ${endpoint.resource}`] ?? {};
          // No two items may have one code.
          const body = { ...fields, ...(code !== undefined && { item_code: `MINE-${calls}` }) };
          const texts = Object.entries(body).map(([name, value]): [string, string] => [name, String(value)]);
          const payload = {
            json: JSON.stringify(body),
            form: new URLSearchParams(texts).toString(),
            multipart: partsOf(texts.map(([name, value]) => ({ name, value }))),
          }[type];
          answers.push(await call(ada, dialect, endpoint, { payload, headers: { 'content-type': types[type] } }));
        }
        const [first] = answers;
        for (const answer of answers) {
          expect(answer.status, `${endpoint.name} ${JSON.stringify(answer.body)}`).toBe(endpoint.statuses[0]?.status);
          expect(Object.keys(answer.body)).toEqual(Object.keys(first?.body ?? {}));
        }
      }
    });

    it('is 400 with a body that is no object, and writes nothing', async () => {
      const before = await stateOf(ada);
      for (const endpoint of dialect.endpoints.filter(({ body }) => body !== null))
        for (const body of [[], 'text', 7, null]) {
          const answer = await call(ada, dialect, endpoint, { body });
          expect(answer.status, `${endpoint.name} ${JSON.stringify(body)}`).toBe(400);
          expect(Object.keys(answer.body).length).toBeGreaterThan(0);
        }
      expect(await stateOf(ada)).toEqual(before);
    });
  });
});
