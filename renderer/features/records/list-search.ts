import { z } from 'zod';
import {
  type FieldFilter,
  fieldFilterSchema,
  type FilterGroup,
  filterGroupSchema,
  filterOperators,
  isGroup,
} from '../../../shared/contracts/list.ts';
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
  /** Conditions that are joined by more than "and". */
  w: filterGroupSchema.optional().catch(undefined),
  /** Id of the saved view that this began as. What is written beside it counts; what is not is as the view has it. */
  view: z.string().max(50).optional().catch(undefined),
  /** Columns, where they are others than those of the view. */
  c: z.array(z.string().max(120)).min(1).max(200).optional().catch(undefined),
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
    where: search.w === undefined ? null : knownPart(search.w, known),
    search: search.q ?? '',
    parentId: null,
    sort,
    show: search.show ?? 'live',
  };
}

/** Without the conditions on fields that the noun does not have; null where nothing is left. */
function knownPart(group: FilterGroup, known: ReadonlySet<string>): FilterGroup | null {
  const of = group.of.flatMap((node) => (isGroup(node) ? (knownPart(node, known) ?? []) : known.has(node.path) ? node : []));
  return of.length === 0 ? null : { ...group, of };
}

type Operator = keyof typeof filterOperators;

const operatorsOf: Partial<Record<FieldInfo['kind'], readonly Operator[]>> = {
  boolean: ['is'],
  choice: ['is', 'isNot', 'isEmpty', 'isNotEmpty'],
  reference: ['is', 'isNot', 'isEmpty', 'isNotEmpty'],
  references: ['is', 'isNot', 'isEmpty', 'isNotEmpty'],
  date: ['is', 'within', 'before', 'after', 'isEmpty', 'isNotEmpty'],
  instant: ['is', 'within', 'before', 'after'],
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
    if (operator === 'within') return 'is';
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

/** The words of a comparison where it is chosen among others. */
export function comparisonLabel(field: FieldInfo, operator: Operator): string {
  return operator === 'within' ? 'is, counted from today' : operatorWords(field, operator);
}

/** Another comparison. A day is no period, and a period no day: what was written for the one is not asked of the other. */
export function withOperator(filter: FieldFilter, operator: Operator): FieldFilter {
  const isKept = (filter.operator === 'within') === (operator === 'within');
  return { ...filter, operator, value: isKept ? filter.value : '' };
}
