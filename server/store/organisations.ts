import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Clock } from '../../shared/lib/clock.ts';
import { instantOf } from '../../shared/lib/clock.ts';
import { emailKey } from '../../shared/lib/text.ts';
import { Refused } from '../refused.ts';
import { runCommand } from './command.ts';
import { wholeSight } from './sight.ts';
import { type Database, type Tables, tenantRole } from './tables.ts';
import { inOrganisation, type Store, type Tenant } from './tenant.ts';

export interface NewLogin {
  email: string;
  passwordHash: string;
  role: Tables['logins']['role'];
  fullName?: string;
}

/** The oldest organisation; null on a fresh database, and on one whose first start broke off. */
export async function firstOrganisation(db: Database): Promise<string | null> {
  return (await listOrganisations(db))[0]?.organisation_id ?? null;
}

/** An organisation with its administrator. */
export async function createOrganisation(store: Store, name: string, administrator: NewLogin, clock: Clock): Promise<string> {
  const id = randomUUID();
  await store.db
    .insertInto('organisations')
    .values({ organisation_id: id, name, epoch: randomUUID(), seq: 0, numbers: '{}', created_at: instantOf(clock) })
    .execute();
  await addLogin(store, id, administrator, clock);
  return id;
}

/** Somebody who can sign in, and the directory entry that others see: both, or neither. */
export async function addLogin(store: Store, organisation: string, login: NewLogin, clock: Clock): Promise<string> {
  const { email, passwordHash, role, fullName = email } = login;
  const fields = { kind: 'user', fullName, username: email, email, role };
  return inOrganisation(store, organisation, async (tenant) => {
    const { value: userId } = await runCommand(
      tenant,
      { userId: 'server', role: 'admin', sight: wholeSight, clock },
      [],
      (tx) => tx.create('directory', fields).id,
    );
    const row = {
      organisation_id: organisation,
      user_id: userId,
      email_key: emailKey(email),
      password_hash: passwordHash,
      role,
      is_active: true,
    };
    await asServer(tenant, () => tenant.tx.insertInto('logins').values(row).execute());
    return userId;
  }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION)
      throw new Refused(`${login.email} signs in to this organisation already. Nothing was changed.`, { cause: error });
    throw error;
  });
}

const UNIQUE_VIOLATION = '23505';

/** What the role of requests may not touch, in the transaction that it has. */
async function asServer<T>({ tx }: Tenant, work: () => Promise<T>): Promise<T> {
  await sql`select set_config('role', 'none', true)`.execute(tx);
  const value = await work();
  await sql`select set_config('role', ${tenantRole}, true)`.execute(tx);
  return value;
}

/** Organisations that somebody can sign in to, oldest first: another one is one whose making broke off. */
export function listOrganisations(db: Database) {
  return db
    .selectFrom('organisations')
    .select(['organisation_id', 'name'])
    .where('organisation_id', 'in', db.selectFrom('logins').select('organisation_id'))
    .orderBy('number')
    .execute();
}

/** Who can sign in: to one organisation, or to any. */
export function listLogins(db: Database, organisation: string | null) {
  const all = db.selectFrom('logins').select(['organisation_id', 'user_id', 'email_key as email', 'role', 'is_active']);
  return (organisation === null ? all : all.where('organisation_id', '=', organisation))
    .orderBy('organisation_id')
    .orderBy('email_key')
    .execute();
}

export type FoundLogin = Pick<Tables['logins'], 'organisation_id' | 'user_id'>;

/** One e-mail can be known in several organisations. */
export function findLogins(db: Database, email: string): Promise<FoundLogin[]> {
  return db.selectFrom('logins').select(['organisation_id', 'user_id']).where('email_key', '=', emailKey(email)).execute();
}

/** A new password ends what was opened with the one before. */
export function setPassword(store: Store, who: FoundLogin, passwordHash: string, clock: Clock): Promise<void> {
  return inOrganisation(store, who.organisation_id, (tenant) => changeLogin(tenant, who, { password_hash: passwordHash }, clock));
}

/** Whoever is disabled is out at once, on every device, and not in again on any when enabled. */
export function setActive(store: Store, who: FoundLogin, isActive: boolean, clock: Clock): Promise<void> {
  return inOrganisation(store, who.organisation_id, async (tenant) => {
    await runCommand(tenant, { userId: 'server', role: 'admin', sight: wholeSight, clock }, [], (tx) => {
      const entry = tx.get('directory', who.user_id);
      if (entry !== null && entry.deletedAt === null) tx.change('directory', who.user_id, { isActive });
    });
    await changeLogin(tenant, who, { is_active: isActive }, clock);
  });
}

async function changeLogin(tenant: Tenant, who: FoundLogin, change: Partial<Tables['logins']>, clock: Clock): Promise<void> {
  await asServer(tenant, async () => {
    const { tx, organisation } = tenant;
    await tx.updateTable('logins').set(change).where('organisation_id', '=', organisation).where('user_id', '=', who.user_id).execute();
    await tx
      .updateTable('sessions')
      .set({ revoked_at: instantOf(clock) })
      .where('organisation_id', '=', organisation)
      .where('user_id', '=', who.user_id)
      .where('revoked_at', 'is', null)
      .execute();
  });
}
