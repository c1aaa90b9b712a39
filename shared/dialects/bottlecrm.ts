import { z } from 'zod';
import type { ActivityOf } from '../nouns/activity/activity.ts';
import { valueAt } from '../nouns/field.ts';
import { computeInvoice, type Invoice, type InvoiceLine } from '../nouns/invoice/invoice.ts';
import { fold, withoutEnd } from '../lib/text.ts';
import { divideMoney, isDecimal, isZero, multiplyMoney } from '../lib/money.ts';
import type { BookRecord } from './book-view.ts';
import {
  accepted,
  badGateway,
  badRequest,
  created,
  type Dialect,
  endpoint,
  forbidden,
  noContent,
  notFound,
  ok,
  type Resource,
  unauthorized,
} from './dialect.ts';
import type { ListQuery } from './list-query.ts';
import { filter, type QueryParameter } from './query-parameter.ts';
import { type Decoded, decode, type EncodeContext, type Member, type Shape } from './shape.ts';
import { copyOf, isWire, sameJson, type Wire } from './wire.ts';
import type { MergeShapes } from './wire-merge.ts';
import {
  children,
  choice,
  computed,
  decimal,
  given,
  id,
  instant,
  instantFrom,
  names,
  orDefault,
  plain,
  reference,
  references,
  textOrEmpty,
  website,
} from './wire-values.ts';

/**
 * BottleCRM (spec/bottlecrm-accounts.md): accounts and what hangs on them. The document shows one envelope, servers in
 * the wild another; we write the documented one and read both (domain model, "Known contradictions").
 */

const text = z.string().nullish();
const email = z.email().max(254).nullish();
const ids = z.array(z.string());
const uuid = z.string().min(1).max(100);
const time = z.iso.datetime({ offset: true });

// Accounts

const accountFields = {
  email,
  phone: text,
  industry: text,
  description: text,
  website: z.string().max(300).nullish(),
  billing_address_line: text,
  billing_street: text,
  billing_city: text,
  billing_state: text,
  billing_postcode: text,
  billing_country: text,
};

export const accountSchema = z.object({
  id: uuid,
  name: z.string(),
  ...accountFields,
  status: z.enum(['open', 'closed']),
  created_on: time,
  created_by: z.string().nullable(),
  org: z.string().nullish(),
  contacts: ids,
  assigned_to: ids,
  teams: ids,
  tags: z.array(z.string()),
});

export const accountRequestSchema = z.object({
  name: z.string().trim().min(1).max(300),
  ...accountFields,
  // Servers in the wild call closed "close".
  status: z.enum(['open', 'closed', 'close']).optional(),
  contacts: ids.optional(),
  assigned_to: ids.optional(),
  teams: ids.optional(),
  tags: z.array(z.string().min(1).max(100)).optional(),
});
export const accountChangeSchema = accountRequestSchema.partial();

/** The word a server uses for a closed account. */
export type ClosedWord = 'closed' | 'close';

const statusMember = (closed: ClosedWord): Member => ({
  kind: 'value',
  wire: 'status',
  book: 'isActive',
  read: (raw) => (raw === 'open' ? true : raw === 'closed' || raw === 'close' ? false : raw),
  write: (value) => (value === false ? closed : 'open'),
});

const accountMembers = (closed: ClosedWord): readonly Member[] => [
  plain('name', 'name'),
  plain('email', 'email'),
  plain('phone', 'phone'),
  plain('industry', 'industry'),
  plain('description', 'description'),
  website('website', 'website', { anyText: true }),
  statusMember(closed),
  plain('billing_address_line', 'address.line1'),
  plain('billing_street', 'address.line2'),
  plain('billing_city', 'address.city'),
  plain('billing_state', 'address.region'),
  plain('billing_postcode', 'address.postalCode'),
  plain('billing_country', 'address.country'),
  // An account's contacts are the contacts that name it; one that hangs on two accounts there stays with its first here.
  children('contacts', 'contacts', 'clientId', { integer: false }),
  references('assigned_to', 'assignedToIds', 'directory', { integer: false }),
  references('teams', 'teamIds', 'directory', { integer: false }),
  names('tags', 'tags'),
];

const origin: readonly Member[] = [
  instant('created_on', 'createdAt', { millis: false, isOrigin: true }),
  reference('created_by', 'createdBy', 'directory', { integer: false, isOrigin: true }),
];

const accountAnswer = (closed: ClosedWord): Shape => ({
  kind: 'clients',
  use: 'answer',
  schema: accountSchema,
  members: [id('id', false), ...accountMembers(closed), ...origin, given('org')],
});
const accountCreate = (closed: ClosedWord): Shape => ({
  kind: 'clients',
  use: 'request',
  schema: accountRequestSchema,
  members: accountMembers(closed),
});
const accountChange = (closed: ClosedWord): Shape => ({
  kind: 'clients',
  use: 'request',
  schema: accountChangeSchema,
  members: accountMembers(closed),
});

/** A PUT without these lists clears them on servers in the wild, and one without the name is refused. */
export const alwaysSent = ['name', 'contacts', 'assigned_to', 'teams', 'tags'] as const;

