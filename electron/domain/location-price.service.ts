import {
  type ChangedPrice,
  type LocationPrice,
  type LocationPriceFilter,
  type ManyPrices,
  type OwnPrice,
  type PriceBlock,
} from '../../shared/nouns/location-item-price/location-price.contract.ts';
import type { ItemPrice } from '../../shared/nouns/item-price/item-price.ts';
import { computeLocationItemPrice, locationItemPriceId } from '../../shared/nouns/location-item-price/location-item-price.ts';
import { mostPricesAtOnce } from '../../shared/nouns/location-item-price/price-step.ts';
import type { Location } from '../../shared/nouns/location/location.ts';
import type { RecordOf, Stored } from '../../shared/nouns/nouns.ts';
import { type Problem, ProblemError } from '../../shared/lib/result.ts';
import { searchFold } from '../../shared/lib/text.ts';
import type { BookReader } from './book.ts';
import type { Transaction } from '../../shared/operations/transaction.ts';
import type { CommandRunner } from './ports.ts';
import { createBreather } from './transfer/breather.ts';
import { locationItemPriceRules } from '../../shared/nouns/location-item-price/location-item-price.rules.ts';
import { survivorOf } from '../../shared/operations/aliases.ts';
import type { RecordQueries } from './lists/record-queries.ts';
import { pastedIn, priceBlock } from './price-block.ts';
import { changedPrice, changedPrices, type Own, saysSomething } from './changed-prices.ts';
import { words } from '../../shared/words/words.ts';

export interface LocationPriceService {
  list(request: LocationPriceFilter & { offset: number; limit: number }): { rows: LocationPrice[]; total: number };
  count(filter: LocationPriceFilter): { total: number; own: number };
  /** What is said of these items at these locations; whatever of them is not there is left out. */
  block(locationIds: readonly string[], itemPriceIds: readonly string[]): PriceBlock;
  get(locationId: string, itemPriceId: string): LocationPrice;
  set(locationId: string, itemPriceId: string, own: OwnPrice): Promise<{ price: LocationPrice; operationId: string | null }>;
  clear(locationId: string, itemPriceId: string): Promise<{ price: LocationPrice; operationId: string | null }>;
  previewMany(
    asked: ManyPrices,
    offset: number,
    limit: number,
  ): { locations: number; items: number; changed: number; rows: ChangedPrice[] };
  setMany(asked: ManyPrices): Promise<{ changed: number; operationId: string | null }>;
}

const everything = { filters: [], where: null, search: '', parentId: null, sort: [], show: 'live' as const };

/**
 * The prices of all locations for all items, of which only own ones are stored (docs/decisions/0005). A page is worked
 * out from the sorted lists of live locations and live items: 480,000 prices are never in memory at once.
 */
