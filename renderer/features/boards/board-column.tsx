import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import type { BoardNoun } from '../../../shared/contracts/board.ts';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import { useListWindow, type WindowRequest } from '../../api/list-window.ts';
import { nounScreens } from '../records/noun-screens.tsx';
import { BoardCard, CARD_HEIGHT, cardId } from './board-card.tsx';
import { type CardMove, type CardOrder, type Cards, cardsOf } from './board-cards.ts';
import classes from './board.module.css';

/** Cards beyond the edges that are drawn already, and those that are asked for already. */
const DRAWN_AHEAD = 3;
const ASKED_AHEAD = 12;

interface BoardColumnProps {
  noun: BoardNoun;
  value: string;
  label: string;
  request: WindowRequest;
  order: CardOrder;
  fields: readonly FieldInfo[];
  moves: readonly CardMove[];
  /** The card of the cursor, where it is in this column. */
  cursor: { id: string | null; index: number } | null;
  /** The focus comes to this one of them, where it comes back to the board. */
  isCurrent: boolean;
  openId: string | null;
  liftedId: string | null;
  /** Told what is shown, and null when the column goes. */
  onCards: (value: string, cards: Cards | null) => void;
}

/** The cards of one column: about a dozen are in the page, whatever its length. */
export function BoardColumn(props: BoardColumnProps) {
  const { noun, value, label, request, order, fields, moves, cursor, isCurrent, openId, liftedId, onCards } = props;
  const list = useListWindow(
    noun,
    useMemo(() => ({ ...request, column: value }), [request, value]),
  );
  const cards = useMemo(() => cardsOf(list, value, moves, order), [list, value, moves, order]);
  useLayoutEffect(() => onCards(value, cards), [onCards, value, cards]);
  useEffect(() => () => onCards(value, null), [onCards, value]);

  const scroller = useRef<HTMLDivElement>(null);
  const found = cursor === null || cursor.id === null ? -1 : cards.indexOf(cursor.id);
  const at = cursor === null ? -1 : found >= 0 ? found : Math.min(cursor.index, cards.count - 1);
  const rangeExtractor = useCallback(
    (range: Range) => {
      const drawn = defaultRangeExtractor(range);
      return at < 0 || drawn.includes(at) ? drawn : [...drawn, at].toSorted((a, b) => a - b);
    },
    [at],
  );
  const virtualizer = useVirtualizer({
    count: cards.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => CARD_HEIGHT,
    overscan: DRAWN_AHEAD,
    rangeExtractor,
  });
  const first = virtualizer.range?.startIndex ?? 0;
  const last = virtualizer.range?.endIndex ?? 0;
  const { show } = list;
  useEffect(() => show(first - ASKED_AHEAD, last + ASKED_AHEAD), [show, first, last]);
  useEffect(() => {
    if (at < 0) return;
    virtualizer.scrollToIndex(at, { align: 'auto' });
    scroller.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    // A record that opens beside the board takes room from it.
  }, [at, virtualizer, openId]);

  const active = at < 0 ? undefined : cards.at(at);
  return (
    <div
      ref={scroller}
      className={classes.cards}
      role="listbox"
      aria-label={label}
      aria-busy={list.isStale || list.total === null}
      aria-activedescendant={active === undefined ? undefined : cardId(noun, active.id)}
      // A stop of Tab each: what scrolls must be reached by keys, and the arrows go on from there.
      tabIndex={0}
      data-current={isCurrent || undefined}
      data-list={isCurrent ? noun : undefined}
      data-focus-inside
      // Letters are for the board: they look for nothing in it.
      data-queue
      data-cards={value}
    >
      <div className={classes.stack} role="presentation" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const record = cards.at(index);
          return record === undefined ? (
            <div
              key={index}
              className={classes.place}
              role="presentation"
              style={{ transform: `translateY(${start}px)`, height: CARD_HEIGHT }}
            >
              <div className={classes.card} data-blank />
            </div>
          ) : (
            <BoardCard
              key={record.id}
              noun={noun}
              record={record}
              fields={fields}
              tones={nounScreens[noun].tones}
              index={index}
              count={cards.count}
              top={start}
              isCursor={index === at}
              isOpen={record.id === openId}
              isLifted={record.id === liftedId}
            />
          );
        })}
      </div>
    </div>
  );
}
