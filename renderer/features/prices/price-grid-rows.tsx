import { defaultRangeExtractor, type Range, useVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import { memo, type Ref, type RefObject, useCallback, useEffect, useImperativeHandle, useMemo, useRef } from 'react';
import type { ItemPriceView, LocationView } from '../../../shared/contracts/record.contract.ts';
import { fieldsOf } from '../../../shared/nouns/nouns.ts';
import type { ShownList } from '../../api/list-window.ts';
import { type PriceTile, setOwnPrice, usePriceTiles } from '../../api/prices.ts';
import { useSettings } from '../../api/live.ts';
import { formatDecimal } from '../../ui/field-text.ts';
import { InlineField } from '../../ui/inline-field.tsx';
import { useWidthOf } from '../../ui/use-width.ts';
import { showDone } from '../history/undo.tsx';
import { wordsFor } from '../records/book-words.ts';
import { type Block, differenceOf, isInBlock, type Place } from './price-block.ts';
import classes from './price-grid.module.css';
import { type Proposal, proposedAt } from './price-proposal.ts';

const HEADER = 59;
const COLUMN = 116;
/** Rows and columns beyond the edges that are drawn already. */
const DRAWN_AHEAD = 4;
/** What is asked for at once: so many items at so many locations. Both go into a page of a list without a rest, whose rows are there together. */
const TILE = { rows: 50, columns: 20 };

export interface PriceGridRowsHandle {
  scrollTo(place: Place): void;
  pageSize(): number;
  /** The rows and columns that are on screen. */
  shown(): Block;
}

export function priceCellId(row: number, column: number): string {
  return `price-${row}-${column}`;
}

interface PriceGridRowsProps {
  items: ShownList;
  locations: ShownList;
  scroller: RefObject<HTMLElement | null>;
  /** Always in the page, because the grid names it as its active place. */
  cursor: Place;
  block: Block;
  openId: string | null;
  editing: { itemId: string; locationId: string } | null;
  proposal: Proposal | null;
  /** Left by a key that goes on so far from here, or without one. */
  onEditEnd: (by: { row: number; column: number } | null) => void;
  ref: Ref<PriceGridRowsHandle>;
}

/** The heads of the locations and the rows of the items, as far as they are near the screen. */
export function PriceGridRows({
  items,
  locations,
  scroller,
  cursor,
  block,
  openId,
  editing,
  proposal,
  onEditEnd,
  ref,
}: PriceGridRowsProps) {
  const rowHeight = useSettings()?.density === 'comfortable' ? 42 : 32;
  const room = useWidthOf(scroller);
  // Beside an open record the default goes, and the name gets shorter: at least two locations are to be seen.
  const isNarrow = room > 0 && room < 620;
  const widths = { item: isNarrow ? 140 : 220, price: isNarrow ? 0 : 90 };
  const frozen = widths.item + widths.price;
  const rows = useLine(items.total ?? 0, rowHeight, HEADER, cursor.row, scroller, false);
  const columns = useLine(locations.total ?? 0, COLUMN, frozen, Math.max(0, cursor.column), scroller, true);
  useEffect(() => rows.measure(), [rowHeight, rows]);
  useEffect(() => columns.measure(), [frozen, columns]);
  useImperativeHandle(
    ref,
    () => ({
      scrollTo({ row, column }) {
        rows.scrollToIndex(row, { align: 'auto' });
        if (column >= 0) columns.scrollToIndex(column, { align: 'auto' });
      },
      pageSize: () => Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 400) - HEADER) / rowHeight) - 1),
      shown: () => ({
        top: rows.range?.startIndex ?? 0,
        bottom: rows.range?.endIndex ?? -1,
        left: columns.range?.startIndex ?? 0,
        right: columns.range?.endIndex ?? -1,
      }),
    }),
    [rows, columns, rowHeight, scroller],
  );

  const [top, bottom] = [rows.range?.startIndex ?? 0, rows.range?.endIndex ?? 0];
  const [left, right] = [columns.range?.startIndex ?? 0, columns.range?.endIndex ?? 0];
  const { show: showItems } = items;
  const { show: showLocations } = locations;
  useEffect(() => showItems(top, bottom), [showItems, top, bottom]);
  useEffect(() => showLocations(left, right), [showLocations, left, right]);

  const tiles = tilesIn({ top, bottom, left, right }, items, locations);
  const prices = usePriceTiles(tiles.map(({ tile }) => tile));
  const byPlace = new Map(tiles.map(({ key }, at) => [key, prices[at]]));
  const tileOf = (row: number, column: number) => byPlace.get(tileKey(row, column));

  const shownColumns = columns.getVirtualItems();
  const width = frozen + columns.getTotalSize();
  const heads = shownColumns.map((column) => ({ column, location: locations.rowAt(column.index) as LocationView | undefined }));
  return (
    <>
      <GridHead
        heads={heads}
        widths={widths}
        width={width}
        isNewClient={(column) => isNewClient(column, locations)}
        currencyOf={(column, id) => tileOf(top, column)?.currencies[id] ?? ''}
      />
      <div className={classes.body} role="rowgroup" style={{ width, height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const item = items.rowAt(row.index) as ItemPriceView | undefined;
          return (
            <div
              key={row.index}
              role="row"
              aria-rowindex={row.index + 3}
              aria-current={item !== undefined && item.id === openId ? 'true' : undefined}
              className={classes.row}
              style={{ transform: `translateY(${row.start - HEADER}px)`, height: row.size, width }}
            >
              <div
                id={priceCellId(row.index, -1)}
                role="rowheader"
                aria-colindex={1}
                className={classes.item}
                style={{ width: widths.item }}
                title={item === undefined ? undefined : `${item.invoiceItem} (${item.itemCode})`}
                data-row={row.index}
                data-column={-1}
                data-cursor={(cursor.row === row.index && cursor.column < 0) || undefined}
              >
                {item === undefined ? (
                  <span className={classes.blank} />
                ) : (
                  <>
                    {item.invoiceItem} <small>{item.itemCode}</small>
                  </>
                )}
              </div>
              {widths.price === 0 ? null : (
                <div role="gridcell" aria-colindex={2} className={classes.default} style={{ left: widths.item, width: widths.price }}>
                  {item === undefined ? null : formatDecimal(item.defaultPrice)}
                </div>
              )}
              {heads.map(({ column, location }) => {
                const tile = item === undefined || location === undefined ? undefined : tileOf(row.index, column.index);
                const own = tile === undefined || item === undefined ? undefined : (tile.own.get(location?.id ?? '')?.get(item.id) ?? null);
                return (
                  <PriceCell
                    key={column.index}
                    row={row.index}
                    column={column.index}
                    left={column.start}
                    item={item}
                    location={location}
                    own={own}
                    currency={location === undefined ? '' : (tile?.currencies[location.id] ?? '')}
                    isGroup={isNewClient(column.index, locations)}
                    isCursor={cursor.row === row.index && cursor.column === column.index}
                    isChosen={isInBlock(block, row.index, column.index)}
                    isEdited={editing !== null && item?.id === editing.itemId && location?.id === editing.locationId}
                    proposal={proposal}
                    onEditEnd={onEditEnd}
                  />
                );
              })}
            </div>
          );
        })}
      </div>
    </>
  );
}

