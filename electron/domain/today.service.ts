import { quietAfterDays, type TodayGroup, todayGroups, type TodayQueue, type TodayRow } from '../../shared/contracts/today.contract.ts';
import { type ActivityRecord, activityTime, activityTitle, type CallOutcome } from '../../shared/nouns/activity/activity.ts';
import type { Client } from '../../shared/nouns/client/client.ts';
import { type NounName, parentsOf } from '../../shared/nouns/nouns.ts';
import type { Task } from '../../shared/nouns/task/task.ts';
import { type Clock, daysBetween } from '../../shared/lib/clock.ts';
import type { Book } from './book.ts';
import type { RecordQueries } from './lists/record-queries.ts';

export interface CallInput {
  clientId: string;
  outcome: CallOutcome;
  contactId: string | null;
  body: string | null;
  next: string | null;
}

export interface TodayService {
  queue(): TodayQueue;
  logCall(input: CallInput): Promise<{ id: string; operationId: string | null }>;
}

/** More of a group than anybody does in a day is counted, not listed. */
const shownOfGroup = 200;
const shownDone = 100;

/** What has a day and may come up in the queue, kept by id while the book changes, so that the queue never reads the book. */
interface Due {
  followUps: Map<string, string>;
  /** Clients with nothing planned: the day of the last contact. */
  unplanned: Map<string, string>;
  tasks: Map<string, string>;
  /** E-mails that wait for their time. */
  emails: Map<string, string>;
  /** Calls, visits and completed tasks, with when. Of the last days only. */
  done: Map<string, { noun: 'activities' | 'tasks'; at: string; kind: 'calls' | 'visits' | 'tasks' }>;
}

