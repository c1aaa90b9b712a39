import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientListSchema, clientSchema } from '../../shared/dialects/summit.ts';
import { examplesIn } from '../unit/shared/dialects/examples.ts';
import { engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

const [list, requested, created, fetched, change, updated, deleted] = examplesIn('summit-clients.md') as [
  Record<string, unknown>,
  Record<string, unknown>,
  Record<string, unknown>,
  Record<string, unknown>,
  Record<string, unknown>,
  Record<string, unknown>,
  Record<string, unknown>,
];

describe.each(engines)('Summit on %s', (engine) => {
  let server: TestServer;
  let ada: Somebody;
  let organisations = 0;

  beforeAll(async () => {
    server = await startTestServer(engine, 'summit');
  });
  afterAll(() => server.close());
  const freshOrganisation = async () => {
    organisations += 1;
    server.clock.moveTo('2024-05-03T10:00:00.000Z');
    ada = await server.organisation(`company${organisations}`);
  };
  const names = async (query: string) => {
    const { status, body } = await server.ask(ada, 'GET', `/api/clients?${query}`);
    expect(status).toBe(200);
    return (body['data'] as { name: string }[]).map(({ name }) => name);
  };

  describe('replaying the spec', () => {
    beforeAll(freshOrganisation);
    // The organisation's number is the server's own, and times are those of the clock.
    const own = (wire: Record<string, unknown>) => ({
      ...wire,
      companyId: expect.any(Number),
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });

    it('lists, creates, gets, changes and deletes a client as the examples show it', async () => {
      server.clock.moveTo('2023-10-01T10:00:00.000Z');
      const alpha = (list['data'] as Record<string, unknown>[])[0] as Record<string, unknown>;
      const { name, email, phone, address, paymentTerms } = alpha;
      const first = await server.ask(ada, 'POST', '/api/clients', { name, email: 'alpha@example.com', phone, address, paymentTerms });
      expect(first).toMatchObject({ status: 201, body: { ...own(alpha), email: 'alpha@example.com', createdAt: alpha['createdAt'] } });
      expect(email).toBe('client@example.com');

      const listed = await server.ask(ada, 'GET', '/api/clients?page=1&limit=5&sort=name&order=desc');
      expect(listed).toMatchObject({ status: 200, body: { data: [own({ ...alpha, email: 'alpha@example.com' })], meta: list['meta'] } });
      expect(clientListSchema.strict().safeParse(listed.body).error).toBeUndefined();

      server.clock.moveTo(String(created['createdAt']));
      const second = await server.ask(ada, 'POST', '/api/clients', requested);
      expect(second).toMatchObject({ status: 201, body: { ...own(created), createdAt: created['createdAt'] } });
      expect(clientSchema.strict().safeParse(second.body).error).toBeUndefined();
      expect(await server.ask(ada, 'GET', '/api/clients/2')).toMatchObject({ status: 200, body: own(fetched) });

      server.clock.moveTo(String(updated['updatedAt']));
      expect(await server.ask(ada, 'PUT', '/api/clients/2', change)).toMatchObject({
        status: 200,
        body: { ...own(updated), createdAt: updated['createdAt'], updatedAt: updated['updatedAt'] },
      });

      server.clock.moveTo(String(deleted['updatedAt']));
      expect(await server.ask(ada, 'DELETE', '/api/clients/2')).toMatchObject({
        status: 200,
        body: { ...own(deleted), updatedAt: deleted['updatedAt'] },
      });
      expect(await server.ask(ada, 'GET', '/api/clients/2')).toMatchObject({ status: 200, body: { softDelete: true } });
      expect(await names('')).toEqual(['Client Alpha']);
      expect(await server.ask(ada, 'DELETE', '/api/clients/2')).toMatchObject({ status: 404, body: { detail: 'Not found.' } });
      expect(await server.ask(ada, 'PUT', '/api/clients/2', { name: 'Back' })).toMatchObject({ status: 404 });
    });

    it('does the same with a slash at the end', async () => {
      expect(await server.ask(ada, 'GET', '/api/clients/1/')).toMatchObject({ status: 200, body: { name: 'Client Alpha' } });
      expect(await server.ask(ada, 'GET', '/api/clients/?q=client')).toMatchObject({ status: 200, body: { meta: { total: 1 } } });
      expect(await server.ask(ada, 'PUT', '/api/clients/1/', { phone: '1' })).toMatchObject({ status: 200, body: { phone: '1' } });
    });
  });

  describe('listing', () => {
    beforeAll(async () => {
      await freshOrganisation();
      for (const [at, [name, email, terms]] of [
        ['Émile & Sons', 'emile@sons.example', 30],
        ['zebra Ltd', null, 10],
        ['Ada_Works 100%', 'office@ada.example', null],
        ["O'Neil (North-Depot)", 'neil@north.example', 7],
        ['Beta', null, 365],
      ].entries()) {
        server.clock.moveTo(`2024-05-03T10:0${9 - at}:00.000Z`);
        expect(await server.ask(ada, 'POST', '/api/clients', { name, email, paymentTerms: terms })).toMatchObject({ status: 201 });
      }
    });

    it('sorts by every field both ways, empty ones last, without case and accents', async () => {
      expect(await names('sort=name')).toEqual(['Ada_Works 100%', 'Beta', 'Émile & Sons', "O'Neil (North-Depot)", 'zebra Ltd']);
      expect((await names('sort=name&order=desc'))[0]).toBe('zebra Ltd');
      expect((await names('sort=paymentTerms&order=asc')).slice(0, 3)).toEqual(["O'Neil (North-Depot)", 'zebra Ltd', 'Émile & Sons']);
      expect((await names('sort=email')).slice(0, 3)).toEqual(['Émile & Sons', "O'Neil (North-Depot)", 'Ada_Works 100%']);
      expect((await names('sort=createdAt'))[0]).toBe('Beta');
      for (const field of ['id', 'phone', 'address', 'updatedAt']) expect(await names(`sort=${field}&order=desc`)).toHaveLength(5);
    });

    it('begins with the oldest where nobody chose an order', async () => {
      expect((await names(''))[0]).toBe('Beta');
    });

    it('searches for any part of a name, and for the beginning of an e-mail or a word in it', async () => {
      expect(await names('q=emile')).toEqual(['Émile & Sons']);
      expect(await names('q=SONS')).toEqual(['Émile & Sons']);
      expect(await names('q=depot')).toEqual(["O'Neil (North-Depot)"]);
      expect(await names('q=ada.ex')).toEqual(['Ada_Works 100%']);
      expect(await names(`q=${encodeURIComponent('(north')}`)).toEqual(["O'Neil (North-Depot)"]);
      expect(await names(`q=${encodeURIComponent('100%')}`)).toEqual(['Ada_Works 100%']);
      expect(await names('q=eta')).toEqual(['Beta']);
      expect(await names('q=%C3%89T%C3%A1')).toEqual(['Beta']);
      expect(await names('q=epo')).toEqual(["O'Neil (North-Depot)"]);
      // Inside of a word of an e-mail is not looked.
      expect(await names('q=da.ex')).toEqual([]);
      expect(await names('q=t')).toEqual(await names('q=T'));
      expect(await names(`q=${encodeURIComponent("' or 1=1 --")}`)).toEqual([]);
      expect(await names(`q=${'x'.repeat(300)}`)).toEqual([]);
    });

    it('pages without overlap and says how many there are', async () => {
      const pages = [];
      for (const page of [1, 2, 3, 4]) pages.push(await server.ask(ada, 'GET', `/api/clients?limit=2&page=${page}&sort=name`));
      expect(pages.map(({ body }) => (body['data'] as unknown[]).length)).toEqual([2, 2, 1, 0]);
      for (const [at, { body }] of pages.entries()) expect(body['meta']).toEqual({ total: 5, page: at + 1, limit: 2, pageCount: 3 });
      const ids = pages.flatMap(({ body }) => (body['data'] as { id: number }[]).map(({ id }) => id));
      expect(new Set(ids).size).toBe(5);
    });

    it('counts anew after every change', async () => {
      const total = async () => ((await server.ask(ada, 'GET', '/api/clients?limit=1')).body['meta'] as { total: number }).total;
      expect([await total(), await total()]).toEqual([5, 5]);
      const made = await server.ask(ada, 'POST', '/api/clients', { name: 'Sixth' });
      expect(await total()).toBe(6);
      await server.ask(ada, 'DELETE', `/api/clients/${String(made.body['id'])}`);
      expect(await total()).toBe(5);
    });

    it.each(['page=0', 'page=x', 'limit=0', 'sort=salary', 'order=up', 'q=%00'])(
      'refuses %s by the name of what is wrong',
      async (query) => {
        const { status, body } = await server.ask(ada, 'GET', `/api/clients?${query}`);
        expect(status).toBe(400);
        expect(Object.keys(body)).toEqual([query.split('=')[0]]);
      },
    );
  });

  describe('bad input', () => {
    beforeAll(async () => {
      await freshOrganisation();
      await server.ask(ada, 'POST', '/api/clients', { name: 'Alpha', email: 'alpha@example.com', address: 'One' });
    });

    it('answers 409 to an e-mail that is taken, whatever its case, on creating and on changing', async () => {
      const taken = { status: 409, body: { email: ['A client with this email already exists.'] } };
      expect(await server.ask(ada, 'POST', '/api/clients', { name: 'Beta', email: 'ALPHA@example.com' })).toMatchObject(taken);
      const beta = await server.ask(ada, 'POST', '/api/clients', { name: 'Beta' });
      expect(await server.ask(ada, 'PUT', `/api/clients/${String(beta.body['id'])}`, { email: 'alpha@example.com' })).toMatchObject(taken);
      expect(await server.ask(ada, 'PUT', '/api/clients/1', { email: 'alpha@example.com', name: 'Alpha' })).toMatchObject({ status: 200 });
    });

    it('passes over what the document does not name, and takes an empty e-mail for none, as often as there are clients', async () => {
      for (const name of ['No mail', 'No mail either']) {
        const made = await server.ask(ada, 'POST', '/api/clients', { name, email: '', nickname: 'B', constructor: 1 });
        expect(made).toMatchObject({ status: 201, body: { name, email: null } });
        expect(made.body).not.toHaveProperty('nickname');
      }
      const withMail = await server.ask(ada, 'POST', '/api/clients', { name: 'Mail', email: 'mail@example.com' });
      const path = `/api/clients/${String(withMail.body['id'])}`;
      expect(await server.ask(ada, 'PUT', path, { email: '' })).toMatchObject({ status: 200, body: { email: null } });
    });

    it('cuts a limit above its own, and takes an order in capitals', async () => {
      const page = await server.ask(ada, 'GET', '/api/clients?limit=100000&sort=name&order=DESC');
      expect(page).toMatchObject({ status: 200, body: { meta: { limit: 100, page: 1 } } });
      const names = (page.body['data'] as { name: string }[]).map(({ name }) => name);
      const other = await server.ask(ada, 'GET', '/api/clients?limit=100&sort=name&order=asc');
      expect((other.body['data'] as { name: string }[]).map(({ name }) => name).toReversed()).toEqual(names);
      expect(await server.ask(ada, 'GET', '/api/clients?limit=0')).toMatchObject({ status: 400 });
    });

    it.each([
      [{}, { name: ['This field is required.'] }],
      [{ name: '' }, { name: ['This field may not be blank.'] }],
      [{ name: 7 }, { name: ['Not a valid string.'] }],
      [{ name: 'A', paymentTerms: '30' }, { paymentTerms: ['A valid number is required.'] }],
      [{ name: 'A', paymentTerms: -1 }, { paymentTerms: ['Ensure this value is greater than or equal to 0.'] }],
      [{ name: 'A', email: 'no' }, { email: ['Enter a valid email address.'] }],
      [[], { non_field_errors: ['Invalid data. Expected a dictionary.'] }],
      [{ name: 'A\u0000B' }, { name: [expect.any(String)] }],
    ])('refuses %j field by field', async (body, errors) => {
      expect(await server.ask(ada, 'POST', '/api/clients', body)).toMatchObject({ status: 400, body: errors });
    });

    it('refuses half a body, half a character, endless nesting, a strange type and 10 MB, each in plain words', async () => {
      const raw = (payload: string, type = 'application/json') =>
        server.ask(ada, 'POST', '/api/clients', undefined, { payload, headers: { 'content-type': type } });
      expect(await raw('{"name":')).toMatchObject({ status: 400, body: { detail: expect.stringContaining('could not be read') } });
      expect(await raw('{"name":"\\ud800"}')).toMatchObject({
        status: 400,
        body: { detail: expect.stringContaining('could not be read') },
      });
      expect(await raw(`{"name":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)).toMatchObject({ status: 400 });
      expect(await raw('{"__proto__":{"name":"A"}}')).toMatchObject({ status: 400 });
      expect(await raw('<client/>', 'application/xml')).toMatchObject({ status: 415 });
      expect(await raw(`{"name":"${'x'.repeat(10_000_000)}"}`)).toMatchObject({
        status: 413,
        body: { detail: 'The request is too large.' },
      });
    });

    it.each(['0', '999', 'abc', '1%20or%201=1', '%00', '99999999999999999999', '-1'])('has no client "%s"', async (id) => {
      for (const method of ['GET', 'DELETE'] as const)
        expect(await server.ask(ada, method, `/api/clients/${id}`)).toMatchObject({ status: 404, body: { detail: 'Not found.' } });
    });

    it('says which methods there are', async () => {
      const answer = await server.ask(ada, 'PATCH', '/api/clients/1', { name: 'B' });
      expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, PUT, DELETE' } });
    });

    it('writes nothing of a request it refuses', async () => {
      const before = await server.ask(ada, 'GET', '/api/clients/1');
      expect(await server.ask(ada, 'PUT', '/api/clients/1', { name: 'Changed', paymentTerms: 99_999 })).toMatchObject({ status: 400 });
      expect(await server.ask(ada, 'GET', '/api/clients/1')).toEqual({ ...before, headers: expect.anything() });
    });
  });

  it('keeps what Summit cannot say when a whole object is sent back', async () => {
    await freshOrganisation();
    const made = await server.ask(ada, 'POST', '/api/clients', { name: 'Alpha', address: '1 Main St' });
    const { id } = made.body;
    const before = await server.ask(ada, 'GET', `/api/clients/${String(id)}`);
    expect(await server.ask(ada, 'PUT', `/api/clients/${String(id)}`, before.body)).toMatchObject({ status: 200, body: before.body });
    const seq = await server.engine.db
      .selectFrom('organisations')
      .select('seq')
      .where('organisation_id', '=', ada.organisation)
      .executeTakeFirstOrThrow();
    // The administrator's directory entry and the client: sending back what was shown is no change.
    expect(seq.seq).toBe(2);
  });

  it('takes sixteen writers at once without a gap, and one e-mail once', async () => {
    await freshOrganisation();
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, at) =>
        server.ask(ada, 'POST', '/api/clients', { name: `Client ${at}`, email: `shared${at % 8}@example.com` }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...Array<number>(8).fill(201),
      ...Array<number>(8).fill(409),
    ]);
    const rows = await server.engine.db
      .transaction()
      .execute((tx) =>
        tx.selectFrom('organisations').select(['seq', 'numbers']).where('organisation_id', '=', ada.organisation).executeTakeFirstOrThrow(),
      );
    expect(rows).toMatchObject({ seq: 9, numbers: { clients: 8, directory: 1 } });
  });
});
