import type { CalendarItem, CalendarKind } from '../../../shared/contracts/calendar.contract.ts';
import type { Client } from '../../../shared/nouns/client/client.ts';
import { computeInvoice } from '../../../shared/nouns/invoice/invoice.ts';
import { titleOf } from '../../../shared/nouns/nouns.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import type { Book } from '../book.ts';
import { clientOfActivity, waysOfClient } from '../due-records.ts';

/** What a calendar shows of a record of each kind at its day or instant; null where the record is not in the book any more. */
export function createCalendarItems({
  book,
  clock,
}: {
  book: Book;
  clock: Clock;
}): Record<CalendarKind, (id: string, at: string) => CalendarItem | null> {
  const clientFacts = (client: Client | undefined) => {
    const ways = client === undefined ? null : waysOfClient(book, client);
    return {
      clientId: client?.id ?? null,
      clientName: client?.name ?? null,
      phone: ways?.phone ?? null,
      address: ways?.address ?? null,
    };
  };
  const clientOf = (id: string | null) => (id === null ? undefined : book.get('clients', id));
  const still = { at: null, amount: null, isDone: false, canMove: false } as const;

  return {
    followUp(id, day) {
      const client = book.get('clients', id);
      if (client === undefined) return null;
      return {
        ...still,
        key: `followUp/${id}`,
        kind: 'followUp',
        noun: 'clients',
        id,
        title: client.name,
        ...clientFacts(client),
        day,
        canMove: true,
      };
    },
    task(id, day) {
      const task = book.get('tasks', id);
      if (task === undefined) return null;
      const client = clientFacts(clientOf(task.clientId));
      return { ...still, key: `task/${id}`, kind: 'task', noun: 'tasks', id, title: task.title, ...client, day, canMove: true };
    },
    visit(id, at) {
      const visit = book.get('activities', id);
      if (visit === undefined) return null;
      const client = clientFacts(clientOf(clientOfActivity(book, visit).clientId));
      const title = client.clientName ?? 'Visit';
      return {
        ...still,
        key: `visit/${id}`,
        kind: 'visit',
        noun: 'activities',
        id,
        title,
        ...client,
        day: clock.dayOf(at),
        at,
        isDone: true,
      };
    },
    email(id, at) {
      const email = book.get('activities', id);
      if (email === undefined) return null;
      const client = clientFacts(clientOf(clientOfActivity(book, email).clientId));
      const title = email.subject ?? 'No subject';
      return { ...still, key: `email/${id}`, kind: 'email', noun: 'activities', id, title, ...client, day: clock.dayOf(at), at };
    },
    invoice(id, day) {
      const invoice = book.get('invoices', id);
      if (invoice === undefined) return null;
      const { amountDue } = computeInvoice(invoice, clock.today());
      const client = clientFacts(clientOf(invoice.clientId));
      const title = titleOf('invoices', invoice);
      return {
        ...still,
        key: `invoice/${id}`,
        kind: 'invoice',
        noun: 'invoices',
        id,
        title,
        ...client,
        day,
        amount: { value: amountDue, currency: invoice.currency },
      };
    },
  };
}
