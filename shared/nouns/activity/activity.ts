import { z } from 'zod';
import type { Problem } from '../../lib/result.ts';
import type { FieldInfo } from '../field.ts';
import {
  commonFields,
  customValues,
  emailSchema,
  externalIds,
  idList,
  idSchema,
  instantSchema,
  longText,
  optionalEmail,
  optionalId,
  optionalText,
  optionalWholeNumber,
  requiredText,
} from '../values.ts';
import { words } from '../../words/words.ts';

export const activityKinds = { comment: 'Comment', call: 'Call', visit: 'Visit', email: 'E-mail', attachment: 'File' } as const;
export type ActivityKind = keyof typeof activityKinds;

/** How a call went: what proposes when to call again (follow-up-day.ts). */
export const callOutcomes = {
  reached: 'Reached',
  no_answer: 'No answer',
  left_message: 'Left a message',
  call_back: 'Call back',
  wrong_number: 'Wrong number',
} as const;
export type CallOutcome = keyof typeof callOutcomes;

export const emailStatuses = { draft: 'Draft', scheduled: 'Scheduled', sending: 'Sending', sent: 'Sent', failed: 'Failed' } as const;
export type EmailStatus = keyof typeof emailStatuses;

/** Records an activity can hang on. */
export const activityAbout = {
  clients: 'Client',
  contacts: 'Contact',
  locations: 'Location',
  opportunities: 'Opportunity',
  cases: 'Case',
  tasks: 'Task',
  invoices: 'Invoice',
} as const;
const about = Object.keys(activityAbout) as [keyof typeof activityAbout, ...(keyof typeof activityAbout)[]];

const shared = {
  /** The record it hangs on: its collection and its id. */
  about: z.enum(about),
  aboutId: idSchema,
  /** When it happened; null means when it was written down. */
  occurredAt: instantSchema.nullable().default(null),
  /** Who did it, when that is someone else than the one who wrote it down. */
  authorId: optionalId.default(null),
  externalIds: externalIds.default({}),
  custom: customValues.default({}),
};

/** Where an e-mail that waits is sent from, and how often that was tried. Null while it does not wait. */
export const outboxPlaceSchema = z.object({
  /** The device it was queued on: a copy of the book on another one, or a restored one, must not send it too. */
  device: z.string().max(100),
  tries: z.number().int().min(0),
  firstTriedAt: instantSchema.nullable(),
  /** Not before then, after it could not be sent. */
  nextTryAt: instantSchema.nullable(),
});
export type OutboxPlace = z.output<typeof outboxPlaceSchema>;

const minutes = optionalWholeNumber(0, 100_000).default(null);
const outcome = z
  .enum(Object.keys(callOutcomes) as [CallOutcome, ...CallOutcome[]])
  .nullable()
  .default(null);

/** What a person can set, per kind. */
export const activityKindSchemas = {
  comment: z.object({ kind: z.literal('comment'), ...shared, body: requiredText(longText), mentions: idList.default([]) }),
  call: z.object({
    kind: z.literal('call'),
    ...shared,
    body: optionalText(longText).default(null),
    contactIds: idList.default([]),
    outcome,
    durationMinutes: minutes,
  }),
  visit: z.object({
    kind: z.literal('visit'),
    ...shared,
    body: optionalText(longText).default(null),
    contactIds: idList.default([]),
    locationId: optionalId.default(null),
    durationMinutes: minutes,
  }),
  email: z.object({
    kind: z.literal('email'),
    ...shared,
    fromAccount: optionalEmail.default(null),
    recipients: z.array(emailSchema).max(500).default([]),
    subject: optionalText(500).default(null),
    html: optionalText(500_000).default(null),
    /** When it is to leave; null means as soon as it is sent. */
    scheduledFor: instantSchema.nullable().default(null),
    status: z.enum(['draft', 'scheduled', 'sending', 'sent', 'failed']).default('draft'),
    sentAt: instantSchema.nullable().default(null),
    /** Why it failed, in the words shown to the person. */
    failure: optionalText(1000).default(null),
    outbox: outboxPlaceSchema.nullable().default(null),
  }),
  attachment: z.object({
    kind: z.literal('attachment'),
    ...shared,
    /** The entry it was written with: it is shown under that one. */
    noteId: optionalId.default(null),
    fileName: requiredText(255),
    mediaType: requiredText(200).default('application/octet-stream'),
    /** Bytes; null until a file that a remote only named has been fetched. */
    size: z.number().int().min(0).nullable().default(null),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .nullable()
      .default(null),
  }),
} as const;

