import { describe, expect, it } from 'vitest';
import { schemaHeader, schemaVersion } from '../../shared/sync/wire.ts';
import { type Seeded, seeded } from '../support/seeded.ts';
import { engines, password, type Somebody, startTestServer, type TestServer } from './support/test-server.ts';

/**
 * Requests made up from our own OpenAPI document, from right to nonsense: whatever comes, it is answered, never with a fault of
 * ours, and every call there is gets through at least once. `FIELDBOOK_SEED` repeats a run, `FIELDBOOK_REQUESTS` makes it longer.
 */
const requests = Number(process.env['FIELDBOOK_REQUESTS'] ?? 2_500);

/** Never ends, and needs a file that fits its name: sync-events.test and sync-files.test ask for these. */
const apart = ['/sync/events', '/sync/files/{sha256}'];

type Schema = Readonly<Record<string, unknown>>;
interface Operation {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  parameters: { name: string; in: 'path' | 'query' | 'header'; schema: Schema }[];
  /** By content type. */
  bodies: [string, Schema][];
}

const nasty: unknown[] = [
  null,
  '',
  ' ',
  0,
  -1,
  1.5,
  1e308,
  -0,
  true,
  [],
  {},
  [null],
  { a: { a: { a: {} } } },
  "'; drop table records; --",
  '%',
  '\u0000',
  '\u0001',
  '\ud800',
  '\u202e',
  '💥'.repeat(50),
  'x'.repeat(5_000),
  '9'.repeat(40),
  '../../etc/passwd',
  '<script>alert(1)</script>',
  '__proto__',
  'NaN',
  '2024-02-30',
  '2024-01-01T00:00:00+99:00',
  'a@b',
  '{"a":',
];

describe.each(engines)('Whatever is asked on %s', (engine) => {
  it('is answered, and never with a fault of ours', async () => {
    const server = await startTestServer(engine, 'fuzz');
    const ada = await server.organisation('fuzz');
    const random = seeded(`${requests} requests from the OpenAPI document on ${engine}`);
    const { seed } = random;
    const run = createRun(server, ada, random, await operationsOf(server));
    const got = new Map<string, Set<number>>();
    const never = () => run.names.filter((name) => ![...(got.get(name) ?? [])].some((status) => status < 300));
    // Luck is given time: what needs a record that another call has to make first comes late.
    for (let at = 0; at < requests || (at < requests * 4 && never().length > 0); at += 1) {
      const { name, status, body, sent } = await run.next();
      const what = `request ${at} of seed ${seed}: ${name} ${sent.slice(0, 600)} was answered with ${body.slice(0, 200)}`;
      expect(status, what).toBeLessThan(500);
      expect(status, what).toBeGreaterThanOrEqual(200);
      if (body !== '' && status >= 400) expect(() => JSON.parse(body) as unknown, what).not.toThrow();
      got.set(name, (got.get(name) ?? new Set()).add(status));
    }
    expect(never(), `calls that never got through, seed ${seed}`).toEqual([]);
    await server.close();
  });
});

async function operationsOf(server: TestServer): Promise<Operation[]> {
  const { body } = await server.ask(null, 'GET', '/docs/json');
  const all: Operation[] = [];
  for (const [path, methods] of Object.entries(body['paths'] as Record<string, Record<string, Schema>>)) {
    if (apart.includes(path)) continue;
    for (const [method, of] of Object.entries(methods)) {
      const content = (of['requestBody'] as { content?: Record<string, { schema: Schema }> } | undefined)?.content ?? {};
      all.push({
        method: method.toUpperCase() as Operation['method'],
        path,
        parameters: (of['parameters'] ?? []) as Operation['parameters'],
        bodies: Object.entries(content).map(([type, { schema }]) => [type, schema]),
      });
    }
  }
  return all;
}

