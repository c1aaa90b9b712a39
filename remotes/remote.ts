import { z } from 'zod';
import { dialectNames } from '../shared/dialects/foreign-systems.ts';
import type { NounName } from '../shared/nouns/nouns.ts';

/** What is said of every server that a book is kept equal with, our own or a foreign one: how it is connected, and what a sync did. */
export const remoteKinds = ['fieldbook', ...dialectNames] as const;
export type RemoteKind = (typeof remoteKinds)[number];

const fromEnvironment = z
  .string()
  .regex(/^env:[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'Name an environment variable, for example "env:FIELDBOOK_PASSWORD"');

/** The file of `--connect`. Secrets are never in it: it names the environment variables that have them. */
export const connectFileSchema = z.strictObject({
  kind: z.enum(remoteKinds),
  url: z.url({ protocol: /^https?$/ }).max(2000),
  /** Needed where one sign-in opens several organisations. */
  organisation: z.string().min(1).max(200).optional(),
  signIn: z.union([
    z.strictObject({ email: z.string().min(1).max(254), passwordFrom: fromEnvironment }),
    z.strictObject({ tokenFrom: fromEnvironment }),
    z.strictObject({ email: z.string().min(1).max(254), passwordFrom: fromEnvironment, sessionFrom: z.literal('signIn') }),
    z.strictObject({ sessionFrom: fromEnvironment }),
  ]),
  direction: z.enum(['both', 'read', 'write']).default('both'),
});
export type ConnectFile = z.output<typeof connectFileSchema>;

/** The same with the secrets read from the environment, or typed on the Connecting screen. */
export const connectRequestSchema = z.object({
  kind: z.enum(remoteKinds),
  url: z.string(),
  organisation: z.string().nullable(),
  signIn: z.union([
    z.object({ email: z.string(), password: z.string(), isSession: z.boolean() }),
    z.object({ token: z.string() }),
    z.object({ session: z.string() }),
  ]),
  direction: z.enum(['both', 'read', 'write']),
});
export type ConnectRequest = z.output<typeof connectRequestSchema>;
export type Direction = ConnectRequest['direction'];

/** What is kept of a remote, in `remotes.json` of the data folder; its secrets lie sealed beside it (`remote-store.ts`). */
export interface KeptRemote {
  /** Made here; names the remote in the journal and in the memory it keeps. */
  id: string;
  kind: RemoteKind;
  /** Without a slash at its end. */
  url: string;
  /** The organisation's id or name there; null where the server has only one. */
  organisation: string | null;
  /** Who signed in there, as they are called; null where that is not known. */
  account: string | null;
  direction: Direction;
  connectedAt: string;
  /** What the adapter decided while connecting (API version, capabilities): never a secret. */
  settings: Record<string, unknown>;
}

const counts = z.object({ created: z.int(), changed: z.int(), deleted: z.int() });
/**
 * What one sync did, or with `--rehearse` would do. `sent` counts what the server has acknowledged, `received` what is in the
 * journal here; nothing is counted that a kill at this moment would undo.
 */
export const remoteReceiptSchema = z.object({
  kind: z.enum(remoteKinds),
  url: z.string(),
  /** waits: all went well and something needs a person (a conflict, a refusal). failed: `problem` says why, what was done stays done. */
  state: z.enum(['synced', 'waits', 'failed', 'rehearsed']),
  sent: counts,
  received: counts,
  /** Records in which changes of both sides met and were put together. */
  merged: z.int(),
  /** Fields that both sides changed and somebody should look at: all that are open, not only new ones. */
  conflicts: z.int(),
  /** Changes the server refused: all that are open. */
  refused: z.int(),
  /** Changes that are not on the server, of the records themselves counted after the sync. */
  waiting: z.int(),
  requests: z.int(),
  bytes: z.int(),
  /** One sentence that says what to do, with state failed or waits; with synced where the clock of this computer is wrong. */
  problem: z.string().optional(),
  /**
   * With state failed: it may pass by itself. Not before so many milliseconds, where the server said so; `isOffline` where
   * nothing answered at all.
   */
  passes: z.object({ afterMs: z.number().nullable(), isOffline: z.boolean() }).optional(),
  /** Where the book was held against the server record by record: how many were, how many differed and were put right, how many are left. */
  compared: z.object({ records: z.int(), mended: z.int(), left: z.int() }).optional(),
});
/** One record of a sync; `waits`: it is done at another time, or was done otherwise, for the reason that is said. */
export interface ReceiptRecord {
  collection: string;
  /** Null for one that is not in the book yet. */
  recordId: string | null;
  title: string;
  how: 'sent' | 'received' | 'merged' | 'refused' | 'waits';
  reason: string | null;
}
/** A field that stays in the book, of how many records, and why. */
export interface StaysCount {
  noun: NounName;
  field: string;
  records: number;
  says: string;
}
export type RemoteReceipt = z.output<typeof remoteReceiptSchema> & {
  /** Record by record, where the kind of server tells so. */
  records?: ReceiptRecord[];
  /** Fields that the system does not store, of the records it has or would get. */
  stays?: StaysCount[];
};

export const noneCounted = () => ({ created: 0, changed: 0, deleted: 0 });

export interface WaitingChange {
  collection: string;
  id: string;
  /** When the oldest part of it was changed, as an instant. */
  since: string;
  /** Null for one that only has not been sent yet; else why it cannot be, in a sentence. */
  reason: string | null;
}
