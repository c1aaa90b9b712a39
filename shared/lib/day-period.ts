import { dayAfter } from './clock.ts';

/** Stretches of days that are counted from the person's own today: "this week" is another one next week. */
export const namedPeriods = {
  today: 'today',
  yesterday: 'yesterday',
  tomorrow: 'tomorrow',
  thisWeek: 'this week',
  lastWeek: 'last week',
  nextWeek: 'next week',
  thisMonth: 'this month',
  lastMonth: 'last month',
  nextMonth: 'next month',
  thisYear: 'this year',
  lastYear: 'last year',
  past: 'before today (overdue)',
  future: 'after today',
} as const;
type NamedPeriod = keyof typeof namedPeriods;

/** The same with a number of days: the text of "in the last 30 days" is `last 30`. */
export const countedPeriods = {
  last: 'in the last … days',
  next: 'in the next … days',
  ago: 'over … days ago',
  ahead: 'over … days from now',
} as const;
type CountedPeriod = keyof typeof countedPeriods;

const mostDays = 3650;

export type DayPeriod = { kind: NamedPeriod; days: null } | { kind: CountedPeriod; days: number };

/** Null where the text is no period. */
export function periodOf(text: string): DayPeriod | null {
  if (Object.hasOwn(namedPeriods, text)) return { kind: text as NamedPeriod, days: null };
  const [, kind = '', count = ''] = /^([a-z]{1,10}) (\d{1,4})$/.exec(text) ?? [];
  const days = Number(count);
  return Object.hasOwn(countedPeriods, kind) && days >= 1 && days <= mostDays ? { kind: kind as CountedPeriod, days } : null;
}

export function periodText({ kind, days }: DayPeriod): string {
  return days === null ? kind : `${kind} ${days}`;
}

/** First and last day, both of them in it; null where it has no such end. */
interface DaySpan {
  from: string | null;
  to: string | null;
}

/** "The last 30 days" are today and the 30 days before it; what is "over 30 days ago" is the rest. Weeks begin on Monday. */
export function spanOf({ kind, days }: DayPeriod, today: string): DaySpan {
  const on = (by: number): string => dayAfter(today, by);
  const week = (by: number): DaySpan => {
    const monday = -((new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7) + 7 * by;
    return { from: on(monday), to: on(monday + 6) };
  };
  const month = (by: number): DaySpan => ({ from: firstOfMonth(today, by), to: dayAfter(firstOfMonth(today, by + 1), -1) });
  const year = (by: number): DaySpan => {
    const number = String(Number(today.slice(0, 4)) + by).padStart(4, '0');
    return { from: `${number}-01-01`, to: `${number}-12-31` };
  };
  switch (kind) {
    case 'today':
      return { from: today, to: today };
    case 'yesterday':
      return { from: on(-1), to: on(-1) };
    case 'tomorrow':
      return { from: on(1), to: on(1) };
    case 'thisWeek':
      return week(0);
    case 'lastWeek':
      return week(-1);
    case 'nextWeek':
      return week(1);
    case 'thisMonth':
      return month(0);
    case 'lastMonth':
      return month(-1);
    case 'nextMonth':
      return month(1);
    case 'thisYear':
      return year(0);
    case 'lastYear':
      return year(-1);
    case 'past':
      return { from: null, to: on(-1) };
    case 'future':
      return { from: on(1), to: null };
    case 'last':
      return { from: on(-days), to: today };
    case 'next':
      return { from: today, to: on(days) };
    case 'ago':
      return { from: null, to: on(-days - 1) };
    case 'ahead':
      return { from: on(days + 1), to: null };
  }
}

/** The first day of the month that is so many months on from a day. */
export function firstOfMonth(day: string, by: number): string {
  return new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1 + by, 1)).toISOString().slice(0, 10);
}
