import type { OutboxState } from '../../shared/contracts/outbox.contract.ts';
import { textOfHtml } from '../../shared/nouns/activity/email-text.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { messageIdOf } from '../../shared/mail/outbox.ts';
import type { MailSending, OutboxService } from '../domain/outbox.service.ts';
import type { Log } from '../domain/ports.ts';
import type { MailAccounts, MailLogin } from './mail-account.ts';
import type { Mailer } from './smtp.ts';
import { words } from '../../shared/words/words.ts';
import { say } from '../../shared/words/say.ts';

export interface OutboxWorker extends MailSending {
  /** The account is another one: what it was refused for may be mended. */
  accountChanged(): void;
  /** Resolves when nothing is being sent and nothing due can leave now. */
  idle(): Promise<void>;
  /** Takes up no more, gives what is being sent a moment, and leaves its true state in the book. */
  close(): Promise<void>;
}

/** Timers stop while a computer sleeps and nobody tells when a network comes back: while something waits, it is looked for. */
const LOOK_EVERY_MS = 30_000;
/** After a sending that failed for want of a network. */
const PAUSE_MS = 60_000;
const LAST_MOMENT_MS = 3000;

/** Sends what is due, one at a time, oldest first. */
export function createOutboxWorker(deps: {
  outbox: OutboxService;
  accounts: MailAccounts;
  mailer: Mailer;
  clock: Clock;
  log: Log;
  onState: (state: OutboxState) => void;
}): OutboxWorker {
  const { outbox, accounts, mailer, clock, log } = deps;
  const stop = new AbortController();
  let hold: string | null = null;
  /** Refused for good through this account: every other would be, and logins that fail too often get an account locked. */
  let refused: string | null = null;
  let pausedUntil = 0;
  let timer: NodeJS.Timeout | null = null;
  let turn: Promise<void> | null = null;
  let isAskedAgain = false;
  let isClosed = false;

  const state = (): OutboxState => ({ hasAccount: accounts.login() !== null, ...outbox.counts(), hold });
  const tell = () => deps.onState(state());
  const holdFor = (reason: string | null) => {
    if (hold === reason) return;
    hold = reason;
    tell();
  };

  function wake(): void {
    if (isClosed) return;
    if (turn !== null) {
      isAskedAgain = true;
      return;
    }
    if (timer !== null) clearTimeout(timer);
    timer = null;
    turn = work()
      .catch((error: unknown) => {
        // The journal refuses, most likely for want of space: what is in the book is true, and it is tried again.
        pausedUntil = clock.now() + PAUSE_MS;
        holdFor(error instanceof ProblemError ? say(error.problem) : 'Something went wrong inside Fieldbook. It is tried again soon.');
        log.error('outbox.failed', {
          error: error instanceof ProblemError ? error.problem.code : error instanceof Error ? error.name : 'unknown',
        });
      })
      .finally(() => {
        turn = null;
        if (isClosed) return;
        if (isAskedAgain) {
          isAskedAgain = false;
          wake();
        } else sleep();
      });
  }

  function sleep(): void {
    const at = outbox.nextDueAt();
    if (at === null) return;
    const wait = Math.max(at - clock.now(), 0);
    timer = setTimeout(wake, wait === 0 ? LOOK_EVERY_MS : Math.min(wait, LOOK_EVERY_MS));
    // Waiting mail keeps no process alive that wants to end.
    timer.unref();
  }

  async function work(): Promise<void> {
    for (;;) {
      const login = accounts.login();
      const email = isClosed ? null : outbox.next(clock.now());
      if (login === null) return holdFor(outbox.nextDueAt() === null ? null : noAccount);
      if (login.isLocked) return holdFor(locked);
      if (refused !== null) return holdFor(refused);
      if (email === null) return pausedUntil > clock.now() ? undefined : holdFor(null);
      if (clock.now() < pausedUntil) return;
      const obstacle = await mailer.obstacle(login);
      if (obstacle !== null) return holdFor(obstacle);
      if (!(await sendOne(login, email.id))) return;
    }
  }

  /** False when nothing more is to be tried in this turn. */
  async function sendOne(login: MailLogin, id: string): Promise<boolean> {
    const { fromAddress } = login.account;
    const claimed = await outbox.claim(id, fromAddress);
    if (claimed === null) return true;
    const { email } = claimed;
    const html = email.html ?? '';
    log.info('outbox.sending', { id, tries: claimed.place.tries });
    const fared = await mailer.send(
      login,
      {
        messageId: messageIdOf(id, fromAddress),
        to: email.recipients,
        subject: email.subject ?? '',
        text: textOfHtml(html),
        html,
        date: new Date(clock.now()),
      },
      stop.signal,
    );
    log.info('outbox.fared', { id, fared: fared.kind });
    // Being closed is not the e-mail's fault either.
    await outbox.settle(claimed, isClosed && fared.kind === 'temporary' ? { kind: 'noNetwork', why: closedMeanwhile } : fared);
    if (fared.kind === 'permanent' && fared.forAll) refused = fared.why;
    if (fared.kind === 'noNetwork') {
      pausedUntil = clock.now() + PAUSE_MS;
      holdFor(fared.why);
      return false;
    }
    holdFor(refused);
    return refused === null;
  }

  outbox.onChanged(() => {
    tell();
    wake();
  });
  return {
    state,
    wake() {
      pausedUntil = 0;
      wake();
    },
    async test(to) {
      const login = accounts.login();
      if (login === null) {
        throw new ProblemError({ code: 'MAIL_NO_ACCOUNT', ...words('mail.noAccount') });
      }
      if (login.isLocked) throw new ProblemError({ code: 'MAIL_PASSWORD_LOCKED', ...words('said.text', { text: locked }) });
      await mailer.test(login, to, new Date(clock.now()));
    },
    accountChanged() {
      refused = null;
      pausedUntil = 0;
      tell();
      wake();
    },
    async idle() {
      while (turn !== null) await turn;
    },
    async close() {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
      if (turn === null) return;
      const lastMoment = setTimeout(() => stop.abort(), LAST_MOMENT_MS);
      await turn;
      clearTimeout(lastMoment);
    },
  };
}

const noAccount = 'There is no mail account yet, so nothing leaves. What you write waits here. Set the account up in Settings, E-mail.';
const locked =
  'The password of the mail account cannot be opened on this computer. Type it again in Settings, E-mail; until then nothing leaves.';
const closedMeanwhile = 'Fieldbook was closed before the mail server had it. It leaves at the next start.';