export const activityFieldsSchema = z.discriminatedUnion('kind', [
  activityKindSchemas.comment,
  activityKindSchemas.call,
  activityKindSchemas.visit,
  activityKindSchemas.email,
  activityKindSchemas.attachment,
]);

export const activitySchema = z.discriminatedUnion('kind', [
  activityKindSchemas.comment.extend(commonFields),
  activityKindSchemas.call.extend(commonFields),
  activityKindSchemas.visit.extend(commonFields),
  activityKindSchemas.email.extend(commonFields),
  activityKindSchemas.attachment.extend(commonFields),
]);
export type Activity = z.output<typeof activitySchema>;
export type ActivityOf<K extends ActivityKind> = Extract<Activity, { kind: K }>;

/**
 * An activity as the book keeps it: one form for all kinds, with the fields of the others empty. Lists, history and
 * change commands work on fields by name; what a kind may and must have is a rule (electron/domain/activity.rules.ts).
 */
export const activityRecordFieldsSchema = z.object({
  kind: z.enum(Object.keys(activityKinds) as [ActivityKind, ...ActivityKind[]]),
  ...shared,
  body: optionalText(longText).default(null),
  mentions: idList.default([]),
  contactIds: idList.default([]),
  outcome,
  locationId: optionalId.default(null),
  durationMinutes: minutes,
  fromAccount: optionalEmail.default(null),
  recipients: z.array(emailSchema).max(500).default([]),
  subject: optionalText(500).default(null),
  html: optionalText(500_000).default(null),
  scheduledFor: instantSchema.nullable().default(null),
  status: z
    .enum(Object.keys(emailStatuses) as [EmailStatus, ...EmailStatus[]])
    .nullable()
    .default(null),
  sentAt: instantSchema.nullable().default(null),
  failure: optionalText(1000).default(null),
  outbox: outboxPlaceSchema.nullable().default(null),
  noteId: optionalId.default(null),
  fileName: optionalText(255).default(null),
  mediaType: optionalText(200).default(null),
  size: z.number().int().min(0).nullable().default(null),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable()
    .default(null),
});
export const activityRecordSchema = activityRecordFieldsSchema.extend(commonFields);
export type ActivityRecord = z.output<typeof activityRecordSchema>;

/** What main alone says of an activity: how an e-mail fared, and which bytes a file has. No screen sets it. */
export const activityFactsOfMain = [
  'fromAccount',
  'scheduledFor',
  'status',
  'sentAt',
  'failure',
  'outbox',
  'mediaType',
  'size',
  'sha256',
] as const;

/** Whether activities of the kind have the field. */
export function activityHas(kind: ActivityKind, field: string): boolean {
  return field in activityKindSchemas[kind].shape;
}

/** What an activity is called in lists, search and messages: what it says, as far as that is short. */
export function activityTitle(activity: Pick<ActivityRecord, 'kind' | 'body' | 'subject' | 'fileName' | 'outcome'>): string {
  const { outcome } = activity;
  // A damaged book is read too, before it is mended.
  const went = outcome !== null && Object.hasOwn(callOutcomes, outcome) ? `, ${callOutcomes[outcome].toLowerCase()}` : '';
  const kind = activityKinds[activity.kind] + went;
  const text = activity.kind === 'email' ? activity.subject : activity.kind === 'attachment' ? activity.fileName : activity.body;
  const line = text?.split('\n', 1)[0] ?? '';
  const short = line.length > titleLength ? `${line.slice(0, titleLength)}…` : line;
  if (short === '') return kind;
  return activity.kind === 'attachment' ? short : `${kind}: ${short}`;
}
const titleLength = 80;

/** When an activity counts as having happened. */
export function activityTime(activity: Pick<Activity, 'occurredAt' | 'createdAt'>): string {
  return activity.occurredAt ?? activity.createdAt;
}

/** A call, a visit or an e-mail that left: what moves a client's `lastContactDate`. A comment or a file does not. */
export function countsAsContact(
  activity: { kind: 'comment' | 'attachment' | 'call' | 'visit' } | { kind: ActivityKind; status: EmailStatus | null },
): boolean {
  if (activity.kind === 'email') return 'status' in activity && activity.status === 'sent';
  return activity.kind === 'call' || activity.kind === 'visit';
}

