import { createHash, randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import SwaggerParser from '@apidevtools/swagger-parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { generateSource } from 'oazapfts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { priceNumber } from '../../shared/dialects/programs.ts';
import { dialects } from '../unit/shared/dialects/shapes.ts';
import { deviceOf, row } from './support/sync-device.ts';
import { basicOf, engines, password, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

type Json = Record<string, unknown>;
interface Operation {
  operationId: string;
  security: Record<string, unknown>[];
  parameters?: { name: string; in: string; description?: string; schema: Json }[];
  responses: Record<string, { content?: Record<string, { schema?: Json }> }>;
}
interface Placed extends Operation {
  path: string;
  method: string;
}

/** Answers are held to the document with every reference in it followed. */
async function documentOf(server: TestServer): Promise<{ document: Json; operations: Placed[] }> {
  const { body } = await server.ask(null, 'GET', '/docs/json');
  const { paths } = body as unknown as { paths: Record<string, Record<string, Operation>> }; // the document is JSON
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  );
  return { document: body, operations };
}

describe('The OpenAPI document', () => {
  let server: TestServer;
  let ada: Somebody;
  let document: Json;
  let operations: Placed[];

  beforeAll(async () => {
    server = await startTestServer('pglite', 'openApi');
    ada = await server.organisation('open-api');
    ({ document, operations } = await documentOf(server));
  });
  afterAll(() => server.close());

  it('is one by the rules of OpenAPI 3.1', async () => {
    expect(document['openapi']).toMatch(/^3\.1\./);
    await SwaggerParser.validate(structuredClone(document) as never);
  });

  it('has an id for each operation, its own, and a name in any language', () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    for (const id of ids) expect(id).toMatch(/^[a-z][a-zA-Z0-9]{2,60}$/);
    expect(ids.length).toBeGreaterThan(60);
  });

  it('has every endpoint of every dialect, with the values of what has a closed set', () => {
    for (const { endpoints, name } of dialects)
      for (const endpoint of endpoints) {
        const there = operations.find(({ path, method }) => path === endpoint.path && method === endpoint.method) as Placed;
        expect(there?.operationId, `${name} ${endpoint.name}`).toBeDefined();
        for (const { name: parameter, type, values = [] } of endpoint.query) {
          const { schema, description } = there.parameters?.find((one) => one.name === parameter && one.in === 'query') ?? {
            schema: {} as Json,
            description: '',
          };
          const what = `${there.operationId} ${parameter}`;
          expect(description, what).toMatch(/\w/);
          if (type === 'choice') expect(schema['enum'], what).toEqual(values);
          else expect(schema['type'], what).toBe({ integer: 'integer', boolean: 'boolean', list: 'array' }[type as string] ?? 'string');
        }
        for (const { name: parameter, type } of endpoint.pathParameters)
          expect(there.parameters?.find((one) => one.name === parameter && one.in === 'path')?.schema['type']).toBe(
            type === 'integer' ? 'integer' : 'string',
          );
      }
  });

  it('says of each answer what is in it', () => {
    for (const { operationId, responses } of operations) {
      const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      expect(good.length, operationId).toBeGreaterThan(0);
      // How far a file has come stands in the headers.
      for (const [status, { content }] of good)
        if (status !== '204' && operationId !== 'syncFileAdd')
          expect(Object.values(content ?? {})[0]?.schema, `${operationId} ${status}`).toBeDefined();
    }
  });

  it('says which ways to sign in an operation takes: those, and no other', async () => {
    const { cookies } = await server.app.inject({ method: 'POST', url: '/auth/session', payload: { email: ada.email, password } });
    const ways: Record<string, Record<string, string>> = {
      bearer: { authorization: `Bearer ${ada.accessToken}` },
      token: { authorization: `Token ${ada.accessToken}` },
      basic: basicOf(ada),
      sessionCookie: { cookie: `sessionid=${cookies[0]?.value}` },
      none: {},
    };
    for (const { operationId, path, method, security } of operations.filter(
      ({ path }) => !path.startsWith('/auth/t') && !/auth\/(refresh|session)/.test(path),
    )) {
      // Only who asks can be why it is refused, and a stream of events would not end.
      if (operationId === 'syncEvents') continue;
      const taken = security.flatMap((one) => Object.keys(one));
      for (const [way, headers] of Object.entries(ways)) {
        const url = path.replace('{org_uid}', ada.organisation).replace(/\{\w+\}/g, '0');
        const { statusCode } = await server.app.inject({
          method: method as 'GET',
          url,
          headers: { ...headers, 'organization-id': ada.organisation, 'fieldbook-schema': '1', host: 'localhost' },
        });
        expect(statusCode === 401 ? 'refused' : 'taken', `${operationId} by ${way}`).toBe(taken.includes(way) ? 'taken' : 'refused');
      }
    }
    expect(operations.filter(({ security }) => security.length === 0).map(({ operationId }) => operationId)).toEqual([
      'authToken',
      'authRefresh',
      'authSession',
    ]);
  });
});

