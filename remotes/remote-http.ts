import type { Method } from '../shared/dialects/dialect.ts';
import { soundMember } from '../shared/lib/text.ts';
import { type Fault, fault, faultOfAnswer, faultOfError, type Received, RemoteFault } from './remote-fault.ts';

/** How a laptop shows who it is. Nothing of it is ever logged or part of an address. */
export type SignIn =
  | { kind: 'token'; token: string }
  | { kind: 'basic'; email: string; password: string }
  /** The Cookie header of a browser that is signed in; the CSRF token is taken from it. */
  | { kind: 'session'; cookie: string };

export interface RemoteHttp {
  /** Answers the body of a good answer. Throws RemoteFault. */
  ask(method: Method, path: string, query?: Readonly<Record<string, string>>, body?: unknown): Promise<Answered>;
  /** What was asked and moved so far. */
  readonly traffic: { requests: number; bytes: number };
  /** How far the server's clock is ahead of this one, as its last answer said; 0 until one has. */
  readonly skewMs: number;
}

export interface Answered {
  status: number;
  /** Undefined where the answer has no body. */
  body: unknown;
}

export interface HttpOptions {
  /** Scheme, host and perhaps a path that everything is under; without a slash at the end. */
  base: string;
  signIn: SignIn | null;
  headers: Readonly<Record<string, string>>;
  now: () => number;
  /** A whole call, from the first byte to the last. */
  timeoutMs?: number;
  /** Ends everything at once. */
  signal?: AbortSignal;
  /** Asked before each call that is no question. What it throws goes through as it is: nothing was sent. */
  beforeChange?: () => Promise<void>;
  fetch?: typeof fetch;
}

const largest = 64 * 1024 * 1024;

export function createHttp(options: HttpOptions): RemoteHttp {
  const { base, signIn, headers, now, timeoutMs = 30_000, signal: ended, beforeChange, fetch: ask = fetch } = options;
  const traffic = { requests: 0, bytes: 0 };
  const cookies = new Map<string, string>(signIn?.kind === 'session' ? cookiesIn(signIn.cookie) : []);
  let skewMs = 0;

  function signed(method: Method): Record<string, string> {
    if (signIn === null) return {};
    if (signIn.kind === 'token') return { authorization: `Bearer ${signIn.token}` };
    if (signIn.kind === 'basic') return { authorization: `Basic ${Buffer.from(`${signIn.email}:${signIn.password}`).toString('base64')}` };
    const token = cookies.get('csrftoken') ?? '';
    return {
      cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      // Django asks for both with every change, and over https for where it comes from.
      ...(method !== 'GET' && { 'x-csrftoken': token, referer: `${base}/` }),
    };
  }

  function keepCookies(response: Response): void {
    if (signIn?.kind !== 'session') return;
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      if (at > 0) cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
    }
  }

  async function call(method: Method, path: string, query: Readonly<Record<string, string>>, body: unknown): Promise<Received> {
    const search = new URLSearchParams(query).toString();
    const text = body === undefined ? undefined : JSON.stringify(body);
    traffic.requests += 1;
    traffic.bytes += text === undefined ? 0 : Buffer.byteLength(text);
    const response = await ask(`${base}${path}${search === '' ? '' : `?${search}`}`, {
      method,
      // A redirect that is followed turns a POST into a GET, which reads a list and has written nothing.
      redirect: 'manual',
      signal: ended === undefined ? AbortSignal.timeout(timeoutMs) : AbortSignal.any([ended, AbortSignal.timeout(timeoutMs)]),
      headers: {
        accept: 'application/json',
        ...(text !== undefined && { 'content-type': 'application/json' }),
        ...headers,
        ...signed(method),
      },
      ...(text !== undefined && { body: text }),
    });
    keepCookies(response);
    const date = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(date)) skewMs = Math.abs(date - now()) < 2000 ? 0 : date - now();
    const received = await textOf(response);
    traffic.bytes += Buffer.byteLength(received);
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      text: received,
      body: received.trim() === '' ? undefined : parsed(received),
      header: (name) => response.headers.get(name),
    };
  }

  return {
    traffic,
    get skewMs() {
      return skewMs;
    },
    async ask(method, path, query = {}, body) {
      const isChange = method !== 'GET';
      if (isChange) await beforeChange?.();
      let received: Received;
      try {
        received = await call(method, path, query, body);
      } catch (error) {
        throw error instanceof RemoteFault ? error : new RemoteFault(faultOfError(error, isChange));
      }
      const wrong = faultOfAnswer(received, isChange, now());
      if (wrong !== null) throw new RemoteFault(wrong);
      if (received.body === undefined && received.text.trim() !== '') throw new RemoteFault(garbled(isChange));
      return { status: received.status, body: received.body };
    },
  };
}

const garbled = (isChange: boolean): Fault =>
  fault('cutOff', 'The answer could not be read: it is not whole, or no data. Nothing is lost; it is tried again.', {
    mayHaveHappened: isChange,
  });

/** Only what is written with an escape can come out as NUL or half a surrogate pair. No store of ours keeps either everywhere. */
const mayBeUnsound = /\\u(?:0000|d[89a-f])/i;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text, mayBeUnsound.test(text) ? soundMember : undefined) as unknown;
  } catch {
    return undefined;
  }
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  if (response.body === null) return '';
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    size += part.byteLength;
    if (size > largest) {
      throw new RemoteFault(
        fault(
          'tooLarge',
          `The answer is larger than ${largest / 1024 / 1024} MB and was not read. Ask for smaller pages there, or for help.`,
        ),
      );
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function cookiesIn(header: string): [string, string][] {
  return header
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.includes('='))
    .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]);
}
