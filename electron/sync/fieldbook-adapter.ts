import { ProblemError } from '../../shared/lib/result.ts';
import { answerAs, createHttpClient, type HttpAnswer, retryAfterOf, unavailable } from './http-client.ts';
import { openFieldbookRemote } from './fieldbook-remote.ts';
import type { ConnectRequest } from '../../remotes/remote.ts';
import type { RemoteAdapter } from './remote.ts';
import { createSession, type KeptTokens, problemOf, tokensSchema, tokensSecret } from './session.ts';
import { SyncProblem } from './sync-problem.ts';
import { helloSchema } from '../../shared/sync/wire.ts';
import { words } from '../../shared/words/words.ts';

/** Our own server. Signing in is asking it who it is, too: nothing of the book is sent before it has said so. */
export const fieldbookAdapter: RemoteAdapter = {
  kinds: ['fieldbook'],
  async connect(request, { clock, deviceName, signal }) {
    const host = new URL(request.url).host;
    const http = createHttpClient(request.url);
    try {
      const tokens = await signIn(request, http, host, { deviceName, now: clock.now(), signal });
      const text = JSON.stringify(tokens);
      const secrets = { get: () => text, set: () => Promise.reject(new Error('A token just given is not refreshed')) };
      const answer = await createSession(http, secrets, () => clock.now(), host).ask('GET', '/sync', undefined, signal);
      if (answer.status !== 200) throw problemOf(answer, host);
      const hello = answerAs(helloSchema, answer.body);
      if (request.organisation !== null && request.organisation !== hello.organisationId)
        throw new SyncProblem('otherOrganisation', words('sync.otherOrganisationNamed', { host }));
      const account = 'email' in request.signIn ? request.signIn.email : null;
      return { organisation: hello.organisationId, account, settings: {}, secrets: { [tokensSecret]: text } };
    } catch (error) {
      if (error instanceof SyncProblem) throw new ProblemError({ code: 'NOT_CONNECTED', ...error.says, field: fieldOf(error, request) });
      throw error;
    }
  },
  open: openFieldbookRemote,
};

/** What somebody has to look at: the address, what they signed in with, or which organisation is meant. */
function fieldOf({ kind }: SyncProblem, { signIn: way }: ConnectRequest): string | undefined {
  if (kind === 'signIn') return 'email' in way ? 'password' : 'token';
  if (kind === 'otherOrganisation') return 'organisation';
  return kind === 'offline' || kind === 'notOurs' || kind === 'certificate' ? 'url' : undefined;
}

async function signIn(
  { signIn: way, organisation }: ConnectRequest,
  http: ReturnType<typeof createHttpClient>,
  host: string,
  { deviceName, now, signal }: { deviceName: string; now: number; signal: AbortSignal },
): Promise<KeptTokens> {
  if ('token' in way) return { access: way.token, refresh: null, until: Number.MAX_SAFE_INTEGER };
  if ('session' in way) throw new SyncProblem('signIn', words('sync.signInWays'));
  const { email, password } = way;
  const body = { email, password, device: deviceName, ...(organisation !== null && { organisationId: organisation }) };
  const answer = await http.ask('POST', '/auth/token', { body, signal });
  if (answer.status !== 200) throw signInProblem(answer, host);
  const tokens = answerAs(tokensSchema, answer.body);
  return { access: tokens.accessToken, refresh: tokens.refreshToken, until: now + tokens.expiresIn * 1000 };
}

function signInProblem(answer: HttpAnswer, host: string): SyncProblem {
  const { status, body, headers } = answer;
  if (status === 401) return new SyncProblem('signIn', words('sync.passwordUnknown', { host }));
  if (status === 429) return new SyncProblem('busy', words('sync.askedTooOften', { host }), retryAfterOf(headers));
  if (status >= 500) return new SyncProblem('busy', unavailable(host), retryAfterOf(headers));
  if (status === 400 && body !== null && typeof body === 'object' && 'organisationId' in body)
    return new SyncProblem('otherOrganisation', words('sync.severalOrganisations'));
  return problemOf(answer, host);
}
