import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { IconStar, IconStarFilled } from '@tabler/icons-react';
import { memo, type Ref, type RefObject, useCallback, useEffect, useImperativeHandle } from 'react';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import { type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import type { ShownList } from '../../api/list-window.ts';
import { type AnyView, viewTitle } from '../../api/records.ts';
import { markPainted } from '../../ui/painted.ts';
import { RowMark } from '../sync/record-mark.tsx';
import { CellEditor } from './cell-editing.tsx';
import { cellContent } from './cell.tsx';
import { canBeFavourite, HEADER } from './grid-layout.ts';
import type { NounScreen } from './noun-screen.ts';
import classes from './record-grid.module.css';

/** Rows beyond the edges that are drawn already, and rows beyond those that are asked for already. */
const DRAWN_AHEAD = 12;
const ASKED_AHEAD = 60;

export interface RowsHandle {
  scrollTo(index: number): void;
}

interface GridRowsProps {
  screen: NounScreen;
  list: ShownList;
  columns: readonly FieldInfo[];
  /** Which of them stays at the beginning. */
  titleAt: number;
  /** How many of the last columns stay in sight. */
  kept: number;
  rowHeight: number;
  /** The row of the cursor, -1 for none. It is always in the page, because the grid names it as its active one. */
  cursor: number;
  openId: string | null;
  selected: ReadonlySet<string>;
  favourites: ReadonlySet<string>;
  /** The cell of the cursor, where the keys are at one; and the one that is being edited. */
  cellPath: string | null;
  editing: { id: string; path: string } | null;
  onEditEnd: () => void;
  onEditNext: (by: 1 | -1) => void;
  scroller: RefObject<HTMLElement | null>;
  ref: Ref<RowsHandle>;
}

/** The rows near the screen. This part alone is drawn again while the list scrolls. */
export const GridRows = memo(function GridRows({
  screen,
  list,
  columns,
  titleAt,
  kept,
  rowHeight,
  cursor,
  openId,
  selected,
  favourites,
  cellPath,
  editing,
  onEditEnd,
  onEditNext,
  scroller,
  ref,
}: GridRowsProps) {
  const noun = screen.noun;
  const rangeExtractor = useCallback(
    (range: Range) => {
      const drawn = defaultRangeExtractor(range);
      return cursor < 0 || drawn.includes(cursor) ? drawn : [...drawn, cursor].toSorted((a, b) => a - b);
    },
    [cursor],
  );
  const virtualizer = useVirtualizer({
    count: list.total ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: DRAWN_AHEAD,
    scrollMargin: HEADER,
    scrollPaddingStart: HEADER,
    rangeExtractor,
  });
  useEffect(() => virtualizer.measure(), [rowHeight, virtualizer]);
  const first = virtualizer.range?.startIndex ?? 0;
  const last = virtualizer.range?.endIndex ?? 0;
  const { show } = list;
  useEffect(() => show(first - ASKED_AHEAD, last + ASKED_AHEAD), [show, first, last]);
  useImperativeHandle(ref, () => ({ scrollTo: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }) }), [virtualizer]);

  const items = virtualizer.getVirtualItems();
  const isFilled = items.length > 0 && list.rowAt(first) !== undefined;
  useEffect(() => {
    if (isFilled) markPainted('list:painted');
  }, [isFilled]);

  return (
    <div className={classes.body} role="rowgroup" style={{ height: virtualizer.getTotalSize() }}>
      {items.map((item) => {
        const record = list.rowAt(item.index);
        return (
          <Row
            key={item.index}
            noun={noun}
            id={rowId(noun, item.index)}
            index={item.index}
            top={item.start - HEADER}
            height={rowHeight}
            record={record}
            columns={columns}
            titleAt={titleAt}
            kept={kept}
            tones={screen.tones}
            titlePath={nouns[screen.noun].titlePath}
            title={record === undefined ? '' : viewTitle(noun, record)}
            isTicked={record !== undefined && selected.has(record.id)}
            isFavourite={record === undefined || !canBeFavourite(noun) ? null : favourites.has(record.id)}
            cellPath={item.index === cursor ? cellPath : null}
            editPath={record !== undefined && record.id === editing?.id ? editing.path : null}
            onEditEnd={onEditEnd}
            onEditNext={onEditNext}
            isCursor={item.index === cursor}
            isOpen={record !== undefined && record.id === openId}
          />
        );
      })}
    </div>
  );
});

