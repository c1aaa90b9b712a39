import type { ManyPrices, PriceBlock } from '../../shared/nouns/location-item-price/location-price.contract.ts';
import { clientFieldsSchema } from '../../shared/nouns/client/client.ts';
import { locationItemPriceId } from '../../shared/nouns/location-item-price/location-item-price.ts';
import type { BookReader } from './book.ts';

/** What is said of these items at these locations; whatever of them is not there, or not any more, is left out. */
export function priceBlock(book: BookReader, locationIds: readonly string[], itemPriceIds: readonly string[]): PriceBlock {
  const locations = locationIds.map((id) => book.get('locations', id)).filter((one) => one?.deletedAt === null);
  const items = itemPriceIds.map((id) => book.get('itemPrices', id)).filter((one) => one?.deletedAt === null);
  const own: PriceBlock['own'] = [];
  for (const location of locations) {
    for (const item of items) {
      if (location === undefined || item === undefined) continue;
      const pair = book.get('locationItemPrices', locationItemPriceId(location.id, item.id));
      if (pair?.deletedAt !== null || pair.customPrice === null) continue;
      own.push({ locationId: location.id, itemPriceId: item.id, customPrice: pair.customPrice });
    }
  }
  const currencyOf = (clientId: string) => book.get('clients', clientId)?.defaultCurrency ?? firstCurrency;
  return {
    own,
    defaults: Object.fromEntries(items.flatMap((item) => (item === undefined ? [] : [[item.id, item.defaultPrice]]))),
    currencies: Object.fromEntries(locations.flatMap((one) => (one === undefined ? [] : [[one.id, currencyOf(one.clientId)]]))),
  };
}

/** Of a location whose client is not there: what new clients have. */
const firstCurrency = clientFieldsSchema.shape.defaultCurrency.parse(undefined);

/**
 * The price that a block has for an item at a location; null where it has none. `locationNow` says which location one that was named
 * is by now: it may have been merged into another.
 */
export function pastedIn({ locations, items, price }: ManyPrices, locationNow: (id: string) => string) {
  if (price.kind !== 'each' || locations.kind !== 'chosen' || items.kind !== 'chosen') return () => null;
  const columns = new Map(locations.ids.map((id, at) => [locationNow(id), at]));
  const rows = new Map(items.ids.map((id, at) => [id, at]));
  return (locationId: string, itemId: string) => price.values[rows.get(itemId) ?? -1]?.[columns.get(locationId) ?? -1] ?? null;
}