/** The shapes to merge with, in a server's own words. */
export function accountShapes(closed: ClosedWord): MergeShapes & { create: Shape } {
  return { answer: accountAnswer(closed), create: accountCreate(closed), change: accountChange(closed), always: alwaysSent };
}

// What hangs on an account. The document names these lists and leaves their objects open; these are ours, close to what
// the servers it was made from answer (docs/dialects.md).

export const contactSchema = z.object({
  id: uuid,
  salutation: text,
  first_name: z.string(),
  last_name: z.string(),
  title: text,
  department: text,
  date_of_birth: z.iso.date().nullish(),
  primary_email: email,
  secondary_email: email,
  mobile_number: text,
  secondary_number: text,
  do_not_call: z.boolean(),
  address: z.object({ address_line: text, street: text, city: text, state: text, postcode: text, country: text }).nullable(),
  description: text,
  is_active: z.boolean(),
  created_on: time,
  created_by: z.string().nullable(),
});

export const contactShape: Shape = {
  kind: 'contacts',
  use: 'answer',
  schema: contactSchema,
  members: [
    id('id', false),
    plain('salutation', 'salutation'),
    textOrEmpty('first_name', 'firstName'),
    textOrEmpty('last_name', 'lastName'),
    plain('title', 'jobTitle'),
    plain('department', 'department'),
    plain('date_of_birth', 'dateOfBirth'),
    plain('primary_email', 'email'),
    plain('secondary_email', 'secondaryEmail'),
    plain('mobile_number', 'mobilePhone'),
    plain('secondary_number', 'phone'),
    plain('do_not_call', 'doNotCall'),
    plain('address.address_line', 'address.line1'),
    plain('address.street', 'address.line2'),
    plain('address.city', 'address.city'),
    plain('address.state', 'address.region'),
    plain('address.postcode', 'address.postalCode'),
    plain('address.country', 'address.country'),
    plain('description', 'generalNote'),
    plain('is_active', 'isActive'),
    ...origin,
  ],
};

const shared = { description: text, assigned_to: ids, teams: ids, created_on: time, created_by: z.string().nullable() };
const onAccount = reference('account', 'clientId', 'clients', { integer: false });
const assignees: readonly Member[] = [
  references('assigned_to', 'assignedToIds', 'directory', { integer: false }),
  references('teams', 'teamIds', 'directory', { integer: false }),
];

export const stageNames = {
  qualification: 'QUALIFICATION',
  needs_analysis: 'NEEDS ANALYSIS',
  value_proposition: 'VALUE PROPOSITION',
  decision_makers: 'ID.DECISION MAKERS',
  perception_analysis: 'PERCEPTION ANALYSIS',
  proposal: 'PROPOSAL/PRICE QUOTE',
  negotiation: 'NEGOTIATION/REVIEW',
  closed_won: 'CLOSED WON',
  closed_lost: 'CLOSED LOST',
} as const;
/** What newer servers say instead. */
const otherStages = {
  CLOSED_WON: 'closed_won',
  CLOSED_LOST: 'closed_lost',
  PROPOSAL: 'proposal',
  NEGOTIATION: 'negotiation',
  PROSPECTING: 'qualification',
};

const leadSourceNames = {
  call: 'CALL',
  email: 'EMAIL',
  existing_customer: 'EXISTING CUSTOMER',
  partner: 'PARTNER',
  public_relations: 'PUBLIC RELATIONS',
  campaign: 'CAMPAIGN',
  website: 'WEBSITE',
  other: 'OTHER',
} as const;
const leadSourceKeys = new Map<string, string>(Object.entries(leadSourceNames).map(([key, name]) => [name, key]));

export const opportunitySchema = z.object({
  id: uuid,
  name: z.string(),
  account: uuid.nullable(),
  stage: z.enum(Object.values(stageNames) as [string, ...string[]]),
  currency: z.string().nullish(),
  amount: z.string().nullable(),
  lead_source: z.string().nullable(),
  probability: z.int().nullable(),
  closed_on: z.iso.date().nullish(),
  contacts: ids,
  tags: z.array(z.string()),
  ...shared,
});

const opportunity: Shape = {
  kind: 'opportunities',
  use: 'answer',
  schema: opportunitySchema,
  members: [
    id('id', false),
    plain('name', 'name'),
    onAccount,
    choice('stage', 'stage', stageNames, otherStages),
    orDefault('currency', 'currency'),
    decimal('amount', 'amount'),
    {
      kind: 'value',
      wire: 'lead_source',
      book: 'leadSource',
      // Other words are kept as they are: the book's list of sources is open.
      read: (raw) => (raw === 'NONE' ? null : typeof raw === 'string' ? (leadSourceKeys.get(raw.trim().toUpperCase()) ?? raw) : raw),
      write: (value) =>
        typeof value === 'string' && Object.hasOwn(leadSourceNames, value) ? leadSourceNames[value as keyof typeof leadSourceNames] : value,
    },
    orDefault('probability', 'probability'),
    plain('closed_on', 'closedOn'),
    references('contacts', 'contactIds', 'contacts', { integer: false }),
    names('tags', 'tags'),
    plain('description', 'description'),
    ...assignees,
    ...origin,
  ],
};

