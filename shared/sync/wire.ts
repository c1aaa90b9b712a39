import { z } from 'zod';
import { type NounName, nounNames } from '../nouns/nouns.ts';
import { operationSchema } from '../operations/operation.ts';
import { rowProblems, type RowProblemCode } from './row-check.ts';

/** What laptops and the server say to each other, message by message (docs/sync-protocol.md). */

/**
 * The version of the records' shape. It grows with every release that adds a field or a noun, and each side takes in
 * what is one version older or newer: fields it does not know are kept and sent back as they came.
 */
export const schemaVersion = 1;
export const schemaHeader = 'fieldbook-schema';

export const syncCollections = [...nounNames, 'operations'] as const;
export type SyncCollection = NounName | 'operations';

export const limits = {
  /** Rows of one push, and its bytes; a row that is larger goes alone. */
  pushRows: 200,
  pushBytes: 1024 * 1024,
  rowBytes: 8 * 1024 * 1024,
  /** Rows of one page. */
  pullRows: 1_000,
  chunkBytes: 4 * 1024 * 1024,
} as const;

/** Records of one answer of digests, and ids of one request for records. */
export const compareLimits = { digestRows: 1_000, askedIds: 200 } as const;

const collectionSchema = z.enum(syncCollections as unknown as [SyncCollection, ...SyncCollection[]]);
const stampsSchema = z.record(z.string().max(700), z.string().max(200));

/** A record as it travels. Which fields it has is said by its noun (shared/nouns), and more may come with a later version. */
const recordSchema = z.looseObject({
  id: z.string().min(1).max(100),
  createdAt: z.string(),
  createdBy: z.string(),
  updatedAt: z.string(),
  updatedBy: z.string(),
  deletedAt: z.string().nullable(),
  stamps: stampsSchema,
});
const operationRecordSchema = z.looseObject(operationSchema.shape);

/** Where a device has got to in one collection. It is the server's: keep it and give it back as it is. */
export const checkpointSchema = z.strictObject({
  /** Another one after a backup was restored: what was known of the server is not true any more. */
  epoch: z.string().min(1).max(100),
  /** Every change up to this one is on the device. */
  seq: z.int().min(0),
  /** As of this one the device had nothing, or exactly what its person saw: where it began at the beginning, or last had everything. */
  from: z.int().min(0),
  /** What the person may see: another one after their role or their teams changed. */
  view: z.string().min(1).max(100),
});
export type Checkpoint = z.output<typeof checkpointSchema>;

export const pullRequestSchema = z.strictObject({
  collection: collectionSchema,
  /** Null to begin at the beginning. */
  checkpoint: checkpointSchema.nullable(),
  limit: z.int().min(1).max(limits.pullRows),
});
export type PullRequest = z.output<typeof pullRequestSchema>;

const pulledRowSchema = z.union([
  z.strictObject({ seq: z.int(), record: z.union([recordSchema, operationRecordSchema]) }),
  z.strictObject({ seq: z.int(), gone: z.string().describe('The id of a record that the person does not see any more.') }),
]);
export const pullAnswerSchema = z.strictObject({
  rows: z.array(pulledRowSchema).describe('In order of seq. A record stands in its newest form only, also a deleted one.'),
  checkpoint: checkpointSchema,
  more: z.boolean().describe('False when the device has everything there is.'),
  serverTime: z.iso.datetime(),
});
export type PullAnswer = z.output<typeof pullAnswerSchema>;
export type PulledRow = z.output<typeof pulledRowSchema>;

const nounSchema = z.enum(nounNames as unknown as [NounName, ...NounName[]]); // an enum wants at least one: there are nouns
// No database takes the character NUL, and no record has it.
const partOfId = z
  .string()
  .max(100)
  .regex(/^[^\u0000]*$/);
const idSchema = partOfId.min(1);

export const digestRequestSchema = z.strictObject({
  collection: nounSchema,
  checkpoint: checkpointSchema,
  after: partOfId.describe('Of ids greater than this one, byte by byte; empty to begin at the beginning.'),
  to: idSchema.nullable().describe('Up to this id; null up to the end.'),
  size: z.int().min(1).max(compareLimits.digestRows).describe('Records of one range: all that one answer can be about, or down to one.'),
});
export type DigestRequest = z.output<typeof digestRequestSchema>;

export const digestAnswerSchema = z.strictObject({
  ranges: z
    .array(z.strictObject({ to: idSchema.describe('The last id of the range.'), count: z.int().min(1), digest: z.string().max(100) }))
    .max(compareLimits.digestRows)
    .describe('One after the other, in the order of ids: what the person sees between the end of one and the next.'),
  upTo: idSchema.nullable().describe('How far this answer goes: where it is less than was asked for, ask on from there.'),
});
export type DigestAnswer = z.output<typeof digestAnswerSchema>;

export const recordsRequestSchema = z.strictObject({
  collection: nounSchema,
  checkpoint: checkpointSchema,
  ids: z.array(idSchema).min(1).max(compareLimits.askedIds),
});
export type RecordsRequest = z.output<typeof recordsRequestSchema>;

