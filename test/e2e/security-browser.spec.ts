import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import { WebSocket } from 'ws';
import { openBookPage } from '../support/book-page.ts';
import { ask, type RunningFieldbook, startFieldbook } from '../support/fieldbook.ts';

/** What stands between the loopback port and every other program and web page on the machine (invariant 3). */
let fieldbook: RunningFieldbook;
let host: string;
let cookie: string;

// All of them ask one running app, one after the other.
test.describe.configure({ mode: 'default' });
test.beforeAll(async () => {
  fieldbook = await startFieldbook();
  host = `fieldbook.localhost:${fieldbook.port}`;
  const { name, value } = await fieldbook.cookie();
  cookie = `${name}=${value}`;
});
test.afterAll(async () => {
  await fieldbook.stop();
});

test.describe('the door', () => {
  test('gives nothing without the cookie, and says in plain words how to get in', async () => {
    for (const address of ['/', '/browser-bridge.js', '/storage-worker.js', '/storage-host/', '/files/x', '/nowhere']) {
      const answer = await ask(fieldbook.origin, { target: address });
      expect(answer.status, address).toBe(403);
      expect(answer.body, address).toContain('start it again and open the new address');
    }
    expect((await ask(fieldbook.origin, { target: '/', headers: { cookie } })).status).toBe(200);
  });

  test('refuses a wrong key, an empty one, and the right one the second time', async () => {
    for (const key of ['', 'x', fieldbook.url.slice(-43).replace(/.$/, '!'), fieldbook.url.slice(-43).toLowerCase()]) {
      const answer = await ask(fieldbook.origin, { target: `/?key=${key}` });
      expect([answer.status, answer.headers['set-cookie']], key).toEqual([403, undefined]);
    }
    const again = await ask(fieldbook.url);
    expect([again.status, again.headers['set-cookie']]).toEqual([403, undefined]);
    expect(again.body).toContain('This address was used already');
  });

  test('lets the browser that is in already open the address again', async () => {
    const again = await ask(fieldbook.url, { headers: { cookie } });
    expect([again.status, again.headers['location']]).toEqual([303, '/']);
  });

  test('hands over a cookie no script can read and no other site can send', async () => {
    const fresh = await startFieldbook();
    const { headers } = await ask(fresh.url);
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^fieldbook-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict;/)]);
    expect(headers['location']).toBe('/');
    expect(headers['cache-control']).toBe('no-store');
    await fresh.stop();
  });

  test('answers to its own name only', async () => {
    for (const stranger of [
      `127.0.0.1:${fieldbook.port}`,
      `localhost:${fieldbook.port}`,
      'evil.example',
      `${host}.evil.example`,
      'fieldbook.localhost:1',
      '',
    ]) {
      const answer = await ask(fieldbook.origin, { target: '/', headers: { host: stranger, cookie } });
      expect(answer.status, stranger).toBe(421);
    }
  });

  test('refuses what another site starts, even with the cookie', async () => {
    const foreign = { cookie, host, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
    for (const site of ['cross-site', 'same-site']) {
      const answer = await ask(fieldbook.origin, { target: '/browser-bridge.js', headers: { ...foreign, 'sec-fetch-site': site } });
      expect(answer.status, site).toBe(403);
    }
    for (const origin of ['http://evil.example', 'http://fieldbook.localhost', `http://127.0.0.1:${fieldbook.port}`, 'null', undefined]) {
      const headers = { cookie, host, ...(origin === undefined ? {} : { origin }) };
      const answer = await ask(fieldbook.origin, { target: '/files?name=x', method: 'POST', headers, body: 'x' });
      expect(answer.status, origin ?? 'no origin').toBe(403);
    }
  });

  test('takes no other methods', async () => {
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) {
      expect((await ask(fieldbook.origin, { target: '/', method, headers: { cookie } })).status, method).toBe(405);
    }
  });
});

