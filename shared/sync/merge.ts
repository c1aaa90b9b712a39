import { isSame } from '../lib/equal.ts';
import { type FieldState, joined, partsOf, partStampsOf, putStamps, stampIn, stateOf, textOf } from './field-state.ts';
import { newestStamp, type Stamps } from './stamp.ts';

/** A record as it travels: whatever fields its noun has, also ones of a later version, and their stamps. */
export type SyncedRecord = Record<string, unknown> & { id: string; stamps: Stamps };

/** Two people changed the same thing without knowing of each other. Nothing is lost as long as somebody is told (invariant 2). */
export interface MergeConflict {
  field: string;
  /** What both of them saw before; undefined where that is not known. */
  base: unknown;
  mine: unknown;
  theirs: unknown;
  /** Whose value the record has now: the one that was written later, by the stamps. */
  kept: 'mine' | 'theirs';
}

export interface Merged {
  record: SyncedRecord;
  conflicts: MergeConflict[];
  /** One side deleted the record while the other one changed it: it is deleted, with that change in it. */
  wasDeletedMeanwhile: boolean;
}

/** What has no stamp of its own. */
export const aside: ReadonlySet<string> = new Set(['id', 'stamps', 'createdAt', 'createdBy', 'updatedAt', 'updatedBy']);

/**
 * Two copies of a record as one. The stamps alone decide what it holds, so it is the same whoever merges, in whatever
 * order and however often; `base`, the copy both go back to, tells only what was changed, for the conflicts. A base that
 * is gone, or older than it could be, makes conflicts more, never values other.
 *
 * A field that one side does not have is one that its version does not know: absence never takes a value away.
 */
export function mergeRecords(base: SyncedRecord | null, mine: SyncedRecord, theirs: SyncedRecord): Merged {
  const [left, right] = [partStampsOf(mine.stamps), partStampsOf(theirs.stamps)];
  const isMineBase = isBefore(theirs.stamps['*'], mine.stamps['*'], () => textOf(madeBy(mine)) > textOf(madeBy(theirs)));
  const base0 = isMineBase ? mine : theirs;
  const last = isBefore(newestStamp(theirs.stamps), newestStamp(mine.stamps), () => textOf(changedBy(mine)) > textOf(changedBy(theirs)))
    ? mine
    : theirs;
  const record: SyncedRecord = { ...mine, ...madeBy(base0), ...changedBy(last), stamps: {} };
  const stamps: Stamps = record.stamps;
  const whole = base0.stamps['*'];
  if (whole !== undefined) stamps['*'] = whole;
  for (const field of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    if (aside.has(field)) continue;
    const [a, b] = [stateOf(mine, mine.stamps, left, field), stateOf(theirs, theirs.stamps, right, field)];
    const state = b.value === undefined ? a : a.value === undefined ? b : joined(field, a, b);
    record[field] = state.value;
    putStamps(stamps, field, state, undefined);
  }
  return { record, ...conflictsOf(base, mine, theirs, record) };
}

/** Whether two copies hold the same, by what decides it. */
export function hasSameStamps(one: { stamps: Stamps }, other: { stamps: Stamps }): boolean {
  return isSame(one.stamps, other.stamps);
}

function conflictsOf(base: SyncedRecord | null, mine: SyncedRecord, theirs: SyncedRecord, record: SyncedRecord) {
  const conflicts: MergeConflict[] = [];
  const changed = { mine: false, theirs: false };
  const [before, left, right] = [base === null ? null : partStampsOf(base.stamps), partStampsOf(mine.stamps), partStampsOf(theirs.stamps)];
  for (const field of Object.keys(record)) {
    if (aside.has(field)) continue;
    const [a, b] = [stateOf(mine, mine.stamps, left, field), stateOf(theirs, theirs.stamps, right, field)];
    if (a.value === undefined || b.value === undefined) continue;
    const was = base === null ? bornAs(mine, theirs, a, b) : stateOf(base, base.stamps, before, field);
    const [isMine, isTheirs] = [was === null || isNewer(a, was), was === null || isNewer(b, was)];
    if (field !== 'deletedAt') {
      changed.mine ||= isMine && !isSame(was?.value, a.value);
      changed.theirs ||= isTheirs && !isSame(was?.value, b.value);
    }
    if (!isMine || !isTheirs || isSame(a.value, b.value)) continue;
    const lost = lostIn(field, was, a, b, record[field]);
    if (lost !== null)
      conflicts.push({ field, base: was?.value, mine: a.value, theirs: b.value, kept: lost === 'theirs' ? 'mine' : 'theirs' });
  }
  // Where both saw it deleted before, and one does not have it so, that one is of somebody who never heard of it: the server had forgotten it.
  const isDeletion = (side: SyncedRecord, other: SyncedRecord) =>
    side['deletedAt'] !== null && base !== null && (base['deletedAt'] === null || other['deletedAt'] === null);
  const [isMineDeletion, isTheirDeletion] = [isDeletion(mine, theirs), isDeletion(theirs, mine)];
  const wasDeletedMeanwhile =
    record['deletedAt'] !== null &&
    ((isTheirDeletion && changed.mine) || (isMineDeletion && changed.theirs)) &&
    !(isMineDeletion && isTheirDeletion);
  return { conflicts, wasDeletedMeanwhile };
}

/** Whose change is not in the merged value; null where both are. */
function lostIn(field: string, was: FieldState | null, mine: FieldState, theirs: FieldState, merged: unknown): 'mine' | 'theirs' | null {
  const [old, a, b, now] = [
    partsOf(field, was?.value ?? []),
    partsOf(field, mine.value),
    partsOf(field, theirs.value),
    partsOf(field, merged),
  ];
  if (a === null || b === null || now === null) return isSame(merged, mine.value) ? 'theirs' : 'mine';
  const keys = [...new Set([...a.keys(), ...b.keys(), ...now.keys()])];
  const isChangeOf = (side: FieldState, parts: Map<string, unknown>, key: string) =>
    !isSame(parts.get(key), old?.get(key)) && (was === null || stampIn(side, key) > stampIn(was, key));
  const isLost = (side: FieldState, parts: Map<string, unknown>) =>
    keys.some((key) => isChangeOf(side, parts, key) && !isSame(now.get(key), parts.get(key)));
  return isLost(mine, a) ? 'mine' : isLost(theirs, b) ? 'theirs' : null;
}

/** Where nothing is known of what both saw, they saw at least the record as it was made, if it is one and the same. */
function bornAs(mine: SyncedRecord, theirs: SyncedRecord, a: FieldState, b: FieldState): FieldState | null {
  const stamp = mine.stamps['*'];
  if (stamp === undefined || stamp !== theirs.stamps['*']) return null;
  const as = [a, b].find((one) => one.stamp === stamp && one.parts.size === 0);
  return { value: as?.value, stamp, parts: new Map() };
}

/** Whether something was written since. A server that came back from a backup has what is older than what was seen of it. */
function isNewer(one: FieldState, was: FieldState): boolean {
  return one.stamp > was.stamp || [...one.parts].some(([key, stamp]) => stamp > stampIn(was, key));
}

const madeBy = ({ createdAt, createdBy }: SyncedRecord) => ({ createdAt, createdBy });
const changedBy = ({ updatedAt, updatedBy }: SyncedRecord) => ({ updatedAt, updatedBy });

function isBefore(one: string | undefined, other: string | undefined, whenSame: () => boolean): boolean {
  const [a, b] = [one ?? '', other ?? ''];
  return a === b ? whenSame() : a < b;
}