export function rowId(noun: NounName, index: number): string {
  return `${noun}-row-${index}`;
}

/** Where a column that stays in sight has its place, from the end. */
export function keptAt(at: number, count: number, kept: number): { 'data-kept'?: 'first' | 'next'; style?: { right: string } } {
  const place = at - (count - kept);
  return place < 0 ? {} : { 'data-kept': place === 0 ? 'first' : 'next', style: { right: `var(--fb-end-${place})` } };
}

/** Of a cell, by the place of its column as they are drawn. */
export function cellId(noun: NounName, index: number, at: number): string {
  return `${rowId(noun, index)}-${at}`;
}

interface RowProps {
  noun: NounName;
  id: string;
  index: number;
  top: number;
  height: number;
  record: AnyView | undefined;
  columns: readonly FieldInfo[];
  titleAt: number;
  kept: number;
  tones: NounScreen['tones'];
  title: string;
  titlePath: string;
  isTicked: boolean;
  /** Null where there is nothing to star. */
  isFavourite: boolean | null;
  cellPath: string | null;
  editPath: string | null;
  onEditEnd: () => void;
  onEditNext: (by: 1 | -1) => void;
  isCursor: boolean;
  isOpen: boolean;
}

const Row = memo(function Row({
  noun,
  id,
  index,
  top,
  height,
  record,
  columns,
  titleAt,
  kept,
  tones,
  title,
  titlePath,
  isTicked,
  isFavourite,
  cellPath,
  editPath,
  onEditEnd,
  onEditNext,
  isCursor,
  isOpen,
}: RowProps) {
  return (
    // The grid as a whole has the focus and answers the keys; rows are named by aria-activedescendant.
    <div
      id={id}
      className={classes.row}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isTicked}
      aria-current={isOpen ? 'true' : undefined}
      data-index={index}
      data-cursor={isCursor || undefined}
      data-open={isOpen || undefined}
      data-ticked={isTicked || undefined}
      style={{ transform: `translateY(${top}px)`, height }}
    >
      <div className={classes.ticks} role="gridcell" aria-colindex={1} data-ticks>
        {record === undefined ? null : (
          <input type="checkbox" className={classes.tick} tabIndex={-1} checked={isTicked} readOnly aria-label={`Select ${title}`} />
        )}
        {isFavourite === null || record === undefined || record.deletedAt !== null ? null : (
          <button
            type="button"
            className={classes.star}
            tabIndex={-1}
            aria-pressed={isFavourite}
            aria-label={`Favourite: ${title}`}
            title="Favourite (B)"
            data-star
          >
            {isFavourite ? <IconStarFilled size={15} aria-hidden /> : <IconStar size={15} aria-hidden />}
          </button>
        )}
      </div>
      {columns.map((field, at) => (
        <div
          key={field.path}
          id={`${id}-${at}`}
          className={classes.cell}
          data-cell={field.path === cellPath || undefined}
          data-editing={field.path === editPath || undefined}
          role="gridcell"
          aria-colindex={at + 2}
          data-first={at === titleAt || undefined}
          {...keptAt(at, columns.length, kept)}
          data-kind={field.kind}
        >
          {record === undefined ? (
            <span className={classes.blank} />
          ) : field.path === editPath ? (
            <CellEditor noun={noun} record={record} field={field} onEnd={onEditEnd} onGoOn={onEditNext} />
          ) : (
            <>
              {cellContent(field, record, tones) ?? (field.path === titlePath ? <span className={classes.unnamed}>{title}</span> : null)}
              {at === titleAt ? <RowMark noun={noun} id={record.id} /> : null}
            </>
          )}
        </div>
      ))}
    </div>
  );
});
