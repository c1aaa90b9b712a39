import { z } from 'zod';
import { activityAbout } from '../nouns/activity/activity.ts';
import { emailSchema, idSchema, instantSchema } from '../nouns/values.ts';
import { command, defineContract, query } from './contract.ts';
import { schemaWords } from '../words/words.ts';

export const mailSecurities = { tls: 'TLS', starttls: 'STARTTLS', none: 'None' } as const;
export type MailSecurity = keyof typeof mailSecurities;

/** Ports that mail servers take mail on, per kind of encryption. */
export const usualPorts: Readonly<Record<MailSecurity, number>> = { tls: 465, starttls: 587, none: 25 };

/** Hosts that are this computer: the only ones mail may go to without encryption. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** One line: what stands in a mail's header must not begin another header. */
const oneLine = (max: number) =>
  z
    .string()
    .trim()
    .max(max, { message: schemaWords('values.tooLong', { max }) })
    .refine((value) => !/[\u0000-\u001f\u007f\u2028\u2029]/.test(value), {
      message: schemaWords('values.oneLine'),
    });

const accountFields = z.strictObject({
  host: z
    .string()
    .trim()
    .toLowerCase()
    .max(253, { abort: true })
    .regex(/^([a-z0-9_]([a-z0-9-_]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9-_]*[a-z0-9_])?)*|[0-9a-f:.]*:[0-9a-f:.]*)$/, {
      message: schemaWords('mail.serverName'),
    }),
  port: z.number().int().min(1).max(65_535),
  security: z.enum(['tls', 'starttls', 'none']),
  /** Null where the server takes mail without a login. */
  user: oneLine(300)
    .transform((value) => (value === '' ? null : value))
    .nullable(),
  fromName: oneLine(200),
  fromAddress: emailSchema,
});
const mayBeOpen = (account: { security: MailSecurity; host: string }) => account.security !== 'none' || isLoopback(account.host);
const openProblem = {
  path: ['security'],
  message: schemaWords('mail.withoutEncryption'),
};
export const mailAccountSchema = accountFields.refine(mayBeOpen, openProblem);
export type MailAccount = z.output<typeof mailAccountSchema>;

/** The password goes in and never comes out again. Left out, the one that is kept stays. */
const accountInput = accountFields
  .extend({
    password: z
      .string()
      .max(1000)
      .refine((value) => !/[\u0000-\u001f]/.test(value), { message: schemaWords('values.noPasswordHas') })
      .nullable()
      .optional(),
  })
  .refine(mayBeOpen, openProblem);
export type MailAccountInput = z.output<typeof accountInput>;

const accountState = z.object({
  account: mailAccountSchema.nullable(),
  /** locked: it is kept, and its key is not on this computer. */
  password: z.enum(['none', 'kept', 'locked']),
  /** How well the key to the password is kept. */
  protection: z.enum(['os', 'weak', 'none']),
});
export type MailAccountState = z.output<typeof accountState>;

/** How an e-mail stands. unsure: it may have been sent; elsewhere: it waits in another copy of the book, or waited when this one was made. */
export const mailStates = {
  draft: 'Draft',
  waiting: 'Waiting',
  elsewhere: 'Waits elsewhere',
  sending: 'Sending',
  unsure: 'May have been sent',
  failed: 'Not sent',
  sent: 'Sent',
} as const;
export type MailState = keyof typeof mailStates;

const about = z.enum(Object.keys(activityAbout) as [keyof typeof activityAbout, ...(keyof typeof activityAbout)[]]);

const mailRow = z.object({
  id: idSchema,
  about,
  aboutId: idSchema,
  aboutName: z.string().nullable(),
  subject: z.string().nullable(),
  recipients: z.array(z.string()),
  state: z.enum(Object.keys(mailStates) as [MailState, ...MailState[]]),
  scheduledFor: instantSchema.nullable(),
  /** When it is tried again, after it could not be sent. */
  nextTryAt: instantSchema.nullable(),
  tries: z.number().int(),
  /** Why it failed, or what is to be known of it, in plain words. */
  failure: z.string().nullable(),
  sentAt: instantSchema.nullable(),
  updatedAt: instantSchema,
});
export type MailRow = z.output<typeof mailRow>;

