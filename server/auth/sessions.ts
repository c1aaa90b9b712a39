import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { jwtVerify, SignJWT } from 'jose';
import { isId } from '../../shared/lib/ids.ts';
import type { Database } from '../store/tables.ts';
import type { Login } from './passwords.ts';

export const ACCESS_SECONDS = 15 * 60;
const REFRESH_MS = 30 * 24 * 3_600_000;
const REPLAY_MS = 60_000;
const REMEMBERED = 10_000;

/** Somebody who is signed in. */
export interface Person {
  organisation: string;
  userId: string;
  role: Login['role'];
  /** Null with basic authentication, which belongs to no device. */
  sessionId: string | null;
}

export interface Claims {
  organisation: string;
  sessionId: string;
}

export interface Tokens {
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
  organisationId: string;
}

export interface Device {
  id: string;
  device: string;
  created_at: string;
  used_at: string;
}

export interface Sessions {
  open(login: Login, device: string): Promise<{ tokens: Tokens; cookie: string }>;
  /**
   * New tokens for a refresh token; null where it is no good. One that was used before ends the whole family. A device whose person
   * was disabled is told so: what it holds of the organisation is not theirs any more.
   */
  refresh(token: string): Promise<Tokens | 'disabled' | null>;
  /** What a good access token or cookie says; whether the session is good still has to be looked up. */
  claimsOf(token: string): Promise<Claims | null>;
  cookieClaimsOf(cookie: string): Claims | null;
  /** Whose session it is; null where it is good no more. */
  personOf(claims: Claims): Promise<Person | null>;
  devices(person: Person): Promise<Device[]>;
  revoke(person: Person, id: string): Promise<boolean>;
}

/** The server's own secret, made once and kept in its database, where no request's role can read it. */
export async function serverSecret(db: Database): Promise<Uint8Array> {
  const fresh = randomBytes(32).toString('base64');
  await db
    .insertInto('server_keys')
    .values({ name: 'sessions', secret: fresh })
    .onConflict((on) => on.doNothing())
    .execute();
  const { secret } = await db.selectFrom('server_keys').select('secret').where('name', '=', 'sessions').executeTakeFirstOrThrow();
  return Buffer.from(secret, 'base64');
}

/**
 * A device's session is one row; its refresh tokens are made from the row and the server's secret, so none is stored.
 * Each is good once. For a minute the one before is answered with the same successor again: a laptop whose answer got
 * lost is not signed out. Any older one means that a copy is about, and ends the session.
 */
