import { z } from 'zod';
import { command, defineContract, query } from './contract.ts';
import { wordsSchema } from '../words/words-schema.ts';

/** Backups of the whole book, taking it elsewhere and back, and the check of all it consists of. */
export const backupReasons = {
  manual: 'Made by hand',
  changed: 'After changes',
  quit: 'On closing',
  upgrade: 'Before an upgrade',
  import: 'Before an import',
  restore: 'Before a restore',
} as const;
export type BackupReason = keyof typeof backupReasons;

/**
 * verified: read back after writing, every checksum right; tested: also restored into memory and counted; incomplete: every record is
 * there, part of the history it shares with other backups is not.
 */
export const backupStates = ['unverified', 'verified', 'tested', 'incomplete', 'damaged'] as const;

export const backupSchema = z.object({
  /** File name in the folder of backups. */
  name: z.string(),
  madeAt: z.string(),
  reason: z.enum(['manual', 'changed', 'quit', 'upgrade', 'import', 'restore']),
  bytes: z.number().int(),
  /** Records in it, all collections together. */
  records: z.number().int(),
  state: z.enum(backupStates),
});
export type Backup = z.output<typeof backupSchema>;

export const safetyJobSchema = z.object({
  id: z.string(),
  kind: z.enum(['backup', 'export', 'restore', 'import', 'check']),
  /** What it is doing now, or how it ended. */
  step: wordsSchema,
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  done: z.number().int(),
  /** 0 while it is not known. */
  total: z.number().int(),
  secondsLeft: z.number().nullable(),
  /** The export, to be saved with `crm.files.save`. */
  file: z.object({ fileId: z.string(), fileName: z.string() }).nullable(),
  problem: wordsSchema.nullable(),
});
export type SafetyJob = z.output<typeof safetyJobSchema>;

export const archiveFactsSchema = z.object({
  madeAt: z.string(),
  appVersion: z.string(),
  counts: z.record(z.string(), z.number().int()),
  operations: z.number().int(),
  /** Of these, how many are in pieces of history that are not there, or not as they were written. */
  lost: z.number().int(),
});
export type ArchiveFacts = z.output<typeof archiveFactsSchema>;

const archivePlace = z.union([z.strictObject({ backup: z.string().max(200) }), z.strictObject({ fileId: z.string().max(100) })]);
export type ArchivePlace = z.output<typeof archivePlace>;

export const findingSchema = z.object({
  id: z.string(),
  level: z.enum(['error', 'warning']),
  /** What is wrong. */
  text: wordsSchema,
  /** The record it is about, where there is one. */
  record: z.object({ collection: z.string(), id: z.string(), title: z.string() }).nullable(),
  /** What Mend would do; null where a person must decide. */
  mend: wordsSchema.nullable(),
});
export type Finding = z.output<typeof findingSchema>;

export const checkReportSchema = z.object({
  checkedAt: z.string(),
  /** What was looked at, and how much of it. */
  looked: z.array(z.object({ what: z.string(), count: z.number().int() })),
  /** At most 500; `total` counts all. */
  findings: z.array(findingSchema),
  total: z.number().int(),
});
export type CheckReport = z.output<typeof checkReportSchema>;

const archiveErrors = ['ARCHIVE_UNKNOWN', 'ARCHIVE_NEWER', 'ARCHIVE_DAMAGED', 'ARCHIVE_GONE', 'FILE_GONE'] as const;

export const safetyContract = defineContract('safety', {
  /** Newest backup first; the job is the one that runs, or the last one. */
  state: query({
    input: z.object({}),
    output: z.object({
      folder: z.string(),
      backups: z.array(backupSchema),
      /** True when something changed since the newest backup. */
      isDue: z.boolean(),
      job: safetyJobSchema.nullable(),
      report: checkReportSchema.nullable(),
    }),
  }),
  backUp: command({ input: z.object({}), output: safetyJobSchema, errors: ['SAFETY_BUSY'] }),
  /** Makes the whole book one file. It holds banking data and is not locked. */
  exportBook: command({ input: z.object({}), output: safetyJobSchema, errors: ['SAFETY_BUSY'] }),
  /** What is in a backup, or in a file that was taken in. */
  look: query({ input: archivePlace, output: archiveFactsSchema, errors: archiveErrors }),
  /**
   * Puts the book of a backup, or of a file, in the place of this one, which is backed up before. Until it is there
   * nothing can be changed; an end in the middle leaves the book as it was, or as it will be.
   */
  restore: command({ input: archivePlace, output: safetyJobSchema, errors: ['SAFETY_BUSY', ...archiveErrors] }),
  /** Stops the running job; a restore only until it takes its place. */
  cancel: command({ input: z.object({}), output: z.object({}) }),
  check: command({ input: z.object({}), output: safetyJobSchema, errors: ['SAFETY_BUSY'] }),
  /** Mends findings of the last check in one step of the history, which Undo takes back as far as the rules of the records allow. */
  mend: command({
    input: z.object({ ids: z.array(z.string().max(300)).min(1).max(500) }),
    output: z.object({ mended: z.number().int(), left: z.number().int() }),
    errors: ['SAFETY_BUSY'],
  }),
});
