import { z } from 'zod';
import { schemaWords } from '../words/words.ts';

/** How a list is asked for: any field of the noun can filter and sort (FieldInfo paths, computed ones included). */
export const filterOperators = {
  contains: 'contains',
  is: 'is',
  isNot: 'is not',
  startsWith: 'starts with',
  before: 'before',
  after: 'after',
  atLeast: 'at least',
  atMost: 'at most',
  /** Of days: in a stretch that is counted from today (shared/lib/day-period.ts). */
  within: 'within',
  isEmpty: 'is empty',
  isNotEmpty: 'is not empty',
} as const;

export const fieldFilterSchema = z.object({
  path: z.string().max(120),
  operator: z.enum(Object.keys(filterOperators) as [keyof typeof filterOperators, ...(keyof typeof filterOperators)[]]),
  /** Text form of the value, whatever the field's kind; ignored by isEmpty and isNotEmpty, a period for within. */
  value: z.string().max(1000).default(''),
});
export type FieldFilter = z.output<typeof fieldFilterSchema>;

/** Conditions of which all must hold, or any; a group is a condition of the group above it. */
export interface FilterGroup {
  match: 'all' | 'any';
  of: FilterNode[];
}
export type FilterNode = FieldFilter | FilterGroup;

/** Enough for what people say ("A, and any of B, C, or both of D and E"), and little enough to be asked of every record. */
const mostPerGroup = 30;
export const mostConditions = 60;

const matchSchema = z.enum(['all', 'any']);
const conditionSchema = fieldFilterSchema.extend({ value: z.string().max(1000) });
const groupOf = <T extends z.ZodType>(node: T) => z.strictObject({ match: matchSchema, of: z.array(node).max(mostPerGroup) });
const lowest = groupOf(conditionSchema);
const middle = groupOf(z.union([conditionSchema, lowest]));
/** Three levels of groups at most. Written out instead of as a schema of itself: what is deeper is refused before it is walked. */
export const filterGroupSchema: z.ZodType<FilterGroup, FilterGroup> = groupOf(z.union([conditionSchema, middle])).refine(
  (group) => conditionsIn(group).length <= mostConditions,
  { error: schemaWords('records.tooManyConditions', { most: mostConditions }) },
);

export function isGroup(node: FilterNode): node is FilterGroup {
  return 'of' in node;
}

export function conditionsIn(node: FilterNode): FieldFilter[] {
  return isGroup(node) ? node.of.flatMap(conditionsIn) : [node];
}

export const listRequestSchema = z.object({
  /** All of these must hold. */
  filters: z.array(fieldFilterSchema).max(30).default([]),
  /** And this, where conditions are joined otherwise than by "and". A group without conditions asks for nothing. */
  where: filterGroupSchema.nullable().default(null),
  /** Words to find in any field, as in the search box. */
  search: z.string().max(300).default(''),
  /** Only records that hang on this one (contacts and locations of a client). */
  parentId: z.string().max(100).nullable().default(null),
  sort: z
    .array(z.object({ path: z.string().max(120), descending: z.boolean().default(false) }))
    .max(5)
    .default([]),
  /** Only this column of the noun's board, in the order of `sort`, or else of the board. */
  column: z.string().max(120).optional(),
  /** `deleted` lists only what was deleted, newest first unless sorted; `unsent` what no server has yet as it is here. */
  show: z.enum(['live', 'deleted', 'unsent']).default('live'),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(500).default(100),
});
export type ListRequest = z.output<typeof listRequestSchema>;
export type ListRequestInput = z.input<typeof listRequestSchema>;

export const pageOf = <T extends z.ZodType>(row: T) =>
  z.object({
    rows: z.array(row),
    /** Records that match, all pages together. */
    total: z.number().int(),
    /** Deleted records of this noun, so that a list can offer "Deleted (5)". */
    deleted: z.number().int(),
  });

export interface Page<T> {
  rows: T[];
  total: number;
  deleted: number;
}
