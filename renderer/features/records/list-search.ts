import { z } from 'zod';
import { fieldFilterSchema, filterOperators } from '../../../shared/contracts/list.ts';
import type { FieldInfo } from '../../../shared/nouns/field.ts';
import { nounNames } from '../../../shared/nouns/nouns.ts';
import type { WindowRequest } from '../../api/list-window.ts';

/**
 * What a list shows lives in the address, so that Back, deep links and reload bring it back. A part that cannot be read
 * is left out rather than refused: an address is typed and pasted by people.
 */
export const listSearchSchema = z.object({
  /** Words to find in any field. */
  q: z.string().max(300).optional().catch(undefined),
  f: z.array(fieldFilterSchema).max(30).optional().catch(undefined),
  /** "name,-updatedAt": fields in order of weight, a minus for descending. Without it the saved order of the list. */
  sort: z.string().max(500).optional().catch(undefined),
  show: z.enum(['deleted', 'unsent']).optional().catch(undefined),
  /** The part of the record that is open. */
  tab: z
    .enum([...nounNames, 'prices', 'activity', 'history'])
    .optional()
    .catch(undefined),
});
export type ListSearch = z.output<typeof listSearchSchema>;
export type RecordTab = 'details' | NonNullable<ListSearch['tab']>;

export type SortBy = { path: string; descending: boolean }[];

export function parseSort(text: string | undefined): SortBy {
  return (text ?? '')
    .split(',')
    .filter((part) => part.length > 1 || (part.length === 1 && part !== '-'))
    .slice(0, 5)
    .map((part) =>
      part.startsWith('-') ? { path: decoded(part.slice(1)), descending: true } : { path: decoded(part), descending: false },
    );
}

export function writeSort(sort: SortBy): string | undefined {
  return sort.length === 0
    ? undefined
    : sort.map(({ path, descending }) => `${descending ? '-' : ''}${encodeURIComponent(path)}`).join(',');
}

/** An own field may have a comma in its name. What is no code is a name. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

export function requestOf(search: ListSearch, savedSort: SortBy, fields: readonly FieldInfo[]): WindowRequest {
  const known = new Set(fields.map((field) => field.path));
  const sort = (search.sort === undefined ? savedSort : parseSort(search.sort)).filter(({ path }) => known.has(path));
  return {
    filters: (search.f ?? []).filter(({ path }) => known.has(path)),
    search: search.q ?? '',
    parentId: null,
    sort,
    show: search.show ?? 'live',
  };
}

type Operator = keyof typeof filterOperators;

const operatorsOf: Partial<Record<FieldInfo['kind'], readonly Operator[]>> = {
  boolean: ['is'],
  choice: ['is', 'isNot', 'isEmpty', 'isNotEmpty'],
  reference: ['is', 'isNot', 'isEmpty', 'isNotEmpty'],
  references: ['is', 'isNot', 'isEmpty', 'isNotEmpty'],
  date: ['is', 'before', 'after', 'isEmpty', 'isNotEmpty'],
  instant: ['is', 'before', 'after'],
  number: ['is', 'atLeast', 'atMost', 'isEmpty', 'isNotEmpty'],
  decimal: ['is', 'atLeast', 'atMost', 'isEmpty', 'isNotEmpty'],
  rate: ['is', 'atLeast', 'atMost', 'isEmpty', 'isNotEmpty'],
};

/** The comparisons that make sense for a field, the likeliest first. */
export function operatorsFor(field: FieldInfo): readonly Operator[] {
  return operatorsOf[field.kind] ?? ['contains', 'is', 'isNot', 'startsWith', 'isEmpty', 'isNotEmpty'];
}

export function needsValue(operator: Operator): boolean {
  return operator !== 'isEmpty' && operator !== 'isNotEmpty';
}

export function operatorWords(field: FieldInfo, operator: Operator): string {
  if (field.kind === 'date' || field.kind === 'instant') {
    if (operator === 'is') return 'is on';
    if (operator === 'before') return 'is before';
    if (operator === 'after') return 'is after';
  }
  if (field.kind === 'references') {
    if (operator === 'is') return 'include';
    if (operator === 'isNot') return 'do not include';
    if (operator === 'isEmpty') return 'are empty';
    if (operator === 'isNotEmpty') return 'are not empty';
  }
  if (operator === 'atLeast') return 'is at least';
  if (operator === 'atMost') return 'is at most';
  return filterOperators[operator];
}
