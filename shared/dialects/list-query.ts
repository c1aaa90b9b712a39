import { valueAt } from '../nouns/field.ts';
import { searchFold } from '../lib/text.ts';
import type { BookRecord, BookView, Collection } from './book-view.ts';

/**
 * What a list's query parameters ask for, in the book's words: a server turns it into SQL, `answerList` answers it from
 * memory and says what the SQL has to agree with.
 */
export interface ListQuery {
  conditions: Condition[];
  search: Search | null;
  sort: { path: string; descending: boolean }[];
  page: { offset: number; limit: number } | null;
}

export interface Condition {
  /**
   * Path in the record. "id" is the record's id. "locationContacts.locationId" looks at where a contact works: all such
   * conditions are about one place; false means that none of the places in question says true.
   */
  path: string;
  /** `contains`, `startsWith` and `equalText` tell neither case nor accents apart; the others compare values. */
  is: 'equal' | 'equalText' | 'contains' | 'startsWith' | 'atLeast' | 'atMost' | 'hasAny';
  value: string | number | boolean | readonly string[];
  /** The value is the id the dialect uses for a record of this collection. */
  of?: Collection;
}

export interface Search {
  text: string;
  paths: readonly string[];
  /** start: the field begins with the text. word: the field, or a word in it, does. */
  at: 'start' | 'word';
  /** Of the paths, those in which the text may stand anywhere. */
  inside?: readonly string[];
  /** As Django REST framework searches: it is enough that each word of the text, by itself, is found in one of the paths. */
  eachWord?: true;
}

/** More words than this find no more; they are not looked at. */
const mostWords = 20;

/** The words of a search that takes each by itself; none where it does not, or has one only. */
export function wordsOfSearch({ text, eachWord }: Search): string[] {
  const words = eachWord === true ? text.split(/[\s,]+/).filter((word) => word !== '') : [];
  return words.length > 1 ? words.slice(0, mostWords) : [];
}

/** How to look at records while answering: what the book has around them, and what dialects call them. */
export interface ListContext {
  book: BookView;
  remoteId: (of: Collection, id: string) => string | null;
  /** Values of paths that are no fields, such as "isProspective". */
  computed?: Readonly<Record<string, (record: BookRecord, book: BookView) => unknown>>;
}

export interface ListAnswer<T> {
  rows: T[];
  /** Matching records, all pages together. */
  total: number;
}

/** Answers a query from records in memory. Ties in the order are broken by id, the same way round, so that pages never overlap. */
export function answerList<T extends BookRecord>(
  records: Iterable<T>,
  query: ListQuery,
  of: Collection,
  context: ListContext,
): ListAnswer<T> {
  const matching = [...records].filter((record) => matches(record, query, of, context));
  const sort = [...query.sort, { path: 'id', descending: query.sort.at(-1)?.descending === true }];
  matching.sort((a, b) => {
    for (const { path, descending } of sort) {
      const order = compare(valueFor(a, path, context), valueFor(b, path, context));
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  });
  const { offset, limit } = query.page ?? { offset: 0, limit: matching.length };
  return { rows: matching.slice(offset, offset + limit), total: matching.length };
}

export function matches(record: BookRecord, query: ListQuery, of: Collection, context: ListContext): boolean {
  const own = query.conditions.filter(({ path }) => !path.startsWith(joined));
  const onRoles = query.conditions
    .filter(({ path }) => path.startsWith(joined))
    .map((condition) => ({ ...condition, path: condition.path.slice(joined.length) }));
  if (!own.every((condition) => meets(record, condition, of, context))) return false;
  if (onRoles.length > 0) {
    const wanted = onRoles.filter(({ value }) => value !== false);
    const roles = context.book
      .having('locationContacts', 'contactId', record.id)
      .filter((role) => wanted.every((condition) => meets(role, condition, 'locationContacts', context)));
    if (wanted.length > 0 && roles.length === 0) return false;
    if (onRoles.some(({ path, value }) => value === false && roles.some((role) => valueAt(role, path) === true))) return false;
  }
  const { search } = query;
  if (search === null) return true;
  const isSomewhere = (text: string) => search.paths.some((path) => isFound(valueFor(record, path, context), text, path, search));
  const words = wordsOfSearch(search);
  return isSomewhere(search.text) || (words.length > 0 && words.every(isSomewhere));
}

const joined = 'locationContacts.';

function meets(record: BookRecord, condition: Condition, of: Collection, context: ListContext): boolean {
  const { is, value } = condition;
  const found = valueFor(record, condition.path, context);
  if (condition.of !== undefined || condition.path === 'id') {
    const collection = condition.of ?? of;
    const ids = (Array.isArray(found) ? (found as string[]) : [found as string | null]).map((id) =>
      id === null ? null : context.remoteId(collection, id),
    );
    const wanted = Array.isArray(value) ? (value as string[]) : [String(value)];
    return wanted.some((id) => ids.includes(id));
  }
  switch (is) {
    case 'equal':
      return found === value;
    case 'equalText':
      return typeof found === 'string' && searchFold(found) === searchFold(String(value));
    case 'contains':
      return typeof found === 'string' && searchFold(found).includes(searchFold(String(value)));
    case 'startsWith':
      return typeof found === 'string' && searchFold(found).startsWith(searchFold(String(value)));
    case 'atLeast':
      return found !== null && compare(found, value) >= 0;
    case 'atMost':
      return found !== null && compare(found, value) <= 0;
    case 'hasAny': {
      const all = Array.isArray(found) ? (found as string[]).map(searchFold) : [];
      return (value as readonly string[]).some((one) => all.includes(searchFold(one)));
    }
  }
}

function isFound(found: unknown, text: string, path: string, { at, inside }: Search): boolean {
  if (typeof found !== 'string') return false;
  const inField = searchFold(found);
  const wanted = searchFold(text.trim());
  if (inside?.includes(path) === true) return inField.includes(wanted);
  if (inField.startsWith(wanted)) return true;
  // A word begins after anything that is neither letter nor digit.
  return at === 'word' && new RegExp(`[^\\p{L}\\p{N}]${wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`, 'u').test(inField);
}

function valueFor(record: BookRecord, path: string, context: ListContext): unknown {
  const compute = context.computed?.[path];
  return compute === undefined ? valueAt(record, path) : compute(record, context.book);
}

/** Empty values last, texts as people sort them, numbers as numbers. */
function compare(first: unknown, second: unknown): number {
  if (first === null || second === null) return first === second ? 0 : first === null ? 1 : -1;
  if (typeof first === 'number' && typeof second === 'number') return first - second;
  return byCodePoint(searchFold(String(first)), searchFold(String(second)));
}

/** In the order of the characters' numbers, as databases have it; JavaScript's own order splits characters beyond 16 bits. */
function byCodePoint(first: string, second: string): number {
  let at = 0;
  while (at < first.length && first[at] === second[at]) at += 1;
  const [a, b] = [rank(first.charCodeAt(at)), rank(second.charCodeAt(at))];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Code units in the order of the characters they are of: halves of characters beyond 16 bits come last; before all, the end. */
function rank(unit: number): number {
  if (Number.isNaN(unit)) return -1;
  return unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;
}