test.describe('the sockets', () => {
  for (const address of ['/bridge?role=screen', '/storage?worker=1']) {
    test(`${address} opens for our own pages only`, async () => {
      const origin = `http://${host}`;
      expect(await knock(address, { host, cookie, origin: 'http://evil.example' })).toBe(403);
      expect(await knock(address, { host, cookie })).toBe(403);
      expect(await knock(address, { host, cookie, origin: 'null' })).toBe(403);
      expect(await knock(address, { host, origin })).toBe(403);
      expect(await knock(address, { host, origin, cookie: 'fieldbook=wrong' })).toBe(403);
      expect(await knock(address, { host: 'evil.example', cookie, origin: 'http://evil.example' })).toBe(421);
      expect(await knock(address, { host, cookie, origin })).toBe(101);
    });
  }

  test('take no worker that nobody asked for', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${fieldbook.port}/storage?worker=999`, {
      headers: { host, cookie, origin: `http://${host}` },
    });
    const code = await new Promise((resolve) => socket.once('close', resolve));
    expect(code).toBe(1008);
  });

  test('close on a message that is none of ours', async () => {
    for (const text of [
      '',
      'no json',
      '[]',
      '{"kind":"call"}',
      '{"kind":"call","id":"1","method":"app.info"}',
      '{"kind":"shell","url":"file:///"}',
    ]) {
      const socket = new WebSocket(`ws://127.0.0.1:${fieldbook.port}/bridge?role=screen`, {
        headers: { host, cookie, origin: `http://${host}` },
      });
      socket.once('open', () => socket.send(text));
      const code = await new Promise((resolve) => socket.once('close', resolve));
      expect(code, text).toBe(1008);
    }
  });
});

test('no spelling of a path leaves the folder of the pages', async () => {
  const spellings = [
    '/../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
    '/%2e%2e%2fpackage.json',
    '/..\\package.json',
    '/..%5cpackage.json',
    '/%252e%252e/package.json',
    '/....//package.json',
    '/assets/../../../package.json',
    '//etc/passwd',
    '///etc/passwd',
    '/etc/passwd',
    '/index.html%00.js',
    '/%c0%ae%c0%ae/package.json',
    '/files/..%2f..%2fdevice.json',
    '/files/../device.json',
    '/files/%2e%2e%2fdevice.json',
    '/%',
    '/%zz',
    `http://${'evil.example'}/`,
    `/${'a'.repeat(5000)}`,
    '/index.html/',
    '/.env',
  ];
  for (const target of spellings) {
    const { status, body } = await ask(fieldbook.origin, { target, headers: { cookie } });
    expect([400, 403, 404], `${target} → ${status}`).toContain(status);
    expect(body, target).not.toContain('"name": "fieldbook"');
    expect(body, target).not.toContain('deviceId');
  }
});

test('every answer carries the headers, and none opens a way for other sites', async () => {
  for (const options of [
    { target: '/', headers: { cookie } },
    { target: '/browser-bridge.js', headers: { cookie } },
    { target: '/' },
    { target: '/', headers: { host: 'x', cookie } },
  ]) {
    const { headers } = await ask(fieldbook.origin, options);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*(unsafe|\*|http)/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
    });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  }
});

