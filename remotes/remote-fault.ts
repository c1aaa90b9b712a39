import { isWire } from '../shared/dialects/wire.ts';

/**
 * Why a call to a foreign server came to nothing. The kinds are told apart because they call for different things: none
 * of them is ever taken for an empty list, a deletion or a "no".
 */
export type FaultKind =
  /** Nobody answered at the address. */
  | 'offline'
  | 'timeout'
  /** The answer ended too soon; what was asked for may have been done. */
  | 'cutOff'
  | 'tls'
  /** A page for people where data was expected: a login page, a portal, maintenance. */
  | 'page'
  /** Data, but not of this system. */
  | 'foreign'
  | 'redirect'
  | 'signIn'
  | 'forbidden'
  /** Asked to come back later. */
  | 'busy'
  | 'serverError'
  | 'notThere'
  | 'tooLarge'
  /** The server will not have this record as it is. */
  | 'refused';

export interface Fault {
  kind: FaultKind;
  /** One sentence for the person, without data of customers beyond what the server said of a field. */
  message: string;
  status: number | null;
  /** Whether a change may have been carried out all the same. */
  mayHaveHappened: boolean;
  /** When to come back, in milliseconds from now, between one minute and two hours. */
  retryAfterMs: number | null;
  /** Said by a page for people: by the server's front door, perhaps, and not by what keeps the record. */
  isPage: boolean;
  /** What a refusal says of each field, in the wire's names. */
  fields: { wire: string | null; message: string }[];
}

export class RemoteFault extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.message);
    this.name = 'RemoteFault';
    this.fault = fault;
  }
}

export function fault(kind: FaultKind, message: string, more: Partial<Fault> = {}): Fault {
  return { kind, message, status: null, mayHaveHappened: false, retryAfterMs: null, isPage: false, fields: [], ...more };
}

const MINUTE = 60_000;
export const shortestWait = MINUTE;
export const longestWait = 120 * MINUTE;

/** `Retry-After` in seconds or as a date; a wish of days, of nothing or of the past is brought into reason. */
export function retryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  const wished = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(wished) ? null : Math.min(longestWait, Math.max(shortestWait, wished));
}

/** What went wrong on the way, before there was an answer. */
export function faultOfError(error: unknown, isChange: boolean): Fault {
  const { name, code } = reasonOf(error);
  if (name === 'TimeoutError' || name === 'AbortError' || /TIMEOUT/.test(code) || code === 'ETIMEDOUT')
    return fault('timeout', 'The server did not answer in time. Nothing is lost; it is tried again.', { mayHaveHappened: isChange });
  if (/^(CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO|ERR_SSL)/.test(code))
    return fault(
      'tls',
      'The connection to this server is not secure: its certificate is not right, or it speaks http where https was asked for. Nothing was sent. Check the address, and ask whoever runs the server.',
    );
  if (/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ENETDOWN)$/.test(code))
    return fault('offline', 'The server cannot be reached. Your work is safe here; it is sent when the server is there.');
  return fault('cutOff', 'The connection broke off before the answer was whole. Nothing is lost; it is looked up and tried again.', {
    mayHaveHappened: isChange,
  });
}

function reasonOf(error: unknown): { name: string; code: string } {
  let at: unknown = error;
  let name = error instanceof Error ? error.name : '';
  for (let depth = 0; depth < 5 && at instanceof Error; depth++) {
    if (at.name === 'TimeoutError' || at.name === 'AbortError') name = at.name;
    const { code } = at as { code?: unknown };
    if (typeof code === 'string') return { name, code };
    at = at.cause;
  }
  return { name, code: '' };
}

export interface Received {
  status: number;
  contentType: string;
  text: string;
  /** Undefined where the text is no JSON. */
  body: unknown;
  header: (name: string) => string | null;
}

/** What an answer means when it is none of the good ones; null where it is good. */
export function faultOfAnswer(received: Received, isChange: boolean, now: number): Fault | null {
  const { status, body } = received;
  const isPage = body === undefined && /^\s*</.test(received.text);
  const wait = retryAfter(received.header('retry-after'), now);
  if (status >= 300 && status < 400) return redirected(received);
  if (status === 401)
    return fault('signIn', 'The server does not know this sign-in any more. Sign in again; nothing was sent or removed.', { status });
  if (status === 403)
    return fault('forbidden', `The server does not allow this${said(body)}. Ask whoever runs it for the right, or sign in again.`, {
      status,
      isPage,
      fields: fieldsIn(body),
    });
  if (status === 404 || status === 410) return fault('notThere', `The server has nothing at this address (${status}).`, { status });
  if (status === 429 || status === 503)
    return fault('busy', 'The server asked to be left alone for a while. Everything waits and is sent then.', {
      status,
      retryAfterMs: wait,
    });
  if (status === 413) return fault('refused', 'The server says that this record is too large.', { status, fields: fieldsIn(body) });
  if (status >= 500)
    return fault('serverError', `The server made a mistake (${status}). It is looked up and tried again.`, {
      status,
      mayHaveHappened: isChange,
      retryAfterMs: wait,
    });
  const errors = isWire(body) && (body['error'] === true || body['errors'] !== undefined) ? fieldsIn(body) : null;
  if (status >= 400 || (isWire(body) && body['error'] === true)) {
    if (isPage) return fault('page', `The server answered ${status} with a page and no data. Nothing was sent or removed.`, { status });
    const fields = errors ?? fieldsIn(body);
    return fault('refused', `The server did not take it${said(body)}.`, { status, fields });
  }
  if (isPage)
    return fault(
      'page',
      'A web page came where data was expected: a login page, or the network asks to sign in first. Nothing was sent or removed.',
      { status, mayHaveHappened: isChange },
    );
  return null;
}

function redirected({ status, header }: Received): Fault {
  const to = header('location') ?? '';
  if (/log-?in|sign-?in|auth|session/i.test(to))
    return fault('signIn', 'The server leads to its login page. Sign in again; nothing was sent or removed.', { status });
  if (/^https:/i.test(to))
    return fault('redirect', 'The server wants another address, or https. Change the address of this connection.', { status });
  return fault('redirect', `The server leads somewhere else (${status}), which is not followed. Check the address.`, { status });
}

const most = 300;

/** The server's own reason, after a colon; nothing where it gave none in words. */
function said(body: unknown): string {
  const words = fieldsIn(body)
    .map(({ wire, message }) => (wire === null ? message : `${wire}: ${message}`))
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\.$/, '');
  return words === '' ? '' : `: ${words.length > most ? `${words.slice(0, most)}…` : words}`;
}

/** Sentences of an error body: `{field: [...]}`, `{detail}`, `{message}` or a list, `{errors: …}` in any of these. */
export function fieldsIn(body: unknown, at: string | null = null): Fault['fields'] {
  if (typeof body === 'string') return body.trim() === '' ? [] : [{ wire: at, message: body.trim() }];
  if (Array.isArray(body)) return body.flatMap((item: unknown) => fieldsIn(item, at));
  if (!isWire(body)) return [];
  const general = new Set(['detail', 'message', 'errors', 'non_field_errors', 'error']);
  return Object.entries(body).flatMap(([key, value]) => {
    if (key === 'statusCode' || key === 'status' || (key === 'error' && isWire(body) && body['message'] !== undefined)) return [];
    return fieldsIn(value, general.has(key) ? at : at === null ? key : `${at}.${key}`);
  });
}
