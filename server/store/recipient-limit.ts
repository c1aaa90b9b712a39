import { dueAt } from '../../shared/mail/outbox.ts';
import type { ActivityRecord } from '../../shared/nouns/activity/activity.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import type { Tenant } from './tenant.ts';

const HOUR_MS = 3_600_000;

/** To how many more an e-mail is to leave from this server than before: what comes to its outbox, through whichever door. */
export function newRecipients(device: string, before: StoredRecord | null, after: StoredRecord): number {
  const queued = (record: StoredRecord | null) => {
    const email = record as ActivityRecord | null; // whoever asks has an activity
    return email !== null && email.kind === 'email' && dueAt(email, device) !== null ? new Set(email.recipients).size : 0;
  };
  return Math.max(0, queued(after) - queued(before));
}

/**
 * Takes so many recipients of a person's hour, by the server's clock: 0 where there is room, else how many whole seconds to wait, and
 * nothing is taken. Needs the organisation's lock: two at once are two.
 */
export async function takeRecipients(
  { tx, organisation }: Tenant,
  userId: string,
  amount: number,
  { most, now }: { most: number; now: number },
): Promise<number> {
  if (amount === 0) return 0;
  const row = await tx
    .selectFrom('recipients')
    .select(['since', 'used'])
    .where('organisation_id', '=', organisation)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  const isOver = row === undefined || Number(row.since) <= now - HOUR_MS;
  const [since, used] = isOver ? [now, 0] : [Number(row.since), row.used];
  if (used + amount > most) return Math.max(1, Math.ceil((since + HOUR_MS - now) / 1000));
  await tx
    .insertInto('recipients')
    .values({ organisation_id: organisation, user_id: userId, since, used: used + amount })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'user_id']).doUpdateSet({ since, used: used + amount }))
    .execute();
  return 0;
}
