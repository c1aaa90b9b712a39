import { VisuallyHidden } from '@mantine/core';
import { type DragEvent, type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { CalendarDays, CalendarItem } from '../../../shared/contracts/calendar.contract.ts';
import { dayAfter } from '../../../shared/lib/clock.ts';
import { announce } from '../../ui/announcer.tsx';
import { formatCount, formatDay } from '../../ui/field-text.ts';
import { Item } from './calendar-item.tsx';
import { longDayText, monthText, weekdayText } from './calendar-days.ts';
import classes from './calendar.module.css';

interface GridProps {
  days: CalendarDays['days'];
  today: string;
  /** The day that has the marks; one outside of what is shown brings other days. */
  day: string;
  /** Of a month, days of other months are dim, and items keep to one line. */
  month: string | null;
  onDay: (day: string) => void;
  onOpen: (item: CalendarItem) => void;
  onOpenDay: (day: string) => void;
  onMove: (item: CalendarItem, day: string) => Promise<void>;
  /** What is being dragged, also from elsewhere. */
  dragged: CalendarItem | null;
  onDrag: (item: CalendarItem | null) => void;
}

/** So many lines a day of a month has room for; the rest is counted. */
const linesOfMonth = 3;

/** Weeks below each other. One place takes the focus: an item, or a day that has none. */
export function CalendarGrid(props: GridProps) {
  const { days, today, day, month, onDay, onOpen, onOpenDay, onMove, dragged, onDrag } = props;
  const [itemKey, setItemKey] = useState<string | null>(null);
  const [inHand, setLifted] = useState<{ item: CalendarItem; day: string } | null>(null);
  // What was lifted may be gone, or stand elsewhere by now.
  const isThere = days.some(({ items }) => items.some(({ key }) => key === inHand?.item.key));
  const lifted = isThere ? inHand : null;
  const [over, setOver] = useState<string | null>(null);
  const grid = useRef<HTMLDivElement>(null);
  /** Set by a key or a move: the focus follows when the days are there. */
  const wanted = useRef<'day' | { item: string; on: string } | null>(null);

  const visible = (items: readonly CalendarItem[]) => (month === null ? items : items.slice(0, linesOfMonth));
  const itemsOf = (of: string) => visible(days.find((one) => one.day === of)?.items ?? []);
  const here = itemsOf(day);
  const current = here.find(({ key }) => key === itemKey) ?? here[0] ?? null;

  useLayoutEffect(() => {
    const want = wanted.current;
    if (want === null) return;
    const place =
      want === 'day'
        ? grid.current?.querySelector<HTMLElement>('[data-day] [tabindex="0"], [data-day][tabindex="0"]')
        : grid.current?.querySelector<HTMLElement>(`[data-day="${want.on}"] [data-item="${CSS.escape(want.item)}"]`);
    if (place === undefined || place === null) return;
    wanted.current = null;
    place.focus();
  });
  useEffect(() => {
    grid.current?.querySelector(`[data-day="${day}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [day, month]);
  const go = (to: string, key: string | null = null) => {
    wanted.current = 'day';
    setItemKey(key);
    onDay(to);
  };
  const put = async (item: CalendarItem, to: string) => {
    setLifted(null);
    wanted.current = { item: item.key, on: to };
    if (to === item.day) return;
    setItemKey(item.key);
    onDay(to);
    await onMove(item, to);
  };

  const carry = (event: KeyboardEvent, { item, day: at }: { item: CalendarItem; day: string }): boolean => {
    const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
    const step = steps[event.key];
    if (step !== undefined) {
      const to = dayAfter(at, step);
      setLifted({ item, day: to });
      announce(longDayText(to));
      return true;
    }
    if (event.key === ' ' || event.key === 'Enter') {
      void put(item, at);
      return true;
    }
    if (event.key === 'Escape') {
      setLifted(null);
      announce(`${item.title} stays on ${longDayText(item.day)}`);
      return true;
    }
    return false;
  };

  const walk = (event: KeyboardEvent): boolean => {
    const place = here.findIndex(({ key }) => key === current?.key);
    if (event.key === 'ArrowLeft') go(dayAfter(day, -1));
    else if (event.key === 'ArrowRight') go(dayAfter(day, 1));
    else if (event.key === 'ArrowDown') {
      const next = here[place + 1];
      if (next !== undefined) go(day, next.key);
      else if (month !== null) go(dayAfter(day, 7));
    } else if (event.key === 'ArrowUp') {
      const next = here[place - 1];
      if (next !== undefined) go(day, next.key);
      else if (month !== null) go(dayAfter(day, -7), itemsOf(dayAfter(day, -7)).at(-1)?.key ?? null);
    } else if (event.key === 'Home') go(days[0]?.day ?? day);
    else if (event.key === 'End') go(days.at(-1)?.day ?? day);
    else if (event.key === 'Enter') {
      if (current === null) onOpenDay(day);
      else onOpen(current);
    } else if (event.key === ' ' && current !== null) {
      if (current.canMove) {
        setLifted({ item: current, day });
        announce(`${current.title} is lifted. Arrows carry it, Space puts it down, Escape leaves it where it was.`);
      } else announce('This keeps its day. Open it to change it.');
    } else return false;
    return true;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (lifted === null ? walk(event) : carry(event, lifted)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const weeks = Array.from({ length: Math.ceil(days.length / 7) }, (_, at) => days.slice(at * 7, at * 7 + 7));

  const onDragOver = (event: DragEvent, to: string) => {
    if (dragged === null) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'move';
    if (over !== to) setOver(to);
  };
  const onDrop = (event: DragEvent, to: string) => {
    event.preventDefault();
    setOver(null);
    if (dragged !== null) void put(dragged, to);
    onDrag(null);
  };

  return (
    <div className={classes.grid} role="grid" aria-label="Calendar" ref={grid} data-month={month !== null || undefined}>
      <Heads days={weeks[0] ?? []} today={month === null ? today : null} withDates={month === null} />
      {weeks.map((week) => (
        <div key={week[0]?.day} className={classes.week} role="row">
          {week.map((one) => (
            <DayCell
              key={one.day}
              {...one}
              items={visible(one.items)}
              month={month}
              today={today}
              isHere={one.day === day}
              isTarget={over === one.day || lifted?.day === one.day}
              currentKey={one.day === day ? (current?.key ?? null) : null}
              liftedKey={lifted?.item.key ?? null}
              onKeyDown={onKeyDown}
              onGo={() => go(one.day)}
              onFocus={(item) => {
                setItemKey(item.key);
                if (one.day !== day) onDay(one.day);
              }}
              onOpen={onOpen}
              onOpenDay={() => onOpenDay(one.day)}
              onDrag={onDrag}
              onDragOver={(event) => onDragOver(event, one.day)}
              onDragLeave={() => over === one.day && setOver(null)}
              onDrop={(event) => onDrop(event, one.day)}
            />
          ))}
        </div>
      ))}
      {lifted === null ? null : (
        <div className={classes.carried} role="status">
          <b>{lifted.item.title}</b> to <b>{longDayText(lifted.day)}</b>
          <span>{lifted.day === lifted.item.day ? 'Arrows carry it' : `Was ${longDayText(lifted.item.day)}`}</span>
        </div>
      )}
    </div>
  );
}

/** The days of the week; in a week of its own also their dates, and how much they have. */
function Heads({ days, today, withDates }: { days: CalendarDays['days']; today: string | null; withDates: boolean }) {
  return (
    <div className={classes.week} role="row" data-heads>
      {days.map(({ day: one, total }) => (
        <div key={one} role="columnheader" className={classes.head} data-today={one === today || undefined}>
          {weekdayText(one)}
          {withDates ? (
            <>
              {' '}
              <b>{Number(one.slice(8))}</b>
              {total === 0 ? null : <span>{formatCount(total)}</span>}
            </>
          ) : null}
        </div>
      ))}
    </div>
  );
}

interface DayCellProps {
  day: string;
  /** Those that are shown of it; `total` are there. */
  items: readonly CalendarItem[];
  total: number;
  month: string | null;
  today: string;
  isHere: boolean;
  isTarget: boolean;
  /** The item of the day that has the marks. */
  currentKey: string | null;
  liftedKey: string | null;
  onKeyDown: (event: KeyboardEvent) => void;
  onGo: () => void;
  onFocus: (item: CalendarItem) => void;
  onOpen: (item: CalendarItem) => void;
  onOpenDay: () => void;
  onDrag: (item: CalendarItem | null) => void;
  onDragOver: (event: DragEvent) => void;
  onDragLeave: () => void;
  onDrop: (event: DragEvent) => void;
}

function DayCell(props: DayCellProps) {
  const { day, items, total, month, today, isHere, isTarget, currentKey, liftedKey, onKeyDown, onGo, onOpenDay } = props;
  return (
    <div
      role="gridcell"
      className={classes.day}
      data-day={day}
      data-focus-inside
      data-today={day === today || undefined}
      data-here={isHere || undefined}
      data-other={(month !== null && day.slice(0, 7) !== month) || undefined}
      data-target={isTarget || undefined}
      tabIndex={isHere && items.length === 0 ? 0 : -1}
      onKeyDown={items.length === 0 ? onKeyDown : undefined}
      onClick={(event) => event.target === event.currentTarget && onGo()}
      onDoubleClick={(event) => event.target === event.currentTarget && onOpenDay()}
      onDragOver={props.onDragOver}
      onDragLeave={props.onDragLeave}
      onDrop={props.onDrop}
    >
      <VisuallyHidden>
        {longDayText(day)}
        {total === 0 ? ', nothing' : ''}
      </VisuallyHidden>
      {month === null ? null : (
        <span className={classes.date} aria-hidden>
          {day.endsWith('-01') ? `${Number(day.slice(8))} ${monthText(day)}` : Number(day.slice(8))}
        </span>
      )}
      {items.map((item) => (
        <Item
          key={item.key}
          item={item}
          isCurrent={item.key === currentKey}
          isLifted={item.key === liftedKey}
          onFocus={() => props.onFocus(item)}
          onOpen={() => props.onOpen(item)}
          onKeyDown={onKeyDown}
          onDrag={props.onDrag}
        />
      ))}
      {total > items.length ? (
        <button type="button" className={classes.more} tabIndex={-1} onClick={onOpenDay}>
          {formatCount(total - items.length)} more<VisuallyHidden> on {formatDay(day)}</VisuallyHidden>
        </button>
      ) : null}
    </div>
  );
}