function createRun(server: TestServer, ada: Somebody, random: Seeded, operations: readonly Operation[]) {
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)] as T;
  const chance = (part: number) => random.below(10_000) < part * 10_000;
  /** Ids that answers had in them, by what they are ids of: calls that name a record are to find one. */
  const known = new Map<string, (string | number)[]>();
  let { accessToken, refreshToken } = ada;
  let path = '';
  let number = 0;
  let takesFiles = false;
  /** Of the checkpoints that answers end with: what a device has to know of the server. */
  let [epoch, view] = ['', ''];

  /** "/client-contact/{id}/" and "/…/clients/create/" are about a client-contact and clients. */
  const subjectOf = (of: string) =>
    of
      .replace(/\{(id|pk|unique_id|client_id|clientId|sha256)\}.*|\/(create|create_mail)\/?$/, '')
      .split('/')
      .findLast((step) => step !== '')
      ?.replace(/s$/, '') ?? '';

  function learn(value: unknown, subject: string): void {
    if (Array.isArray(value)) for (const one of value) learn(one, subject);
    else if (value !== null && typeof value === 'object')
      for (const [name, part] of Object.entries(value)) {
        if ((name === 'id' || name === 'unique_id') && (typeof part === 'string' || typeof part === 'number')) keep(subject, part);
        else if (name === 'epoch' && typeof part === 'string') epoch = part;
        else if (name === 'view' && typeof part === 'string') view = part;
        else learn(part, name === 'data' ? subject : name.replace(/s$/, ''));
      }
  }
  function keep(subject: string, id: string | number): void {
    const list = known.get(subject) ?? [];
    known.set(subject, [...list.filter((one) => one !== id), id].slice(-50));
  }
  /** Mostly one of the newest: older ones have been taken away by now. */
  function idOf(subject: string, kind: 'string' | 'number'): string | number {
    const all = (known.get(subject) ?? []).filter((one) => typeof one === kind);
    if (all.length === 0) return kind === 'number' ? 1 : ada.userId;
    return pick(chance(0.8) ? all.slice(-4) : all);
  }

  function valueOf(schema: Schema, name: string, depth = 0): unknown {
    const wild = depth === 0 ? 0 : 0.04;
    if (chance(wild)) return pick(nasty);
    const options = (schema['anyOf'] ?? schema['oneOf']) as Schema[] | undefined;
    if (options !== undefined) return valueOf(pick(options), name, depth);
    if ('const' in schema) return schema['const'];
    if (Array.isArray(schema['enum'])) return pick(schema['enum']);
    switch (schema['type']) {
      case 'object': {
        const required = (schema['required'] ?? []) as string[];
        const parts = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>).filter(([part, { format }]) =>
          format === 'binary' ? chance(takesFiles ? 0.3 : 0.01) : chance(0.5) || (required.includes(part) && !chance(0.03)),
        );
        const made = Object.fromEntries(parts.map(([part, of]) => [part, valueOf(of, part, depth + 1)]));
        return chance(0.02) ? { ...made, nobody_knows_this: 1 } : made;
      }
      case 'array':
        return Array.from({ length: random.below(3) }, () => valueOf((schema['items'] ?? {}) as Schema, name, depth + 1));
      case 'integer':
      case 'number':
        return numberOf(name);
      case 'boolean':
        return chance(0.5);
      case 'null':
        return null;
      default:
        return textOf(schema, name);
    }
  }

  function numberOf(name: string): string | number {
    if (name === 'seen') return 0;
    const subject = name.replace(/_id$/, '').replaceAll('_', '-');
    if (name === 'assign_programs') return idOf('program-location', 'number');
    return known.has(subject) ? idOf(subject, 'number') : random.below(50);
  }

  function textOf({ format, maxLength, pattern }: Schema, name: string): string {
    number += 1;
    if (name === 'password') return password;
    if (name === 'epoch') return epoch;
    if (name === 'view') return view;
    if (name === 'batchId') return `batch-${number}`;
    if (name === 'refreshToken') return refreshToken;
    if (name === 'email' && path.startsWith('/auth/')) return ada.email;
    if (format === 'uuid' || /(_id|Id|pk|unique_id|contacts|assigned_to|teams)$/.test(name))
      return idOf(name.replace(/s$/, ''), 'string') as string;
    if (format === 'email' || /email|recipients|account$/.test(name)) return `somebody${number}@example.com`;
    if (format === 'uri' || name === 'website') return 'https://example.com';
    if (format === 'date' || /date$|_from$|_to$|^dob$/.test(name)) return `2024-0${1 + random.below(9)}-1${random.below(10)}`;
    if (format === 'date-time') return '2024-05-03T10:00:00.000Z';
    if (name === 'state') return 'CO';
    if (name === 'country') return 'US';
    if (/price|rate/.test(name)) return `0.${random.below(100)}`;
    if (/phone|revenue/.test(name) || pattern !== undefined) return String(100_000_000 + random.below(1e6));
    if (/sha256/.test(name)) return 'a'.repeat(64);
    const text = `${pick(['North', 'Émile', 'depot', 'Ä'])} ${number}`;
    return typeof maxLength === 'number' ? text.slice(0, maxLength) : text;
  }

  function query(parameters: Operation['parameters']): string {
    const asked = parameters.filter(() => chance(0.15)).map(({ name, schema }) => [name, valueOf(schema, name, chance(0.15) ? 1 : 0)]);
    if (chance(0.03)) asked.push(['nobody_knows_this', '1']);
    const text = asked.map(
      ([name, value]) => `${String(name)}=${encode(typeof value === 'object' ? JSON.stringify(value) : String(value))}`,
    );
    return text.length === 0 ? '' : `?${text.join('&')}`;
  }
  /** Half a character cannot be written in an address; it goes as broken bytes. */
  const encode = (text: string) => (text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80');

  function bodyOf([type, schema]: [string, Schema]): { payload: string; type: string } {
    if (chance(0.02)) return { payload: pick(['', '{', '[]', 'null', '"text"', '{"a":1}'.repeat(2)]), type };
    takesFiles = type.includes('multipart');
    const value = chance(0.02) ? pick(nasty) : valueOf(schema, '');
    const parts = Object.entries(value !== null && typeof value === 'object' ? value : { value });
    const asText = (part: unknown) => (typeof part === 'object' ? JSON.stringify(part) : String(part));
    if (type.includes('urlencoded'))
      return { payload: parts.map(([name, part]) => `${encode(name)}=${encode(asText(part))}`).join('&'), type };
    if (type.includes('multipart')) {
      const boundary = `b${number}`;
      const fields = parts.map(([name, part]) => {
        const { format } = ((schema['properties'] ?? {}) as Record<string, Schema>)[name] ?? {};
        const file = format === 'binary' && chance(0.9) ? `; filename="${chance(0.1) ? '../a.exe' : 'a.txt'}"` : '';
        return `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n${asText(part)}\r\n`;
      });
      return { payload: `${fields.join('')}--${boundary}--\r\n`, type: `${type}; boundary=${boundary}` };
    }
    return { payload: JSON.stringify(value), type };
  }

  return {
    names: operations.map(({ method, path }) => `${method} ${path}`),
    async next() {
      // Calls that take away come less often, or there would be nothing to find.
      const operation = pick(operations.filter(({ method }) => method !== 'DELETE' || chance(0.2)));
      path = operation.path;
      const at = path.replace(/\{([\w*]+)\}/g, (_, name: string) => {
        if (chance(0.05)) return encode(String(pick(nasty)) || 'x');
        if (name === '*') return 'a.txt';
        if (name === 'org_uid') return chance(0.95) ? ada.organisation : ada.userId;
        const schema = operation.parameters.find((one) => one.name === name)?.schema ?? {};
        const isNumber = schema['type'] === 'integer' || /^\/(client|program|item|api\/clients|api\/v1\/)/.test(operation.path);
        return encode(String(idOf(subjectOf(operation.path), isNumber ? 'number' : 'string')));
      });
      const url = at + query(operation.parameters.filter((one) => one.in === 'query'));
      const body = operation.bodies.length > 0 ? bodyOf(pick(operation.bodies)) : null;
      const response = await server.app.inject({
        method: operation.method,
        url,
        headers: {
          // Skhokho takes no bearer token.
          authorization: path.startsWith('/api/v1.0/')
            ? `Basic ${Buffer.from(`${ada.email}:${password}`).toString('base64')}`
            : `Bearer ${accessToken}`,
          'organization-id': ada.organisation,
          [schemaHeader]: String(schemaVersion),
          ...(body !== null && { 'content-type': body.type }),
        },
        ...(body !== null && { payload: body.payload }),
      });
      if (response.statusCode < 300 && /^[[{]/.test(response.body)) learn(response.json(), subjectOf(operation.path));
      // One of the calls puts devices out, this one too.
      if (response.statusCode === 401) ({ accessToken, refreshToken } = await server.signIn(ada.email));
      const sent = `${url} ${body?.type ?? ''} ${body?.payload ?? ''}`;
      return { name: `${operation.method} ${operation.path}`, status: response.statusCode, body: response.body, sent };
    },
  };
}
