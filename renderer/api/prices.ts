import type { LocationPrice } from '../../shared/contracts/location-price.contract.ts';
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
