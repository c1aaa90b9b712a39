import { Checkbox, Menu } from '@mantine/core';
import {
  type ColumnDef,
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  type Header,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import {
  IconArrowDown,
  IconArrowNarrowLeft,
  IconArrowNarrowRight,
  IconArrowUp,
  IconChevronDown,
  IconEyeOff,
  IconFilter,
  IconViewportNarrow,
  IconViewportWide,
  IconX,
} from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type KeyboardEvent,
  memo,
  type MouseEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
} from 'react';
import { type FieldInfo, valueAt } from '../../../shared/entities/field.ts';
import type { NounName } from '../../../shared/entities/nouns.ts';
import type { ShownList } from '../../api/list-window.ts';
import { type AnyView, viewTitle } from '../../api/records.ts';
import { markPainted } from '../../ui/painted.ts';
import { listFields } from './list-view.ts';
import { cellContent } from './cell.tsx';
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
  isAllSelected: boolean;
  onSort: (sort: SortBy) => void;
  onColumns: (paths: string[]) => void;
  onWidths: (widths: Record<string, number>) => void;
  onFilter: (field: FieldInfo) => void;
  onOpen: (index: number) => void;
  onTick: (index: number, extend: boolean) => void;
  onTickAll: () => void;
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  /** The list as a whole got the focus, and not from the mouse: some row should show it. */
  onFocusByKeys: () => void;
  ref: Ref<GridHandle>;
}

const HEADER = 34;
const TICKS = 40;
const NARROWEST = 60;
const WIDEST = 800;
const STEP = 40;

/** Columns only: rows come in windows from main, which sorts and filters all of them. */
const features = tableFeatures({
  columnOrderingFeature,
  columnVisibilityFeature,
  columnSizingFeature,
  columnResizingFeature,
  rowSortingFeature,
});
const noRows: AnyView[] = [];

/**
 * A list of any length as a grid: about forty rows are in the page, whatever the length. The grid has the focus as a
 * whole and names the row of the cursor, so that rows may come and go while it is scrolled.
 */
