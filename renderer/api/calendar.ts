import type { Crm } from '../../shared/contracts/api.ts';
import type { CalendarDays, CalendarItem } from '../../shared/contracts/calendar.contract.ts';
import { crm, settled } from './crm.ts';
import { type Answer, useQuery } from './query.ts';

export type DaysAsked = Parameters<Crm['calendar']['days']>[0];

/** What stands on the days, live. */
export function useCalendar(asked: DaysAsked): Answer<CalendarDays> {
  return useQuery(`calendar ${JSON.stringify(asked)}`, () => crm().calendar.days(asked));
}

/** Gives them another day, in one step. What cannot be moved stays out. */
export function moveTo(day: string, items: readonly CalendarItem[]) {
  const movable = items.flatMap(({ noun, id, canMove }) => (canMove && (noun === 'clients' || noun === 'tasks') ? [{ noun, id }] : []));
  return settled(() => crm().calendar.move({ items: movable, day }));
}

export function calendarFile(asked: DaysAsked) {
  return settled(() => crm().calendar.file(asked));
}

export function saveFile(fileId: string) {
  return settled(() => crm().files.save(fileId));
}
