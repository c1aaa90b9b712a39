import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createAccess } from '../../../../../electron/platform/browser/access.ts';

const request = (headers: Record<string, string>) => Object.assign(new IncomingMessage(new Socket()), { headers });
const door = () => createAccess(() => 4808);

describe('the key', () => {
  it('is good for one use', () => {
    const access = door();
    expect(access.redeem(access.key)).toBe('granted');
    expect(access.redeem(access.key)).toBe('used');
  });

  it('is not used up by a wrong guess', () => {
    const access = door();
    expect(access.redeem('guess')).toBe('wrong');
    expect(access.redeem(`${access.key}x`)).toBe('wrong');
    expect(access.redeem(access.key)).toBe('granted');
  });

  it('has 256 random bits, is another for each run, and is not the cookie', () => {
    const [one, other] = [door(), door()];
    expect(Buffer.from(one.key, 'base64url')).toHaveLength(32);
    expect(new Set([one.key, other.key, one.cookie, other.cookie]).size).toBe(4);
  });
});

describe('the cookie', () => {
  it('is found among others', () => {
    const access = door();
    expect(access.hasCookie(request({ cookie: `a=b; fieldbook-4808=${access.cookie}; c` }))).toBe(true);
  });

  it.each([
    ['missing', () => undefined],
    ['empty', () => 'fieldbook-4808='],
    ['of another port', (value: string) => `fieldbook-4809=${value}`],
    ['cut short', (value: string) => `fieldbook-4808=${value.slice(0, -1)}`],
    ['under a longer name', (value: string) => `xfieldbook-4808=${value}`],
  ])('is refused when %s', (_case, cookieOf) => {
    const access = door();
    const cookie = cookieOf(access.cookie);
    expect(access.hasCookie(request(cookie === undefined ? {} : { cookie }))).toBe(false);
  });
});

describe('who asks', () => {
  it('is known by host and origin together', () => {
    const access = door();
    const isOurs = (host: string, origin: string) => access.isOurOrigin(request({ host, origin }));
    expect(isOurs('fieldbook.localhost', 'http://fieldbook.localhost')).toBe(true);
    expect(isOurs('fieldbook.localhost:4808', 'http://fieldbook.localhost:4808')).toBe(true);
    expect(isOurs('fieldbook.localhost:4808', 'http://fieldbook.localhost')).toBe(false);
    expect(isOurs('fieldbook.localhost:4808', 'https://fieldbook.localhost:4808')).toBe(false);
    expect(isOurs('evil.example', 'http://evil.example')).toBe(false);
  });

  it('may open the page from anywhere, and only that', () => {
    const isForeign = (site: string, mode: string, dest: string) =>
      door().isForeignFetch(request({ 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest }));
    expect(isForeign('cross-site', 'navigate', 'document')).toBe(false);
    expect(isForeign('none', 'navigate', 'document')).toBe(false);
    expect(isForeign('same-origin', 'cors', 'empty')).toBe(false);
    expect(isForeign('cross-site', 'navigate', 'iframe')).toBe(true);
    expect(isForeign('same-site', 'no-cors', 'script')).toBe(true);
  });
});
