import type { CrmEvents } from '../../../shared/contracts/api.ts';
import type { Result } from '../../../shared/lib/result.ts';

/** What goes over the bridge socket, one JSON object a message. */
export type FromPage =
  | { kind: 'call'; id: number; method: string; input: unknown }
  /** A link that leaves the book: main opens it in the person's own browser. */
  | { kind: 'open'; url: string };

export type ToPage =
  /** First message. A page of another build reloads itself. `opensLinks`: links go through main, because this browser is only our window. */
  | { kind: 'hello'; build: string; opensLinks: boolean }
  | { kind: 'answer'; id: number; result: Result<unknown> }
  | { kind: 'event'; event: keyof CrmEvents; data: unknown }
  /** Start a fresh storage worker under this number, and end the one before. */
  | { kind: 'storage'; worker: number };

export const BRIDGE_PATH = '/bridge';
export const STORAGE_PATH = '/storage';
/** First message to a storage worker: from now on it hosts the storage, and all messages are the storage channel's own. */
export const USE_STORAGE = 'use';