interface Head {
  column: VirtualItem;
  location: LocationView | undefined;
}

interface GridHeadProps {
  heads: readonly Head[];
  widths: { item: number; price: number };
  width: number;
  isNewClient: (column: number) => boolean;
  currencyOf: (column: number, locationId: string) => string;
}

/** Clients over their locations, each with the currency that it is invoiced in. */
function GridHead({ heads, widths, width, isNewClient, currencyOf }: GridHeadProps) {
  const frozen = widths.item + widths.price;
  return (
    <div className={classes.header} style={{ width, height: HEADER }}>
      <div role="row" aria-rowindex={1}>
        <span className={classes.corner} style={{ width: frozen }} role="presentation" />
        {clientsOf(heads).map(({ clientId, name, start, end, first, count }) => (
          <div
            key={`${clientId} ${first}`}
            role="columnheader"
            aria-colindex={first + 3}
            aria-colspan={count}
            className={classes.client}
            style={{ left: start, width: end - start }}
          >
            <span style={{ left: frozen + 10 }}>{name}</span>
          </div>
        ))}
      </div>
      <div role="row" aria-rowindex={2}>
        <div role="columnheader" aria-colindex={1} className={classes.cornerItem} style={{ width: widths.item }}>
          Item
        </div>
        {widths.price === 0 ? null : (
          <div role="columnheader" aria-colindex={2} className={classes.cornerPrice} style={{ left: widths.item, width: widths.price }}>
            Default
          </div>
        )}
        {heads.map(({ column, location }) => (
          <div
            key={column.index}
            role="columnheader"
            aria-colindex={column.index + 3}
            className={classes.location}
            style={{ left: column.start, width: column.size }}
            data-group={isNewClient(column.index) || undefined}
            title={location?.name}
          >
            <span>{location?.name ?? '…'}</span>
            <small>{location === undefined ? '' : currencyOf(column.index, location.id)}</small>
          </div>
        ))}
      </div>
    </div>
  );
}

