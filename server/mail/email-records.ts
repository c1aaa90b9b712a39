import type { ActivityRecord } from '../../shared/nouns/activity/activity.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { isSame } from '../../shared/lib/equal.ts';
import { afterSending, dueAt, type Fared } from '../../shared/mail/outbox.ts';
import { runCommand } from '../store/command.ts';
import { type Claim, isClaimed, lostHandovers } from '../store/outbox-queue.ts';
import { wholeSight } from '../store/sight.ts';
import { inOrganisation, type Kept, type Store, type Tenant } from '../store/tenant.ts';

/** What the recipient gets: an e-mail that was changed in one of these while it was being sent must not leave as it was. */
const sentFields = ['recipients', 'subject', 'html', 'fromAccount'] as const;
const doer = 'server';

/** What the records say of an e-mail that is on its way. Each step looks again under the lock: others may have changed it. */
export function createEmailRecords({ store, clock, log }: { store: Store; clock: Clock; log: (sentence: string) => void }) {
  const by = { userId: doer, role: 'admin', sight: wholeSight, clock } as const;

  /** Says in the records that the e-mail may leave from now on. No: somebody else has it, or it is another one by now. */
  async function handOver(claim: Claim, sent: ActivityRecord, fromAddress: string): Promise<boolean> {
    return inOrganisation(store, claim.organisation, async (tenant) => {
      const { device } = await tenant.lock();
      const email = await emailOf(tenant, claim.emailId);
      if (email === null || dueAt(email.record, device) === null || !(await isClaimed(tenant.tx, claim))) return false;
      const { record } = email;
      if (!sentFields.every((field) => isSame(record[field], sent[field]))) return false;
      await change(tenant, email, { status: 'sending', fromAccount: record.fromAccount ?? fromAddress, failure: null });
      return true;
    });
  }

  async function settle(claim: Claim, sent: ActivityRecord, fared: Fared): Promise<void> {
    await inOrganisation(store, claim.organisation, async (tenant) => {
      await tenant.lock();
      const email = await emailOf(tenant, claim.emailId);
      if (email === null || sent.outbox === null) return;
      const { record } = email;
      // What did not leave counts only where the e-mail is as it was: it may be a draft again, or in other hands.
      const isOurs = record.status === 'sending' || (record.status === 'scheduled' && (await isClaimed(tenant.tx, claim)));
      if (fared.kind !== 'sent' && !isOurs) return;
      const after = afterSending(sent.outbox, fared, clock.now());
      await change(tenant, email, after.status === 'scheduled' ? after : { ...after, outbox: null });
    });
  }

  /** An e-mail whose server ended while it handed it over: it may have left, and is not sent again by itself. */
  async function giveUp({ organisation, emailId }: Pick<Claim, 'organisation' | 'emailId'>): Promise<void> {
    await inOrganisation(store, organisation, async (tenant) => {
      await tenant.lock();
      const email = await emailOf(tenant, emailId);
      const lost = await lostHandovers(tenant.tx, clock.now());
      if (email?.record.status !== 'sending' || !lost.some((one) => one.emailId === emailId)) return;
      await change(tenant, email, { failure: maybeSent, outbox: null });
      log(`The e-mail ${emailId} of organisation ${organisation} may have been sent: the server that had it ended.`);
    });
  }

  async function change(tenant: Tenant, email: Kept<'activities'>, changes: Partial<ActivityRecord>): Promise<void> {
    const { id } = email.record;
    await runCommand(tenant, by, [{ of: 'activities', kept: email }], (tx) => {
      // Deleted while it left: what was sent must not vanish unseen.
      if (tx.get('activities', id)?.deletedAt !== null) tx.restore('activities', id);
      tx.change('activities', id, changes);
    });
  }

  return { handOver, settle, giveUp };
}

/** Null for what is no e-mail, and where there is nothing of this id. */
export async function emailOf(tenant: Tenant, id: string): Promise<Kept<'activities'> | null> {
  const [kept] = await tenant.get('activities', [id]);
  return kept?.record.kind === 'email' ? kept : null;
}

const maybeSent =
  'The Fieldbook server ended while it handed this message over, so nobody knows whether the mail server has it. Ask the recipient, or send it again.';
