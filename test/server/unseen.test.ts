import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dialect, type Endpoint, pathTo } from '../../shared/dialects/dialect.ts';
import { priceNumber } from '../../shared/dialects/programs.ts';
import { newId } from '../../shared/lib/ids.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import { schemaHeader } from '../../shared/sync/wire.ts';
import { inOrganisation } from '../../server/store/tenant.ts';
import { dialects } from '../unit/shared/dialects/shapes.ts';
import { deviceOf, row } from './support/sync-device.ts';
import { basicOf, engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

/** What stands in Tom's records, which Tim does not see, and nowhere else. */
const secret = 'Confidential';
const bytes = Buffer.from('The very same contract that a colleague has.');
const sha256 = createHash('sha256').update(bytes).digest('hex');

const ofClients = (dialect: Dialect, action: Endpoint['action']) =>
  dialect.endpoints.find(
    (one) => one.action === action && dialect.resources.some(({ name, of }) => name === one.resource && of === 'clients'),
  ) as Endpoint;
const saysEmails = ({ resources }: Dialect) =>
  resources.some(({ of, create }) => of === 'clients' && create?.members.some((member) => 'book' in member && member.book === 'email'));

describe.each(engines)('What somebody does not see on %s', (engine) => {
  let server: TestServer;
  let ada: Somebody;
  let tim: Somebody;
  const hidden = new Map<NounName, { id: string; number: number }>();
  let mine: { client: string; contact: { id: string; number: number }; role: number };
  let ownPlace: number;

  beforeAll(async () => {
    server = await startTestServer(engine, 'unseen');
    ada = await server.organisation('unseen');
    const tom = await server.member(ada, 'tom@unseen.example.com', 'member');
    tim = await server.member(ada, 'tim@unseen.example.com', 'member');
    // Locations and roles are told apart by their numbers.
    await server.countFrom(ada, { locationContacts: 500 });
    const made = await server.run(ada, (tx) => {
      for (const email of dialects.flatMap(({ name }) => [name, `also-${name}`]))
        tx.create('clients', { name: secret, email: `${email}@taken.example.com`, accountOwnerId: tom.userId });
      const client = tx.create('clients', { name: secret, accountOwnerId: tom.userId, tags: ['secret'] });
      const clientId = client.id;
      const location = tx.create('locations', { clientId, name: secret });
      const contact = tx.create('contacts', { clientId, firstName: secret });
      const locationContact = tx.create('locationContacts', { locationId: location.id, contactId: contact.id, title: secret });
      const activity = tx.create('activities', { kind: 'comment', about: 'clients', aboutId: clientId, body: secret });
      tx.create('activities', { kind: 'attachment', about: 'clients', aboutId: clientId, fileName: secret, size: bytes.length, sha256 });
      const item = tx.create('itemPrices', { invoiceItem: 'Cleaning', itemCode: 'C1' });
      const own = tx.create('clients', { name: 'Own', email: 'own@example.com', accountOwnerId: tim.userId });
      const ownLocation = tx.create('locations', { clientId: own.id, name: 'Own place' });
      const ownContact = tx.create('contacts', { clientId: own.id, firstName: 'Ida' });
      // Ida works at Tom's client as well.
      const role = tx.create('locationContacts', {
        locationId: location.id,
        contactId: ownContact.id,
        title: secret,
        isProgramContact: true,
      });
      const hiding = { clients: client, locations: location, contacts: contact, locationContacts: locationContact, activities: activity };
      return { hiding, item, own, ownContact, ownLocation, role };
    });
    await inOrganisation(server.engine, ada.organisation, async (tenant) => {
      const numberOf = async (of: NounName, id: string) => (await tenant.get(of, [id]))[0]?.number ?? 0;
      for (const [of, { id }] of Object.entries(made.hiding) as [NounName, { id: string }][])
        hidden.set(of, { id, number: await numberOf(of, id) });
      hidden.set('itemPrices', { id: made.item.id, number: await numberOf('itemPrices', made.item.id) });
      mine = {
        client: made.own.id,
        contact: { id: made.ownContact.id, number: await numberOf('contacts', made.ownContact.id) },
        role: await numberOf('locationContacts', made.role.id),
      };
      ownPlace = await numberOf('locations', made.ownLocation.id);
    });
  });
  afterAll(() => server.close());

  const inDialect = (dialect: Dialect, as: Somebody, method: Endpoint['method'], url: string, body?: unknown) =>
    server.ask(as, method, url, body, {
      headers: {
        ...(dialect.capabilities.headers.includes('organization-id') && { 'organization-id': as.organisation }),
        ...(!dialect.capabilities.auth.includes('bearer') && basicOf(as)),
      },
    });
  const bodies: Readonly<Record<string, Record<string, unknown>>> = {
    skhokho: { name: 'Mine' },
    programs: { name: 'Mine' },
    summit: { name: 'Mine' },
    casework: { client: { name: 'Mine', primary_location: { name: 'Main', state: 'CO', country: 'US' } } },
    bottlecrm: { name: 'Mine' },
  };
  const pathOf = (endpoint: Endpoint, id: string) =>
    pathTo(endpoint, Object.fromEntries(endpoint.pathParameters.map(({ name }) => [name, name === 'org_uid' ? tim.organisation : id])));

  describe.each(dialects.map((one) => [one.label, one] as const))('through %s', (_, dialect) => {
    it('is answered as what nobody has: getting, changing, deleting, naming it', async () => {
      for (const endpoint of dialect.endpoints) {
        const of = dialect.resources.find(({ name }) => name === endpoint.resource)?.of ?? 'clients';
        if (of === 'itemPrices' || !endpoint.pathParameters.some(({ name }) => name !== 'org_uid')) continue;
        const isPrice = endpoint.name.startsWith('program-location-item-price');
        const there = hidden.get(/\/comment\//.test(endpoint.path) || of !== 'activities' ? of : 'clients') ?? hidden.get('locations');
        const idOf = (number: number | undefined, id: string | undefined) =>
          !dialect.capabilities.idsAreIntegers
            ? String(id)
            : isPrice
              ? String(priceNumber(Number(number), hidden.get('itemPrices')?.number ?? 0))
              : String(number);
        const body = endpoint.body === null ? undefined : (bodies[dialect.name] ?? {});
        const [theirs, nobodys] = [idOf(there?.number, there?.id), idOf(9_876, newId())];
        const answers = [];
        for (const id of [theirs, nobodys]) {
          const { status, body: said } = await inDialect(dialect, tim, endpoint.method, pathOf(endpoint, id), body);
          answers.push([status, JSON.stringify(said).replaceAll(id, 'ID')]);
        }
        expect(answers[0], endpoint.name).toEqual(answers[1]);
        expect(answers[0]?.[0], endpoint.name).toBe(404);
      }
    });

    it('is in no list, no count and no search', async () => {
      for (const endpoint of dialect.endpoints.filter(({ action }) => action === 'list')) {
        const url = pathOf(endpoint, '');
        const searches = endpoint.query.filter(({ name }) => ['search', 'q', 'name', 'tags'].includes(name)).map(({ name }) => `?${name}=`);
        for (const text of ['', ...searches.flatMap((one) => [`${one}${secret}`, `${one}secret`])]) {
          const answer = await inDialect(dialect, tim, 'GET', `${url}${text}`);
          expect(JSON.stringify(answer.body), `${endpoint.name} ${text}`).not.toContain(secret);
        }
      }
    });
  });

  it.each(dialects.filter(saysEmails).map((one) => [one.label, one] as const))(
    'is no reason why an e-mail would be taken through %s',
    async (_, dialect) => {
      const email = `${dialect.name}@taken.example.com`;
      const post = (as: Somebody, body: object) => inDialect(dialect, as, 'POST', ofClients(dialect, 'create').path, body);
      const made = await post(tim, { name: 'Mine', email });
      expect(made, JSON.stringify(made.body)).toMatchObject({ status: ofClients(dialect, 'create').statuses[0]?.status });
      const { id } = made.body as { id: string };
      // Neither on changing one.
      const change = ofClients(dialect, 'change') ?? ofClients(dialect, 'replace');
      const changed = await inDialect(dialect, tim, change.method, pathOf(change, String(id)), {
        name: 'Mine',
        email: `also-${dialect.name}@taken.example.com`,
      });
      expect(changed, JSON.stringify(changed.body)).toMatchObject({ status: 200 });
      // What they see is taken still, and so is all for whoever sees all.
      for (const [as, taken] of [
        [tim, 'own@example.com'],
        [ada, email],
      ] as const)
        expect((await post(as, { name: 'Mine', email: taken })).status).toBe(dialect.name === 'summit' ? 409 : 400);
    },
  );

  it('is not shown by what they see: a contact’s role at another client', async () => {
    const programs = dialects.find(({ name }) => name === 'programs') as Dialect;
    const list = programs.endpoints.find(({ name }) => name === 'client-contact.list') as Endpoint;
    const change = programs.endpoints.find(({ name }) => name === 'client-contact.change') as Endpoint;
    const { body } = await inDialect(programs, tim, 'GET', list.path);
    expect(body).toMatchObject([{ id: mine.contact.number, programs: [] }]);
    for (const query of [`program_location_id=${hidden.get('locations')?.number}`, 'is_program_contact=true'])
      expect((await inDialect(programs, tim, 'GET', `${list.path}?${query}`)).body, query).toEqual([]);
    const asked = { assign_programs: [mine.role] };
    expect((await inDialect(programs, tim, 'PATCH', pathOf(change, String(mine.contact.number)), asked)).status).toBe(400);
    // What they cannot see they cannot take away by not naming it.
    const answer = await inDialect(programs, tim, 'PATCH', pathOf(change, String(mine.contact.number)), { assign_programs: [ownPlace] });
    expect(answer).toMatchObject({ status: 200, body: { programs: [{ program: { id: ownPlace } }] } });
    const shown = (await inDialect(programs, ada, 'GET', pathOf(change, String(mine.contact.number)))).body as { programs: object[] };
    expect(shown.programs).toHaveLength(2);
  });

  it('is not told by sync: neither that a colleague has the same file, nor how many records there are', async () => {
    const headers = { authorization: `Bearer ${tim.accessToken}`, [schemaHeader]: '1' };
    const staged = await server.files.stage(ada.organisation, [bytes] as never);
    await inOrganisation(server.engine, ada.organisation, (tenant) => server.files.keep(tenant, staged));
    const stands = async () =>
      (await server.app.inject({ method: 'HEAD', url: `/sync/files/${sha256}`, headers })).headers['upload-offset'];
    expect(await stands()).toBe('0');
    const device = deviceOf(server, tim);
    const about = { about: 'clients', aboutId: mine.client };
    const fields = { kind: 'attachment', ...about, fileName: 'a.txt', mediaType: 'text/plain', size: bytes.length, sha256 };
    const attachment = device.make('activities', fields);
    expect(await device.push([row('activities', attachment)])).toMatchObject([{ verdict: 'ok', missingFile: sha256 }]);
    const sent = await server.app.inject({
      method: 'PATCH',
      url: `/sync/files/${sha256}`,
      payload: bytes,
      headers: { ...headers, 'content-type': 'application/octet-stream', 'upload-offset': '0', 'upload-length': String(bytes.length) },
    });
    expect(sent.headers).toMatchObject({ 'upload-complete': 'true' });
    expect(await stands()).toBe(String(bytes.length));

    // Of 100 clients Tim sees a few: the share of what is deleted is one of those.
    const others = Array.from({ length: 100 }, () => ({ name: secret, accountOwnerId: ada.userId }));
    await server.run(ada, (tx) => others.forEach((one) => tx.create('clients', one)));
    const own = Array.from({ length: 8 }, (_, at) => device.make('clients', { name: `Mine ${at}`, accountOwnerId: tim.userId }));
    await device.put(...own.map((one) => row('clients', one)));
    const gone = own.map((one) =>
      row('clients', device.change('clients', one, { deletedAt: new Date(server.clock.now()).toISOString() }), one),
    );
    expect(await device.tryPush(gone)).toMatchObject({ status: 409, body: { code: 'mass_delete', deletions: { clients: 8 } } });
  });
});
