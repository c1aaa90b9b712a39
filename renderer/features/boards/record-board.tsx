import { Alert } from '@mantine/core';
import { type DragEvent, type KeyboardEvent, type MouseEvent, type Ref, useImperativeHandle, useMemo, useRef } from 'react';
import type { BoardColumn as ColumnFacts, BoardNoun } from '../../../shared/contracts/board.ts';
import type { NounBoard } from '../../../shared/nouns/define-noun.ts';
import { fieldsOf, nouns } from '../../../shared/nouns/nouns.ts';
import { useBoard } from '../../api/boards.ts';
import type { WindowRequest } from '../../api/list-window.ts';
import { formatCount } from '../../ui/field-text.ts';
import { useAction } from '../keys/actions.ts';
import { nounScreens } from '../records/noun-screens.tsx';
import { isOpening, type Wish } from '../records/opening-state.ts';
import { BoardColumn } from './board-column.tsx';
import { ColumnHead } from './board-column-head.tsx';
import { sumsOf, sumWords } from './board-sums.tsx';
import { type BoardState, useBoardState } from './board-state.ts';
import classes from './board.module.css';
import { say } from '../../../shared/words/say.ts';

export interface BoardHandle {
  focus(): void;
}

interface RecordBoardProps {
  noun: BoardNoun;
  request: WindowRequest;
  openId: string | null;
  /** By the keys the record is told to take the focus. */
  onOpen: (id: string, wish: Wish | null) => void;
  onClose: () => void;
  ref: Ref<BoardHandle>;
}

const nothing: ColumnFacts[] = [];

/**
 * The records of a noun in columns. Moved by dragging or by the keys; the focus is on the column, and goes with the card. Plain
 * drag events are enough: there is one kind of thing to drag, and the keys are the way without a pointer.
 */
