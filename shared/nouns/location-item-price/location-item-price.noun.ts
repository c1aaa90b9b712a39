import { defineNoun } from '../define-noun.ts';
import {
  type LocationItemPrice,
  locationItemPriceFieldInfo,
  locationItemPriceFieldsSchema,
  locationItemPriceSchema,
  locationItemPriceTitle,
} from './location-item-price.ts';

/** Only what a location says of its own; every other price of a location follows from the item (docs/decisions/0005). */
export const locationItemPriceNoun = defineNoun({
  singular: 'own price',
  plural: 'own prices',
  schema: locationItemPriceSchema,
  fieldsSchema: locationItemPriceFieldsSchema,
  fields: locationItemPriceFieldInfo,
  needed: { locationId: '', itemPriceId: '' },
  title: (record: LocationItemPrice) => locationItemPriceTitle(record),
  titlePath: 'locationId',
  isNewestFirst: false,
  parents: { locationId: 'locations', itemPriceId: 'itemPrices' },
  isMadeTwice: true,
  at: 'tie',
  seenBy: 'parents',
  writtenBy: 'seers',
  deletedBy: 'seers',
  hasTags: false,
  board: null,
  imported: { prefix: 'price', label: 'Own price', noteField: null },
});
