import { randomUUID } from 'node:crypto';
import type { Clock } from '../../shared/lib/clock.ts';
import { instantOf } from '../../shared/lib/clock.ts';
import { emailKey } from '../../shared/lib/text.ts';
import { runCommand } from './command.ts';
import type { Database, Tables } from './tables.ts';
import { inOrganisation, type Store } from './tenant.ts';

export interface NewLogin {
  email: string;
  passwordHash: string;
  role: Tables['logins']['role'];
  fullName?: string;
}

/** The oldest organisation somebody can sign in to; null on a fresh database, and on one whose first start broke off. */
export async function firstOrganisation(db: Database): Promise<string | null> {
  const row = await db
    .selectFrom('organisations')
    .select('organisation_id')
    .where('organisation_id', 'in', db.selectFrom('logins').select('organisation_id'))
    .orderBy('number')
    .limit(1)
    .executeTakeFirst();
  return row?.organisation_id ?? null;
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

/** Somebody who can sign in, and the directory entry that others see. */
export async function addLogin(store: Store, organisation: string, login: NewLogin, clock: Clock): Promise<string> {
  const { email, passwordHash, role, fullName = email } = login;
  const fields = { kind: 'user', fullName, username: email, email, role };
  const userId = await inOrganisation(store, organisation, async (tenant) => {
    const { value } = await runCommand(tenant, { userId: 'server', clock }, [], (tx) => tx.create('directory', fields).id);
    return value;
  });
  await store.db
    .insertInto('logins')
    .values({
      organisation_id: organisation,
      user_id: userId,
      email_key: emailKey(email),
      password_hash: passwordHash,
      role,
      is_active: true,
    })
    .execute();
  return userId;
}
