import { describe, expect, it } from 'vitest';
import { appScheme, isForOutside, isOwnPage } from '../../../../../electron/platform/electron/app-scheme.ts';
import { openElectronApp } from '../../../../support/fake-electron-app.ts';

const here = 'app://fieldbook';

describe('the app:// scheme', () => {
  it('is standard and secure, so that pages get IndexedDB, and never passes by the content policy', () => {
    expect(appScheme).toEqual({ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } });
  });

  it.each([
    ['/', 200, 'text/html; charset=utf-8'],
    ['/index.html', 200, 'text/html; charset=utf-8'],
    ['/index.html?from=here#/clients', 200, 'text/html; charset=utf-8'],
    ['/storage-host/', 200, 'text/html; charset=utf-8'],
    ['/storage-host/index.html', 200, 'text/html; charset=utf-8'],
    ['/assets/main.js', 200, 'text/javascript; charset=utf-8'],
    ['/nothing.html', 404, null],
    ['/assets', 404, null],
    ['/assets/', 404, null],
  ])('answers %s with %i', async (address, status, type) => {
    const { electron } = await openElectronApp();
    const answer = await electron.session.defaultSession.fetch(here + address);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe(type);
  });

  it.each([
    '/..%2fsecret.txt',
    '/..%2Fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/..\\secret.txt',
    '/%2e%2e/secret.txt',
    '//secret.txt',
    '/assets/main.js%00.html',
    '/%00',
    '/%',
    '/%zz',
    '/%c0%ae%c0%ae/secret.txt',
  ])('shows nothing beside its folder for %s', async (address) => {
    const { electron } = await openElectronApp();
    const answer = await electron.session.defaultSession.fetch(here + address);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await answer.text()).toBe('');
  });

  it.each(['app://other/', 'app://fieldbook.evil/', 'app://fieldbook:80/', 'app://person@fieldbook/', 'app://FIELDBOOK/'])(
    'refuses the address %s of another host',
    async (address) => {
      const { electron } = await openElectronApp();
      const handler = electron.session.defaultSession.handlers.get('app');
      // A real Request refuses an address with a name in it; Electron may hand one on all the same.
      const request = { url: address, method: 'GET' } as Request;
      expect((await handler?.(request))?.status).toBe(400);
    },
  );

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('refuses the method %s', async (method) => {
    const { electron } = await openElectronApp();
    expect((await electron.session.defaultSession.fetch(`${here}/`, { method })).status).toBe(405);
  });

  it('answers HEAD without a body', async () => {
    const { electron } = await openElectronApp();
    const answer = await electron.session.defaultSession.fetch(`${here}/`, { method: 'HEAD' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });

  it.each([
    [undefined, 200],
    [here, 200],
    ['https://evil.example', 403],
    ['app://other', 403],
    ['null', 403],
    [null, 403],
  ])('answers a request started by %s with %i', async (initiatorOrigin, status) => {
    const { electron } = await openElectronApp();
    const request = Object.assign(new Request(`${here}/`), initiatorOrigin === undefined ? {} : { initiatorOrigin });
    expect((await electron.session.defaultSession.handlers.get('app')?.(request))?.status).toBe(status);
  });

  it.each(['/', '/assets/main.js', '/storage-host/', '/nothing.html', '/..%2fsecret.txt'])(
    'sends the protecting headers with %s',
    async (address) => {
      const { electron } = await openElectronApp();
      const { headers } = await electron.session.defaultSession.fetch(here + address);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe|https?:|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    },
  );

  it('gives the screens no connection but main, and the storage page not even styles or text that becomes script', async () => {
    const { electron } = await openElectronApp();
    const policyOf = async (address: string) =>
      (await electron.session.defaultSession.fetch(here + address)).headers.get('content-security-policy');
    expect(await policyOf('/')).toContain("connect-src 'none'");
    expect(await policyOf('/storage-host/')).toContain("require-trusted-types-for 'script'");
    expect(await policyOf('/storage-host/')).not.toContain('unsafe-inline');
  });
});

describe('addresses', () => {
  it.each([
    ['https://example.com/a?b', true],
    ['mailto:amina@example.com', true],
    ['http://example.com/', false],
    ['file:///etc/passwd', false],
    ['javascript:alert(1)', false],
    ['smb://server/share', false],
    ['data:text/html,hello', false],
    ['vbscript:x', false],
    ['ms-settings:privacy', false],
    ['app://fieldbook/', false],
    ['not an address', false],
    ['', false],
  ])('%s may be opened outside: %s', (address, may) => {
    expect(isForOutside(address)).toBe(may);
  });

  it.each([
    ['app://fieldbook/', true],
    ['app://fieldbook/#/clients/1', true],
    ['app://other/', false],
    ['https://fieldbook/', false],
    ['about:blank', false],
    ['', false],
  ])('%s is a page of ours: %s', (address, is) => {
    expect(isOwnPage(address)).toBe(is);
  });
});
