import type { BookRecord, Collection } from '../../shared/dialects/book-view.ts';
import { valueAt } from '../../shared/entities/field.ts';
import { emailKey, fold } from '../../shared/lib/text.ts';

/** Fields by which records of a collection are found from the record they hang on: the first and the second id column. */
export const parentFields: Readonly<Partial<Record<Collection, readonly [string, string?]>>> = {
  contacts: ['clientId'],
  locations: ['clientId'],
  locationContacts: ['locationId', 'contactId'],
  locationItemPrices: ['locationId', 'itemPriceId'],
  activities: ['aboutId'],
  opportunities: ['clientId'],
  cases: ['clientId'],
  tasks: ['clientId'],
  invoices: ['clientId', 'locationId'],
};

const namePaths: Readonly<Partial<Record<Collection, string>>> = {
  contacts: 'lastName',
  itemPrices: 'invoiceItem',
  tasks: 'title',
  invoices: 'number',
};

/** Texts that searches look in. */
const searchedPaths: Readonly<Partial<Record<Collection, readonly string[]>>> = {
  clients: ['name', 'email'],
  contacts: ['firstName', 'lastName', 'email'],
  locations: ['name', 'physicalAddress.city'],
  itemPrices: ['invoiceItem', 'itemCode'],
};

/** The columns of a row that follow from the record. */
export function columnsOf(of: Collection, record: BookRecord) {
  const [parent, second] = parentFields[of] ?? [];
  const text = (path: string | undefined) => {
    const value = path === undefined ? null : valueAt(record, path);
    return typeof value === 'string' ? value : null;
  };
  const name = text(namePaths[of] ?? 'name');
  const email = text('email');
  return {
    doc: JSON.stringify(record),
    folded: JSON.stringify(foldedTexts(record)),
    name_key: name === null ? null : keyOf(name),
    email_key: email === null ? null : emailKey(email),
    parent_id: text(parent),
    second_id: text(second),
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    deleted_at: record.deletedAt,
  };
}

/** An index takes no key longer than a third of a page. */
const longest = 400;
export const keyOf = (text: string): string => fold(text).slice(0, longest);

/** Every text and list of texts, folded; what is long is left to the record itself. */
function foldedTexts(value: object): Record<string, unknown> {
  const folded: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) {
    if (typeof part === 'string' && part.length <= 2000) folded[name] = fold(part);
    else if (Array.isArray(part)) folded[name] = part.filter((one) => typeof one === 'string').map(fold);
    else if (part !== null && typeof part === 'object') folded[name] = foldedTexts(part as object);
  }
  return folded;
}

const longestTerm = 60;

/** What a search finds the record by (list-query.ts, `Search`): each searched field, from each beginning of a word on. */
export function termsOf(of: Collection, record: BookRecord): string[] {
  if (record.deletedAt !== null) return [];
  const terms = new Set<string>();
  for (const path of searchedPaths[of] ?? []) {
    const value = valueAt(record, path);
    if (typeof value !== 'string') continue;
    const text = fold(value);
    terms.add(text.slice(0, longestTerm));
    for (const { index } of text.matchAll(/(?<=[^\p{L}\p{N}])\S/gu)) terms.add(text.slice(index, index + longestTerm));
  }
  return [...terms];
}

/** The text a search is looked up by; null where the fields' own texts have to be looked through. */
export function termFor(of: Collection, paths: readonly string[], text: string): string | null {
  const known = searchedPaths[of] ?? [];
  const wanted = fold(text.trim());
  return wanted.length <= longestTerm && paths.every((path) => known.includes(path)) ? wanted : null;
}
