import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const HOST_NAME = 'fieldbook.localhost';

/**
 * Who may talk to main over the loopback port. Every program and every web page of this machine can reach the port, so
 * each request must name our host (else another site's name was pointed at it), come from our own origin, and carry the
 * cookie of this run (invariant 3). The key that is swapped for the cookie is good for one use.
 */
export interface Access {
  /** The key in the address that is printed; good for one use. */
  readonly key: string;
  readonly cookieName: string;
  readonly cookie: string;
  setCookieHeader(): string;
  /** Swaps the key for the cookie. */
  redeem(key: string): 'granted' | 'used' | 'wrong';
  hasCookie(request: IncomingMessage): boolean;
  isOurHost(request: IncomingMessage): boolean;
  /** True when the request was started by one of our own pages. */
  isOurOrigin(request: IncomingMessage): boolean;
  /** True when the browser says that another site started this request, and it is not a person opening an address. */
  isForeignFetch(request: IncomingMessage): boolean;
}

export function createAccess(port: () => number): Access {
  const key = randomBytes(32).toString('base64url');
  const cookie = randomBytes(32).toString('base64url');
  let isRedeemed = false;
  // Cookies ignore ports: two books open in one browser must not overwrite each other's.
  const cookieName = () => `fieldbook-${port()}`;
  // Without a port: our own Chromium maps the bare name to whatever port is free, which keeps the origin (and with it IndexedDB).
  const isOurs = (host: string | undefined) => host === HOST_NAME || host === `${HOST_NAME}:${port()}`;

  return {
    key,
    get cookieName() {
      return cookieName();
    },
    cookie,
    // Kept over a restart of the browser; it dies with this run of Fieldbook all the same.
    setCookieHeader: () => `${cookieName()}=${cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000`,
    redeem: (given) => {
      if (!isSame(given, key)) return 'wrong';
      if (isRedeemed) return 'used';
      isRedeemed = true;
      return 'granted';
    },
    hasCookie: (request) => cookiesOf(request).some(([name, value]) => name === cookieName() && isSame(value, cookie)),
    isOurHost: (request) => isOurs(request.headers.host),
    isOurOrigin: (request) => isOurs(request.headers.host) && request.headers.origin === `http://${request.headers.host}`,
    isForeignFetch: (request) => {
      const site = request.headers['sec-fetch-site'];
      if (site === undefined || site === 'same-origin' || site === 'none') return false;
      return request.headers['sec-fetch-mode'] !== 'navigate' || request.headers['sec-fetch-dest'] !== 'document';
    },
  };
}

function cookiesOf(request: IncomingMessage): [string, string][] {
  return (request.headers.cookie ?? '').split(';').map((pair) => {
    const cut = pair.indexOf('=');
    return [pair.slice(0, cut).trim(), pair.slice(cut + 1).trim()];
  });
}

/** Compares in constant time, whatever the lengths. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
