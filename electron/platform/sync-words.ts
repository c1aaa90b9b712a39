import path from 'node:path';
import type { SyncCommand } from './platform.ts';

/** The words of the command line that ask for a sync without a window. */
export const syncWords = { connect: { type: 'string' }, 'sync-once': { type: 'boolean' }, rehearse: { type: 'boolean' } } as const;

/** Null where a window is wanted. */
export function syncCommandOf(values: { connect?: unknown; 'sync-once'?: unknown; rehearse?: unknown }): SyncCommand | null {
  const { connect, 'sync-once': syncOnce, rehearse } = values;
  const file = typeof connect === 'string' && connect !== '' ? path.resolve(connect) : null;
  if (file === null && syncOnce !== true && rehearse !== true) return null;
  return { connect: file, syncOnce: syncOnce === true, rehearse: rehearse === true };
}
