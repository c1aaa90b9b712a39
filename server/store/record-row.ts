import type { Search } from '../../shared/dialects/list-query.ts';
import { valueAt } from '../../shared/nouns/field.ts';
import { type NounName, nouns, parentsOf } from '../../shared/nouns/nouns.ts';
import { searchFold } from '../../shared/lib/text.ts';
import { heldKey, type StoredRecord } from '../../shared/operations/record-layer.ts';

const namePaths: Readonly<Partial<Record<NounName, string>>> = {
  contacts: 'lastName',
  itemPrices: 'invoiceItem',
  tasks: 'title',
  invoices: 'number',
};

export const nameFieldOf = (of: NounName): string => namePaths[of] ?? 'name';

/** Texts that searches look in, and where a match begins: with the field, or with any word in it (list-query.ts, `Search`). */
const searched: Readonly<Partial<Record<NounName, { paths: readonly string[]; at: Search['at'] }>>> = {
  clients: { paths: ['name', 'email'], at: 'word' },
  contacts: { paths: ['firstName', 'lastName', 'email'], at: 'start' },
  locations: { paths: ['name', 'physicalAddress.city'], at: 'start' },
  itemPrices: { paths: ['invoiceItem', 'itemCode'], at: 'start' },
};

/** Where the ids of what a record hangs on are, in the order of `parentFields`. */
export const parentColumns = ['parent_id', 'second_id', 'third_id'] as const;

/** Fields that name what a record of the noun hangs on, in the order of `parentColumns`. */
export function parentFields(of: NounName): string[] {
  return Object.keys(nouns[of].parents);
}

/** What a record's name is compared and sorted by. */
export function nameKeyOf(of: NounName, record: StoredRecord): string | null {
  const name = valueAt(record, nameFieldOf(of));
  return typeof name === 'string' ? keyOf(name) : null;
}

/** The columns of a row that follow from the record, but for the record itself. */
export function columnsOf(of: NounName, record: StoredRecord) {
  const parents = new Map(parentsOf(of, record).map(({ field, id }) => [field, id]));
  const [parent_id = null, second_id = null, third_id = null] = parentFields(of).map((field) => parents.get(field) ?? null);
  return {
    folded: foldedTexts(of, record),
    name_key: nameKeyOf(of, record),
    is_active: 'isActive' in record ? record.isActive : null,
    unique_key: heldKey(of, record),
    parent_id,
    second_id,
    third_id,
    owners: ownersOf(record),
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    deleted_at: record.deletedAt,
  };
}

const ownerFields = ['accountOwnerId', 'salespersonId', 'caseManagerId', 'assignedToIds', 'teamIds'] as const;

/** Whose the record is (auth/visibility.ts). */
export function ownersOf(record: StoredRecord): string[] {
  return [...new Set(ownerFields.flatMap((field) => valueAt(record, field) ?? []) as string[])];
}

/** Characters of a name and of a facet's value that are kept as keys: an index takes no entry longer than a third of a page. */
const longestName = 300;
const longestFacet = 200;
export const keyOf = (text: string): string => cut(searchFold(text), longestName);

/** The beginning of a text, without half a character at its end: no database takes one. */
function cut(text: string, length: number): string {
  const beginning = text.slice(0, length);
  return beginning.isWellFormed() ? beginning : beginning.slice(0, -1);
}

/** Texts that lists compare or sort by, beside the columns. Named here, because nothing else of a record needs folding. */
const comparedPaths: Readonly<Partial<Record<NounName, readonly string[]>>> = {
  clients: ['name', 'email', 'phone', 'address.freeform'],
  contacts: ['firstName', 'lastName', 'email'],
  locations: ['name', 'physicalAddress.city'],
  itemPrices: ['invoiceItem', 'itemCode'],
};

/** Fields that lists ask to be equal to something, or to hold it: looked up in `terms`. */
const facetPaths: Readonly<Partial<Record<NounName, readonly string[]>>> = {
  activities: ['sha256'],
  clients: [
    'kind',
    'entityType',
    'lifecycleStage',
    'industry',
    'companySize',
    'accountCode',
    'address.city',
    'tags',
    'accountOwnerId',
    'salespersonId',
    'caseManagerId',
    'assignedToIds',
    'teamIds',
  ],
};

export const isFacet = (of: NounName, path: string): boolean => facetPaths[of]?.includes(path) === true;

export const wordMark = '\u0002';

/** A term no text begins with, because no text may have this character in it. */
const facetMark = '\u0001';
export const facetStart = (path: string): string => `${facetMark}${path}=`;
export const facetTerm = (path: string, value: string): string => facetStart(path) + cut(searchFold(value), longestFacet);

function foldedTexts(of: NounName, record: StoredRecord): Record<string, string> {
  const folded: Record<string, string> = {};
  for (const path of comparedPaths[of] ?? []) {
    const value = valueAt(record, path);
    if (typeof value === 'string') folded[path] = searchFold(value);
  }
  const { paths, at } = searched[of] ?? { paths: [], at: 'start' };
  if (at === 'word') for (const path of paths) if (folded[path] !== undefined) folded[wordsOf(path)] = withWordMarks(folded[path]);
  return folded;
}

/** Where a text is kept with its words marked, to be searched for where they begin. */
export const wordsOf = (path: string): string => `${path} words`;

/**
 * The text with a mark wherever a word can begin: after anything that is neither letter nor digit. Which signs are letters
 * is decided here, because databases differ in it by their language.
 */
export const withWordMarks = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, `$&${wordMark}`);

export const isCompared = (of: NounName, path: string): boolean => comparedPaths[of]?.includes(path) === true;

const longestTerm = 60;

/** What lists find the record by: each searched field from its beginnings on, and its facets. Deleted records have none. */
export function termsOf(of: NounName, record: StoredRecord): string[] {
  if (record.deletedAt !== null) return [];
  const terms = new Set<string>();
  const { paths = [], at } = searched[of] ?? {};
  for (const path of paths) {
    const value = valueAt(record, path);
    if (typeof value !== 'string') continue;
    const text = searchFold(value);
    terms.add(cut(text, longestTerm));
    if (at === 'word') for (const { index } of text.matchAll(/(?<=[^\p{L}\p{N}])\S/gu)) terms.add(cut(text.slice(index), longestTerm));
  }
  for (const path of facetPaths[of] ?? []) {
    const value = valueAt(record, path);
    for (const one of Array.isArray(value) ? value : [value]) if (typeof one === 'string') terms.add(facetTerm(path, one));
  }
  return [...terms];
}

/**
 * The term a search is looked up by, and whether it says all: where the search asks for less than has terms, the fields
 * themselves decide. Null where they have to be looked through.
 */
export function termFor(of: NounName, { text, paths, at, inside = [] }: Search): { term: string; isExact: boolean } | null {
  // Terms say where words begin, and nothing of what is inside of them.
  if (inside.length > 0) return null;
  const term = searchFold(text.trim());
  const known = searched[of];
  if (known === undefined || term.length > longestTerm || term.includes(facetMark)) return null;
  if ((at === 'word' && known.at === 'start') || !paths.every((path) => known.paths.includes(path))) return null;
  return { term, isExact: at === known.at && known.paths.every((path) => paths.includes(path)) };
}
