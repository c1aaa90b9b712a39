import { z } from 'zod';
import { defineContract, query } from './contract.ts';
import { nounNameSchema } from './noun-name.ts';

export const searchHitSchema = z.object({
  collection: nounNameSchema,
  id: z.string(),
  title: z.string(),
  /** What tells it apart: the client's name, the city, the field that matched. */
  subtitle: z.string(),
});
export type SearchHit = z.output<typeof searchHitSchema>;

export const searchContract = defineContract('search', {
  /** Prefixes of words in any field, accents and case folded, phone digits in any format; all words must be found. */
  find: query({
    input: z.object({ text: z.string().max(300), limit: z.number().int().min(1).max(100).default(20) }),
    output: z.object({ hits: z.array(searchHitSchema), total: z.number().int() }),
  }),
  /** Records opened or changed last, newest first: what the palette shows before anything is typed. */
  recent: query({
    input: z.object({ limit: z.number().int().min(1).max(50).default(8) }),
    output: z.object({ hits: z.array(searchHitSchema) }),
  }),
});
