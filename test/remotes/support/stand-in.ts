import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A foreign system as it answers: what it keeps, and its habits. Every switch for a fault is in `faulted`. */
export interface Asked {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: unknown;
}

export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export type Row = Record<string, unknown>;

/** What people do at the other end, in its own words. */
export interface StandIn {
  /** Live objects of a kind. */
  rows(kind: string): Row[];
  add(kind: string, fields: Row): string;
  edit(kind: string, id: string, fields: Row): void;
  remove(kind: string, id: string): void;
  /** All of it is gone, as after a restore of nothing. */
  empty(): void;
  answer(asked: Asked): Reply;
}

/** What goes wrong with one call. `Lost`: it is carried out, and the answer does not come. */
export type Trouble =
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: unknown; carriedOut?: boolean }
  | { kind: 'cut'; carriedOut: boolean }
  | { kind: 'truncated' }
  | { kind: 'page'; status: number }
  | { kind: 'nothing' }
  | { kind: 'slow'; ms: number };

export interface Faulted {
  calls: Asked[];
  /** Asked before every call; null where nothing goes wrong. */
  trouble: (asked: Asked, nth: number) => Trouble | null;
  /** What happens while a call is under way: it is done before the call is answered. Of `serve` alone. */
  meanwhile?: (asked: Asked) => Promise<unknown> | undefined;
}

export const loginPage = '<!doctype html><html><body><form action="/login">Sign in</form></body></html>';

interface Outcome {
  status: number;
  headers: Record<string, string>;
  text: string;
  isCut: boolean;
  /** How much of the text arrives. */
  length: number;
  waitMs: number;
}

/** What arrives of a call, with whatever goes wrong. */
export function meet(standIn: StandIn, faulted: Faulted, asked: Asked): Outcome {
  faulted.calls.push(asked);
  const trouble = faulted.trouble(asked, faulted.calls.length);
  const reply = (): Outcome => {
    const { status, body, headers } = standIn.answer(asked);
    const isText = typeof body === 'string';
    const text = body === undefined ? '' : isText ? body : JSON.stringify(body);
    return {
      status,
      headers: { 'content-type': isText ? 'text/html' : 'application/json', ...headers },
      text,
      isCut: false,
      length: text.length,
      waitMs: 0,
    };
  };
  const plain = (status: number, text: string, headers: Record<string, string> = {}): Outcome => ({
    status,
    headers: { 'content-type': 'text/html', ...headers },
    text,
    isCut: false,
    length: text.length,
    waitMs: 0,
  });
  if (trouble === null) return reply();
  switch (trouble.kind) {
    case 'status':
      if (trouble.carriedOut === true) standIn.answer(asked);
      return plain(trouble.status, trouble.body === undefined ? '<h1>Error</h1>' : JSON.stringify(trouble.body), trouble.headers);
    case 'cut':
      if (trouble.carriedOut) standIn.answer(asked);
      return { ...plain(200, ''), isCut: true };
    case 'truncated': {
      const whole = reply();
      return { ...whole, length: Math.floor(whole.text.length / 2) };
    }
    case 'page':
      return plain(trouble.status, loginPage);
    case 'nothing':
      return { ...plain(200, ''), headers: {} };
    case 'slow':
      return { ...reply(), waitMs: trouble.ms };
  }
}

/** The stand-in as a fetch: for thousands of runs, without sockets. */
export function asFetch(standIn: StandIn, faulted: Faulted): typeof fetch {
  return async (input, init) => {
    const url = new URL(String(input));
    const headers = Object.fromEntries(
      Object.entries((init?.headers ?? {}) as Record<string, string>).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const outcome = meet(standIn, faulted, {
      method: init?.method ?? 'GET',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers,
      body: typeof init?.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined,
    });
    if (outcome.isCut)
      throw Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('cut'), { code: 'ECONNRESET' }) });
    const isEmpty = outcome.status === 204 || outcome.status === 304;
    return new Response(isEmpty ? null : outcome.text.slice(0, outcome.length), { status: outcome.status, headers: outcome.headers });
  };
}

export interface Served {
  url: string;
  close(): Promise<void>;
}

/** The stand-in as a real server on this computer. */
export async function serve(standIn: StandIn, faulted: Faulted): Promise<Served> {
  const server = createServer((request, response) => {
    void bodyOf(request).then(async (text) => {
      const url = new URL(request.url ?? '/', 'http://x');
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const asked = {
        method: request.method ?? 'GET',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers,
        body: text === '' ? undefined : (JSON.parse(text) as unknown),
      };
      await faulted.meanwhile?.(asked);
      send(response, meet(standIn, faulted, asked));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function send(response: ServerResponse, { status, headers, text, isCut, length, waitMs }: Outcome): void {
  if (isCut) return void response.socket?.destroy();
  const bytes = Buffer.from(text);
  const go = () => {
    const isEmpty = status === 204;
    response.writeHead(status, { ...headers, ...(!isEmpty && { 'content-length': String(bytes.length) }) });
    if (length === text.length) return void response.end(isEmpty ? undefined : bytes);
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.socket?.destroy());
  };
  if (waitMs === 0) go();
  else setTimeout(go, waitMs);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

export const noTrouble = (): Faulted => ({ calls: [], trouble: () => null });

/** A clock at the other end, which moves a little with every thing that happens there. */
export function serverClock(start: number, stepMs = 1000) {
  let at = start;
  return { tick: () => new Date((at += stepMs)).toISOString(), at: () => at };
}

export const json = (status: number, body: unknown, headers?: Record<string, string>): Reply => ({
  status,
  body,
  ...(headers && { headers }),
});
