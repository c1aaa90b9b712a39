import { messageOf } from '../../../shared/nouns/activity/email-text.ts';
import { activityTime, activityTitle } from '../../../shared/nouns/activity/activity.ts';
import { computeClient } from '../../../shared/nouns/client/client.ts';
import { contactName } from '../../../shared/nouns/contact/contact.ts';
import { directoryName } from '../../../shared/nouns/directory/directory.ts';
import { type FieldInfo, stepsOf, valueAlong } from '../../../shared/nouns/field.ts';
import { computeInvoice, type Invoice } from '../../../shared/nouns/invoice/invoice.ts';
import { computeLocationContact } from '../../../shared/nouns/location-contact/location-contact.ts';
import { computeOpportunity } from '../../../shared/nouns/opportunity/opportunity.ts';
import { computeTask } from '../../../shared/nouns/task/task.ts';
import { fieldsOf, type NounName, type RecordOf, titleOf } from '../../../shared/nouns/nouns.ts';
import type { BookReader } from '../book.ts';
import { ownFieldInfos } from '../own-fields.ts';

/** Values that are computed and not stored, by noun and path; everything else is read from the record. */
const computed: { [N in NounName]: Record<string, (record: RecordOf[N], today: string) => unknown> } = {
  clients: {
    daysSinceLastContact: (client, today) => computeClient(client, today).daysSinceLastContact,
    isFollowUpOverdue: (client, today) => computeClient(client, today).isFollowUpOverdue,
  },
  contacts: { name: (contact) => contactName(contact) },
  locations: {},
  itemPrices: {},
  opportunities: {
    isOpen: (opportunity, today) => computeOpportunity(opportunity, today).isOpen,
    weightedAmount: (opportunity, today) => computeOpportunity(opportunity, today).weightedAmount,
    isOverdue: (opportunity, today) => computeOpportunity(opportunity, today).isOverdue,
  },
  cases: {},
  tasks: { isOverdue: (task, today) => computeTask(task, today).isOverdue },
  invoices: {
    status: ofInvoice('status'),
    subtotal: ofInvoice('subtotal'),
    taxTotal: ofInvoice('taxTotal'),
    total: ofInvoice('total'),
    amountPaid: ofInvoice('amountPaid'),
    amountDue: ofInvoice('amountDue'),
    isOverdue: ofInvoice('isOverdue'),
  },
  directory: { displayName: (entry) => directoryName(entry) },
  ownFields: {},
  activities: { title: (activity) => activityTitle(activity), time: (activity) => activityTime(activity), message: messageOf },
  locationContacts: { isCurrent: (role, today) => computeLocationContact(role, today).isCurrent },
  locationItemPrices: {},
};

function ofInvoice(path: Exclude<keyof ReturnType<typeof computeInvoice>, 'lines'>) {
  return (invoice: Invoice, today: string) => computeInvoice(invoice, today)[path];
}

/** How the value of a field is read from a record, computed fields included. `today` is the person's local day. */
export function fieldReader(noun: NounName, path: string, today: string): (record: RecordOf[NounName]) => unknown {
  const compute = (computed[noun] as Record<string, (record: RecordOf[NounName], today: string) => unknown>)[path];
  if (compute !== undefined) return (record) => compute(record, today);
  const steps = stepsOf(path);
  return (record) => valueAlong(record, steps);
}

/** True where the value changes with the day and not only with the record. */
export function dependsOnDay(noun: NounName, path: string): boolean {
  return !['contacts', 'activities', 'directory'].includes(noun) && path in computed[noun];
}

/** A field that a list may filter and sort by. Secret ones are not: the order would tell what is masked. */
export function listField(noun: NounName, path: string): FieldInfo | undefined {
  return fieldsOf(noun).find((field) => field.path === path && field.secret !== true);
}

/** The same, fields of one's own included. */
export function fieldAt(book: Pick<BookReader, 'all'>, noun: NounName, path: string): FieldInfo | undefined {
  return path.startsWith('custom.') ? ownFieldInfos(book, noun).find((one) => one.path === path) : listField(noun, path);
}

/** What records of the noun are named by; null where there is none with the id. */
export function titleIn(book: Pick<BookReader, 'get'>, of: NounName | undefined): (id: string) => string | null {
  return (id) => {
    const record = of === undefined ? undefined : book.get(of, id);
    return of === undefined || record === undefined ? null : titleOf(of, record);
  };
}