/** One of the two ways that the grid is virtual in: what is drawn of it, with the place of the cursor always among that. */
function useLine(count: number, size: number, before: number, cursor: number, scroller: RefObject<HTMLElement | null>, isAcross: boolean) {
  const rangeExtractor = useCallback(
    (range: Range) => {
      const drawn = defaultRangeExtractor(range);
      return cursor >= range.count || drawn.includes(cursor) ? drawn : [...drawn, cursor].toSorted((a, b) => a - b);
    },
    [cursor],
  );
  return useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => size,
    horizontal: isAcross,
    overscan: DRAWN_AHEAD,
    scrollMargin: before,
    scrollPaddingStart: before,
    rangeExtractor,
  });
}

function tileKey(row: number, column: number): string {
  return `${Math.floor(row / TILE.rows)} ${Math.floor(column / TILE.columns)}`;
}

/** The tiles of which something is on screen, as far as it is known what stands in them. */
function tilesIn({ top, bottom, left, right }: Block, items: ShownList, locations: ShownList): { key: string; tile: PriceTile }[] {
  const found: { key: string; tile: PriceTile }[] = [];
  for (let row = top - (top % TILE.rows); row <= bottom; row += TILE.rows) {
    const itemPriceIds = idsFrom(items, row, TILE.rows);
    for (let column = left - (left % TILE.columns); column <= right; column += TILE.columns) {
      const locationIds = idsFrom(locations, column, TILE.columns);
      if (itemPriceIds.length > 0 && locationIds.length > 0) found.push({ key: tileKey(row, column), tile: { locationIds, itemPriceIds } });
    }
  }
  return found;
}

function idsFrom(list: ShownList, from: number, count: number): string[] {
  return Array.from({ length: count }, (_, at) => list.rowAt(from + at)?.id ?? '').filter((id) => id !== '');
}

function isNewClient(column: number, locations: ShownList): boolean {
  const clientOf = (at: number) => (locations.rowAt(at) as LocationView | undefined)?.clientId;
  return column === 0 || clientOf(column) !== clientOf(column - 1);
}

interface ClientHead {
  clientId: string;
  name: string;
  start: number;
  end: number;
  first: number;
  count: number;
}

/** Neighbours of one client have one head. */
function clientsOf(heads: readonly Head[]): ClientHead[] {
  const found: ClientHead[] = [];
  for (const { column, location } of heads) {
    const last = found.at(-1);
    if (last !== undefined && last.clientId === location?.clientId && last.end === column.start) {
      last.end = column.end;
      last.count += 1;
    } else if (location !== undefined) {
      const { clientId, clientName } = location;
      found.push({ clientId, name: clientName ?? '', start: column.start, end: column.end, first: column.index, count: 1 });
    }
  }
  return found;
}

const ownField = fieldsOf('locationItemPrices').find(({ path }) => path === 'customPrice');

