import { create } from 'zustand';
import { type CalendarKind, calendarKinds } from '../../../shared/contracts/calendar.contract.ts';
import { localDay } from '../../ui/local-day.ts';
import { readKept, writeKept } from '../../ui/kept-text.ts';
import { type CalendarView, calendarViews } from './calendar-days.ts';

/** How somebody looks at the calendar: kept while Fieldbook runs; the view and the kinds also from one start to the next. */
interface CalendarState {
  view: CalendarView;
  day: string;
  kinds: readonly CalendarKind[];
  show: (view: CalendarView) => void;
  goTo: (day: string) => void;
  toggle: (kind: CalendarKind) => void;
}

const KEY = 'calendar';
const allKinds = Object.keys(calendarKinds) as CalendarKind[];

function begin(): Pick<CalendarState, 'view' | 'kinds'> {
  const kept = readKept<{ view: unknown; kinds: unknown }>(KEY);
  const { view, kinds } = kept ?? {};
  return {
    view: typeof view === 'string' && view in calendarViews ? (view as CalendarView) : 'week',
    kinds: Array.isArray(kinds) ? allKinds.filter((kind) => kinds.includes(kind)) : allKinds,
  };
}

export const useCalendarState = create<CalendarState>()((set, get) => {
  const keep = () => writeKept(KEY, { view: get().view, kinds: get().kinds });
  return {
    ...begin(),
    day: localDay(),
    show(view) {
      set({ view });
      keep();
    },
    goTo: (day) => set({ day }),
    toggle(kind) {
      const { kinds } = get();
      set({ kinds: allKinds.filter((one) => (one === kind ? !kinds.includes(one) : kinds.includes(one))) });
      keep();
    },
  };
});