export const outboxStateSchema = z.object({
  hasAccount: z.boolean(),
  waiting: z.number().int(),
  failed: z.number().int(),
  unsure: z.number().int(),
  /** Why nothing leaves at the moment, in plain words; null when nothing holds it up. */
  hold: z.string().nullable(),
});
export type OutboxState = z.output<typeof outboxStateSchema>;

const idInput = z.object({ id: z.string().max(100) });
const done = z.object({ operationId: z.string().nullable() });

export const outboxContract = defineContract('outbox', {
  state: query({ input: z.object({}), output: outboxStateSchema }),
  /** All that is not sent, and the newest 200 of what is. */
  list: query({ input: z.object({}), output: z.object({ rows: z.array(mailRow), sentTotal: z.number().int() }) }),
  /** An e-mail as it is written: its text without the marks of a web page. */
  get: query({
    input: idInput,
    output: mailRow.extend({
      text: z.string(),
      /** True where its form (letters in bold, pictures) would be lost if the text were changed here. */
      isFormatted: z.boolean(),
    }),
  }),
  /** Writes an e-mail, or writes an unsent one anew; `send` says whether it leaves. */
  save: command({
    input: z.strictObject({
      id: z.string().max(100).nullable().default(null),
      about,
      aboutId: idSchema,
      recipients: z.array(emailSchema).max(500),
      subject: oneLine(500),
      text: z
        .string()
        .max(80_000, { message: schemaWords('mail.tooLong') })
        .refine((value) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(value), {
          message: schemaWords('values.unshowable'),
        }),
      send: z.enum(['draft', 'now', 'later']),
      scheduledFor: instantSchema.nullable().default(null),
    }),
    output: done.extend({ id: z.string() }),
    errors: ['EMAIL_WITHOUT_RECIPIENT', 'EMAIL_WITHOUT_TIME', 'EMAIL_LEFT'],
  }),
  /** Takes a waiting e-mail back; it becomes a draft. */
  cancel: command({ input: idInput, output: done, errors: ['EMAIL_LEFT'] }),
  /** Sends what failed, what may have been sent, or what waits elsewhere, from here and now. */
  sendAgain: command({ input: idInput, output: done, errors: ['EMAIL_LEFT', 'EMAIL_WITHOUT_RECIPIENT'] }),
  /** Says of an e-mail that may have been sent that it was. */
  markSent: command({ input: idInput, output: done, errors: ['EMAIL_LEFT'] }),
  /** The network or the power is back: looks at once instead of at the next turn. */
  wake: command({ input: z.object({}), output: z.object({}) }),
  account: query({ input: z.object({}), output: accountState }),
  changeAccount: command({ input: accountInput, output: accountState }),
  removeAccount: command({ input: z.object({}), output: accountState }),
  /** Sends a message through the account as it is kept. */
  test: command({
    input: z.object({ to: emailSchema }),
    output: z.object({}),
    errors: [
      'MAIL_NO_ACCOUNT',
      'MAIL_PASSWORD_LOCKED',
      'MAIL_NO_NETWORK',
      'MAIL_HOST_UNKNOWN',
      'MAIL_CONNECTION_REFUSED',
      'MAIL_CERTIFICATE',
      'MAIL_NOT_ENCRYPTED',
      'MAIL_LOGIN_REFUSED',
      'MAIL_SENDER_REFUSED',
      'MAIL_RECIPIENT_REFUSED',
      'MAIL_MESSAGE_REFUSED',
      'MAIL_NO_ANSWER',
      'MAIL_CONNECTION_LOST',
    ],
  }),
});
