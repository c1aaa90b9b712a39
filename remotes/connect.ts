import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { capabilitiesOf, type Manifest } from '../shared/dialects/manifest.ts';
import { manifests } from '../shared/dialects/manifests.ts';
import type { Clock } from '../shared/lib/clock.ts';
import { ProblemError } from '../shared/lib/result.ts';
import { withoutEnd } from '../shared/lib/text.ts';
import { words } from '../shared/words/words.ts';
import { recognised } from './cycle.ts';
import type { ConnectRequest } from './remote.ts';
import { RemoteFault } from './remote-fault.ts';
import { createHttp, type SignIn } from './remote-http.ts';

export const digestKey = 'digestKey';

/** What was found where somebody signed in, and what to keep of it. */
export interface FoundSystem {
  organisation: string | null;
  account: string | null;
  settings: Record<string, unknown>;
  secrets: Record<string, string>;
}

/**
 * Looks whether the foreign system is what was chosen, signs in, and says what to keep. Asks for lists and sends nothing of the book.
 * Throws ProblemError with one sentence that says what to do.
 */
export async function connectForeign(
  request: ConnectRequest,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<FoundSystem> {
  const manifest = manifestOf(request.kind);
  const base = withoutEnd(request.url, '/');
  checkAddress(base);
  const organisation = request.organisation;
  if (manifest.organisation.in === 'path' && organisation === null)
    throw refused('ORGANISATION_MISSING', `${manifest.label} needs the organisation that is meant. Add it to the connection.`);
  const secrets = secretsOf(request, manifest);
  const as = (one: Manifest) => ({
    manifest: one,
    organisation,
    http: createHttp({ base, signIn: signInFrom(secrets), headers: headersOf(one, organisation), now: () => clock.now(), signal }),
    pause,
  });
  try {
    const found = await recognised(as(manifest));
    return {
      organisation,
      account: 'email' in request.signIn ? request.signIn.email : null,
      settings: { edition: found.edition, label: found.label, limits: [...found.limits], can: capabilitiesOf(found) },
      secrets: { ...secrets, [digestKey]: randomBytes(32).toString('base64') },
    };
  } catch (error) {
    if (!(error instanceof RemoteFault)) throw error;
    const other = isAnotherSystem.has(error.fault.kind) ? await otherSystem(manifest, request, as) : null;
    if (other === null) throw notConnected(manifest, error);
    const { kind, label } = other;
    throw new ProblemError({
      code: 'OTHER_SYSTEM',
      ...words('sync.otherSystem', { system: label, chosen: manifest.label }),
      details: { kind },
    });
  }
}

const isAnotherSystem: ReadonlySet<string> = new Set(['notThere', 'foreign', 'page', 'redirect', 'refused', 'forbidden', 'serverError']);

/** Which of the others it is that answers, by asking each for its first list; null where it is none of them, or where two could be meant. */
async function otherSystem(
  chosen: Manifest,
  { signIn, organisation }: ConnectRequest,
  as: (manifest: Manifest) => Parameters<typeof recognised>[0],
): Promise<Manifest | null> {
  const way = wayOf(signIn);
  const asked = manifests.filter(
    (one) => one !== chosen && one.signIn.includes(way) && (one.organisation.in !== 'path' || organisation !== null),
  );
  const found: Manifest[] = [];
  for (const one of asked) {
    try {
      found.push(await recognised(as(one)));
    } catch (error) {
      if (!(error instanceof RemoteFault)) throw error;
    }
  }
  return found.length === 1 ? (found[0] as Manifest) : null;
}

export function manifestOf(kind: string): Manifest {
  const found = manifests.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`There is no system "${kind}"`);
  return found;
}

export const pause = (ms: number) => wait(ms).then(() => undefined);

export function headersOf(manifest: Manifest, organisation: string | null): Record<string, string> {
  if (manifest.organisation.in !== 'headers' || organisation === null) return {};
  return Object.fromEntries(manifest.organisation.names.map((name) => [name, organisation]));
}

const refused = (code: string, text: string, field?: string) =>
  new ProblemError({ code, ...words('said.text', { text }), ...(field !== undefined && { field }) });

/** Why nobody could sign in, with the field somebody has to look at. */
function notConnected({ label }: Manifest, { fault }: RemoteFault): ProblemError {
  const code = 'REMOTE_NOT_CONNECTED';
  switch (fault.kind) {
    case 'notThere':
      return refused(code, `There is no ${label} at this address. Check the address and the kind of system; nothing was sent.`, 'url');
    case 'signIn':
    case 'forbidden':
      return refused(code, `${label} does not know this sign-in. Check it and try again; nothing was sent.`, 'password');
    case 'foreign':
    case 'page':
    case 'redirect':
      return refused(code, fault.message, 'url');
    default:
      return refused(code, fault.message);
  }
}

/** What is sent over plain http can be read on the way; on this computer there is no way. */
function checkAddress(base: string): void {
  const { protocol, hostname } = new URL(base);
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (protocol !== 'https:' && !isHere)
    throw refused('ADDRESS_NOT_SECURE', 'This address is not secure: what is sent there can be read on the way. Write it with https.');
}

const wayOf = (signIn: ConnectRequest['signIn']) => ('token' in signIn ? 'token' : 'session' in signIn ? 'session' : 'basic');

function secretsOf({ signIn }: ConnectRequest, manifest: Manifest): Record<string, string> {
  const kind = wayOf(signIn);
  if ('isSession' in signIn && signIn.isSession)
    throw refused('SIGN_IN_NOT_KNOWN', `${manifest.label} is signed in to in a browser. Give the cookie of that session.`);
  if (!manifest.signIn.includes(kind)) {
    const words = { token: 'a token', basic: 'an e-mail and a password', session: 'the cookie of a session' };
    throw refused(
      'SIGN_IN_NOT_KNOWN',
      `${manifest.label} takes ${manifest.signIn.map((one) => words[one]).join(' or ')}, not ${words[kind]}.`,
    );
  }
  if ('token' in signIn) return { token: signIn.token };
  if ('session' in signIn) return { session: signIn.session };
  return { email: signIn.email, password: signIn.password };
}

export function signInFrom({ token, session, email, password }: Record<string, string>): SignIn | null {
  if (token !== undefined) return { kind: 'token', token };
  // The value alone is what Django calls sessionid.
  if (session !== undefined) return { kind: 'session', cookie: session.includes('=') ? session : `sessionid=${session}` };
  return email === undefined || password === undefined ? null : { kind: 'basic', email, password };
}
