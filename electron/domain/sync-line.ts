import type { NounName } from '../../shared/nouns/nouns.ts';
import type { Copy, SyncPart } from '../../shared/sync/sync-part.ts';
import type { Checkpoint, SyncCollection } from '../../shared/sync/wire.ts';

/** What is known of the servers as it is kept in a checkpoint, one value a line. */
export type SyncLine =
  | ['on']
  | ['base' | 'before', NounName, string, number, 0 | 1 | Copy]
  | ['checkpoint', SyncCollection, Checkpoint]
  | ['part', SyncPart]
  | ['own', number]
  | ['dropped', number]
  | ['memory', string, string, unknown];
