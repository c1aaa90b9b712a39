import { z } from 'zod';
import { type NounName, nouns, type NounsThat } from '../nouns/nouns.ts';
import { query } from './contract.ts';
import { listRequestSchema } from './list.ts';

/** A column of a board as its head shows it: all cards of it, also those that no page has been asked for. */
const boardColumnSchema = z.object({
  /** The value of the field that makes the columns. */
  value: z.string(),
  count: z.number().int(),
  /** Amounts of each currency, the largest part of the cards first; and what of it is likely. */
  sums: z.array(z.object({ currency: z.string(), amount: z.string(), likely: z.string() })),
});
export type BoardColumn = z.output<typeof boardColumnSchema>;

/** What nouns with a board have besides. The cards of a column are pages of the list: `list` with `column`. */
export const boardMethods = {
  board: query({
    input: listRequestSchema.omit({ column: true, offset: true, limit: true }),
    /** Every column, in the order of the field's choices. */
    output: z.object({ columns: z.array(boardColumnSchema) }),
  }),
};

export type BoardNoun = NounsThat<{ board: object }>;

export function hasBoard(noun: NounName): noun is BoardNoun {
  return nouns[noun].board !== null;
}
