import { Alert, Button, CloseButton, Text, TextInput } from '@mantine/core';
import { IconAdjustmentsDollar, IconMapPin } from '@tabler/icons-react';
import { type KeyboardEvent, type MouseEvent, type Ref, useImperativeHandle, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { say } from '../../../shared/words/say.ts';
import type { ItemPriceView, LocationView } from '../../../shared/contracts/record.contract.ts';
import { type ShownList, useListWindow, type WindowRequest } from '../../api/list-window.ts';
import { recordApi } from '../../api/records.ts';
import { announce } from '../../ui/announcer.tsx';
import { EmptyPlace } from '../../ui/empty-place.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { Shortcut } from '../../ui/shortcut.tsx';
import { useLatest } from '../../ui/use-latest.ts';
import { countOf } from '../history/command-words.ts';
import { actions, useAction } from '../keys/actions.ts';
import { blockBetween, type Place, type Seen, sizeOf, startOfBlock } from './price-block.ts';
import { PriceChangePanel } from './price-change-panel.tsx';
import classes from './price-grid.module.css';
import { PriceGridRows, type PriceGridRowsHandle, priceCellId } from './price-grid-rows.tsx';
import { usePriceCommands } from './price-commands.ts';
import { proposalFor } from './price-proposal.ts';

export interface PriceGridHandle {
  focus(): void;
}

interface PriceGridProps {
  items: ShownList;
  /** All items that are listed, in their order; null where they could not be asked for, which was said. */
  itemIds: () => Promise<readonly string[] | null>;
  openId: string | null;
  onOpen: (id: string) => void;
  /** Null while no record is open. */
  onClose: (() => void) | null;
  ref: Ref<PriceGridHandle>;
}

/** By client, and of one client by name: the prices of a client stand together. */
const order = [
  { path: 'clientId', descending: false },
  { path: 'name', descending: false },
];

/** Where the keys are in the grid, what is chosen and edited, and what is done with that. */
function usePriceGrid({ items, itemIds, openId, onOpen, ref }: PriceGridProps) {
  const [words, setWords] = useState('');
  const request = useMemo<WindowRequest>(
    () => ({ filters: [], where: null, search: words, parentId: null, sort: order, show: 'live' }),
    [words],
  );
  const locations = useListWindow('locations', request);
  const [rows, columns] = [items.total ?? 0, locations.total ?? 0];
  const [at, setAt] = useState<Place>({ row: 0, column: 0 });
  const [from, setFrom] = useState<Place | null>(null);
  const [editing, setEditing] = useState<{ itemId: string; locationId: string } | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const drawn = useRef<PriceGridRowsHandle>(null);
  const inside = (place: Place): Place => ({
    row: Math.max(0, Math.min(rows - 1, place.row)),
    column: Math.max(-1, Math.min(columns - 1, place.column)),
  });
  const cursor = inside(at);
  const block = blockBetween(cursor, from === null ? cursor : inside(from));

  const focus = () => scroller.current?.focus({ preventScroll: true });
  useImperativeHandle(ref, () => ({ focus }));

  const goTo = (place: Place, extend = false) => {
    const next = inside(place);
    setFrom(extend ? startOfBlock(from, cursor, next) : null);
    setAt(next);
    drawn.current?.scrollTo(next);
  };
  const itemAt = (row: number) => items.rowAt(row) as ItemPriceView | undefined;
  const locationAt = (column: number) => locations.rowAt(column) as LocationView | undefined;

  // Walked from record to record: the open one goes along.
  const step = (by: number) => {
    const next = inside({ row: cursor.row + by, column: cursor.column });
    goTo(next);
    const item = itemAt(next.row);
    if (openId !== null && item !== undefined) onOpen(item.id);
    else focus();
  };
  useAction('next', () => step(1));
  useAction('previous', () => step(-1));

  const edit = (isTyped: boolean) => {
    const [item, location] = [itemAt(cursor.row), locationAt(cursor.column)];
    if (item === undefined || location === undefined) return;
    setFrom(null);
    // At once, and with all of it chosen: the letter that was typed becomes its text.
    flushSync(() => setEditing({ itemId: item.id, locationId: location.id }));
    if (isTyped && document.activeElement instanceof HTMLInputElement) document.activeElement.select();
  };
  const endEdit = (by: { row: number; column: number } | null) => {
    // Left with the mouse, the focus is where that went.
    if (by !== null || document.activeElement === document.body || scroller.current?.contains(document.activeElement) === true) focus();
    setEditing(null);
    if (by !== null) goTo({ row: cursor.row + by.row, column: cursor.column + by.column });
  };

  const choose = (start: Place | null, end: Place) => {
    setFrom(start);
    setAt(end);
  };
  const { proposal, setProposal, isSaving, isProposing, propose, set, backToDefault, copy, paste } = usePriceCommands({
    rows,
    columns,
    block,
    itemIds,
    locationIds: async () => {
      const result = await recordApi('locations').ids(request);
      if (!result.ok) showProblem(result.error);
      return result.ok ? result.value.ids : null;
    },
    seen: () => {
      const shown = drawn.current?.shown() ?? { top: 0, bottom: -1, left: 0, right: -1 };
      return { items: seenOf(items, shown.top, shown.bottom), locations: seenOf(locations, shown.left, shown.right) };
    },
    choose,
    focus,
  });
  const change = cursor.column < 0 ? null : () => void propose(null, null);
  useAction('changePrices', change);

  return {
    words,
    setWords,
    locations,
    rows,
    columns,
    scroller,
    drawn,
    cursor,
    block,
    focus,
    goTo,
    itemAt,
    editing,
    edit,
    onEditEnd: useLatest(endEdit),
    proposal,
    setProposal,
    isSaving,
    isProposing,
    set,
    backToDefault,
    copy,
    paste,
    change,
    isBlock: from !== null,
    choose,
  };
}

function seenOf(list: ShownList, first: number, last: number): Seen {
  const ids = new Map<number, string>();
  for (let at = first; at <= last; at += 1) {
    const row = list.rowAt(at);
    if (row !== undefined) ids.set(at, row.id);
  }
  return { total: list.total ?? 0, ids };
}
type PriceGridState = ReturnType<typeof usePriceGrid>;

/**
 * What each item (a row) costs at each location (a column): about a screenful of either is in the page, and is asked for. The grid has
 * the focus as a whole and names the place where the keys are; what is chosen is a block between that and where the choosing began.
 */
export function PriceGrid(props: PriceGridProps) {
  const { items, openId, onOpen } = props;
  const grid = usePriceGrid(props);
  const { words, locations, rows, columns, scroller, cursor, block, focus, goTo, itemAt, edit, proposal, setProposal, change } = grid;
  const nothing = locations.total === 0 && !locations.isStale;
  return (
    <div className={classes.frame}>
      <LocationTools
        words={words}
        onWords={(next) => {
          grid.setWords(next);
          setProposal(null);
        }}
        onDown={focus}
        columns={locations.total}
        chosen={sizeOf(block)}
        onChange={nothing ? null : change}
      />
      {locations.problem !== null && locations.total === null ? (
        <Alert color="red" m="md" title="The locations could not be shown">
          {say(locations.problem)}
        </Alert>
      ) : nothing ? (
        <EmptyPlace icon={<IconMapPin size={24} />} title={words === '' ? 'No locations yet' : 'No locations match'}>
          {words === ''
            ? 'Each location is a column here as soon as there is one, and pays the default price of every item unless it has its own.'
            : 'No location has these words. Loosen them, or empty the field for all locations.'}
        </EmptyPlace>
      ) : (
        <div
          ref={scroller}
          className={classes.grid}
          role="grid"
          aria-label="Prices by location"
          aria-rowcount={rows + 2}
          aria-colcount={columns + 2}
          aria-multiselectable
          aria-busy={items.isStale || locations.isStale}
          aria-activedescendant={rows === 0 ? undefined : priceCellId(cursor.row, cursor.column)}
          tabIndex={0}
          data-focus-inside
          onKeyDown={(event) => takeKey(grid, event, props)}
          onPaste={grid.paste}
          onMouseDown={(event) => {
            const place = placeOf(event);
            if (place !== null && event.button === 0) goTo(place, event.shiftKey);
          }}
          onPointerMove={(event) => {
            const place = event.buttons === 1 ? placeOf(event) : null;
            if (place !== null && place.column >= 0 && cursor.column >= 0) goTo(place, true);
          }}
          onDoubleClick={(event) => {
            const place = placeOf(event);
            const item = place === null ? undefined : itemAt(place.row);
            if (place === null || item === undefined) return;
            if (place.column < 0) onOpen(item.id);
            else edit(false);
          }}
        >
          <PriceGridRows
            ref={grid.drawn}
            items={items}
            locations={locations}
            scroller={scroller}
            cursor={cursor}
            block={block}
            openId={openId}
            editing={grid.editing}
            proposal={proposal}
            onEditEnd={grid.onEditEnd}
          />
        </div>
      )}
      {proposal === null ? null : (
        <PriceChangePanel
          proposal={proposal}
          isSaving={grid.isSaving}
          onPrice={(price) => setProposal(proposalFor([...proposal.rows.keys()], [...proposal.columns.keys()], { price, leftOut: null }))}
          onSet={(asked) => void grid.set(asked)}
          onClose={() => {
            setProposal(null);
            focus();
          }}
        />
      )}
    </div>
  );
}

function placeOf(event: MouseEvent): Place | null {
  const cell = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-column]') : null;
  if (cell === null || cell.dataset['editing'] !== undefined) return null;
  return { row: Number(cell.dataset['row']), column: Number(cell.dataset['column']) };
}