export function createTodayService(deps: { book: Book; queries: RecordQueries; clock: Clock }): TodayService {
  const { book, queries, clock } = deps;
  let due: Due | null = null;

  // Noted for as long as a day may be anywhere on earth; older ones are of no today any more.
  const isRecent = (at: string) => clock.now() - Date.parse(at) < 48 * 3_600_000;

  function note(into: Due, noun: NounName, record: { id: string; deletedAt: string | null }): void {
    const { id } = record;
    const isLive = record.deletedAt === null;
    if (noun === 'clients') {
      const client = record as Client;
      const { nextFollowUpDate: next, lastContactDate: last } = client;
      put(into.followUps, id, isLive ? next : null);
      put(into.unplanned, id, isLive && client.isActive && next === null ? last : null);
    } else if (noun === 'tasks') {
      const task = record as Task;
      const isDone = isLive && task.status === 'completed';
      put(into.tasks, id, isLive && !isDone ? task.dueDate : null);
      put(into.done, id, isDone && isRecent(task.updatedAt) ? { noun, at: task.updatedAt, kind: 'tasks' as const } : null);
    } else if (noun === 'activities') {
      const activity = record as ActivityRecord;
      const isWaiting = activity.kind === 'email' && activity.status === 'scheduled';
      put(into.emails, id, isLive && isWaiting ? activity.scheduledFor : null);
      const kind = activity.kind === 'call' ? ('calls' as const) : activity.kind === 'visit' ? ('visits' as const) : null;
      const at = activityTime(activity);
      put(into.done, id, isLive && kind !== null && isRecent(at) ? { noun, at, kind } : null);
    }
  }

  /** What has a day or was touched lately. Who asks for all records makes a large book slow to start. */
  function* mayBeDue(): Generator<[NounName, Iterable<{ id: string; deletedAt: string | null }>]> {
    const isLate = ({ updatedAt }: { updatedAt: string }) => isRecent(updatedAt);
    yield ['clients', book.mentioning('clients', 'nextFollowUpDate')];
    yield ['clients', book.mentioning('clients', 'lastContactDate')];
    yield ['tasks', book.mentioning('tasks', 'dueDate')];
    yield ['tasks', book.lastTouched('tasks', isLate)];
    yield ['activities', book.mentioning('activities', 'status', 'scheduled')];
    yield ['activities', book.lastTouched('activities', isLate)];
  }

  const noted = (): Due => {
    if (due !== null) return due;
    due = { followUps: new Map(), unplanned: new Map(), tasks: new Map(), emails: new Map(), done: new Map() };
    for (const [noun, records] of mayBeDue()) for (const record of records) note(due, noun, record);
    return due;
  };
  book.watch((noun, _before, after) => {
    if (due !== null) note(due, noun, after as { id: string; deletedAt: string | null });
  });

  const nothing = { clientId: null, clientName: null, phone: null, day: null, at: null };

  function clientRow(id: string, day: string): TodayRow | null {
    const client = queries.get('clients', id);
    if (client === null) return null;
    return { ...nothing, noun: 'clients', id, title: client.name, clientId: id, clientName: client.name, phone: phoneOf(client), day };
  }

  function phoneOf(client: { phone: string | null; primaryContactId: string | null; address: { phone: string | null } }): string | null {
    const contact = client.primaryContactId === null ? undefined : book.get('contacts', client.primaryContactId);
    return client.phone ?? contact?.phone ?? client.address.phone;
  }

  function taskRow(id: string, day: string): TodayRow | null {
    const task = book.get('tasks', id);
    if (task === undefined) return null;
    const client = task.clientId === null ? null : queries.get('clients', task.clientId);
    return {
      ...nothing,
      noun: 'tasks',
      id,
      title: task.title,
      clientId: client?.id ?? null,
      clientName: client?.name ?? null,
      phone: client === null ? null : phoneOf(client),
      day,
    };
  }

  function emailRow(id: string, at: string): TodayRow | null {
    const email = book.get('activities', id);
    if (email === undefined) return null;
    return { ...nothing, noun: 'activities', id, title: email.subject ?? 'No subject', ...clientOf(email), at };
  }

  function clientOf(activity: ActivityRecord): { clientId: string | null; clientName: string | null } {
    const [on] = parentsOf('activities', activity);
    const about = on?.of === undefined || on.of === null ? undefined : book.get(on.of, on.id);
    const clientId = on?.of === 'clients' ? on.id : about !== undefined && 'clientId' in about ? about.clientId : null;
    const client = clientId === null ? undefined : book.get('clients', clientId);
    return { clientId: client?.id ?? null, clientName: client?.name ?? null };
  }

  return {
    queue() {
      const today = clock.today();
      const { followUps, unplanned, tasks, emails, done } = noted();
      const found: Record<TodayGroup, { at: string; row: () => TodayRow | null }[]> = {
        overdue: [...sorted(followUps, (day) => day < today, clientRow), ...sorted(tasks, (day) => day < today, taskRow)].sort(
          (left, right) => (left.at < right.at ? -1 : left.at > right.at ? 1 : 0),
        ),
        calls: sorted(followUps, (day) => day === today, clientRow),
        tasks: sorted(tasks, (day) => day === today, taskRow),
        emails: sorted(emails, (at) => clock.dayOf(at) <= today, emailRow),
        quiet: sorted(unplanned, (day) => daysBetween(day, today) >= quietAfterDays, clientRow),
      };
      const groups = (Object.keys(todayGroups) as TodayGroup[]).flatMap((group) => {
        const all = found[group];
        const rows = all.slice(0, shownOfGroup).flatMap(({ row }) => row() ?? []);
        return all.length === 0 ? [] : [{ group, rows, total: all.length }];
      });
      const ofToday = [...done]
        .filter(([, { at }]) => clock.dayOf(at) === today)
        .sort(([leftId, left], [rightId, right]) => (`${left.at} ${leftId}` < `${right.at} ${rightId}` ? 1 : -1));
      const count = (kind: 'calls' | 'visits' | 'tasks') => ofToday.filter(([, one]) => one.kind === kind).length;
      const rows = ofToday.slice(0, shownDone).flatMap(([id, { noun }]): TodayQueue['done']['rows'] => {
        if (noun === 'tasks') {
          const row = taskRow(id, today);
          return row === null ? [] : [{ noun, id, title: row.title, clientName: row.clientName }];
        }
        const activity = book.get('activities', id);
        return activity === undefined ? [] : [{ noun, id, title: activityTitle(activity), clientName: clientOf(activity).clientName }];
      });
      return { today, groups, done: { calls: count('calls'), visits: count('visits'), tasks: count('tasks'), rows } };
    },
    async logCall({ clientId, outcome, contactId, body, next }) {
      const { value, operation } = await book.run('today.logCall', null, (tx) => {
        const contactIds = contactId === null ? [] : [contactId];
        const call = tx.create('activities', { kind: 'call', about: 'clients', aboutId: clientId, outcome, contactIds, body });
        tx.change('clients', clientId, { nextFollowUpDate: next });
        return call.id;
      });
      return { id: value, operationId: operation?.id ?? null };
    },
  };
}

function put<V>(into: Map<string, V>, id: string, value: V | null): void {
  if (value === null) into.delete(id);
  else into.set(id, value);
}

/** What fits, the longest overdue first. */
function sorted(
  from: ReadonlyMap<string, string>,
  fits: (at: string) => boolean,
  rowOf: (id: string, at: string) => TodayRow | null,
): { at: string; row: () => TodayRow | null }[] {
  return [...from]
    .filter(([, at]) => fits(at))
    .sort(([leftId, left], [rightId, right]) => (left === right ? (leftId < rightId ? -1 : 1) : left < right ? -1 : 1))
    .map(([id, at]) => ({ at, row: () => rowOf(id, at) }));
}
