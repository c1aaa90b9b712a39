import type { MailAccount } from '../contracts/outbox.contract.ts';
import type { Problem } from '../lib/result.ts';
import type { Fared } from './outbox.ts';
import { words } from '../words/words.ts';

/** What nodemailer and Node put on an error of a mail server or of the way to it. */
interface SmtpError {
  code?: unknown;
  originalCode?: unknown;
  responseCode?: unknown;
  response?: unknown;
  command?: unknown;
}

export type Cause =
  | 'NO_NETWORK'
  | 'HOST_UNKNOWN'
  | 'CONNECTION_REFUSED'
  | 'CERTIFICATE'
  | 'NOT_ENCRYPTED'
  | 'LOGIN_REFUSED'
  | 'SENDER_REFUSED'
  | 'RECIPIENT_REFUSED'
  | 'MESSAGE_REFUSED'
  | 'NO_ANSWER'
  | 'CONNECTION_LOST';

const noNetwork = new Set(['EAI_AGAIN', 'ENETUNREACH', 'ENETDOWN', 'EHOSTUNREACH', 'EHOSTDOWN', 'EADDRNOTAVAIL']);
const certificate = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO/;

export function causeOf(error: unknown): Cause {
  const { code, originalCode, responseCode, command } = (error ?? {}) as SmtpError;
  const system = typeof originalCode === 'string' ? originalCode : typeof code === 'string' ? code : '';
  if (noNetwork.has(system)) return 'NO_NETWORK';
  if (code === 'EDNS' || system === 'ENOTFOUND') return 'HOST_UNKNOWN';
  if (system === 'ECONNREFUSED') return 'CONNECTION_REFUSED';
  if (system === 'ETIMEDOUT') return 'NO_ANSWER';
  if (certificate.test(system)) return 'CERTIFICATE';
  if (code === 'ETLS') return typeof responseCode === 'number' ? 'NOT_ENCRYPTED' : 'CERTIFICATE';
  if (code === 'EAUTH' || code === 'ENOAUTH') return 'LOGIN_REFUSED';
  if (command === 'STARTTLS') return 'NOT_ENCRYPTED';
  if (command === 'MAIL FROM') return 'SENDER_REFUSED';
  if (command === 'RCPT TO') return 'RECIPIENT_REFUSED';
  if (code === 'EENVELOPE' || code === 'EMESSAGE') return 'MESSAGE_REFUSED';
  return typeof responseCode === 'number' ? 'MESSAGE_REFUSED' : 'CONNECTION_LOST';
}

/** What the server said, as one short line that can stand in a sentence. */
export function serverWords(response: unknown): string {
  if (typeof response !== 'string') return '';
  const line = response.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  return line === '' ? '' : ` It answered: "${line.length > 300 ? `${line.slice(0, 300)}…` : line}".`;
}

/** Who sends, and where its mail account is set up: what sentences say of them. */
export interface Sender {
  name: string;
  settings: string;
}
export const thisComputer: Sender = { name: 'This computer', settings: 'Settings, E-mail' };

/** What happened and what to do, for one account. */
export function sentenceOf(
  cause: Cause,
  { host, port, security, fromAddress }: MailAccount,
  response: unknown = null,
  { name, settings }: Sender = thisComputer,
): string {
  const said = serverWords(response);
  switch (cause) {
    case 'NO_NETWORK':
      return `${name} has no connection to the mail server at the moment. The e-mail leaves when it has.`;
    case 'HOST_UNKNOWN':
      return `There is no mail server with the name ${host}, or the network does not know it. Check the name in ${settings}.`;
    case 'CONNECTION_REFUSED':
      return `The mail server ${host} takes no mail on port ${port}. Check the port in ${settings}; usual are 465 with TLS and 587 with STARTTLS.`;
    case 'CERTIFICATE':
      return `The mail server ${host} could not prove who it is, so nothing was sent to it. Check the server's name and ${security === 'tls' ? 'whether port and encryption fit each other' : 'the date of the computer that sends'}; if both are right, ask who runs the server.`;
    case 'NOT_ENCRYPTED':
      return `The mail server ${host} does not offer encryption on port ${port}, so nothing was sent to it. Choose TLS and port 465 in ${settings}.${said}`;
    case 'LOGIN_REFUSED':
      return `The mail server ${host} refuses the user name or the password. Type them again in ${settings}; some servers want a password made for apps.${said}`;
    case 'SENDER_REFUSED':
      return `The mail server ${host} does not take mail from ${fromAddress}. Check the sender's address in ${settings}.${said}`;
    case 'RECIPIENT_REFUSED':
      return `The mail server ${host} refuses the recipient. Check the address.${said}`;
    case 'MESSAGE_REFUSED':
      return `The mail server ${host} refuses this message.${said}`;
    case 'NO_ANSWER':
      return `The mail server ${host} did not answer in time on port ${port}. Check name and port in ${settings}, or wait: it may be busy.`;
    case 'CONNECTION_LOST':
      return `The connection to the mail server ${host} was lost.${said}`;
  }
}

export function problemOfTest(error: unknown, account: MailAccount): Problem {
  const cause = causeOf(error);
  return { code: `MAIL_${cause}`, ...words('said.text', { text: sentenceOf(cause, account, (error as SmtpError).response) }) };
}

/** What a failed sending means for the e-mail. `isHandedOver`: the whole message had gone out, and no answer came. */
export function faredOf(error: unknown, account: MailAccount, isHandedOver: boolean, sender: Sender = thisComputer): Fared {
  const { responseCode, response } = (error ?? {}) as SmtpError;
  const cause = causeOf(error);
  const why = sentenceOf(cause, account, response, sender);
  if (isHandedOver && typeof responseCode !== 'number') {
    return {
      kind: 'unsure',
      why: 'The message was handed over, and the connection was lost before the mail server said that it has it. Ask the recipient, or send it again.',
    };
  }
  if (cause === 'NO_NETWORK') return { kind: 'noNetwork', why };
  // Without an answer the library itself refused to log in: no user name for a server that asks for one.
  const isRefused = typeof responseCode === 'number' ? responseCode >= 500 : cause === 'LOGIN_REFUSED';
  if (!isRefused) return { kind: 'temporary', why };
  return { kind: 'permanent', why, forAll: cause === 'LOGIN_REFUSED' || cause === 'SENDER_REFUSED' };
}
