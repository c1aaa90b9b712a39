import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { Readable } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { isLoopback } from '../../shared/contracts/outbox.contract.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import type { Fared } from '../domain/outbox.ts';
import type { MailLogin } from './mail-account.ts';
import { causeOf, faredOf, problemOfTest, sentenceOf, serverWords } from './smtp-problem.ts';

export interface Message {
  messageId: string;
  to: readonly string[];
  subject: string;
  text: string;
  html: string;
  date: Date;
}

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
/** RFC 5321, 4.5.3.2 has servers take minutes to answer the end of a message; less would make unsure what was sent. */
const sendMs = 10 * 60_000;
const connectMs = 20_000;

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
        const { rejected, words } = await deliver(
          login,
          message,
          signal,
          () => (isHandedOver = true),
          options.answerMs ?? sendMs,
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
        await deliver(login, message, AbortSignal.timeout(testMs * 3), () => undefined, options.answerMs ?? testMs, options.tls);
      } catch (error) {
        throw new ProblemError(problemOfTest(error, login.account));
      }
    },
  };
}

/** One connection, one message. Node's own SMTP client would hide when the message was handed over whole. */
async function deliver(
  { account, password }: MailLogin,
  message: Message,
  signal: AbortSignal,
  onHandedOver: () => void,
  answerMs: number,
  tls: ConnectionOptions = {},
): Promise<{ rejected: string[]; words: string }> {
  const { fromName: name, fromAddress } = account;
  const mime = new MailComposer({
    from: { name: headerLine(name), address: fromAddress },
    // As objects: a text would be read as a list of addresses.
    to: message.to.map((address) => ({ name: '', address })),
    subject: headerLine(message.subject),
    text: message.text,
    html: message.html,
    messageId: message.messageId,
    date: message.date,
    // What stands in a message is never fetched, from the disk or from anywhere.
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  const bytes = await mime.build();
  const { from, to } = mime.getEnvelope();

  const connection = new SMTPConnection({
    host: account.host === 'localhost' ? '127.0.0.1' : account.host,
    port: account.port,
    secure: account.security === 'tls',
    requireTLS: account.security === 'starttls',
    ignoreTLS: account.security === 'none',
    connectionTimeout: Math.min(connectMs, answerMs),
    greetingTimeout: Math.min(connectMs, answerMs),
    dnsTimeout: Math.min(connectMs, answerMs),
    socketTimeout: answerMs,
    // Says nothing of this computer to the server.
    name: 'fieldbook.invalid',
    tls,
  });
  const { promise, resolve, reject } = Promise.withResolvers<{ rejected: string[]; words: string }>();
  const refuse = (error: unknown) => reject(error instanceof Error ? error : new Error('The mail server failed'));
  const onAbort = () => {
    refuse(Object.assign(new Error('Stopped'), { code: 'EABORT' }));
    connection.close();
  };
  connection.on('error', refuse);
  connection.on('end', () => refuse(new Error('The connection ended')));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  else {
    connection.connect((connectError) => {
      if (connectError) return refuse(connectError);
      const send = () => {
        const pieces = Readable.from(piecesOf(bytes));
        pieces.once('end', onHandedOver);
        connection.send({ from, to, size: bytes.length }, pieces, (error, info) => {
          if (error) return refuse(error);
          resolve({ rejected: info?.rejected ?? [], words: serverWords(info?.rejectedErrors?.[0]?.response) });
        });
      };
      if (account.user === null) return send();
      connection.login({ user: account.user, pass: password ?? '' }, (error) => (error ? refuse(error) : send()));
    });
  }
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
    connection.quit();
    connection.close();
  }
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 16_384) yield bytes.subarray(at, at + 16_384);
}

/** What stands in a header must not begin another one, however it came into the book. */
function headerLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
