import { type KeyboardEvent, useRef } from 'react';
import type { CalendarDays, CalendarItem } from '../../../shared/contracts/calendar.contract.ts';
import { formatCount, formatTime } from '../../ui/field-text.ts';
import { telLink } from '../../ui/phone-link.ts';
import { RecordLink } from '../records/record-link.tsx';
import { longDayText } from './calendar-days.ts';
import { amountText, KindWord, kindIcons } from './calendar-item.tsx';
import classes from './calendar.module.css';

interface AgendaProps {
  days: CalendarDays['days'];
  today: string;
  /** Days with nothing are left out where there are many. */
  isWhole: boolean;
}

/** What is to do day by day, with the phone and the place. */
export function CalendarAgenda({ days, today, isWhole }: AgendaProps) {
  const list = useRef<HTMLDivElement>(null);
  const shown = isWhole ? days : days.filter(({ total }) => total > 0);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const links = [...(list.current?.querySelectorAll<HTMLElement>('[data-agenda-item] a:first-of-type') ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    const next = links[at + (event.key === 'ArrowDown' ? 1 : -1)];
    if (at === -1 || next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- arrows go from link to link; each works without them
    <div className={classes.agenda} ref={list} onKeyDown={onKeyDown}>
      {shown.map(({ day, items, total }) => (
        <section key={day} aria-label={longDayText(day)}>
          <h2 data-today={day === today || undefined}>
            {day === today ? `Today, ${longDayText(day)}` : longDayText(day)} <span>{total === 0 ? '' : formatCount(total)}</span>
          </h2>
          {total === 0 ? <p className={classes.dim}>Nothing stands on this day.</p> : null}
          <ul>
            {items.map((item) => (
              <AgendaRow key={item.key} item={item} />
            ))}
          </ul>
          {total > items.length ? <p className={classes.dim}>and {formatCount(total - items.length)} more</p> : null}
        </section>
      ))}
      {shown.length === 0 ? <p className={classes.dim}>Nothing stands in these days.</p> : null}
    </div>
  );
}

function AgendaRow({ item }: { item: CalendarItem }) {
  const Icon = kindIcons[item.kind];
  const facts = [item.clientName === item.title ? null : item.clientName, amountText(item), item.address].filter((one) => one !== null);
  return (
    <li className={classes.agendaRow} data-agenda-item data-done={item.isDone || undefined}>
      <span className={classes.when}>{item.at === null ? 'any time' : formatTime(item.at)}</span>
      <Icon size={16} stroke={1.75} aria-hidden data-kind={item.kind} />
      <div>
        <RecordLink noun={item.noun} id={item.id}>
          <KindWord item={item} />
          {item.title}
        </RecordLink>
        <p className={classes.dim}>
          {item.phone === null ? null : <PhoneLink phone={item.phone} />}
          {item.phone !== null && facts.length > 0 ? ' · ' : ''}
          {facts.join(' · ')}
        </p>
      </div>
    </li>
  );
}

/** Dialled by the system's phone; a number that cannot be dialled is text. */
function PhoneLink({ phone }: { phone: string }) {
  const href = telLink(phone);
  return href === null ? (
    phone
  ) : (
    <a className={classes.phone} href={href} target="_blank" rel="noreferrer">
      {phone}
    </a>
  );
}
