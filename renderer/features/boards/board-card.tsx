import { VisuallyHidden } from '@mantine/core';
import { memo } from 'react';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import type { BoardNoun } from '../../../shared/contracts/board.ts';
import { type AnyView, viewTitle } from '../../api/records.ts';
import { cellContent } from '../records/cell.tsx';
import type { NounScreen } from '../records/noun-screen.ts';
import { RowMark } from '../sync/record-mark.tsx';
import classes from './board.module.css';

/** A card and the space under it: the same for all, so that a column of any length knows its own height. */
export const CARD_HEIGHT = 98;

export function cardId(noun: BoardNoun, id: string): string {
  return `${noun}-card-${id}`;
}

interface BoardCardProps {
  noun: BoardNoun;
  record: AnyView;
  /** The fields of the card, in the order of the noun's definition. */
  fields: readonly FieldInfo[];
  tones: NounScreen['tones'];
  index: number;
  count: number;
  top: number;
  isCursor: boolean;
  isOpen: boolean;
  isLifted: boolean;
}

/** One record on a board. The column has the focus and answers the keys; it names its card by aria-activedescendant. */
export const BoardCard = memo(function BoardCard({
  noun,
  record,
  fields,
  tones,
  index,
  count,
  top,
  isCursor,
  isOpen,
  isLifted,
}: BoardCardProps) {
  const [title, under, ...facts] = fields;
  const content = (field: FieldInfo | undefined) => (field === undefined ? null : cellContent(field, record, tones));
  const isTitled = content(title);
  return (
    <div
      id={cardId(noun, record.id)}
      className={classes.place}
      role="option"
      aria-selected={isCursor}
      aria-current={isOpen ? 'true' : undefined}
      aria-setsize={count}
      aria-posinset={index + 1}
      data-card={record.id}
      data-cursor={isCursor || undefined}
      data-open={isOpen || undefined}
      data-lifted={isLifted || undefined}
      draggable
      style={{ transform: `translateY(${top}px)`, height: CARD_HEIGHT }}
    >
      <div className={classes.card}>
        <div className={classes.cardTitle}>
          <span>{isTitled ?? viewTitle(noun, record)}</span>
          <RowMark noun={noun} id={record.id} />
        </div>
        <div className={classes.under}>{content(under)}</div>
        <div className={classes.facts}>
          {facts.map((field) => {
            const shown = content(field);
            return shown === null || shown === '' ? null : (
              <span key={field.path} data-kind={field.kind} className={classes.cardFact}>
                <VisuallyHidden>{field.label}: </VisuallyHidden>
                {shown}
              </span>
            );
          })}
        </div>
        {isLifted ? <span className={classes.lifted}>Moving</span> : null}
      </div>
    </div>
  );
});