export function createSessions(db: Database, secret: Uint8Array, now: () => number): Sessions {
  const sign = (kind: string, text: string) => createHmac('sha256', secret).update(`${kind} ${text}`).digest('base64url');
  const seal = (kind: string, text: string) => `${text}.${sign(kind, text)}`;
  const unseal = (kind: string, sealed: string): string[] | null => {
    const at = sealed.lastIndexOf('.');
    const [expected, given] = [Buffer.from(sign(kind, sealed.slice(0, Math.max(at, 0)))), Buffer.from(sealed.slice(at + 1))];
    return at > 0 && expected.length === given.length && timingSafeEqual(expected, given) ? sealed.slice(0, at).split('.') : null;
  };
  const instant = () => new Date(now()).toISOString();
  type Verified = LRUCache<string, { claims: Claims; until: number }>;
  /** Those whose signature was right: a device brings the same one with every request until it ends. Apart: one is not good for the other. */
  const tokens: Verified = new LRUCache({ max: REMEMBERED });
  const cookies: Verified = new LRUCache({ max: REMEMBERED });

  async function tokensFor(organisation: string, id: string, userId: string, generation: number): Promise<Tokens> {
    const seconds = Math.floor(now() / 1000);
    const accessToken = await new SignJWT({ org: organisation, sid: id })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(userId)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + ACCESS_SECONDS)
      .sign(secret);
    const refreshToken = seal('refresh', `${organisation}.${id}.${generation}`);
    return { accessToken, refreshToken, expiresIn: ACCESS_SECONDS, organisationId: organisation };
  }

  /** Asked at every request, so that a revoked device is out at once and not when its token ends. */
  async function personOf(organisation: string, id: string, from: Database = db): Promise<Person | null> {
    const row = await from
      .selectFrom('sessions as s')
      .innerJoin('logins as l', (join) => join.onRef('l.organisation_id', '=', 's.organisation_id').onRef('l.user_id', '=', 's.user_id'))
      .select(['l.user_id', 'l.role'])
      .where('s.organisation_id', '=', organisation)
      .where('s.id', '=', id)
      .where('s.revoked_at', 'is', null)
      .where('l.is_active', '=', true)
      .executeTakeFirst();
    return row === undefined ? null : { organisation, userId: row.user_id, role: row.role, sessionId: id };
  }

  /** Also of a session that is good no more: disabling somebody ends all of theirs. */
  async function isDisabled(organisation: string, id: string, from: Database): Promise<boolean> {
    const row = await from
      .selectFrom('sessions as s')
      .innerJoin('logins as l', (join) => join.onRef('l.organisation_id', '=', 's.organisation_id').onRef('l.user_id', '=', 's.user_id'))
      .select('l.is_active')
      .where('s.organisation_id', '=', organisation)
      .where('s.id', '=', id)
      .executeTakeFirst();
    return row?.is_active === false;
  }

  return {
    async open(login, device) {
      const id = randomUUID();
      const { organisation_id, user_id } = login;
      const at = instant();
      await db
        .insertInto('sessions')
        .values({ organisation_id, id, user_id, device, generation: 0, rotated_at: now(), created_at: at, used_at: at, revoked_at: null })
        .execute();
      return {
        tokens: await tokensFor(organisation_id, id, user_id, 0),
        cookie: seal('cookie', `${organisation_id}.${id}.${now() + REFRESH_MS}`),
      };
    },

    async refresh(token) {
      const [organisation, id, given] = unseal('refresh', token) ?? [];
      if (organisation === undefined || id === undefined) return null;
      return db.transaction().execute(async (tx) => {
        if (await isDisabled(organisation, id, tx)) return 'disabled';
        const session = await tx
          .selectFrom('sessions')
          .selectAll()
          .where('organisation_id', '=', organisation)
          .where('id', '=', id)
          .where('revoked_at', 'is', null)
          .forUpdate()
          .executeTakeFirst();
        if (session === undefined || now() - session.rotated_at > REFRESH_MS || (await personOf(organisation, id, tx)) === null)
          return null;
        const update = tx.updateTable('sessions').where('organisation_id', '=', organisation).where('id', '=', id);
        const behind = session.generation - Number(given);
        if (behind === 0) {
          await update.set({ generation: session.generation + 1, rotated_at: now(), used_at: instant() }).execute();
          return tokensFor(organisation, id, session.user_id, session.generation + 1);
        }
        if (behind === 1 && now() - session.rotated_at <= REPLAY_MS)
          return tokensFor(organisation, id, session.user_id, session.generation);
        await update.set({ revoked_at: instant() }).execute();
        return null;
      });
    },

    async claimsOf(token) {
      const known = tokens.get(token);
      if (known !== undefined) return known.until > now() ? known.claims : null;
      const { payload } = (await jwtVerify(token, secret, { algorithms: ['HS256'], currentDate: new Date(now()) }).catch(() => null)) ?? {};
      const { org, sid, exp } = payload ?? {};
      if (!isIdText(org) || !isIdText(sid) || exp === undefined) return null;
      const claims = { organisation: org, sessionId: sid };
      tokens.set(token, { claims, until: exp * 1000 });
      return claims;
    },

    cookieClaimsOf(cookie) {
      const known = cookies.get(cookie);
      if (known !== undefined) return known.until >= now() ? known.claims : null;
      const [organisation, sessionId, until] = unseal('cookie', cookie) ?? [];
      if (!isIdText(organisation) || !isIdText(sessionId) || !(Number(until) >= now())) return null;
      const claims = { organisation, sessionId };
      cookies.set(cookie, { claims, until: Number(until) });
      return claims;
    },

    personOf: ({ organisation, sessionId }) => personOf(organisation, sessionId),

    devices: (person) =>
      db
        .selectFrom('sessions')
        .select(['id', 'device', 'created_at', 'used_at'])
        .where('organisation_id', '=', person.organisation)
        .where('user_id', '=', person.userId)
        .where('revoked_at', 'is', null)
        .orderBy('created_at')
        .execute(),

    async revoke(person, id) {
      if (!isId(id)) return false;
      const done = await db
        .updateTable('sessions')
        .set({ revoked_at: instant() })
        .where('organisation_id', '=', person.organisation)
        .where('user_id', '=', person.userId)
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return done.numUpdatedRows > 0n;
    },
  };
}

function isIdText(value: unknown): value is string {
  return typeof value === 'string' && isId(value);
}
