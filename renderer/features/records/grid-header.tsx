import { Checkbox, Menu } from '@mantine/core';
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
import { memo, useMemo } from 'react';
import { type FieldInfo, valueAt } from '../../../shared/nouns/field.ts';
import type { AnyView } from '../../api/records.ts';
import { keptAt } from './grid-rows.tsx';
import { NARROWEST, startingWidth, WIDEST } from './grid-layout.ts';
import type { SortBy } from './list-search.ts';
import { useListFields } from '../../api/own-fields.ts';
import type { NounScreen } from './noun-screen.ts';
import classes from './record-grid.module.css';

interface GridHeaderProps {
  screen: NounScreen;
  /** As they are drawn; `title` names the one that stays at the beginning, and `kept` at the end stay in sight. */
  columns: readonly FieldInfo[];
  title: number;
  kept: number;
  widths: Readonly<Record<string, number>>;
  sort: SortBy;
  isAllSelected: boolean;
  isSomeSelected: boolean;
  onSort: (sort: SortBy) => void;
  onColumns: (paths: string[]) => void;
  onWidths: (widths: Record<string, number>) => void;
  onFilter: (field: FieldInfo) => void;
  onTickAll: () => void;
}

/** By how much the menu makes a column wider or narrower. */
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

/** The first row of a list: what its columns are, how they are sorted, how wide they are. Not drawn again while rows scroll. */
export const GridHeader = memo(function GridHeader(props: GridHeaderProps) {
  const { screen, columns, widths, sort } = props;
  const fields = useListFields(screen.noun);
  const definitions = useMemo<ColumnDef<typeof features, AnyView>[]>(
    () =>
      fields.map((field) => ({
        id: field.path,
        accessorFn: (record) => valueAt(record, field.path),
        size: startingWidth(field),
        minSize: NARROWEST,
        maxSize: WIDEST,
        sortDescFirst: false,
      })),
    [fields],
  );
  const order = useMemo(() => columns.map((field) => field.path), [columns]);
  const visibility = useMemo(() => Object.fromEntries(fields.map((field) => [field.path, order.includes(field.path)])), [fields, order]);
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
  return (
    <div className={classes.header} role="row" aria-rowindex={1}>
      <div className={classes.ticks} role="columnheader" aria-colindex={1}>
        <Checkbox
          size="xs"
          aria-label={`Select all ${screen.title.toLowerCase()}`}
          checked={props.isAllSelected}
          indeterminate={!props.isAllSelected && props.isSomeSelected}
          onChange={props.onTickAll}
        />
      </div>
      {headers.map((header, at) => (
        <HeaderCell key={header.id} header={header} at={at} {...props} />
      ))}
    </div>
  );
});

interface HeaderCellProps extends GridHeaderProps {
  header: Header<typeof features, AnyView>;
  at: number;
}

function HeaderCell({ screen, header, at, columns, title, kept, widths, sort, onColumns, onWidths, onSort, onFilter }: HeaderCellProps) {
  const field = columns[at];
  if (field === undefined) return null;
  const place = sort.findIndex(({ path }) => path === field.path);
  const sorted = sort[place];
  const sortBy = (descending: boolean | null) =>
    onSort(descending === null ? sort.filter(({ path }) => path !== field.path) : [{ path: field.path, descending }]);
  // Those that stay in sight have their place: the others change places among each other.
  const keep = screen.keptColumns ?? [];
  const stays = (one: FieldInfo | undefined) => one === undefined || keep.includes(one.path);
  const canMove = (by: number) => !stays(field) && !stays(columns[at + by]);
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
      data-first={at === title || undefined}
      {...keptAt(at, columns.length, kept)}
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
          <Menu.Item leftSection={<IconArrowNarrowLeft size={15} />} disabled={!canMove(-1)} onClick={() => move(-1)}>
            Move left
          </Menu.Item>
          <Menu.Item leftSection={<IconArrowNarrowRight size={15} />} disabled={!canMove(1)} onClick={() => move(1)}>
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
  if (field.kind === 'number' || field.kind === 'decimal' || field.kind === 'rate') return ['Smallest first', 'Largest first'];
  if (field.kind === 'date' || field.kind === 'instant') return ['Earliest first', 'Latest first'];
  if (field.kind === 'boolean') return ['No first', 'Yes first'];
  return ['Sort A to Z', 'Sort Z to A'];
}