type Client = Record<string, (...given: unknown[]) => Promise<{ status: number; data: unknown }>> & {
  defaults: { baseUrl: string; headers: Record<string, string> };
};

/** A client made of the document by a generator that knows nothing of us, compiled by the strictest rules. */
async function generatedClient(document: Json): Promise<{ client: Client; remove(): void }> {
  const cache = join(import.meta.dirname, '../../.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'open-api-'));
  writeFileSync(join(folder, 'document.json'), JSON.stringify(document));
  writeFileSync(join(folder, 'client.ts'), await generateSource(join(folder, 'document.json'), {}));
  const tsc = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--lib',
    'es2023,dom,dom.iterable',
    '--types',
    '',
  ];
  execFileSync(process.execPath, [tsc, ...options, join(folder, 'client.ts')], { stdio: 'pipe' });
  const client = (await import(pathToFileURL(join(folder, 'client.ts')).href)) as Client;
  return { client, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

describe.each(engines)('A client generated from the OpenAPI document, on %s', (engine) => {
  it('compiles, calls every operation, and is answered as the document says', async () => {
    const server = await startTestServer(engine, 'openApi');
    const ada = await server.organisation(`generated-${engine}`);
    const { document, operations } = await documentOf(server);
    const { client, remove } = await generatedClient(document);
    client.defaults.baseUrl = await server.app.listen({ port: 0, host: '127.0.0.1' });
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const called = new Set<string>();
    const call = async (id: string, ...given: unknown[]): Promise<Json> => {
      const operation = operations.find(({ operationId }) => operationId === id);
      if (operation === undefined) throw new Error(`The document has no ${id}`);
      const [way] = operation.security.flatMap((one) => Object.keys(one));
      client.defaults.headers = way === undefined ? {} : way === 'bearer' ? { authorization: `Bearer ${ada.accessToken}` } : basicOf(ada);
      const answer = await client[id]?.(...given);
      const { status = 0, data } = answer ?? {};
      expect(status, `${id} ${JSON.stringify(data)}`).toBeLessThan(300);
      const response = operation.responses[String(status)];
      expect(response, `${id} answers ${status}`).toBeDefined();
      const schema = response?.content?.['application/json']?.schema;
      if (schema !== undefined) expect(ajv.validate(schema, data), `${id} ${ajv.errorsText()} ${JSON.stringify(data)}`).toBe(true);
      called.add(id);
      return data as Json;
    };
    try {
      await everyCall({ server, ada, call });
      // A stream ends with the server.
      const opened = Promise.withResolvers<void>();
      const fetchAndTell: typeof fetch = async (...given) => {
        const response = await fetch(...given);
        opened.resolve();
        return response;
      };
      const events = call('syncEvents', '1', { fetch: fetchAndTell });
      await opened.promise;
      await server.close();
      await events;
    } finally {
      remove();
    }
    expect(operations.map(({ operationId }) => operationId).filter((id) => !called.has(id))).toEqual([]);
  });
});

async function everyCall({
  server,
  ada,
  call,
}: {
  server: TestServer;
  ada: Somebody;
  call: (id: string, ...given: unknown[]) => Promise<Json>;
}): Promise<void> {
  const organisation = ada.organisation;
  const { refreshToken } = await call('authToken', { email: ada.email, password, device: 'Another' });
  await call('authRefresh', { refreshToken });
  await call('authSession', { email: ada.email, password });
  const { devices } = (await call('authDevicesList')) as { devices: { id: string; isThisOne: boolean }[] };
  await call('authDevicesDelete', devices.find(({ isThisOne }) => !isThisOne)?.id);

  const { unique_id: uid } = await call('skhokhoClientsCreate', organisation, { name: 'Depot' });
  await call('skhokhoClientsList', organisation, { entityType: 'company' });
  await call('skhokhoClientsGet', organisation, uid);
  await call('skhokhoClientsReplace', organisation, uid, { name: 'Depot North' });
  await call('skhokhoClientsChange', organisation, uid, { description: 'Yard' });
  await call('skhokhoClientsDelete', organisation, uid);

  const program = async (name: string, made: Json, changes: Json): Promise<number> => {
    const { id } = (await call(`programs${name}Create`, made)) as { id: number };
    await call(`programs${name}Get`, id);
    await call(`programs${name}Replace`, id, made);
    await call(`programs${name}Change`, id, changes);
    return id;
  };
  const client = await program('Client', { name: 'Depot' }, { name: 'Depot South' });
  const contact = await program('ClientContact', { first_name: 'Ida' }, { last_name: 'Berg' });
  const location = await program('ProgramLocation', { client, program_name: 'Yard' }, { program_name: 'Gate' });
  const item = { invoice_item: 'Cleaning', item_code: 'C1', default_price: '1.00', default_tax_rate: '0.0800' };
  const price = await program('ItemPrice', item, { default_price: '2.00' });
  const role = await program(
    'ProgramLocationContact',
    { client_contact: contact, program_location: location },
    { is_program_contact: true },
  );
  await call('programsClientList');
  await call('programsClientContactList', { isProgramContact: true, clientId: client });
  await call('programsProgramLocationList', { clientId: client });
  await call('programsItemPriceList', { search: 'clean' });
  await call('programsProgramLocationItemPriceList', { programLocationId: location });
  const own = priceNumber(location, price);
  await call('programsProgramLocationItemPriceReplace', own, { custom_price: '3.00', custom_tax_rate: '0.0500' });
  await call('programsProgramLocationItemPriceChange', own, { custom_price: '4.00' });
  for (const [name, id] of Object.entries({
    ProgramLocationContact: role,
    ProgramLocation: location,
    ClientContact: contact,
    ItemPrice: price,
    Client: client,
  }))
    await call(`programs${name}Delete`, id);

  const { id: summit } = await call('summitClientsCreate', { name: 'Depot', email: 'depot@example.com' });
  await call('summitClientsList', { limit: 5, page: 1, sort: 'name', order: 'asc', q: 'dep' });
  await call('summitClientsGet', summit);
  await call('summitClientsChange', summit, { phone: '555' });
  await call('summitClientsDelete', summit);

  const { id: casework } = await call('caseworkClientsCreate', {
    client: { name: 'Depot', primary_location: { name: 'Main', state: 'CO', country: 'US' } },
  });
  await call('caseworkClientsList', { name: 'Depot' });
  await call('caseworkClientsGet', casework);
  await call('caseworkClientsChange', casework, { client: { notes: 'Gate 3' } });

  const { id: account } = await call('bottlecrmAccountsCreate', organisation, { name: 'Depot' });
  await call('bottlecrmAccountsList', organisation, { tags: ['none'], limit: 3, offset: 0 });
  await call('bottlecrmAccountsGet', account, organisation);
  await call('bottlecrmAccountsChange', account, organisation, { name: 'Depot West' });
  const added = (await call('bottlecrmAccountsComment', account, organisation, { comment: 'Called' })) as { comment: { id: string } };
  const about = { about: 'clients', aboutId: account };
  const comment = added.comment.id;
  await call('bottlecrmCommentsChange', comment, { comment: 'Called twice' }, { organizationId: organisation });
  await call('bottlecrmCommentsDelete', comment, { organizationId: organisation });
  await call('bottlecrmEmailsCreate', account, organisation, {
    recipients: ['a@example.com'],
    subject: 'Hello',
    html: '<p>Hello</p>',
    from_account: 'me@example.com',
    scheduled_later: true,
    scheduled_date_time: '2030-01-01T10:00:00Z',
    timezone: 'UTC',
  });

  const bytes = 'What is in the file';
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const device = deviceOf(server, ada);
  const type = { headers: { 'content-type': 'application/octet-stream' } };
  await call('syncFileAdd', sha256, '1', '0', String(bytes.length), bytes, type);
  const { epoch, seq } = await call('syncHello', '1');
  const file = device.make('activities', {
    kind: 'attachment',
    ...about,
    fileName: 'a.txt',
    mediaType: 'text/plain',
    size: bytes.length,
    sha256,
  });
  await call('syncPush', '1', { batchId: randomUUID(), epoch, seen: seq, rows: [row('activities', file)] });
  const { checkpoint } = await call('syncPull', '1', { collection: 'activities', checkpoint: null, limit: 100 });
  await call('syncDigests', '1', { collection: 'activities', checkpoint, after: '', to: null, size: 100 });
  await call('syncRecords', '1', { collection: 'activities', checkpoint, ids: [file.id, 'nowhere'] });
  await call('syncFileContent', sha256, '1');
  await call('attachmentsContent', file.id, 'a.txt');
  await call('bottlecrmAttachmentsDelete', file.id, { organizationId: organisation });
  await call('bottlecrmAccountsDelete', account, organisation);
}
