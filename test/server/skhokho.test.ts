import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { industryLabels } from '../../shared/dialects/skhokho.ts';
import { newId } from '../../shared/lib/ids.ts';
import { specText } from '../unit/shared/dialects/examples.ts';
import { skhokhoValidator } from './support/openapi-validator.ts';
import { type Answer, basicOf, engines, password, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

type Wire = Record<string, unknown>;
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const full = {
  name: 'Acme Depot',
  description: 'Widgets',
  entity_type: 'company',
  lifecycle_stage: 'active_client',
  industry: 'it_support',
  website: 'https://acme.example/a?b=c',
  company_size: '11-50',
  annual_revenue: '1234567890123.45',
  default_currency: 'ZAR',
  first_contact_date: '2024-01-31',
  last_contact_date: '2024-04-30',
  next_follow_up_date: '2024-05-02',
  address: {
    address_line_1: '1 Long Street',
    address_line_2: null,
    city: 'Cape Town',
    province_state: 'Western Cape',
    postal_code: '8001',
    country: 'ZA',
    phone: '+27215550100',
  },
  banking_information: {
    bank_name: 'First Bank',
    account_number: '62-1234-5678-90',
    branch_code: '250655',
    account_type: 'business',
    routing_number: 'RT-998877',
    swift_code: 'FIRNZAJJ',
  },
};

describe.each(engines)('Skhokho on %s', (engine) => {
  let server: TestServer;
  let ada: Somebody;
  let companies = 0;
  const problemsOf = skhokhoValidator();

  beforeAll(async () => {
    server = await startTestServer(engine, 'skhokho');
  });
  afterAll(() => server.close());
  const freshCompany = async () => {
    companies += 1;
    server.clock.moveTo('2024-05-03T10:00:00.000Z');
    ada = await server.organisation(`skhokho${companies}`);
  };

  const base = (organisation = ada.organisation) => `/api/v1.0/organisation/${organisation}/clients/`;
  /** Statuses of ours beside those of the file (docs/dialects.md). */
  const beside = new Set(['GET list 400']);
  /** A call as somebody, whose answer, good or bad, has to be one the file has. */
  const call = async (method: Method, path: string, body?: unknown, as: Somebody | null = ada, organisation?: string): Promise<Answer> => {
    const url = `${base(organisation)}${path}`;
    const answer = await server.ask(null, method, url, body, { headers: as === null ? {} : basicOf(as) });
    const [bare = ''] = url.split('?');
    if (!beside.has(`${method} ${bare === base(organisation) ? 'list' : 'one'} ${answer.status}`))
      expect(problemsOf(method, bare, answer.status, answer.body)).toEqual([]);
    if (answer.status >= 400) expect(Object.keys(answer.body).length).toBeGreaterThan(0);
    return answer;
  };
  const make = async (fields: Wire, as = ada): Promise<Wire & { unique_id: string }> => {
    const { status, body } = await call('POST', 'create/', fields, as);
    expect(status, JSON.stringify(body)).toBe(201);
    return body as Wire & { unique_id: string };
  };
  const names = async (query = '', as = ada) => {
    const { status, body } = await call('GET', query === '' ? '' : `?${query}`, undefined, as);
    expect(status, JSON.stringify(body)).toBe(200);
    return (body as unknown as { name: string }[]).map(({ name }) => name);
  };

  describe('the six calls', () => {
    beforeAll(freshCompany);

    it('create a client from a name, with everything else as the model begins', async () => {
      expect(await make({ name: 'Just a name' })).toEqual({
        unique_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        name: 'Just a name',
        description: null,
        entity_type: 'company',
        entity_type_display: 'Company',
        lifecycle_stage: 'prospect',
        lifecycle_stage_display: 'Prospect',
        industry: null,
        industry_display: null,
        website: null,
        company_size: null,
        annual_revenue: null,
        default_currency: 'USD',
        first_contact_date: null,
        last_contact_date: null,
        next_follow_up_date: null,
        created_by: { unique_id: ada.userId, full_name: ada.email },
        assigned_to: { unique_id: null, full_name: '' },
        account_owner: { unique_id: null, full_name: '' },
        address: null,
        banking_information: null,
        days_since_last_contact: null,
        is_follow_up_overdue: false,
        primary_contact: null,
        date_created: '2024-05-03T10:00:00Z',
        last_updated: '2024-05-03T10:00:00Z',
      });
    });

    it('create, get, list, change and delete one with every field', async () => {
      const made = await make(full);
      expect(made).toMatchObject({
        ...full,
        entity_type_display: 'Company',
        lifecycle_stage_display: 'Active Client',
        industry_display: 'IT and Software Support Services',
        days_since_last_contact: 3,
        is_follow_up_overdue: true,
      });
      const path = `${made.unique_id}/`;
      expect((await call('GET', path)).body).toEqual(made);
      expect((await call('GET', '')).body).toContainEqual(made);

      server.clock.moveTo('2024-05-03T11:00:00.000Z');
      const changed = await call('PATCH', `${path}update/`, { lifecycle_stage: 'dormant', address: { city: 'Durban' } });
      expect(changed).toMatchObject({
        status: 200,
        body: {
          ...made,
          lifecycle_stage: 'dormant',
          lifecycle_stage_display: 'Dormant',
          address: { ...full.address, city: 'Durban' },
          last_updated: '2024-05-03T11:00:00Z',
        },
      });
      // "Full or partial update": PUT takes a part, and a whole object as it was shown.
      expect(await call('PUT', `${path}update/`, { description: null })).toMatchObject({
        status: 200,
        body: { ...changed.body, description: null },
      });
      expect((await call('PUT', `${path}update/`, made)).body).toMatchObject(full);
      expect((await call('PUT', `${path}update/`, { banking_information: null, address: null })).body).toMatchObject({
        banking_information: null,
        address: null,
      });

      expect(await call('DELETE', `${path}delete/`)).toMatchObject({ status: 204, body: {} });
      expect((await call('GET', path)).status).toBe(404);
      expect((await call('PATCH', `${path}update/`, { name: 'Back' })).status).toBe(404);
      expect((await call('PUT', `${path}update/`, { name: 'Back' })).status).toBe(404);
      expect((await call('DELETE', `${path}delete/`)).status).toBe(404);
      expect(await names()).toEqual(['Just a name']);
    });

    it('are served without a slash at the end, and in whatever case the organisation is written', async () => {
      const headers = basicOf(ada);
      const made = await server.ask(
        null,
        'POST',
        `${base().toUpperCase().replace('/API/V1.0/ORGANISATION/', '/api/v1.0/organisation/').replace('/CLIENTS/', '/clients/create')}`,
        { name: 'Bare' },
        { headers },
      );
      expect(made.status).toBe(201);
      const path = `${base()}${String(made.body['unique_id'])}`;
      expect((await server.ask(null, 'GET', path, undefined, { headers })).body).toEqual(made.body);
      expect((await server.ask(null, 'DELETE', `${path}/delete`, undefined, { headers })).status).toBe(204);
    });

    it('say which methods there are', async () => {
      const { unique_id } = await make({ name: 'Methods' });
      for (const [method, path, allow] of [
        ['POST', '', 'GET'],
        ['GET', 'create/', 'POST'],
        ['DELETE', `${unique_id}/`, 'GET'],
        ['GET', `${unique_id}/update/`, 'PUT, PATCH'],
        ['POST', `${unique_id}/delete/`, 'DELETE'],
      ] as const)
        expect(
          await server.ask(null, method, `${base()}${path}`, method === 'POST' ? {} : undefined, { headers: basicOf(ada) }),
        ).toMatchObject({
          status: 405,
          headers: { allow },
        });
    });
  });

  describe('computed values', () => {
    beforeAll(freshCompany);

    it('tell who made a client, who has it and who is assigned first', async () => {
      const [owner, one, other] = await server.run(ada, (tx) =>
        ['Owner', 'One', 'Other'].map((fullName) => tx.create('directory', { kind: 'user', fullName }).id),
      );
      await server.run(ada, (tx) => tx.create('clients', { name: 'Held', accountOwnerId: owner, assignedToIds: [one, other] }));
      const [held] = (await call('GET', '?search=held')).body as unknown as Wire[];
      expect(held).toMatchObject({
        created_by: { unique_id: ada.userId, full_name: ada.email },
        account_owner: { unique_id: owner, full_name: 'Owner' },
        assigned_to: { unique_id: one, full_name: 'One' },
      });
    });

    it('count days from the last contact, and see a follow-up that is over', async () => {
      const { unique_id } = await make({ name: 'Days', last_contact_date: '2024-05-03', next_follow_up_date: '2024-05-03' });
      const shown = async () => {
        const { days_since_last_contact, is_follow_up_overdue } = (await call('GET', `${unique_id}/`)).body;
        return [days_since_last_contact, is_follow_up_overdue];
      };
      expect(await shown()).toEqual([0, false]);
      server.clock.moveTo('2024-05-04T00:00:00.000Z');
      expect(await shown()).toEqual([1, true]);
      server.clock.moveTo('2025-05-04T00:00:00.000Z');
      expect(await shown()).toEqual([366, true]);
      server.clock.moveTo('2024-05-03T10:00:00.000Z');
    });

    it('show the active contact that is marked primary', async () => {
      const { unique_id } = await make({ name: 'People' });
      const contact = await server.run(ada, (tx) => {
        tx.create('contacts', { clientId: unique_id, firstName: 'Second' });
        return tx.create('contacts', {
          clientId: unique_id,
          firstName: 'Carla',
          lastName: 'Doe',
          email: 'c@doe.example',
          phone: '+27 21 555 0100',
          jobTitle: 'Boss',
          isPrimary: true,
        }).id;
      });
      const primary = async () => (await call('GET', `${unique_id}/`)).body['primary_contact'];
      expect(await primary()).toEqual({
        unique_id: contact,
        first_name: 'Carla',
        last_name: 'Doe',
        name: 'Carla Doe',
        email: 'c@doe.example',
        phone: '+27 21 555 0100',
        job_title: 'Boss',
        primary_contact: true,
        is_active: true,
        entity_type: 'client',
        entity_id: unique_id,
      });
      await server.run(ada, (tx) => tx.change('contacts', contact, { isActive: false }));
      expect(await primary()).toBeNull();
    });

    it('name each of the 28 industries, and one that is none of them', async () => {
      for (const [industry, label] of Object.entries(industryLabels))
        expect(await make({ name: `In ${industry}`, industry })).toMatchObject({ industry, industry_display: label });
      expect(await make({ name: 'None', industry: '' })).toMatchObject({ industry: null, industry_display: null });
      await server.run(ada, (tx) => tx.create('clients', { name: 'Beyond', industry: 'Alchemy' }));
      const [beyond] = (await call('GET', '?search=beyond')).body as unknown as (Wire & { unique_id: string })[];
      expect(beyond).toMatchObject({ industry: null, industry_display: 'Alchemy' });
      // Sent back as it was shown it is not emptied.
      expect((await call('PUT', `${beyond?.unique_id}/update/`, { ...beyond, description: 'Gold' })).body).toMatchObject({
        industry_display: 'Alchemy',
        description: 'Gold',
      });
    });

    it('leave out what the file has no form for, and never a part of it', async () => {
      await server.run(ada, (tx) =>
        tx.create('clients', { name: 'Odd', website: 'no address', address: { phone: '(021) 555 ext. 7', city: 'Durban' } }),
      );
      const [odd] = (await call('GET', '?search=odd')).body as unknown as Wire[];
      expect(odd).toMatchObject({ website: null, address: { phone: null, city: 'Durban' } });
    });
  });

  describe('listing', () => {
    beforeAll(async () => {
      await freshCompany();
      const clients = [
        { name: 'Émile & Söhne', entity_type: 'partnership', lifecycle_stage: 'prospect', industry: 'legal', company_size: '11-50' },
        { name: 'zebra depot', entity_type: 'individual', lifecycle_stage: 'active_client', industry: 'other', company_size: '1' },
        { name: 'Acme', entity_type: 'company', lifecycle_stage: 'dormant', industry: 'manufacturing', company_size: '11-50' },
      ];
      for (const fields of clients) await make(fields);
      await server.run(ada, (tx) => {
        tx.create('clients', { name: 'Lead Ltd', kind: 'lead', industry: 'Retail', entityType: 'other' });
        tx.create('clients', { name: 'Vendor Inc', kind: 'vendor', entityType: 'non_profit', lifecycleStage: 'lost_opportunity' });
        tx.create('clients', { name: 'Town', kind: 'client', entityType: 'government', lifecycleStage: 'matured_client' });
      });
    });

    it('has all clients, by name, without case and accents', async () => {
      expect(await names()).toEqual(['Acme', 'Émile & Söhne', 'Lead Ltd', 'Town', 'Vendor Inc', 'zebra depot']);
    });

    it.each([
      ['entity_type=client', ['Acme', 'Émile & Söhne', 'Town', 'zebra depot']],
      ['entity_type=lead', ['Lead Ltd']],
      ['entity_type=vendor', ['Vendor Inc']],
      ['entity_type=company', ['Acme']],
      ['entity_type=individual', ['zebra depot']],
      ['entity_type=partnership', ['Émile & Söhne']],
      ['entity_type=government', ['Town']],
      ['entity_type=non_profit', ['Vendor Inc']],
      ['entity_type=other', ['Lead Ltd']],
      ['industry=legal', ['Émile & Söhne']],
      ['industry=retail', ['Lead Ltd']],
      ['industry=energy', []],
      ['industry=other', ['zebra depot']],
      ['lifecycle_stage=prospect', ['Émile & Söhne', 'Lead Ltd']],
      ['lifecycle_stage=active_client', ['zebra depot']],
      ['lifecycle_stage=matured_client', ['Town']],
      ['lifecycle_stage=inactive', []],
      ['lifecycle_stage=dormant', ['Acme']],
      ['lifecycle_stage=lost_opportunity', ['Vendor Inc']],
      ['company_size=11-50', ['Acme', 'Émile & Söhne']],
      ['company_size=11', []],
      ['search=emile', ['Émile & Söhne']],
      ['search=SOHNE', ['Émile & Söhne']],
      ['search=dep', ['zebra depot']],
      ['search=epot', ['zebra depot']],
      ['search=%C3%A9P%C3%B4t', ['zebra depot']],
      ['search=eb', ['zebra depot']],
      ['search=bra%20dep', ['zebra depot']],
      ['search=bra%20epot', []],
      ['search=a&company_size=11-50&industry=manufacturing&entity_type=company&lifecycle_stage=dormant', ['Acme']],
      ['search=a&company_size=1', ['zebra depot']],
      ['search=acm&company_size=1', []],
      ['unknown=1&search=', ['Acme', 'Émile & Söhne', 'Lead Ltd', 'Town', 'Vendor Inc', 'zebra depot']],
    ])('answers ?%s', async (query, expected) => {
      expect(await names(query)).toEqual(expected);
    });

    it.each(['entity_type=giant', 'industry=alchemy', 'lifecycle_stage=new', 'search=%00', 'company_size=%00'])(
      'refuses ?%s by the name of what is wrong',
      async (query) => {
        const { status, body } = await call('GET', `?${query}`);
        expect([status, Object.keys(body)]).toEqual([400, [query.split('=')[0]]]);
      },
    );
  });

  describe('an id that the caller chooses', () => {
    beforeAll(freshCompany);
    const taken = { status: 400, body: { unique_id: ['client with this unique id already exists.'] } };

    it('may be any text, and is what the client is called from then on', async () => {
      for (const unique_id of [newId(), 'client 7', 'Ünïcode ß?', 'x'.repeat(100)]) {
        expect(await make({ unique_id, name: 'Chosen' })).toMatchObject({ unique_id });
        const path = `${encodeURIComponent(unique_id)}/`;
        expect((await call('GET', path)).body).toMatchObject({ unique_id, name: 'Chosen' });
        expect((await call('PATCH', `${path}update/`, { unique_id, name: 'Changed' })).body).toMatchObject({ unique_id, name: 'Changed' });
        expect((await call('DELETE', `${path}delete/`)).status).toBe(204);
      }
      expect((await make({ unique_id: null, name: 'None' })).unique_id).toMatch(/^[0-9a-f-]{36}$/);
      expect((await make({ unique_id: '', name: 'Empty' })).unique_id).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('makes it safe to ask again when the answer got lost: the client is made once', async () => {
      const fields = { ...full, unique_id: newId(), name: 'Once' };
      const first = await make(fields);
      server.clock.moveTo('2024-05-03T12:00:00.000Z');
      expect(await make(fields)).toEqual(first);
      const both = await Promise.all([1, 2, 3].map(() => call('POST', 'create/', { unique_id: 'at-once', name: 'At once' })));
      expect(both.map(({ status }) => status)).toEqual([201, 201, 201]);
      expect(await names('search=once')).toEqual(['At once', 'Once']);
    });

    it('is refused where it says something else, is gone, or belongs to a client one may not see', async () => {
      const made = await make({ unique_id: newId(), name: 'First' });
      expect(await call('POST', 'create/', { unique_id: made.unique_id, name: 'Second' })).toMatchObject(taken);
      expect((await call('GET', `${made.unique_id}/`)).body).toEqual(made);
      await call('DELETE', `${made.unique_id}/delete/`);
      expect(await call('POST', 'create/', { unique_id: made.unique_id, name: 'First' })).toMatchObject(taken);
      const hidden = await server.run(ada, (tx) => tx.create('clients', { name: 'Hidden', accountOwnerId: ada.userId }).id);
      const tim = await server.member(ada, `taken${companies}@example.com`, 'member');
      expect(await call('POST', 'create/', { unique_id: hidden, name: 'Hidden' }, tim)).toMatchObject(taken);
    });

    it('cannot be changed, and two companies may choose the same', async () => {
      const { unique_id } = await make({ unique_id: 'shared', name: 'Ours' });
      expect(await call('PATCH', `${unique_id}/update/`, { unique_id: 'other' })).toMatchObject({
        status: 400,
        body: { unique_id: ['The id of a record cannot be changed.'] },
      });
      const eve = await server.organisation(`chosen${companies}`);
      expect(await call('POST', 'create/', { unique_id, name: 'Theirs' }, eve, eve.organisation)).toMatchObject({ status: 201 });
      expect((await call('GET', `${unique_id}/`)).body).toMatchObject({ name: 'Ours' });
    });
  });

  describe('banking data', () => {
    beforeAll(freshCompany);
    const secrets = ['First Bank', '62-1234-5678-90', '250655', 'RT-998877', 'FIRNZAJJ'];
    const everything = async () => {
      const tables = await sql<{ name: string }>`select tablename as name from pg_tables where schemaname = current_schema()`.execute(
        server.engine.db,
      );
      let text = '';
      for (const { name } of tables.rows) {
        // Past row-level security, which holds for the owner too: what lies there, not what one may see.
        await sql`alter table ${sql.table(name)} no force row level security`.execute(server.engine.db);
        text += JSON.stringify((await sql`select t::text from ${sql.table(name)} t`.execute(server.engine.db)).rows);
        await sql`alter table ${sql.table(name)} force row level security`.execute(server.engine.db);
      }
      return text;
    };

    it('is answered plainly here, and lies in the database sealed only', async () => {
      const made = await make({ ...full, name: 'Rich' });
      expect(made['banking_information']).toEqual(full.banking_information);
      await call('PATCH', `${made.unique_id}/update/`, { banking_information: { account_number: '99-88-77' } });
      expect((await call('GET', `${made.unique_id}/`)).body['banking_information']).toEqual({
        ...full.banking_information,
        account_number: '99-88-77',
      });
      const text = await everything();
      expect(text).toContain('Rich');
      expect(text).toContain('sealed:v1:');
      for (const secret of [...secrets, '99-88-77']) expect(text.includes(secret), secret).toBe(false);
    });

    it('is shown by no other dialect', async () => {
      const more = { headers: { 'organization-id': ada.organisation } };
      for (const url of ['/api/clients', '/api/v1/clients', '/client/', '/api/accounts/']) {
        const { status, body } = await server.ask(ada, 'GET', url, undefined, more);
        expect(status).toBe(200);
        const text = JSON.stringify(body);
        expect(text).toContain('Rich');
        for (const secret of secrets) expect(text.includes(secret), url).toBe(false);
      }
    });
  });

  describe('who may', () => {
    let eve: Somebody;
    let ours: string;
    beforeAll(async () => {
      await freshCompany();
      eve = await server.organisation(`eve${companies}`);
      ours = (await make({ ...full, name: 'Ours' })).unique_id;
    });
    const every = (id: string): [Method, string, Wire | undefined][] => [
      ['GET', '', undefined],
      ['POST', 'create/', { name: 'New' }],
      ['GET', `${id}/`, undefined],
      ['PUT', `${id}/update/`, { name: 'Mine' }],
      ['PATCH', `${id}/update/`, { name: 'Mine' }],
      ['DELETE', `${id}/delete/`, undefined],
    ];

    it('is 401 for nobody and for a wrong password, on every call', async () => {
      for (const [method, path, body] of every(ours)) {
        expect(await call(method, path, body, null)).toMatchObject({
          status: 401,
          headers: { 'www-authenticate': 'Basic realm="Fieldbook"' },
          body: { detail: 'Authentication credentials were not provided.' },
        });
        expect(await call(method, path, body, { ...ada, email: 'nobody@example.com' })).toMatchObject({
          status: 401,
          body: { detail: 'Invalid credentials.' },
        });
        // The file knows no tokens.
        const bearer = await server.ask(ada, method, `${base()}${path}`, body);
        expect(bearer.status).toBe(401);
      }
    });

    it('is 403 for another company’s organisation, and for one that is none: they cannot be told apart', async () => {
      const before = (await call('GET', '')).body;
      for (const [method, path, body] of every(ours))
        for (const organisation of [ada.organisation, newId(), 'rubbish', '%00', "' or 1=1"])
          expect(await call(method, path, body, eve, organisation)).toMatchObject({
            status: 403,
            body: { detail: 'You do not have permission to perform this action.' },
          });
      expect((await call('GET', '')).body).toEqual(before);
    });

    it('is 404 for another company’s ids in one’s own organisation', async () => {
      for (const [method, path, body] of every(ours).slice(2))
        expect(await call(method, path, body, eve, eve.organisation)).toMatchObject({ status: 404, body: { detail: 'Not found.' } });
      expect((await call('GET', '', undefined, eve, eve.organisation)).body).toEqual([]);
    });

    it('is 404 for what one may not see within one’s company', async () => {
      const tim = await server.member(ada, `tim${companies}@example.com`, 'member');
      const mia = await server.member(ada, `mia${companies}@example.com`, 'manager');
      const [hidden, team] = await server.run(ada, (tx) => {
        const { id } = tx.create('directory', { kind: 'team', name: 'North', memberIds: [mia.userId] });
        return [
          tx.create('clients', { name: 'Hidden', accountOwnerId: ada.userId }).id,
          tx.create('clients', { name: 'Of the team', teamIds: [id] }).id,
        ];
      });
      expect(await names('', tim)).toEqual(['Ours']);
      expect(await names('', mia)).toEqual(['Of the team', 'Ours']);
      expect(await names()).toEqual(['Hidden', 'Of the team', 'Ours']);
      for (const id of [hidden, team] as string[])
        for (const [method, path, body] of every(id).slice(2)) expect((await call(method, path, body, tim)).status).toBe(404);
      expect((await call('PATCH', `${team}/update/`, { description: 'Seen' }, mia)).status).toBe(200);
    });

    it('is somebody with the cookie of a session, from pages of this server or from no page', async () => {
      const session = await server.ask(null, 'POST', '/auth/session', { email: ada.email, password });
      const cookie = String(session.headers['set-cookie']).split(';')[0] as string;
      const withCookie = (method: Method, path: string, body?: Wire, headers: Record<string, string> = {}) =>
        server.ask(null, method, `${base()}${path}`, body, { headers: { cookie, ...headers } });
      expect((await withCookie('GET', '')).status).toBe(200);
      expect((await withCookie('POST', 'create/', { name: 'By cookie' })).status).toBe(201);
      // What a client written for Django sends beside it.
      expect(
        (await withCookie('PATCH', `${ours}/update/`, {}, { 'x-csrftoken': 'abc', origin: 'http://localhost:80', host: 'localhost:80' }))
          .status,
      ).toBe(200);
      expect((await withCookie('PATCH', `${ours}/update/`, {}, { 'sec-fetch-site': 'same-origin' })).status).toBe(200);
      const before = await names();
      for (const headers of [
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { origin: 'http://localhost:81', host: 'localhost:80' },
        { 'sec-fetch-site': 'cross-site' },
      ] as Record<string, string>[]) {
        for (const [method, path, body] of every(ours).filter(([one]) => one !== 'GET'))
          expect(await withCookie(method, path, body, headers)).toMatchObject({
            status: 403,
            body: { detail: expect.stringContaining('CSRF Failed') },
          });
        expect((await withCookie('GET', '', undefined, headers)).status).toBe(200);
      }
      expect(await names()).toEqual(before);
      expect((await server.ask(null, 'GET', base(), undefined, { headers: { cookie: `${cookie}x` } })).status).toBe(401);
      expect((await server.ask(null, 'GET', base(eve.organisation), undefined, { headers: { cookie } })).status).toBe(403);
    });
  });

  describe('bad input', () => {
    let there: string;
    beforeAll(async () => {
      await freshCompany();
      there = (await make({ name: 'There' })).unique_id;
    });
    const long = (length: number) => 'x'.repeat(length);
    const notLonger = (max: number) => [`Ensure this field has no more than ${max} characters.`];
    const wrongDate = ['Date has wrong format. Use one of these formats instead: YYYY-MM-DD.'];

    it.each<[Wire, Wire]>([
      [{ name: null }, { name: ['This field may not be null.'] }],
      [{ name: '  ' }, { name: ['This field may not be blank.'] }],
      [{ name: long(301) }, { name: notLonger(300) }],
      [{ name: ['A'] }, { name: ['Not a valid string.'] }],
      [{ name: 'A\u0000' }, { name: [expect.any(String)] }],
      [{ description: 7 }, { description: ['Not a valid string.'] }],
      [{ entity_type: 'giant' }, { entity_type: ['"giant" is not a valid choice.'] }],
      [{ entity_type: null }, { entity_type: ['This field may not be null.'] }],
      [{ lifecycle_stage: 'new' }, { lifecycle_stage: ['"new" is not a valid choice.'] }],
      [{ industry: 'retail' }, { industry: ['"retail" is not a valid choice.'] }],
      [{ website: 'acme' }, { website: ['Enter a valid URL.'] }],
      [{ website: `https://acme.example/${long(300)}` }, { website: notLonger(300) }],
      [{ company_size: long(101) }, { company_size: notLonger(100) }],
      [{ annual_revenue: 'much' }, { annual_revenue: [expect.stringContaining('A valid number is required')] }],
      [{ annual_revenue: '12345678901234' }, { annual_revenue: [expect.stringContaining('13 digits')] }],
      [{ default_currency: 'RAND' }, { default_currency: notLonger(3) }],
      [{ default_currency: '' }, { default_currency: ['This field may not be blank.'] }],
      [{ default_currency: '1' }, { default_currency: [expect.any(String)] }],
      [{ first_contact_date: '2024-02-30' }, { first_contact_date: wrongDate }],
      [{ last_contact_date: 'today' }, { last_contact_date: wrongDate }],
      [{ next_follow_up_date: 20240101 }, { next_follow_up_date: ['Not a valid string.'] }],
      [{ address: 'Street' }, { address: ['Invalid data. Expected a dictionary.'] }],
      [
        { address: { address_line_1: long(301), phone: '(021) 555' } },
        { address: { address_line_1: notLonger(300), phone: [expect.stringContaining('phone number')] } },
      ],
      [{ address: { city: 7, planet: 'Mars' } }, { address: { city: ['Not a valid string.'] } }],
      [{ banking_information: [] }, { banking_information: ['Invalid data. Expected a dictionary.'] }],
      [
        { banking_information: { account_type: 'gold', swift_code: long(51) } },
        { banking_information: { account_type: ['"gold" is not a valid choice.'], swift_code: notLonger(50) } },
      ],
      [{ unique_id: long(101) }, { unique_id: notLonger(100) }],
      [{ unique_id: 7 }, { unique_id: ['Not a valid string.'] }],
      [{ unique_id: 'a\u0000b' }, { unique_id: ['Contains characters that no id can have.'] }],
      [{ unique_id: 'a/b' }, { unique_id: ['Contains characters that no id can have.'] }],
      [{ unique_id: '__proto__' }, { unique_id: ['Contains characters that no id can have.'] }],
      [{ unique_id: 'create' }, { unique_id: [expect.stringContaining('No address leads')] }],
      [{ unique_id: '.' }, { unique_id: [expect.stringContaining('No address leads')] }],
      [{ unique_id: '..' }, { unique_id: [expect.stringContaining('No address leads')] }],
    ])('refuses %j on creating and on changing, and keeps nothing of it', async (fields, errors) => {
      const before = (await call('GET', '')).body;
      expect(await call('POST', 'create/', { name: 'New', ...fields })).toMatchObject({ status: 400, body: errors });
      if (!Object.hasOwn(fields, 'unique_id')) {
        expect(await call('PATCH', `${there}/update/`, { description: 'Changed', ...fields })).toMatchObject({ status: 400, body: errors });
        expect(await call('PUT', `${there}/update/`, { description: 'Changed', ...fields })).toMatchObject({ status: 400, body: errors });
      }
      expect((await call('GET', '')).body).toEqual(before);
    });

    it('refuses what is no object, and a client without a name', async () => {
      expect(await call('POST', 'create/', {})).toMatchObject({ status: 400, body: { name: ['This field is required.'] } });
      for (const body of [[], 'text', 7, null]) {
        expect(await call('POST', 'create/', body)).toMatchObject({ status: 400, body: { non_field_errors: expect.anything() } });
        expect(await call('PATCH', `${there}/update/`, body)).toMatchObject({ status: 400 });
      }
    });

    it.each(['none', '%00', '%01', 'x'.repeat(101), '00000000-0000-0000-0000-000000000000', "' or 1=1 --"])(
      'has no client "%s"',
      async (id) => {
        for (const [method, path] of [
          ['GET', `${encodeURI(id)}/`],
          ['PUT', `${encodeURI(id)}/update/`],
          ['PATCH', `${encodeURI(id)}/update/`],
          ['DELETE', `${encodeURI(id)}/delete/`],
        ] as const) {
          const url = `${base()}${path.replace('%2500', '%00').replace('%2501', '%01')}`;
          const answer = await server.ask(null, method, url, method === 'PUT' || method === 'PATCH' ? {} : undefined, {
            headers: basicOf(ada),
          });
          expect(answer).toMatchObject({ status: 404, body: { detail: 'Not found.' } });
        }
      },
    );

    it('takes dates in any order, as the file sets none', async () => {
      expect(await make({ name: 'Order', first_contact_date: '2024-05-01', last_contact_date: '2024-01-01' })).toMatchObject({
        last_contact_date: '2024-01-01',
      });
    });
  });

  it('answers as the file says, which has these six operations', () => {
    const { paths } = JSON.parse(specText('skhokho-clients.openapi.json')) as { paths: Record<string, Wire> };
    expect(Object.values(paths).flatMap((methods) => Object.keys(methods))).toHaveLength(6);
    expect(problemsOf('GET', `${base('x')}`, 200, [{ name: 'A' }]).length).toBeGreaterThan(0);
    expect(problemsOf('GET', `${base('x')}y/`, 418, {})).toEqual([expect.stringContaining('does not answer 418')]);
  });
});
