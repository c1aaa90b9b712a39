import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FormBody, readParts, takeForms, type UploadedFile } from '../../server/routes/bodies.ts';
import { createContentFolder } from '../../server/store/content-folder.ts';
import { attachmentLimit } from '../../shared/nouns/activity/attached-content.ts';
import { boundary, multipart, type Part, partsOf } from './support/multipart.ts';
import { engines, password, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

const form = 'application/x-www-form-urlencoded';

describe.each(engines)('Bodies on %s', (engine) => {
  let server: TestServer;
  let ada: Somebody;
  let headers: { authorization: string };
  let base: string;

  beforeAll(async () => {
    server = await startTestServer(engine, 'bodies');
    ada = await server.organisation('company');
    headers = { authorization: `Basic ${Buffer.from(`${ada.email}:${password}`).toString('base64')}` };
    base = `/api/v1.0/organisation/${ada.organisation}/clients/`;
  });
  afterAll(() => server.close());
  const send = (method: 'POST' | 'PUT' | 'PATCH', url: string, type: string, payload: string | Buffer) =>
    server.ask(null, method, url, undefined, { payload, headers: { ...headers, 'content-type': type } });
  const create = (type: string, payload: string | Buffer) => send('POST', `${base}create/`, type, payload);
  const names = async () => {
    const { body } = await server.ask(null, 'GET', base, undefined, { headers });
    return (body as unknown as { name: string }[]).map(({ name }) => name);
  };

  it('may be JSON, urlencoded or multipart, and say the same', async () => {
    const said = { name: 'Acme & Söns', industry: null, address: { city: 'São Paulo', country: 'BR' }, annual_revenue: '12.50' };
    const fields = { name: 'Acme & Söns', industry: '', 'address.city': 'São Paulo', 'address[country]': 'BR', annual_revenue: '12.50' };
    const answers = [
      await create('application/json; charset=utf-8', JSON.stringify(said)),
      await create(form, new URLSearchParams(fields).toString()),
      await create(multipart, partsOf(Object.entries(fields).map(([name, value]) => ({ name, value })))),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(201);
      expect({ ...body, unique_id: '' }).toEqual({ ...answers[0]?.body, unique_id: '' });
      expect(body).toMatchObject({ ...said, address: expect.objectContaining(said.address) });
    }
    const [first] = answers;
    const changed = await send('PATCH', `${base}${String(first?.body['unique_id'])}/update/`, form, 'name=Renamed&address.city=Recife');
    expect(changed).toMatchObject({ status: 200, body: { name: 'Renamed', address: { city: 'Recife', country: 'BR' } } });
  });

  it('has numbers, booleans and lists in a form where the endpoint has them', async () => {
    const client = await send('POST', '/client/', form, 'name=Acme&is_active=false');
    expect(client).toMatchObject({ status: 201, body: { is_active: false } });
    const contact = await send(
      'POST',
      '/client-contact/',
      multipart,
      partsOf([
        { name: 'client', value: String(client.body['id']) },
        { name: 'first_name', value: 'Gabriel', type: 'text/plain; charset=utf-8' },
        { name: 'is_active', value: 'on' },
        // A file input where nobody chose a file.
        { name: 'photo', file: '', type: 'application/octet-stream', value: '' },
      ]),
    );
    expect(contact).toMatchObject({
      status: 201,
      body: { client_info: { id: client.body['id'] }, first_name: 'Gabriel', is_active: true },
    });
  });

  it('may have fields and files nobody knows, however they are called: they are passed over, and nothing is kept of them', async () => {
    const deep = `address${'[a]'.repeat(60)}`;
    const parts = [
      { name: 'name', value: 'With more' },
      { name: 'colour', value: 'red' },
      { name: deep, value: '1' },
      { name: 'photo', value: 'x', file: 'a.png', type: 'image/png' },
    ];
    const known = await create('application/json', JSON.stringify({ name: 'With more' }));
    for (const [type, payload] of [
      [form, `name=With+more&colour=red&colour=blue&${deep}=1&na%00me=B`],
      [multipart, partsOf(parts)],
      ['application/json', JSON.stringify({ name: 'With more', colour: 'red', address: { planet: 'Mars' }, __proto__: null })],
    ] as const) {
      const { status, body } = await create(type, payload);
      expect([status, { ...body, unique_id: '' }], type).toMatchObject([201, { name: 'With more', unique_id: '' }]);
      expect(Object.keys(body)).toEqual(Object.keys(known.body));
    }
  });

  it('may bring a nested object as a part of JSON, which a browser sends with a file name', async () => {
    const json = (type: string, file?: string): Part => ({
      name: 'address',
      value: '{"city":"Recife"}',
      type,
      ...(file !== undefined && { file }),
    });
    for (const part of [
      json('application/json', 'blob'),
      json('application/json; charset=utf-8', 'a.json'),
      json('application/vnd.api+json', 'b'),
    ])
      expect(await create(multipart, partsOf([{ name: 'name', value: 'Nested' }, part]))).toMatchObject({
        status: 201,
        body: { name: 'Nested', address: { city: 'Recife' } },
      });
    expect(await create(multipart, partsOf([{ name: 'name', value: 'Nested' }, json('text/plain', 'a.txt')]))).toMatchObject({
      status: 400,
      body: { address: ['A file was sent where text is meant.'] },
    });
    expect(
      await create(
        multipart,
        partsOf([
          { name: 'name', value: 'Nested' },
          { ...json('application/json', 'blob'), value: '{"city"' },
        ]),
      ),
    ).toMatchObject({
      status: 400,
      body: { address: [expect.any(String)] },
    });
  });

  it('may be no body at all where everything may be left out, whatever type it is said to have', async () => {
    const { body } = await create('application/json', JSON.stringify({ name: 'Left alone' }));
    for (const type of [undefined, 'application/json', form, multipart, 'multipart/form-data']) {
      const answer = await server.app.inject({
        method: 'PATCH',
        url: `${base}${String(body['unique_id'])}/update/`,
        headers: { ...headers, ...(type !== undefined && { 'content-type': type }) },
      });
      expect([answer.statusCode, answer.json()], String(type)).toMatchObject([200, { name: 'Left alone' }]);
    }
  });

  it('sent by a browser’s own form arrives over the network', async () => {
    const url = await server.app.listen({ port: 0, host: '127.0.0.1' });
    const body = new FormData();
    body.set('name', 'From a page');
    const response = await fetch(`${url}${base}create/`, { method: 'POST', headers, body });
    expect([response.status, ((await response.json()) as { name: string }).name]).toEqual([201, 'From a page']);

    // Without a length said beforehand, and far too much of it: the answer comes, and the server goes on.
    const endless = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="name"\r\n\r\n`));
        for (let at = 0; at < 10; at += 1) controller.enqueue(Buffer.alloc(1024 * 1024, 'x'));
        controller.enqueue(Buffer.from(`\r\n--${boundary}--\r\n`));
        controller.close();
      },
    });
    const large = await fetch(`${url}${base}create/`, {
      method: 'POST',
      headers: { ...headers, 'content-type': multipart },
      body: endless,
      duplex: 'half',
    } as RequestInit);
    expect([large.status, await large.json()]).toEqual([413, { detail: 'The request is too large.' }]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  describe('that cannot be taken', () => {
    let before: string[];
    beforeAll(async () => {
      before = await names();
    });
    const unreadable = { status: 400, body: { detail: expect.stringContaining('could not be read') } };
    const tooLarge = { status: 413, body: { detail: 'The request is too large.' } };
    const named = (errors: object) => ({ status: 400, body: errors });
    const one = (value: string | Buffer, more: Partial<Part> = {}) => partsOf([{ name: 'name', value, ...more }]);
    const plainJson = JSON.stringify({ name: 'A' });

    it.each<[string, string, string | Buffer, object]>([
      [
        'another type',
        'application/xml',
        '<name>A</name>',
        { status: 415, body: { detail: 'Unsupported media type "application/xml" in request.' } },
      ],
      ['text', 'text/plain', plainJson, { status: 415 }],
      ['JSON in another charset', 'application/json; charset=latin1', plainJson, { status: 415 }],
      ['a form in another charset', `${form}; charset=utf-16`, 'name=A', { status: 415 }],
      ['a multipart body in another charset', `${multipart}; charset=utf-16`, one('A'), { status: 415 }],
      ['JSON that is no UTF-8', 'application/json', Buffer.from('{"name":"\xe9"}', 'latin1'), unreadable],
      ['a form that is no UTF-8', form, 'name=%E9', unreadable],
      ['half an escape', form, 'name=%4', unreadable],
      ['a part that is no UTF-8', multipart, one(Buffer.from('\xe9', 'latin1')), unreadable],
      ['half a JSON body', 'application/json', '{"name":', unreadable],
      ['no boundary', 'multipart/form-data', one('A'), unreadable],
      ['another boundary', 'multipart/form-data; boundary=other', one('A'), unreadable],
      ['no end', multipart, partsOf([{ name: 'name', value: 'A' }], ''), unreadable],
      ['no end of a part', multipart, one('A').subarray(0, 70), unreadable],
      ['a part without a name', multipart, partsOf([{ value: 'A' }]), unreadable],
      ['a name without end', multipart, partsOf([{ name: 'x'.repeat(300), value: 'A' }]), unreadable],
      ['a field without a name', form, '=A&name=B', unreadable],
      ['JSON nested in a field without end', form, `name=A&address=${'['.repeat(50_000)}${']'.repeat(50_000)}`, unreadable],
      ['a field twice', form, 'name=A&name=B', named({ name: ['This field was given more than once.'] })],
      [
        'a part twice',
        multipart,
        partsOf([
          { name: 'address.city', value: 'A' },
          { name: 'address[city]', value: 'B' },
        ]),
        named({ address: { city: ['This field was given more than once.'] } }),
      ],
      ['a file where text is meant', multipart, one('A', { file: 'a.txt' }), named({ name: ['A file was sent where text is meant.'] })],
      [
        'a field whole and in parts',
        form,
        `name=A&address=${encodeURIComponent('{"city":"A"}')}&address.city=A`,
        named({ address: ['This field was given more than once.'] }),
      ],
      [
        'a part of JSON and one of its fields',
        multipart,
        partsOf([
          { name: 'name', value: 'A' },
          { name: 'address[city]', value: 'A' },
          { name: 'address', value: '{"city":"A"}', file: 'blob', type: 'application/json' },
        ]),
        named({ address: ['This field was given more than once.'] }),
      ],
      ['a NUL', form, 'name=A%00B', named({ name: [expect.any(String)] })],
      ['a NUL in a part', multipart, one('A\0B'), named({ name: [expect.any(String)] })],
      ['nothing', form, '', named({ name: ['This field is required.'] })],
      ['no parts', multipart, `--${boundary}--\r\n`, named({ name: ['This field is required.'] })],
      ['empty JSON', 'application/json', '', named({ name: ['This field is required.'] })],
      ['a list', 'application/json', '[]', named({ non_field_errors: ['Invalid data. Expected a dictionary.'] })],
      ['10 MB of a form', form, `name=${'x'.repeat(10_000_000)}`, tooLarge],
      ['10 MB of a part', multipart, one('x'.repeat(10_000_000)), tooLarge],
      ['10 MB of a file nobody asked for', multipart, one(Buffer.alloc(10_000_000), { file: 'a.bin' }), tooLarge],
      ['a thousand fields and more', form, 'a=1&'.repeat(1100), tooLarge],
      ['a thousand parts and more', multipart, partsOf(Array.from({ length: 1100 }, () => ({ name: 'a', value: '1' }))), tooLarge],
    ])('%s is refused, and nothing is kept of it', async (_, type, payload, expected) => {
      expect(await create(type, payload)).toMatchObject(expected);
      expect(await names()).toEqual(before);
    });

    it('is a form at a dialect that takes JSON only, and at signing in', async () => {
      for (const url of ['/api/clients', '/api/v1/clients', '/auth/token', '/auth/session'])
        for (const [type, payload] of [
          [form, 'name=A'],
          [multipart, one('A')],
        ] as const) {
          const answer = await server.ask(ada, 'POST', url, undefined, { payload, headers: { 'content-type': type } });
          expect(answer).toMatchObject({ status: 415, body: { detail: `Unsupported media type "${type}" in request.` } });
        }
    });
  });
});

describe('A file in a multipart body', () => {
  const open = async () => {
    const app = fastify();
    await takeForms(app);
    const contents = createContentFolder(folder, attachmentLimit);
    const staging = {
      stage: (bytes: AsyncIterable<Uint8Array>) => contents.stage(organisation, bytes),
      discard: contents.discard,
    };
    const seen: { form: FormBody; content: Buffer }[] = [];
    app.post('/', async (request) => {
      const { form, done } = await readParts(request, ['attachment'], staging);
      const { content } = form.files[0] as UploadedFile;
      seen.push({ form, content: readFileSync(content.path) });
      expect(content.path.startsWith(folder)).toBe(true);
      await done();
      return {};
    });
    const send = (payload: Buffer) => app.inject({ method: 'POST', url: '/', payload, headers: { 'content-type': multipart } });
    return { app, seen, send };
  };
  const organisation = randomUUID();
  const left = () => readdirSync(join(folder, organisation));
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fieldbook-bodies-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('lies on disk with its checksum until the request is answered', async () => {
    const { app, seen, send } = await open();
    const content = Buffer.alloc(3_000_000, 'Contract é\r\n--');
    const answer = await send(
      partsOf([
        { name: 'attachment', file: 'C:\\fakepath\\Vertrag.pdf', type: 'application/pdf', value: content },
        { name: 'comment', value: 'Signed' },
      ]),
    );
    expect(answer.statusCode).toBe(200);
    expect(seen[0]?.form.texts).toEqual([['comment', 'Signed']]);
    expect(seen[0]?.form.files).toEqual([
      {
        field: 'attachment',
        fileName: 'Vertrag.pdf',
        content: {
          organisation,
          size: content.length,
          sha256: createHash('sha256').update(content).digest('hex'),
          // By what is in it, whatever was said of it.
          mediaType: 'text/plain',
          path: expect.any(String),
        },
      },
    ]);
    expect(seen[0]?.content.equals(content)).toBe(true);
    expect(left()).toEqual([]);
    await app.close();
  });

  it('leaves nothing where the body breaks off, or where there is more than one may send', async () => {
    const { app, seen, send } = await open();
    const file = { name: 'attachment', file: 'a.bin', value: Buffer.alloc(2_000_000) };
    expect((await send(partsOf([file], ''))).statusCode).toBe(400);
    expect((await send(partsOf([file]).subarray(0, 1_000_000))).statusCode).toBe(400);
    expect((await send(partsOf([file, { name: 'comment', value: 'x'.repeat(2_000_000) }]))).statusCode).toBe(413);
    expect(seen).toEqual([]);
    expect(left()).toEqual([]);
    await app.close();
  });
});
