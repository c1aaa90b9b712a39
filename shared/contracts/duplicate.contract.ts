import { z } from 'zod';
import { defineContract, query } from './contract.ts';

/** Why two records may be the same. */
export const duplicateReasons = ['phone', 'email', 'website', 'name', 'similarName', 'address'] as const;
export type DuplicateReason = (typeof duplicateReasons)[number];

/** The nouns that two people may enter twice. */
export const duplicateNouns = ['clients', 'contacts', 'locations'] as const;
export type DuplicateNoun = (typeof duplicateNouns)[number];

export function canBeDuplicate(noun: string): noun is DuplicateNoun {
  return (duplicateNouns as readonly string[]).includes(noun);
}

const likeSchema = z.object({ id: z.string(), title: z.string(), reasons: z.array(z.enum(duplicateReasons)) });
export type LikeRecord = z.output<typeof likeSchema>;

export const duplicateContract = defineContract('duplicates', {
  /** Live records that may be what a person is typing, the likeliest first. The fields may be unfinished, or wrong. */
  like: query({
    input: z.object({
      noun: z.enum(duplicateNouns),
      fields: z.record(z.string().max(100), z.unknown()),
      limit: z.number().int().min(1).max(20).default(3),
    }),
    output: z.object({ records: z.array(likeSchema) }),
  }),
});
