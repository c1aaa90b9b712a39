import { type LocationItemPrice, locationItemPriceId } from './location-item-price.ts';
import type { RecordRules } from '../record-rules.ts';
import { words } from '../../words/words.ts';

export const locationItemPriceRules: RecordRules<LocationItemPrice> = {
  // One per location and item: making it again is changing it.
  id: ({ locationId, itemPriceId }) => locationItemPriceId(locationId, itemPriceId),
  parentUnknown: [
    {
      code: 'LOCATION_NOT_FOUND',
      field: 'locationId',
      ...words('records.locationOfPriceUnknown'),
    },
    {
      code: 'ITEM_PRICE_NOT_FOUND',
      field: 'itemPriceId',
      ...words('records.itemOfPriceUnknown'),
    },
  ],
};
