import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bottlecrm, emailRequestSchema } from '../../../../shared/dialects/bottlecrm.ts';
import type { BookRecord } from '../../../../shared/dialects/book-view.ts';
import { casework, creationProblem, newPrimaryLocation, primaryLocationOf } from '../../../../shared/dialects/casework.ts';
import { type Dialect, type Resource, resourceOf } from '../../../../shared/dialects/dialect.ts';
import { errorAnswers, errorBody, validationBody } from '../../../../shared/dialects/error-body.ts';
import { bodyOfForm } from '../../../../shared/dialects/form-body.ts';
import { programs } from '../../../../shared/dialects/programs.ts';
import { readRequest } from '../../../../shared/dialects/request-body.ts';
import { strictly } from '../../../support/strictly.ts';
import { decode, encode, type Shape } from '../../../../shared/dialects/shape.ts';
import { clientRequestSchema, skhokho } from '../../../../shared/dialects/skhokho.ts';
import { emailTaken, summit } from '../../../../shared/dialects/summit.ts';
import type { Wire } from '../../../../shared/dialects/wire.ts';
import { requestedChanges } from '../../../../shared/dialects/wire-merge.ts';
import { blankRecord, MemoryBook } from './memory-book.ts';
import { words } from '../../../../shared/words/words.ts';

const book = new MemoryBook();
const context = book.context();
const acme = book.put('clients', { ...blankRecord('clients', 'clients:1'), name: 'Acme' } as BookRecord);
book.put('locations', {
  ...blankRecord('locations', 'locations:3'),
  clientId: acme.id,
  name: 'Main Location',
  isPrimary: true,
  physicalAddress: {
    ...(blankRecord('clients', 'x') as BookRecord & { address: object }).address,
    region: 'Colorado',
    country: 'United States',
  },
} as BookRecord);

const clients = (dialect: Dialect) =>
  resourceOf(dialect, dialect.name === 'bottlecrm' ? 'accounts' : dialect.name === 'programs' ? 'client' : 'clients');
const create = (of: Resource, body: unknown) => readRequest(of, of.create as Shape, body, null, context);
const change = (of: Resource, body: unknown, record = acme) => readRequest(of, of.change as Shape, body, record, context);
const errors = (answer: ReturnType<typeof readRequest>) => (answer.ok ? 'taken' : answer.answer.body);