/** The client's last contact after one on `day` (both YYYY-MM-DD): it never moves back when an old call is logged late. */
export function lastContactAfter(lastContactDate: string | null, day: string): string {
  return lastContactDate !== null && lastContactDate > day ? lastContactDate : day;
}

const emailSteps: Readonly<Record<EmailStatus, readonly EmailStatus[]>> = {
  draft: ['scheduled', 'sending'],
  scheduled: ['draft', 'sending'],
  // Back to scheduled when it surely did not leave, or when a person who was told that it may have wants it sent again.
  sending: ['sent', 'failed', 'scheduled'],
  sent: [],
  failed: ['draft', 'scheduled', 'sending'],
};

/** Whether an e-mail may go from one status to another: what is being sent cannot be called back, what is sent stays sent. */
export function canEmailBecome(from: EmailStatus, to: EmailStatus): boolean {
  return emailSteps[from].includes(to);
}

/** What keeps an e-mail from leaving; null when it can. A draft may be as unfinished as it likes. */
export function emailProblem(email: Pick<ActivityOf<'email'>, 'status' | 'recipients' | 'scheduledFor'>): Problem | null {
  if (email.status === 'draft') return null;
  if (email.recipients.length === 0) {
    return {
      code: 'EMAIL_WITHOUT_RECIPIENT',
      ...words('records.emailWithoutRecipient'),
      field: 'recipients',
    };
  }
  if (email.status === 'scheduled' && email.scheduledFor === null) {
    return {
      code: 'EMAIL_WITHOUT_TIME',
      ...words('records.emailWithoutTime'),
      field: 'scheduledFor',
    };
  }
  return null;
}

/** Fields of every kind in one list; a screen shows those the activity's kind has. */
export const activityFieldInfo: readonly FieldInfo[] = [
  { path: 'title', label: 'Activity', kind: 'text', group: 'Activity', inList: true, computed: true, width: 300 },
  { path: 'kind', label: 'Kind', kind: 'choice', choices: activityKinds, group: 'Activity', inList: true, computed: true, width: 110 },
  { path: 'about', label: 'On', kind: 'choice', choices: activityAbout, group: 'Activity', inList: true, computed: true, width: 240 },
  { path: 'time', label: 'When', kind: 'instant', group: 'Activity', inList: true, computed: true, width: 150 },
  { path: 'occurredAt', label: 'Happened at', kind: 'instant', group: 'Activity', width: 150 },
  { path: 'body', label: 'Text', kind: 'multiline', group: 'Activity', width: 320 },
  { path: 'locationId', label: 'Location', kind: 'reference', of: 'locations', group: 'Activity', width: 200 },
  { path: 'outcome', label: 'Outcome', kind: 'choice', choices: callOutcomes, group: 'Activity', width: 130 },
  { path: 'durationMinutes', label: 'Minutes', kind: 'number', group: 'Activity', width: 90 },
  { path: 'recipients', label: 'To', kind: 'tags', group: 'E-mail', computed: true, width: 220 },
  { path: 'subject', label: 'Subject', kind: 'text', group: 'E-mail', width: 260 },
  { path: 'fromAccount', label: 'From', kind: 'email', group: 'E-mail', computed: true, width: 200 },
  { path: 'message', label: 'Message', kind: 'multiline', group: 'E-mail', computed: true, width: 320 },
  { path: 'scheduledFor', label: 'Planned for', kind: 'instant', group: 'E-mail', computed: true, width: 150 },
  { path: 'status', label: 'Status', kind: 'choice', choices: emailStatuses, group: 'E-mail', computed: true, width: 110 },
  { path: 'sentAt', label: 'Sent at', kind: 'instant', group: 'E-mail', computed: true, width: 150 },
  { path: 'failure', label: 'Why it failed', kind: 'text', group: 'E-mail', computed: true, width: 240 },
  { path: 'fileName', label: 'File', kind: 'text', group: 'File', width: 240 },
  { path: 'noteId', label: 'Written with', kind: 'reference', of: 'activities', group: 'File', computed: true, width: 220 },
  { path: 'mediaType', label: 'File type', kind: 'text', group: 'File', computed: true, width: 160 },
  { path: 'size', label: 'Size in bytes', kind: 'number', group: 'File', computed: true, width: 120 },
  { path: 'createdAt', label: 'Created', kind: 'instant', group: 'Record', computed: true, width: 150 },
  { path: 'updatedAt', label: 'Changed', kind: 'instant', group: 'Record', computed: true, width: 150 },
];