export function RecordGrid(props: RecordGridProps) {
  const { screen, list, columns, widths, sort, rowHeight, cursor, openId, selected, ref } = props;
  const noun = screen.noun;
  const scroller = useRef<HTMLDivElement>(null);
  const total = list.total ?? 0;

  const definitions = useMemo<ColumnDef<typeof features, AnyView>[]>(
    () =>
      listFields(noun).map((field) => ({
        id: field.path,
        accessorFn: (record) => valueAt(record, field.path),
        size: field.width,
        minSize: NARROWEST,
        maxSize: WIDEST,
        sortDescFirst: false,
      })),
    [noun],
  );
  const order = useMemo(() => columns.map((field) => field.path), [columns]);
  const visibility = useMemo(
    () => Object.fromEntries(listFields(noun).map((field) => [field.path, order.includes(field.path)])),
    [noun, order],
  );
  const sorting = useMemo(() => sort.map(({ path, descending }) => ({ id: path, desc: descending })), [sort]);
  const sizing = widths as Record<string, number>;
  const table = useTable({
    features,
    columns: definitions,
    data: noRows,
    state: { columnOrder: order, columnVisibility: visibility, columnSizing: sizing, sorting },
    manualSorting: true,
    maxMultiSortColCount: 5,
    columnResizeMode: 'onChange',
    onColumnSizingChange: (update) => props.onWidths(typeof update === 'function' ? update(sizing) : update),
    onSortingChange: (update) =>
      props.onSort((typeof update === 'function' ? update(sorting) : update).map(({ id, desc }) => ({ path: id, descending: desc }))),
  });
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const template = `${TICKS}px ${headers.map((header) => `${header.getSize()}px`).join(' ')}`;
  const fullWidth = TICKS + headers.reduce((sum, header) => sum + header.getSize(), 0);

  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: HEADER,
    scrollPaddingStart: HEADER,
  });
  useEffect(() => virtualizer.measure(), [rowHeight, virtualizer]);
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const show = list.show;
  useEffect(() => show(first, last), [show, first, last]);
  const isFilled = items.length > 0 && list.rowAt(first) !== undefined;
  useEffect(() => {
    if (isFilled) markPainted('list:painted');
  }, [isFilled]);

  useImperativeHandle(ref, () => ({
    focus: () => scroller.current?.focus({ preventScroll: true }),
    scrollTo: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
    pageSize: () => Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 400) - HEADER) / rowHeight) - 1),
  }));

  // The mouse says itself which row it means.
  const isPressed = useRef(false);
  const onClick = (event: MouseEvent<HTMLElement>) => {
    isPressed.current = false;
    const target = event.target as Element;
    const row = target.closest<HTMLElement>('[data-index]');
    if (row === null) return;
    const index = Number(row.dataset['index']);
    if (target.closest('[data-ticks]') !== null) props.onTick(index, event.shiftKey);
    else if (event.shiftKey) props.onTick(index, true);
    else if (event.ctrlKey || event.metaKey) props.onTick(index, false);
    else props.onOpen(index);
  };

  const cursorRow = cursor >= 0 && cursor < total ? cursor : -1;
  const style = {
    '--fb-columns': template,
    '--fb-full-width': `${fullWidth}px`,
    '--fb-body': `${virtualizer.getTotalSize()}px`,
  } as CSSProperties;
  return (
    <div
      ref={scroller}
      className={classes.grid}
      style={style}
      role="grid"
      aria-label={screen.title}
      aria-rowcount={total + 1}
      aria-colcount={headers.length + 1}
      aria-multiselectable
      aria-busy={list.isStale}
      aria-activedescendant={cursorRow < 0 ? undefined : rowId(noun, cursorRow)}
      tabIndex={0}
      data-focus-inside
      data-list={noun}
      onKeyDown={props.onKeyDown}
      onClick={onClick}
      onMouseDown={() => {
        isPressed.current = true;
      }}
      onFocus={(event) => {
        if (event.target === event.currentTarget && !isPressed.current) props.onFocusByKeys();
      }}
    >
      <div className={classes.header} role="row" aria-rowindex={1}>
        <div className={classes.ticks} role="columnheader" aria-colindex={1}>
          <Checkbox
            size="xs"
            aria-label={`Select all ${screen.title.toLowerCase()}`}
            checked={props.isAllSelected}
            indeterminate={!props.isAllSelected && selected.size > 0}
            onChange={props.onTickAll}
          />
        </div>
        {headers.map((header, at) => (
          <HeaderCell key={header.id} header={header} at={at} {...props} />
        ))}
      </div>
      <div className={classes.body} role="rowgroup">
        {items.map((item) => {
          const record = list.rowAt(item.index);
          return (
            <Row
              key={item.index}
              id={rowId(noun, item.index)}
              index={item.index}
              top={item.start - HEADER}
              height={rowHeight}
              record={record}
              columns={columns}
              tones={screen.tones}
              title={record === undefined ? '' : viewTitle(noun, record)}
              isTicked={record !== undefined && selected.has(record.id)}
              isCursor={item.index === cursorRow}
              isOpen={record !== undefined && record.id === openId}
            />
          );
        })}
      </div>
    </div>
  );
}

function rowId(noun: NounName, index: number): string {
  return `${noun}-row-${index}`;
}

interface RowProps {
  id: string;
  index: number;
  top: number;
  height: number;
  record: AnyView | undefined;
  columns: readonly FieldInfo[];
  tones: NounScreen['tones'];
  title: string;
  isTicked: boolean;
  isCursor: boolean;
  isOpen: boolean;
}

const Row = memo(function Row({ id, index, top, height, record, columns, tones, title, isTicked, isCursor, isOpen }: RowProps) {
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
      </div>
      {columns.map((field, at) => (
        <div
          key={field.path}
          className={classes.cell}
          role="gridcell"
          aria-colindex={at + 2}
          data-first={at === 0 || undefined}
          data-kind={field.kind}
        >
          {record === undefined ? <span className={classes.blank} /> : cellContent(field, record, tones)}
        </div>
      ))}
    </div>
  );
});