export const caseStatusNames = {
  new: 'New',
  assigned: 'Assigned',
  pending: 'Pending',
  closed: 'Closed',
  rejected: 'Rejected',
  duplicate: 'Duplicate',
} as const;
export const casePriorityNames = { low: 'Low', normal: 'Normal', high: 'High', urgent: 'Urgent' } as const;
export const caseTypeNames = { question: 'Question', incident: 'Incident', problem: 'Problem' } as const;

export const caseSchema = z.object({
  id: uuid,
  name: z.string(),
  account: uuid.nullable(),
  status: z.enum(Object.values(caseStatusNames) as [string, ...string[]]),
  priority: z.enum(Object.values(casePriorityNames) as [string, ...string[]]),
  case_type: z.enum(Object.values(caseTypeNames) as [string, ...string[]]).nullable(),
  closed_on: z.iso.date().nullish(),
  contacts: ids,
  ...shared,
});

const case_: Shape = {
  kind: 'cases',
  use: 'answer',
  schema: caseSchema,
  members: [
    id('id', false),
    plain('name', 'name'),
    onAccount,
    choice('status', 'status', caseStatusNames),
    choice('priority', 'priority', casePriorityNames),
    choice('case_type', 'caseType', caseTypeNames),
    plain('closed_on', 'closedOn'),
    references('contacts', 'contactIds', 'contacts', { integer: false }),
    plain('description', 'description'),
    ...assignees,
    ...origin,
  ],
};

export const taskStatusNames = { new: 'New', in_progress: 'In Progress', completed: 'Completed' } as const;
export const taskPriorityNames = { low: 'Low', medium: 'Medium', high: 'High' } as const;

export const taskSchema = z.object({
  id: uuid,
  title: z.string(),
  account: uuid.nullable(),
  status: z.enum(Object.values(taskStatusNames) as [string, ...string[]]),
  priority: z.enum(Object.values(taskPriorityNames) as [string, ...string[]]),
  due_date: z.iso.date().nullish(),
  assigned_to: ids,
  teams: ids,
  created_on: time,
  created_by: z.string().nullable(),
});

const task: Shape = {
  kind: 'tasks',
  use: 'answer',
  schema: taskSchema,
  members: [
    id('id', false),
    plain('title', 'title'),
    onAccount,
    choice('status', 'status', taskStatusNames),
    choice('priority', 'priority', taskPriorityNames),
    plain('due_date', 'dueDate'),
    ...assignees,
    ...origin,
  ],
};

export const invoiceStatusNames = {
  draft: 'Draft',
  issued: 'Pending',
  sent: 'Sent',
  paid: 'Paid',
  partially_paid: 'Partially_Paid',
  overdue: 'Overdue',
  cancelled: 'Cancelled',
} as const;

export const invoiceLineSchema = z.object({ description: z.string(), quantity: z.string(), unit_price: z.string(), tax_rate: z.string() });
export const invoiceSchema = z.object({
  id: uuid,
  account: uuid.nullable(),
  invoice_number: z.string().nullable(),
  status: z.enum(Object.values(invoiceStatusNames) as [string, ...string[]]),
  issue_date: z.iso.date().nullable(),
  due_date: z.iso.date().nullable(),
  currency: z.string(),
  line_items: z.array(invoiceLineSchema),
  subtotal: z.string(),
  tax: z.string(),
  total_amount: z.string(),
  amount_paid: z.string(),
  amount_due: z.string(),
  details: text,
  created_on: time,
  created_by: z.string().nullable(),
});

const totals = (record: BookRecord, context: EncodeContext) => computeInvoice(record as Invoice, context.today);

const lineItem = (line: InvoiceLine) => ({
  description: line.description,
  quantity: line.quantity,
  unit_price: line.unitPrice,
  tax_rate: line.taxRate,
});

/** Lines say which item of the price list they are for here, and not there: a line that stays one keeps it. */
const lineItems: Member = {
  kind: 'value',
  wire: 'line_items',
  book: 'lines',
  read: (raw) =>
    Array.isArray(raw)
      ? raw.map((item: unknown) =>
          isWire(item)
            ? { description: item['description'], quantity: item['quantity'], unitPrice: item['unit_price'], taxRate: item['tax_rate'] }
            : item,
        )
      : raw,
  write: (value) => ((value ?? []) as InvoiceLine[]).map(lineItem),
  same: (first, second) => sameJson((first as InvoiceLine[]).map(lineItem), (second as InvoiceLine[]).map(lineItem)),
  keep: (incoming, stored) =>
    (incoming as InvoiceLine[]).map((line, at) => {
      const before = (stored as InvoiceLine[] | null)?.[at];
      return before?.description === line.description ? { ...line, itemPriceId: before.itemPriceId } : line;
    }),
};

