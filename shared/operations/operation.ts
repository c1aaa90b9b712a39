import { z } from 'zod';

/**
 * The append-only log of everything that was done to the book. It carries undo and redo, history, "what waits to be
 * sent" and conflict bases (domain model, "Collections"). An operation is atomic because it is replayed whole.
 */
export const changeSchema = z.object({
  collection: z.string(),
  id: z.string(),
  /** Values of the changed top-level fields before; null when the operation made the record. */
  before: z.record(z.string(), z.unknown()).nullable(),
  /**
   * Values of the changed top-level fields afterwards. For a made record: every field that differs from the blank
   * record of its noun (shared/nouns/nouns.ts). Deleting sets `deletedAt`; no record is ever taken away.
   * `updatedAt` and `updatedBy` are not listed: they follow from the operation's `at` and `actor`.
   */
  after: z.record(z.string(), z.unknown()),
});
export type Change = z.output<typeof changeSchema>;

export const operationSchema = z.object({
  id: z.string(),
  /** Counts up by one on this device, without gaps: a gap in the journal means damage. */
  seq: z.number().int().positive(),
  deviceId: z.string(),
  actor: z.string(),
  at: z.string(),
  /** Stamp of every field this operation changes (shared/sync/stamp.ts). */
  stamp: z.string(),
  /** The contract's method, "clients.change"; for an undo or redo the method it takes back or does again. */
  command: z.string(),
  kind: z.enum(['do', 'undo', 'redo']),
  /** Operations of one import (or another long job) share a group and are undone together. */
  group: z.string().nullable(),
  /** For an undo or redo: the operation id, or group id, that it takes back or does again. */
  target: z.string().nullable(),
  changes: z.array(changeSchema),
});
export type Operation = z.output<typeof operationSchema>;

const worker = 'outbox.worker.';

/** Name of what Fieldbook itself writes of an e-mail on its way. */
export function workerCommand(what: string): string {
  return `${worker}${what}`;
}

/** Written by Fieldbook and not by a person: no undo takes back what has happened outside of the book. */
export function isWorkerCommand(command: string): boolean {
  return command.startsWith(worker);
}
