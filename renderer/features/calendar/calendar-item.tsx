import { VisuallyHidden } from '@mantine/core';
import { IconChecklist, IconFileInvoice, IconMail, IconMapPin, IconPhone } from '@tabler/icons-react';
import type { DragEvent, KeyboardEvent } from 'react';
import type { CalendarItem, CalendarKind } from '../../../shared/contracts/calendar.contract.ts';
import { formatDecimal, formatTime } from '../../ui/field-text.ts';
import classes from './calendar.module.css';

export const kindIcons: Readonly<Record<CalendarKind, typeof IconPhone>> = {
  followUp: IconPhone,
  task: IconChecklist,
  visit: IconMapPin,
  email: IconMail,
  invoice: IconFileInvoice,
};

const kindWords: Readonly<Record<CalendarKind, string>> = {
  followUp: 'Follow-up',
  task: 'Task',
  visit: 'Visit made',
  email: 'E-mail to go',
  invoice: 'Invoice due',
};

export function amountText({ amount }: Pick<CalendarItem, 'amount'>): string | null {
  return amount === null ? null : `${formatDecimal(amount.value)} ${amount.currency}`;
}

/** What the icon and the colour of an item say to who sees them; its client behind its title, where that is another name. */
export const KindWord = ({ item }: { item: CalendarItem }) => <VisuallyHidden>{kindWords[item.kind]}, </VisuallyHidden>;
export const ClientWord = ({ item: { clientName, title } }: { item: CalendarItem }) =>
  clientName === null || clientName === title ? null : <VisuallyHidden>, {clientName}</VisuallyHidden>;

interface ItemProps {
  item: CalendarItem;
  isCurrent: boolean;
  isLifted: boolean;
  onFocus: () => void;
  onOpen: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onDrag: (item: CalendarItem | null) => void;
}

/** One thing on a day: it is dragged to another one, or lifted with Space and carried with the arrows. */
export function Item({ item, isCurrent, isLifted, onFocus, onOpen, onKeyDown, onDrag }: ItemProps) {
  const Icon = kindIcons[item.kind];
  const onDragStart = (event: DragEvent) => {
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', item.title);
    onDrag(item);
  };
  return (
    <button
      type="button"
      className={classes.item}
      data-kind={item.kind}
      data-item={item.key}
      data-done={item.isDone || undefined}
      data-lifted={isLifted || undefined}
      data-focus-inside
      tabIndex={isCurrent ? 0 : -1}
      draggable={item.canMove}
      onDragStart={item.canMove ? onDragStart : undefined}
      onDragEnd={() => onDrag(null)}
      onFocus={onFocus}
      onClick={onOpen}
      onKeyDown={onKeyDown}
    >
      <Icon size={14} stroke={1.75} aria-hidden />
      <KindWord item={item} />
      {item.at === null ? null : <span className={classes.time}>{formatTime(item.at)} </span>}
      <span className={classes.itemTitle}>{item.kind === 'invoice' ? (amountText(item) ?? item.title) : item.title}</span>
      <ClientWord item={item} />
      {isLifted ? <VisuallyHidden>, lifted</VisuallyHidden> : null}
    </button>
  );
}
