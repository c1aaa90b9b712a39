import { z } from 'zod';
import { command, defineContract, query } from './contract.ts';
import { ruleErrors } from './history.contract.ts';

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

const nounSchema = z.enum(duplicateNouns);
const id = z.string().max(100);
const idsSchema = z.array(id).min(2).max(20);

/** Which records become one. */
const mergeOrderSchema = z.object({
  noun: nounSchema,
  ids: idsSchema,
  /** The one that stays; null for the oldest. */
  keepId: id.nullable().default(null),
  /** Per top-level field, the record whose value is taken. What is not named follows the rules of `mergedFields`. */
  choices: z.record(z.string().max(100), id).default({}),
});
export type MergeOrder = z.output<typeof mergeOrderSchema>;

const fieldValues = z.record(z.string(), z.unknown());

const mergePreviewSchema = z.object({
  keepId: z.string(),
  /** The one that stays first. Secret fields come masked. */
  records: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      createdAt: z.string(),
      updatedAt: z.string(),
      fields: fieldValues,
      /** Live records that hang on it, by noun. */
      children: z.record(z.string(), z.number().int()),
    }),
  ),
  result: fieldValues,
  title: z.string(),
  /** Top-level fields in which not all are the same. */
  differing: z.array(z.string()),
  /** What the records are called that the fields refer to, by id. */
  names: z.record(z.string(), z.string()),
});
export type MergePreview = z.output<typeof mergePreviewSchema>;

const groupSchema = z.object({
  noun: nounSchema,
  reasons: z.array(z.enum(duplicateReasons)),
  /** The oldest first; `facts` tell records of one name apart. */
  records: z.array(z.object({ id: z.string(), title: z.string(), facts: z.array(z.string()) })),
});
export type DuplicateGroup = z.output<typeof groupSchema>;

const scanStateSchema = z.object({
  status: z.enum(['none', 'running', 'done', 'stopped']),
  /** Records looked at, of all. */
  done: z.number().int(),
  total: z.number().int(),
  /** When it ended; null while it has not. */
  at: z.string().nullable(),
});
export type DuplicateScanState = z.output<typeof scanStateSchema>;

const namedSchema = z.object({ id: z.string(), title: z.string() });
const pastMergeSchema = z.object({
  operationId: z.string(),
  at: z.string(),
  actor: z.string(),
  records: z.array(namedSchema),
  /** The record they were merged into, where that one was merged on since; null where it is the one that is left. */
  into: namedSchema.nullable(),
});
export type PastMerge = z.output<typeof pastMergeSchema>;

export const duplicateContract = defineContract('duplicates', {
  /** Live records that may be what a person is typing, the likeliest first. The fields may be unfinished, or wrong. */
  like: query({
    input: z.object({
      noun: nounSchema,
      fields: z.record(z.string().max(100), z.unknown()),
      limit: z.number().int().min(1).max(20).default(3),
      /** The record that is described, where the book has it. */
      exceptId: id.nullable().default(null),
    }),
    output: z.object({ records: z.array(likeSchema) }),
  }),
  /** Looks through the whole book in the background. */
  scan: command({ input: z.object({}), output: scanStateSchema }),
  cancelScan: command({ input: z.object({}), output: scanStateSchema }),
  scanState: query({ input: z.object({}), output: scanStateSchema }),
  /** What a scan found, as the book is now: groups of records that may be the same, the likeliest first. */
  groups: query({
    input: z.object({
      noun: nounSchema.nullable().default(null),
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(100).default(50),
    }),
    output: z.object({ groups: z.array(groupSchema), total: z.number().int() }),
  }),
  /** What merging would leave behind. */
  preview: query({ input: mergeOrderSchema, output: mergePreviewSchema, errors: ['ALREADY_ONE'] }),
  /** Makes one record of several. What names the others names it from then on, and their ids stand for it. */
  merge: command({
    input: mergeOrderSchema,
    output: z.object({ id: z.string(), operationId: z.string().nullable(), moved: z.number().int() }),
    errors: ['ALREADY_ONE', ...ruleErrors],
  }),
  /** The merges that made a record what it is, over all steps, the newest first. Each can be taken apart at any time. */
  mergesOf: query({ input: z.object({ noun: nounSchema, id }), output: z.object({ merges: z.array(pastMergeSchema) }) }),
  /**
   * Brings back what a merge made one, with what came along and was not moved since. What was changed later stays, and so
   * do merges that came after it.
   */
  takeApart: command({
    input: z.object({ noun: nounSchema, id, operationId: id }),
    output: z.object({
      operationId: z.string().nullable(),
      /** The records that are back. */
      ids: z.array(z.string()),
      moved: z.number().int(),
      /** Fields left alone because somebody changed them later. */
      kept: z.number().int(),
    }),
    errors: ['NOT_MERGED', ...ruleErrors],
  }),
  /** Remembers that none of these is another of them. */
  keepApart: command({
    input: z.object({ noun: nounSchema, ids: idsSchema }),
    output: z.object({ operationId: z.string().nullable() }),
    errors: ['ALREADY_ONE'],
  }),
});
