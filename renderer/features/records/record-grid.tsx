import { type CSSProperties, type KeyboardEvent, type MouseEvent, type Ref, useEffect, useImperativeHandle, useMemo, useRef } from 'react';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import { nouns } from '../../../shared/nouns/nouns.ts';
import type { ShownList } from '../../api/list-window.ts';
import { useWidthOf } from '../../ui/use-width.ts';
import { useLatest } from '../../ui/use-latest.ts';
import { useCells } from './cell-editing.tsx';
import { GridHeader } from './grid-header.tsx';
import { HEADER, shownColumns, widthOfTicks } from './grid-layout.ts';
import { cellId, GridRows, rowId, type RowsHandle } from './grid-rows.tsx';
import type { SortBy } from './list-search.ts';
import type { NounScreen } from './noun-screen.ts';
import classes from './record-grid.module.css';

export interface GridHandle {
  focus(): void;
  scrollTo(index: number): void;
  pageSize(): number;
}

interface RecordGridProps {
  screen: NounScreen;
  list: ShownList;
  columns: readonly FieldInfo[];
  widths: Readonly<Record<string, number>>;
  sort: SortBy;
  rowHeight: number;
  cursor: number;
  openId: string | null;
  selected: ReadonlySet<string>;
  favourites: ReadonlySet<string>;
  isAllSelected: boolean;
  onSort: (sort: SortBy) => void;
  onColumns: (paths: string[]) => void;
  onWidths: (widths: Record<string, number>) => void;
  onFilter: (field: FieldInfo) => void;
  onOpen: (index: number) => void;
  onTick: (index: number, extend: boolean) => void;
  onTickAll: () => void;
  onStar: (index: number) => void;
  /** Marks the row, and brings it into sight. */
  onCursor: (index: number) => void;
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  /** The list as a whole got the focus, and not from the mouse: some row should show it. */
  onFocusByKeys: () => void;
  ref: Ref<GridHandle>;
}

/**
 * A list of any length as a grid: about forty rows are in the page, whatever the length. The grid has the focus as a
 * whole and names the row of the cursor, so that rows may come and go while it is scrolled.
 */
export function RecordGrid(props: RecordGridProps) {
  const { screen, list, widths, rowHeight, openId, selected, favourites, ref } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRef<RowsHandle>(null);
  const total = list.total ?? 0;
  const before = widthOfTicks(screen.noun);
  const room = useWidthOf(scroller);
  const { columns, sizes, title, kept } = useMemo(() => {
    const { titlePath, isNewestFirst } = nouns[screen.noun];
    // What stands in the order of its time is called by what its first column says.
    return shownColumns(props.columns, widths, { room, before, titlePath: isNewestFirst ? '' : titlePath, keep: screen.keptColumns ?? [] });
  }, [props.columns, widths, room, before, screen]);
  const cursor = props.cursor >= 0 && props.cursor < total ? props.cursor : -1;

  useImperativeHandle(
    ref,
    () => ({
      focus: () => scroller.current?.focus({ preventScroll: true }),
      scrollTo: (index) => rows.current?.scrollTo(index),
      pageSize: () => Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 400) - HEADER) / rowHeight) - 1),
    }),
    [rowHeight],
  );

  const cells = useCells({
    screen,
    list,
    columns,
    cursor,
    onCursor: props.onCursor,
    focus: () => scroller.current?.focus({ preventScroll: true }),
  });
  const onEditEnd = useLatest(cells.end);
  const onEditNext = useLatest(cells.goOn);
  useEffect(() => {
    if (cells.at >= 0)
      document.getElementById(cellId(screen.noun, cursor, cells.at))?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [cells.at, cursor, screen.noun]);

  const onSort = useLatest(props.onSort);
  const onColumns = useLatest(props.onColumns);
  const onWidths = useLatest(props.onWidths);
  const onFilter = useLatest(props.onFilter);
  const onTickAll = useLatest(props.onTickAll);

  // The mouse says itself which row it means.
  const isPressed = useRef(false);
  const onClick = (event: MouseEvent<HTMLElement>) => {
    const target = event.target as Element;
    const row = target.closest<HTMLElement>('[data-index]');
    if (row === null || target.closest('[data-editing]') !== null) return;
    const index = Number(row.dataset['index']);
    if (target.closest('[data-star]') !== null) props.onStar(index);
    else if (target.closest('[data-ticks]') !== null) props.onTick(index, event.shiftKey);
    else if (event.shiftKey) props.onTick(index, true);
    else if (event.ctrlKey || event.metaKey) props.onTick(index, false);
    else props.onOpen(index);
  };

  const style = {
    scrollPaddingLeft: before + (sizes[title] ?? 0),
    scrollPaddingRight: sizes.slice(sizes.length - kept).reduce((sum, size) => sum + size, 0),
    '--fb-before': `${before}px`,
    '--fb-columns': `${before}px ${sizes.map((size) => `${size}px`).join(' ')}`,
    ...Object.fromEntries(
      sizes.slice(sizes.length - kept).map((_, at, of) => [`--fb-end-${at}`, `${of.slice(at + 1).reduce((sum, size) => sum + size, 0)}px`]),
    ),
    '--fb-full-width': `${sizes.reduce((sum, size) => sum + size, before)}px`,
  } as CSSProperties;
  return (
    <div
      ref={scroller}
      className={classes.grid}
      style={style}
      role="grid"
      aria-label={screen.title}
      aria-rowcount={total + 1}
      aria-colcount={columns.length + 1}
      aria-multiselectable
      aria-busy={list.isStale}
      aria-activedescendant={cursor < 0 ? undefined : cells.at < 0 ? rowId(screen.noun, cursor) : cellId(screen.noun, cursor, cells.at)}
      tabIndex={0}
      data-focus-inside
      data-list={screen.noun}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget || !cells.takeKey(event)) return props.onKeyDown(event);
        event.preventDefault();
        event.stopPropagation();
      }}
      onClick={onClick}
      onPointerDown={() => {
        isPressed.current = true;
      }}
      onPointerUp={() => {
        isPressed.current = false;
      }}
      onPointerLeave={() => {
        isPressed.current = false;
      }}
      onFocus={(event) => {
        if (event.target === event.currentTarget && !isPressed.current) props.onFocusByKeys();
      }}
    >
      <GridHeader
        screen={screen}
        columns={columns}
        title={title}
        kept={kept}
        widths={widths}
        sort={props.sort}
        isAllSelected={props.isAllSelected}
        isSomeSelected={selected.size > 0}
        onSort={onSort}
        onColumns={onColumns}
        onWidths={onWidths}
        onFilter={onFilter}
        onTickAll={onTickAll}
      />
      <GridRows
        ref={rows}
        screen={screen}
        list={list}
        columns={columns}
        titleAt={title}
        kept={kept}
        rowHeight={rowHeight}
        cursor={cursor}
        openId={openId}
        selected={selected}
        favourites={favourites}
        cellPath={cells.path}
        editing={cells.editing}
        onEditEnd={onEditEnd}
        onEditNext={onEditNext}
        scroller={scroller}
      />
    </div>
  );
}
