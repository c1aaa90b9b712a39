import { z } from 'zod';

/** What screens are told of the servers of a book, and ask of them. Secret texts are masked in all of it. */

const idSchema = z.string().min(1).max(100);
const counts = z.object({ created: z.int(), changed: z.int(), deleted: z.int() });

/** A record as a list names it. */
const namedRecord = {
  collection: z.string(),
  recordId: z.string(),
  /** What it is called now; null where it is not in the book any more. */
  title: z.string().nullable(),
};

const sideSchema = z.object({ value: z.unknown(), by: z.string(), at: z.string() });
export const conflictViewSchema = z.object({
  id: z.string(),
  ...namedRecord,
  /** A top-level field; `deletedAt` where one side deleted what the other one changed: the record is back since. */
  field: z.string(),
  /** What the field is called on screen. */
  label: z.string(),
  /** The system it is about, as people call it; absent for our own server. */
  system: z.string().optional(),
  base: z.object({ value: z.unknown() }).nullable(),
  mine: sideSchema,
  theirs: sideSchema,
  /** What stands in the record now. `both`: a long text with the lines of both sides. */
  kept: z.enum(['mine', 'theirs', 'both']),
  /** What the record has in the field at this moment. */
  now: z.unknown(),
  at: z.string(),
});
export type ConflictView = z.output<typeof conflictViewSchema>;

export const refusedViewSchema = z.object({
  /** What `dismiss` takes. */
  id: z.string(),
  /** refused: it is in the book, and the server does not take it. unkept: it is at a system, and the book does not take it. setAside: it is not in the book any more, and kept here. history: a step that is missing in the history of others. */
  kind: z.enum(['refused', 'unkept', 'setAside', 'history']),
  ...namedRecord,
  /** Null for what is not in the book yet. */
  recordId: z.string().nullable(),
  code: z.string(),
  field: z.string().nullable(),
  /** A sentence that says what to do. */
  message: z.string(),
  /** The system it is about, as people call it; absent for our own server. */
  system: z.string().optional(),
  at: z.string(),
});
export type RefusedView = z.output<typeof refusedViewSchema>;

/** A system that is not as it was: most of it is gone, or it answers in other words. Nothing is sent or removed before a person says that it is right. */
export const stopViewSchema = z.object({
  remoteId: z.string(),
  system: z.string(),
  kind: z.enum(['emptied', 'shrunken', 'edition']),
  message: z.string(),
});
export type StopView = z.output<typeof stopViewSchema>;

export const needsSchema = z.object({
  conflicts: z.array(conflictViewSchema),
  refused: z.array(refusedViewSchema),
  /** Deletions that wait for a word because they are many, by collection; null where none do. */
  heldDeletions: z.record(z.string(), z.int()).nullable(),
  /** Systems that stopped and ask. */
  stopped: z.array(stopViewSchema),
});
export type SyncNeeds = z.output<typeof needsSchema>;

/** How a conflict is answered: with one side's value, with what stands now, or a long text with the lines of both. */
export const settleChoiceSchema = z.strictObject({ id: z.string().min(1).max(300), take: z.enum(['mine', 'theirs', 'both', 'asItIs']) });
export type SettleChoice = z.output<typeof settleChoiceSchema>;
export const settleSchema = z.strictObject({ choices: z.array(settleChoiceSchema).min(1).max(500) });
export const dismissSchema = z.strictObject({ ids: z.array(z.string().min(1).max(300)).min(1).max(500) });

export const waitingViewSchema = z.object({
  ...namedRecord,
  what: z.enum(['created', 'changed', 'deleted']),
  /** Top-level fields that differ from what the server has; empty for a record that it never had. */
  fields: z.array(z.string()),
  since: z.string(),
  /** Null for one that only has not been sent yet; else why it cannot be, in a sentence. */
  reason: z.string().nullable(),
});
export type WaitingView = z.output<typeof waitingViewSchema>;
export const waitingPageSchema = z.object({ total: z.int(), items: z.array(waitingViewSchema) });
export const pageSchema = z.strictObject({ offset: z.int().min(0).max(10_000_000).default(0), limit: z.int().min(1).max(200).default(50) });

export const receiptViewSchema = z.object({
  id: z.string(),
  /** When it ended. */
  at: z.string(),
  ms: z.int(),
  remoteId: z.string(),
  kind: z.string(),
  url: z.string(),
  state: z.enum(['synced', 'waits', 'failed', 'rehearsed']),
  sent: counts,
  received: counts,
  merged: z.int(),
  conflicts: z.int(),
  refused: z.int(),
  waiting: z.int(),
  requests: z.int(),
  bytes: z.int(),
  problem: z.string().nullable(),
  /** Where every record was held against the server: how many, how many differed and were put right, and how many were left. */
  compared: z.object({ records: z.int(), mended: z.int(), left: z.int() }).nullable().default(null),
  /** Records it was about, 500 at most. */
  records: z.array(
    z.object({
      ...namedRecord,
      recordId: z.string().nullable(),
      how: z.enum(['sent', 'received', 'merged', 'refused', 'waits']),
      /** Why, where it was refused or waits. */
      reason: z.string().nullable().default(null),
    }),
  ),
  /** Records beyond those. */
  moreRecords: z.int().default(0),
});
export type ReceiptView = z.output<typeof receiptViewSchema>;
export const receiptPageSchema = z.object({ total: z.int(), items: z.array(receiptViewSchema) });
export const receiptQuerySchema = pageSchema.extend({
  /** Part of a record's name, of the address, or of the problem. */
  search: z.string().max(200).default(''),
});

export const remoteViewSchema = z.object({
  id: z.string(),
  kind: z.string(),
  url: z.string(),
  account: z.string().nullable(),
  direction: z.enum(['both', 'read', 'write']),
  connectedAt: z.string(),
  waiting: z.int(),
  /** The last sync since Fieldbook was started; null before the first. */
  last: receiptViewSchema.nullable(),
});
export type RemoteView = z.output<typeof remoteViewSchema>;

export const syncPageStateSchema = z.object({
  remotes: z.array(remoteViewSchema),
  /** "Work offline": nothing is sent or asked until it is switched off. */
  isOffline: z.boolean(),
  isSyncing: z.boolean(),
  isRehearsing: z.boolean(),
  /** What is under way: rows taken in or sent so far, and how long it has taken. Null while nothing is. */
  progress: z.object({ received: z.int(), sent: z.int(), ms: z.int() }).nullable(),
  /** Records held against the server so far, of how many; null while no comparison runs. */
  comparing: z.object({ records: z.int(), of: z.int() }).nullable(),
  /** What the last comparison found, or why there was none, in a sentence. */
  compared: z.object({ at: z.string(), says: z.string() }).nullable(),
  /** Whether a server of this book can be compared with. */
  canCompare: z.boolean(),
  /** When the next sync begins by itself; null where none will. */
  nextAt: z.string().nullable(),
  /** The newest rehearsal, one a remote; empty before the first. */
  rehearsal: z.array(receiptViewSchema),
});
export type SyncPageState = z.output<typeof syncPageStateSchema>;

export const disconnectSchema = z.strictObject({
  remoteId: idSchema,
  /**
   * What becomes of the book. `keep`: all of it stays on this laptop, also what is not sent. `remove`: what the server has
   * leaves this laptop; refused with UNSENT_WORK while anything waits, unless `unsent` says that it stays here.
   */
  book: z.enum(['keep', 'remove']),
  unsent: z.enum(['refuse', 'stays']).default('refuse'),
});
export type DisconnectInput = z.output<typeof disconnectSchema>;
