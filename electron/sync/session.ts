import { z } from 'zod';
import { syncErrorSchema, schemaHeader, schemaVersion } from '../../shared/sync/wire.ts';
import {
  answerAs,
  type HttpAnswer,
  type HttpClient,
  type HttpMethod,
  notOurs,
  type RawAsk,
  retryAfterOf,
  unavailable,
} from './http-client.ts';
import type { RemoteContext } from './remote.ts';
import { SyncProblem } from './sync-problem.ts';
import { words } from '../../shared/words/words.ts';

export const tokensSchema = z.object({
  accessToken: z.string().min(1).max(10_000),
  refreshToken: z.string().min(1).max(10_000),
  expiresIn: z.int().min(1),
  organisationId: z.uuid(),
});

/** What is sealed of a signed-in device. A token from `tokenFrom` has no refresh token: it is good until it ends. */
const keptSchema = z.object({ access: z.string(), refresh: z.string().nullable(), until: z.number() });
export type KeptTokens = z.output<typeof keptSchema>;
export const tokensSecret = 'tokens';

const sooner = 60_000;
const disabledSchema = z.object({ code: z.literal('account_disabled') });

export interface Session {
  ask(
    method: HttpMethod,
    path: string,
    body: unknown,
    signal: AbortSignal,
    more?: RawAsk & { headers?: Record<string, string> },
  ): Promise<HttpAnswer>;
}

/**
 * Requests with an access token. It is refreshed before it ends and once after a 401; the new refresh token is on the disk
 * before it is used. The server answers the one before again for a minute, so an answer that was lost signs nobody out.
 */
export function createSession(http: HttpClient, secrets: RemoteContext['secrets'], now: () => number, host: string): Session {
  const ended = () => new SyncProblem('signIn', words('sync.signedOut', { host }));

  const disabled = () => new SyncProblem('disabled', words('sync.accountDisabled', { host }));

  function kept(): KeptTokens {
    const text = secrets.get(tokensSecret);
    if (text === null) throw ended();
    return keptSchema.parse(JSON.parse(text));
  }

  async function refreshed(signal: AbortSignal): Promise<KeptTokens> {
    const { refresh } = kept();
    if (refresh === null) throw ended();
    const answer = await http.ask('POST', '/auth/refresh', { body: { refreshToken: refresh }, signal });
    if (answer.status === 403 && disabledSchema.safeParse(answer.body).success) throw disabled();
    if (answer.status === 401 || answer.status === 403) throw ended();
    if (answer.status !== 200) throw problemOf(answer, host);
    const tokens = answerAs(tokensSchema, answer.body);
    const next: KeptTokens = { access: tokens.accessToken, refresh: tokens.refreshToken, until: now() + tokens.expiresIn * 1000 };
    await secrets.set(tokensSecret, JSON.stringify(next));
    return next;
  }

  return {
    async ask(method, path, body, signal, more = {}) {
      let tokens = kept();
      // A laptop's clock that was turned makes this too early or too late; then the 401 says so.
      if (tokens.refresh !== null && tokens.until - sooner < now()) tokens = await refreshed(signal);
      const headers = { [schemaHeader]: String(schemaVersion), ...more.headers };
      const send = () => http.ask(method, path, { ...more, token: tokens.access, ...(body !== undefined && { body }), headers, signal });
      const answer = await send();
      if (answer.status !== 401) return answer;
      tokens = await refreshed(signal);
      const again = await send();
      if (again.status === 401) throw ended();
      return again;
    },
  };
}

/** The sentence for a refusal of a whole request that nothing more can be made of. */
export function problemOf({ status, body, headers }: HttpAnswer, host: string): SyncProblem {
  const error = syncErrorSchema.safeParse(body);
  const code = error.success ? error.data.code : null;
  if (code === 'client_too_old') return new SyncProblem('clientTooOld', words('sync.serverNewer'));
  if (code === 'server_too_old') return new SyncProblem('serverTooOld', words('sync.serverOlder'));
  if (code === 'disk_full' || code === 'quota_exceeded')
    return new SyncProblem('busy', words('sync.noRoomOnServer', { host }), 10 * 60_000);
  if (status === 429) return new SyncProblem('busy', words('sync.askedToWait', { host }), retryAfterOf(headers));
  if (status >= 500) return new SyncProblem('busy', unavailable(host), retryAfterOf(headers));
  if (status === 413) return new SyncProblem('unexpected', words('sync.letsNothingSoLargeThrough', { host }));
  if (status === 404) return notOurs(words('sync.doesNotKnowRequest'));
  if (status === 403) return new SyncProblem('signIn', words('sync.mayNotSync', { host }));
  return new SyncProblem('unexpected', words('sync.requestRefused', { host, code: String(code ?? status) }));
}