export function createLocationPriceService(deps: { book: CommandRunner & BookReader; queries: RecordQueries }): LocationPriceService {
  const { book, queries } = deps;

  // Own prices of a filter in the order of the list, until anything they are made of changes.
  let version = 0;
  let known: { key: string; version: number; rows: Own[] } | null = null;
  book.watch((noun) => {
    if (noun === 'locations' || noun === 'itemPrices' || noun === 'locationItemPrices') version += 1;
  });

  function liveIds(noun: 'locations' | 'itemPrices', id: string | null): string[] {
    if (id === null) return queries.ids(noun, everything);
    return book.get(noun, id)?.deletedAt === null ? [id] : [];
  }

  function matchingItems({ itemPriceId, search }: LocationPriceFilter): string[] {
    const ids = liveIds('itemPrices', itemPriceId);
    const asked = searchFold(search.trim());
    if (asked === '') return ids;
    return ids.filter((id) => {
      const { invoiceItem, itemCode } = needed('itemPrices', id);
      return searchFold(invoiceItem).startsWith(asked) || searchFold(itemCode).startsWith(asked);
    });
  }

  function needed<N extends 'locations' | 'itemPrices'>(noun: N, id: string): Stored<RecordOf[N]> {
    const record = book.get(noun, id);
    if (record === undefined || record.deletedAt !== null) throw new ProblemError(unknown[noun]);
    return record;
  }

  const ownPricesOf = (locationId: string) => book.children('locationItemPrices', locationId);

  function ownOf(locationId: string, itemPriceId: string): Own | null {
    const own = book.get('locationItemPrices', locationItemPriceId(locationId, itemPriceId));
    return own?.deletedAt === null ? own : null;
  }

  /** Own prices that say something, in the order of the list. */
  function ownRows(filter: LocationPriceFilter): Own[] {
    const key = JSON.stringify([filter.locationId, filter.itemPriceId, filter.search]);
    if (known?.key === key && known.version === version) return known.rows;
    const ranks = (ids: readonly string[]) => new Map(ids.map((id, at) => [id, at]));
    const locations = ranks(liveIds('locations', filter.locationId));
    const items = ranks(matchingItems(filter));
    const parentId = filter.locationId ?? filter.itemPriceId;
    const from: Iterable<Own> = parentId === null ? book.all('locationItemPrices') : book.children('locationItemPrices', parentId);
    const rows: Own[] = [];
    for (const own of from) {
      if (saysSomething(own) && locations.has(own.locationId) && items.has(own.itemPriceId)) rows.push(own);
    }
    const place = ({ locationId, itemPriceId }: Own) => (locations.get(locationId) ?? 0) * items.size + (items.get(itemPriceId) ?? 0);
    rows.sort((left, right) => place(left) - place(right));
    known = { key, version, rows };
    return rows;
  }

  function count(filter: LocationPriceFilter) {
    const own = ownRows(filter).length;
    return { own, total: filter.ownOnly ? own : liveIds('locations', filter.locationId).length * matchingItems(filter).length };
  }

  function get(askedId: string, itemPriceId: string): LocationPrice {
    const locationId = locationNow(askedId);
    return priceOf(needed('locations', locationId), needed('itemPrices', itemPriceId), ownOf(locationId, itemPriceId));
  }

  /** A location that was merged into another has that one's prices. */
  function locationNow(id: string): string {
    return survivorOf((one) => book.get('locations', one), id)?.id ?? id;
  }

  /** Says what is new of the pair's own price; the pair gets a record only where there is something to say. */
  function say(tx: Transaction, askedId: string, itemPriceId: string, own: OwnPrice): void {
    const locationId = tx.get('locations', askedId)?.id ?? askedId;
    for (const [noun, id] of [['locations', locationId] as const, ['itemPrices', itemPriceId] as const]) {
      if (tx.get(noun, id)?.deletedAt !== null) throw new ProblemError(unknown[noun]);
    }
    const stored = tx.get('locationItemPrices', locationItemPriceId(locationId, itemPriceId));
    const now = stored?.deletedAt === null ? stored : { customPrice: null, customTaxRate: null };
    const { customPrice = now.customPrice, customTaxRate = now.customTaxRate } = own;
    if (customPrice === now.customPrice && customTaxRate === now.customTaxRate) return;
    tx.create('locationItemPrices', { locationId, itemPriceId, customPrice, customTaxRate });
  }

  async function run(command: string, locationId: string, itemPriceId: string, own: OwnPrice) {
    const { operation } = await book.run(`locationPrices.${command}`, null, (tx) => say(tx, locationId, itemPriceId, own));
    return { price: get(locationId, itemPriceId), operationId: operation?.id ?? null };
  }

  function meant({ locations: which, items }: ManyPrices) {
    const locationIds =
      which.kind === 'chosen'
        ? new Set(which.ids.map(locationNow))
        : queries.ids('locations', {
            ...everything,
            ...(which.kind === 'ofClient' ? { parentId: which.clientId } : which.kind === 'filtered' ? which : {}),
          });
    const itemIds = items.kind === 'chosen' ? new Set(items.ids) : queries.ids('itemPrices', everything);
    return {
      locations: [...locationIds].map((id) => needed('locations', id)),
      items: [...itemIds].map((id) => needed('itemPrices', id)),
    };
  }

  function changesOf(asked: ManyPrices) {
    const { locations, items } = meant(asked);
    const pasted = pastedIn(asked, locationNow);
    return { locations, items, changes: () => changedPrices(ownPricesOf, locations, items, asked, pasted) };
  }

  return {
    list({ offset, limit, ...filter }) {
      if (filter.ownOnly) {
        const rows = ownRows(filter);
        return {
          rows: rows
            .slice(offset, offset + limit)
            .map((own) => priceOf(needed('locations', own.locationId), needed('itemPrices', own.itemPriceId), own)),
          total: rows.length,
        };
      }
      const locations = liveIds('locations', filter.locationId);
      const items = matchingItems(filter);
      const total = locations.length * items.length;
      const rows: LocationPrice[] = [];
      for (let at = offset; at < Math.min(total, offset + limit); at += 1) {
        rows.push(get(locations[Math.floor(at / items.length)] as string, items[at % items.length] as string));
      }
      return { rows, total };
    },
    block: (locationIds, itemPriceIds) => priceBlock(book, locationIds, itemPriceIds),
    count,
    get,
    set: (locationId, itemPriceId, own) => run('set', locationId, itemPriceId, own),
    clear: (locationId, itemPriceId) => run('clear', locationId, itemPriceId, { customPrice: null, customTaxRate: null }),
    previewMany(asked, offset, limit) {
      const { locations, items, changes } = changesOf(asked);
      const rows: ChangedPrice[] = [];
      let changed = 0;
      for (const { location, item, own, next } of changes()) {
        changed += 1;
        if (changed > offset && rows.length < limit) rows.push(changedPrice(location, item, own, next));
      }
      return { locations: locations.length, items: items.length, changed, rows };
    },
    async setMany(asked) {
      // Which prices are meant is decided before: a step never takes in a location that nobody saw in the preview. What they
      // are is read in the command's own turn.
      const { changes } = changesOf(asked);
      let count = 0;
      const breathe = createBreather();
      for (const _ of changes()) {
        count += 1;
        await breathe();
      }
      if (count > mostPricesAtOnce) throw new ProblemError(tooMany(count));
      const { operation } = await book.runInPieces('locationPrices.setMany', function* (tx) {
        for (const { location, item, next } of changes()) {
          say(tx, location.id, item.id, next);
          yield;
        }
      });
      return { changed: operation?.changes.length ?? 0, operationId: operation?.id ?? null };
    },
  };
}

