import { ActionIcon, Button, SegmentedControl, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconCalendar, IconCalendarDown, IconChevronLeft, IconChevronRight, IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { type CalendarDays, type CalendarItem, type CalendarKind, calendarKinds } from '../../../shared/contracts/calendar.contract.ts';
import { daysBetween } from '../../../shared/lib/clock.ts';
import { calendarFile, type DaysAsked, moveTo, saveFile, useCalendar } from '../../api/calendar.ts';
import { useSettings } from '../../api/live.ts';
import { announce } from '../../ui/announcer.tsx';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { formatCount, formatDay } from '../../ui/field-text.ts';
import { localDay } from '../../ui/local-day.ts';
import { usePageTitle } from '../../ui/page-title.ts';
import { showProblem } from '../../ui/problem.tsx';
import { BusyScreen } from '../../ui/screen.tsx';
import { Shortcut } from '../../ui/shortcut.tsx';
import { showDone, showQuietly } from '../history/undo.tsx';
import { actions, useAction } from '../keys/actions.ts';
import { useQuickTask } from '../tasks/quick-task-state.ts';
import { EmptyBook } from '../welcome/empty-book.tsx';
import { CalendarAgenda } from './calendar-agenda.tsx';
import { CalendarGrid } from './calendar-grid.tsx';
import { type CalendarView, calendarViews, daysShown, firstWeekday, stepFrom, titleOfDays } from './calendar-days.ts';
import { KindWord, kindIcons } from './calendar-item.tsx';
import { useCalendarState } from './calendar-state.ts';
import classes from './calendar.module.css';
import { say } from '../../../shared/words/say.ts';

const views = Object.entries(calendarViews).map(([value, label]) => ({ value, label }));
const kinds = Object.entries(calendarKinds) as [CalendarKind, string][];

/** Follow-ups, tasks, visits, e-mails and invoices by day. */
export function CalendarScreen() {
  usePageTitle('Calendar');
  const { view, day, kinds: shown } = useCalendarState();
  const whose = useSettings()?.today.whose;
  const span = daysShown(view, day, firstWeekday());
  const asked: DaysAsked = { ...span, kinds: [...shown], whose: whose ?? null };
  const { data, problem } = useCalendar(asked);
  // While other days are under way the last ones stay: nothing flickers.
  const last = useRef<CalendarDays | undefined>(undefined);
  if (data !== undefined) last.current = data;
  const found = data ?? last.current;
  if (found === undefined || whose === undefined)
    return problem === null ? <BusyScreen /> : <EmptyPlace icon={<IconCalendar size={24} />} title={say(problem)} />;
  return (
    <EmptyBook>
      <Calendar found={found} asked={asked} isOfOne={whose !== null} />
    </EmptyBook>
  );
}

function Calendar({ found, asked, isOfOne }: { found: CalendarDays; asked: DaysAsked; isOfOne: boolean }) {
  const { view, day, kinds: shown, show, goTo, toggle } = useCalendarState();
  const [dragged, setDragged] = useState<CalendarItem | null>(null);
  const navigate = useNavigate();
  const startTask = useQuickTask((state) => state.start);
  const newTask = () => startTask(null, day);
  useAction('newHere', newTask);
  useAction('newTaskHere', newTask);
  useAction('showMonth', () => show('month'));
  useAction('showWeek', () => show('week'));
  useAction('showDay', () => show('day'));
  useAction('showAgenda', () => show('agenda'));
  const isLate = found.overdue.total > 0;
  useAction('overdueToToday', isLate ? () => void move(found.overdue.items, localDay()) : null);

  const open = ({ noun, id }: CalendarItem) => void navigate({ to: '/$noun/$id', params: { noun, id }, search: {} });
  const openDay = (of: string) => {
    goTo(of);
    show('day');
  };
  const ofDay = found.days.filter((one) => one.day === day);
  return (
    <div className={classes.calendar}>
      <header className={classes.bar}>
        <h1>{titleOfDays(view, day, asked)}</h1>
        <ActionIcon variant="subtle" color="gray" size={28} aria-label="Back" onClick={() => goTo(stepFrom(view, day, -1))}>
          <IconChevronLeft size={18} />
        </ActionIcon>
        <Button variant="default" size="compact-sm" onClick={() => goTo(found.today)}>
          Today
        </Button>
        <ActionIcon variant="subtle" color="gray" size={28} aria-label="Further on" onClick={() => goTo(stepFrom(view, day, 1))}>
          <IconChevronRight size={18} />
        </ActionIcon>
        <span className={classes.gap} />
        <SegmentedControl
          size="xs"
          aria-label="How it is shown"
          data={views}
          value={view}
          onChange={(value) => show(value as CalendarView)}
        />
        <Tooltip label="Save these days as a calendar file">
          <ActionIcon variant="default" size={30} aria-label="Save these days as a calendar file" onClick={() => void saveDays(asked)}>
            <IconCalendarDown size={18} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
        <Button leftSection={<IconPlus size={16} />} rightSection={<Shortcut keys={actions.newHere.keys[0]} />} size="sm" onClick={newTask}>
          New task
        </Button>
      </header>
      <div className={classes.kinds} role="group" aria-label="What is shown">
        {kinds.map(([kind, label]) => {
          const Icon = kindIcons[kind];
          return (
            <button key={kind} type="button" aria-pressed={shown.includes(kind)} data-kind={kind} onClick={() => toggle(kind)}>
              <Icon size={15} stroke={1.75} aria-hidden /> {label} <b>{formatCount(found.counts[kind] ?? 0)}</b>
            </button>
          );
        })}
        {isOfOne ? <span className={classes.dim}>Follow-ups and tasks of the person that Today is for, and nobody’s</span> : null}
      </div>
      {isLate ? <Overdue found={found} onDrag={setDragged} onOpen={open} /> : null}
      <div className={classes.body} data-wide={view === 'day' || view === 'agenda' || undefined}>
        {view === 'month' || view === 'week' ? (
          <>
            <CalendarGrid
              days={found.days}
              today={found.today}
              day={day}
              month={view === 'month' ? day.slice(0, 7) : null}
              onDay={goTo}
              onOpen={open}
              onOpenDay={openDay}
              onMove={(item, to) => move([item], to)}
              dragged={dragged}
              onDrag={setDragged}
            />
            <aside className={classes.side} aria-label="The chosen day">
              <CalendarAgenda days={ofDay} today={found.today} isWhole />
            </aside>
          </>
        ) : (
          <CalendarAgenda days={found.days} today={found.today} isWhole={view === 'day'} />
        )}
      </div>
    </div>
  );
}

interface OverdueProps {
  found: CalendarDays;
  onDrag: (item: CalendarItem | null) => void;
  onOpen: (item: CalendarItem) => void;
}

/** What was due before today, above the days: it is dragged onto one, or all of it goes to today. */
function Overdue({ found: { overdue, today }, onDrag, onOpen }: OverdueProps) {
  return (
    <section className={classes.overdue} aria-label="Overdue">
      <h2>
        <IconAlertTriangle size={16} stroke={1.75} aria-hidden /> Overdue <b>{formatCount(overdue.total)}</b>
      </h2>
      <ul>
        {overdue.items.map((item) => {
          const Icon = kindIcons[item.kind];
          const days = daysBetween(item.day, today);
          return (
            <li key={item.key}>
              <button
                type="button"
                draggable
                onDragStart={(event) => {
                  event.dataTransfer.effectAllowed = 'move';
                  event.dataTransfer.setData('text/plain', item.title);
                  onDrag(item);
                }}
                onDragEnd={() => onDrag(null)}
                onClick={() => onOpen(item)}
              >
                <Icon size={14} stroke={1.75} aria-hidden /> <KindWord item={item} />
                {item.title} <span>{days === 1 ? '1 day' : `${formatCount(days)} days`}</span>
              </button>
            </li>
          );
        })}
      </ul>
      <Button
        variant="default"
        size="compact-sm"
        rightSection={<Shortcut keys={actions.overdueToToday.keys[0]} />}
        onClick={() => void move(overdue.items, today)}
      >
        {overdue.total > overdue.items.length ? `First ${formatCount(overdue.items.length)} to today` : 'All to today'}
      </Button>
    </section>
  );
}

async function move(items: readonly CalendarItem[], day: string): Promise<void> {
  const result = await moveTo(day, items);
  if (!result.ok) return showProblem(result.error);
  const { moved, operationId } = result.value;
  const [first] = items;
  const what = moved === 1 && first !== undefined ? first.title : `${formatCount(moved)} items`;
  showDone(`${what} moved to ${formatDay(day)}.`, operationId === null ? [] : [operationId]);
}

async function saveDays(asked: DaysAsked): Promise<void> {
  const made = await calendarFile(asked);
  if (!made.ok) {
    if (made.error.code === 'NOTHING_TO_EXPORT') showQuietly(say(made.error));
    else showProblem(made.error);
    return;
  }
  const saved = await saveFile(made.value.fileId);
  if (!saved.ok) return showProblem(saved.error);
  if (!saved.value.saved) return;
  const message = `${made.value.items === 1 ? 'One item' : `${formatCount(made.value.items)} items`} saved to ${made.value.fileName}.`;
  announce(message);
  showQuietly(message);
}
