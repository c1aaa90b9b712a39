import type { ChangedPrice, ManyPrices, OwnPrice } from '../../shared/nouns/location-item-price/location-price.contract.ts';
import { type ItemPrice, priceSchema } from '../../shared/nouns/item-price/item-price.ts';
import { computeLocationItemPrice } from '../../shared/nouns/location-item-price/location-item-price.ts';
import { afterStep, stepToPasted } from '../../shared/nouns/location-item-price/price-step.ts';
import type { Location } from '../../shared/nouns/location/location.ts';
import type { RecordOf, Stored } from '../../shared/nouns/nouns.ts';
import { type Problem, ProblemError } from '../../shared/lib/result.ts';
import { words } from '../../shared/words/words.ts';

/** What is stored of one location's price for one item. */
export type Own = Stored<RecordOf['locationItemPrices']>;

/** The prices that a step changes, location by location. Nothing is made of those it leaves as they are. */
export function* changedPrices(
  ownPricesOf: (locationId: string) => readonly Own[],
  locations: readonly Stored<Location>[],
  items: readonly Stored<ItemPrice>[],
  { taxRate, price }: ManyPrices,
  /** The price of the block for that place. */
  pasted: (locationId: string, itemId: string) => string | null,
): Generator<{ location: Stored<Location>; item: Stored<ItemPrice>; own: Own | null; next: Required<OwnPrice> }> {
  // Where a location says nothing of its own, the outcome is the item's alone: worked out once, not 12,000 times.
  const ofDefault = new Map(
    price.kind === 'each'
      ? []
      : items.map((item) => [item.id, checked(afterStep(nothingOwn, computeLocationItemPrice(null, item), price, taxRate))]),
  );
  for (const location of locations) {
    const owns = new Map(ownPricesOf(location.id).map((own) => [own.itemPriceId, own]));
    for (const item of items) {
      const stored = owns.get(item.id);
      const own = stored?.deletedAt === null ? stored : null;
      const now = own ?? nothingOwn;
      const step = price.kind === 'each' ? stepToPasted(pasted(location.id, item.id), item.defaultPrice) : price;
      const next =
        (own === null ? ofDefault.get(item.id) : undefined) ?? checked(afterStep(now, computeLocationItemPrice(own, item), step, taxRate));
      if (next.customPrice !== now.customPrice || next.customTaxRate !== now.customTaxRate) yield { location, item, own, next };
    }
  }
}

const nothingOwn = { customPrice: null, customTaxRate: null };

/** A percentage can make more digits than a price can have. */
function checked<T extends { customPrice: string | null }>(own: T): T {
  if (own.customPrice !== null && !priceSchema.safeParse(own.customPrice).success) throw new ProblemError(tooLarge);
  return own;
}

const tooLarge: Problem = {
  code: 'PRICE_TOO_LARGE',
  field: 'price',
  ...words('prices.tooLarge'),
};

export function changedPrice(location: Location, item: ItemPrice, own: Own | null, next: Required<OwnPrice>): ChangedPrice {
  const before = computeLocationItemPrice(own, item);
  const after = computeLocationItemPrice({ customPrice: next.customPrice ?? null, customTaxRate: next.customTaxRate ?? null }, item);
  return {
    locationId: location.id,
    itemPriceId: item.id,
    locationName: location.name,
    itemPriceName: item.invoiceItem,
    itemCode: item.itemCode,
    priceBefore: before.finalPrice,
    priceAfter: after.finalPrice,
    taxRateBefore: before.finalTaxRate,
    taxRateAfter: after.finalTaxRate,
    isOwnBefore: own !== null && saysSomething(own),
    isOwnAfter: next.customPrice !== null || next.customTaxRate !== null,
  };
}

export function saysSomething(own: Own): boolean {
  return own.deletedAt === null && (own.customPrice !== null || own.customTaxRate !== null);
}
