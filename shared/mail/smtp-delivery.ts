import type { MailAccount } from '../contracts/outbox.contract.ts';
import { serverWords } from './smtp-problem.ts';

/** How one message is put together and handed to a mail server, for the app and the server alike. Whoever sends brings the connection. */

export interface Message {
  messageId: string;
  to: readonly string[];
  subject: string;
  text: string;
  html: string;
  date: Date;
  /** Where answers go, when that is not the sender. */
  replyTo?: string;
}

/** RFC 5321, 4.5.3.2 has servers take minutes to answer the end of a message; less would make unsure what was sent. */
export const answerMs = 10 * 60_000;
const connectMs = 20_000;

/** What a connection to the account's server is made with. */
export function connectionOptions({ host, port, security }: MailAccount, patienceMs = answerMs) {
  const first = Math.min(connectMs, patienceMs);
  return {
    host: host === 'localhost' ? '127.0.0.1' : host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    connectionTimeout: first,
    greetingTimeout: first,
    dnsTimeout: first,
    socketTimeout: patienceMs,
    // Says nothing of this computer to the server.
    name: 'fieldbook.invalid',
  };
}

/** What a message is composed from. */
export function mimeOptions(from: Pick<MailAccount, 'fromName' | 'fromAddress'>, message: Message) {
  return {
    from: { name: headerLine(from.fromName), address: from.fromAddress },
    // As objects: a text would be read as a list of addresses.
    to: message.to.map((address) => ({ name: '', address })),
    ...(message.replyTo !== undefined && { replyTo: { name: '', address: message.replyTo } }),
    subject: headerLine(message.subject),
    text: message.text,
    html: message.html,
    messageId: message.messageId,
    date: message.date,
    // What stands in a message is never fetched, from the disk or from anywhere.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** A composed message in pieces, so that it is known when the last one has been taken. */
export function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 16_384) yield bytes.subarray(at, at + 16_384);
}

/** What is used of nodemailer's connection. */
export interface SmtpConnection<Body> {
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  connect(done: (error?: Error | null) => void): void;
  login(credentials: { user: string; pass: string }, done: (error?: Error | null) => void): void;
  send(envelope: Envelope, body: Body, done: (error: Error | null, info: Sent) => void): void;
  quit(): void;
  close(): void;
}
export interface Envelope {
  from: string | false;
  to: string[];
  size: number;
}
interface Sent {
  rejected?: string[] | undefined;
  rejectedErrors?: { response?: string | undefined }[] | undefined;
}

/**
 * One connection, one message. A `body` that is a stream is read when the server has taken sender and recipients.
 * Rejects as soon as `stopped` does.
 */
export async function deliver<Body>(
  connection: SmtpConnection<Body>,
  job: { envelope: Envelope; body: Body; login: { user: string; pass: string } | null; stopped: Promise<never> },
): Promise<{ rejected: string[]; words: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ rejected: string[]; words: string }>();
  connection.on('error', reject);
  connection.on('end', () => reject(new Error('The connection ended')));
  connection.connect((connectError) => {
    if (connectError) return reject(connectError);
    const send = () =>
      connection.send(job.envelope, job.body, (error, info) => {
        if (error) return reject(error);
        resolve({ rejected: info.rejected ?? [], words: serverWords(info.rejectedErrors?.[0]?.response) });
      });
    if (job.login === null) return send();
    connection.login(job.login, (error) => (error ? reject(error) : send()));
  });
  try {
    return await Promise.race([promise, job.stopped]);
  } finally {
    connection.quit();
    connection.close();
  }
}

/** What stands in a header must not begin another one, however it came into the book. */
function headerLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
