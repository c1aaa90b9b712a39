import type { MailAccountInput, MailAccountState, MailRow, OutboxState } from '../../shared/contracts/outbox.contract.ts';
import { htmlOfText, isPlainHtml, textOfHtml } from '../../shared/nouns/activity/email-text.ts';
import type { ActivityRecord, OutboxPlace } from '../../shared/nouns/activity/activity.ts';
import { type NounName, titleOf } from '../../shared/nouns/nouns.ts';
import { workerCommand } from '../../shared/operations/operation.ts';
import { type Clock, instantOf } from '../../shared/lib/clock.ts';
import { type Problem, ProblemError } from '../../shared/lib/result.ts';
import type { Book } from './book.ts';
import { afterSending, type Email, type Fared, mailStateOf, nextDue, nextDueAt, placeOf } from '../../shared/mail/outbox.ts';
import type { Transaction } from '../../shared/operations/transaction.ts';
import { notFound } from '../../shared/operations/transaction.ts';
import { words } from '../../shared/words/words.ts';

export interface EmailInput {
  id: string | null;
  about: ActivityRecord['about'];
  aboutId: string;
  recipients: string[];
  subject: string;
  text: string;
  send: 'draft' | 'now' | 'later';
  scheduledFor: string | null;
}

/** An e-mail that the worker has in hand, and where in its tries it is. */
export interface Claimed {
  email: ActivityRecord;
  place: OutboxPlace;
}

/** The account mail goes out through; its password goes in and never comes out. */
export interface MailAccountService {
  state(): MailAccountState;
  change(input: MailAccountInput): Promise<MailAccountState>;
  remove(): Promise<MailAccountState>;
}

/** What screens ask of whoever sends. */
export interface MailSending {
  state(): OutboxState;
  /** Looks at once whether something is due; for the return of the network. */
  wake(): void;
  /** Sends a message through the account as it is kept. Throws ProblemError with what keeps it from leaving. */
  test(to: string): Promise<void>;
}

export interface OutboxService {
  list(): { rows: MailRow[]; sentTotal: number };
  get(id: string): MailRow & { text: string; isFormatted: boolean };
  save(input: EmailInput): Promise<{ id: string; operationId: string | null }>;
  cancel(id: string): Promise<{ operationId: string | null }>;
  sendAgain(id: string): Promise<{ operationId: string | null }>;
  markSent(id: string): Promise<{ operationId: string | null }>;
  counts(): Pick<OutboxState, 'waiting' | 'failed' | 'unsure'>;
  /** The e-mail to send now; null when none is due. */
  next(now: number): ActivityRecord | null;
  nextDueAt(): number | null;
  /** Journals that it is being sent, before anything leaves this computer; null when it must not leave any more. */
  claim(id: string, fromAccount: string): Promise<Claimed | null>;
  /** Journals how it fared, and lets it out of hand; where the journal refuses, it counts as perhaps sent from then on. */
  settle(claimed: Claimed, fared: Fared): Promise<void>;
  /** Called after every change of an e-mail and when one is taken in hand or let go. */
  onChanged(listener: () => void): void;
}

const shownSent = 200;

