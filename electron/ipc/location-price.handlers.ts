import { implement } from '../../shared/contracts/contract.ts';
import { locationPriceContract } from '../../shared/nouns/location-item-price/location-price.contract.ts';
import type { BookServices } from '../domain/book.services.ts';

export const locationPriceHandlers = ({ locationPrices }: BookServices) =>
  implement(locationPriceContract, {
    list: (request) => locationPrices.list(request),
    block: ({ locationIds, itemPriceIds }) => locationPrices.block(locationIds, itemPriceIds),
    count: (filter) => locationPrices.count(filter),
    get: ({ locationId, itemPriceId }) => locationPrices.get(locationId, itemPriceId),
    set: ({ locationId, itemPriceId, ...own }) => locationPrices.set(locationId, itemPriceId, own),
    clear: ({ locationId, itemPriceId }) => locationPrices.clear(locationId, itemPriceId),
    previewMany: ({ offset, limit, ...asked }) => locationPrices.previewMany(asked, offset, limit),
    setMany: (asked) => locationPrices.setMany(asked),
  });
