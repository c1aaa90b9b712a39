import {
  type CalendarDays,
  type CalendarItem,
  type CalendarKind,
  calendarKinds,
  shownOfDay,
} from '../../../shared/contracts/calendar.contract.ts';
import { type ActivityRecord, activityTime } from '../../../shared/nouns/activity/activity.ts';
import { computeInvoice, type Invoice, isIssued } from '../../../shared/nouns/invoice/invoice.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { type Clock, dayAfter, instantsOfDay } from '../../../shared/lib/clock.ts';
import type { Book } from '../book.ts';
import { createDueIndex, type DueIndex, type DueList } from '../due-index.ts';
import type { DueRecords } from '../due-records.ts';
import { createCalendarItems } from './calendar-items.ts';

export interface CalendarAsked {
  from: string;
  days: number;
  kinds: readonly CalendarKind[];
  whose: string | null;
}

export interface CalendarService {
  days(asked: CalendarAsked): CalendarDays;
  /** All of these days, a day's items without a limit of their own, but at most `limit`. */
  all(asked: CalendarAsked, limit: number): CalendarItem[];
  move(items: readonly { noun: 'clients' | 'tasks'; id: string }[], day: string): Promise<{ operationId: string | null; moved: number }>;
}

/** Kinds whose place is an instant; the others have a day. */
const hasInstant: Readonly<Record<CalendarKind, boolean>> = { followUp: false, task: false, visit: true, email: true, invoice: false };
const shownOverdue = 20;
/** Before every day. */
const always = '';

export function createCalendarService(deps: { book: Book; clock: Clock; due: () => DueRecords }): CalendarService {
  const { book, clock, due } = deps;
  const itemOf = createCalendarItems({ book, clock });
  let own: { visits: DueIndex; invoices: DueIndex } | null = null;

  type Dated = { id: string; deletedAt: string | null };
  function note(into: { visits: DueIndex; invoices: DueIndex }, noun: NounName, record: Dated): void {
    const isLive = record.deletedAt === null;
    if (noun === 'invoices') {
      const invoice = record as Invoice;
      into.invoices.put(record.id, isLive && isOpen(invoice) ? invoice.dueDate : null, []);
    } else if (noun === 'activities') {
      const activity = record as ActivityRecord;
      into.visits.put(record.id, isLive && activity.kind === 'visit' ? activityTime(activity) : null, []);
    }
  }
  /** Issued and not paid. Which of them are overdue follows from the day, and is asked then. */
  function isOpen(invoice: Invoice): boolean {
    if (!isIssued(invoice) || invoice.status === 'cancelled' || invoice.dueDate === null) return false;
    return computeInvoice(invoice, invoice.dueDate).status !== 'paid';
  }
  const noted = () => {
    if (own !== null) return own;
    own = { visits: createDueIndex(), invoices: createDueIndex() };
    for (const record of book.mentioning('invoices', 'dueDate')) note(own, 'invoices', record);
    for (const record of book.mentioning('activities', 'kind', 'visit')) note(own, 'activities', record);
    return own;
  };
  book.watch((noun, _, after) => {
    if (own !== null) note(own, noun, after as Dated);
  });

  function listsOf(whose: string | null): Record<CalendarKind, DueList> {
    const { followUps, tasks, emails } = due();
    const { visits, invoices } = noted();
    return {
      followUp: followUps.of(whose),
      task: tasks.of(whose),
      visit: visits.of(null),
      email: emails.of(null),
      invoice: invoices.of(null),
    };
  }

  /** Where a span of days begins and ends in the list of a kind. */
  function placeOf(kind: CalendarKind, from: string, until: string): [from: string, until: string] {
    return hasInstant[kind] ? [instantsOfDay(clock, from).from, instantsOfDay(clock, until).from] : [from, until];
  }

  const kindsInOrder = (kinds: readonly CalendarKind[]) =>
    (Object.keys(calendarKinds) as CalendarKind[]).filter((kind) => kinds.includes(kind));

  return {
    days({ from, days, kinds, whose }) {
      const lists = listsOf(whose);
      const today = clock.today();
      const until = dayAfter(from, days);
      const shown = kindsInOrder(kinds);
      const counts = Object.fromEntries(
        Object.entries(lists).map(([kind, list]) => {
          const [first, end] = placeOf(kind as CalendarKind, from, until);
          return [kind, list.before(end) - list.before(first)];
        }),
      ) as Record<CalendarKind, number>;
      const daysFound = Array.from({ length: days }, (_, at) => {
        const day = dayAfter(from, at);
        let total = 0;
        const items: CalendarItem[] = [];
        for (const kind of shown) {
          const [first, end] = placeOf(kind, day, dayAfter(day, 1));
          const list = lists[kind];
          total += list.before(end) - list.before(first);
          items.push(...list.between(first, end, shownOfDay).flatMap(({ id, at: place }) => itemOf[kind](id, place) ?? []));
        }
        return { day, total, items: inDayOrder(items) };
      });
      const late = (['followUp', 'task'] as const).filter((kind) => shown.includes(kind));
      return {
        today,
        days: daysFound,
        counts,
        overdue: {
          total: late.reduce((sum, kind) => sum + lists[kind].before(today), 0),
          items: late
            .flatMap((kind) => lists[kind].between(always, today, shownOverdue).flatMap(({ id, at }) => itemOf[kind](id, at) ?? []))
            .toSorted((left, right) => (left.day < right.day ? -1 : left.day > right.day ? 1 : 0))
            .slice(0, shownOverdue),
        },
      };
    },
    all({ from, days, kinds, whose }, limit) {
      const lists = listsOf(whose);
      const items = kindsInOrder(kinds).flatMap((kind) => {
        const [first, end] = placeOf(kind, from, dayAfter(from, days));
        return lists[kind].between(first, end, limit).flatMap(({ id, at }) => itemOf[kind](id, at) ?? []);
      });
      return items.toSorted((left, right) => (left.day < right.day ? -1 : left.day > right.day ? 1 : 0)).slice(0, limit);
    },
    async move(items, day) {
      const { value, operation } = await book.run('calendar.move', null, (tx) => {
        let moved = 0;
        for (const { noun, id } of items) {
          const record = tx.get(noun, id);
          if (record === null || record.deletedAt !== null) continue;
          if (noun === 'clients') tx.change('clients', id, { nextFollowUpDate: day });
          else tx.change('tasks', id, { dueDate: day });
          moved += 1;
        }
        return moved;
      });
      return { operationId: operation?.id ?? null, moved: value };
    },
  };
}

/** What has a time stands in its order, behind what has a day only. */
function inDayOrder(items: CalendarItem[]): CalendarItem[] {
  return items.toSorted((left, right) => ((left.at ?? '') < (right.at ?? '') ? -1 : (left.at ?? '') > (right.at ?? '') ? 1 : 0));
}
