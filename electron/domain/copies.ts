import type { NounName } from '../../shared/nouns/nouns.ts';
import { isSame } from '../../shared/lib/equal.ts';
import { bookkeeping, sharedBlank } from '../../shared/operations/apply-operation.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import type { SyncedRecord } from '../../shared/sync/merge.ts';
import type { Copy, CopyHead } from '../../shared/sync/sync-part.ts';

/** Records as synced ones and back: the same objects, told to the compiler in one place. */
export const asSynced = (record: StoredRecord) => record as unknown as SyncedRecord; // a stored record has its stamps
export const asStored = (record: SyncedRecord) => record as unknown as StoredRecord; // its noun's schema held it when it came

export function headOf(record: SyncedRecord): CopyHead {
  const { createdAt, createdBy, updatedAt, updatedBy, stamps } = record as unknown as StoredRecord; // a synced record has them
  return { createdAt, createdBy, updatedAt, updatedBy, stamps };
}

/** A copy of a record as it is journaled: most fields of most records are blank. */
export function copyFrom(noun: NounName, record: SyncedRecord): Copy {
  const blank = sharedBlank(noun);
  const fields: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(record)) if (!bookkeeping.has(field) && !isSame(value, blank[field])) fields[field] = value;
  return { head: headOf(record), fields };
}

export function recordFromCopy(noun: NounName, id: string, { head, fields }: Copy): SyncedRecord {
  return { id, ...sharedBlank(noun), ...fields, ...head };
}
