import type { TodayQueue, TodayRow } from '../../shared/contracts/today.contract.ts';
import { groupsInOrder, type TodayGroup, type TodayRule } from '../../shared/contracts/today-rule.ts';
import { type ActivityRecord, activityTime, activityTitle, type CallOutcome } from '../../shared/nouns/activity/activity.ts';
import type { Client } from '../../shared/nouns/client/client.ts';
import { clientWays } from '../../shared/nouns/client/client-ways.ts';
import { directoryName, peopleOf } from '../../shared/nouns/directory/directory.ts';
import { type NounName, nouns, parentsOf, type RecordOf, type Stored } from '../../shared/nouns/nouns.ts';
import type { Task } from '../../shared/nouns/task/task.ts';
import { type Clock, dayAfter } from '../../shared/lib/clock.ts';
import { isSame } from '../../shared/lib/equal.ts';
import { isNounName } from '../../shared/operations/apply-operation.ts';
import { survivorOf } from '../../shared/operations/aliases.ts';
import type { Book } from './book.ts';
import { createDueIndex, type DueIndex } from './due-index.ts';
import { nameOf } from './lists/record-views.ts';

export interface CallInput {
  clientId: string;
  outcome: CallOutcome;
  contactId: string | null;
  body: string | null;
  next: string | null;
}

/** A change that a sync left for a person to decide about. */
export interface OpenDecision {
  kind: 'conflict' | 'refused';
  collection: string;
  recordId: string;
  at: string;
}

export interface TodayService {
  /** Up to `shown` rows of each group. */
  queue(shown: number, decisions: readonly OpenDecision[]): TodayQueue;
  /** How much there is to do, without clients that have gone quiet. */
  due(decisions: readonly OpenDecision[]): number;
  logCall(input: CallInput): Promise<{ id: string; operationId: string | null }>;
}

const shownDone = 100;
/** Before every day and instant. */
const always = '';

/** What has a day and may come up in the queue, kept while the book changes, so that the queue never reads the book. */
interface Due {
  followUps: DueIndex;
  /** Clients with nothing planned, by the day of the last contact. */
  unplanned: DueIndex;
  tasks: DueIndex;
  /** E-mails that wait for their time. */
  emails: DueIndex;
  /** Calls, visits and completed tasks, by when. Of the last days only. */
  done: { calls: DueIndex; visits: DueIndex; tasks: DueIndex };
}

