import { z } from 'zod';
import { command, defineContract, query } from './contract.ts';
import { nounNameSchema } from './noun-name.ts';
import { searchHitSchema } from './search.contract.ts';

/** Enough to keep at hand; more is what a saved view is for. */
export const mostFavourites = 100;

/** Records that a person wants at hand (decision 22): kept in the settings, by id. */
export const favouriteContract = defineContract('favourites', {
  /** Those that are there, by name. One that was merged into another record is answered as that record. */
  list: query({ input: z.object({}), output: z.object({ hits: z.array(searchHitSchema) }) }),
  put: command({
    input: z.object({ noun: nounNameSchema, id: z.string().min(1).max(100), isFavourite: z.boolean() }),
    output: z.object({}),
    errors: ['TOO_MANY_FAVOURITES'],
  }),
});