const storedStatus = choice('status', 'status', invoiceStatusNames, { Viewed: 'sent' });
/** Issued and sent are one status here, told apart by the day it was sent; theirs says no day. */
const invoiceStatus: Member = {
  ...storedStatus,
  read: (raw, wire) => {
    const status = storedStatus.read?.(raw, wire);
    return status === 'issued' ? 'sent' : status;
  },
  same: (first, second) => first === second || [first, second].every((status) => status === 'issued' || status === 'sent'),
  write: (value, record) => {
    const isOnlyIssued = value === 'sent' && ((record as Partial<Invoice>).sentOn ?? null) === null;
    return isOnlyIssued ? invoiceStatusNames.issued : storedStatus.write?.(value, record);
  },
};

const invoice: Shape = {
  kind: 'invoices',
  use: 'answer',
  schema: invoiceSchema,
  members: [
    id('id', false),
    onAccount,
    plain('invoice_number', 'number'),
    invoiceStatus,
    plain('issue_date', 'issueDate'),
    plain('due_date', 'dueDate'),
    plain('currency', 'currency'),
    lineItems,
    computed('subtotal', (record, context) => totals(record, context).subtotal),
    computed('tax', (record, context) => totals(record, context).taxTotal),
    computed('total_amount', (record, context) => totals(record, context).total),
    computed('amount_paid', (record, context) => totals(record, context).amountPaid),
    computed('amount_due', (record, context) => totals(record, context).amountDue),
    plain('details', 'notes'),
    ...origin,
  ],
};

/** An invoice of a server that has one line per invoice, `quantity` times `rate`, as one of ours. */
export function invoiceIn(wire: Wire): Wire {
  const { quantity, rate, tax } = wire;
  if (Array.isArray(wire['line_items']) || quantity === undefined || rate === undefined) return wire;
  const [count, price, taxed] = [quantity, rate, tax].map((value) => (isDecimal(String(value)) ? String(value) : '0')) as [
    string,
    string,
    string,
  ];
  const amount = multiplyMoney(count, price);
  const line = {
    description: wire['invoice_title'] ?? wire['name'] ?? wire['invoice_number'] ?? 'Invoice',
    quantity: count,
    unit_price: price,
    tax_rate: isZero(taxed) ? '0' : (divideMoney(taxed, amount, 6) ?? '0'),
  };
  return { ...wire, line_items: [line] };
}

export const userSchema = z.object({
  id: uuid,
  full_name: z.string(),
  username: z.string().nullable(),
  email: z.string().nullable(),
  role: z.enum(['ADMIN', 'MANAGER', 'USER']),
  is_active: z.boolean(),
});

export const userShape: Shape = {
  kind: 'users',
  use: 'answer',
  schema: userSchema,
  members: [
    id('id', false),
    plain('full_name', 'fullName'),
    plain('username', 'username'),
    plain('email', 'email'),
    choice('role', 'role', { admin: 'ADMIN', manager: 'MANAGER', member: 'USER' }),
    plain('is_active', 'isActive'),
  ],
};

/** A user as servers in the wild nest them, `{ id, user_details: { first_name, email, … } }`, as one of ours. */
export function userIn(wire: Wire): Wire {
  const details = isWire(wire['user_details']) ? wire['user_details'] : wire;
  const name = [details['first_name'], details['last_name']].filter((part) => typeof part === 'string' && part !== '').join(' ');
  const rest = Object.fromEntries(Object.entries(wire).filter(([name]) => name !== 'user_details'));
  const full = wire['full_name'] ?? (name !== '' ? name : (details['username'] ?? details['email']));
  return { ...rest, ...(full !== undefined && { full_name: full }), ...(details['email'] !== undefined && { email: details['email'] }) };
}

export const teamSchema = z.object({ id: uuid, name: z.string(), description: text, users: ids });
export const teamShape: Shape = {
  kind: 'teams',
  use: 'answer',
  schema: teamSchema,
  members: [
    id('id', false),
    plain('name', 'name'),
    plain('description', 'description'),
    references('users', 'memberIds', 'directory', { integer: false }),
  ],
};

export const mentionSchema = z.object({ id: uuid, username: z.string(), full_name: z.string() });
const mention: Shape = {
  kind: 'users',
  use: 'answer',
  schema: mentionSchema,
  members: [
    id('id', false),
    {
      kind: 'value',
      wire: 'username',
      book: 'username',
      isComposed: true,
      write: (value, record) => value ?? valueAt(record, 'email') ?? '',
    },
    plain('full_name', 'fullName'),
  ],
};

// Comments, attachments, e-mails

/** When it happened; what was never dated happened when it was written down. */
const happened = (wire: string): Member => ({
  kind: 'value',
  wire,
  book: 'occurredAt',
  isComposed: true,
  read: (raw) => (typeof raw === 'string' ? (instantFrom(raw) ?? raw) : raw),
  same: (first, second) => Date.parse(String(first)) === Date.parse(String(second)),
  write: (value, record) => {
    const at = value ?? valueAt(record, 'createdAt');
    return typeof at === 'string' ? at.replace('.000Z', 'Z') : at;
  },
});
const by = (wire: string): Member => ({ ...reference(wire, 'authorId', 'directory', { integer: false }), orElse: 'createdBy' });
const about = reference('account', 'aboutId', 'clients', { integer: false });

