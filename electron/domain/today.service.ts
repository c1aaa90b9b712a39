import type { TodayQueue, TodayRow } from '../../shared/contracts/today.contract.ts';
import { groupsInOrder, type TodayGroup, type TodayRule } from '../../shared/contracts/today-rule.ts';
import { activityTitle, type CallOutcome } from '../../shared/nouns/activity/activity.ts';
import { directoryName } from '../../shared/nouns/directory/directory.ts';
import { type Clock, dayAfter, instantsOfDay } from '../../shared/lib/clock.ts';
import { survivorOf } from '../../shared/operations/aliases.ts';
import type { Book } from './book.ts';
import type { DueIndex } from './due-index.ts';
import { clientOfActivity, type DueRecords } from './due-records.ts';
import { createTodayRows, type OpenDecision } from './today-rows.ts';

export interface CallInput {
  clientId: string;
  outcome: CallOutcome;
  contactId: string | null;
  body: string | null;
  next: string | null;
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

export function createTodayService(deps: { book: Book; clock: Clock; rule: () => TodayRule; due: () => DueRecords }): TodayService {
  const { book, clock, rule, due: noted } = deps;
  const { clientRow, taskRow, emailRow, decisionRow } = createTodayRows(book);
  /** Whose work is asked for; a person who is not in the book any more hides nobody's. */
  function whoseNow(): { id: string; name: string } | null {
    const { whose } = rule();
    const person = whose === null ? undefined : survivorOf((id) => book.get('directory', id), whose);
    return person === undefined || person.deletedAt !== null ? null : { id: person.id, name: directoryName(person) };
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
    const { until } = instantsOfDay(clock, today);
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
    const { from, until } = instantsOfDay(clock, today);
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
          : [{ noun: 'activities', id, title: activityTitle(activity), clientName: clientOfActivity(book, activity).clientName }];
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
