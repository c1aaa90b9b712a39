import { z } from 'zod';
import { type NounName, nounNames, nouns, type NounsThat } from '../nouns/nouns.ts';
import { requiredText } from '../nouns/values.ts';
import { command, defineContract, query } from './contract.ts';

export type TagNoun = NounsThat<{ hasTags: true }>;

export function hasTags(noun: NounName): noun is TagNoun {
  return nouns[noun].hasTags;
}

/** The nouns whose records carry tags. */
export const tagNouns = nounNames.filter(hasTags) as [TagNoun, ...TagNoun[]];

const tag = requiredText(100);
const done = z.object({ operationId: z.string().nullable(), changed: z.number().int() });

export const tagContract = defineContract('tags', {
  /** Tags of live records with how many carry them, the most used first. */
  inUse: query({
    input: z.object({ collection: z.enum(tagNouns).nullable().default(null) }),
    output: z.object({ tags: z.array(z.object({ tag: z.string(), records: z.number().int() })) }),
  }),
  /** Adds tags to the records and takes others off, as one operation. */
  put: command({
    input: z.object({
      collection: z.enum(tagNouns),
      ids: z.array(z.string().max(100)).min(1).max(100_000),
      add: z.array(tag).max(50).default([]),
      remove: z.array(tag).max(50).default([]),
    }),
    output: done,
  }),
  /** Gives a tag another name wherever it is, as one operation; where both are, one stays. Null takes it off everything. */
  rename: command({ input: z.object({ from: z.string().max(100), to: tag.nullable() }), output: done }),
});
