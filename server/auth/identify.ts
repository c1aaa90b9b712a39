import type { FastifyRequest } from 'fastify';
import type { Capabilities } from '../../shared/dialects/dialect.ts';
import { type ErrorAnswer, errorAnswers } from '../../shared/dialects/error-body.ts';
import type { Passwords } from './passwords.ts';
import type { Claims, Person, Sessions } from './sessions.ts';

export const cookieName = 'sessionid';

export interface Auth {
  passwords: Passwords;
  sessions: Sessions;
}

/** Somebody with a password is known at once; a token or a cookie says which session to look up. */
export type Credentials = { person: Person } | { claims: Claims };

/**
 * What a request says of who is asking, by the ways a dialect takes. `organisation` is the one the request names, where
 * it names one: the id comes from who signed in, never from the request alone.
 */
export async function credentialsOf(
  auth: Auth,
  request: FastifyRequest,
  ways: Capabilities['auth'],
  organisation: string | null,
): Promise<Credentials | { refused: ErrorAnswer }> {
  const [scheme = '', rest = ''] = (request.headers.authorization ?? '').split(/\s+(.*)/s);
  const found = await credentials(scheme.toLowerCase(), rest.trim());
  if (found === 'another page') return { refused: errorAnswers.csrfFailed(request.headers.origin ?? 'null') };
  if (found === 'nobody') return { refused: errorAnswers.notSignedIn(challengeOf(ways)) };
  if (found !== null && 'waitSeconds' in found) return { refused: errorAnswers.tooMany(found.waitSeconds) };
  if (found === null) return { refused: goodNoMore(ways) };
  const own = 'person' in found ? found.person.organisation : found.claims.organisation;
  return organisation === null || own === organisation ? found : { refused: errorAnswers.forbidden() };

  async function credentials(
    kind: string,
    said: string,
  ): Promise<Credentials | 'nobody' | 'another page' | { waitSeconds: number } | null> {
    if ((kind === 'bearer' || kind === 'token') && ways.includes(kind)) return claimed(await auth.sessions.claimsOf(said));
    if (kind === 'basic' && ways.includes('basic')) {
      const [, email = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(said, 'base64').toString()) ?? [];
      const logins = await auth.passwords.check(email, password, request.ip);
      if ('waitSeconds' in logins) return logins;
      const login = organisation === null ? logins[0] : (logins.find((one) => one.organisation_id === organisation) ?? logins[0]);
      return login === undefined
        ? null
        : { person: { organisation: login.organisation_id, userId: login.user_id, role: login.role, sessionId: null } };
    }
    const cookie = request.cookies[cookieName];
    if (cookie === undefined || !ways.includes('sessionCookie')) return 'nobody';
    return isOwnPage(request) ? claimed(auth.sessions.cookieClaimsOf(cookie)) : 'another page';
  }
}

/**
 * Whether a request with a cookie comes from a page of this server, or from no page at all. The cookie is not sent from
 * other sites as it is (auth.routes.ts); this holds where a browser does not keep to that, or the other page is of a
 * neighbour under the same domain. Browsers say where a change comes from; Django's own token is not asked for.
 */
function isOwnPage({ method, headers, host }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  const { origin, 'sec-fetch-site': site } = headers;
  if (origin === undefined) return site === undefined || site === 'same-origin' || site === 'none';
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  // Read the same way, so that a port that is the usual one makes no difference.
  return URL.canParse(`${page.protocol}//${host}`) && new URL(`${page.protocol}//${host}`).host === page.host;
}

/** Who is asking, with their session looked up. */
export async function identify(
  auth: Auth,
  request: FastifyRequest,
  ways: Capabilities['auth'],
  organisation: string | null,
): Promise<{ person: Person } | { refused: ErrorAnswer }> {
  const found = await credentialsOf(auth, request, ways, organisation);
  if (!('claims' in found)) return found;
  const person = await auth.sessions.personOf(found.claims);
  return person === null ? { refused: goodNoMore(ways) } : { person };
}

/** The answer to a token, a cookie or a password that is wrong, or whose session has ended. */
export function goodNoMore(ways: Capabilities['auth']): ErrorAnswer {
  return errorAnswers.wrongCredentials(challengeOf(ways));
}

function challengeOf(ways: Capabilities['auth']): string {
  return ways.includes('bearer') ? 'Bearer' : 'Basic realm="Fieldbook"';
}

const claimed = (claims: Claims | null): Credentials | null => (claims === null ? null : { claims });
