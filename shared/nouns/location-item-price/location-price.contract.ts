import { z } from 'zod';
import { locationItemPriceFieldsSchema } from './location-item-price.ts';
import { eachPriceSchema, mostPricesAtOnce, priceStepSchema, taxStepSchema } from './price-step.ts';
import { idSchema } from '../values.ts';
import { command, defineContract, query } from '../../contracts/contract.ts';
import { listRequestSchema } from '../../contracts/list.ts';
import { locationItemPriceViewSchema } from '../../contracts/record.contract.ts';

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

const idsSchema = z.array(idSchema).min(1).max(mostPricesAtOnce);
/** All live ones, those of a client, those that a list shows, or these. */
const whichLocations = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('ofClient'), clientId: idSchema }),
  z.strictObject({ kind: z.literal('filtered'), ...listRequestSchema.pick({ filters: true, search: true }).shape }),
  z.strictObject({ kind: z.literal('chosen'), ids: idsSchema }),
]);
const whichItems = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('chosen'), ids: idsSchema }),
]);
const manySchema = z.strictObject({
  locations: whichLocations,
  items: whichItems,
  /** `each` is for locations and items that are named: for others it changes nothing. */
  price: z.union([priceStepSchema, eachPriceSchema]).default({ kind: 'keep' }),
  taxRate: taxStepSchema.default({ kind: 'keep' }),
});
export type ManyPrices = z.output<typeof manySchema>;

const changedPriceSchema = z.object({
  locationId: z.string(),
  itemPriceId: z.string(),
  locationName: z.string(),
  itemPriceName: z.string(),
  itemCode: z.string(),
  priceBefore: z.string(),
  priceAfter: z.string(),
  taxRateBefore: z.string(),
  taxRateAfter: z.string(),
  /** Whether the location says something of its own, now and then. */
  isOwnBefore: z.boolean(),
  isOwnAfter: z.boolean(),
});
export type ChangedPrice = z.output<typeof changedPriceSchema>;

const fewIds = z.array(idSchema).max(500);
/** Of some items at some locations, what is needed to know every price of them. */
const blockSchema = z.object({
  /** Own prices alone; where there is none, the item's default counts. */
  own: z.array(pairSchema.extend({ customPrice: z.string() })),
  /** Default prices by item. */
  defaults: z.record(z.string(), z.string()),
  /** Currencies by location: of its client, which its invoices have. */
  currencies: z.record(z.string(), z.string()),
});
export type PriceBlock = z.output<typeof blockSchema>;

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
  /** Locations and items that are not there, or not any more, are left out. */
  block: query({ input: z.object({ locationIds: fewIds, itemPriceIds: fewIds }), output: blockSchema }),
  count: query({ input: filterSchema, output: z.object({ total: z.number().int(), own: z.number().int() }) }),
  get: query({ input: pairSchema, output: locationPriceSchema, errors }),
  set: command({ input: pairSchema.extend(ownSchema.shape), output: changed, errors }),
  /** Back to the item's defaults. */
  clear: command({ input: pairSchema, output: changed, errors }),
  /** What `setMany` would do: how many prices are meant, how many of them change, and a page of those that do. */
  previewMany: query({
    input: manySchema.extend({ offset: z.number().int().min(0).default(0), limit: z.number().int().min(1).max(500).default(100) }),
    output: z.object({
      locations: z.number().int(),
      items: z.number().int(),
      changed: z.number().int(),
      rows: z.array(changedPriceSchema),
    }),
    errors: [...errors, 'PRICE_TOO_LARGE'],
  }),
  /** For every one of the items at every one of the locations, as one operation; all of them or none. */
  setMany: command({
    input: manySchema,
    output: z.object({ changed: z.number().int(), operationId: z.string().nullable() }),
    errors: [...errors, 'PRICE_TOO_LARGE', 'TOO_MANY_PRICES'],
  }),
});
