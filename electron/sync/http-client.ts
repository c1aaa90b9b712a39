import type { z } from 'zod';
import { SyncProblem } from './sync-problem.ts';
import { words, type Words } from '../../shared/words/words.ts';

/** No promise of a sync stays open longer (docs/sync.md). */
const requestMs = 30_000;
/** A page is 2 MB, one record 8 MB at most: anything longer is not an answer of ours. */
const answerBytes = 24 * 1024 * 1024;

export interface HttpAnswer {
  status: number;
  headers: Headers;
  /** Parsed; null where there is no body. */
  body: unknown;
}

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE';

/** A request about the content of a file, which is no JSON. */
export interface RawAsk {
  /** Sent as they are. */
  bytes?: Uint8Array;
  /** A good answer's body is bytes too. */
  isRaw?: boolean;
}

export interface HttpClient {
  /** One request. Throws SyncProblem where there is no answer, or none that could be this server's. */
  ask(
    method: HttpMethod,
    path: string,
    options: { token?: string | null; body?: unknown; headers?: Record<string, string>; signal: AbortSignal } & RawAsk,
  ): Promise<HttpAnswer>;
  /** Requests and bytes both ways so far. */
  counted(): { requests: number; bytes: number };
}

/** Asks one server, with limits on time and size, and follows it nowhere else. */
export function createHttpClient(url: string): HttpClient {
  let requests = 0;
  let bytes = 0;
  const host = new URL(url).host;
  return {
    counted: () => ({ requests, bytes }),
    async ask(method, path, { token = null, body, bytes: piece, headers = {}, signal, isRaw = false }) {
      requests += 1;
      const text = body === undefined ? undefined : JSON.stringify(body);
      bytes += text === undefined ? (piece?.byteLength ?? 0) : Buffer.byteLength(text);
      const timeout = AbortSignal.timeout(requestMs);
      let response: Response;
      try {
        response = await fetch(`${url}${path}`, {
          method,
          // A captive portal sends every address to its own page: whoever leads elsewhere is not the server.
          redirect: 'manual',
          signal: AbortSignal.any([signal, timeout]),
          headers: {
            accept: 'application/json',
            ...(text !== undefined && { 'content-type': 'application/json' }),
            ...(piece !== undefined && { 'content-type': 'application/octet-stream' }),
            ...(token !== null && { authorization: `Bearer ${token}` }),
            ...headers,
          },
          ...(text !== undefined && { body: text }),
          ...(piece !== undefined && { body: new Uint8Array(piece) }),
        });
        const answer = await readBounded(response);
        // As many as came: `fetch` unpacks what the server packed.
        bytes += Number(response.headers.get('content-length') ?? answer.length);
        if (isRaw && (response.status === 200 || response.status === 206))
          return { status: response.status, headers: response.headers, body: answer };
        return { status: response.status, headers: response.headers, body: parsed(response, answer, host) };
      } catch (error) {
        if (error instanceof SyncProblem) throw error;
        signal.throwIfAborted();
        throw connectionProblem(error, host, timeout.aborted);
      }
    },
  };
}

async function readBounded(response: Response): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const tooLarge = () => notOurs(words('sync.sentTooMuch'));
  if (Number(response.headers.get('content-length') ?? 0) > answerBytes) {
    await response.body?.cancel();
    throw tooLarge();
  }
  for await (const part of response.body ?? []) {
    size += part.length;
    // Leaving the loop cancels the body.
    if (size > answerBytes) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function parsed(response: Response, answer: Buffer, host: string): unknown {
  if (response.status >= 300 && response.status < 400) throw notOurs(words('sync.leadsElsewhere'));
  if (answer.length === 0) return null;
  if (!/^application\/(?:[\w.+-]+\+)?json\b/.test(response.headers.get('content-type') ?? '')) {
    // A gateway in front of the server answers in its own words while the server is away.
    if (response.status >= 500) throw new SyncProblem('busy', unavailable(host), retryAfterOf(response.headers));
    // So does one that lets nothing through that is as large, or not as often.
    if (response.status === 413 || response.status === 429) return null;
    throw notOurs(words('sync.answeredWithPage'));
  }
  try {
    return JSON.parse(answer.toString('utf8'));
  } catch {
    throw new SyncProblem('busy', words('sync.halfAnAnswer', { host }));
  }
}

export const notOurs = (why: Words) => new SyncProblem('notOurs', words('sync.notFieldbook', { why }));
export const unavailable = (host: string) => words('sync.unavailable', { host });

/** The checked value of an answer; an answer in another form is no server of ours. */
export function answerAs<T>(schema: z.ZodType<T>, body: unknown): T {
  const found = schema.safeParse(body);
  if (found.success) return found.data;
  throw notOurs(words('sync.unknownForm'));
}

const longestWaitMs = 2 * 3_600_000;
/** `Retry-After`, in seconds or as a date, between a second and two hours. */
export function retryAfterOf(headers: Headers, now = Date.now()): number | null {
  const text = headers.get('retry-after');
  if (text === null) return null;
  const ms = /^\d{1,9}$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 1000), longestWaitMs) : null;
}

const certificateCodes =
  /^(?:CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT)/;

function connectionProblem(error: unknown, host: string, isTimeout: boolean): SyncProblem {
  const code = codeOf(error);
  if (certificateCodes.test(code)) return new SyncProblem('certificate', words('sync.certificate', { host }));
  if (/^ERR_SSL|^EPROTO$/.test(code)) return notOurs(words('sync.noHttps', { host }));
  if (code === 'ENOTFOUND') return new SyncProblem('offline', words('sync.notFound', { host }));
  if (code === 'ECONNREFUSED') return new SyncProblem('offline', words('sync.nothingAnswers', { host }));
  if (isTimeout) return new SyncProblem('offline', words('sync.noAnswerFrom', { host }));
  return new SyncProblem('offline', words('sync.brokeOff', { host }));
}

function codeOf(error: unknown): string {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code } = one as NodeJS.ErrnoException;
    if (typeof code === 'string' && code !== '') return code;
  }
  return '';
}
