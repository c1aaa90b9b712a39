import { type RefObject, useLayoutEffect, useRef, useState } from 'react';
import type { BoardColumn, BoardNoun } from '../../../shared/contracts/board.ts';
import { valueAt } from '../../../shared/nouns/field.ts';
import { nouns } from '../../../shared/nouns/nouns.ts';
import { bookVersion } from '../../api/changes.ts';
import { putIntoLists } from '../../api/list-window.ts';
import { type AnyView, recordApi, viewTitle } from '../../api/records.ts';
import { announce } from '../../ui/announcer.tsx';
import { isFocusLost } from '../../ui/last-focus.ts';
import { showProblem } from '../../ui/problem.tsx';
import { useLatest } from '../../ui/use-latest.ts';
import { showDone } from '../history/undo.tsx';
import { atField } from '../records/book-words.ts';
import type { CardMove, Cards } from './board-cards.ts';
import { words } from '../../../shared/words/words.ts';

/** The card that the keys are at. The id counts; the index is for a card that is not there yet, or not any more. */
interface Cursor {
  column: string;
  id: string | null;
  index: number;
}

/** Closed columns are narrow until somebody looks; empty ones always, and take cards all the same. */
type ColumnLook = 'open' | 'folded' | 'empty';

export type BoardState = ReturnType<typeof useBoardState>;

interface BoardStateOf {
  noun: BoardNoun;
  columns: readonly BoardColumn[];
  labels: Readonly<Record<string, string>>;
  root: RefObject<HTMLElement | null>;
}

