import { z } from 'zod';
import { command, defineContract, query } from './contract.ts';
import { dateSchema } from '../nouns/values.ts';
import { nounNameSchema } from './noun-name.ts';

export const historyEntrySchema = z.object({
  operationId: z.string(),
  at: z.string(),
  actor: z.string(),
  command: z.string(),
  kind: z.enum(['do', 'undo', 'redo']),
  /** True for the entry that made the record. */
  created: z.boolean(),
  /** Fields this entry changed, leaf paths ("address.city"). Secret fields come masked. */
  fields: z.array(z.object({ path: z.string(), before: z.unknown(), after: z.unknown() })),
});
export type HistoryEntry = z.output<typeof historyEntrySchema>;

/** What Ctrl+Z and Ctrl+Shift+Z would do now; null where there is nothing. */
export const undoStateSchema = z.object({
  undo: z.object({ target: z.string(), command: z.string(), records: z.number().int() }).nullable(),
  redo: z.object({ target: z.string(), command: z.string(), records: z.number().int() }).nullable(),
});
export type UndoState = z.output<typeof undoStateSchema>;

const undone = z.object({
  command: z.string(),
  /** Records that changed. */
  records: z.number().int(),
  /** Fields left alone because somebody changed them later. */
  kept: z.number().int(),
  /** Why, where a rule says so: an issued invoice keeps its number. */
  keptBecause: z.string().nullable(),
  /** First record touched, so that the screen can go there. */
  first: z.object({ collection: nounNameSchema, id: z.string() }).nullable(),
});

/** Rules of the records that a step back, or forth, may meet. */
export const ruleErrors = [
  'EMAIL_WITHOUT_RECIPIENT',
  'EMAIL_WITHOUT_TIME',
  'EMAIL_TAKEN',
  'PARENT_DELETED',
  'CLIENT_NOT_FOUND',
  'CONTACT_EMPTY',
  'INVOICE_ISSUED',
  'DUE_BEFORE_ISSUE',
  'PAYMENT_REFUSED',
  'REFERENCE_NOT_FOUND',
  'ITEM_CODE_TAKEN',
  'CONTACT_NOT_FOUND',
  'LOCATION_NOT_FOUND',
  'ITEM_PRICE_NOT_FOUND',
  'END_BEFORE_START',
  'OWN_FIELD_TAKEN',
  'MERGED_IN_CIRCLE',
] as const;

const recordAtSchema = z.object({
  /** `notYet`: it was made later. */
  state: z.enum(['there', 'deleted', 'notYet']),
  /** The last change until then; null where there was none. */
  at: z.string().nullable(),
  /** Leaf paths with something in them, then or now. */
  fields: z.array(z.object({ path: z.string(), was: z.unknown(), now: z.unknown(), differs: z.boolean() })),
  /** What the records are called that the fields name, then or now. */
  names: z.record(z.string(), z.string()),
});
export type RecordAt = z.output<typeof recordAtSchema>;

export const historyContract = defineContract('history', {
  state: query({ input: z.object({}), output: undoStateSchema }),
  /** Newest first. */
  ofRecord: query({
    input: z.object({ collection: nounNameSchema, id: z.string().max(100), limit: z.number().int().min(1).max(500).default(100) }),
    output: z.object({ entries: z.array(historyEntrySchema), total: z.number().int() }),
  }),
  /** Without a target: the newest thing that was not undone. With one: just that operation or group. */
  undo: command({
    input: z.object({ target: z.string().max(100).nullable().default(null) }),
    output: undone,
    errors: ['NOTHING_TO_UNDO', ...ruleErrors],
  }),
  redo: command({ input: z.object({}), output: undone, errors: ['NOTHING_TO_REDO', ...ruleErrors] }),
  /** The record as it stood at the end of a local day. Secret fields come masked. */
  at: query({
    input: z.object({ collection: nounNameSchema, id: z.string().max(100), day: dateSchema }),
    output: recordAtSchema,
  }),
  /** Sets one field ("address.city"), or all that people write, to what they were at the end of a local day. */
  restoreTo: command({
    input: z.object({
      collection: nounNameSchema,
      id: z.string().max(100),
      day: dateSchema,
      field: z.string().max(120).nullable().default(null),
    }),
    output: z.object({ operationId: z.string().nullable() }),
    errors: [...ruleErrors, 'PRIMARY_NEEDED', 'NOT_THERE_THEN'],
  }),
  /** Sets one field back to the value it had before the named operation. */
  restoreField: command({
    input: z.object({ collection: nounNameSchema, id: z.string().max(100), operationId: z.string().max(100), path: z.string().max(120) }),
    output: z.object({ operationId: z.string().nullable() }),
    errors: [...ruleErrors, 'PRIMARY_NEEDED'],
  }),
});
