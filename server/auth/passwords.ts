import { createHmac, randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { emailKey } from '../../shared/lib/text.ts';
import type { Database, Tables } from '../store/tables.ts';
import type { Selectable } from 'kysely';

/** argon2id with the parameters OWASP names first (19 MiB, 2 passes, 1 lane). */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export const hashPassword = (password: string): Promise<string> => hash(password, cost);

export type Login = Selectable<Tables['logins']>;

export interface Passwords {
  /** Every login that these open: one e-mail can be known in several organisations. */
  check(email: string, password: string): Promise<Login[]>;
}

const REMEMBERED_MS = 60_000;
const REMEMBERED = 1_000;

/**
 * A right password is remembered for a minute, as a keyed hash, because basic authentication brings it with every
 * request and checking it is slow on purpose. A changed password is another hash, so what is remembered is then void.
 */
export function createPasswords(db: Database, now: () => number): Passwords {
  const key = randomBytes(32);
  const right = new Map<string, number>();
  // Somebody who is not known takes as long as somebody who is.
  const nobody = hashPassword(randomBytes(16).toString('hex'));

  async function isRight(login: Login, password: string): Promise<boolean> {
    const known = createHmac('sha256', key).update(`${login.password_hash}\0${password}`).digest('base64');
    if ((right.get(known) ?? 0) > now()) return true;
    if (!(await verify(login.password_hash, password))) return false;
    if (right.size >= REMEMBERED) right.delete(right.keys().next().value as string);
    right.set(known, now() + REMEMBERED_MS);
    return true;
  }

  return {
    async check(email, password) {
      // A database takes no such character, and nobody's address has one.
      const isNobodys = email.includes('\0');
      const found = db.selectFrom('logins').selectAll().where('email_key', '=', emailKey(email)).where('is_active', '=', true);
      const logins = isNobodys ? [] : await found.execute();
      if (logins.length === 0) await verify(await nobody, password);
      const opened: Login[] = [];
      for (const login of logins) if (await isRight(login, password)) opened.push(login);
      return opened;
    },
  };
}
