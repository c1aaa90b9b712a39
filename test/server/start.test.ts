import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import { node24, root } from '../../build/paths.mjs';
import { databaseOf, engines, password } from './support/test-server.ts';

const first = { FIELDBOOK_ORG: 'North Depot', FIELDBOOK_ADMIN_EMAIL: 'ada@example.com', FIELDBOOK_ADMIN_PASSWORD: password };
const running: ChildProcess[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const child of running.splice(0)) await end(child, 'SIGKILL');
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Started {
  child: ChildProcess;
  /** What stood in the ready line; null where the server ended instead. */
  ready: { ready: true; url: string; organisation: string } | null;
  code: number | null;
  said: string;
}

function start(args: string[], env: Record<string, string>): Promise<Started> {
  const { DATABASE_URL: _, ...inherited } = process.env;
  const child = spawn(node24, [join(root, 'server/main.ts'), '--port', '0', ...args], {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let said = '';
  let out = '';
  child.stderr.on('data', (bytes) => (said += String(bytes)));
  return new Promise((done) => {
    child.stdout.on('data', (bytes) => {
      out += String(bytes);
      if (out.endsWith('\n')) done({ child, ready: JSON.parse(out) as Started['ready'], code: null, said });
    });
    child.once('close', (code) => done({ child, ready: null, code, said }));
  });
}

function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((done) => {
    child.once('close', done);
    child.kill(signal);
  });
}

const freshFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'fieldbook-server-'));
  folders.push(folder);
  return folder;
};

async function call(url: string, method: string, path: string, token: string | null, body?: unknown) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    text,
    json: () => JSON.parse(text) as Record<string, unknown>,
  };
}

const signIn = async (url: string) =>
  String((await call(url, 'POST', '/auth/token', null, { email: first.FIELDBOOK_ADMIN_EMAIL, password })).json()['accessToken']);

describe.each(engines)('A server on %s', (engine) => {
  it('makes its organisation once, answers over the network, and has everything again after it was killed', async () => {
    const folder = freshFolder();
    const [args, where]: [string[], Record<string, string>] =
      engine === 'pglite' ? [['--data', folder], {}] : [[], { DATABASE_URL: inject('postgres').owned[databaseOf.start] as string }];

    const refused = await start(args, where);
    expect(refused).toMatchObject({ ready: null, code: 1, said: expect.stringContaining('The first start needs FIELDBOOK_ORG') });
    const short = await start(args, { ...where, ...first, FIELDBOOK_ADMIN_PASSWORD: 'short' });
    expect(short).toMatchObject({ code: 1, said: expect.stringContaining('needs 10 characters or more') });

    const { child, ready } = await start(args, { ...where, ...first });
    const url = String(ready?.url);
    expect(ready).toEqual({
      ready: true,
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      organisation: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const token = await signIn(url);
    expect((await call(url, 'POST', '/api/clients/', token, { name: 'Alpha' })).json()).toMatchObject({
      id: 1,
      companyId: 1,
      name: 'Alpha',
    });
    expect((await call(url, 'GET', '/healthz', null)).json()).toEqual({ status: 'ok' });
    expect((await call(url, 'GET', '/readyz', null)).json()).toEqual({ status: 'ok' });
    const metrics = await call(url, 'GET', '/metrics', null);
    expect(metrics.text).toContain('http_request_duration_seconds_count{method="POST",route="/api/clients",status="201"} 1');
    expect(await call(url, 'GET', '/docs', null)).toMatchObject({ status: 200, type: expect.stringContaining('text/html') });
    const document = (await call(url, 'GET', '/docs/json', null)).json() as { openapi: string; paths: Record<string, object> };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths['/api/clients/{clientId}'] ?? {})).toEqual(expect.arrayContaining(['get', 'put', 'delete']));

    if (engine === 'pglite') {
      const second = await start(args, { ...where, ...first });
      expect(second).toMatchObject({ ready: null, code: 1, said: expect.stringContaining('is in use by another server') });
    }

    expect((await call(url, 'POST', '/api/clients', token, { name: 'Beta' })).status).toBe(201);
    await end(child, 'SIGKILL');
    const again = await start(args, where);
    expect(again.ready?.organisation).toBe(ready?.organisation);
    // The token is still good: the secret is kept with the data.
    expect((await call(String(again.ready?.url), 'GET', '/api/clients?sort=name', token)).json()).toMatchObject({
      data: [{ name: 'Alpha' }, { name: 'Beta' }],
      meta: { total: 2 },
    });
    expect(await end(again.child, 'SIGTERM')).toBe(0);
    expect(again.said).not.toContain(token);
  });
});

describe('A server that was told something strange', () => {
  it.each([[['--port', 'many']], [['--prot', '1']]])('says so and does not start: %j', async (args) => {
    const answer = await start(args, {});
    expect(answer.code).toBe(2);
    expect(answer.said.length).toBeGreaterThan(20);
  });
});
