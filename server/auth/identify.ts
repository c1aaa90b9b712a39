import type { FastifyRequest } from 'fastify';
import type { Capabilities } from '../../shared/dialects/dialect.ts';
import { type ErrorAnswer, errorAnswers } from '../../shared/dialects/error-body.ts';
import type { Passwords } from './passwords.ts';
import type { Person, Sessions } from './sessions.ts';

export const cookieName = 'sessionid';

export interface Auth {
  passwords: Passwords;
  sessions: Sessions;
}

/**
 * Who is asking, by the ways a dialect takes. `organisation` is the one the request names, where it names one: the id
 * comes from who signed in, never from the request alone.
 */
export async function identify(
  auth: Auth,
  request: FastifyRequest,
  ways: Capabilities['auth'],
  organisation: string | null,
): Promise<{ person: Person } | { refused: ErrorAnswer }> {
  const challenge = ways.includes('bearer') ? 'Bearer' : 'Basic realm="Fieldbook"';
  const [scheme = '', rest = ''] = (request.headers.authorization ?? '').split(/\s+(.*)/s);
  const found = await personOf(scheme.toLowerCase(), rest.trim());
  if (found === 'nobody') return { refused: errorAnswers.notSignedIn(challenge) };
  if (found === null) return { refused: errorAnswers.wrongCredentials(challenge) };
  return organisation === null || found.organisation === organisation ? { person: found } : { refused: errorAnswers.forbidden() };

  async function personOf(kind: string, credentials: string): Promise<Person | 'nobody' | null> {
    if (kind === 'bearer' && ways.includes('bearer')) return auth.sessions.byAccessToken(credentials);
    if (kind === 'basic' && ways.includes('basic')) {
      const [, email = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [];
      const logins = await auth.passwords.check(email, password);
      const login = organisation === null ? logins[0] : (logins.find((one) => one.organisation_id === organisation) ?? logins[0]);
      return login === undefined ? null : { organisation: login.organisation_id, userId: login.user_id, role: login.role, sessionId: null };
    }
    const cookie = request.cookies[cookieName];
    if (cookie !== undefined && ways.includes('sessionCookie')) return auth.sessions.byCookie(cookie);
    return 'nobody';
  }
}
