import { z } from 'zod';
import { locationItemPriceFieldsSchema } from '../entities/location-item-price.ts';
import { idSchema } from '../entities/values.ts';
import { command, defineContract, query } from './contract.ts';
import { locationItemPriceViewSchema } from './record.contract.ts';

/**
 * What a location pays for an item. There is one for every live location and every live item, in the order of location
 * and item; nothing in it tells whether it is stored (docs/decisions/0005).
 */
export const locationPriceSchema = locationItemPriceViewSchema.extend({
  locationName: z.string(),
  itemPriceName: z.string(),
  itemCode: z.string(),
  defaultPrice: z.string(),
  defaultTaxRate: z.string(),
});
export type LocationPrice = z.output<typeof locationPriceSchema>;

const filterSchema = z.object({
  locationId: idSchema.nullable().default(null),
  itemPriceId: idSchema.nullable().default(null),
  /** Only prices of which the location sets a part itself. */
  ownOnly: z.boolean().default(false),
  /** What the item's name or code begins with (spec/programs.md, "Item Prices"). */
  search: z.string().max(300).default(''),
});
export type LocationPriceFilter = z.output<typeof filterSchema>;

const pairSchema = z.object({ locationId: idSchema, itemPriceId: idSchema });
const { customPrice, customTaxRate } = locationItemPriceFieldsSchema.shape;
/** A part that is left out stays as it is; null goes back to the item's default. */
const ownSchema = z.object({ customPrice: customPrice.unwrap().optional(), customTaxRate: customTaxRate.unwrap().optional() });
export type OwnPrice = z.output<typeof ownSchema>;

const changed = z.object({ price: locationPriceSchema, operationId: z.string().nullable() });
const errors = ['LOCATION_NOT_FOUND', 'ITEM_PRICE_NOT_FOUND'] as const;

export const locationPriceContract = defineContract('locationPrices', {
  list: query({
    input: filterSchema.extend({
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(500).default(100),
    }),
    output: z.object({ rows: z.array(locationPriceSchema), total: z.number().int() }),
  }),
  count: query({ input: filterSchema, output: z.object({ total: z.number().int(), own: z.number().int() }) }),
  get: query({ input: pairSchema, output: locationPriceSchema, errors }),
  set: command({ input: pairSchema.extend(ownSchema.shape), output: changed, errors }),
  /** Back to the item's defaults. */
  clear: command({ input: pairSchema, output: changed, errors }),
  /** The same for one item at many locations, as one operation; all of them or none. */
  setMany: command({
    input: z.object({ locationIds: z.array(idSchema).min(1).max(20_000), itemPriceId: idSchema }).extend(ownSchema.shape),
    output: z.object({ changed: z.number().int(), operationId: z.string().nullable() }),
    errors,
  }),
});
