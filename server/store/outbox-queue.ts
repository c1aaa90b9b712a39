import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { ActivityRecord } from '../../shared/nouns/activity/activity.ts';
import { dueAt } from '../../shared/mail/outbox.ts';
import type { Named } from './name-grams.ts';
import type { Database, Tx } from './tables.ts';

/**
 * What `outbox.device` of an e-mail says that this server is to send. A restored database is another one, as a restored
 * book is on a laptop: what it finds waiting may have left after the backup was made, and waits for a person.
 */
export const serverDevice = (epoch: string): string => `server:${epoch}`;

/** An e-mail that one server has in hand, for as long as nobody takes it over. */
export interface Claim {
  organisation: string;
  emailId: string;
  claim: string;
}

interface Place {
  email_id: string;
  /** Milliseconds; null while it is handed over. */
  due_at: number | null;
}

/** Where an e-mail stands in the queue; null where it does not. */
function placeOf({ of, record }: { of: Named['of']; record: Named['before'] }, device: string): Place | null {
  if (of !== 'activities' || record === null) return null;
  const email = record as unknown as ActivityRecord; // the collection says so
  const due = dueAt(email, device);
  if (due !== null) return { email_id: email.id, due_at: due };
  const isHandedOver = email.status === 'sending' && email.outbox?.device === device && email.deletedAt === null;
  return isHandedOver ? { email_id: email.id, due_at: null } : null;
}

/** Keeps the queue as the records say. What waits anew is in nobody's hands; what is handed over stays where it is. */
export async function putOutbox(tx: Tx, organisation: string, device: string, written: readonly Named[]): Promise<void> {
  const gone: string[] = [];
  const placed: Place[] = [];
  for (const { of, before, after } of written) {
    const [was, is] = [placeOf({ of, record: before }, device), placeOf({ of, record: after }, device)];
    if (is === null && was !== null) gone.push(was.email_id);
    if (is !== null && (was === null || was.due_at !== is.due_at)) placed.push(is);
  }
  if (gone.length > 0) await tx.deleteFrom('outbox').where('organisation_id', '=', organisation).where('email_id', 'in', gone).execute();
  if (placed.length > 0)
    await sql`insert into outbox as o (organisation_id, email_id, due_at)
      select ${organisation}::uuid, x.email_id, x.due_at from jsonb_to_recordset(${JSON.stringify(placed)}::jsonb) as x(email_id text, due_at bigint)
      on conflict (organisation_id, email_id) do update set due_at = excluded.due_at,
        claim = case when excluded.due_at is null then o.claim end,
        claimed_until = case when excluded.due_at is null then o.claimed_until end`.execute(tx);
}

/** Takes the e-mail in hand that is due the longest, of any organisation; null when none is. Each is in one hand at a time. */
export async function claimNext(db: Database, now: number, until: number): Promise<Claim | null> {
  const claim = randomUUID();
  const { rows } = await sql<{ organisation_id: string; email_id: string }>`update outbox set claim = ${claim}, claimed_until = ${until}
    where (organisation_id, email_id) = (
      select organisation_id, email_id from outbox where due_at <= ${now} and coalesce(claimed_until, 0) <= ${now}
      order by due_at limit 1 for update skip locked)
    returning organisation_id, email_id`.execute(db);
  const row = rows[0];
  return row === undefined ? null : { organisation: row.organisation_id, emailId: row.email_id, claim };
}

/** Says that whoever holds these is alive still. */
export async function renewClaims(db: Database, claims: readonly string[], until: number): Promise<void> {
  if (claims.length === 0) return;
  await db.updateTable('outbox').set({ claimed_until: until }).where('claim', 'in', claims).execute();
}

/** Lets an e-mail that was not handed over out of hand, for others to take from then on. */
export async function releaseClaim(db: Database, { claim }: Claim, from: number): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ claim: null, claimed_until: from })
    .where('claim', '=', claim)
    .where('due_at', 'is not', null)
    .execute();
}

/** Whether the e-mail is in this hand still. Asked in the organisation's transaction, under its lock. */
export async function isClaimed(tx: Tx, { organisation, emailId, claim }: Claim): Promise<boolean> {
  const found = await tx
    .selectFrom('outbox')
    .select('email_id')
    .where('organisation_id', '=', organisation)
    .where('email_id', '=', emailId)
    .where('claim', '=', claim)
    .executeTakeFirst();
  return found !== undefined;
}

/** E-mails that were handed over by a server which has not been heard of since. */
export async function lostHandovers(db: Database, now: number): Promise<{ organisation: string; emailId: string }[]> {
  const rows = await db
    .selectFrom('outbox')
    .select(['organisation_id', 'email_id'])
    .where('due_at', 'is', null)
    .where(sql<boolean>`coalesce(claimed_until, 0) <= ${now}`)
    .limit(100)
    .execute();
  return rows.map((row) => ({ organisation: row.organisation_id, emailId: row.email_id }));
}

/** When the next e-mail will be due that is in nobody's hands, in milliseconds; null when nothing waits. */
export async function nextDueAt(db: Database, now: number): Promise<number | null> {
  const row = await db
    .selectFrom('outbox')
    .select(sql<number | null>`min(greatest(due_at, coalesce(claimed_until, 0)))`.as('at'))
    .where('due_at', 'is not', null)
    .where(sql<boolean>`coalesce(claimed_until, 0) <= ${now}`)
    .executeTakeFirst();
  return row?.at ?? null;
}