/** Where a person stands on a board, and what is on its way from one column to another. View state only, kept by nobody. */
export function useBoardState({ noun, columns, labels, root }: BoardStateOf) {
  const board = nouns[noun].board;
  const isClosed = (value: string) => (board.closed as readonly string[]).includes(value);
  const [cursor, setCursor] = useState<Cursor | null>(null);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const shelf = useRef(new Map<string, Cards>());
  const isPressed = useRef(false);
  const wantsFocus = useRef(false);

  const labelOf = (value: string) => labels[value] ?? value;
  const { moves, start, settle } = useMoves(noun, shelf, labelOf, (record, from) => point(from, record.id));

  const lookOf = ({ value, count }: Pick<BoardColumn, 'value' | 'count'>): ColumnLook => {
    // Counts and cards are asked for apart: the cards of a column may be there before it is counted anew.
    const hasCards = (shelf.current.get(value)?.count ?? 0) > 0 || moves.some(({ to }) => to === value);
    if (count === 0 && !hasCards) return 'empty';
    return isClosed(value) && !opened.has(value) ? 'folded' : 'open';
  };
  const openColumns = columns.filter((column) => lookOf(column) === 'open').map(({ value }) => value);
  const current = cursor !== null && openColumns.includes(cursor.column) ? cursor.column : openColumns[0];
  /** The cursor, or where it will be when somebody begins. */
  const here = (): Cursor | null =>
    current === undefined ? null : cursor?.column === current ? cursor : { column: current, id: null, index: 0 };
  const indexOf = ({ column, id, index }: Cursor) => {
    const cards = shelf.current.get(column);
    const at = cards === undefined || id === null ? -1 : cards.indexOf(id);
    return at >= 0 ? at : Math.min(index, (cards?.count ?? 1) - 1);
  };
  const recordAt = (at: Cursor | null): AnyView | undefined => (at === null ? undefined : shelf.current.get(at.column)?.at(indexOf(at)));

  function point(column: string, id: string) {
    setCursor({ column, id, index: shelf.current.get(column)?.indexOf(id) ?? 0 });
  }

  function goTo(column: string, index: number): string | null {
    const cards = shelf.current.get(column);
    const at = Math.max(0, Math.min((cards?.count ?? 1) - 1, index));
    const id = cards?.at(at)?.id ?? null;
    setCursor({ column, id, index: at });
    return id;
  }

  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    const list = columnElement(root.current, current);
    if (list === null) return;
    wantsFocus.current = false;
    list.focus({ preventScroll: true });
  });

  const focus = useLatest(() => {
    wantsFocus.current = columnElement(root.current, current) === null;
    if (cursor === null && current !== undefined) goTo(current, 0);
    columnElement(root.current, current)?.focus({ preventScroll: true });
  });

  /** The card of the cursor may have gone to another column, by an undo or by somebody else: the cursor goes with it. */
  const follow = () => {
    if (cursor === null || cursor.id === null || moves.some(({ record }) => record.id === cursor.id)) return;
    const { column, id, index } = cursor;
    const own = shelf.current.get(column);
    const newest = Math.max(...[...shelf.current.values()].map(({ version }) => version));
    const found = [...shelf.current].filter(([, cards]) => cards.version === newest && cards.indexOf(id) >= 0).map(([value]) => value);
    if (found.includes(column) || (own !== undefined && own.version < newest && found.length === 0)) return;
    const [next] = found;
    if (next !== undefined) {
      wantsFocus.current = isFocusLost() || root.current?.contains(document.activeElement) === true;
      point(next, id);
    } else if (own !== undefined && own.version === newest && own.indexOf(id) < 0 && own.at(Math.min(index, own.count - 1)) !== undefined) {
      // Only when all columns have been asked: it may be on its way.
      if ([...shelf.current.values()].every(({ version }) => version === newest)) goTo(column, index);
    }
  };

  const onCards = useLatest((value: string, cards: Cards | null) => {
    if (cards === null) shelf.current.delete(value);
    else shelf.current.set(value, cards);
    settle();
    const late = cursor !== null && cursor.column === value && cursor.id === null ? cards?.at(cursor.index) : undefined;
    if (late !== undefined) point(value, late.id);
    else follow();
  });

  function move(from: string, record: AnyView, to: string) {
    if (isClosed(to)) setOpened((now) => new Set(now).add(to));
    wantsFocus.current = true;
    setCursor({ column: to, id: record.id, index: 0 });
    void start(from, record, to);
  }

  const carrying = useCarrying({ noun, columns, labelOf, root, here, recordAt, point, move });
  return {
    cursor,
    moves,
    current,
    lookOf,
    focus,
    onCards,
    toggle: (value: string) =>
      setOpened((now) => {
        const next = new Set(now);
        if (!next.delete(value)) next.add(value);
        return next;
      }),
    point,
    pressed: (isDown: boolean) => {
      isPressed.current = isDown;
    },
    /** The mouse says itself which card it means. */
    focused(target: EventTarget) {
      const column = target instanceof HTMLElement ? target.dataset['cards'] : undefined;
      if (column === undefined || isPressed.current || cursor?.column === column) return;
      goTo(column, cursor?.index ?? 0);
    },
    /** Up or down in the column. Answers the card that is marked now. */
    step(by: number): string | null {
      const at = here();
      return at === null ? null : goTo(at.column, cursor === null ? 0 : indexOf(at) + by);
    },
    /** To the next column that shows cards. */
    goSideways(side: 1 | -1) {
      const at = here();
      const next = at === null ? undefined : openColumns[openColumns.indexOf(at.column) + side];
      if (at === null || next === undefined) return;
      wantsFocus.current = true;
      goTo(next, indexOf(at));
    },
    /** Moves the card to the next column at once. */
    moveBy(side: 1 | -1) {
      const at = here();
      const record = recordAt(at);
      if (at === null || record === undefined) return;
      const to = sideOf(columns, at.column, side);
      if (to === undefined) announce(`There is no column ${side === 1 ? 'after' : 'before'} ${labelOf(at.column)}.`);
      else move(at.column, record, to);
    },
    ...carrying,
  };
}

function sideOf(columns: readonly BoardColumn[], column: string, side: 1 | -1): string | undefined {
  return columns[columns.findIndex(({ value }) => value === column) + side]?.value;
}

interface CarryingDeps extends Omit<BoardStateOf, 'labels'> {
  here: () => Cursor | null;
  recordAt: (at: Cursor | null) => AnyView | undefined;
  point: (column: string, id: string) => void;
  move: (from: string, record: AnyView, to: string) => void;
  labelOf: (value: string) => string;
}