interface PriceCellProps {
  row: number;
  column: number;
  left: number;
  item: ItemPriceView | undefined;
  location: LocationView | undefined;
  /** Null where the default counts, undefined while it is not known. */
  own: string | null | undefined;
  currency: string;
  isGroup: boolean;
  isCursor: boolean;
  isChosen: boolean;
  isEdited: boolean;
  proposal: Proposal | null;
  onEditEnd: PriceGridRowsProps['onEditEnd'];
}

const PriceCell = memo(function PriceCell({
  row,
  column,
  left,
  item,
  location,
  own,
  currency,
  isGroup,
  isCursor,
  isChosen,
  isEdited,
  proposal,
  onEditEnd,
}: PriceCellProps) {
  const isThere = item !== undefined && location !== undefined && own !== undefined;
  const proposed =
    isThere && proposal !== null ? proposedAt(proposal, { itemId: item.id, locationId: location.id }, own, item.defaultPrice) : null;
  const now = isThere ? (own ?? item.defaultPrice) : '';
  const shown = proposed?.price ?? now;
  const isOwn = proposed?.isOwn ?? (isThere && own !== null);
  const difference = isThere && isOwn ? differenceOf(shown, item.defaultPrice) : null;
  return (
    <div
      id={priceCellId(row, column)}
      role="gridcell"
      aria-colindex={column + 3}
      aria-selected={isChosen}
      className={classes.cell}
      style={{ left, width: COLUMN }}
      data-row={row}
      data-column={column}
      data-level={difference === null ? undefined : difference.level}
      data-own={isOwn || undefined}
      data-group={isGroup || undefined}
      data-chosen={isChosen || undefined}
      data-cursor={isCursor || undefined}
      data-proposed={proposed !== null || undefined}
      data-editing={isEdited || undefined}
    >
      {!isThere ? (
        <span className={classes.blank} />
      ) : isEdited ? (
        <CellEditor item={item} location={location} now={now} onEnd={onEditEnd} />
      ) : (
        <>
          {proposed !== null && (proposed.price !== now || proposed.isOwn !== (own !== null)) ? (
            <s aria-label={`from ${formatDecimal(now)}`}>{formatDecimal(now)}</s>
          ) : proposed !== null ? (
            <small>same</small>
          ) : difference?.text !== null && difference !== null ? (
            <small>{difference.text}</small>
          ) : null}
          <span>{formatDecimal(shown)}</span>
          <span className={classes.said}>
            {' '}
            {currency}, {isOwn ? 'own price' : 'default'}
            {isOwn ? `, default ${formatDecimal(item.defaultPrice)}` : ''}
          </span>
        </>
      )}
    </div>
  );
});

function isInEditedCell(element: Element | null): boolean {
  return (element?.closest('[role="gridcell"][data-editing]') ?? null) !== null;
}

function CellEditor({
  item,
  location,
  now,
  onEnd,
}: {
  item: ItemPriceView;
  location: LocationView;
  now: string;
  onEnd: PriceGridRowsProps['onEditEnd'];
}) {
  const what = `${item.invoiceItem} at ${location.name}`;
  const field = useMemo(() => (ownField === undefined ? null : { ...ownField, label: `Price of ${what}` }), [what]);
  const isSaved = useRef(false);
  if (field === null) return null;
  return (
    <InlineField
      isBare
      isEditing
      field={field}
      value={now}
      onEdit={() => undefined}
      // Saved by Enter, the price below is next; saved by a click elsewhere, the focus stays there.
      onClose={() => onEnd(isSaved.current && isInEditedCell(document.activeElement) ? { row: 1, column: 0 } : null)}
      onTab={(by) => onEnd({ row: 0, column: by })}
      check={(next) => wordsFor('locationItemPrices', 'customPrice', next)}
      onSave={async (next) => {
        const result = await setOwnPrice({ locationId: location.id, itemPriceId: item.id }, { customPrice: next as string | null });
        if (!result.ok) return result.error;
        isSaved.current = true;
        const { operationId, price } = result.value;
        if (operationId !== null) {
          showDone(price.customPrice === null ? `${what} is back at the default.` : `Price of ${what} saved.`, [operationId]);
        }
        return null;
      }}
    />
  );
}
