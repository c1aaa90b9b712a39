import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { Readable } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { isLoopback } from '../../shared/contracts/outbox.contract.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import type { Fared } from '../../shared/mail/outbox.ts';
import { answerMs, connectionOptions, deliver, type Message, mimeOptions, piecesOf } from '../../shared/mail/smtp-delivery.ts';
import { causeOf, faredOf, problemOfTest, sentenceOf } from '../../shared/mail/smtp-problem.ts';
import type { MailLogin } from './mail-account.ts';

/** The way to mail servers. */
export interface Mailer {
  /** Why no mail server can be reached from here now; null when one can be tried. Sends nothing. */
  obstacle(login: MailLogin): Promise<string | null>;
  /** Never rejects. Aborted, it tells as truly as it can whether the message left. */
  send(login: MailLogin, message: Message, signal: AbortSignal): Promise<Fared>;
  /** Throws ProblemError with what keeps mail from going out. */
  test(login: MailLogin, to: string, date: Date): Promise<void>;
}

export interface MailerOptions {
  /** Further authorities to trust; for servers of tests. */
  tls?: ConnectionOptions;
  answerMs?: number;
}

/** A person waits for a test; the door of main gives up after 30 s (electron/ipc/backend.ts). */
const testMs = 8000;

export function createMailer(options: MailerOptions = {}): Mailer {
  return {
    async obstacle({ account }) {
      if (isLoopback(account.host)) return null;
      const isConnected = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ internal }) => !internal) === true);
      if (!isConnected) return sentenceOf('NO_NETWORK', account);
      try {
        await lookup(account.host);
        return null;
      } catch (error) {
        return sentenceOf(causeOf(error), account);
      }
    },
    async send(login, message, signal) {
      let isHandedOver = false;
      try {
        const { rejected, words } = await send(
          login,
          message,
          signal,
          () => (isHandedOver = true),
          options.answerMs ?? answerMs,
          options.tls,
        );
        if (rejected.length === 0) return { kind: 'sent', why: null };
        return { kind: 'sent', why: `The mail server refused ${rejected.join(', ').slice(0, 500)}; the others got it.${words}` };
      } catch (error) {
        return faredOf(error, login.account, isHandedOver);
      }
    },
    async test(login, to, date) {
      const message: Message = {
        messageId: `<test-${date.getTime()}@${login.account.fromAddress.split('@').at(-1)}>`,
        to: [to],
        subject: 'Test message from Fieldbook',
        text: 'Fieldbook can send e-mail through this account.',
        html: '<div>Fieldbook can send e-mail through this account.</div>',
        date,
      };
      try {
        await send(login, message, AbortSignal.timeout(testMs * 3), () => undefined, options.answerMs ?? testMs, options.tls);
      } catch (error) {
        throw new ProblemError(problemOfTest(error, login.account));
      }
    },
  };
}

/** One connection, one message. Node's own SMTP client would hide when the message was handed over whole. */
async function send(
  { account, password }: MailLogin,
  message: Message,
  signal: AbortSignal,
  onHandedOver: () => void,
  patienceMs: number,
  tls: ConnectionOptions = {},
): Promise<{ rejected: string[]; words: string }> {
  const mime = new MailComposer(mimeOptions(account, message)).compile();
  const bytes = await mime.build();
  const { from, to } = mime.getEnvelope();
  const body = Readable.from(piecesOf(bytes));
  body.once('end', onHandedOver);
  const stopped = Promise.withResolvers<never>();
  const onAbort = () => stopped.reject(Object.assign(new Error('Stopped'), { code: 'EABORT' }));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await deliver(new SMTPConnection({ ...connectionOptions(account, patienceMs), tls }), {
      envelope: { from, to, size: bytes.length },
      body,
      login: account.user === null ? null : { user: account.user, pass: password ?? '' },
      stopped: stopped.promise,
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
