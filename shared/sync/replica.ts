import { partStampsOf, putStamps, stateOf } from './field-state.ts';
import { hasSameStamps, type MergeConflict, mergeRecords, type SyncedRecord } from './merge.ts';
import { isAhead } from './row-check.ts';
import type { Stamp, Stamps } from './stamp.ts';

/**
 * What a device keeps of one record: its own copy, and the copy it last knew the server to have. What differs between
 * the two waits to be sent; nothing else has to be remembered, so a lost answer, a restart or a repeated request loses
 * nothing.
 */
export interface Replica {
  mine: SyncedRecord;
  /** Null for a record that the server was never known to have. */
  base: SyncedRecord | null;
}

export interface TakenIn {
  replica: Replica;
  conflicts: MergeConflict[];
  wasDeletedMeanwhile: boolean;
}

export function waits({ mine, base }: Replica): boolean {
  return base === null || !hasSameStamps(mine, base);
}

/** What to send of a record that waits. */
export function rowToPush({ mine, base }: Replica): { assumed: Stamps | null; record: SyncedRecord } {
  return { assumed: base?.stamps ?? null, record: mine };
}

/** Takes in the server's copy, from a pull or from a conflict. An older one than is known changes nothing. */
export function takeIn(replica: Replica | null, incoming: SyncedRecord): TakenIn {
  if (replica === null) return { replica: { mine: incoming, base: incoming }, conflicts: [], wasDeletedMeanwhile: false };
  const { mine, base } = replica;
  const known = base === null ? incoming : mergeRecords(null, base, incoming).record;
  if (!waits(replica)) return { replica: { mine: known, base: known }, conflicts: [], wasDeletedMeanwhile: false };
  const { record, conflicts, wasDeletedMeanwhile } = mergeRecords(base, mine, incoming);
  return { replica: { mine: record, base: known }, conflicts, wasDeletedMeanwhile };
}

/** The server has what was sent. What was changed since the sending still waits. */
export function accepted(replica: Replica, sent: SyncedRecord): Replica {
  const base = replica.base === null ? sent : mergeRecords(null, replica.base, sent).record;
  return { mine: replica.mine, base };
}

/** The server does not have the record, though it was known to: it was purged, or a backup came back. What is here is sent anew. */
export function unknownToServer({ mine }: Replica): Replica {
  return { mine, base: null };
}

/**
 * The device's copy with every stamp that the server would refuse as ahead of its clock set to `stamp`, which is of the
 * server's time and newer than all that came from there. A stamp that the server has is not ahead, whatever an answer says
 * that was long on its way: set back, it would be older than the server's.
 */
export function restamped({ mine, base }: Replica, serverNow: number, stamp: Stamp): SyncedRecord {
  const known = new Set(Object.values(base?.stamps ?? {}));
  const isRefused = (one: Stamp) => isAhead(one, serverNow) && !known.has(one);
  if (!Object.values(mine.stamps).some(isRefused)) return mine;
  const inTime = (one: Stamp) => (isRefused(one) ? stamp : one);
  const parts = partStampsOf(mine.stamps);
  const stamps: Stamps = {};
  if (mine.stamps['*'] !== undefined) stamps['*'] = inTime(mine.stamps['*']);
  for (const field of Object.keys(mine)) {
    const state = stateOf(mine, mine.stamps, parts, field);
    if (mine.stamps[field] === undefined && state.parts.size === 0) continue;
    const whole = inTime(state.stamp);
    const own = [...state.parts].map(([key, one]) => [key, inTime(one)] as const).filter(([, one]) => one > whole);
    putStamps(stamps, field, { value: state.value, stamp: whole, parts: new Map(own) }, undefined);
  }
  return { ...mine, stamps };
}