function takeKey(grid: PriceGridState, event: KeyboardEvent<HTMLElement>, { onOpen, onClose }: PriceGridProps): void {
  const { rows, columns, drawn, cursor, goTo, itemAt, edit, copy, backToDefault, proposal, setProposal, choose } = grid;
  if (event.target !== event.currentTarget || event.altKey) return;
  const mod = event.ctrlKey || event.metaKey;
  const { row, column } = cursor;
  const target = steppedTo(event.key, mod, cursor, { rows, columns, page: drawn.current?.pageSize() ?? 10 });
  if (target !== null) goTo(target, event.shiftKey);
  else if (mod && event.key.toLowerCase() === 'a') {
    choose({ row: 0, column: 0 }, { row: rows - 1, column: columns - 1 });
    announce(`All ${formatCount(rows * columns)} prices chosen`);
  } else if (mod && event.key.toLowerCase() === 'c' && column >= 0) void copy();
  else if (mod) return;
  else if (grid.isProposing.current) {
    // The letter is taken, and nothing else is done.
  } else if (event.key === 'Enter' && column < 0) {
    const item = itemAt(row);
    if (item !== undefined) onOpen(item.id);
  } else if ((event.key === 'Enter' || event.key === 'F2') && column >= 0) edit(false);
  else if ((event.key === 'Delete' || event.key === 'Backspace') && column >= 0) void backToDefault();
  else if (event.key === 'Escape' && proposal !== null) setProposal(null);
  else if (event.key === 'Escape' && grid.isBlock) choose(null, cursor);
  else if (event.key === 'Escape' && onClose !== null) onClose();
  else {
    // What a price begins with is typed into it.
    if (column >= 0 && /^[-\d.,]$/.test(event.key)) {
      event.stopPropagation();
      edit(true);
    }
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

/** What the colours say; every cell says it in words too. */
function Scale() {
  return (
    <span className={classes.scale} aria-hidden>
      cheaper
      <i data-level={-3}>−15%</i>
      <i data-level={-2}>−5%</i>
      <i data-level={-1}>−</i>
      <i>default</i>
      <i data-level={1}>+</i>
      <i data-level={2}>+5%</i>
      <i data-level={3}>+15%</i>
      dearer
    </span>
  );
}

/** Where a key leads, as in a spreadsheet: with Ctrl to the edge. Null for a key that leads nowhere. */
function steppedTo(key: string, isFar: boolean, { row, column }: Place, size: { rows: number; columns: number; page: number }) {
  const [lastRow, lastColumn] = [size.rows - 1, size.columns - 1];
  const places: Record<string, Place> = {
    ArrowDown: { row: isFar ? lastRow : row + 1, column },
    ArrowUp: { row: isFar ? 0 : row - 1, column },
    ArrowRight: { row, column: isFar ? lastColumn : column + 1 },
    ArrowLeft: { row, column: isFar ? 0 : column - 1 },
    PageDown: { row: row + size.page, column },
    PageUp: { row: row - size.page, column },
    Home: { row: isFar ? 0 : row, column: 0 },
    End: { row: isFar ? lastRow : row, column: lastColumn },
  };
  return places[key] ?? null;
}

interface LocationToolsProps {
  words: string;
  onWords: (words: string) => void;
  onDown: () => void;
  columns: number | null;
  chosen: number;
  /** Null where no price is chosen. */
  onChange: (() => void) | null;
}

/** Which locations are columns, what the colours say, and the button for what is chosen. */
function LocationTools({ words, onWords, onDown, columns, chosen, onChange }: LocationToolsProps) {
  return (
    <div className={classes.tools}>
      <TextInput
        size="xs"
        className={classes.find}
        aria-label="Filter locations"
        placeholder="Filter locations"
        leftSection={<IconMapPin size={15} />}
        rightSection={words === '' ? null : <CloseButton size="xs" aria-label="Show all locations" onClick={() => onWords('')} />}
        value={words}
        onChange={(event) => onWords(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
          event.preventDefault();
          onDown();
        }}
      />
      <Text size="sm" c="dimmed" role="status">
        {columns === null ? '' : countOf('locations', columns)}
      </Text>
      <Scale />
      <Button
        variant="default"
        size="compact-md"
        leftSection={<IconAdjustmentsDollar size={16} />}
        rightSection={<Shortcut keys={actions.changePrices.keys[0]} />}
        disabled={onChange === null}
        onClick={() => onChange?.()}
      >
        {chosen === 1 ? 'Change the price' : `Change ${formatCount(chosen)} prices`}
      </Button>
    </div>
  );
}
