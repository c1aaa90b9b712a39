import { z } from 'zod';
import { schemaWords } from '../words/words.ts';
import { fieldFilterSchema, filterGroupSchema } from './list.ts';
import { nounNameSchema } from './noun-name.ts';

/** What a list is asked for and how it is laid out, under a name: kept in the settings of the person (docs/renderer.md). */
export const savedViewSchema = z.object({
  noun: nounNameSchema,
  name: z
    .string()
    .trim()
    .min(1, { error: schemaWords('records.viewNameNeeded') })
    .max(60, { error: schemaWords('values.tooLong', { max: 60 }) }),
  search: z.string().max(300).default(''),
  filters: z.array(fieldFilterSchema).max(30).default([]),
  where: filterGroupSchema.nullable().default(null),
  /** Only what no server has yet. */
  isUnsent: z.boolean().default(false),
  sort: z
    .array(z.object({ path: z.string().max(120), descending: z.boolean() }))
    .max(5)
    .default([]),
  columns: z.array(z.string().max(120)).min(1).max(200),
  /** Named in the navigation, under its noun. */
  isPinned: z.boolean().default(false),
});
export type SavedView = z.output<typeof savedViewSchema>;

/** By id. An address of a list names its view by it. */
export const savedViewsSchema = z.record(z.string().min(1).max(50), savedViewSchema);
/** Those that are named change; null takes one away. */
export const savedViewChangesSchema = z.record(z.string().min(1).max(50), savedViewSchema.nullable());

export const mostViews = 200;
