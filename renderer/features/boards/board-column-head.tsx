import { UnstyledButton } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import type { BoardColumn } from '../../../shared/contracts/board.ts';
import { formatCount } from '../../ui/field-text.ts';
import { ToneText } from '../../ui/tone-text.tsx';
import { ColumnSums } from './board-sums.tsx';
import classes from './board.module.css';

interface ColumnHeadProps {
  id: string;
  column: BoardColumn;
  label: string;
  tone: string;
  isClosed: boolean;
  /** What the column gives a card that comes, where it gives one: "60 %". */
  gives: string | null;
  /** Of columns that can be narrow: whether the cards are in sight, and what changes it. */
  fold: { isFolded: boolean; toggle: () => void } | null;
}

/** What a column is called, how many cards it has and what they are worth. */
export function ColumnHead({ id, column, label, tone, isClosed, gives, fold }: ColumnHeadProps) {
  const Chevron = fold?.isFolded === true ? IconChevronRight : IconChevronLeft;
  return (
    <div className={classes.head}>
      <div className={classes.headLine}>
        <h2 id={id} className={classes.headTitle} title={label}>
          <ToneText tone={tone}>
            <span className={classes.headWords}>{label}</span>
          </ToneText>
        </h2>
        <span className={classes.count}>{formatCount(column.count)}</span>
        {gives === null ? null : <span className={classes.gives}>{gives}</span>}
        {fold === null ? null : (
          <UnstyledButton
            className={classes.fold}
            aria-label={`${fold.isFolded ? 'Show' : 'Hide'} the cards of ${label}`}
            aria-expanded={!fold.isFolded}
            onClick={fold.toggle}
          >
            <Chevron size={16} />
          </UnstyledButton>
        )}
      </div>
      <ColumnSums sums={column.sums} isClosed={isClosed} />
    </div>
  );
}
