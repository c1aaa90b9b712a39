import { useNavigate } from '@tanstack/react-router';
import { create } from 'zustand';
import type { ManyPrices } from '../../../shared/nouns/location-item-price/location-price.contract.ts';
import type { FieldFilter } from '../../../shared/contracts/list.ts';
import { itemPriceFieldInfo } from '../../../shared/nouns/item-price/item-price.ts';
import { type PriceStep, priceStepSchema, type TaxStep, taxStepSchema } from '../../../shared/nouns/location-item-price/price-step.ts';
import { withoutEnd } from '../../../shared/lib/text.ts';
import { fromDraft } from '../../ui/field-text.ts';
import { saySchema } from '../../../shared/words/say.ts';

/** What a person has filled in so far. Numbers are text as typed until they are asked for. */
export interface SetPricesForm {
  where: 'all' | 'ofClient' | 'filtered' | 'chosen';
  clientId: string;
  filters: readonly FieldFilter[];
  locationIds: readonly string[];
  which: 'all' | 'chosen';
  itemIds: readonly string[];
  price: 'keep' | 'set' | 'raise' | 'lower' | 'default';
  priceText: string;
  tax: 'keep' | 'set' | 'default';
  taxText: string;
}

const blank: SetPricesForm = {
  where: 'chosen',
  clientId: '',
  filters: [],
  locationIds: [],
  which: 'chosen',
  itemIds: [],
  price: 'set',
  priceText: '',
  tax: 'keep',
  taxText: '',
};

interface SetPricesState {
  form: SetPricesForm;
  /** Grows with every change: a preview is known by it, however many locations are chosen. */
  version: number;
  change: (changes: Partial<SetPricesForm>) => void;
  /** Begins anew, with what was chosen where the person comes from. */
  begin: (given: Partial<SetPricesForm>) => void;
}

export const useSetPrices = create<SetPricesState>()((set) => ({
  form: blank,
  version: 0,
  change: (changes) => set(({ form, version }) => ({ form: { ...form, ...changes }, version: version + 1 })),
  begin: (given) => set(({ version }) => ({ form: { ...blank, ...given }, version: version + 1 })),
}));

/** Opens the screen with what is chosen already. */
export function useOpenSetPrices(): (given: Partial<SetPricesForm>) => void {
  const navigate = useNavigate();
  return (given) => {
    useSetPrices.getState().begin(given);
    void navigate({ to: '/set-prices' });
  };
}

/** A place of the form that still needs something, or has something that cannot be. */
export type FormPart = 'clientId' | 'filters' | 'locationIds' | 'itemIds' | 'price' | 'tax';

export type Asked = { asked: ManyPrices; problem: null } | { asked: null; problem: { part: FormPart; words: string; isMissing: boolean } };

/** What is asked of the book, or the first thing that it cannot be asked for yet. */
export function askedOf(form: SetPricesForm): Asked {
  const missing = (part: FormPart, words: string): Asked => ({ asked: null, problem: { part, words, isMissing: true } });
  if (form.where === 'ofClient' && form.clientId === '') return missing('clientId', 'Choose the client.');
  if (form.where === 'filtered' && form.filters.length === 0) return missing('filters', 'Add a filter for the locations.');
  if (form.where === 'chosen' && form.locationIds.length === 0) return missing('locationIds', 'Choose the locations.');
  if (form.which === 'chosen' && form.itemIds.length === 0) return missing('itemIds', 'Choose the items.');
  if (form.price === 'keep' && form.tax === 'keep') return missing('price', 'Say what is to become of the price or of the tax rate.');
  if (needsNumber(form.price) && form.priceText.trim() === '') {
    return missing('price', form.price === 'set' ? 'Write the price.' : 'Write by how many percent.');
  }
  if (form.tax === 'set' && form.taxText.trim() === '') return missing('tax', 'Write the tax rate.');
  // Which way it goes is chosen beside the number: a sign in it would say it twice.
  if ((form.price === 'raise' || form.price === 'lower') && /^\s*[-−]/.test(form.priceText)) {
    return wrong('price', `Write it without a minus. To go the other way, choose "${form.price === 'raise' ? 'Lower' : 'Raise'} by".`);
  }
  const price = priceStepSchema.safeParse(priceStep(form));
  if (!price.success) return wrong('price', saySchema(price.error.issues[0]?.message ?? ''));
  const taxRate = taxStepSchema.safeParse(taxStep(form));
  if (!taxRate.success) return wrong('tax', saySchema(taxRate.error.issues[0]?.message ?? ''));
  return {
    asked: {
      locations:
        form.where === 'ofClient'
          ? { kind: 'ofClient', clientId: form.clientId }
          : form.where === 'filtered'
            ? { kind: 'filtered', filters: [...form.filters], search: '' }
            : form.where === 'chosen'
              ? { kind: 'chosen', ids: [...form.locationIds] }
              : { kind: 'all' },
      items: form.which === 'all' ? { kind: 'all' } : { kind: 'chosen', ids: [...form.itemIds] },
      price: price.data,
      taxRate: taxRate.data,
    },
    problem: null,
  };
}

export function needsNumber(price: SetPricesForm['price']): boolean {
  return price === 'set' || price === 'raise' || price === 'lower';
}

function wrong(part: FormPart, words = 'This cannot be read. Write a number.'): Asked {
  return { asked: null, problem: { part, words, isMissing: false } };
}

function fieldOf(path: 'defaultPrice' | 'defaultTaxRate') {
  const field = itemPriceFieldInfo.find((one) => one.path === path);
  if (field === undefined) throw new Error('An item has no such field');
  return field;
}
const priceField = fieldOf('defaultPrice');
const taxField = fieldOf('defaultTaxRate');

/** As the person writes numbers: "1 234,50", "7.75 %". What is no number goes on as it is, for the schema to refuse in words. */
function priceStep({ price, priceText }: SetPricesForm): { kind: PriceStep['kind']; value?: unknown } {
  if (price === 'keep' || price === 'default') return { kind: price };
  const value = fromDraft(priceField, withoutEnd(priceText, '%').trimEnd());
  return price === 'set' ? { kind: 'set', value } : { kind: 'percent', value: `${price === 'lower' ? '-' : ''}${String(value)}` };
}

function taxStep({ tax, taxText }: SetPricesForm): { kind: TaxStep['kind']; value?: unknown } {
  return tax === 'set' ? { kind: 'set', value: fromDraft(taxField, taxText) } : { kind: tax };
}