/** A card on its way to another column, lifted with the keys or dragged with the mouse, until it is put down. */
function useCarrying({ noun, columns, labelOf, root, here, recordAt, point, move }: CarryingDeps) {
  const [lifted, setLifted] = useState<Cursor | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const dragged = useRef<Cursor | null>(null);

  function leave() {
    setLifted(null);
    setOver(null);
  }

  return {
    lifted,
    over,
    lift() {
      const at = here();
      const record = recordAt(at);
      if (at === null || record === undefined) return;
      setLifted({ ...at, id: record.id });
      setOver(at.column);
      announce(`${viewTitle(noun, record)} lifted. Left and right choose a column, Space puts it there, Escape leaves it where it was.`);
    },
    carry(side: 1 | -1) {
      const to = over === null ? undefined : sideOf(columns, over, side);
      if (to === undefined) return;
      setOver(to);
      columnElement(root.current, to)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      announce(`To ${labelOf(to)}`);
    },
    putDown() {
      const record = recordAt(lifted);
      if (lifted !== null && over !== null && over !== lifted.column && record !== undefined) move(lifted.column, record, over);
      leave();
    },
    takeBack() {
      leave();
      announce('Left where it was');
    },
    drag(column: string, id: string) {
      dragged.current = { column, id, index: 0 };
      // The card of the cursor is always in the page, so a column that scrolls meanwhile does not take it away.
      point(column, id);
    },
    /** False where nothing of the board is dragged, or nothing would come of it. */
    dragOver(column: string | null): boolean {
      const isTarget = dragged.current !== null && column !== null && column !== dragged.current.column;
      if (dragged.current !== null) setOver(isTarget ? column : null);
      return isTarget;
    },
    drop(column: string | null): boolean {
      const from = dragged.current;
      const record = recordAt(from);
      dragged.current = null;
      setOver(null);
      if (from === null || column === null || column === from.column || record === undefined) return false;
      move(from.column, record, column);
      return true;
    },
    dragEnd() {
      dragged.current = null;
      setOver(null);
    },
  };
}

function columnElement(root: HTMLElement | null, column: string | undefined): HTMLElement | null {
  return column === undefined ? null : (root?.querySelector<HTMLElement>(`[data-cards="${CSS.escape(column)}"]`) ?? null);
}

/** Moves that are under way, shown at once and until main's lists have them. */
function useMoves(
  noun: BoardNoun,
  shelf: RefObject<Map<string, Cards>>,
  labelOf: (value: string) => string,
  onRefused: (record: AnyView, from: string) => void,
) {
  const [moves, setMoves] = useState<readonly CardMove[]>([]);
  const { column: path } = nouns[noun].board;

  async function start(from: string, record: AnyView, to: string): Promise<void> {
    // Of a card that goes on before main has answered, the columns on its way may still show it.
    const touched = new Set([...(moves.find((move) => move.record.id === record.id)?.touched ?? []), from, to]);
    const move: CardMove = { record: { ...record, [path]: to }, from, to, touched, since: bookVersion(), isDone: false };
    setMoves((now) => [...now.filter((one) => one.record.id !== record.id), move]);
    const result = await recordApi(noun).change({ id: record.id, changes: { [path]: to } });
    const drop = (now: readonly CardMove[]) => now.filter((one) => one !== move);
    if (!result.ok) {
      setMoves(drop);
      onRefused(record, from);
      return showProblem({ ...result.error, ...words('said.text', { text: atField(noun, result.error) }) });
    }
    putIntoLists(noun, result.value.record);
    if (result.value.operationId === null) return setMoves(drop);
    // Main tells of a change before it answers: lists of this version were asked for when main had it, and none before were.
    setMoves((now) => now.map((one) => (one === move ? { ...move, isDone: true, since: bookVersion() } : one)));
    showDone(moveWords(record, result.value.record), [result.value.operationId]);
  }

  function moveWords(before: AnyView, after: AnyView): string {
    const words = `${viewTitle(noun, after)} moved to ${labelOf(String(valueAt(after, path)))}.`;
    if (!('probability' in before) || !('probability' in after) || before.probability === after.probability) return words;
    return `${words} ${after.probability} % likely, was ${before.probability} %.`;
  }

  /** What main's lists have seen needs to be shown no more. */
  function settle(): void {
    const isSeen = ({ isDone, touched, since }: CardMove) =>
      isDone && [...touched].every((column) => (shelf.current.get(column)?.version ?? Infinity) >= since);
    setMoves((now) => (now.some(isSeen) ? now.filter((one) => !isSeen(one)) : now));
  }

  return { moves, start, settle };
}
