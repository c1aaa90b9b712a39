import type { z } from 'zod';
import { type AnyRecord, fieldsOf, type NounName, nouns } from '../../shared/nouns/nouns.ts';
import { type RecordRules, recordRules } from '../../shared/nouns/record-rules.ts';
import { joinLines } from '../../shared/sync/join-lines.ts';
import type { MergeConflict, SyncedRecord } from '../../shared/sync/merge.ts';
import type { TakenIn } from '../../shared/sync/replica.ts';
import { newestStamp, stampOf } from '../../shared/sync/stamp.ts';
import type { SyncTurn } from '../domain/book.ts';
import { asStored } from '../domain/copies.ts';

export interface FoundConflict extends Omit<MergeConflict, 'kept'> {
  kept: MergeConflict['kept'] | 'both';
}

/** Whether a field is a long text that people write in lines. */
export function isLongText(noun: NounName, field: string): boolean {
  return fieldsOf(noun).some(({ path, kind, computed }) => path === field && kind === 'multiline' && computed !== true);
}

/**
 * Two people wrote in one long text: it gets the lines of both, as a change of this laptop that is later than either. The
 * conflict stays only where their lines met, and says that both stand.
 */
export function joinTexts(
  noun: NounName,
  mine: SyncedRecord,
  incoming: SyncedRecord,
  taken: TakenIn,
  turn: SyncTurn,
): { record: SyncedRecord; conflicts: FoundConflict[] } {
  let { mine: record } = taken.replica;
  let stamp: string | null = null;
  const conflicts = taken.conflicts.flatMap((conflict): FoundConflict[] => {
    const { field, base, mine: own, theirs } = conflict;
    if (!isLongText(noun, field) || base === undefined || typeof own !== 'string' || typeof theirs !== 'string') return [conflict];
    const isOwnLater = (stampOf(mine.stamps, field) ?? '') > (stampOf(incoming.stamps, field) ?? '');
    const [first, second] = isOwnLater ? [theirs, own] : [own, theirs];
    const joined = joinLines(typeof base === 'string' ? base : '', first, second);
    if (joined === null || !takes(noun, [incoming, record], { [field]: joined.text })) return [conflict];
    if (joined.text !== record[field]) {
      stamp ??= turn.stampAfter(newestStamp(record.stamps));
      record = { ...record, [field]: joined.text, stamps: { ...record.stamps, [field]: stamp } };
    }
    return joined.haveMet ? [{ ...conflict, kept: 'both' }] : [];
  });
  return { record, conflicts };
}

/** Whether the records may be changed so: an e-mail that was sent keeps its text, and no text is longer than its field. */
function takes(noun: NounName, records: readonly SyncedRecord[], fields: Record<string, unknown>): boolean {
  const { keeps } = recordRules[noun] as RecordRules<AnyRecord>;
  return records.every(
    (record) =>
      (keeps?.(asStored(record), fields as Partial<AnyRecord>, 'step') ?? null) === null &&
      (nouns[noun].schema as z.ZodType<object>).safeParse({ ...record, ...fields }).success,
  );
}