export function createTodayService(deps: { book: Book; clock: Clock; rule: () => TodayRule }): TodayService {
  const { book, clock, rule } = deps;
  let due: Due | null = null;

  // Noted for as long as a day may be anywhere on earth; older ones are of no today any more.
  const isRecent = (at: string) => clock.now() - Date.parse(at) < 48 * 3_600_000;
  const people = (userIds: readonly string[], teamIds: readonly string[]) =>
    peopleOf(userIds, teamIds, (id) => book.get('directory', id) ?? null);

  function note(into: Due, noun: NounName, record: { id: string; deletedAt: string | null }): void {
    const { id } = record;
    const isLive = record.deletedAt === null;
    if (noun === 'clients') {
      const client = record as Client;
      const { nextFollowUpDate: next, lastContactDate: last, accountOwnerId, assignedToIds, teamIds } = client;
      const owners = people(accountOwnerId === null ? assignedToIds : [accountOwnerId, ...assignedToIds], teamIds);
      into.followUps.put(id, isLive ? next : null, owners);
      into.unplanned.put(id, isLive && client.isActive && next === null ? last : null, owners);
    } else if (noun === 'tasks') {
      const task = record as Task;
      const isDone = isLive && task.status === 'completed';
      into.tasks.put(id, isLive && !isDone ? task.dueDate : null, people(task.assignedToIds, task.teamIds));
      into.done.tasks.put(id, isDone && isRecent(task.updatedAt) ? task.updatedAt : null, []);
    } else if (noun === 'activities') {
      const activity = record as ActivityRecord;
      const isWaiting = activity.kind === 'email' && activity.status === 'scheduled';
      into.emails.put(id, isLive && isWaiting ? activity.scheduledFor : null, []);
      const at = activityTime(activity);
      const isDone = isLive && isRecent(at);
      into.done.calls.put(id, isDone && activity.kind === 'call' ? at : null, []);
      into.done.visits.put(id, isDone && activity.kind === 'visit' ? at : null, []);
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
    const index = () => createDueIndex();
    due = {
      followUps: index(),
      unplanned: index(),
      tasks: index(),
      emails: index(),
      done: { calls: index(), visits: index(), tasks: index() },
    };
    for (const [noun, records] of mayBeDue()) for (const record of records) note(due, noun, record);
    return due;
  };
  book.watch((noun, before, after) => {
    if (due === null) return;
    const membersOf = (record: object | null) => (record !== null && 'memberIds' in record ? record.memberIds : null);
    // Whose it is follows from who is in a team. That changes seldom, and is worked out anew.
    if (noun === 'directory' && !isSame(membersOf(before), membersOf(after))) due = null;
    else note(due, noun, after as { id: string; deletedAt: string | null });
  });

  const nothing = { noun: null, clientId: null, clientName: null, phone: null, day: null, at: null };

  function clientRow({ id, at: day }: { id: string; at: string }): TodayRow | null {
    const client = book.get('clients', id);
    if (client === undefined) return null;
    const { name } = client;
    return {
      ...nothing,
      key: `clients/${id}`,
      kind: 'call',
      noun: 'clients',
      id,
      title: name,
      clientId: id,
      clientName: name,
      phone: phoneOf(client),
      day,
    };
  }

  /** What hangs on the client and stands first there. */
  function primaryOf<N extends 'contacts' | 'locations'>(noun: N, clientId: string): Stored<RecordOf[N]> | undefined {
    return book.children(noun, clientId).find(({ deletedAt, isPrimary, isActive }) => deletedAt === null && isPrimary && isActive);
  }

  function phoneOf(client: Client): string | null {
    return client.phone ?? clientWays(client, primaryOf('contacts', client.id), primaryOf('locations', client.id)).phone;
  }

  function taskRow({ id, at: day }: { id: string; at: string }): TodayRow | null {
    const task = book.get('tasks', id);
    if (task === undefined) return null;
    const client = task.clientId === null ? undefined : book.get('clients', task.clientId);
    return {
      ...nothing,
      key: `tasks/${id}`,
      kind: 'task',
      noun: 'tasks',
      id,
      title: task.title,
      clientId: client?.id ?? null,
      clientName: client?.name ?? null,
      phone: client === undefined ? null : phoneOf(client),
      day,
    };
  }

  function emailRow({ id, at }: { id: string; at: string }): TodayRow | null {
    const email = book.get('activities', id);
    if (email === undefined) return null;
    const title = email.subject ?? 'No subject';
    return { ...nothing, key: `activities/${id}`, kind: 'email', noun: 'activities', id, title, ...clientOf(email), at };
  }

  function decisionRow({ kind, collection, recordId: id, at }: OpenDecision): TodayRow {
    const noun = isNounName(collection) ? collection : null;
    const record = noun === null ? undefined : survivorOf((one) => book.get(noun, one), id);
    const title =
      noun === null
        ? 'A step of the history'
        : record === undefined
          ? `A ${nouns[noun].singular} that is not here any more`
          : nameOf(noun, record);
    return { ...nothing, key: `${kind}/${collection}/${id}`, kind, noun: record === undefined ? null : noun, id, title, at };
  }

  function clientOf(activity: ActivityRecord): { clientId: string | null; clientName: string | null } {
    const [on] = parentsOf('activities', activity);
    const about = on?.of === undefined || on.of === null ? undefined : book.get(on.of, on.id);
    const clientId = on?.of === 'clients' ? on.id : about !== undefined && 'clientId' in about ? about.clientId : null;
    const client = clientId === null ? undefined : book.get('clients', clientId);
    return { clientId: client?.id ?? null, clientName: client?.name ?? null };
  }

  /** Whose work is asked for; a person who is not in the book any more hides nobody's. */
  function whoseNow(): { id: string; name: string } | null {
    const { whose } = rule();
    const person = whose === null ? undefined : survivorOf((id) => book.get('directory', id), whose);
    return person === undefined || person.deletedAt !== null ? null : { id: person.id, name: directoryName(person) };
  }

  /** The instants of a day of this person, found by halving: days follow from instants, and not the other way round. */
  function instantsOf(day: string): { from: string; until: string } {
    const first = (wanted: string): string => {
      // A day begins at most 14 hours before and 12 after that of Greenwich.
      let [low, high] = [Date.parse(`${wanted}T00:00:00Z`) - 15 * 3_600_000, Date.parse(`${wanted}T00:00:00Z`) + 13 * 3_600_000];
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (clock.dayOf(new Date(middle).toISOString()) < wanted) low = middle;
        else high = middle;
      }
      return new Date(high).toISOString();
    };
    return { from: first(day), until: first(dayAfter(day, 1)) };
  }

  /** Each record once, however many of its fields wait. */
  function oncePerRecord(decisions: readonly OpenDecision[]): OpenDecision[] {
    const found = new Map<string, OpenDecision>();
    for (const one of decisions) {
      const key = `${one.kind}/${one.collection}/${one.recordId}`;
      if (!found.has(key)) found.set(key, one);
    }
    return [...found.values()];
  }

  interface Group {
    total: number;
    first: (limit: number) => (TodayRow | null)[];
  }

  /** What each group has, asked for only where it is shown. */
  function groupsOf(today: string, decisions: readonly OpenDecision[]): Record<TodayGroup, Group> {
    const { followUps, unplanned, tasks, emails } = noted();
    const whose = whoseNow()?.id ?? null;
    const [calls, works] = [followUps.of(whose), tasks.of(whose)];
    const tomorrow = dayAfter(today, 1);
    const { until } = instantsOf(today);
    const waiting = oncePerRecord(decisions);
    const quietFrom = dayAfter(today, 1 - rule().quietAfterDays);
    return {
      overdue: {
        total: calls.before(today) + works.before(today),
        first: (limit) =>
          [
            ...calls.between(always, today, limit).map((one) => ({ ...one, row: clientRow })),
            ...works.between(always, today, limit).map((one) => ({ ...one, row: taskRow })),
          ]
            .sort((left, right) => (left.at < right.at ? -1 : left.at > right.at ? 1 : 0))
            .slice(0, limit)
            .map(({ row, ...one }) => row(one)),
      },
      calls: {
        total: calls.before(tomorrow) - calls.before(today),
        first: (limit) => calls.between(today, tomorrow, limit).map(clientRow),
      },
      tasks: { total: works.before(tomorrow) - works.before(today), first: (limit) => works.between(today, tomorrow, limit).map(taskRow) },
      emails: { total: emails.of(null).before(until), first: (limit) => emails.of(null).between(always, until, limit).map(emailRow) },
      sync: { total: waiting.length, first: (limit) => waiting.slice(0, limit).map(decisionRow) },
      quiet: {
        total: unplanned.of(whose).before(quietFrom),
        first: (limit) => unplanned.of(whose).between(always, quietFrom, limit).map(clientRow),
      },
    };
  }

  function doneOn(today: string): TodayQueue['done'] {
    const { done } = noted();
    const { from, until } = instantsOf(today);
    const count = (index: DueIndex) => index.of(null).before(until) - index.of(null).before(from);
    const rows = Object.entries(done)
      .flatMap(([kind, index]) =>
        index
          .of(null)
          .last(from, until, shownDone)
          .map((one) => ({ ...one, kind })),
      )
      .sort((left, right) => (`${left.at} ${left.id}` < `${right.at} ${right.id}` ? 1 : -1))
      .slice(0, shownDone)
      .flatMap(({ id, kind }): TodayQueue['done']['rows'] => {
        if (kind === 'tasks') {
          const row = taskRow({ id, at: today });
          return row === null ? [] : [{ noun: 'tasks', id, title: row.title, clientName: row.clientName }];
        }
        const activity = book.get('activities', id);
        return activity === undefined
          ? []
          : [{ noun: 'activities', id, title: activityTitle(activity), clientName: clientOf(activity).clientName }];
      });
    return { calls: count(done.calls), visits: count(done.visits), tasks: count(done.tasks), rows };
  }

  return {
    queue(shown, decisions) {
      const today = clock.today();
      const found = groupsOf(today, decisions);
      const groups = groupsInOrder(rule()).flatMap((group) => {
        const { total, first } = found[group];
        return total === 0 ? [] : [{ group, rows: first(shown).flatMap((row) => row ?? []), total }];
      });
      return { today, groups, whose: whoseNow()?.name ?? null, done: doneOn(today) };
    },
    due(decisions) {
      const { quiet: _, ...groups } = groupsOf(clock.today(), decisions);
      return Object.values(groups).reduce((sum, { total }) => sum + total, 0);
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
