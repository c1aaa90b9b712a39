import { partStampsOf, putStamps, stateOf } from './field-state.ts';
import { isSame } from '../lib/equal.ts';
import { aside, hasSameStamps, type MergeConflict, mergeRecords, type SyncedRecord } from './merge.ts';
import { isAhead } from './row-check.ts';
import { newestStamp, type Stamp, type Stamps } from './stamp.ts';

/**
 * What a device keeps of one record: its own copy, and the copy it last knew the server to have. What differs between
 * the two waits to be sent; nothing else has to be remembered, so a lost answer, a restart or a repeated request loses
 * nothing.
 */
export interface Replica {
  mine: SyncedRecord;
  /** Null for a record that the server is not known to have. */
  base: SyncedRecord | null;
  /** Where `base` is null: what the server had before it was not known to have it any more. It tells who changed what since. */
  before?: SyncedRecord;
  /** The server's number as of which `base` is so; 0 where nothing is known. */
  seq: number;
}

export interface TakenIn {
  replica: Replica;
  conflicts: MergeConflict[];
  wasDeletedMeanwhile: boolean;
}

export function waits({ mine, base }: Replica): boolean {
  return base === null || !hasSameStamps(mine, base);
}

/** What both sides go back to, as far as it is known here. */
export const lastSeen = ({ base, before }: Replica): SyncedRecord | null => base ?? before ?? null;

/** What to send of a record that waits. */
export function rowToPush({ mine, base }: Replica): { assumed: Stamps | null; record: SyncedRecord } {
  return { assumed: base?.stamps ?? null, record: mine };
}

/**
 * Takes in the server's copy, from a pull or from a conflict. One that is older than what is known changes nothing. A newer
 * one may hold less: when the server has forgotten a deleted record, somebody who was away brings it back as they knew it.
 * What only this device still has of it then waits to be sent; the deletion met their change, and is told.
 */
export function takeIn(replica: Replica | null, incoming: SyncedRecord, seq: number): TakenIn {
  if (replica === null) return { replica: { mine: incoming, base: incoming, seq }, conflicts: [], wasDeletedMeanwhile: false };
  if (seq <= replica.seq) return { replica, conflicts: [], wasDeletedMeanwhile: false };
  const { record, conflicts, wasDeletedMeanwhile } = mergeRecords(lastSeen(replica), replica.mine, incoming);
  const isMine = waits(replica);
  // Somebody who never heard of the deletion brought it back, and the server remembers it no more: a change met a deletion.
  const wasForgotten = isDeleted(replica.base) && isDeleted(record) && !isDeleted(incoming);
  return {
    replica: { mine: record, base: incoming, seq },
    conflicts: isMine ? conflicts : [],
    wasDeletedMeanwhile: (isMine && wasDeletedMeanwhile) || wasForgotten,
  };
}

/**
 * Puts a device right with the server's copy, whatever it believed of it until now. The stamps decide as ever, and so that nothing
 * unsent is lost: what is newer here stays and waits, also where the device took it for sent. A value that both have under one stamp
 * was written once, and is the server's: the other one is damaged.
 */
export function putRight(replica: Replica, incoming: SyncedRecord, seq: number): TakenIn {
  const mine = withValuesOf(replica.mine, incoming);
  const known = takeIn({ ...replica, mine, seq: -1 }, incoming, seq);
  // What was taken for sent says nothing of what both sides had seen.
  return waits(replica) || !waits(known.replica) ? known : takeIn({ mine, base: null, seq: -1 }, incoming, seq);
}

/**
 * Whether what the device has, and what it knows of the server, can both be so: nothing differs that has one stamp, and nothing is older here
 * than it was known to be there.
 */
export function isSound({ mine, base }: Replica): boolean {
  if (base === null || base === mine) return true;
  return withValuesOf(mine, base) === mine && hasSameStamps(mergeRecords(base, mine, base).record, mine);
}

/** `mine` with the other copy's value wherever both have the same stamp for it. The same object where none differs. */
function withValuesOf(mine: SyncedRecord, other: SyncedRecord): SyncedRecord {
  const [left, right] = [partStampsOf(mine.stamps), partStampsOf(other.stamps)];
  const next: Record<string, unknown> = {};
  const put = (field: string) => {
    if (other[field] !== undefined && !isSame(mine[field], other[field])) next[field] = other[field];
  };
  for (const field of Object.keys(other)) {
    if (aside.has(field)) continue;
    const [a, b] = [stateOf(mine, mine.stamps, left, field), stateOf(other, other.stamps, right, field)];
    if (a.stamp === b.stamp && isSame(Object.fromEntries(a.parts), Object.fromEntries(b.parts))) put(field);
  }
  if (mine.stamps['*'] === other.stamps['*']) for (const field of ['createdAt', 'createdBy']) put(field);
  if (newestStamp(mine.stamps) === newestStamp(other.stamps)) for (const field of ['updatedAt', 'updatedBy']) put(field);
  return Object.keys(next).length === 0 ? mine : { ...mine, ...next };
}

const isDeleted = (copy: SyncedRecord | null) => copy !== null && copy['deletedAt'] !== null;

/** The server has what was sent. What was changed since the sending still waits. */
export function accepted(replica: Replica, sent: SyncedRecord, seq: number): Replica {
  return seq < replica.seq ? replica : { mine: replica.mine, base: sent, seq };
}

/** The server does not have the record, though it was known to: it was purged, or a backup came back. What is here is sent anew. */
export function unknownToServer(replica: Replica, seq: number): Replica {
  if (seq < replica.seq) return replica;
  const before = replica.base ?? replica.before;
  return { mine: replica.mine, base: null, seq, ...(before !== undefined && { before }) };
}

/**
 * The device's copy with every stamp that the server would refuse as ahead of its clock set to `stamp`, which is of the
 * server's time and newer than all that came from there. A stamp that the server has is not ahead, whatever an answer says
 * that was long on its way: set back, it would be older than the server's.
 */
export function restamped({ mine, base }: Pick<Replica, 'mine' | 'base'>, serverNow: number, stamp: Stamp): SyncedRecord {
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
