import { createHmac, randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { LRUCache } from 'lru-cache';
import { hash, verify } from '@node-rs/argon2';
import { emailKey } from '../../shared/lib/text.ts';
import type { Limits } from '../store/limits.ts';
import type { Database, Tables } from '../store/tables.ts';
import type { Selectable } from 'kysely';

/** argon2id with the parameters OWASP names first (19 MiB, 2 passes, 1 lane). */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export const hashPassword = (password: string): Promise<string> => hash(password, cost);

export type Login = Selectable<Tables['logins']>;

export interface Passwords {
  /**
   * Every login that these open: one e-mail can be known in several organisations. Wrong ones are counted by the address they come
   * from and by the e-mail, whichever way they are said and whichever process is asked; after too many none is looked at.
   */
  check(email: string, password: string, address: string): Promise<Login[] | { waitSeconds: number }>;
}

const REMEMBERED_MS = 60_000;
const REMEMBERED = 1_000;
const WINDOW_MS = 60_000;

/**
 * A right password is remembered for a minute, as a keyed hash, because basic authentication brings it with every
 * request and checking it is slow on purpose. A changed password is another hash, so what is remembered is then void. It is
 * not held against a limit either: guesses of others lock nobody out who is at work.
 */
export function createPasswords(db: Database, now: () => number, limits: Limits, attemptsPerMinute: number): Passwords {
  const key = randomBytes(32);
  const right = new LRUCache<string, number>({ max: REMEMBERED });
  /** Requests that come at once with the same words are one attempt. */
  const asked = new Map<string, Promise<Login[] | { waitSeconds: number }>>();
  // Somebody who is not known takes as long as somebody who is.
  const nobody = hashPassword(randomBytes(16).toString('hex'));
  const limit = { most: attemptsPerMinute, windowMs: WINDOW_MS };

  const keyed = (...parts: string[]) => createHmac('sha256', key).update(parts.join('\0')).digest('base64');
  const isKnown = (login: Login, password: string) => (right.get(keyed(login.password_hash, password)) ?? 0) > now();

  async function isRight(login: Login, password: string): Promise<boolean> {
    if (!(await verify(login.password_hash, password))) return false;
    right.set(keyed(login.password_hash, password), now() + REMEMBERED_MS);
    return true;
  }

  async function attempt(logins: readonly Login[], email: string, password: string, address: string) {
    const counted = [`attempts of ${placeOf(address)}`, `attempts at ${emailKey(email)}`];
    // Taken before it is looked at: a thousand guesses at once are no more than a thousand one after the other.
    const waitSeconds = await limits.take(counted, limit);
    if (waitSeconds > 0) return { waitSeconds };
    if (logins.length === 0) await verify(await nobody, password);
    const opened: Login[] = [];
    for (const login of logins) if (await isRight(login, password)) opened.push(login);
    if (opened.length > 0) await limits.giveBack(counted);
    return opened;
  }

  return {
    async check(email, password, address) {
      // A database takes no such character, and nobody's address has one.
      const isNobodys = email.includes('\0');
      const query = db.selectFrom('logins').selectAll().where('email_key', '=', emailKey(email)).where('is_active', '=', true);
      const logins = isNobodys ? [] : await query.execute();
      const known = logins.filter((login) => isKnown(login, password));
      if (known.length > 0 && known.length === logins.length) return known;
      const one = keyed(emailKey(email), password, address);
      const running = asked.get(one);
      const attempted = running ?? attempt(logins, email, password, address).finally(() => asked.delete(one));
      asked.set(one, attempted);
      const found = await attempted;
      return 'waitSeconds' in found && known.length > 0 ? known : found;
    },
  };
}

/** Who has one address of IPv6 has as many as there are beside it. */
function placeOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head, tail] = address.split('::');
  const groupsOf = (half = '') => (half === '' ? [] : half.split(':'));
  const [left, right] = [groupsOf(head), groupsOf(tail)];
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, 4).join(':');
}
