import type { ManyPrices } from '../../../shared/nouns/location-item-price/location-price.contract.ts';
import {
  afterStep,
  mostPricesAtOnce,
  type PriceStep,
  priceStepSchema,
  stepToPasted,
} from '../../../shared/nouns/location-item-price/price-step.ts';
import { itemPriceFieldInfo } from '../../../shared/nouns/item-price/item-price.ts';
import { withoutEnd } from '../../../shared/lib/text.ts';
import { saySchema } from '../../../shared/words/say.ts';
import { formatCount, fromDraft } from '../../ui/field-text.ts';
import { type Block, type NoPrice, type Place, sizeOf } from './price-block.ts';

/** What is to become of a block of the grid, while nothing is changed yet. */
export interface Proposal {
  /** Tells this one from every other: the preview of it is known by it. */
  key: string;
  /** Which items and locations it is about, each with its place in the block. By their ids: the grid may be in another order by now. */
  rows: ReadonlyMap<string, number>;
  columns: ReadonlyMap<string, number>;
  /** Null while it is not said yet, or cannot be. */
  price: ManyPrices['price'] | null;
  /** What was pasted and is left out; null where nothing was pasted. */
  leftOut: { noPrices: readonly NoPrice[]; outside: number } | null;
}

let proposals = 0;

export function proposalFor(itemIds: readonly string[], locationIds: readonly string[], of: Pick<Proposal, 'price' | 'leftOut'>): Proposal {
  proposals += 1;
  const places = (ids: readonly string[]) => new Map(ids.map((id, at) => [id, at]));
  return { key: `grid ${proposals}`, rows: places(itemIds), columns: places(locationIds), ...of };
}

/** The item and the location of a place in the block; null where it has no such place. */
export function idsAt({ rows, columns }: Proposal, { row, column }: Place): { itemId: string | null; locationId: string | null } {
  return { itemId: [...rows.keys()][row] ?? null, locationId: [...columns.keys()][column] ?? null };
}

export function askedOf({ rows, columns, price }: Proposal): ManyPrices | null {
  if (price === null) return null;
  return {
    locations: { kind: 'chosen', ids: [...columns.keys()] },
    items: { kind: 'chosen', ids: [...rows.keys()] },
    price,
    taxRate: { kind: 'keep' },
  };
}

/** Why so many are not changed at once; null where they can be. */
export function tooManyWords(block: Block): string | null {
  const size = sizeOf(block);
  return size <= mostPricesAtOnce
    ? null
    : `${formatCount(size)} prices are chosen, and one step can change ${formatCount(mostPricesAtOnce)}. Choose fewer, or set them by filters under "Set own prices".`;
}

/** What the book says would become of the prices; `rows` may be the first of those that change. */
export function previewWords(
  { changed, rows }: { changed: number; rows: readonly { isOwnAfter: boolean }[] },
  { price, ...of }: Pick<Proposal, 'price' | 'rows' | 'columns'>,
): string {
  const size = of.rows.size * of.columns.size;
  const given = price?.kind === 'each' ? price.values.flat().filter((value) => value !== null).length : size;
  if (given === 0) return 'There is no price to set.';
  if (changed === 0 && given < size)
    return given === 1 ? 'The price that was pasted is so already.' : 'The prices that were pasted are so already.';
  if (changed === 0) return size === 1 ? 'The price is so already.' : 'All of these prices are so already.';
  const back = rows.length === changed ? rows.filter((row) => !row.isOwnAfter).length : 0;
  const what = `${formatCount(changed)} of ${size === 1 ? '1 price' : `${formatCount(size)} prices`} ${changed === 1 ? 'changes' : 'change'}`;
  const rest = changed === size ? '' : '; the rest stays as it is';
  return `${what}${back === 0 ? '' : `, ${formatCount(back)} of them back to the default`}${rest}.`;
}

/** The price that the place would have, and whether it would be an own one; null where the proposal says nothing of it. */
export function proposedAt(
  { rows, columns, price }: Proposal,
  place: { itemId: string; locationId: string },
  own: string | null,
  byDefault: string,
): { price: string; isOwn: boolean } | null {
  const [row, column] = [rows.get(place.itemId), columns.get(place.locationId)];
  if (price === null || row === undefined || column === undefined) return null;
  const step = price.kind === 'each' ? stepToPasted(price.values[row]?.[column] ?? null, byDefault) : price;
  const paid = { finalPrice: own ?? byDefault, finalTaxRate: '0' };
  const { customPrice } = afterStep({ customPrice: own, customTaxRate: null }, paid, step, { kind: 'keep' });
  return { price: customPrice ?? byDefault, isOwn: customPrice !== null };
}

export const steps = {
  raisePercent: 'Raise by percent',
  lowerPercent: 'Lower by percent',
  raiseAmount: 'Raise by an amount',
  lowerAmount: 'Lower by an amount',
  set: 'Set to',
  default: 'Back to the default',
} as const;
export type StepKind = keyof typeof steps;

const priceField = itemPriceFieldInfo.find(({ path }) => path === 'defaultPrice');

/** What a person has said so far: the step, or why it is none; both null while there is no number yet. */
export function stepOf(kind: StepKind, text: string): { step: PriceStep | null; problem: string | null } {
  if (kind === 'default') return { step: { kind }, problem: null };
  if (text.trim() === '' || priceField === undefined) return { step: null, problem: null };
  const isLower = kind === 'lowerPercent' || kind === 'lowerAmount';
  if (kind !== 'set' && /^\s*[-−]/.test(text)) {
    return { step: null, problem: `Write it without a minus. To go the other way, choose "${isLower ? 'Raise' : 'Lower'}".` };
  }
  const number = String(fromDraft(priceField, withoutEnd(text, '%').trimEnd()));
  const value = isLower ? `-${number}` : number;
  const parsed = priceStepSchema.safeParse({
    kind: kind === 'set' ? 'set' : kind === 'raisePercent' || kind === 'lowerPercent' ? 'percent' : 'amount',
    value,
  });
  return parsed.success ? { step: parsed.data, problem: null } : { step: null, problem: saySchema(parsed.error.issues[0]?.message ?? '') };
}
