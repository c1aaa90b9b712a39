import type { ChangedPrice, LocationPrice, ManyPrices } from '../../shared/nouns/location-item-price/location-price.contract.ts';
import { crm, settled } from './crm.ts';
import { type Answer, useQuery } from './query.ts';

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

/** What setting them would change, page by page. `version` stands for what is asked: it may name thousands of locations. */
export function usePreview(
  asked: ManyPrices | null,
  version: number,
  offset: number,
  limit: number,
): Answer<{ locations: number; items: number; changed: number; rows: ChangedPrice[] }> {
  return useQuery(asked === null ? null : `previewMany ${version} ${offset}`, () =>
    crm().locationPrices.previewMany({ ...(asked as ManyPrices), offset, limit }),
  );
}

export function setManyPrices(asked: ManyPrices) {
  return settled(() => crm().locationPrices.setMany(asked));
}
