import type { NounName } from '../../shared/nouns/nouns.ts';
import { isNounName } from '../../shared/operations/apply-operation.ts';
import type { Operation } from '../../shared/operations/operation.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import type { Replica } from '../../shared/sync/replica.ts';
import { newestStamp, type Stamp } from '../../shared/sync/stamp.ts';
import type { SyncPart } from '../../shared/sync/sync-part.ts';
import { asSynced, recordFromCopy } from './copies.ts';

/** The copy of a record that the server was last known to have, as of its number `seq`; `before`, where it may have it no more. */
export type Base = Pick<Replica, 'base' | 'seq' | 'before'>;

export type RecordOf = (noun: NounName, id: string) => StoredRecord | undefined;

/** What an operation changes of the state, with every copy in full: worked out where the operation was planned, or is read. */
export interface SyncEffect {
  bases: { noun: NounName; id: string; base: Base | null }[];
  part: SyncPart;
}

/** Nothing is known of a copy that the server has. */
export const unknown: Base = { base: null, seq: 0 };

/** Where replay ends in another record than was there when the line was written (damage), nothing is known of the server's copy. */
function sameAs(noun: NounName, id: string, stamp: Stamp, of: RecordOf, seq: number): Base {
  const record = of(noun, id);
  return record !== undefined && newestStamp(record.stamps) === stamp ? { base: asSynced(record), seq } : unknown;
}

export function effectOf(operation: Operation, of: RecordOf): SyncEffect | null {
  const part = operation.sync;
  if (part === undefined) return null;
  const effect: SyncEffect = { part, bases: [] };
  for (const [at, { head, base, seq }] of (part.rows ?? []).entries()) {
    const change = operation.changes[at];
    if (change === undefined || !isNounName(change.collection)) continue;
    const { collection: noun, id } = change;
    const known =
      base === 'same'
        ? sameAs(noun, id, newestStamp(head.stamps), of, seq)
        : { base: base === null ? null : recordFromCopy(noun, id, base), seq };
    effect.bases.push({ noun, id, base: known });
  }
  for (const { collection, id, base, seq } of part.bases ?? []) {
    if (!isNounName(collection)) continue;
    const known =
      base !== null && 'same' in base
        ? sameAs(collection, id, base.same, of, seq)
        : { base: base === null ? null : recordFromCopy(collection, id, base), seq };
    effect.bases.push({ noun: collection, id, base: known });
  }
  return effect;
}
