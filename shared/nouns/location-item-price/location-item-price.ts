import { z } from 'zod';
import { pairId } from '../../lib/ids.ts';
import type { FieldInfo } from '../field.ts';
import { type ItemPrice, priceSchema, taxRateSchema } from '../item-price/item-price.ts';
import { commonFields, customValues, externalIds, idSchema } from '../values.ts';

const emptyToNull = (value: unknown) => (value === '' ? null : value);

/** What an item costs at one location. One exists for every location and item (spec/programs.md, "Program Location Item Prices"). */
export const locationItemPriceFieldsSchema = z.object({
  locationId: idSchema,
  itemPriceId: idSchema,
  /** Null: the item's default counts. "0.00" is a price, not the lack of one. */
  customPrice: z.preprocess(emptyToNull, priceSchema.nullable()).default(null),
  customTaxRate: z.preprocess(emptyToNull, taxRateSchema.nullable()).default(null),
  externalIds: externalIds.default({}),
  custom: customValues.default({}),
});

export const locationItemPriceSchema = locationItemPriceFieldsSchema.extend(commonFields);
export type LocationItemPrice = z.output<typeof locationItemPriceSchema>;

/** The id of a location's price of an item: two laptops that make the pair offline make the same record. */
export function locationItemPriceId(locationId: string, itemPriceId: string): string {
  return pairId(locationId, itemPriceId);
}

/** What it is called: by item and location where a view names them. */
export function locationItemPriceTitle(of: object): string {
  const { itemPriceName, locationName } = of as { itemPriceName?: string | null; locationName?: string | null };
  return itemPriceName && locationName ? `${itemPriceName} at ${locationName}` : 'Own price';
}

export interface LocationItemPriceComputed {
  finalPrice: string;
  finalTaxRate: string;
}

/** The price that counts: the custom one where set, else the item's default. `own` is null where the location says nothing. */
export function computeLocationItemPrice(
  own: Pick<LocationItemPrice, 'customPrice' | 'customTaxRate'> | null,
  item: Pick<ItemPrice, 'defaultPrice' | 'defaultTaxRate'>,
): LocationItemPriceComputed {
  return { finalPrice: own?.customPrice ?? item.defaultPrice, finalTaxRate: own?.customTaxRate ?? item.defaultTaxRate };
}

export const locationItemPriceFieldInfo: readonly FieldInfo[] = [
  {
    path: 'locationId',
    label: 'Location',
    kind: 'reference',
    of: 'locations',
    group: 'Price',
    required: true,
    fixed: true,
    inList: true,
    width: 220,
  },
  {
    path: 'itemPriceId',
    label: 'Item',
    kind: 'reference',
    of: 'itemPrices',
    group: 'Price',
    required: true,
    fixed: true,
    inList: true,
    width: 220,
  },
  { path: 'customPrice', label: 'Own price', kind: 'decimal', group: 'Price', inList: true, width: 110 },
  { path: 'customTaxRate', label: 'Own tax rate', kind: 'rate', group: 'Price', inList: true, width: 120 },
  { path: 'finalPrice', label: 'Price', kind: 'decimal', group: 'Price', computed: true, inList: true, width: 110 },
  { path: 'finalTaxRate', label: 'Tax rate', kind: 'rate', group: 'Price', computed: true, inList: true, width: 110 },
  { path: 'createdAt', label: 'Created', kind: 'instant', group: 'Record', computed: true, width: 150 },
  { path: 'updatedAt', label: 'Changed', kind: 'instant', group: 'Record', computed: true, width: 150 },
];
