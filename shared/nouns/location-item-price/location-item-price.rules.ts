import { type LocationItemPrice, locationItemPriceId } from './location-item-price.ts';
import type { RecordRules } from '../record-rules.ts';

export const locationItemPriceRules: RecordRules<LocationItemPrice> = {
  // One per location and item: making it again is changing it.
  id: ({ locationId, itemPriceId }) => locationItemPriceId(locationId, itemPriceId),
  parentUnknown: [
    {
      code: 'LOCATION_NOT_FOUND',
      field: 'locationId',
      message: 'This location is not in the book, or it is deleted, so no price was set. Choose another location.',
    },
    {
      code: 'ITEM_PRICE_NOT_FOUND',
      field: 'itemPriceId',
      message: 'This item is not in the book, or it is deleted, so no price was set. Choose another item.',
    },
  ],
};
