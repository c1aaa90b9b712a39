import { z } from 'zod';
import type { SyncPart } from '../sync/sync-part.ts';

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
type SentOperation = z.output<typeof operationSchema>;

/**
 * An operation in this laptop's journal: one that a person or Fieldbook did here; what a sync brought (`sync`, which sets
 * records as they came); or one that was done on another laptop (`log`, which is history and changes no record: the records
 * come by themselves). The schema is of what travels: the last two kinds never do.
 */
export interface Operation extends Omit<SentOperation, 'kind'> {
  kind: SentOperation['kind'] | 'sync' | 'log';
  sync?: SyncPart | undefined;
  /** Of kind `log`: what the operation is where it was done. */
  log?: { kind: SentOperation['kind']; seq: number } | undefined;
}

/** Every kind that a journal or a backup may hold. */
export const journaledKinds = ['do', 'undo', 'redo', 'sync', 'log'] as const satisfies readonly Operation['kind'][];

/** Done on this laptop, by a person or by Fieldbook: sent to the server as it is. */
export function isOwn({ kind }: Pick<Operation, 'kind'>): boolean {
  return kind !== 'sync' && kind !== 'log';
}

const worker = 'outbox.worker.';

/** Name of what Fieldbook itself writes of an e-mail on its way. */
export function workerCommand(what: string): string {
  return `${worker}${what}`;
}

/** What a foreign server changed in this book: written by its remote under this name (electron/sync). */
export const remoteCommand = 'sync.';

/** Written by Fieldbook and not by a person: no undo takes back what has happened outside of the book. */
export function isWorkerCommand(command: string): boolean {
  return command.startsWith(worker) || command.startsWith(remoteCommand);
}

/** The operation as it was done, wherever that was. */
export function asDone(operation: Operation): Operation {
  const { log, ...own } = operation;
  return log === undefined ? operation : { ...own, kind: log.kind };
}