describe('A request body', () => {
  it('is taken when it is right', () => {
    expect(create(clients(summit), { name: '  Acme  ' })).toEqual({ ok: true, wire: { name: 'Acme' } });
  });

  it('is refused field by field, in the words of Django REST framework', () => {
    expect(errors(create(clients(skhokho), {}))).toEqual({ name: ['This field is required.'] });
    expect(
      errors(
        create(clients(skhokho), {
          name: '',
          entity_type: 'giant',
          lifecycle_stage: null,
          company_size: 'x'.repeat(101),
          website: 'acme',
          first_contact_date: 'soon',
          annual_revenue: 12,
          address: { phone: '12', city: 7 },
        }),
      ),
    ).toEqual({
      name: ['This field may not be blank.'],
      entity_type: ['"giant" is not a valid choice.'],
      lifecycle_stage: ['This field may not be null.'],
      company_size: ['Ensure this field has no more than 100 characters.'],
      website: ['Enter a valid URL.'],
      first_contact_date: ['Date has wrong format. Use one of these formats instead: YYYY-MM-DD.'],
      annual_revenue: ['Not a valid string.'],
      address: { phone: ['Enter a phone number of 9 to 15 digits, with + in front at most.'], city: ['Not a valid string.'] },
    });
    expect(errors(create(clients(summit), { name: 'Acme', email: 'acme', paymentTerms: 1.5 }))).toEqual({
      email: ['Enter a valid email address.'],
      paymentTerms: ['A valid integer is required.'],
    });
    expect(errors(create(clients(programs), { name: 'Acme', is_active: 'yes' }))).toEqual({ is_active: ['Must be a valid boolean.'] });
    expect(errors(create(resourceOf(bottlecrm, 'emails'), { recipients: [] }))).toEqual({ recipients: ['Add at least one recipient.'] });
  });

  it('is refused when it is no object', () => {
    for (const body of [null, [], 'Acme', 7])
      expect(errors(create(clients(summit), body))).toEqual({ non_field_errors: ['Invalid data. Expected a dictionary.'] });
  });

  it('may have members nobody knows, at any depth, which are passed over', () => {
    expect(create(clients(skhokho), { name: 'Acme', nmae: 'x', address: { town: 'x', city: 'Pretoria' } })).toEqual({
      ok: true,
      wire: { name: 'Acme', address: { city: 'Pretoria' } },
    });
    const hostile = create(clients(skhokho), JSON.parse('{"name":"Acme","__proto__":{"isAdmin":true},"constructor":{"prototype":1}}'));
    expect(hostile).toEqual({ ok: true, wire: { name: 'Acme' } });
    expect(({} as Wire)['isAdmin']).toBeUndefined();
  });

  it('empties with an empty text what can be empty', () => {
    const wireOfRequest = (read: ReturnType<typeof create>) => (read.ok ? read.wire : read.answer.body);
    expect(wireOfRequest(create(clients(summit), { name: 'Acme', email: '' }))).toEqual({ name: 'Acme', email: null });
    expect(wireOfRequest(change(clients(skhokho), { website: '', address: { phone: '', city: '' } }))).toEqual({
      website: null,
      address: { phone: null, city: '' },
    });
    expect(wireOfRequest(change(resourceOf(programs, 'client-contact'), { email: '', dob: '' }))).toEqual({ email: null, dob: null });
    expect(wireOfRequest(change(clients(skhokho), { name: '' }))).toEqual({ name: ['This field may not be blank.'] });
  });

  it('takes any address for a website, and texts as long as notes are', () => {
    for (const website of ['ftp://files.example.com/a', 'urn:isbn:0451450523', 'https://example.com'])
      expect(change(clients(skhokho), { website })).toEqual({ ok: true, wire: { website } });
    expect(change(clients(bottlecrm), { website: 'our page' })).toEqual({ ok: true, wire: { website: 'our page' } });
    expect(errors(change(clients(skhokho), { website: 'our page' }))).toEqual({ website: ['Enter a valid URL.'] });
    const description = 'x'.repeat(100_000);
    expect(change(clients(skhokho), { description, address: { country: 'y'.repeat(300) } }).ok).toBe(true);
    const { refused } = requestedChanges(clients(skhokho).change as Shape, { description }, acme, context);
    expect(refused).toEqual([]);
  });

  it('of Programs has decimals with as many places as their columns, or is refused in the words of Django REST framework', () => {
    const items = resourceOf(programs, 'item-price');
    const item = { invoice_item: 'Screen', item_code: 'S1' };
    expect(errors(create(items, item))).toEqual({
      default_price: ['This field is required.'],
      default_tax_rate: ['This field is required.'],
    });
    expect(errors(create(items, { ...item, default_price: null, default_tax_rate: 'x' }))).toEqual({
      default_price: ['This field may not be null.'],
      default_tax_rate: ['A valid number is required.'],
    });
    expect(errors(create(items, { ...item, default_price: '12.505', default_tax_rate: 0.07755 }))).toEqual({
      default_price: ['Ensure that there are no more than 2 decimal places.'],
      default_tax_rate: ['Ensure that there are no more than 4 decimal places.'],
    });
    for (const bad of ['1e3', '', '.', '1.2.3', [], true, Number.MAX_VALUE])
      expect(create(items, { ...item, default_price: bad, default_tax_rate: '0' }).ok, String(bad)).toBe(false);
    for (const good of ['12', '12.', '.5', '12.5', 12.5, 0, '-3.25'])
      expect(create(items, { ...item, default_price: good, default_tax_rate: '0' }).ok, String(good)).toBe(true);
    const record = { ...blankRecord('itemPrices', 'itemPrices:1'), defaultPrice: '12.5', defaultTaxRate: '0.08' } as BookRecord;
    expect(encode(items.answer, record, context).wire).toMatchObject({ default_price: '12.50', default_tax_rate: '0.0800' });
  });

  it('may hold what an answer shows and no request changes', () => {
    const shown = encode(clients(skhokho).answer, acme, context).wire;
    const taken = change(clients(skhokho), shown);
    expect(taken.ok).toBe(true);
    expect(requestedChanges(clients(skhokho).change as Shape, (taken as { wire: Wire }).wire, acme, context)).toEqual({
      fields: {},
      references: {},
      refused: [],
    });
    expect(change(clients(summit), { id: 1, companyId: 1, name: 'Acme Depot', createdAt: 'x', softDelete: true })).toEqual({
      ok: true,
      wire: { name: 'Acme Depot' },
    });
  });
});

