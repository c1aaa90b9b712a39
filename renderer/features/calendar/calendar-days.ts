import { dayAfter } from '../../../shared/lib/clock.ts';

export const calendarViews = { month: 'Month', week: 'Week', day: 'Day', agenda: 'Agenda' } as const;
export type CalendarView = keyof typeof calendarViews;

/** 1 for Monday to 7 for Sunday. */
export function weekdayOf(day: string): number {
  return ((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7) + 1;
}

/** With which day the week begins where the person is; Monday where the browser does not say. */
export function firstWeekday(locale: string = new Intl.DateTimeFormat().resolvedOptions().locale): number {
  // Browsers have it as a method, some older ones as a value, and TypeScript does not know it yet.
  const known = new Intl.Locale(locale) as { getWeekInfo?: () => { firstDay: number }; weekInfo?: { firstDay: number } };
  return (known.getWeekInfo?.() ?? known.weekInfo)?.firstDay ?? 1;
}

export function weekBegin(day: string, first: number): string {
  return dayAfter(day, -((weekdayOf(day) - first + 7) % 7));
}

/** The same day of another month, or its last one. */
export function monthAfter(day: string, months: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const at = new Date(Date.UTC(year, month - 1 + months, 1));
  const last = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), Math.min(date, last))).toISOString().slice(0, 10);
}

/** The days that a view shows around one of them. A month is shown in whole weeks. */
export function daysShown(view: CalendarView, day: string, first: number): { from: string; days: number } {
  if (view === 'day') return { from: day, days: 1 };
  if (view === 'agenda') return { from: day, days: 14 };
  if (view === 'week') return { from: weekBegin(day, first), days: 7 };
  const begin = weekBegin(`${day.slice(0, 8)}01`, first);
  const end = monthAfter(`${day.slice(0, 8)}01`, 1);
  let days = 28;
  while (dayAfter(begin, days) < end) days += 7;
  return { from: begin, days };
}

/** A step further on, or back. */
export function stepFrom(view: CalendarView, day: string, step: 1 | -1): string {
  if (view === 'month') return monthAfter(day, step);
  return dayAfter(day, step * { week: 7, day: 1, agenda: 14 }[view]);
}

const monthTitle = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric', timeZone: 'UTC' });
const span = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
const weekdayShort = new Intl.DateTimeFormat(undefined, { weekday: 'short', timeZone: 'UTC' });
const monthShort = new Intl.DateTimeFormat(undefined, { month: 'short', timeZone: 'UTC' });

const at = (day: string) => new Date(`${day}T00:00:00Z`);

export function titleOfDays(view: CalendarView, day: string, { from, days }: { from: string; days: number }): string {
  if (view === 'month') return monthTitle.format(at(day));
  if (view === 'day') return longDay.format(at(day));
  return span.formatRange(at(from), at(dayAfter(from, days - 1)));
}

export const longDayText = (day: string) => longDay.format(at(day));
export const weekdayText = (day: string) => weekdayShort.format(at(day));
export const monthText = (day: string) => monthShort.format(at(day));
