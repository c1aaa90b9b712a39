import { describe, expect, inject, it } from 'vitest';
import { call, firstStart, freshFolder, start, tidyUp, tokenFor } from './support/server-process.ts';
import { databaseOf } from './support/database-of.ts';
import { madeForReal } from './support/empty-cluster.ts';
import { engines } from './support/test-server.ts';

tidyUp();

describe.each(engines)('A server on %s', (engine) => {
  it('makes its organisation once, answers over the network, and has everything again after it was killed', async () => {
    const folder = freshFolder();
    const [args, where]: [string[], Record<string, string>] =
      engine === 'pglite'
        ? [['--data', folder], madeForReal]
        : [[], { DATABASE_URL: inject('postgres').owned[databaseOf.start] as string }];

    const refused = await start(args, where);
    expect(refused.ready).toBeNull();
    expect(await refused.ended).toBe(1);
    expect(refused.said()).toContain('Set FIELDBOOK_ORG');
    const short = await start(args, { ...where, ...firstStart, FIELDBOOK_ADMIN_PASSWORD: 'short' });
    expect(await short.ended).toBe(1);
    expect(short.said()).toContain('needs 10 characters or more');

    const server = await start(args, { ...where, ...firstStart });
    const { ready, url } = server;
    expect(ready).toEqual({
      ready: true,
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      organisation: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const token = await tokenFor(url);
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
      const second = await start(args, { ...where, ...firstStart });
      expect(await second.ended).toBe(1);
      expect(second.said()).toContain('is in use by another server');
    }

    expect((await call(url, 'POST', '/api/clients', token, { name: 'Beta' })).status).toBe(201);
    await server.end('SIGKILL');
    const again = await start(args, where);
    expect(again.ready?.organisation).toBe(ready?.organisation);
    // The token is still good: the secret is kept with the data.
    expect((await call(again.url, 'GET', '/api/clients?sort=name', token)).json()).toMatchObject({
      data: [{ name: 'Alpha' }, { name: 'Beta' }],
      meta: { total: 2 },
    });
    expect(await again.end('SIGTERM')).toBe(0);
    expect(again.said()).not.toContain(token);
  });
});

describe('A server that was told something strange', () => {
  it.each([[['--port', 'many']], [['--prot', '1']]])('says so and does not start: %j', async (args) => {
    const answer = await start(args, {});
    expect(await answer.ended).toBe(2);
    expect(answer.said().length).toBeGreaterThan(20);
  });
});