const tooMany = (count: number): Problem => ({
  code: 'TOO_MANY_PRICES',
  ...words('prices.tooMany', { count, most: mostPricesAtOnce }),
});

/** One price. It came into being with the later of location and item, whether anything of it is stored or not. */
function priceOf(location: Stored<Location>, item: Stored<ItemPrice>, own: Own | null): LocationPrice {
  const { createdAt, createdBy } = location.createdAt > item.createdAt ? location : item;
  return {
    id: locationItemPriceId(location.id, item.id),
    locationId: location.id,
    itemPriceId: item.id,
    customPrice: own?.customPrice ?? null,
    customTaxRate: own?.customTaxRate ?? null,
    externalIds: own?.externalIds ?? {},
    custom: own?.custom ?? {},
    createdAt,
    createdBy,
    updatedAt: own?.updatedAt ?? createdAt,
    updatedBy: own?.updatedBy ?? createdBy,
    deletedAt: null,
    mergedInto: null,
    notDuplicateOf: [],
    ...computeLocationItemPrice(own, item),
    locationName: location.name,
    itemPriceName: item.invoiceItem,
    itemCode: item.itemCode,
    defaultPrice: item.defaultPrice,
    defaultTaxRate: item.defaultTaxRate,
    names: { [location.id]: location.name, [item.id]: item.invoiceItem },
  };
}

const said = (field: string) => locationItemPriceRules.parentUnknown?.find((problem) => problem.field === field) as Problem;
const unknown: Record<'locations' | 'itemPrices', Problem> = { locations: said('locationId'), itemPrices: said('itemPriceId') };