interface HeaderCellProps extends RecordGridProps {
  header: Header<typeof features, AnyView>;
  at: number;
}

function HeaderCell({ header, at, columns, widths, sort, onColumns, onWidths, onSort, onFilter }: HeaderCellProps) {
  const field = columns[at];
  if (field === undefined) return null;
  const place = sort.findIndex(({ path }) => path === field.path);
  const sorted = sort[place];
  const sortBy = (descending: boolean | null) =>
    onSort(descending === null ? sort.filter(({ path }) => path !== field.path) : [{ path: field.path, descending }]);
  const move = (by: number) => {
    const paths = columns.map((column) => column.path);
    paths.splice(at, 1);
    paths.splice(at + by, 0, field.path);
    onColumns(paths);
  };
  const widen = (by: number) => onWidths({ ...widths, [field.path]: Math.min(WIDEST, Math.max(NARROWEST, header.getSize() + by)) });
  const [up, down] = sortWords(field);
  return (
    <div
      className={classes.headerCell}
      role="columnheader"
      aria-colindex={at + 2}
      aria-sort={sorted === undefined ? 'none' : sorted.descending ? 'descending' : 'ascending'}
      data-first={at === 0 || undefined}
      data-kind={field.kind}
    >
      <button
        type="button"
        className={classes.sort}
        onClick={header.column.getToggleSortingHandler()}
        title={`Sort by ${field.label} (Shift adds to the order)`}
      >
        <span className={classes.label}>{field.label}</span>
        {sorted === undefined ? null : sorted.descending ? <IconArrowDown size={14} aria-hidden /> : <IconArrowUp size={14} aria-hidden />}
        {sorted !== undefined && sort.length > 1 ? <span className={classes.place}>{place + 1}</span> : null}
      </button>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <button type="button" className={classes.menu} aria-label={`Column ${field.label}`}>
            <IconChevronDown size={14} aria-hidden />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconArrowUp size={15} />} onClick={() => sortBy(false)}>
            {up}
          </Menu.Item>
          <Menu.Item leftSection={<IconArrowDown size={15} />} onClick={() => sortBy(true)}>
            {down}
          </Menu.Item>
          {sorted === undefined ? null : (
            <Menu.Item leftSection={<IconX size={15} />} onClick={() => sortBy(null)}>
              Do not sort by this
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item leftSection={<IconFilter size={15} />} onClick={() => onFilter(field)}>
            Filter by {field.label}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconArrowNarrowLeft size={15} />} disabled={at === 0} onClick={() => move(-1)}>
            Move left
          </Menu.Item>
          <Menu.Item leftSection={<IconArrowNarrowRight size={15} />} disabled={at === columns.length - 1} onClick={() => move(1)}>
            Move right
          </Menu.Item>
          <Menu.Item leftSection={<IconViewportWide size={15} />} closeMenuOnClick={false} onClick={() => widen(STEP)}>
            Wider
          </Menu.Item>
          <Menu.Item leftSection={<IconViewportNarrow size={15} />} closeMenuOnClick={false} onClick={() => widen(-STEP)}>
            Narrower
          </Menu.Item>
          <Menu.Item
            leftSection={<IconEyeOff size={15} />}
            disabled={columns.length === 1}
            onClick={() => onColumns(columns.filter((column) => column !== field).map((column) => column.path))}
          >
            Hide column
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {/* The mouse's way to a width; the menu is the keyboard's. */}
      <div
        className={classes.edge}
        aria-hidden
        data-active={header.column.getIsResizing() || undefined}
        onMouseDown={header.getResizeHandler()}
        onTouchStart={header.getResizeHandler()}
      />
    </div>
  );
}

function sortWords(field: FieldInfo): [string, string] {
  if (field.kind === 'number' || field.kind === 'decimal') return ['Smallest first', 'Largest first'];
  if (field.kind === 'date' || field.kind === 'instant') return ['Earliest first', 'Latest first'];
  if (field.kind === 'boolean') return ['No first', 'Yes first'];
  return ['Sort A to Z', 'Sort Z to A'];
}