export function RecordBoard({ noun, request, openId, onOpen, onClose, ref }: RecordBoardProps) {
  const { board } = nouns[noun];
  const answer = useBoard(noun, request);
  // While another question is under way the last answer stays: nothing flickers.
  const last = useRef(answer.data);
  if (answer.data !== undefined) last.current = answer.data;
  const columns = (answer.data ?? last.current)?.columns ?? nothing;
  const labels = useMemo(() => fieldsOf(noun).find(({ path }) => path === board.column)?.choices ?? {}, [noun, board]);
  const fields = useMemo(() => board.card.flatMap((path) => fieldsOf(noun).find((field) => field.path === path) ?? []), [noun, board]);
  const order = request.sort.length > 0 ? request.sort : board.order;
  const root = useRef<HTMLDivElement>(null);
  const state = useBoardState({ noun, columns, labels, root });
  useImperativeHandle(ref, () => ({ focus: state.focus }), [state.focus]);

  const openCard = (id: string | null | undefined, wish: Wish | null) => {
    if (id !== null && id !== undefined) onOpen(id, wish);
  };
  const stepTo = (by: number) => {
    const id = state.step(by);
    if (openId !== null) openCard(id, null);
    else state.focus();
  };
  useAction('next', () => stepTo(1));
  useAction('previous', () => stepTo(-1));

  const onKeyDown = (event: KeyboardEvent) => {
    // Keys pressed on a button of a head are its own.
    if (!(event.target instanceof Element) || event.target.getAttribute('role') !== 'listbox') return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!takeKey(event, state, openCard, openId === null && !isOpening() ? null : onClose)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  const cardAt = (event: MouseEvent) => {
    const card = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-card]') : null;
    const column = card?.closest<HTMLElement>('[data-column]')?.dataset['column'];
    const id = card?.dataset['card'];
    return column === undefined || id === undefined ? null : { column, id };
  };
  const columnAt = (event: DragEvent) =>
    event.target instanceof Element ? (event.target.closest<HTMLElement>('[data-column]')?.dataset['column'] ?? null) : null;

  if (answer.problem !== null && columns.length === 0) {
    return (
      <Alert color="red" m="md" title="The board could not be shown">
        {say(answer.problem)}
      </Alert>
    );
  }
  const open = columns.filter(({ value }) => !(board.closed as readonly string[]).includes(value));
  const totals = sumsOf(open);
  return (
    <div className={classes.frame} data-board={noun}>
      {totals.length === 0 ? null : (
        <p className={classes.totals}>
          <span>Open</span>
          {totals.map((sum) => (
            <span key={sum.currency}>{sumWords(sum, false)}</span>
          ))}
        </p>
      )}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the columns inside are what is interactive: they have the focus */}
      <div
        ref={root}
        role="group"
        aria-label={`Board of ${nouns[noun].plural}`}
        className={classes.board}
        onKeyDown={onKeyDown}
        onFocus={(event) => state.focused(event.target)}
        onPointerDown={(event) => {
          state.pressed(true);
          const at = cardAt(event);
          if (at !== null) state.point(at.column, at.id);
        }}
        onPointerUp={() => state.pressed(false)}
        onPointerLeave={() => state.pressed(false)}
        onClick={(event) => {
          const at = cardAt(event);
          if (at === null) return;
          openCard(at.id, null);
        }}
        onDragStart={(event) => {
          const at = cardAt(event);
          if (at === null) return;
          event.dataTransfer.effectAllowed = 'move';
          event.dataTransfer.setData('text/plain', '');
          state.drag(at.column, at.id);
        }}
        onDragOver={(event) => {
          if (!state.dragOver(columnAt(event))) return;
          event.preventDefault();
          event.dataTransfer.dropEffect = 'move';
        }}
        onDragLeave={(event) => {
          if (!(event.relatedTarget instanceof Node) || root.current?.contains(event.relatedTarget) !== true) state.dragOver(null);
        }}
        onDrop={(event) => {
          if (!state.drop(columnAt(event))) return;
          event.preventDefault();
        }}
        onDragEnd={() => state.dragEnd()}
      >
        {columns.map((column) => {
          const { value } = column;
          const label = labels[value] ?? value;
          const look = state.lookOf(column);
          const headId = `${noun}-column-${value}`;
          const isClosed = (board.closed as readonly string[]).includes(value);
          return (
            <section
              key={value}
              className={classes.column}
              aria-labelledby={headId}
              data-column={value}
              data-look={look}
              data-over={state.over === value || undefined}
              data-tone={nounScreens[noun].tones[board.column]?.[value] ?? 'gray'}
            >
              <ColumnHead
                id={headId}
                column={column}
                label={label}
                tone={nounScreens[noun].tones[board.column]?.[value] ?? 'gray'}
                isClosed={isClosed}
                gives={isClosed || look !== 'open' ? null : percentOf(board.amount, value)}
                fold={look !== 'empty' && isClosed ? { isFolded: look === 'folded', toggle: () => state.toggle(value) } : null}
              />
              {look === 'open' ? (
                <BoardColumn
                  noun={noun}
                  value={value}
                  label={`${label}, ${formatCount(column.count)}`}
                  request={request}
                  order={order}
                  fields={fields}
                  moves={state.moves}
                  cursor={state.cursor?.column === value ? state.cursor : null}
                  isCurrent={state.current === value}
                  openId={openId}
                  liftedId={state.lifted?.id ?? null}
                  onCards={state.onCards}
                />
              ) : null}
            </section>
          );
        })}
      </div>
    </div>
  );
}

/** The chance that comes with the column. */
function percentOf(amount: NounBoard['amount'], column: string): string | null {
  const percent = amount?.chances[column];
  return percent === undefined ? null : `${formatCount(percent)} %`;
}

/** False for a key that is none of the board's. */
function takeKey(
  { key, shiftKey }: KeyboardEvent,
  state: BoardState,
  open: (id: string | null | undefined, wish: Wish | null) => void,
  close: (() => void) | null,
): boolean {
  const side = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
  if (state.lifted !== null) {
    if (side !== 0) state.carry(side);
    else if (key === ' ' || key === 'Enter') state.putDown();
    else if (key === 'Escape') state.takeBack();
    else return key === 'ArrowUp' || key === 'ArrowDown';
    return true;
  }
  if (side !== 0) {
    if (shiftKey) state.moveBy(side);
    else state.goSideways(side);
  } else if (key === 'ArrowDown') state.step(1);
  else if (key === 'ArrowUp') state.step(-1);
  else if (key === 'PageDown') state.step(5);
  else if (key === 'PageUp') state.step(-5);
  else if (key === 'Home') state.step(-Infinity);
  else if (key === 'End') state.step(Infinity);
  else if (key === ' ') state.lift();
  else if (key === 'Enter') open(state.cursor?.id, 'heading');
  else if (key === 'Escape' && close !== null) close();
  else return false;
  return true;
}