describe('A request of Casework', () => {
  it('is nested under client, and its errors are too', () => {
    expect(errors(create(clients(casework), { name: 'Acme' }))).toEqual({ client: ['This field is required.'] });
    expect(errors(create(clients(casework), { client: 'Acme' }))).toEqual({ client: ['Invalid data. Expected a dictionary.'] });
    expect(errors(create(clients(casework), { client: { name: 'Acme' } }))).toEqual({
      client: { primary_location: ['This field is required.'] },
    });
    expect(
      errors(create(clients(casework), { client: { name: 'Acme', primary_location: { name: 'Main', state: 'Colorado', country: 'XX' } } })),
    ).toEqual({
      client: {
        primary_location: {
          state: ['Write the two characters of the state or province, like CO.'],
          country: ['There is no country with these two letters.'],
        },
      },
    });
  });

  it('may be a part of a client, but not a wish for another location, which no call fulfils', () => {
    expect(change(clients(casework), { client: { account_code: '123456' } })).toEqual({ ok: true, wire: { account_code: '123456' } });
    const shown = encode(clients(casework).answer, acme, context).wire;
    expect(change(clients(casework), { client: shown }).ok).toBe(true);
    const moved = { ...shown, primary_location: { ...(shown['primary_location'] as Wire), city: 'Boulder' } };
    expect(errors(change(clients(casework), { client: moved }))).toEqual({
      client: { primary_location: ['This cannot be changed here. Nothing of the request was carried out.'] },
    });
  });

  it('is made from names of states and countries as well as from their codes', () => {
    const [location] = primaryLocationOf(acme, context);
    expect(encode(newPrimaryLocation, location as BookRecord, context).wire).toMatchObject({
      name: 'Main Location',
      state: 'CO',
      country: 'US',
    });
    expect(creationProblem(acme, context)).toBeNull();
  });

  it('cannot be made for a client without a location, or with a state that has no two characters', () => {
    const lonely = book.put('clients', { ...blankRecord('clients', 'clients:2'), name: 'Lonely' } as BookRecord);
    expect(creationProblem(lonely, context)).toMatchObject({ path: 'primary_location' });
    const place = (region: string | null) =>
      book.put('locations', {
        ...blankRecord('locations', 'locations:4'),
        clientId: lonely.id,
        name: 'Depot',
        physicalAddress: { ...(blankRecord('clients', 'x') as BookRecord & { address: object }).address, region, country: 'AU' },
      } as BookRecord);
    place('New South Wales');
    expect(creationProblem(lonely, context)?.message).toMatch(/two characters/);
    place(null);
    expect(creationProblem(lonely, context)?.message).toBe(
      'Casework takes a location only with its state or province. Fill it in to send this client.',
    );
  });

  it('may bring a zip as a number that has lost its leading zero', () => {
    const read = (zip: unknown, country: string) =>
      decode(newPrimaryLocation, { name: 'Main', state: 'MA', country, zip }).fields['physicalAddress.postalCode'];
    expect(read(2134, 'US')).toBe('02134');
    expect(read('02134', 'US')).toBe('02134');
    expect(read(2134, 'DK')).toBe('2134');
  });
});

