import { isLoopback, type MailAccount, mailAccountSchema, usualPorts } from '../../shared/contracts/outbox.contract.ts';
import { emailKey } from '../../shared/lib/text.ts';
import type { Sender } from '../../shared/mail/smtp-problem.ts';
import { Refused } from '../refused.ts';
import { saySchema } from '../../shared/words/say.ts';

/** The way out for e-mails, as whoever runs the server set it up. */
export interface MailSettings {
  account: MailAccount;
  password: string | null;
  /** Addresses that e-mails of anybody may be from beside the account's own, and domains in which people may use their own. */
  senders: ReadonlySet<string>;
}

/** Enough for a round letter to every client of a small company; less than gets a company's domain on a list of spammers. */
export const recipientsPerHour = 1_000;

/** What sentences say of this server. */
export const thisServer: Sender = { name: 'The Fieldbook server', settings: 'the settings of the Fieldbook server' };

export const mailUsage = `  FIELDBOOK_SMTP_URL           smtps://user:password@host:465 (TLS) or smtp://user:password@host:587 (STARTTLS); without it e-mails wait
  FIELDBOOK_SMTP_FROM          who e-mails are from: crm@example.com or "Name <crm@example.com>"; else the user of the URL
  FIELDBOOK_SMTP_SENDERS       other senders allowed, with commas between: addresses, or domains whose people may use their own; of all others answers go to them`;

/** Null where none are given. Throws `Refused` with what is wrong with them, and never with the password. */
export function readMailSettings(given: (name: string) => string | null): MailSettings | null {
  const text = given('FIELDBOOK_SMTP_URL');
  if (text === null) return null;
  const url = URL.parse(text);
  if (
    url === null ||
    !['smtp:', 'smtps:'].includes(url.protocol) ||
    url.hostname === '' ||
    !/^\/?$/.test(url.pathname) ||
    url.search !== ''
  )
    throw new Refused('FIELDBOOK_SMTP_URL has to be like smtps://user:password@host:465 or smtp://user:password@host:587.');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const security = url.protocol === 'smtps:' ? 'tls' : isLoopback(host) ? 'none' : 'starttls';
  const user = plain(url.username);
  const [fromName, fromAddress] = namedAddress((given('FIELDBOOK_SMTP_FROM') ?? '').trim());
  const account = mailAccountSchema.safeParse({
    host,
    port: url.port === '' ? usualPorts[security] : Number(url.port),
    security,
    user,
    fromName,
    fromAddress: fromAddress === '' ? (given('FIELDBOOK_SMTP_FROM') ?? user).trim() : fromAddress,
  });
  if (!account.success) {
    const [issue] = account.error.issues;
    throw new Refused(
      issue?.path[0] === 'fromAddress' || issue?.path[0] === 'fromName'
        ? 'FIELDBOOK_SMTP_FROM has to be an e-mail address, like crm@example.com or "Name <crm@example.com>".'
        : `FIELDBOOK_SMTP_URL cannot be used: ${saySchema(issue?.message ?? '')}`,
    );
  }
  const senders = (given('FIELDBOOK_SMTP_SENDERS') ?? '')
    .split(',')
    .map(emailKey)
    .filter((sender) => sender !== '');
  return { account: account.data, password: url.password === '' ? null : plain(url.password), senders: new Set(senders) };
}

/**
 * Who an e-mail is from, and where answers go: nobody sends in a name that whoever runs the server did not allow, and an allowed
 * domain lets nobody write as a colleague. `own`: the address that the author signs in with.
 */
export function senderOf(
  { account, senders }: MailSettings,
  wanted: string | null,
  own: string | null,
): { fromName: string; fromAddress: string; replyTo?: string } {
  const { fromName, fromAddress } = account;
  if (wanted === null || emailKey(wanted) === emailKey(fromAddress)) return { fromName, fromAddress };
  const key = emailKey(wanted);
  const isAllowed = senders.has(key) || (own !== null && emailKey(own) === key && senders.has(key.slice(key.lastIndexOf('@') + 1)));
  return isAllowed ? { fromName: '', fromAddress: wanted } : { fromName, fromAddress, replyTo: wanted };
}

/** `Name <address>` or `"Name" <address>`; both empty where it is another text. */
function namedAddress(text: string): [name: string, address: string] {
  const at = text.indexOf('<');
  if (at < 0 || text.indexOf('>') !== text.length - 1) return ['', ''];
  const said = text.slice(0, at).trim();
  const name = said.startsWith('"') && said.endsWith('"') && said.length > 1 ? said.slice(1, -1) : said;
  return name.includes('"') ? ['', ''] : [name, text.slice(at + 1, -1)];
}

function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
