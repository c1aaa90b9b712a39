import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { matchEndpoint } from '../../shared/dialects/dialect.ts';
import { priceNumber, programs } from '../../shared/dialects/programs.ts';
import { strictly } from '../support/strictly.ts';
import { inOrganisation } from '../../server/store/tenant.ts';
import { examplesIn } from '../unit/shared/dialects/examples.ts';
import { basicOf, engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

type Wire = Record<string, unknown>;
const [clientExample, contactExample, contactRequest, locationExample, locationRequest, roleExample, itemExample, priceExample] =
  examplesIn('programs.md') as [Wire, Wire, Wire, Wire, Wire, Wire, Wire, Wire];
const without = (wire: Wire, ...names: string[]) => Object.fromEntries(Object.entries(wire).filter(([name]) => !names.includes(name)));

describe.each(engines)('Programs on %s', (engine) => {
  let server: TestServer;
  let ada: Somebody;
  let companies = 0;

  beforeAll(async () => {
    server = await startTestServer(engine, 'programs');
  });
  afterAll(() => server.close());
  const freshCompany = async () => {
    companies += 1;
    ada = await server.organisation(`programs${companies}`);
  };

  /** A request whose answer, where it is a good one, has to be what the endpoint's table says. */
  const ask = async (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown, as = ada) => {
    const answer = await server.ask(as, method, path, body);
    if (answer.status >= 300 || answer.status === 204) return answer;
    const matched = matchEndpoint(programs, method, path.split('?')[0] as string);
    const response = matched !== null && 'endpoint' in matched ? matched.endpoint.response : null;
    expect(strictly(response as z.ZodType).safeParse(answer.body).error).toBeUndefined();
    return answer;
  };
  const make = async (resource: string, fields: Wire): Promise<Wire & { id: number }> => {
    const { status, body } = await ask('POST', `/${resource}/`, fields);
    expect(status, JSON.stringify(body)).toBe(201);
    return body as Wire & { id: number };
  };
  const listed = async (path: string, as = ada): Promise<Wire[]> => {
    const { status, body } = await ask('GET', path, undefined, as);
    expect(status, JSON.stringify(body)).toBe(200);
    return body as unknown as Wire[];
  };
  /** The number of the company's last change. */
  const seqOf = async () =>
    (
      await server.engine.db
        .selectFrom('organisations')
        .select('seq')
        .where('organisation_id', '=', ada.organisation)
        .executeTakeFirstOrThrow()
    ).seq;
  const called = async (path: string, name: string, as = ada) => (await listed(path, as)).map((row) => row[name]);

  describe('replaying the spec', () => {
    beforeAll(async () => {
      await freshCompany();
      await server.countFrom(ada, { contacts: 1234, directory: 123, locations: 23, locationContacts: 12 });
      await server.run(ada, (tx) => tx.create('directory', { kind: 'user', fullName: 'Mira', username: 'mirainuko' }));
    });

    it('makes a client, a program location, a contact, where it works, and a price, as the examples show them', async () => {
      expect(await make('client', without(clientExample, 'id'))).toEqual(clientExample);
      // "Omit the id when creating new objects": one that is sent all the same is nobody's to choose.
      expect(await make('program-location', locationRequest)).toEqual(locationExample);
      const contact = await make('client-contact', { ...without(contactRequest, 'id'), assign_programs: [23] });
      expect(contact).toEqual({
        ...contactExample,
        programs: [
          { id: 12, program: { id: 23, name: 'Downtown Program' }, title: null, start_date: null, end_date: null, is_active: true },
        ],
      });
      expect(await ask('PUT', '/program-location-contact/12/', roleExample)).toMatchObject({ status: 200, body: roleExample });
      expect((await ask('GET', '/program-location-contact/12/')).body).toEqual(roleExample);

      expect(await ask('PATCH', '/program-location/23/', { program_name: 'Program Name' })).toMatchObject({
        status: 200,
        body: { ...locationExample, program_name: 'Program Name' },
      });
      expect((await ask('GET', '/client-contact/1234/')).body).toEqual(contactExample);
      // The example of a request: entry 12 of `programs` stays.
      expect((await ask('PUT', '/client-contact/1234/', contactRequest)).body).toEqual(contactExample);
      expect(await listed('/client-contact/?client_id=1&is_program_contact=true')).toEqual([contactExample]);
      expect(await listed('/client-contact/?search=Gabriel&client_id=1')).toEqual([contactExample]);

      expect(await make('item-price', without(itemExample, 'id'))).toEqual(itemExample);
      const { item_price, custom_price, custom_tax_rate } = priceExample;
      expect(await ask('PATCH', '/item-price/1/', { invoice_item: 'Drug Screen' })).toMatchObject({
        status: 200,
        body: item_price as Wire,
      });
      const id = priceNumber(23, 1);
      const priced = await ask('PUT', `/program-location-item-price/${id}/`, { custom_price, custom_tax_rate });
      // The example's rate has two places beside one with four; Django writes both with four.
      const shown = { ...priceExample, id, custom_tax_rate: '0.0800', final_tax_rate: '0.0800' };
      expect(priced).toMatchObject({ status: 200, body: shown });
      expect(await listed('/program-location-item-price/?program_location_id=23&item_price_id=1')).toEqual([shown]);
    });

    it('takes a bearer token under Django REST framework’s word for it', async () => {
      const asked = (authorization: string) => server.app.inject({ url: '/client/', headers: { authorization } });
      expect((await asked(`Token ${ada.accessToken}`)).statusCode).toBe(200);
      expect((await asked(`token ${ada.accessToken}`)).statusCode).toBe(200);
      expect((await asked(`Token ${ada.accessToken}x`)).statusCode).toBe(401);
      expect((await asked('Token')).statusCode).toBe(401);
    });

    it('keeps and shows every field there is', async () => {
      const address = (prefix: string) =>
        Object.fromEntries(
          ['address_1', 'address_2', 'address_3', 'city', 'state', 'zip'].map((name) => [`${prefix}_${name}`, `${prefix} ${name}`]),
        );
      const place = {
        program_name: 'Every field',
        ...address('physical'),
        ...address('mailing'),
        primary_phone: '1',
        primary_email: 'a@b.example',
        billing_email: 'c@d.example',
        client_instructions: 'Ring',
        invoice_instructions: 'Net 30',
        general_notes: 'Notes',
        is_active: false,
      };
      const made = await make('program-location', { client: 1, ...place });
      expect((await ask('GET', `/program-location/${made.id}/`)).body).toEqual({ id: made.id, client_info: clientExample, ...place });
      const person = {
        ...without(contactRequest, 'id', 'client', 'user', 'assign_programs'),
        work_phone: '(619)555-0000',
        is_active: false,
      };
      const contact = await make('client-contact', { ...person, client: 1, user: 123 });
      expect(contact).toMatchObject(person);
      expect((await ask('GET', '/item-price/1/')).body).toMatchObject({ item_code: itemExample['item_code'] });
      for (const path of [`program-location/${made.id}`, `client-contact/${contact.id}`])
        expect((await ask('DELETE', `/${path}/`)).status).toBe(204);
    });

    it('does the same without a slash at the end', async () => {
      expect((await ask('GET', '/client/1')).body).toEqual(clientExample);
      expect(await listed('/program-location?search=San&client_id=1')).toHaveLength(1);
      expect((await ask('PATCH', '/client/1', { name: 'Test Client' })).status).toBe(200);
    });

    it('gives back an object that is sent as it was shown', async () => {
      for (const [path, shown] of [
        ['/client/1/', clientExample],
        ['/client-contact/1234/', contactExample],
        ['/program-location-contact/12/', roleExample],
      ] as const)
        expect(await ask('PATCH', path, shown)).toMatchObject({ status: 200, body: shown });
    });

    it('takes a delete with it what hangs on it, in the other dialects too', async () => {
      expect(await ask('DELETE', '/program-location-contact/12/')).toMatchObject({ status: 204, body: {} });
      expect((await ask('GET', '/client-contact/1234/')).body).toMatchObject({ programs: [] });
      expect((await ask('DELETE', '/client-contact/1234/')).status).toBe(204);
      expect((await ask('DELETE', '/item-price/1/')).status).toBe(204);
      expect((await ask('DELETE', '/client/1/')).status).toBe(204);
      expect((await ask('GET', '/program-location/23/')).status).toBe(404);
      expect(await server.ask(ada, 'GET', '/api/clients/1')).toMatchObject({ status: 200, body: { softDelete: true } });
      expect((await ask('DELETE', '/client/1/')).status).toBe(404);
    });
  });

  describe('listing', () => {
    const ids: Record<string, number> = {};
    beforeAll(async () => {
      await freshCompany();
      ids['acme'] = (await make('client', { name: 'Acme' })).id;
      ids['émile'] = (await make('client', { name: 'Émile & Söhne', is_active: false })).id;
      ids['lead'] = 3;
      await server.run(ada, (tx) => tx.create('clients', { name: 'Prospect', kind: 'lead' }));
      ids['downtown'] = (await make('program-location', { client: ids['acme'], program_name: 'Downtown', physical_city: 'San Diego' })).id;
      ids['harbor'] = (await make('program-location', { client: ids['émile'], program_name: 'Harbor', physical_city: 'Dénver' })).id;
      const people = [
        { first_name: 'Gabriel', last_name: 'Pulido', email: 'g@arguswest.com', client: ids['acme'] },
        { first_name: 'Mira', last_name: 'Gabrielson', client: ids['acme'] },
        { first_name: 'Zoë', last_name: 'Ånders', email: 'zoe@harbor.example', client: ids['émile'] },
        { first_name: 'Lea', last_name: 'Lead', client: ids['lead'] },
        { first_name: 'Solo', email: 'solo@harbor.example' },
      ];
      for (const person of people) ids[person.first_name] = (await make('client-contact', person)).id;
      const roles = [
        ['Gabriel', 'downtown', true],
        ['Gabriel', 'harbor', false],
        ['Mira', 'harbor', true],
        ['Zoë', 'harbor', false],
      ] as const;
      for (const [who, where, isProgramContact] of roles)
        await make('program-location-contact', {
          client_contact: ids[who],
          program_location: ids[where],
          is_program_contact: isProgramContact,
        });
      for (const [invoice_item, item_code] of [
        ['Drug Screen', 'DS001'],
        ['Background Check', 'BC001'],
        ['Écran', 'X-9'],
      ])
        await make('item-price', { invoice_item, item_code, default_price: '45.00', default_tax_rate: '0.0775' });
    });
    const contacts = (query: string, as = ada) => called(`/client-contact/?${query}`, 'first_name', as);

    it('has everything in a settled order', async () => {
      expect(await called('/client/', 'name')).toEqual(['Acme', 'Émile & Söhne', 'Prospect']);
      expect(await contacts('')).toEqual(['Zoë', 'Mira', 'Lea', 'Gabriel', 'Solo']);
      expect(await called('/program-location/', 'program_name')).toEqual(['Downtown', 'Harbor']);
      expect(await called('/item-price/', 'item_code')).toEqual(['BC001', 'DS001', 'X-9']);
    });

    it('filters contacts by client, place, role and prospect, each for itself and together', async () => {
      expect(await contacts(`client_id=${ids['acme']}`)).toEqual(['Mira', 'Gabriel']);
      expect(await contacts('client_id=99')).toEqual([]);
      expect(await contacts(`program_location_id=${ids['harbor']}`)).toEqual(['Zoë', 'Mira', 'Gabriel']);
      expect(await contacts('is_program_contact=true')).toEqual(['Mira', 'Gabriel']);
      expect(await contacts('is_program_contact=false')).toEqual(['Zoë', 'Lea', 'Solo']);
      // All about one place: Gabriel is a program contact, and not at the harbor.
      expect(await contacts(`program_location_id=${ids['harbor']}&is_program_contact=true`)).toEqual(['Mira']);
      expect(await contacts(`program_location_id=${ids['harbor']}&is_program_contact=false`)).toEqual(['Zoë', 'Gabriel']);
      expect(await contacts('is_prospective_client=true')).toEqual(['Lea']);
      expect(await contacts('is_prospective_client=false')).toEqual(['Zoë', 'Mira', 'Gabriel', 'Solo']);
      expect(await contacts(`is_prospective_client=false&client_id=${ids['acme']}&is_program_contact=1`)).toEqual(['Mira', 'Gabriel']);
      expect(await contacts('client_id=&search=&unknown=1')).toHaveLength(5);
    });

    it('searches for the beginning of a field, without case and accents, and together with filters', async () => {
      expect(await contacts('search=GABRIEL')).toEqual(['Mira', 'Gabriel']);
      expect(await contacts('search=ga')).toEqual(['Mira', 'Gabriel']);
      expect(await contacts('search=briel')).toEqual([]);
      // Each word counts by itself, whichever field it begins.
      expect(await contacts('search=gabriel%20pul')).toEqual(['Gabriel']);
      expect(await contacts('search=PUL,gab')).toEqual(['Gabriel']);
      expect(await contacts('search=gabriel%20nobody')).toEqual([]);
      expect(await contacts('search=anders')).toEqual(['Zoë']);
      expect(await contacts('search=solo@harbor')).toEqual(['Solo']);
      expect(await contacts('search=harbor.example')).toEqual([]);
      expect(await contacts(`search=g&program_location_id=${ids['downtown']}`)).toEqual(['Gabriel']);
      expect(await called('/program-location/?search=san', 'program_name')).toEqual(['Downtown']);
      expect(await called('/program-location/?search=san%20diego', 'program_name')).toEqual(['Downtown']);
      expect(await called('/program-location/?search=diego%20san', 'program_name')).toEqual([]);
      expect(await called('/program-location/?search=DENVER', 'program_name')).toEqual(['Harbor']);
      expect(await called(`/program-location/?search=h&client_id=${ids['acme']}`, 'program_name')).toEqual([]);
      expect(await called(`/program-location/?client_id=${ids['émile']}`, 'program_name')).toEqual(['Harbor']);
      expect(await called('/item-price/?search=ecr', 'item_code')).toEqual(['X-9']);
      expect(await called('/item-price/?search=ds0', 'item_code')).toEqual(['DS001']);
      expect(await called('/item-price/?search=check', 'item_code')).toEqual([]);
      expect(await contacts(`search=${encodeURIComponent("' or 1=1 --")}`)).toEqual([]);
    });

    it.each([
      ['client-contact', 'client_id=x'],
      ['client-contact', 'program_location_id=1.5'],
      ['client-contact', 'is_program_contact=perhaps'],
      ['client-contact', 'is_prospective_client=2'],
      ['client-contact', 'search=%00'],
      ['program-location', 'client_id=99999999999999999999'],
      ['item-price', 'search=a%00b'],
      ['program-location-item-price', 'program_location_id=all'],
      ['program-location-item-price', 'item_price_id=-'],
    ])('refuses %s?%s by the name of what is wrong', async (resource, query) => {
      const { status, body } = await ask('GET', `/${resource}/?${query}`);
      expect([status, Object.keys(body)]).toEqual([400, [query.split('=')[0]]]);
    });

    it('has no list of location contacts, and prices that are listed and changed only', async () => {
      expect(await ask('GET', '/program-location-contact/')).toMatchObject({ status: 405, headers: { allow: 'POST' } });
      const price = `/program-location-item-price/${priceNumber(1, 1)}/`;
      for (const [method, path, allow] of [
        ['POST', '/program-location-item-price/', 'GET'],
        ['GET', price, 'PUT, PATCH'],
        ['DELETE', price, 'PUT, PATCH'],
      ] as const)
        expect(await ask(method, path, method === 'POST' ? {} : undefined)).toMatchObject({
          status: 405,
          headers: { allow },
          body: { detail: `Method "${method}" not allowed.` },
        });
    });

    it('shows and changes for members only what hangs on clients that are theirs or nobody’s', async () => {
      const tim = await server.member(ada, `tim${companies}@example.com`, 'member');
      await server.run(ada, (tx) => tx.create('clients', { name: 'Hidden', accountOwnerId: ada.userId }));
      const hidden = (await listed('/client/')).find(({ name }) => name === 'Hidden')?.['id'] as number;
      const location = (await make('program-location', { client: hidden, program_name: 'Back room' })).id;
      const contact = (await make('client-contact', { client: hidden, first_name: 'Secret' })).id;
      const role = (await make('program-location-contact', { client_contact: contact, program_location: location })).id;
      expect(await called('/client/', 'name', tim)).toEqual(['Acme', 'Émile & Söhne', 'Prospect']);
      expect(await contacts(`client_id=${hidden}`, tim)).toEqual([]);
      expect(await called('/program-location/', 'program_name', tim)).toEqual(['Downtown', 'Harbor']);
      expect(await listed(`/program-location-item-price/?program_location_id=${location}`, tim)).toEqual([]);
      expect(await listed('/program-location-item-price/', tim)).toHaveLength(6);
      expect(await listed('/program-location-item-price/')).toHaveLength(9);
      const paths = [`client/${hidden}`, `client-contact/${contact}`, `program-location/${location}`, `program-location-contact/${role}`];
      for (const path of paths)
        for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'] as const)
          expect(await ask(method, `/${path}/`, method === 'GET' || method === 'DELETE' ? undefined : {}, tim), path).toMatchObject({
            status: 404,
            body: { detail: 'Not found.' },
          });
      const price = `/program-location-item-price/${priceNumber(location, 1)}/`;
      expect(await ask('PATCH', price, { custom_price: '1' }, tim)).toMatchObject({ status: 404 });
      const noSuch = (id: number) => [`Invalid pk "${id}" - object does not exist.`];
      expect(await ask('POST', '/program-location/', { client: hidden, program_name: 'Mine' }, tim)).toMatchObject({
        status: 400,
        body: { client: noSuch(hidden) },
      });
      expect(await ask('PATCH', `/client-contact/${ids['Solo']}/`, { client: hidden, assign_programs: [location] }, tim)).toMatchObject({
        status: 400,
        body: { client: noSuch(hidden), assign_programs: noSuch(location) },
      });
      expect(await ask('PATCH', `/client-contact/${ids['Solo']}/`, { title: 'Seen' }, tim)).toMatchObject({ status: 200 });
    });
  });

  describe('writing', () => {
    let acme: number;
    let places: number[];
    beforeAll(async () => {
      await freshCompany();
      // An id can be that of an entry and that of a place; here none is both.
      await server.countFrom(ada, { locationContacts: 501 });
      acme = (await make('client', { name: 'Acme' })).id;
      places = [];
      for (const program_name of ['One', 'Two', 'Three']) places.push((await make('program-location', { client: acme, program_name })).id);
      const contact = await make('client-contact', { client: acme, first_name: 'First' });
      await make('program-location-contact', { client_contact: contact.id, program_location: places[0] });
    });

    it('sets where a contact works: entries that are named stay, places that are named come, the others go', async () => {
      const worksAt = (contact: Wire) =>
        (contact['programs'] as { id: number; program: Wire }[]).map(({ id, program }) => [id, program['name']]);
      const contact = await make('client-contact', { client: acme, first_name: 'Gabriel', assign_programs: [places[0], places[1]] });
      const path = `/client-contact/${contact.id}/`;
      const [[one], [two]] = worksAt(contact) as [[number, string], [number, string]];
      expect(worksAt(contact)).toEqual([
        [one, 'One'],
        [two, 'Two'],
      ]);
      await ask('PATCH', `/program-location-contact/${two}/`, { title: 'Director' });
      // Said again as it is: nothing changes. Not said: nothing either.
      expect(worksAt((await ask('PATCH', path, { assign_programs: [one, two] })).body)).toEqual(worksAt(contact));
      expect(worksAt((await ask('PUT', path, { first_name: 'Gabriel', title: 'Driver' })).body)).toEqual(worksAt(contact));
      const moved = (await ask('PATCH', path, { assign_programs: [two, places[2]] })).body;
      expect(worksAt(moved)).toEqual([
        [two, 'Two'],
        [expect.any(Number), 'Three'],
      ]);
      expect((await ask('GET', `/program-location-contact/${two}/`)).body).toMatchObject({ title: 'Director' });
      expect((await ask('GET', `/program-location-contact/${one}/`)).status).toBe(404);
      expect(await ask('PATCH', path, { assign_programs: [two, 99], title: 'Lost' })).toMatchObject({
        status: 400,
        body: { assign_programs: ['Invalid pk "99" - object does not exist.'] },
      });
      expect((await ask('GET', path)).body).toEqual(moved);
      expect(worksAt((await ask('PUT', path, { assign_programs: [] })).body)).toEqual([]);
    });

    it('asks of PUT what creating asks, and leaves alone what neither says', async () => {
      const location = await make('program-location', {
        client: acme,
        program_name: 'Depot',
        physical_city: 'Denver',
        general_notes: 'Ring twice',
      });
      const path = `/program-location/${location.id}/`;
      expect(await ask('PUT', path, { physical_city: 'Boulder' })).toMatchObject({
        status: 400,
        body: { client: ['This field is required.'], program_name: ['This field is required.'] },
      });
      const put = await ask('PUT', path, { client: acme, program_name: 'Depot North' });
      expect(put.body).toEqual({ ...location, program_name: 'Depot North' });
      expect((await ask('PATCH', path, { physical_city: null })).body).toEqual({ ...put.body, physical_city: null });
      expect(await ask('PUT', '/client/1/', {})).toMatchObject({ status: 400, body: { name: ['This field is required.'] } });
      expect((await ask('PATCH', '/client/1/', {})).body).toEqual({ id: 1, name: 'Acme', is_active: true });
      expect(await ask('PUT', '/client/1/', { name: 'Acme', is_active: false })).toMatchObject({ status: 200, body: { is_active: false } });
    });

    it('keeps prices as they are written, numbers too', async () => {
      const item = await make('item-price', { invoice_item: 'Screen', item_code: 'S1', default_price: 45.1, default_tax_rate: '0.0750' });
      expect(item).toMatchObject({ default_price: '45.10', default_tax_rate: '0.0750' });
      expect((await ask('PATCH', `/item-price/${item.id}/`, { default_tax_rate: 0.08 })).body).toEqual({
        ...item,
        default_tax_rate: '0.0800',
      });
      expect(await ask('PUT', `/item-price/${item.id}/`, { ...item, item_code: 'S2' })).toMatchObject({
        status: 200,
        body: { item_code: 'S2' },
      });
    });

    it.each<[string, string, Wire, Wire]>([
      ['POST', 'client', {}, { name: ['This field is required.'] }],
      ['POST', 'client', { name: ' ' }, { name: ['This field may not be blank.'] }],
      ['POST', 'client', { name: 7, is_active: 'yes' }, { name: ['Not a valid string.'], is_active: ['Must be a valid boolean.'] }],
      ['POST', 'client', { name: 'A\u0000B' }, { name: [expect.any(String)] }],
      ['POST', 'client-contact', {}, { first_name: [expect.stringContaining('Give a name')] }],
      [
        'POST',
        'client-contact',
        { first_name: 'A', email: 'no', dob: '2000-13-01' },
        { email: ['Enter a valid email address.'], dob: [expect.stringContaining('Date has wrong format')] },
      ],
      ['POST', 'client-contact', { first_name: 'A', dob: '2999-01-01' }, { dob: [expect.stringContaining('future')] }],
      [
        'POST',
        'client-contact',
        { first_name: 'A', client: 99, user: 99 },
        { client: ['Invalid pk "99" - object does not exist.'], user: ['Invalid pk "99" - object does not exist.'] },
      ],
      [
        'POST',
        'client-contact',
        { first_name: 'A', client: -1, assign_programs: ['x'] },
        { client: [expect.any(String)], assign_programs: { 0: ['A valid number is required.'] } },
      ],
      ['POST', 'client-contact', { first_name: 'A', assign_programs: 7 }, { assign_programs: ['Expected a list of items.'] }],
      ['POST', 'program-location', { program_name: 'A' }, { client: ['This field is required.'] }],
      ['POST', 'program-location', { client: 99, program_name: 'A' }, { client: ['Invalid pk "99" - object does not exist.'] }],
      ['POST', 'program-location', { client: null, program_name: 'A' }, { client: ['This field may not be null.'] }],
      [
        'POST',
        'program-location-contact',
        {},
        { program_location: ['This field is required.'], client_contact: ['This field is required.'] },
      ],
      [
        'POST',
        'program-location-contact',
        { program_location: 1, client_contact: 99 },
        { client_contact: ['Invalid pk "99" - object does not exist.'] },
      ],
      [
        'POST',
        'item-price',
        { invoice_item: 'A', item_code: 'A', default_price: 'much', default_tax_rate: '8' },
        { default_price: ['A valid number is required.'] },
      ],
      [
        'POST',
        'item-price',
        { invoice_item: 'A', item_code: 'A', default_price: '1', default_tax_rate: '8' },
        { default_tax_rate: [expect.stringContaining('fraction')] },
      ],
      [
        'POST',
        'item-price',
        { invoice_item: 'A', item_code: 's2 ', default_price: '1', default_tax_rate: '0' },
        { item_code: [expect.stringContaining('has this code already')] },
      ],
      ['PATCH', 'client/1', { id: 2 }, { id: ['The id of a record cannot be changed.'] }],
      ['PUT', 'client-contact/1', { email: 'no' }, { email: ['Enter a valid email address.'] }],
      ['PATCH', 'client-contact/1', { first_name: null }, { first_name: [expect.stringContaining('Give a name')] }],
      ['PATCH', 'program-location/1', { is_active: null }, { is_active: ['This field may not be null.'] }],
      ['PUT', 'program-location-contact/501', { program_location: 1 }, { client_contact: ['This field is required.'] }],
      [
        'PATCH',
        'program-location-contact/501',
        { start_date: '2024-02-01', end_date: '2024-01-01' },
        { end_date: [expect.stringContaining('before the start')] },
      ],
      ['PUT', 'item-price/1', { default_price: '1' }, { invoice_item: ['This field is required.'] }],
      [
        'PUT',
        'item-price/1',
        { invoice_item: 'A', item_code: 'A9' },
        { default_price: ['This field is required.'], default_tax_rate: ['This field is required.'] },
      ],
      ['PUT', 'client/1', { is_active: false }, { name: ['This field is required.'] }],
      ['PUT', 'program-location/1', { program_name: 'A' }, { client: ['This field is required.'] }],
      ['PATCH', 'item-price/1', { default_price: 1e21 }, { default_price: [expect.any(String)] }],
    ])('refuses %s %s with %j field by field, and keeps nothing of it', async (method, path, body, errors) => {
      const seq = await seqOf();
      expect(await ask(method as 'POST', `/${path}/`, body)).toMatchObject({ status: 400, body: errors });
      expect(await seqOf()).toBe(seq);
    });

    it.each(['0', '-1', 'x', '1.0', '%00', '99999999999999999999', "1'%20or%201=1"])('has nothing called "%s"', async (id) => {
      for (const resource of ['client', 'client-contact', 'program-location', 'program-location-contact', 'item-price'])
        for (const method of ['GET', 'DELETE'] as const)
          expect(await ask(method, `/${resource}/${id}/`)).toMatchObject({ status: 404, body: { detail: 'Not found.' } });
      expect(await ask('PUT', `/program-location-item-price/${id}/`, { custom_price: '1' })).toMatchObject({ status: 404 });
    });

    it('is done one after the other by whoever writes at once, and nothing is lost', async () => {
      const contact = await make('client-contact', { client: acme, first_name: 'Busy' });
      const answers = await Promise.all(
        places.flatMap((place) => [
          ask('PATCH', `/client-contact/${contact.id}/`, { title: `At ${place}` }),
          ask('POST', '/program-location-contact/', { client_contact: contact.id, program_location: place }),
        ]),
      );
      expect(answers.every(({ status }) => status < 300)).toBe(true);
      expect((await ask('GET', `/client-contact/${contact.id}/`)).body['programs']).toHaveLength(3);
    });
  });

  describe('prices of places', () => {
    const prices = (query = '') => listed(`/program-location-item-price/${query}`);
    const price = (location: number, item: number) => `/program-location-item-price/${priceNumber(location, item)}/`;
    beforeAll(async () => {
      await freshCompany();
      await make('client', { name: 'Acme' });
      for (const program_name of ['One', 'Two']) await make('program-location', { client: 1, program_name });
      for (const item_code of ['A', 'B'])
        await make('item-price', { invoice_item: `Item ${item_code}`, item_code, default_price: '45.00', default_tax_rate: '0.0775' });
    });
    const pairs = async (query = '') => (await prices(query)).map((row) => [row['id'], (row['item_price'] as Wire)['item_code']]);

    it('are there for every place and item as soon as either is, with numbers that stay', async () => {
      const expected = [
        [priceNumber(1, 1), 'A'],
        [priceNumber(1, 2), 'B'],
        [priceNumber(2, 1), 'A'],
        [priceNumber(2, 2), 'B'],
      ];
      expect(await pairs()).toEqual(expected);
      expect((await prices())[0]).toEqual({
        id: priceNumber(1, 1),
        item_price: { id: 1, invoice_item: 'Item A', item_code: 'A', default_price: '45.00', default_tax_rate: '0.0775' },
        custom_price: null,
        custom_tax_rate: null,
        final_price: '45.00',
        final_tax_rate: '0.0775',
      });
      const place = (await make('program-location', { client: 1, program_name: 'Three' })).id;
      const item = (await make('item-price', { invoice_item: 'New', item_code: 'N', default_price: '1', default_tax_rate: '0' })).id;
      expect(await pairs(`?program_location_id=${place}`)).toEqual([
        [priceNumber(place, 1), 'A'],
        [priceNumber(place, 2), 'B'],
        [priceNumber(place, item), 'N'],
      ]);
      expect(await pairs(`?item_price_id=${item}`)).toHaveLength(3);
      expect((await ask('DELETE', `/program-location/${place}/`)).status).toBe(204);
      expect((await ask('DELETE', `/item-price/${item}/`)).status).toBe(204);
      expect(await pairs()).toEqual(expected);
      expect(await ask('PUT', price(place, 1), { custom_price: '1' })).toMatchObject({ status: 404 });
      expect(await ask('PATCH', price(1, item), { custom_price: '1' })).toMatchObject({ status: 404 });
      expect(await pairs(`?program_location_id=${place}`)).toEqual([]);
      expect(await pairs('?item_price_id=99')).toEqual([]);
    });

    it('are a place’s own, or the item’s until they are, price and tax each for itself', async () => {
      const set = async (body: Wire, method: 'PUT' | 'PATCH' = 'PATCH') => (await ask(method, price(1, 2), body)).body;
      expect(await set({ custom_price: '50.00' })).toMatchObject({
        custom_price: '50.00',
        final_price: '50.00',
        custom_tax_rate: null,
        final_tax_rate: '0.0775',
      });
      expect(await set({ custom_tax_rate: 0.08 })).toMatchObject({
        custom_price: '50.00',
        custom_tax_rate: '0.0800',
        final_tax_rate: '0.0800',
      });
      await ask('PATCH', '/item-price/2/', { default_price: '99.00', default_tax_rate: '0.1' });
      expect((await prices('?program_location_id=1&item_price_id=2'))[0]).toMatchObject({ final_price: '50.00', final_tax_rate: '0.0800' });
      expect((await prices('?program_location_id=2&item_price_id=2'))[0]).toMatchObject({ final_price: '99.00', final_tax_rate: '0.1000' });
      expect(await set({ custom_price: null }, 'PUT')).toMatchObject({
        custom_price: null,
        final_price: '99.00',
        custom_tax_rate: '0.0800',
      });
      expect(await set({ custom_price: '0.00' })).toMatchObject({ custom_price: '0.00', final_price: '0.00' });
      // As it was shown, with what only answers have.
      const [shown] = await prices('?program_location_id=1&item_price_id=2');
      expect(await set(shown as Wire, 'PUT')).toEqual(shown);
      for (const [body, errors] of [
        [{ custom_price: 'x' }, { custom_price: ['A valid number is required.'] }],
        [{ custom_tax_rate: '2' }, { custom_tax_rate: [expect.stringContaining('fraction')] }],
        [{ custom_price: '12.505' }, { custom_price: ['Ensure that there are no more than 2 decimal places.'] }],
        [{ custom_tax_rate: 0.07755 }, { custom_tax_rate: ['Ensure that there are no more than 4 decimal places.'] }],
      ])
        expect(await ask('PUT', price(1, 2), body)).toMatchObject({ status: 400, body: errors });
      expect(await prices('?program_location_id=1&item_price_id=2')).toEqual([shown]);
    });

    it('are kept only where they say something, go with their place or item, and are there again when it is', async () => {
      const stored = () =>
        inOrganisation(server.engine, ada.organisation, ({ tx }) =>
          tx.selectFrom('records').select('deleted_at').where('collection', '=', 'locationItemPrices').execute(),
        );
      expect(await stored()).toEqual([{ deleted_at: null }]);
      const shown = await prices('?program_location_id=1');
      await ask('PUT', price(2, 2), {});
      expect(await stored()).toHaveLength(1);
      const location = await inOrganisation(
        server.engine,
        ada.organisation,
        async (tenant) => (await tenant.byNumber('locations', [1]))[0]?.record.id,
      );
      expect((await ask('DELETE', '/program-location/1/')).status).toBe(204);
      expect((await prices()).map(({ id }) => id)).toEqual([priceNumber(2, 1), priceNumber(2, 2)]);
      expect(await stored()).toEqual([{ deleted_at: expect.any(String) }]);
      await server.run(ada, (tx) => tx.restore('locations', location as string));
      expect(await prices('?program_location_id=1')).toEqual(shown);
      expect(await stored()).toEqual([{ deleted_at: null }]);
    });

    it('come in pieces where there are many, all of them once, own ones among them', async () => {
      await server.run(ada, (tx) => {
        const client = tx.create('clients', { name: 'Chain' });
        for (let at = 0; at < 260; at += 1) tx.create('locations', { clientId: client.id, name: `Shop ${at}` });
        for (let at = 0; at < 8; at += 1) tx.create('itemPrices', { invoiceItem: `Thing ${at}`, itemCode: `T${at}` });
      });
      const rows = await prices();
      // 2 places and 260, 2 items and 8.
      expect(rows).toHaveLength(262 * 10);
      const numbers = rows.map(({ id }) => id);
      expect(new Set(numbers).size).toBe(numbers.length);
      const own = await ask('PATCH', price(200, 7), { custom_price: '7.77' });
      expect(own.status).toBe(200);
      const again = await prices();
      expect(again.map(({ id }) => id)).toEqual(numbers);
      expect(again.filter((row, at) => JSON.stringify(row) !== JSON.stringify(rows[at]))).toEqual([own.body]);
      expect(await prices('?item_price_id=7')).toHaveLength(262);
    });
  });

  it('signs in by basic authentication or a token, and says which ways there are', async () => {
    await freshCompany();
    expect((await server.ask(null, 'GET', '/client/', undefined, { headers: basicOf(ada) })).status).toBe(200);
    expect(await server.ask(null, 'GET', '/client/')).toMatchObject({ status: 401, headers: { 'www-authenticate': expect.anything() } });
  });
});