export function createOutboxService({ book, clock, device }: { book: Book; clock: Clock; device: string }): OutboxService {
  // E-mails that are not sent are few; what is sent grows for years and is looked through only when asked for.
  const open = new Map<string, ActivityRecord>();
  const sent = new Set<string>();
  const listeners: (() => void)[] = [];
  let inHand: string | null = null;
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const put = (record: ActivityRecord) => {
    open.delete(record.id);
    sent.delete(record.id);
    if (record.kind !== 'email' || record.deletedAt !== null) return;
    if (record.status === 'sent') sent.add(record.id);
    else open.set(record.id, record);
  };
  for (const record of book.mentioning('activities', 'kind', 'email')) put(record);
  book.watch((noun, before, after) => {
    if (noun !== 'activities') return;
    // The layer tells the noun beside the record; the two belong together.
    const record = after as ActivityRecord;
    if (record.kind !== 'email' && (before as ActivityRecord | null)?.kind !== 'email') return;
    put(record);
    tell();
  });

  const stateOf = (email: Email) => mailStateOf(email, device, inHand);

  function needed(record: ActivityRecord | null | undefined): ActivityRecord {
    if (record === null || record === undefined || record.kind !== 'email') throw new ProblemError(notFound('activities'));
    return record;
  }

  function rowOf(email: ActivityRecord): MailRow {
    const { id, about, aboutId, subject, recipients, scheduledFor, outbox, failure, sentAt, updatedAt } = email;
    const noun = about as NounName;
    const on = book.get(noun, aboutId);
    return {
      id,
      about,
      aboutId,
      aboutName: on === undefined ? null : titleOf(noun, on),
      subject,
      recipients,
      state: stateOf(email),
      scheduledFor,
      nextTryAt: outbox?.nextTryAt ?? null,
      tries: outbox?.tries ?? 0,
      failure,
      sentAt,
      updatedAt,
    };
  }

  /** Changes an e-mail that is in one of the states; refuses with where it is by now. */
  const changeIn = (states: readonly string[], tx: Transaction, id: string, changes: Partial<ActivityRecord>) => {
    const email = needed(tx.get('activities', id));
    const state = stateOf(email);
    if (!states.includes(state)) throw new ProblemError(state === 'sending' ? onItsWay : state === 'sent' ? isSent : notThere);
    tx.change('activities', id, changes);
  };
  const run = async (command: string, work: (tx: Transaction) => void) => {
    const { operation } = await book.run(`outbox.${command}`, null, work);
    return { operationId: operation?.id ?? null };
  };
  const fromHereNow = () => ({ status: 'scheduled', scheduledFor: instantOf(clock), outbox: placeOf(device), failure: null }) as const;

  return {
    list() {
      const rows = [...open.values()].map(rowOf);
      const newest = [...sent]
        .map((id) => needed(book.get('activities', id)))
        .sort((left, right) => ((left.sentAt ?? left.updatedAt) < (right.sentAt ?? right.updatedAt) ? 1 : -1));
      return { rows: [...rows, ...newest.slice(0, shownSent).map(rowOf)], sentTotal: sent.size };
    },
    get(id) {
      const email = needed(book.get('activities', id));
      const html = email.html ?? '';
      return { ...rowOf(email), text: textOfHtml(html), isFormatted: html !== '' && !isPlainHtml(html) };
    },
    async save({ id, about, aboutId, recipients, subject, text, send, scheduledFor }) {
      if (send === 'later' && scheduledFor === null) throw new ProblemError(noTime);
      const { value, operation } = await book.run('outbox.save', null, (tx) => {
        const before = id === null ? null : needed(tx.get('activities', id));
        // What came with letters in bold keeps them as long as nobody writes it anew.
        const kept = before?.html ?? null;
        const html = kept !== null && textOfHtml(kept) === text.trim() ? kept : htmlOfText(text);
        const fields = {
          recipients: [...new Set(recipients)],
          subject: subject === '' ? null : subject,
          html: html === '' ? null : html,
          ...(send === 'draft'
            ? { status: 'draft' as const, scheduledFor, outbox: null, failure: null }
            : { ...fromHereNow(), ...(send === 'later' ? { scheduledFor } : {}) }),
        };
        if (before === null) return tx.create('activities', { kind: 'email', about, aboutId, ...fields }).id;
        changeIn(['draft', 'waiting', 'elsewhere', 'failed'], tx, before.id, fields);
        return before.id;
      });
      return { id: value, operationId: operation?.id ?? null };
    },
    cancel: (id) => run('cancel', (tx) => changeIn(['waiting', 'elsewhere'], tx, id, { status: 'draft', outbox: null })),
    sendAgain: (id) => run('sendAgain', (tx) => changeIn(['failed', 'unsure', 'elsewhere', 'draft'], tx, id, fromHereNow())),
    markSent: (id) =>
      run('markSent', (tx) => {
        // Begun then: nobody knows it any better.
        const sentAt = tx.get('activities', id)?.updatedAt ?? null;
        changeIn(['unsure'], tx, id, { status: 'sent', sentAt, failure: null });
      }),
    counts() {
      const counts = { waiting: 0, failed: 0, unsure: 0 };
      for (const email of open.values()) {
        const state = stateOf(email);
        if (state === 'waiting' || state === 'sending') counts.waiting += 1;
        else if (state === 'failed') counts.failed += 1;
        else if (state === 'unsure') counts.unsure += 1;
      }
      return counts;
    },
    next: (now) => nextDue(open.values(), now, device),
    nextDueAt: () => nextDueAt(open.values(), device),
    async claim(id, fromAccount) {
      inHand = id;
      try {
        const { value } = await book.run(workerCommand('sending'), null, (tx) => {
          const email = tx.get('activities', id);
          // A command that came before this one may have taken it back.
          if (email === null || email.outbox === null || nextDue([email], clock.now(), device) === null) return null;
          return {
            place: email.outbox,
            email: tx.change('activities', id, { status: 'sending', outbox: null, fromAccount, failure: null }),
          };
        });
        if (value === null) inHand = null;
        tell();
        return value;
      } catch (error) {
        inHand = null;
        throw error;
      }
    },
    async settle(claimed, fared) {
      const { id } = claimed.email;
      const command = workerCommand(fared.kind);
      try {
        await book.run(command, null, (tx) => {
          // Deleted while it left: what was sent must not vanish unseen.
          if (tx.get('activities', id)?.deletedAt !== null) tx.restore('activities', id);
          tx.change('activities', id, afterSending(claimed.place, fared, clock.now()));
        });
      } finally {
        inHand = null;
        tell();
      }
    },
    onChanged: (listener) => void listeners.push(listener),
  };
}

const onItsWay: Problem = {
  code: 'EMAIL_LEFT',
  ...words('mail.onItsWay'),
};
const isSent: Problem = {
  code: 'EMAIL_LEFT',
  ...words('mail.isSent'),
};
const notThere: Problem = {
  code: 'EMAIL_LEFT',
  ...words('mail.movedOn'),
};
const noTime: Problem = {
  code: 'EMAIL_WITHOUT_TIME',
  field: 'scheduledFor',
  ...words('records.emailWithoutTime'),
};