export const recordsAnswerSchema = z.strictObject({
  rows: z
    .array(
      z.union([
        z.strictObject({ seq: z.int(), record: recordSchema }),
        z.strictObject({ gone: z.string().describe('It is there, and not for this person to see.') }),
        z.strictObject({ unknown: z.string().describe('The server never had it, or has forgotten that it was deleted.') }),
      ]),
    )
    .describe('One for each id, in their order; fewer where they are large: ask for the others again.'),
  seq: z.int().min(0).describe('The number as of which this is so.'),
});
export type RecordsAnswer = z.output<typeof recordsAnswerSchema>;

export const pushedRowSchema = z.strictObject({
  collection: collectionSchema,
  assumed: stampsSchema
    .nullable()
    .describe('The stamps of the server’s copy that the record was made from; null for one that the server was never known to have.'),
  record: z.looseObject({ id: z.string().min(1).max(100) }),
});
export type PushedRow = z.output<typeof pushedRowSchema>;

export const pushRequestSchema = z.strictObject({
  batchId: z
    .string()
    .regex(/^[\w-]{8,100}$/)
    .describe('Made by the device; the same for the same rows sent again.'),
  epoch: z.string().min(1).max(100),
  seen: z.int().min(0).describe('The least of seq and from (the greater of the two) of the device’s checkpoints.'),
  rows: z.array(pushedRowSchema).min(1).max(limits.pushRows),
  confirmedDeletions: z.int().min(0).optional().describe('How many deletions a person confirmed, where these are many.'),
});
export type PushRequest = z.output<typeof pushRequestSchema>;

const problemCodes = Object.keys(rowProblems) as [RowProblemCode, ...RowProblemCode[]];
const asOfSchema = z.int().min(0).describe('The number of the last change before: as of which this is so. Later ones come with a pull.');
export const verdictSchema = z.discriminatedUnion('verdict', [
  z.strictObject({
    id: z.string(),
    verdict: z.literal('ok'),
    seq: asOfSchema,
    missingFile: z.string().optional().describe('The sha256 that the record names and the server does not have yet.'),
  }),
  z.strictObject({
    id: z.string(),
    verdict: z.literal('conflict'),
    seq: asOfSchema,
    current: recordSchema.nullable().describe('The server’s copy; null where it has none.'),
  }),
  z.strictObject({
    id: z.string(),
    verdict: z.literal('rejected'),
    code: z.enum(problemCodes),
    field: z.string().nullable(),
    message: z.string(),
  }),
]);
export type Verdict = z.output<typeof verdictSchema>;

export const pushAnswerSchema = z.strictObject({
  verdicts: z.array(verdictSchema).describe('One for each row, in the order of the rows.'),
  serverTime: z.iso.datetime(),
});
export type PushAnswer = z.output<typeof pushAnswerSchema>;

export const helloSchema = z.strictObject({
  organisationId: z.uuid(),
  userId: z.string(),
  role: z.enum(['admin', 'manager', 'member']),
  schema: z.strictObject({ current: z.int(), oldest: z.int(), newest: z.int() }),
  epoch: z.string(),
  seq: z.int().describe('The number of the organisation’s last change.'),
  limits: z.strictObject({
    pushRows: z.int(),
    pushBytes: z.int(),
    rowBytes: z.int(),
    pullRows: z.int(),
    chunkBytes: z.int(),
    fileBytes: z.int(),
  }),
  serverTime: z.iso.datetime(),
});
export type Hello = z.output<typeof helloSchema>;

/** Why a device has to pull from the beginning, and what of its own it may drop then (docs/sync-protocol.md). */
export const resyncReasons = ['restored', 'ahead', 'too_old', 'view_changed'] as const;
export type ResyncReason = (typeof resyncReasons)[number];

/** Every refusal of a whole request, with its status. */
export const syncErrors = {
  invalid_request: 400,
  unreadable: 400,
  server_too_old: 400,
  not_signed_in: 401,
  not_found: 404,
  batch_reused: 409,
  mass_delete: 409,
  offset_mismatch: 409,
  resync_required: 410,
  file_gone: 410,
  too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  hash_mismatch: 422,
  client_too_old: 426,
  too_many: 429,
  unexpected: 500,
  busy: 503,
  disk_full: 507,
  quota_exceeded: 507,
} as const;
export type SyncErrorCode = keyof typeof syncErrors;

export const syncErrorSchema = z.looseObject({
  code: z.enum(Object.keys(syncErrors) as [SyncErrorCode, ...SyncErrorCode[]]),
  message: z.string(),
  reason: z.enum(resyncReasons).optional().describe('With resync_required.'),
  offset: z.int().optional().describe('With offset_mismatch: how much of the file the server has.'),
  deletions: z.record(z.string(), z.int()).optional().describe('With mass_delete: how many records of each collection.'),
  oldest: z.int().optional().describe('With client_too_old and server_too_old: the schema versions that are served.'),
  newest: z.int().optional(),
});
export type SyncError = z.output<typeof syncErrorSchema>;
