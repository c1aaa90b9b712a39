import {
  type ActivityRecord,
  activityFieldInfo,
  activityHas,
  activityTime,
  countsAsContact,
  emailProblem,
  lastContactAfter,
} from './activity.ts';
import { isSame } from '../../lib/equal.ts';
import { type Problem, ProblemError } from '../../lib/result.ts';
import { parentsOf, type Stored } from '../nouns.ts';
import { parseStamp, stampOf } from '../../sync/stamp.ts';
import { clientIdOf } from '../client-of.ts';
import type { RecordRules } from '../record-rules.ts';
import type { Step } from '../../operations/transaction.ts';
import { type Words, words } from '../../words/words.ts';

/** Fields that make an activity another contact, on another day or of another client. */
const contactFields = ['kind', 'status', 'sentAt', 'occurredAt', 'about', 'aboutId'] as const;

/** What the recipient of an e-mail has in hand. */
const message: ReadonlySet<string> = new Set(['fromAccount', 'recipients', 'subject', 'html']);

const hasLeft: Problem = {
  code: 'INVALID_INPUT',
  ...words('records.emailHasLeft'),
};

export const activityRules: RecordRules<ActivityRecord> = {
  // How far an e-mail is on its way. Only a part of it taken back could send it twice, or say that a sent one waits.
  together: new Set(['status', 'scheduledFor', 'outbox', 'failure', 'sentAt']),
  keeps(email, wanted, by) {
    const { kind, status } = email;
    if (kind !== 'email' || (status !== 'sending' && status !== 'sent')) return null;
    const isDeletedBefore = typeof wanted.deletedAt === 'string' && wanted.deletedAt < leftAt(email);
    const isKept = (field: string) =>
      message.has(field) ||
      // A step back to before it left does not undo that it left. To delete it afterwards says nothing of the kind: a person
      // may, and may take that back and do it again.
      (field === 'deletedAt' && (by === 'unmaking' || (by === 'step' && isDeletedBefore)));
    const fields = Object.keys(wanted).filter(isKept);
    return fields.length === 0 ? null : { fields, problem: hasLeft };
  },
  derive(activity) {
    if (activity.kind === 'email' && activity.status === null) return { status: 'draft' };
    if (activity.kind === 'attachment' && activity.mediaType === null) return { mediaType: 'application/octet-stream' };
    return {};
  },
  check(activity, differs) {
    if (differs('kind') && !differs('createdAt')) return problem('kind', words('records.loggedStays'));
    for (const [field, value] of Object.entries(activity)) {
      if (!ownFields.has(field) || activityHas(activity.kind, field) || !differs(field as keyof ActivityRecord) || isNothing(value))
        continue;
      const label = activityFieldInfo.find(({ path }) => path === field)?.label ?? field;
      return problem(field, words('records.activityHasNone', { label, kind: activity.kind }));
    }
    if (activity.kind === 'comment' && activity.body === null && differs('body')) return problem('body', words('records.commentEmpty'));
    if (activity.kind === 'attachment' && activity.fileName === null && differs('fileName'))
      return problem('fileName', words('records.fileWithoutName'));
    if (activity.kind === 'email' && activity.status !== null && (differs('status') || differs('recipients') || differs('scheduledFor')))
      return emailProblem({ ...activity, status: activity.status });
    return null;
  },
  follow(activity, differs, step, { today, dayOf }) {
    if (!countsAsContact(activity) || !contactFields.some(differs)) return;
    const day = dayOf(activity.kind === 'email' ? (activity.sentAt ?? activityTime(activity)) : activityTime(activity));
    if (activity.kind === 'email' && activity.about === 'invoices') followInvoice(activity.aboutId, day, step);
    if (day > today) {
      // An e-mail has left, whatever the machine's clock says.
      if (activity.kind === 'email' || !differs('occurredAt')) return;
      throw new ProblemError(problem('occurredAt', words('records.loggedAhead', { kind: activity.kind })));
    }
    const [on] = parentsOf('activities', activity);
    const clientId = on === undefined || on.of === null ? null : clientIdOf(step, on.of, on.id);
    const client = clientId === null ? undefined : step.get('clients', clientId);
    if (client === undefined || client.deletedAt !== null) return;
    const lastContactDate = lastContactAfter(client.lastContactDate, day);
    const firstContactDate = client.firstContactDate ?? day;
    if (isSame([lastContactDate, firstContactDate], [client.lastContactDate, client.firstContactDate])) return;
    step.assign('clients', client.id, { lastContactDate, firstContactDate });
  },
  parentUnknown: [
    {
      code: 'NOT_FOUND',
      field: 'aboutId',
      ...words('records.aboutUnknown'),
    },
  ],
};

/** An invoice is sent with the first e-mail on it that left since it was issued. */
function followInvoice(id: string, day: string, step: Pick<Step, 'get' | 'assign'>): void {
  const invoice = step.get('invoices', id);
  if (invoice === undefined || invoice.deletedAt !== null || invoice.sentOn !== null) return;
  if (invoice.status === 'draft' || invoice.status === 'cancelled' || (invoice.issueDate !== null && day < invoice.issueDate)) return;
  step.assign('invoices', id, { sentOn: day });
}

/** When it left, or was begun to be sent where nobody knows. */
function leftAt({ sentAt, stamps }: Stored<ActivityRecord>): string {
  return sentAt ?? new Date(parseStamp(stampOf(stamps, 'status') as string).ms).toISOString();
}

const ownFields: ReadonlySet<string> = new Set([
  'body',
  'mentions',
  'contactIds',
  'locationId',
  'durationMinutes',
  'fromAccount',
  'recipients',
  'subject',
  'html',
  'scheduledFor',
  'status',
  'sentAt',
  'failure',
  'outbox',
  'noteId',
  'fileName',
  'mediaType',
  'size',
  'sha256',
]);

function isNothing(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function problem(field: string, says: Words): Problem {
  return { code: 'INVALID_INPUT', field, ...says };
}