describe('A form', () => {
  const wireOf = (schema: z.ZodType, parts: [string, string][]) => {
    const read = bodyOfForm(schema, parts);
    return read.ok ? read.wire : read.answer;
  };

  it('says what the JSON body says', () => {
    expect(
      wireOf(clientRequestSchema, [
        ['name', 'Acme'],
        ['industry', ''],
        ['first_contact_date', ''],
        ['address.city', 'Denver'],
        ['address[country]', 'US'],
        ['banking_information', '{"bank_name":"First"}'],
      ]),
    ).toEqual({
      name: 'Acme',
      industry: null,
      first_contact_date: null,
      address: { city: 'Denver', country: 'US' },
      banking_information: { bank_name: 'First' },
    });
  });

  it('has booleans, numbers and lists where the schema has them', () => {
    const schema = z.object({
      flag: z.boolean(),
      count: z.int(),
      tags: z.array(z.string()).optional(),
      ids: z.array(z.int()),
      zip: z.union([z.string(), z.int()]),
    });
    expect(
      wireOf(schema, [
        ['flag', 'on'],
        ['count', '7'],
        ['tags', 'vip, north'],
        ['ids', '1'],
        ['ids', '2'],
        ['zip', '02134'],
      ]),
    ).toEqual({ flag: true, count: 7, tags: ['vip', 'north'], ids: [1, 2], zip: '02134' });
    expect(wireOf(schema, [['tags', '["a,b","c"]']])).toEqual({ tags: ['a,b', 'c'] });
    expect(wireOf(schema, [['tags', '']])).toEqual({ tags: [] });
    expect(
      wireOf(schema, [
        ['ids[]', '3'],
        ['ids[1]', '4'],
      ]),
    ).toEqual({ ids: [3, 4] });
    expect(wireOf(schema, [['flag', 'perhaps']])).toEqual({ flag: 'perhaps' });
  });

  it('is refused where a field comes twice, or where files and texts change places', () => {
    const schema = z.object({ name: z.string(), address: z.object({ city: z.string() }) });
    const read = bodyOfForm(
      schema,
      [
        ['name', 'A'],
        ['name', 'A'],
        ['photo', 'no file'],
        ['strange', '1'],
        ['strange', '2'],
      ],
      { sent: ['address.city', 'other', 'photo'], taken: ['photo'] },
    );
    expect(read).toEqual({
      ok: false,
      answer: {
        status: 400,
        body: {
          name: ['This field was given more than once.'],
          photo: ['The submitted data was not a file. Check the encoding type on the form.'],
          address: { city: ['A file was sent where text is meant.'] },
        },
      },
    });
  });

  it('is refused where a field comes whole and in parts', () => {
    const schema = z.object({ name: z.string(), address: z.object({ city: z.string() }).nullish() });
    for (const parts of [
      [
        ['address', '{"city":"A"}'],
        ['address.city', 'B'],
      ],
      [
        ['address[city]', 'B'],
        ['address', '{"city":"B"}'],
      ],
    ] as [string, string][][])
      expect(bodyOfForm(schema, [['name', 'A'], ...parts])).toEqual({
        ok: false,
        answer: { status: 400, body: { address: ['This field was given more than once.'] } },
      });
  });

  it('cannot reach what is not its own', () => {
    const body = wireOf(clientRequestSchema, [
      ['__proto__.isAdmin', 'true'],
      ['name', 'Acme'],
    ]);
    expect(({} as Wire)['isAdmin']).toBeUndefined();
    expect(body).toEqual({ name: 'Acme' });
    expect(strictly(clientRequestSchema).safeParse(body).success).toBe(true);
  });
});

