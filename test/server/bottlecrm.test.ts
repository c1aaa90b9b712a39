import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountDetailSchema, accountListSchema, accountSchema, addedSchema, commentSchema } from '../../shared/dialects/bottlecrm.ts';
import { strictly } from '../support/strictly.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import { newId } from '../../shared/lib/ids.ts';
import { examplesIn } from '../unit/shared/dialects/examples.ts';
import { multipart, type Part, partsOf } from './support/multipart.ts';
import { type Answer, engines, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

type Wire = Record<string, unknown>;
const [listExample, createExample, , detailExample, changeExample, commentExample, commentChangeExample] = examplesIn(
  'bottlecrm-accounts.md',
) as [Wire, Wire, Wire, Wire, Wire, Wire, Wire];

describe.each(engines)('BottleCRM on %s', (engine) => {
  let server: TestServer;
  let ada: Somebody;
  let companies = 0;

  beforeAll(async () => {
    server = await startTestServer(engine, 'bottlecrm');
  });
  afterAll(() => server.close());
  const freshCompany = async () => {
    companies += 1;
    server.clock.moveTo('2024-05-03T10:00:00.000Z');
    ada = await server.organisation(`bottle${companies}`);
  };

  const ask = (as: Somebody, method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown, more: InjectOptions = {}) =>
    server.ask(as, method, path, body, { ...more, headers: { 'organization-id': as.organisation, ...more.headers } });
  const sendParts = (as: Somebody, method: 'POST' | 'PUT', path: string, parts: readonly Part[]) =>
    ask(as, method, path, undefined, { payload: partsOf(parts), headers: { 'content-type': multipart } });
  const made = async (fields: Wire, as = ada): Promise<Wire> => {
    const answer = await ask(as, 'POST', '/api/accounts/', fields);
    expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 201 });
    return answer.body;
  };
  const idOf = (wire: Wire) => String(wire['id']);
  const page = async (query = '', as = ada) => {
    const { status, body } = await ask(as, 'GET', `/api/accounts/?${query}`);
    expect(status, JSON.stringify(body)).toBe(200);
    const names = (list: string) => (body[list] as { name: string }[]).map(({ name }) => name);
    return { body, open: names('open_accounts'), closed: names('closed_accounts') };
  };
  const detailOf = async (id: string, as = ada) => {
    const { status, body } = await ask(as, 'GET', `/api/accounts/${id}/`);
    expect(status).toBe(200);
    return body as Record<string, Wire[]> & { account_obj: Wire };
  };
  const seqOf = async (as: Somebody) =>
    (
      await server.engine.db
        .selectFrom('organisations')
        .select('seq')
        .where('organisation_id', '=', as.organisation)
        .executeTakeFirstOrThrow()
    ).seq;
  /** What hangs on an account and no BottleCRM call makes. */
  const put = (of: NounName, fields: Wire) => server.run(ada, (tx) => tx.create(of, fields).id);

  describe('replaying the document', () => {
    let bo: Somebody;
    let team: string;
    beforeAll(async () => {
      await freshCompany();
      bo = await server.member(ada, `bo${companies}@example.com`, 'member');
      team = await put('directory', { kind: 'team', name: 'North', memberIds: [bo.userId] });
    });

    it('lists an account as the example shows it', async () => {
      const [example] = listExample['open_accounts'] as [Wire];
      server.clock.moveTo('2023-01-15T10:30:00.000Z');
      const { id: _id, status: _status, created_on: _on, created_by: _by, ...fields } = example;
      const account = await made({ ...fields, assigned_to: [bo.userId], teams: [team] });
      const { body } = await page('name=acme&city=new%20york&limit=5');
      expect(body).toMatchObject({
        ...listExample,
        open_accounts: [
          { ...example, id: idOf(account), created_by: ada.userId, assigned_to: [bo.userId], teams: [team], org: ada.organisation },
        ],
        contacts: [],
        users: expect.any(Array),
        teams: [{ id: team, name: 'North', description: null, users: [bo.userId] }],
      });
      expect((body['users'] as Wire[]).map(idOf).toSorted()).toEqual([ada.userId, bo.userId].toSorted());
      expect(strictly(accountListSchema).safeParse(body).error).toBeUndefined();
      expect((await ask(ada, 'GET', '/api/accounts?name=acme&city=new%20york&limit=5')).body).toEqual(body);
    });

    it('creates an account with contacts, users, teams and tags', async () => {
      const contacts = [await put('contacts', { firstName: 'Carla' }), await put('contacts', { firstName: 'Dan' })];
      const { contacts: _c, assigned_to: _a, teams: _t, ...fields } = createExample;
      const account = await made({ ...fields, contacts, assigned_to: [bo.userId], teams: [team] });
      expect(account).toMatchObject({
        ...fields,
        status: 'open',
        contacts,
        assigned_to: [bo.userId],
        teams: [team],
        org: ada.organisation,
      });
      expect(strictly(accountSchema).safeParse(account).error).toBeUndefined();
    });

    it('gets an account with everything that hangs on it', async () => {
      const { account_obj: example } = detailExample as { account_obj: Wire };
      const { id: _id, status: _status, created_on: _on, created_by: _by, ...fields } = example;
      server.clock.moveTo('2023-01-15T10:30:00.000Z');
      const id = idOf(await made({ ...fields, email: 'second@acme.com', assigned_to: [bo.userId], teams: [team], tags: ['enterprise'] }));
      const detail = await detailOf(id);
      expect(Object.keys(detail).toSorted()).toEqual(Object.keys(detailExample).toSorted());
      expect(detail.account_obj).toEqual({
        ...example,
        email: 'second@acme.com',
        id,
        created_by: ada.userId,
        billing_street: null,
        org: ada.organisation,
      });
      expect(detail).toMatchObject({
        contacts: [],
        opportunities: [],
        assigned_to: [{ id: bo.userId, role: 'USER', is_active: true }],
        teams: [{ id: team }],
        tags: ['enterprise'],
      });
      expect(detail['users_mention']).toContainEqual({ id: bo.userId, username: bo.email, full_name: bo.email });
      expect(strictly(accountDetailSchema).safeParse(detail).error).toBeUndefined();

      const changed = await ask(ada, 'PUT', `/api/accounts/${id}/`, changeExample);
      expect(changed).toMatchObject({ status: 200, body: { id, ...changeExample, tags: ['enterprise'], assigned_to: [bo.userId] } });
      expect(strictly(accountSchema).safeParse(changed.body).error).toBeUndefined();

      expect(await ask(ada, 'DELETE', `/api/accounts/${id}`)).toMatchObject({ status: 204, body: {} });
      expect(await ask(ada, 'GET', `/api/accounts/${id}/`)).toMatchObject({ status: 404, body: { detail: 'Not found.' } });
      expect(await ask(ada, 'PUT', `/api/accounts/${id}/`, changeExample)).toMatchObject({ status: 404 });
      expect(await ask(ada, 'DELETE', `/api/accounts/${id}/`)).toMatchObject({ status: 404 });
    });

    it('adds, changes and deletes a comment and a file', async () => {
      server.clock.moveTo('2024-05-03T10:00:00.000Z');
      const id = idOf(await made({ name: 'Commented' }));
      const added = await ask(ada, 'POST', `/api/accounts/${id}/`, commentExample);
      expect(added).toMatchObject({
        status: 201,
        body: {
          status: 'success',
          comment: { ...commentExample, account: id, commented_by: ada.userId, commented_on: '2024-05-03T10:00:00Z' },
          attachment: null,
        },
      });
      server.clock.moveTo('2024-05-03T10:05:00.000Z');
      const both = await sendParts(ada, 'POST', `/api/accounts/${id}/`, [
        { name: 'comment', value: 'Contract document attached' },
        { name: 'attachment', file: 'contract.pdf', type: 'application/pdf', value: '%PDF-1.7 contract' },
      ]);
      expect(both).toMatchObject({
        status: 201,
        body: {
          message: 'Comment and Attachment added successfully',
          comment: { comment: 'Contract document attached' },
          attachment: { account: id, created_by: ada.userId, created_on: '2024-05-03T10:05:00Z' },
        },
      });
      for (const { body } of [added, both]) expect(strictly(addedSchema).safeParse(body).error).toBeUndefined();
      const [comment, attachment] = [(added.body['comment'] as Wire)['id'], both.body['attachment'] as Wire];

      const changed = await server.ask(ada, 'PUT', `/api/accounts/comment/${String(comment)}/`, commentChangeExample);
      expect(changed).toMatchObject({ status: 200, body: { id: comment, ...commentChangeExample, account: id } });
      expect(strictly(commentSchema).safeParse(changed.body).error).toBeUndefined();
      const detail = await detailOf(id);
      expect(detail['comments']).toMatchObject([{ comment: 'Contract document attached' }, commentChangeExample]);
      expect(detail['attachments']).toEqual([attachment]);

      const file = await server.app.inject({
        url: String(attachment['attachment']),
        headers: { authorization: `Bearer ${ada.accessToken}` },
      });
      expect([file.statusCode, file.body, file.headers['content-type'], file.headers['content-disposition']]).toEqual([
        200,
        '%PDF-1.7 contract',
        'application/pdf',
        `attachment; filename="contract.pdf"; filename*=UTF-8''contract.pdf`,
      ]);
      expect(await server.ask(ada, 'DELETE', `/api/accounts/comment/${String(comment)}/`)).toMatchObject({ status: 204, body: {} });
      expect(await server.ask(ada, 'DELETE', `/api/accounts/attachment/${idOf(attachment)}/`)).toMatchObject({ status: 204, body: {} });
      expect(await detailOf(id)).toMatchObject({ comments: [{ comment: 'Contract document attached' }], attachments: [] });
      expect(await server.ask(ada, 'DELETE', `/api/accounts/comment/${String(comment)}/`)).toMatchObject({ status: 404 });
      expect(
        (await server.app.inject({ url: String(attachment['attachment']), headers: { authorization: `Bearer ${ada.accessToken}` } }))
          .statusCode,
      ).toBe(404);
    });
  });

  describe('listing', () => {
    let bo: Somebody;
    let [north, south, carla]: string[] = [];
    beforeAll(async () => {
      await freshCompany();
      bo = await server.member(ada, `bo${companies}@example.com`, 'member');
      north = await put('directory', { kind: 'team', name: 'North' });
      south = await put('directory', { kind: 'team', name: 'South' });
      carla = await put('contacts', { firstName: 'Carla', lastName: 'Diaz' });
      const rows: Wire[] = [
        {
          name: 'ACME Corporation',
          billing_city: 'New York',
          industry: 'Technology',
          tags: ['Enterprise', 'vip'],
          assigned_to: [bo.userId],
          teams: [north],
          contacts: [carla],
        },
        { name: 'Big Acme Ltd', billing_city: 'new york', industry: 'legal', tags: ['enterprise'], teams: [south, north] },
        { name: 'Émile & Söhne', billing_city: 'Zürich', industry: 'Technology', assigned_to: [ada.userId] },
        { name: 'acme closed', status: 'closed', billing_city: 'New York', tags: ['vip'] },
        { name: 'Old North', status: 'close', billing_city: 'Oslo', assigned_to: [bo.userId] },
        { name: "O'Neil 100% (North_Depot)\\", billing_city: 'São Paulo' },
      ];
      for (const row of rows) await made(row);
    });

    it('separates open and closed accounts, each by name, with their counts', async () => {
      const { body, open, closed } = await page();
      expect(open).toEqual(['ACME Corporation', 'Big Acme Ltd', 'Émile & Söhne', "O'Neil 100% (North_Depot)\\"]);
      expect(closed).toEqual(['acme closed', 'Old North']);
      expect(body).toMatchObject({ accounts_count: 6, open_accounts_count: 4, closed_accounts_count: 2 });
      expect((body['closed_accounts'] as Wire[]).map(({ status }) => status)).toEqual(['closed', 'closed']);
      expect((body['contacts'] as Wire[]).map(({ id }) => id)).toEqual([carla]);
    });

    it.each([
      ['name=acme', ['ACME Corporation', 'Big Acme Ltd'], ['acme closed']],
      ['name=ME', ['ACME Corporation', 'Big Acme Ltd'], ['acme closed']],
      ['name=e', ['ACME Corporation', 'Big Acme Ltd', 'Émile & Söhne', "O'Neil 100% (North_Depot)\\"], ['acme closed']],
      ['name=emile', ['Émile & Söhne'], []],
      ['name=%C3%A9MILE%20%26%20SOH', ['Émile & Söhne'], []],
      ['name=corporation%20', ['ACME Corporation'], []],
      ['name=100%25%20(N', ["O'Neil 100% (North_Depot)\\"], []],
      ['name=_Depot)%5C', ["O'Neil 100% (North_Depot)\\"], []],
      ["name='%20or%201=1%20--", [], []],
      ['name=acme%25', [], []],
      ['name=acme%20corporation%20ltd', [], []],
      ['name=xyz', [], []],
      ['city=NEW%20YORK', ['ACME Corporation', 'Big Acme Ltd'], ['acme closed']],
      ['city=zurich', ['Émile & Söhne'], []],
      ['city=New', [], []],
      ['industry=TECHNOLOGY', ['ACME Corporation', 'Émile & Söhne'], []],
      ['industry=Tech', [], []],
      ['tags=ENTERPRISE', ['ACME Corporation', 'Big Acme Ltd'], []],
      ['tags=vip,enterprise', ['ACME Corporation', 'Big Acme Ltd'], ['acme closed']],
      ['tags=vip&tags=nothing', ['ACME Corporation'], ['acme closed']],
      ['tags=ent', [], []],
      ['name=acme&city=new%20york&industry=legal&tags=enterprise', ['Big Acme Ltd'], []],
      ['name=acme&city=oslo', [], []],
      [
        'name=&city=%20',
        ['ACME Corporation', 'Big Acme Ltd', 'Émile & Söhne', "O'Neil 100% (North_Depot)\\"],
        ['acme closed', 'Old North'],
      ],
      ['unknown=1&name=oslo', [], []],
    ])('answers %s', async (query, open, closed) => {
      expect(await page(query)).toMatchObject({ open, closed });
    });

    it('filters by users, teams and contacts, alone and together', async () => {
      expect(await page(`assigned_to=${bo.userId}`)).toMatchObject({ open: ['ACME Corporation'], closed: ['Old North'] });
      expect(await page(`assigned_to=${bo.userId},${ada.userId}`)).toMatchObject({ open: ['ACME Corporation', 'Émile & Söhne'] });
      expect(await page(`teams=${north}`)).toMatchObject({ open: ['ACME Corporation', 'Big Acme Ltd'], closed: [] });
      expect(await page(`teams=${south}&assigned_to=${bo.userId}`)).toMatchObject({ open: [], closed: [] });
      expect(await page(`contacts=${carla}`)).toMatchObject({ open: ['ACME Corporation'], closed: [] });
      expect(await page(`contacts=${carla}&teams=${north}&name=acme&tags=vip`)).toMatchObject({ open: ['ACME Corporation'] });
      for (const name of ['assigned_to', 'teams', 'contacts'])
        for (const id of [newId(), 'no-id', "' or 1=1 --"])
          expect(await page(`${name}=${encodeURIComponent(id)}`)).toMatchObject({ open: [], closed: [], body: { accounts_count: 0 } });
    });

    it('pages both lists by the same limit and offset, each by itself', async () => {
      expect(await page('limit=1')).toMatchObject({ open: ['ACME Corporation'], closed: ['acme closed'] });
      expect(await page('limit=1&offset=1')).toMatchObject({ open: ['Big Acme Ltd'], closed: ['Old North'] });
      expect(await page('limit=2&offset=3')).toMatchObject({
        open: ["O'Neil 100% (North_Depot)\\"],
        closed: [],
        body: { accounts_count: 6, open_accounts_count: 4, closed_accounts_count: 2 },
      });
      expect(await page('offset=100')).toMatchObject({ open: [], closed: [], body: { accounts_count: 6 } });
      expect(await page('name=acme&limit=1')).toMatchObject({ body: { open_accounts_count: 2, closed_accounts_count: 1 } });
    });

    it.each([
      ['limit=0', 'limit'],
      ['limit=-1', 'limit'],
      ['limit=many', 'limit'],
      ['offset=-1', 'offset'],
      ['offset=1.5', 'offset'],
      ['name=%00', 'name'],
      ['city=a%00', 'city'],
    ])('refuses %s by the name of what is wrong', async (query, name) => {
      const { status, body } = await ask(ada, 'GET', `/api/accounts/?${query}`);
      expect([status, Object.keys(body)]).toEqual([400, [name]]);
    });

    it('takes ten a page unless told, and 500 where more are asked for', async () => {
      await freshCompany();
      await server.run(ada, (tx) => {
        for (let at = 0; at < 25; at += 1) tx.create('clients', { name: `Client ${String(at).padStart(2, '0')}`, isActive: at % 5 !== 0 });
      });
      expect((await page()).open).toHaveLength(10);
      expect((await page('limit=500')).open).toHaveLength(20);
      expect((await page('limit=500')).closed).toHaveLength(5);
      const seen = [];
      for (let offset = 0; offset < 20; offset += 7) seen.push(...(await page(`limit=7&offset=${offset}`)).open);
      expect(seen).toEqual([...new Set(seen)].toSorted());
      expect(seen).toHaveLength(20);
    });
  });

  it('shows every field of what hangs on an account', async () => {
    await freshCompany();
    const clientId = idOf(await made({ name: 'Whole' }));
    const contact = await put('contacts', {
      clientId,
      salutation: 'Dr',
      firstName: 'Carla',
      lastName: 'Diaz',
      jobTitle: 'Boss',
      department: 'Board',
      dateOfBirth: '1980-01-31',
      email: 'c@diaz.example',
      secondaryEmail: 'd@diaz.example',
      mobilePhone: '1',
      phone: '2',
      doNotCall: true,
      address: { line1: 'a', line2: 'b', city: 'c', region: 'd', postalCode: 'e', country: 'f' },
      generalNote: 'Note',
    });
    const team = await put('directory', { kind: 'team', name: 'North', description: 'Above' });
    const held = { clientId, assignedToIds: [ada.userId], teamIds: [team] };
    await ask(ada, 'PUT', `/api/accounts/${clientId}/`, { teams: [team], assigned_to: [ada.userId] });
    await put('opportunities', {
      ...held,
      name: 'Deal',
      amount: '7.50',
      currency: 'EUR',
      probability: 50,
      leadSource: 'partner',
      stage: 'closed_won',
      closedOn: '2024-04-30',
      description: 'Soon',
      contactIds: [contact],
      tags: ['vip'],
    });
    await put('cases', {
      ...held,
      name: 'Case',
      caseType: 'incident',
      status: 'closed',
      closedOn: '2024-04-30',
      description: 'Over',
      contactIds: [contact],
    });
    await put('tasks', { ...held, title: 'Task', dueDate: '2024-05-31' });
    const invoice = await put('invoices', {
      clientId,
      issueDate: '2024-05-01',
      dueDate: '2024-05-31',
      notes: 'Thanks',
      lines: [{ description: 'Item', unitPrice: '10.00' }],
    });
    await server.run(ada, (tx) => tx.set('invoices', invoice, { number: 'A-1', status: 'sent' }));
    const detail = await detailOf(clientId);
    expect(detail).toMatchObject({
      contacts: [
        {
          salutation: 'Dr',
          title: 'Boss',
          department: 'Board',
          date_of_birth: '1980-01-31',
          secondary_email: 'd@diaz.example',
          mobile_number: '1',
          secondary_number: '2',
          do_not_call: true,
          address: { address_line: 'a', street: 'b', city: 'c', state: 'd', postcode: 'e', country: 'f' },
          description: 'Note',
        },
      ],
      opportunities: [
        { lead_source: 'PARTNER', closed_on: '2024-04-30', description: 'Soon', contacts: [contact], tags: ['vip'], teams: [team] },
      ],
      cases: [{ case_type: 'Incident', closed_on: '2024-04-30', description: 'Over', contacts: [contact] }],
      tasks: [{ due_date: '2024-05-31', assigned_to: [ada.userId] }],
      invoices: [{ invoice_number: 'A-1', due_date: '2024-05-31', total_amount: '10.00', details: 'Thanks' }],
      teams: [{ name: 'North', description: 'Above' }],
    });
    expect(strictly(accountDetailSchema).safeParse(detail).error).toBeUndefined();
  });

  describe('looking for a part of a name', () => {
    it('finds what is there after every change, as looking at each name would', async () => {
      await freshCompany();
      const words = [
        'acme',
        'ACMÉ',
        'aaa',
        'aaaa',
        'ab ba',
        'Öl & Gas',
        'ß-Werke',
        '😀 Smile',
        'x',
        'mea',
        'cme',
        '  me  ',
        'ダイヤ商会',
        'ﾊﾟﾝ工房',
      ];
      const names = new Map<string, string>();
      const check = async () => {
        for (const part of [
          'acm',
          'cme',
          'me',
          'a',
          'aaa',
          'aaaaa',
          'b b',
          'ol & g',
          'ss-w',
          '😀 s',
          'smile',
          'mea',
          'zzz',
          'タイヤ',
          '商会',
          'バン工',
        ]) {
          const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/ß/g, 'ss');
          const expected = [...names.values()].filter((name) => plain(name).includes(plain(part)));
          expect((await page(`limit=500&name=${encodeURIComponent(part)}`)).open.toSorted(), part).toEqual(expected.toSorted());
        }
      };
      for (const [at, word] of words.entries()) {
        const account = await made({ name: `${word} ${words[(at + 3) % words.length]}` });
        names.set(idOf(account), String(account['name']));
      }
      await check();
      for (const [at, [id]] of [...names].entries()) {
        if (at % 3 === 0) {
          expect((await ask(ada, 'PUT', `/api/accounts/${id}/`, { name: `Renamed ${words[at]}` })).status).toBe(200);
          names.set(id, `Renamed ${words[at]}`);
        } else if (at % 3 === 1) {
          expect((await ask(ada, 'DELETE', `/api/accounts/${id}/`)).status).toBe(204);
          names.delete(id);
        }
      }
      await check();
    });

    it('takes names as long as they may be, that end in the middle of a character for an index', async () => {
      await freshCompany();
      for (const name of [`${'x'.repeat(59)}😀`, `a ${'y'.repeat(59)}😀 tail`, `${'ﷺ'.repeat(22)}${'😀'.repeat(100)}`, 'z'.repeat(300)])
        expect(await made({ name })).toMatchObject({ name });
      expect((await page('name=tail')).open).toHaveLength(1);
      expect((await page(`name=${'z'.repeat(300)}`)).open).toHaveLength(1);
      expect((await page(`name=${'z'.repeat(3000)}`)).open).toHaveLength(0);
      expect(await ask(ada, 'POST', '/api/accounts/', { name: 'z'.repeat(301) })).toMatchObject({
        status: 400,
        body: { name: ['Ensure this field has no more than 300 characters.'] },
      });
    });

    it('finds many as well as few', async () => {
      await freshCompany();
      await server.run(ada, (tx) => {
        for (let at = 0; at < 1500; at += 1)
          tx.create('clients', { name: `Company ${at}`, isActive: at % 100 !== 0, tags: at % 7 === 0 ? ['all', 'seventh'] : ['all'] });
      });
      // Enough that names are looked into in their order, and few enough that they are looked up.
      expect(await page('name=ompan&limit=2&offset=1480')).toMatchObject({
        open: ['Company 995', 'Company 996'],
        body: { accounts_count: 1500, open_accounts_count: 1485, closed_accounts_count: 15 },
      });
      expect(await page('tags=ALL&limit=2&offset=1483')).toMatchObject({
        open: ['Company 998', 'Company 999'],
        body: { open_accounts_count: 1485, closed_accounts_count: 15 },
      });
      expect(await page('tags=all&name=pan&limit=1&offset=14')).toMatchObject({ closed: ['Company 900'], body: { accounts_count: 1500 } });
      expect(await page('tags=seventh&name=company&limit=1')).toMatchObject({
        open: ['Company 1001'],
        body: { accounts_count: 215, closed_accounts_count: 3 },
      });
      expect(await page('name=y%201499')).toMatchObject({ open: ['Company 1499'], closed: [] });
      expect(await page('name=y%2014&limit=1')).toMatchObject({ body: { open_accounts_count: 110, closed_accounts_count: 1 } });
    });
  });

  describe('accounts', () => {
    beforeAll(freshCompany);

    it('keep every field through creating, getting and changing', async () => {
      const whole = {
        name: 'Whole',
        email: 'whole@example.com',
        phone: '+1 555 0100',
        industry: 'legal',
        description: 'All of it',
        website: 'https://whole.example.com',
        status: 'closed',
        billing_address_line: '1 Main St',
        billing_street: 'Floor 2',
        billing_city: 'Denver',
        billing_state: 'CO',
        billing_postcode: '80202',
        billing_country: 'USA',
        tags: ['one', 'two'],
      };
      const account = await made(whole);
      expect(account).toMatchObject(whole);
      const { account_obj: shown } = await detailOf(idOf(account));
      const { tags: _tags, ...fields } = whole;
      expect(shown).toMatchObject(fields);
      const emptied = Object.fromEntries(
        Object.keys(fields)
          .filter((name) => name !== 'name' && name !== 'status')
          .map((name) => [name, null]),
      );
      expect(await ask(ada, 'PUT', `/api/accounts/${idOf(account)}/`, { ...emptied, status: 'open', tags: [] })).toMatchObject({
        status: 200,
        body: { ...emptied, status: 'open', tags: [], name: 'Whole' },
      });
    });

    it('change nothing and no number when a whole account is sent back', async () => {
      const account = await made({ name: 'Same', tags: ['a'], contacts: [await put('contacts', { firstName: 'Carla' })] });
      const before = await seqOf(ada);
      expect(await ask(ada, 'PUT', `/api/accounts/${idOf(account)}/`, account)).toMatchObject({ status: 200, body: account });
      expect(await seqOf(ada)).toBe(before);
    });

    it('have the contacts that are named: they come from where they were, and others leave', async () => {
      const [carla, dan, eve] = [
        await put('contacts', { firstName: 'C' }),
        await put('contacts', { firstName: 'D' }),
        await put('contacts', { firstName: 'E' }),
      ];
      const first = idOf(await made({ name: 'First', contacts: [carla, dan] }));
      const second = idOf(await made({ name: 'Second', contacts: [dan, eve] }));
      const contactsOf = async (id: string) => (await detailOf(id))['contacts']?.map((contact) => contact['id']);
      expect([await contactsOf(first), await contactsOf(second)]).toEqual([[carla], [dan, eve]]);
      expect(await ask(ada, 'PUT', `/api/accounts/${second}/`, { contacts: [eve, carla] })).toMatchObject({
        status: 200,
        body: { contacts: [carla, eve] },
      });
      expect([await contactsOf(first), await contactsOf(second)]).toEqual([[], [carla, eve]]);
      expect(await ask(ada, 'PUT', `/api/accounts/${second}/`, { name: 'Still' })).toMatchObject({ body: { contacts: [carla, eve] } });
      expect(await ask(ada, 'PUT', `/api/accounts/${second}/`, { contacts: [] })).toMatchObject({ body: { contacts: [] } });
      expect((await server.run(ada, (tx) => tx.get('contacts', dan)))?.clientId).toBeNull();
    });

    it('come with files, each of them attached', async () => {
      const answer = await sendParts(ada, 'POST', '/api/accounts/', [
        { name: 'name', value: 'With files' },
        { name: 'tags', value: 'a, b' },
        { name: 'attachment', file: 'one.txt', value: 'one' },
        { name: 'account_attachment', file: 'two.txt', value: 'two' },
        { name: 'attachments', file: 'three.txt', value: 'one' },
      ]);
      expect(answer).toMatchObject({ status: 201, body: { name: 'With files', tags: ['a', 'b'] } });
      const id = idOf(answer.body);
      const names = async () => (await detailOf(id))['attachments']?.map((one) => String(one['attachment']).split('/').at(-1)).toSorted();
      expect(await names()).toEqual(['one.txt', 'three.txt', 'two.txt']);
      expect(
        await sendParts(ada, 'PUT', `/api/accounts/${id}/`, [
          { name: 'status', value: 'closed' },
          { name: 'attachment', file: 'four.txt', value: 'four' },
        ]),
      ).toMatchObject({ status: 200, body: { status: 'closed', name: 'With files' } });
      expect(await names()).toHaveLength(4);
    });

    it('are the same in the other dialects, and theirs are here', async () => {
      const account = await made({ name: 'Everywhere', email: 'everywhere@example.com', billing_city: 'Denver', status: 'closed' });
      const summit = await server.ask(ada, 'GET', '/api/clients?q=everywhere');
      const [client] = summit.body['data'] as Wire[];
      expect(client).toMatchObject({ name: 'Everywhere', email: 'everywhere@example.com' });
      expect((await server.ask(ada, 'GET', `/client/${String(client?.['id'])}/`)).body).toMatchObject({
        name: 'Everywhere',
        is_active: false,
      });
      await server.ask(ada, 'PUT', `/api/clients/${String(client?.['id'])}`, { phone: '555', name: 'Everywhere else' });
      expect((await detailOf(idOf(account))).account_obj).toMatchObject({ phone: '555', name: 'Everywhere else' });
      const theirs = await server.ask(ada, 'POST', '/api/clients', { name: 'From Summit', address: '1 Long Street' });
      expect(theirs.status).toBe(201);
      expect(await page('name=from%20summit')).toMatchObject({ open: ['From Summit'] });
      const contact = await server.ask(ada, 'POST', '/client-contact/', {
        client: client?.['id'],
        first_name: 'Gabriel',
        last_name: 'Ruiz',
      });
      expect(contact.status).toBe(201);
      expect((await detailOf(idOf(account)))['contacts']).toMatchObject([{ first_name: 'Gabriel', last_name: 'Ruiz' }]);
      expect(await server.ask(ada, 'DELETE', `/api/clients/${String(client?.['id'])}`)).toMatchObject({ status: 200 });
      expect(await ask(ada, 'GET', `/api/accounts/${idOf(account)}/`)).toMatchObject({ status: 404 });
    });

    it('show what hangs on them, computed and in the words of BottleCRM', async () => {
      server.clock.moveTo('2024-05-03T10:00:00.000Z');
      const id = idOf(await made({ name: 'Hub' }));
      const opportunity = await put('opportunities', {
        clientId: id,
        name: 'Deal',
        stage: 'negotiation',
        amount: '1000.00',
        currency: 'USD',
        tags: ['hot'],
      });
      const case_ = await put('cases', { clientId: id, name: 'Broken', status: 'assigned', priority: 'high', caseType: 'incident' });
      const tasks = [
        await put('tasks', { clientId: id, title: 'Call', status: 'in_progress' }),
        await put('tasks', { opportunityId: opportunity, title: 'Offer' }),
        await put('tasks', { caseId: case_, title: 'Mend' }),
      ];
      await put('tasks', { title: 'Elsewhere' });
      await put('invoices', {
        clientId: id,
        currency: 'USD',
        issueDate: '2024-05-01',
        lines: [{ itemPriceId: null, description: 'Work', quantity: '2', unitPrice: '50.00', taxRate: '0.1' }],
      });
      await put('activities', { kind: 'call', about: 'clients', aboutId: id, body: 'A call is no comment' });
      const detail = await detailOf(id);
      expect(detail['opportunities']).toMatchObject([
        { id: opportunity, name: 'Deal', account: id, stage: 'NEGOTIATION/REVIEW', amount: '1000.00', currency: 'USD', tags: ['hot'] },
      ]);
      expect(detail['cases']).toMatchObject([{ id: case_, status: 'Assigned', priority: 'High', case_type: 'Incident' }]);
      expect(detail['tasks']?.map((task) => task['id'])).toEqual(tasks);
      expect(detail['tasks']?.[0]).toMatchObject({ title: 'Call', status: 'In Progress', account: id });
      expect(detail['invoices']).toMatchObject([
        {
          account: id,
          status: 'Draft',
          subtotal: '100.00',
          tax: '10.00',
          total_amount: '110.00',
          amount_paid: '0.00',
          amount_due: '110.00',
        },
      ]);
      expect(detail['comments']).toEqual([]);
      expect(strictly(accountDetailSchema).safeParse(detail).error).toBeUndefined();
    });
  });

  describe('who sees and may change what', () => {
    let [bo, mia]: Somebody[] = [];
    let [mine, theirs, nobodys]: string[] = [];
    beforeAll(async () => {
      await freshCompany();
      bo = await server.member(ada, `bo${companies}@example.com`, 'member');
      mia = await server.member(ada, `mia${companies}@example.com`, 'manager');
      const team = await put('directory', { kind: 'team', name: 'North', memberIds: [mia.userId, bo.userId] });
      mine = idOf(await made({ name: 'Mine', assigned_to: [bo.userId] }));
      theirs = idOf(await made({ name: 'Theirs', assigned_to: [ada.userId] }));
      nobodys = idOf(await made({ name: 'Nobody', status: 'closed' }));
      expect(team).toBeDefined();
    });

    it('members see theirs and nobody’s, managers also what is their teams’, administrators all', async () => {
      expect(await page('', bo)).toMatchObject({ open: ['Mine'], closed: ['Nobody'], body: { accounts_count: 2 } });
      expect(await page('', mia)).toMatchObject({ open: ['Mine'], closed: ['Nobody'] });
      expect(await page('', ada)).toMatchObject({ open: ['Mine', 'Theirs'], closed: ['Nobody'] });
      expect(await page('name=the', bo)).toMatchObject({ open: [], body: { accounts_count: 0 } });
      for (const [method, path, body] of [
        ['GET', `/api/accounts/${theirs}/`, undefined],
        ['PUT', `/api/accounts/${theirs}/`, { name: 'Taken' }],
        ['DELETE', `/api/accounts/${theirs}/`, undefined],
        ['POST', `/api/accounts/${theirs}/`, { comment: 'Seen' }],
        ['POST', `/api/accounts/${theirs}/create_mail/`, { recipients: ['a@example.com'] }],
      ] as const)
        expect(await ask(bo as Somebody, method, path, body), `${method} ${path}`).toMatchObject({
          status: 404,
          body: { detail: 'Not found.' },
        });
    });

    it('contacts of an account somebody may not see cannot be taken from it', async () => {
      const hidden = await put('contacts', { clientId: theirs, firstName: 'Hidden' });
      expect(await ask(bo as Somebody, 'PUT', `/api/accounts/${mine}/`, { contacts: [hidden] })).toMatchObject({
        status: 400,
        body: { contacts: [`Invalid pk "${hidden}" - object does not exist.`] },
      });
      expect(await page(`contacts=${hidden}`, bo)).toMatchObject({ open: [] });
      expect((await detailOf(String(theirs)))['contacts']).toHaveLength(1);
    });

    it('what hangs on an account and is somebody else’s is not shown', async () => {
      for (const [name, assignedToIds] of [
        ['Ours', []],
        ['Hers', [ada.userId]],
      ] as const)
        await put('opportunities', { clientId: nobodys, name, assignedToIds });
      expect((await detailOf(String(nobodys), bo))['opportunities']).toMatchObject([{ name: 'Ours' }]);
      expect((await detailOf(String(nobodys)))['opportunities']).toHaveLength(2);
    });

    it('comments and files are changed and deleted by who wrote them, and by administrators', async () => {
      const add = async (as: Somebody) => {
        const { body } = await sendParts(as, 'POST', `/api/accounts/${nobodys}/`, [
          { name: 'comment', value: 'Mine' },
          { name: 'attachment', file: 'mine.txt', value: 'mine' },
        ]);
        return [
          `/api/accounts/comment/${idOf(body['comment'] as Wire)}/`,
          `/api/accounts/attachment/${idOf(body['attachment'] as Wire)}/`,
        ] as const;
      };
      const refusal = { status: 403, body: { detail: 'You do not have permission to perform this action.' } };
      const [comment, file] = await add(ada);
      for (const other of [bo, mia] as Somebody[]) {
        expect(await server.ask(other, 'PUT', comment, { comment: 'Not mine' })).toMatchObject(refusal);
        expect(await server.ask(other, 'DELETE', comment)).toMatchObject(refusal);
        expect(await server.ask(other, 'DELETE', file)).toMatchObject(refusal);
      }
      const [own, ownFile] = await add(bo as Somebody);
      expect(await server.ask(bo as Somebody, 'PUT', own, { comment: 'Better' })).toMatchObject({
        status: 200,
        body: { comment: 'Better', commented_by: bo?.userId },
      });
      expect(await server.ask(ada, 'PUT', own, { comment: 'By an administrator' })).toMatchObject({
        status: 200,
        body: { commented_by: bo?.userId },
      });
      expect(await server.ask(bo as Somebody, 'DELETE', ownFile)).toMatchObject({ status: 204 });
      expect(await server.ask(ada, 'DELETE', own)).toMatchObject({ status: 204 });
    });

    it('people are mentioned by their names in a comment', async () => {
      await server.run(ada, (tx) => tx.change('directory', String(bo?.userId), { username: 'bo.b' }));
      const { body } = await ask(ada, 'POST', `/api/accounts/${nobodys}/`, { comment: `Thanks @BO.B, and @${mia?.email}. not me@bo.b` });
      const record = await server.run(ada, (tx) => tx.get('activities', idOf(body['comment'] as Wire)));
      expect(record?.mentions.toSorted()).toEqual([String(bo?.userId), String(mia?.userId)].toSorted());
    });

    it('comments do not count as contact', async () => {
      expect((await server.run(ada, (tx) => tx.get('clients', String(nobodys))))?.lastContactDate).toBeNull();
    });
  });

  describe('the header "organization-id"', () => {
    let eve: Somebody;
    let account: string;
    beforeAll(async () => {
      await freshCompany();
      eve = await server.organisation(`eve${companies}`);
      account = idOf(await made({ name: 'Alpha' }));
    });
    const calls = () =>
      [
        ['GET', '/api/accounts/', undefined],
        ['POST', '/api/accounts/', { name: 'Beta' }],
        ['GET', `/api/accounts/${account}/`, undefined],
        ['PUT', `/api/accounts/${account}/`, { name: 'Beta' }],
        ['POST', `/api/accounts/${account}/`, { comment: 'Hello' }],
        ['POST', `/api/accounts/${account}/create_mail/`, { recipients: ['a@example.com'] }],
        ['DELETE', `/api/accounts/${account}/`, undefined],
      ] as const;

    it('is needed by every call but those on comments and attachments, and has to name the own company', async () => {
      for (const [method, path, body] of calls()) {
        expect(await server.ask(ada, method, path, body), `${method} ${path}`).toMatchObject({
          status: 400,
          body: { detail: 'The header "organization-id" is missing.' },
        });
        for (const other of [eve.organisation, newId(), 'no-id', "' or 1=1 --"])
          expect(await ask(ada, method, path, body, { headers: { 'organization-id': other } }), `${method} ${path}`).toMatchObject({
            status: 403,
            body: { detail: 'You do not have permission to perform this action.' },
          });
      }
      expect(await page()).toMatchObject({ open: ['Alpha'] });
    });

    it('comes after signing in: without a token it is 401, with or without it', async () => {
      for (const headers of [{}, { 'organization-id': ada.organisation }] as Record<string, string>[])
        for (const [method, path, body] of calls())
          expect(await server.ask(null, method, path, body, { headers })).toMatchObject({
            status: 401,
            headers: { 'www-authenticate': 'Bearer' },
          });
    });

    it('does not open another company’s records with one’s own', async () => {
      for (const [method, path, body] of calls().slice(2))
        expect(await ask(eve, method, path, body), `${method} ${path}`).toMatchObject({ status: 404, body: { detail: 'Not found.' } });
      const comment = (await ask(ada, 'POST', `/api/accounts/${account}/`, { comment: 'Ours' })).body['comment'] as Wire;
      expect(await server.ask(eve, 'PUT', `/api/accounts/comment/${idOf(comment)}/`, { comment: 'Theirs' })).toMatchObject({ status: 404 });
      expect(await server.ask(eve, 'DELETE', `/api/accounts/comment/${idOf(comment)}/`)).toMatchObject({ status: 404 });
      const foreign = await put('contacts', { firstName: 'Ours' });
      for (const fields of [{ contacts: [foreign] }, { assigned_to: [ada.userId] }])
        expect(await ask(eve, 'POST', '/api/accounts/', { name: 'Thief', ...fields })).toMatchObject({ status: 400 });
      expect(await page('', eve)).toMatchObject({ open: [], body: { accounts_count: 0, contacts: [] } });
      expect((await detailOf(account)).account_obj).toMatchObject({ name: 'Alpha' });
    });
  });

  describe('bad input', () => {
    let account: string;
    let team: string;
    beforeAll(async () => {
      await freshCompany();
      account = idOf(await made({ name: 'Alpha', email: 'alpha@example.com' }));
      team = await put('directory', { kind: 'team', name: 'North' });
    });
    const nothing = async <T>(work: () => Promise<T>): Promise<T> => {
      const before = [await seqOf(ada), filesOf(ada)];
      const answer = await work();
      expect([await seqOf(ada), filesOf(ada)]).toEqual(before);
      return answer;
    };
    const filesOf = (as: Somebody) => {
      try {
        return readdirSync(join(server.attachments, as.organisation), { recursive: true, encoding: 'utf8' }).toSorted();
      } catch {
        return [];
      }
    };

    it.each([
      [{}, { name: ['This field is required.'] }],
      [{ name: '' }, { name: ['This field may not be blank.'] }],
      [{ name: null }, { name: ['This field may not be null.'] }],
      [{ name: 7 }, { name: ['Not a valid string.'] }],
      [{ name: 'A', email: 'no' }, { email: ['Enter a valid email address.'] }],
      [{ name: 'A', status: 'lost' }, { status: ['"lost" is not a valid choice.'] }],
      [{ name: 'A', tags: 'one' }, { tags: ['Expected a list of items.'] }],
      [{ name: 'A', tags: [''] }, { tags: [expect.anything()] }],
      [{ name: 'A', contacts: 'x' }, { contacts: ['Expected a list of items.'] }],
      [{ name: 'A', assigned_to: [7] }, { assigned_to: expect.anything() }],
      [[], { non_field_errors: ['Invalid data. Expected a dictionary.'] }],
      [{ name: 'A\u0000B' }, { name: [expect.any(String)] }],
      [{ name: 'A', email: 'ALPHA@example.com' }, { email: [expect.stringContaining('Alpha')] }],
    ])('refuses an account of %j field by field', async (body, errors) => {
      const answer = await nothing(() => ask(ada, 'POST', '/api/accounts/', body));
      if ('tags' in errors && Array.isArray((body as { tags?: unknown }).tags))
        expect(answer).toMatchObject({ status: 400, body: { tags: expect.anything() } });
      else expect(answer).toMatchObject({ status: 400, body: errors });
    });

    it('refuses ids nobody has, and people where teams are meant', async () => {
      const strange = newId();
      for (const name of ['contacts', 'assigned_to', 'teams'])
        for (const id of [strange, 'no-id', account])
          expect(await nothing(() => ask(ada, 'PUT', `/api/accounts/${account}/`, { [name]: [id] })), `${name} ${id}`).toMatchObject({
            status: 400,
            body: { [name]: [`Invalid pk "${id}" - object does not exist.`] },
          });
      for (const [name, id] of [
        ['teams', ada.userId],
        ['assigned_to', team],
      ] as const)
        expect(await nothing(() => ask(ada, 'POST', '/api/accounts/', { name: 'A', [name]: [id] }))).toMatchObject({
          status: 400,
          body: { [name]: [expect.any(String)] },
        });
    });

    it.each([
      [{}, { non_field_errors: ['Add a comment or a file.'] }],
      [{ comment: '' }, { non_field_errors: ['Add a comment or a file.'] }],
      [{ comment: ' \n ' }, { non_field_errors: ['Add a comment or a file.'] }],
      [{ comment: null }, { non_field_errors: ['Add a comment or a file.'] }],
      [{ comment: 7 }, { comment: ['Not a valid string.'] }],
      [{ comment: 'x'.repeat(100_001) }, { comment: [expect.any(String)] }],
      [{ comment: 'a\u0000b' }, { comment: [expect.any(String)] }],
    ])('refuses a comment of %j', async (body, errors) => {
      expect(await nothing(() => ask(ada, 'POST', `/api/accounts/${account}/`, body))).toMatchObject({ status: 400, body: errors });
    });

    it('refuses an emptied comment, and one that is none', async () => {
      const { body } = await ask(ada, 'POST', `/api/accounts/${account}/`, { comment: 'First' });
      const path = `/api/accounts/comment/${idOf(body['comment'] as Wire)}/`;
      for (const [wrong, error] of [
        [{}, 'This field is required.'],
        [{ comment: '' }, 'This field may not be blank.'],
        [{ comment: null }, 'This field may not be null.'],
      ] as const)
        expect(await nothing(() => server.ask(ada, 'PUT', path, wrong))).toMatchObject({ status: 400, body: { comment: [error] } });
      const file = (await sendParts(ada, 'POST', `/api/accounts/${account}/`, [{ name: 'attachment', file: 'a.txt', value: 'a' }])).body[
        'attachment'
      ] as Wire;
      const call = await put('activities', { kind: 'call', about: 'clients', aboutId: account });
      const onContact = await put('activities', {
        kind: 'comment',
        about: 'contacts',
        aboutId: await put('contacts', { firstName: 'C' }),
        body: 'x',
      });
      for (const id of [idOf(file), call, onContact, account, newId(), 'no-id', '%00'])
        expect(await nothing(() => server.ask(ada, 'PUT', `/api/accounts/comment/${id}/`, { comment: 'x' })), id).toMatchObject({
          status: 404,
        });
      expect(await nothing(() => server.ask(ada, 'DELETE', `/api/accounts/attachment/${idOf(body['comment'] as Wire)}/`))).toMatchObject({
        status: 404,
      });
    });

    it.each(['0', 'abc', '1%20or%201=1', '%00', '..%2f..', newId()])('has no account "%s"', async (id) => {
      for (const method of ['GET', 'DELETE'] as const)
        expect(await ask(ada, method, `/api/accounts/${id}/`)).toMatchObject({ status: 404, body: { detail: 'Not found.' } });
    });

    it('refuses half a body, half a character, a strange type, forms and 10 MB, each in plain words', async () => {
      const raw = (payload: string | Buffer, type: string) =>
        nothing(() => ask(ada, 'POST', `/api/accounts/${account}/`, undefined, { payload, headers: { 'content-type': type } }));
      for (const half of ['{"comment":', '{"comment":"\\ud800"}'])
        expect(await raw(half, 'application/json')).toMatchObject({
          status: 400,
          body: { detail: expect.stringContaining('could not be read') },
        });
      expect(await raw('comment=x', 'application/x-www-form-urlencoded')).toMatchObject({ status: 415 });
      expect(await raw('<x/>', 'application/xml')).toMatchObject({ status: 415 });
      expect(await raw(`{"comment":"${'x'.repeat(10_000_000)}"}`, 'application/json')).toMatchObject({
        status: 413,
        body: { detail: 'The request is too large.' },
      });
      expect(await raw(partsOf([{ name: 'comment', value: 'x'.repeat(10_000_000) }]), multipart)).toMatchObject({ status: 413 });
      expect(await raw(partsOf([{ name: 'attachment', file: 'a.bin', value: Buffer.alloc(500_000) }], ''), multipart)).toMatchObject({
        status: 400,
      });
      expect(
        await raw(partsOf([{ name: 'attachment', file: 'a.bin', value: Buffer.alloc(500_000) }]).subarray(0, 200_000), multipart),
      ).toMatchObject({ status: 400 });
      expect(await raw('no parts at all', multipart)).toMatchObject({ status: 400 });
      expect(
        await nothing(() =>
          server.ask(ada, 'PUT', `/api/accounts/comment/${newId()}/`, undefined, {
            payload: partsOf([]),
            headers: { 'content-type': multipart },
          }),
        ),
      ).toMatchObject({ status: 415 });
    });

    it('refuses files in the wrong place, too many of them and too large ones, and keeps nothing', async () => {
      const send = (parts: readonly Part[]) => nothing(() => sendParts(ada, 'POST', `/api/accounts/${account}/`, parts));
      const file = { name: 'attachment', file: 'a.txt', value: 'a' };
      expect(await send([file, file])).toMatchObject({ status: 400, body: { attachment: ['Only one file can be added at a time.'] } });
      expect(await send([{ ...file, name: 'photo' }])).toMatchObject({
        status: 400,
        body: { non_field_errors: ['Add a comment or a file.'] },
      });
      expect(await send([{ ...file, name: 'comment' }])).toMatchObject({
        status: 400,
        body: { comment: ['A file was sent where text is meant.'] },
      });
      expect(await send([{ name: 'attachment', value: 'no file' }])).toMatchObject({
        status: 400,
        body: { attachment: [expect.stringContaining('not a file')] },
      });
      expect(await send([file, { name: 'comment', value: 'x'.repeat(100_001) }])).toMatchObject({
        status: 400,
        body: { comment: [expect.any(String)] },
      });
      expect(await send([{ ...file, value: Buffer.alloc(100 * 1024 * 1024 + 1) }])).toMatchObject({
        status: 413,
        body: { detail: expect.stringContaining('larger than 100 MB') },
      });
      expect(
        await nothing(() => sendParts(ada, 'POST', '/api/accounts/', [file, { name: 'email', value: 'no' }, { name: 'name', value: 'A' }])),
      ).toMatchObject({ status: 400 });
      expect(await nothing(() => sendParts(ada, 'PUT', `/api/accounts/${newId()}/`, [file]))).toMatchObject({ status: 404 });
    });

    it.each([
      ['../../../etc/passwd', 'passwd'],
      ['C:\\\\Windows\\\\system32\\\\evil.exe', 'evil.exe'],
      ['invoice\u202efdp.exe', 'invoicefdp.exe'],
      ['.htaccess', 'htaccess'],
      ['con.txt', '_con.txt'],
      [`${'n'.repeat(300)}.pdf`, `${'n'.repeat(116)}.pdf`],
    ])('takes a file called %j and keeps it under a harmless name', async (sent, name) => {
      const content = Buffer.concat([Buffer.from('MZ'), Buffer.from(sent)]);
      const { status, body } = await sendParts(ada, 'POST', `/api/accounts/${account}/`, [
        { name: 'attachment', file: sent, value: content },
      ]);
      expect(status).toBe(201);
      const path = String((body['attachment'] as Wire)['attachment']);
      expect(decodeURIComponent(path.split('/').at(-1) ?? '')).toBe(name);
      const hash = createHash('sha256').update(content).digest('hex');
      expect(filesOf(ada)).toContain(join(hash.slice(0, 2), hash));
      const sentBack = await server.app.inject({ url: path, headers: { authorization: `Bearer ${ada.accessToken}` } });
      expect([sentBack.statusCode, sentBack.headers['content-type']]).toEqual([200, 'application/octet-stream']);
      expect(sentBack.rawPayload.equals(content)).toBe(true);
    });

    it('says which methods there are', async () => {
      const allowed: [string, string][] = [
        ['/api/accounts/', 'GET, POST'],
        [`/api/accounts/${account}/`, 'GET, PUT, DELETE, POST'],
        [`/api/accounts/comment/${newId()}/`, 'PUT, DELETE'],
        [`/api/accounts/attachment/${newId()}/`, 'DELETE'],
        [`/api/accounts/${account}/create_mail/`, 'POST'],
      ];
      for (const [path, allow] of allowed)
        expect(await ask(ada, 'PATCH', path, {}), path).toMatchObject({ status: 405, headers: { allow } });
    });

    it('makes sixteen accounts at once, and one e-mail once', async () => {
      const answers: Answer[] = await Promise.all(
        Array.from({ length: 16 }, (_, at) =>
          ask(ada, 'POST', '/api/accounts/', { name: `At once ${at}`, email: `once${at % 8}@example.com` }),
        ),
      );
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
        ...Array<number>(8).fill(201),
        ...Array<number>(8).fill(400),
      ]);
      expect(await page('name=at%20once&limit=1')).toMatchObject({ body: { accounts_count: 8 } });
    });
  });
});
