import type { MailState } from '../contracts/outbox.contract.ts';
import type { ActivityRecord, OutboxPlace } from '../nouns/activity/activity.ts';

/** When an e-mail leaves, and what becomes of it. Pure: the time comes in. */

export type Email = Pick<ActivityRecord, 'id' | 'kind' | 'status' | 'scheduledFor' | 'outbox' | 'deletedAt'>;

/** How a sending ended. `why` is a sentence for the person. */
export type Fared =
  /** The server took it; `why` says whom it refused, where it did not refuse all. */
  | { kind: 'sent'; why: string | null }
  /** It surely did not leave, and may later. */
  | { kind: 'temporary'; why: string }
  /** It surely did not leave, and will not. `forAll`: nor will any other until the account is changed. */
  | { kind: 'permanent'; why: string; forAll: boolean }
  /** It did not leave because this computer reaches nothing: not the e-mail's fault. */
  | { kind: 'noNetwork'; why: string }
  /** The whole message was handed over and the answer got lost: it may have left. */
  | { kind: 'unsure'; why: string };

const MINUTE = 60_000;
/** Pauses after the first failures; after those, the last for each. */
const pauses = [1, 5, 15, 60, 240] as const;
const GIVE_UP_AFTER = 3 * 24 * 60 * MINUTE;

/**
 * When the e-mail leaves from this device, in milliseconds; null when it does not. One queued on another device, or by
 * the book this one was restored from, may have been sent there: it waits for a person (invariant 5).
 */
export function dueAt(email: Email, device: string): number | null {
  const { status, scheduledFor, outbox, deletedAt } = email;
  if (status !== 'scheduled' || scheduledFor === null || deletedAt !== null || outbox?.device !== device) return null;
  return Math.max(Date.parse(scheduledFor), outbox.nextTryAt === null ? 0 : Date.parse(outbox.nextTryAt));
}

/** The e-mail that is due the longest; null when none is. */
export function nextDue<E extends Email>(emails: Iterable<E>, now: number, device: string): E | null {
  let found: E | null = null;
  let foundAt = Infinity;
  for (const email of emails) {
    const at = dueAt(email, device);
    if (at === null || at > now || at > foundAt || (at === foundAt && found !== null && email.id > found.id)) continue;
    found = email;
    foundAt = at;
  }
  return found;
}

/** When the next one will be due, in milliseconds; null when nothing waits. */
export function nextDueAt(emails: Iterable<Email>, device: string): number | null {
  let at: number | null = null;
  for (const email of emails) {
    const due = dueAt(email, device);
    if (due !== null && (at === null || due < at)) at = due;
  }
  return at;
}

export function placeOf(device: string): OutboxPlace {
  return { device, tries: 0, firstTriedAt: null, nextTryAt: null };
}

/** What the e-mail's fields are after a sending that began with `place`. While it is unsure it stays `sending`. */
export function afterSending(place: OutboxPlace, fared: Fared, now: number): Partial<ActivityRecord> {
  const instant = new Date(now).toISOString();
  switch (fared.kind) {
    case 'sent':
      return { status: 'sent', sentAt: instant, failure: fared.why };
    case 'permanent':
      return { status: 'failed', failure: fared.why };
    case 'unsure':
      return { failure: fared.why };
    case 'noNetwork':
      return { status: 'scheduled', outbox: place, failure: fared.why };
    case 'temporary': {
      const firstTriedAt = place.firstTriedAt ?? instant;
      if (now - Date.parse(firstTriedAt) >= GIVE_UP_AFTER) {
        return { status: 'failed', failure: `It was tried for three days and could not be sent. ${fared.why}` };
      }
      const tries = place.tries + 1;
      const pause = (pauses[tries - 1] ?? pauses[4]) * MINUTE;
      const nextTryAt = new Date(Math.min(now + pause, Date.parse(firstTriedAt) + GIVE_UP_AFTER)).toISOString();
      return { status: 'scheduled', outbox: { ...place, tries, firstTriedAt, nextTryAt }, failure: fared.why };
    }
  }
}

/** What a person is told of an e-mail's state. `inHand`: the one that is being sent at this moment. */
export function mailStateOf(email: Email, device: string, inHand: string | null): MailState {
  switch (email.status) {
    case 'sent':
      return 'sent';
    case 'failed':
      return 'failed';
    case 'scheduled':
      return email.outbox?.device === device ? 'waiting' : 'elsewhere';
    case 'sending':
      // A server keeps its place while it hands one over, and takes it away when it cannot tell how that ended.
      return email.id === inHand || (email.outbox !== null && email.outbox.device !== device) ? 'sending' : 'unsure';
    default:
      return 'draft';
  }
}

/** The same for every try of one e-mail, so that whoever gets it twice can tell: its own id, at the sender's domain. */
export function messageIdOf(emailId: string, fromAddress: string): string {
  return `<${emailId}@${fromAddress.slice(fromAddress.lastIndexOf('@') + 1).toLowerCase()}>`;
}
