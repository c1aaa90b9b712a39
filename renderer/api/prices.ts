import { useDebouncedValue } from '@mantine/hooks';
import { useMemo } from 'react';
import type {
  ChangedPrice,
  LocationPrice,
  ManyPrices,
  PriceBlock,
} from '../../shared/nouns/location-item-price/location-price.contract.ts';
import type { Result } from '../../shared/lib/result.ts';
import { crm, settled } from './crm.ts';
import { anyChange, type CanTouch } from './changes.ts';
import { type Answer, useQueries, useQuery } from './query.ts';

/** What is asked of the prices of all locations for all items. */
export interface PriceRequest {
  locationId: string | null;
  itemPriceId: string | null;
  ownOnly: boolean;
  search: string;
  offset: number;
  limit: number;
}

export function useLocationPrices(request: PriceRequest): Answer<{ rows: LocationPrice[]; total: number }> {
  return useQuery(`locationPrices ${JSON.stringify(request)}`, () => crm().locationPrices.list(request));
}

type Pair = Pick<LocationPrice, 'locationId' | 'itemPriceId'>;

export function setOwnPrice({ locationId, itemPriceId }: Pair, own: { customPrice?: string | null; customTaxRate?: string | null }) {
  return settled(() => crm().locationPrices.set({ locationId, itemPriceId, ...own }));
}

export function clearOwnPrice({ locationId, itemPriceId }: Pair) {
  return settled(() => crm().locationPrices.clear({ locationId, itemPriceId }));
}

const touchesBlock: CanTouch = ({ locationItemPrices, itemPrices, locations, clients }) =>
  [locationItemPrices, itemPrices, locations, clients].some((ids) => ids.length > 0);

const blockCall = (locationIds: readonly string[], itemPriceIds: readonly string[]) =>
  settled(() => crm().locationPrices.block({ locationIds: [...locationIds], itemPriceIds: [...itemPriceIds] }));

/** A part of the grid of items and locations: those ids that are known. */
export interface PriceTile {
  locationIds: readonly string[];
  itemPriceIds: readonly string[];
}

/** What is in a tile: own prices by location and item, and the currency of each location. */
export interface TilePrices {
  own: ReadonlyMap<string, ReadonlyMap<string, string>>;
  currencies: Readonly<Record<string, string>>;
}

function pricesIn({ own, currencies }: PriceBlock): TilePrices {
  const byLocation = new Map<string, Map<string, string>>();
  for (const { locationId, itemPriceId, customPrice } of own) {
    byLocation.set(locationId, (byLocation.get(locationId) ?? new Map<string, string>()).set(itemPriceId, customPrice));
  }
  return { own: byLocation, currencies };
}

/** The prices of each tile; undefined while they are on their way. */
export function usePriceTiles(tiles: readonly PriceTile[]): readonly (TilePrices | undefined)[] {
  const answers = useQueries(
    tiles.map(({ locationIds, itemPriceIds }) => ({
      key: `locationPrices.block ${locationIds.join(' ')} / ${itemPriceIds.join(' ')}`,
      ask: () => blockCall(locationIds, itemPriceIds),
      canTouch: touchesBlock,
    })),
  );
  return useMemo(() => answers.map(({ data }) => (data === undefined ? undefined : pricesIn(data))), [answers]);
}

/** What one call of `block` takes of either. */
const BLOCK = 500;

/** What each item (rows) costs at each location; null for one that is not there any more. */
export async function pricesOf(
  itemPriceIds: readonly string[],
  locationIds: readonly string[],
): Promise<Result<readonly (readonly (string | null)[])[]>> {
  const rows: (string | null)[][] = itemPriceIds.map(() => []);
  for (let row = 0; row < itemPriceIds.length; row += BLOCK) {
    for (let column = 0; column < locationIds.length; column += BLOCK) {
      const [items, locations] = [itemPriceIds.slice(row, row + BLOCK), locationIds.slice(column, column + BLOCK)];
      const result = await blockCall(locations, items);
      if (!result.ok) return result;
      const { own } = pricesIn(result.value);
      for (const [at, item] of items.entries()) {
        for (const location of locations) {
          rows[row + at]?.push(
            result.value.currencies[location] === undefined ? null : (own.get(location)?.get(item) ?? result.value.defaults[item] ?? null),
          );
        }
      }
    }
  }
  return { ok: true, value: rows };
}

/** From the last letter to the question: each is about all prices that are chosen. */
const PREVIEW_AFTER_MS = 150;

/**
 * What setting them would change, page by page. `version` stands for what is asked: it may name thousands of locations. Another version
 * is asked for a moment after it, and its answer goes with whoever looked at it.
 */
export function usePreview(
  asked: ManyPrices | null,
  version: number | string,
  offset: number,
  limit: number,
): Answer<{ locations: number; items: number; changed: number; rows: ChangedPrice[] }> {
  const [settledVersion] = useDebouncedValue(version, PREVIEW_AFTER_MS);
  return useQuery(
    asked === null || version !== settledVersion ? null : `previewMany ${version} ${offset}`,
    () => crm().locationPrices.previewMany({ ...(asked as ManyPrices), offset, limit }),
    anyChange,
    false,
  );
}

export function setManyPrices(asked: ManyPrices) {
  return settled(() => crm().locationPrices.setMany(asked));
}