export const commentSchema = z.object({
  id: uuid,
  comment: z.string(),
  account: uuid,
  commented_on: time,
  commented_by: z.string().nullable(),
});
export const commentRequestSchema = z.object({ comment: z.string().trim().min(1) });
/** Adding to an account: a comment, a file, or both; the file is a part of the multipart body. */
export const commentOrAttachmentSchema = z.object({ comment: z.string().nullish() });

const comment: Shape = {
  kind: 'comments',
  use: 'answer',
  schema: commentSchema,
  members: [id('id', false), plain('comment', 'body'), about, happened('commented_on'), by('commented_by')],
};
const commentRequest: Shape = { kind: 'comments', use: 'request', schema: commentRequestSchema, members: [plain('comment', 'body')] };

export const attachmentSchema = z.object({
  id: uuid,
  attachment: z.string(),
  account: uuid,
  created_on: time,
  created_by: z.string().nullable(),
});

/** Where our server serves a file; the name is the last step, which is all the book keeps of a path. */
export function attachmentPath(recordId: string, fileName: string): string {
  return `/api/attachments/${encodeURIComponent(recordId)}/${encodeURIComponent(fileName)}`;
}

function fileNameIn(path: string): string {
  const last =
    path
      .split(/[?#]/)[0]
      ?.split('/')
      .filter((step) => step !== '')
      .at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

const attachment: Shape = {
  kind: 'attachments',
  use: 'answer',
  schema: attachmentSchema,
  members: [
    id('id', false),
    {
      kind: 'value',
      wire: 'attachment',
      book: 'fileName',
      read: (raw) => (typeof raw === 'string' ? fileNameIn(raw) : raw),
      write: (value, record) => attachmentPath(String(valueAt(record, 'id') ?? ''), String(value)),
    },
    about,
    happened('created_on'),
    by('created_by'),
  ],
};

export const emailRequestSchema = z.object({
  recipients: z.array(z.email().max(254)).min(1, 'Add at least one recipient.'),
  subject: text,
  html: text,
  scheduled_later: z.boolean().optional(),
  scheduled_date_time: z.iso.datetime({ offset: true }).nullish(),
  from_account: email,
});
/** The document shows "success" alone; the others say what it leaves open: not yet, nobody knows, and no. */
export const emailAnswerSchema = z.object({
  status: z.enum(['success', 'queued', 'unknown', 'failed']),
  message: z.string(),
  email_id: uuid,
});

const emailRequest: Shape = {
  kind: 'emails',
  use: 'request',
  schema: emailRequestSchema,
  members: [
    plain('recipients', 'recipients'),
    plain('subject', 'subject'),
    plain('html', 'html'),
    {
      kind: 'value',
      wire: 'scheduled_later',
      book: 'status',
      read: (raw) => (raw === true ? 'scheduled' : raw === false ? 'sending' : raw),
      write: (value) => value === 'scheduled',
      same: (first, second) => (first === 'scheduled') === (second === 'scheduled'),
    },
    instant('scheduled_date_time', 'scheduledFor', { millis: false }),
    plain('from_account', 'fromAccount'),
  ],
};

/** Ids of the people that a text names with an @ and their user name. */
export function mentionedIn(text: string, people: readonly { id: string; username: string | null; email: string | null }[]): string[] {
  const named = new Set(
    [...text.matchAll(/(?<![\p{L}\p{N}])@([\p{L}\p{N}._%+@-]+)/gu)].map(([, name = '']) => fold(withoutEnd(name, '._%+@-'))),
  );
  return people.filter(({ username, email }) => named.has(fold(username ?? email ?? ''))).map(({ id }) => id);
}

/** What is answered when an e-mail has been taken, as it stands then: it left, is put by until its time, waits, or failed. */
export function emailAnswer(
  { status, failure }: Pick<ActivityOf<'email'>, 'status' | 'failure'>,
  emailId: string,
  of: { isLater: boolean; hasMailServer: boolean },
): { status: number; body: Wire } {
  const said = (code: number, word: string, message: string) => ({ status: code, body: { status: word, message, email_id: emailId } });
  const noServer = of.hasMailServer ? null : 'No mail server is set up on this server yet, so it waits until one is.';
  switch (status) {
    case 'sent':
      return said(200, 'success', failure === null ? 'Email sent successfully' : `Email sent, but not to everybody. ${failure}`);
    case 'scheduled':
      if (of.isLater) return said(200, 'success', ['Email scheduled successfully', ...(noServer === null ? [] : [noServer])].join('. '));
      return said(202, 'queued', `Email queued. ${failure ?? noServer ?? 'It is sent as soon as the mail server takes it.'}`);
    case 'sending':
      return failure === null ? said(202, 'queued', 'Email is being sent') : said(202, 'unknown', `Email may have been sent. ${failure}`);
    default:
      return said(502, 'failed', `Email not sent. ${failure ?? 'It was taken back.'}`);
  }
}

/** What is answered when a comment or a file has been added. */
export function addedBody(comment: Wire | null, attachment: Wire | null): Wire {
  const what = [comment === null ? null : 'Comment', attachment === null ? null : 'Attachment']
    .filter((word) => word !== null)
    .join(' and ');
  return { status: 'success', message: `${what} added successfully`, comment, attachment };
}
export const addedSchema = z.object({
  status: z.literal('success'),
  message: z.string(),
  comment: commentSchema.nullable(),
  attachment: attachmentSchema.nullable(),
});

// Envelopes

export const accountListSchema = z.object({
  open_accounts: z.array(accountSchema),
  closed_accounts: z.array(accountSchema),
  accounts_count: z.int(),
  open_accounts_count: z.int(),
  closed_accounts_count: z.int(),
  contacts: z.array(contactSchema),
  users: z.array(userSchema),
  teams: z.array(teamSchema),
});

export const accountDetailSchema = z.object({
  account_obj: accountSchema.omit({ contacts: true, assigned_to: true, teams: true, tags: true }),
  contacts: z.array(contactSchema),
  opportunities: z.array(opportunitySchema),
  cases: z.array(caseSchema),
  tasks: z.array(taskSchema),
  invoices: z.array(invoiceSchema),
  assigned_to: z.array(userSchema),
  teams: z.array(teamSchema),
  comments: z.array(commentSchema),
  attachments: z.array(attachmentSchema),
  users_mention: z.array(mentionSchema),
  tags: z.array(z.string()),
});

export interface AccountPage {
  open: Wire[];
  closed: Wire[];
  openCount: number;
  closedCount: number;
  contacts: Wire[];
  users: Wire[];
  teams: Wire[];
}

/** The documented envelope of a list. Limit and offset hold for the open and for the closed accounts, each by itself. */
export function accountListBody(page: AccountPage): Wire {
  return {
    open_accounts: page.open,
    closed_accounts: page.closed,
    accounts_count: page.openCount + page.closedCount,
    open_accounts_count: page.openCount,
    closed_accounts_count: page.closedCount,
    contacts: page.contacts,
    users: page.users,
    teams: page.teams,
  };
}

/** A list in the documented envelope or in the nested one of servers in the wild, which has no counts. */
export function accountsIn(body: unknown): AccountPage {
  const envelope = isWire(body) ? body : {};
  const active = isWire(envelope['active_accounts']) ? envelope['active_accounts'] : envelope;
  const inactive = isWire(envelope['closed_accounts']) ? envelope['closed_accounts'] : envelope;
  const open = objects(active['open_accounts']);
  const closed = objects(inactive['close_accounts'] ?? inactive['closed_accounts']);
  const count = (from: Wire, key: string, least: number) =>
    typeof from[key] === 'number' ? from[key] : typeof envelope[key] === 'number' ? envelope[key] : least;
  return {
    open: open.map(renamed),
    closed: closed.map(renamed),
    openCount: count(active, 'open_accounts_count', open.length),
    closedCount: count(inactive, 'closed_accounts_count', closed.length),
    contacts: objects(envelope['contacts']).map(renamed),
    users: objects(envelope['users']).map(userIn),
    teams: objects(envelope['teams']),
  };
}

/** Whether more accounts follow the page that began at `offset`. Without counts a full list says so. */
export function hasMoreAccounts(page: AccountPage, offset: number, limit: number): boolean {
  const more = (rows: Wire[], count: number) =>
    rows.length > 0 && (count > offset + rows.length || (count === rows.length && rows.length >= limit));
  return more(page.open, page.openCount) || more(page.closed, page.closedCount);
}

/** The account in any answer: a detail, a bare account, or none where a server only says that it went well. */
export function accountIn(body: unknown): Wire | null {
  const { account } = accountDetailIn(body);
  return account['id'] === undefined ? null : account;
}

/** The word for closed that a server uses, from any of its accounts; the documented one until it has shown another. */
export function closedWordIn(accounts: Iterable<Wire>): ClosedWord {
  for (const { status } of accounts) if (status === 'close' || status === 'closed') return status;
  return 'closed';
}

/** Times are called `created_on` in the document and `created_at` in the wild. */
function renamed(wire: Wire): Wire {
  if (Object.hasOwn(wire, 'created_on') || !Object.hasOwn(wire, 'created_at')) return wire;
  const { created_at, ...rest } = wire;
  return { ...rest, created_on: created_at };
}

function objects(value: unknown): Wire[] {
  return Array.isArray(value) ? value.filter(isWire) : [];
}

/** Lists of a detail and the shape of what is in them. */
export const detailLists = {
  contacts: contactShape,
  opportunities: opportunity,
  cases: case_,
  tasks: task,
  invoices: invoice,
  assigned_to: userShape,
  teams: teamShape,
  comments: comment,
  attachments: attachment,
  users_mention: mention,
} as const satisfies Record<string, Shape>;
export type DetailList = keyof typeof detailLists;

export interface AccountDetail {
  /** The account with its lists of ids beside its fields, as it is kept as a shadow. */
  account: Wire;
  lists: { [K in DetailList]: Wire[] };
}

/** Lists that a detail shows beside the account, not in it. */
const relations: readonly string[] = ['contacts', 'assigned_to', 'teams', 'tags'];

/** A detail as one account and what hangs on it. Lists a server leaves out are not said, and so stay as they are known. */
export function accountDetailIn(body: unknown): AccountDetail {
  const envelope = isWire(body) ? body : {};
  const account = renamed(copyOf(isWire(envelope['account_obj']) ? envelope['account_obj'] : envelope));
  for (const name of relations) {
    if (!Object.hasOwn(account, name) && Array.isArray(envelope[name]))
      account[name] = envelope[name].map((item: unknown) => (name === 'tags' || !isWire(item) ? item : item['id']));
  }
  const lists = Object.fromEntries(
    Object.keys(detailLists).map((name) => [
      name,
      // Opportunities go by another name in the wild.
      objects(envelope[name] ?? (name === 'opportunities' ? envelope['opportunity_list'] : undefined)).map((item) =>
        objectIn(name as DetailList, item),
      ),
    ]),
  );
  return { account, lists: lists as AccountDetail['lists'] };
}

function objectIn(list: DetailList, wire: Wire): Wire {
  if (list === 'assigned_to' || list === 'users_mention') return userIn(wire);
  if (list === 'invoices') return renamed(invoiceIn(wire));
  if (list === 'attachments') {
    const { file_path, ...rest } = renamed(wire);
    return Object.hasOwn(rest, 'attachment') || file_path === undefined ? renamed(wire) : { ...rest, attachment: file_path };
  }
  return renamed(wire);
}

/** The documented detail: the account without its lists, and every list as whole objects. */
export function accountDetailBody(account: Wire, lists: { [K in DetailList]: Wire[] }): Wire {
  const account_obj = Object.fromEntries(Object.entries(account).filter(([name]) => !relations.includes(name)));
  return { account_obj, ...lists, tags: account['tags'] ?? [] };
}

/** What hangs on an account, read. */
export function decodeDetail(detail: AccountDetail): { account: Decoded; lists: { [K in DetailList]: Decoded[] } } {
  const lists = Object.fromEntries(
    Object.entries(detail.lists).map(([name, items]) => [name, items.map((item) => decode(detailLists[name as DetailList], item))]),
  );
  return { account: decode(accountAnswer('closed'), detail.account), lists: lists as { [K in DetailList]: Decoded[] } };
}

// Lists, endpoints

export const defaultLimit = 10;
export const maxLimit = 500;

const idsOf = (name: string, path: string, of: 'directory' | 'contacts', meaning: string): QueryParameter => ({
  name,
  type: 'list',
  meaning,
  ask: (value, query) => query.conditions.push({ path, is: 'hasAny', value, of }),
});

const page = (query: ListQuery) => query.page ?? { offset: 0, limit: defaultLimit };

const listParameters: readonly QueryParameter[] = [
  filter('name', 'text', 'Accounts whose name contains this', { path: 'name', is: 'contains' }),
  filter('city', 'text', 'Accounts in this city', { path: 'address.city', is: 'equalText' }),
  filter('industry', 'text', 'Accounts of this industry', { path: 'industry', is: 'equalText' }),
  filter('tags', 'list', 'Accounts with any of these tags, separated by commas', { path: 'tags', is: 'hasAny' }),
  idsOf('assigned_to', 'assignedToIds', 'directory', 'Accounts assigned to any of these users'),
  idsOf('teams', 'teamIds', 'directory', 'Accounts of any of these teams'),
  idsOf('contacts', 'contactIds', 'contacts', 'Accounts of any of these contacts'),
  {
    name: 'limit',
    type: 'integer',
    meaning: `Accounts per page; ${defaultLimit} unless told, ${maxLimit} at most, also where more are asked for`,
    refuse: (value) => (Number(value) < 1 ? 'Ensure this value is greater than or equal to 1.' : null),
    ask: (value, query) => void (query.page = { ...page(query), limit: Math.min(Number(value), maxLimit) }),
  },
  {
    name: 'offset',
    type: 'integer',
    meaning: 'Accounts to pass over',
    refuse: (value) => (Number(value) < 0 ? 'Ensure this value is greater than or equal to 0.' : null),
    ask: (value, query) => void (query.page = { ...page(query), offset: Number(value) }),
  },
];

/** Paths of this dialect's list that are no fields (list-query.ts, `computed`). */
export const bottlecrmPaths = {
  contactIds: (record: BookRecord, book: EncodeContext['book']): unknown =>
    book.having('contacts', 'clientId', record.id).map((one) => one.id),
} as const;

const shapes = accountShapes('closed');
const readOnly = (name: string, of: Resource['of'], answer: Shape): Resource => ({
  name,
  of,
  answer,
  create: null,
  change: null,
  merge: { answer, change: null },
  canList: false,
  canGet: false,
  canDelete: false,
});

const base = '/api/accounts/';
const one = `${base}{pk}/`;
const failures = [unauthorized, forbidden, notFound] as const;
const meanings = { pk: 'Id of the account' };
const jsonOrMultipart = ['json', 'multipart'] as const;
/** The document names one part that is a file, "attachment"; servers in the wild take the others. */
const fileNames = ['attachment', 'attachments', 'account_attachment'] as const;
/** The document asks for the header where an account is named, and not where a comment or an attachment is. */
const spares = ['organization-id'] as const;

export const bottlecrm: Dialect = {
  name: 'bottlecrm',
  label: 'BottleCRM',
  spec: 'spec/bottlecrm-accounts.md',
  capabilities: {
    canDelete: true,
    canListChangesSince: false,
    keepsDeleted: false,
    idsAreIntegers: false,
    paging: 'offset',
    auth: ['bearer'],
    headers: ['organization-id'],
    canChooseIds: false,
  },
  rowsIn: (body) => {
    const { open, closed } = accountsIn(body);
    return [...open, ...closed];
  },
  oneIn: accountIn,
  nextPage: (body, asked) => {
    const limit = Number(asked['limit'] ?? defaultLimit);
    const offset = Number(asked['offset'] ?? 0);
    return hasMoreAccounts(accountsIn(body), offset, limit) ? { ...asked, limit: String(limit), offset: String(offset + limit) } : null;
  },
  resources: [
    {
      name: 'accounts',
      of: 'clients',
      answer: shapes.answer,
      create: shapes.create,
      change: shapes.change,
      merge: shapes,
      canList: true,
      canGet: true,
      canDelete: true,
    },
    {
      ...readOnly('comments', 'activities', comment),
      create: commentRequest,
      change: commentRequest,
      merge: { answer: comment, change: commentRequest },
      canDelete: true,
    },
    { ...readOnly('attachments', 'activities', attachment), canDelete: true },
    { ...readOnly('emails', 'activities', emailRequest), create: emailRequest },
    readOnly('contacts', 'contacts', contactShape),
    readOnly('opportunities', 'opportunities', opportunity),
    readOnly('cases', 'cases', case_),
    readOnly('tasks', 'tasks', task),
    readOnly('invoices', 'invoices', invoice),
    readOnly('users', 'directory', userShape),
    readOnly('teams', 'directory', teamShape),
    readOnly('mentions', 'directory', mention),
  ],
  endpoints: [
    endpoint({
      name: 'accounts.list',
      resource: 'accounts',
      action: 'list',
      method: 'GET',
      path: base,
      query: listParameters,
      start: { sort: [{ path: 'name', descending: false }], page: { offset: 0, limit: defaultLimit } },
      response: accountListSchema,
      statuses: [ok, badRequest, unauthorized, forbidden],
    }),
    endpoint({
      name: 'accounts.create',
      resource: 'accounts',
      action: 'create',
      method: 'POST',
      path: base,
      body: accountRequestSchema,
      bodyTypes: jsonOrMultipart,
      files: fileNames,
      response: accountSchema,
      statuses: [created, badRequest, unauthorized, forbidden],
    }),
    endpoint({
      name: 'accounts.get',
      resource: 'accounts',
      action: 'get',
      method: 'GET',
      path: one,
      meanings,
      response: accountDetailSchema,
      statuses: [ok, ...failures],
    }),
    endpoint({
      name: 'accounts.change',
      resource: 'accounts',
      action: 'change',
      method: 'PUT',
      path: one,
      meanings,
      body: accountChangeSchema,
      bodyTypes: jsonOrMultipart,
      files: fileNames,
      response: accountSchema,
      statuses: [ok, badRequest, ...failures],
    }),
    endpoint({
      name: 'accounts.delete',
      resource: 'accounts',
      action: 'delete',
      method: 'DELETE',
      path: one,
      meanings,
      statuses: [noContent, ...failures],
    }),
    endpoint({
      name: 'accounts.comment',
      resource: 'comments',
      action: 'comment',
      method: 'POST',
      path: one,
      meanings,
      body: commentOrAttachmentSchema,
      bodyTypes: jsonOrMultipart,
      files: fileNames,
      response: addedSchema,
      statuses: [created, badRequest, ...failures],
    }),
    endpoint({
      name: 'comments.change',
      spares,
      resource: 'comments',
      action: 'change',
      method: 'PUT',
      path: `${base}comment/{pk}/`,
      meanings: { pk: 'Id of the comment' },
      body: commentRequestSchema,
      response: commentSchema,
      statuses: [ok, badRequest, ...failures],
    }),
    endpoint({
      name: 'comments.delete',
      spares,
      resource: 'comments',
      action: 'delete',
      method: 'DELETE',
      path: `${base}comment/{pk}/`,
      meanings: { pk: 'Id of the comment' },
      statuses: [noContent, ...failures],
    }),
    endpoint({
      name: 'attachments.delete',
      spares,
      resource: 'attachments',
      action: 'delete',
      method: 'DELETE',
      path: `${base}attachment/{pk}/`,
      meanings: { pk: 'Id of the attachment' },
      statuses: [noContent, ...failures],
    }),
    endpoint({
      name: 'emails.create',
      resource: 'emails',
      action: 'sendEmail',
      method: 'POST',
      path: `${one}create_mail/`,
      meanings,
      body: emailRequestSchema,
      response: emailAnswerSchema,
      statuses: [ok, accepted, badRequest, ...failures, badGateway],
    }),
  ],
};
