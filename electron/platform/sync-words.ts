import path from 'node:path';
import type { SyncCommand } from './platform.ts';

/** The words of the command line that ask for a sync without a window. */
export const syncWords = {
  connect: { type: 'string' },
  'sync-once': { type: 'boolean' },
  compare: { type: 'boolean' },
  rehearse: { type: 'boolean' },
} as const;

/** Null where a window is wanted. */
export function syncCommandOf(values: {
  connect?: unknown;
  'sync-once'?: unknown;
  compare?: unknown;
  rehearse?: unknown;
}): SyncCommand | null {
  const { connect, 'sync-once': syncOnce, compare, rehearse } = values;
  const file = typeof connect === 'string' && connect !== '' ? path.resolve(connect) : null;
  if (file === null && syncOnce !== true && compare !== true && rehearse !== true) return null;
  return { connect: file, syncOnce: syncOnce === true, compare: compare === true, rehearse: rehearse === true };
}