test.describe('in the page', () => {
  test('the screens themselves need nothing that is refused, and say no error', async ({ browser }) => {
    const context = await browser.newContext();
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile }) => {
        console.error(`refused: ${effectiveDirective} ${blockedURI} ${sourceFile}`);
      });
    });
    const errors: string[] = [];
    context.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    context.on('weberror', (error) => errors.push(error.error().message));
    for (const address of ['/', '/storage-host/']) {
      const page = await openBookPage(context, fieldbook, address);
      await page.waitForLoadState('networkidle');
      await expect(page.getByRole('heading').first()).toBeVisible();
    }
    expect(errors).toEqual([]);
    await context.close();
  });

  test('nothing runs or loads that is not ours', async ({ browser }) => {
    const stranger = createServer((_request, response) =>
      response.setHeader('Access-Control-Allow-Origin', '*').end('window.isIntruded = true'),
    );
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const outside = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    const page = await openBookPage(browser, fieldbook);
    const outcome = await page.evaluate(async (url) => {
      const violated: string[] = [];
      document.addEventListener('securitypolicyviolation', (event) => violated.push(event.effectiveDirective));
      const seen: Record<string, unknown> = {};
      const add = (tag: string, properties: Record<string, unknown>) =>
        new Promise<string>((resolve) => {
          const element = Object.assign(document.createElement(tag), properties, {
            onload: () => resolve('loaded'),
            onerror: () => resolve('refused'),
          });
          document.body.append(element);
          setTimeout(resolve, 500, 'refused');
        });
      const refusedBy = (work: () => unknown) => {
        try {
          work();
          return 'ran';
        } catch {
          return 'refused';
        }
      };
      await add('script', { textContent: 'window.isIntruded = true' });
      seen['inline script'] = 'isIntruded' in window ? 'ran' : 'refused';
      seen['script from outside'] = await add('script', { src: `${url}/x.js` });
      seen['image from outside'] = await add('img', { src: `${url}/x.png` });
      seen['fetch out'] = await fetch(url).then(
        () => 'answered',
        () => 'refused',
      );
      seen['socket out'] = await new Promise((resolve) => {
        const socket = new WebSocket(url.replace('http', 'ws'));
        socket.onopen = () => resolve('opened');
        socket.onerror = () => resolve('refused');
      });
      seen['worker from a blob'] = await new Promise((resolve) => {
        const worker = new Worker(URL.createObjectURL(new Blob(['postMessage(1)'])));
        worker.onmessage = () => resolve('ran');
        worker.onerror = () => resolve('refused');
      });
      // What the test's own debugger starts may eval; what the page starts may not.
      // oxlint-disable-next-line no-eval -- this is the thing that must be refused
      seen['eval'] = await new Promise((resolve) => setTimeout(() => resolve(refusedBy(() => (0, eval)('1'))), 0));
      // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- as above
      seen['new Function'] = await new Promise((resolve) => setTimeout(() => resolve(refusedBy(() => new Function('return 1')())), 0));
      return { seen, violated: [...new Set(violated)] };
    }, outside);
    expect(outcome.seen).toEqual({
      'inline script': 'refused',
      'script from outside': 'refused',
      'image from outside': 'refused',
      'fetch out': 'refused',
      'socket out': 'refused',
      'worker from a blob': 'refused',
      eval: 'refused',
      'new Function': 'refused',
    });
    expect(outcome.violated).toEqual(expect.arrayContaining(['script-src-elem', 'img-src', 'connect-src', 'worker-src', 'script-src']));
    await page.context().close();
    stranger.close();
  });

  test('another site can neither frame it nor reach it', async ({ browser }) => {
    const page = await openBookPage(browser, fieldbook);
    const stranger = createServer((_request, response) =>
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>stranger</title>'),
    );
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    // The same site by the browser's rules (ports do not count): the cookie is sent, so only our own checks hold.
    const evil = await page.context().newPage();
    await evil.goto(`http://fieldbook.localhost:${(stranger.address() as AddressInfo).port}/`);
    const reached = await evil.evaluate(async (origin) => {
      const frame = document.createElement('iframe');
      frame.src = origin;
      const loaded = new Promise((resolve) => (frame.onload = resolve));
      document.body.append(frame);
      await loaded;
      const socket = await new Promise((resolve) => {
        const line = new WebSocket(`${origin.replace('http', 'ws')}/bridge?role=screen`);
        line.onopen = () => resolve('opened');
        line.onerror = () => resolve('refused');
      });
      const tried = (work: Promise<Response>) =>
        work.then(
          (answer) => answer.type,
          () => 'refused',
        );
      return {
        socket,
        read: await tried(fetch(origin, { credentials: 'include' })),
        blind: await fetch(`${origin}/browser-bridge.js`, { credentials: 'include', mode: 'no-cors' }).then(
          () => 'answered',
          () => 'refused',
        ),
        write: await tried(fetch(`${origin}/files?name=x`, { method: 'POST', credentials: 'include', body: 'x' })),
        script: await new Promise((resolve) => {
          document.head.append(
            Object.assign(document.createElement('script'), {
              src: `${origin}/browser-bridge.js`,
              onload: () => resolve('ran'),
              onerror: () => resolve('refused'),
            }),
          );
        }),
      };
    }, fieldbook.origin);
    expect(reached).toEqual({ socket: 'refused', read: 'refused', blind: 'refused', write: 'refused', script: 'refused' });
    const framed = evil.frames().find((frame) => frame !== evil.mainFrame());
    expect(framed?.url()).toContain('chrome-error://');
    await page.context().close();
    stranger.close();
  });
});

/** The status an upgrade is answered with. */
function knock(address: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${fieldbook.port}${address}`, { headers });
    socket.once('upgrade', ({ statusCode }) => resolve(statusCode ?? 0));
    socket.once('unexpected-response', (_request, { statusCode }) => resolve(statusCode ?? 0));
    socket.once('open', () => socket.terminate());
    socket.once('error', reject);
  });
}
