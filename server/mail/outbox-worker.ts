import { setTimeout as wait } from 'node:timers/promises';
import type { EmailStatus } from '../../shared/nouns/activity/activity.ts';
import { textOfHtml } from '../../shared/nouns/activity/email-text.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { messageIdOf } from '../../shared/mail/outbox.ts';
import { type Claim, claimNext, lostHandovers, nextDueAt, releaseClaim, renewClaims } from '../store/outbox-queue.ts';
import { inOrganisation, type Store } from '../store/tenant.ts';
import { createEmailRecords, emailOf } from './email-records.ts';
import { type MailSettings, senderOf } from './mail-settings.ts';
import { sendMessage } from './mailer.ts';

/** Sends what waits. Several servers on one database may all have one. */
export interface OutboxWorker {
  /** Looks at once whether something is due. */
  wake(): void;
  /** How the e-mail stands when it has left or failed, or when that takes longer than a caller waits. */
  outcome(organisation: string, emailId: string): Promise<Standing>;
  /** Takes up no more, gives what is being sent a moment, and leaves its true state in the records. */
  close(): Promise<void>;
}

export interface Standing {
  status: EmailStatus;
  failure: string | null;
}

export interface OutboxWorkerDeps {
  store: Store;
  settings: MailSettings;
  clock: Clock;
  /** Told what whoever runs the server should know: ids and sentences, no addresses and no texts. */
  log: (sentence: string) => void;
  onFault: (error: unknown) => void;
}

/** E-mails that one server hands over at a time. */
const HANDS = 4;
/** Another server may have queued something. */
const LOOK_EVERY_MS = 5_000;
/** How long an e-mail stays in the hands of a server that is not heard of any more. */
const LEASE_MS = 120_000;
const RENEW_EVERY_MS = 30_000;
/** After a sending that failed for want of a network. */
const PAUSE_MS = 60_000;
const LAST_MOMENT_MS = 3_000;
/** How long a caller waits to hear whether an e-mail left, and how often that is asked: another server may have it. */
const OUTCOME_MS = 10_000;
const ASK_EVERY_MS = 50;

export function createOutboxWorker({ store, settings, clock, log, onFault }: OutboxWorkerDeps): OutboxWorker {
  const { handOver, settle, giveUp } = createEmailRecords({ store, clock, log });
  const stop = new AbortController();
  const inHand = new Map<string, Promise<void>>();
  let isClosed = false;
  /** Why the account was refused. More tries get an account locked, so nothing leaves until the server is started anew. */
  let refused: string | null = null;
  let paused = { until: 0, why: '' };
  let timer: NodeJS.Timeout | null = null;
  let turn: Promise<void> | null = null;
  let isAskedAgain = false;

  const renewing = setInterval(() => void renewClaims(store.db, [...inHand.keys()], clock.now() + LEASE_MS).catch(onFault), RENEW_EVERY_MS);
  renewing.unref();
  wake();

  function wake(): void {
    if (isClosed) return;
    if (turn !== null) {
      isAskedAgain = true;
      return;
    }
    if (timer !== null) clearTimeout(timer);
    turn = work()
      .catch(onFault)
      .then(async () => {
        turn = null;
        if (!isAskedAgain) await sleep();
        else {
          isAskedAgain = false;
          wake();
        }
      })
      .catch(onFault);
  }

  async function sleep(): Promise<void> {
    const at = refused !== null ? null : await nextDueAt(store.db, clock.now()).catch(() => null);
    if (isClosed || turn !== null) return;
    const wait = at === null || inHand.size >= HANDS ? LOOK_EVERY_MS : Math.max(at, paused.until) - clock.now();
    timer = setTimeout(wake, Math.min(Math.max(wait, 10), LOOK_EVERY_MS));
    timer.unref();
  }

  async function work(): Promise<void> {
    for (const lost of await lostHandovers(store.db, clock.now())) await giveUp(lost);
    while (!isClosed && refused === null && inHand.size < HANDS && clock.now() >= paused.until) {
      const claim = await claimNext(store.db, clock.now(), clock.now() + LEASE_MS);
      if (claim === null) return;
      const sending = send(claim)
        .catch(onFault)
        .finally(() => {
          inHand.delete(claim.claim);
          wake();
        });
      inHand.set(claim.claim, sending);
    }
  }

  async function send(claim: Claim): Promise<void> {
    const { organisation, emailId } = claim;
    const { email, own } = await inOrganisation(store, organisation, async (tenant) => {
      const found = await emailOf(tenant, emailId);
      const author = found === null ? [] : await tenant.get('directory', [found.record.createdBy]);
      return { email: found, own: author[0]?.record.email ?? null };
    });
    if (email?.record.outbox === null || email === null) return;
    const { record } = email;
    const { replyTo, ...from } = senderOf(settings, record.fromAccount, own);
    const html = record.html ?? '';
    const message = {
      messageId: messageIdOf(emailId, from.fromAddress),
      to: record.recipients,
      subject: record.subject ?? '',
      text: textOfHtml(html),
      html,
      date: new Date(clock.now()),
      ...(replyTo !== undefined && { replyTo }),
    };
    const outcome = await sendMessage(settings, from, message, () => handOver(claim, record, from.fromAddress), stop.signal);
    switch (outcome.kind) {
      case 'withdrawn':
        return releaseClaim(store.db, claim, clock.now());
      case 'accountRefused':
        refused = outcome.why;
        log(`No e-mail leaves until the server is started anew: ${outcome.why}`);
        await settle(claim, record, { kind: 'noNetwork', why: outcome.why });
        return releaseClaim(store.db, claim, clock.now());
      case 'noNetwork':
        paused = { until: clock.now() + PAUSE_MS, why: outcome.why };
        await settle(claim, record, outcome);
        return releaseClaim(store.db, claim, clock.now());
      default:
        if (outcome.kind !== 'sent') log(`The e-mail ${emailId} of organisation ${organisation} was not sent (${outcome.kind}).`);
        // Being stopped is not the e-mail's fault either.
        if (isClosed && outcome.kind === 'temporary') {
          await settle(claim, record, { kind: 'noNetwork', why: stoppedMeanwhile });
          return releaseClaim(store.db, claim, clock.now());
        }
        return settle(claim, record, outcome);
    }
  }

  return {
    wake,
    async outcome(organisation, emailId) {
      wake();
      const until = performance.now() + OUTCOME_MS;
      for (;;) {
        const email = await inOrganisation(store, organisation, (tenant) => emailOf(tenant, emailId));
        // Deleted again while somebody waited for it: taken back.
        const { status, failure } = email?.record ?? { status: null, failure: null };
        const held = refused ?? (clock.now() < paused.until ? paused.why : null);
        // One that failed for now is tried again later than anybody waits.
        const isUnderWay = (status === 'scheduled' && held === null) || status === 'sending';
        if (!isUnderWay || failure !== null || isClosed || performance.now() > until)
          return { status: status ?? 'draft', failure: failure ?? (status === 'scheduled' ? held : null) };
        await wait(ASK_EVERY_MS);
      }
    },
    async close() {
      isClosed = true;
      clearInterval(renewing);
      if (timer !== null) clearTimeout(timer);
      const lastMoment = setTimeout(() => stop.abort(), LAST_MOMENT_MS);
      await turn;
      await Promise.all(inHand.values());
      clearTimeout(lastMoment);
    },
  };
}

const stoppedMeanwhile = 'The Fieldbook server was stopped before the mail server had it. It leaves when the server is started again.';