describe('An error answer', () => {
  it('has the bodies of Django REST framework', () => {
    expect(errorAnswers.notFound()).toEqual({ status: 404, body: { detail: 'Not found.' } });
    expect(errorAnswers.notSignedIn('Basic')).toEqual({
      status: 401,
      body: { detail: 'Authentication credentials were not provided.' },
      headers: { 'WWW-Authenticate': 'Basic' },
    });
    expect(errorAnswers.forbidden().body).toEqual({ detail: 'You do not have permission to perform this action.' });
    expect(errorAnswers.methodNotAllowed('DELETE', ['GET', 'PUT'])).toEqual({
      status: 405,
      body: { detail: 'Method "DELETE" not allowed.' },
      headers: { Allow: 'GET, PUT' },
    });
    expect(errorAnswers.tooMany(1).body).toEqual({ detail: 'Request was throttled. Expected available in 1 second.' });
  });

  it('names a broken rule by the field the dialect has for it', () => {
    const problem = { code: 'END_BEFORE_START', ...words('records.endBeforeStart'), field: 'endDate' };
    expect(errorBody(problem, resourceOf(programs, 'program-location-contact').answer)).toEqual({
      status: 400,
      body: { end_date: ['The end date lies before the start date. Change one of them.'] },
    });
    expect(errorBody({ code: 'X', ...words('said.text', { text: 'No.' }), field: 'address.phone' }, clients(skhokho).answer).body).toEqual({
      address: { phone: ['No.'] },
    });
    expect(errorBody({ code: 'X', ...words('said.text', { text: 'No.' }), field: 'somewhere' }, clients(skhokho).answer).body).toEqual({
      detail: 'No.',
      non_field_errors: ['No.'],
    });
    expect(errorBody({ code: 'NOT_FOUND', ...words('said.text', { text: 'Gone.' }) })).toEqual({ status: 404, body: { detail: 'Gone.' } });
  });

  it('is 409 at Summit when the e-mail is taken, and 400 elsewhere', () => {
    const taken = { code: 'EMAIL_TAKEN', ...words('said.text', { text: 'Another client has this e-mail.' }), field: 'email' };
    expect(emailTaken()).toEqual({
      status: 409,
      body: { detail: 'A client with this email already exists.', email: ['A client with this email already exists.'] },
    });
    expect(errorBody(taken, clients(summit).answer, ['EMAIL_TAKEN'])).toEqual({
      status: 409,
      body: { detail: 'Another client has this e-mail.', email: ['Another client has this e-mail.'] },
    });
    expect(errorBody(taken, clients(bottlecrm).answer)).toEqual({ status: 400, body: { email: ['Another client has this e-mail.'] } });
  });

  it('says a whole that is wrong once, not again in its parts', () => {
    const schema = z.object({ address: z.object({ city: z.string() }) });
    expect(validationBody(schema.safeParse({ address: 7 }, { reportInput: true }).error as z.ZodError)).toEqual({
      address: ['Invalid data. Expected a dictionary.'],
    });
    expect(validationBody(emailRequestSchema.safeParse({ recipients: ['x'] }, { reportInput: true }).error as z.ZodError)).toEqual({
      recipients: { '0': ['Enter a valid email address.'] },
    });
  });
});

describe('What a request asks to change', () => {
  it('is what differs from what was shown, so that a lossy dialect flattens nothing', () => {
    const record = {
      ...acme,
      industry: 'Drug screening',
      address: { ...(acme as BookRecord & { address: object }).address, line3: 'Floor 3', phone: '(619) 555-5555' },
    } as BookRecord;
    const shown = encode(clients(skhokho).answer, record, context).wire;
    const { wire } = change(clients(skhokho), { ...shown, name: 'Acme Depot' }, record) as { wire: Wire };
    expect(requestedChanges(clients(skhokho).change as Shape, wire, record, context).fields).toEqual({ name: 'Acme Depot' });
  });

  it('empties a field that is sent as null', () => {
    const record = { ...acme, phone: '555-0100', email: 'a@b.com' } as BookRecord;
    expect(requestedChanges(clients(summit).change as Shape, { phone: null }, record, context).fields).toEqual({ phone: null });
  });

  it('sets a list to what was sent, and leaves one alone that was not', () => {
    const record = { ...acme, teamIds: ['directory:north'] } as BookRecord;
    const asked = (body: Wire) => requestedChanges(clients(bottlecrm).change as Shape, body, record, context).references;
    expect(asked({ teams: ['north', 'south'] })).toEqual({ teamIds: { of: 'directory', ids: ['north', 'south'], list: true } });
    expect(asked({ teams: ['north'] })).toEqual({});
    expect(asked({ name: 'Acme' })).toEqual({});
  });
});
