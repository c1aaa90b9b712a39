import { type NounName, nounNames, parentsOf } from '../../shared/nouns/nouns.ts';
import { staysWithoutParent } from '../../shared/nouns/record-rules.ts';
import { isSame } from '../../shared/lib/equal.ts';
import { newId } from '../../shared/lib/ids.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { survivorOf } from '../../shared/operations/aliases.ts';
import { bookkeeping, isNounName } from '../../shared/operations/apply-operation.ts';
import { childNouns } from '../../shared/operations/going-along.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import { remoteCommand } from '../../shared/operations/operation.ts';
import type { HistoryTransaction, Step } from '../../shared/operations/transaction.ts';
import { partsOf, withChanges } from '../../shared/sync/field-state.ts';
import type { SyncedRecord } from '../../shared/sync/merge.ts';
import { lastSeen, type Replica } from '../../shared/sync/replica.ts';
import type { KeptConflict, Meeting } from '../../shared/sync/sync-part.ts';
import type { Book, SyncTurn } from '../domain/book.ts';
import { asStored, asSynced } from '../domain/copies.ts';
import { move, moveOne } from '../domain/merge/merge-moves.ts';
import { keyOf } from '../domain/open-matters.ts';

/** What one operation settles at most: it is planned without a pause. */
const mostAtOnce = 200;

/** What a change, and the deletion or the merge of the same record elsewhere, are about; none of it is a value of its own. */
const aside: ReadonlySet<string> = new Set([...bookkeeping, 'deletedAt', 'mergedInto', 'notDuplicateOf']);

type Reader = Pick<SyncTurn, 'get' | 'children'>;
type Fields = Record<string, unknown>;

/**
 * What has to be looked at when all of a pull is here, because two laptops did what does not go together: one changed a
 * record, or hung something on it, that the other one deleted or merged into another. Null where there is nothing.
 */
export function meetingOf(
  turn: SyncTurn,
  noun: NounName,
  replica: Replica | null,
  incoming: SyncedRecord,
  after: SyncedRecord,
  wasDeletedMeanwhile: boolean,
): Meeting | null {
  const record = asStored(after);
  const meeting: Meeting = { collection: noun, id: record.id, edit: null };
  const base = replica === null ? null : lastSeen(replica);
  if (wasDeletedMeanwhile && replica !== null && base !== null) {
    const { mine } = replica;
    // Both knew of the deletion, where the server has forgotten it since.
    const isMineDeleted = mine['deletedAt'] !== null && (base['deletedAt'] === null || incoming['deletedAt'] === null);
    const edited = isMineDeleted ? incoming : mine;
    const fields = Object.keys(edited).filter((field) => !aside.has(field) && !isSame(edited[field], base[field]));
    const pick = (from: SyncedRecord) => Object.fromEntries(fields.map((field) => [field, from[field] ?? null]));
    const { updatedBy: by, updatedAt: at } = asStored(edited);
    return { ...meeting, edit: { was: pick(base), now: pick(edited), side: isMineDeleted ? 'theirs' : 'mine', by, at } };
  }
  const before = replica === null ? null : asStored(replica.mine);
  if (record.mergedInto !== null) return before !== null && before.mergedInto !== record.mergedInto ? meeting : null;
  if (record.deletedAt !== null) return before?.deletedAt === null && hasHanging(turn, noun, record.id) ? meeting : null;
  return parentsOf(noun, record).some(({ of, id }) => isNoPlace(turn, noun, record, of, id)) ? meeting : null;
}

/** A parent on which nothing can hang any more. */
function isNoPlace(reader: Pick<Reader, 'get'>, noun: NounName, record: StoredRecord, of: NounName | null, id: string): boolean {
  const parent = of === null ? undefined : reader.get(of, id);
  if (parent === undefined || parent.deletedAt === null) return false;
  return parent.mergedInto !== null || !staysWithoutParent(noun, record);
}

function hasHanging({ children }: Pick<Reader, 'children'>, noun: NounName, id: string): boolean {
  return childNouns(noun).some((child) => children(child, id).some((one) => one.deletedAt === null && !staysWithoutParent(child, one)));
}

/** Whether anything of it is left to do, now that all is here. */
function isOpen(book: Reader, { collection, id, edit }: Meeting): boolean {
  const record = isNounName(collection) ? book.get(collection, id) : undefined;
  if (record === undefined || !isNounName(collection)) return false;
  if (record.mergedInto !== null) return true;
  if (record.deletedAt !== null) return edit !== null || hasHanging(book, collection, id);
  return parentsOf(collection, record).some((parent) => isNoPlace(book, collection, record, parent.of, parent.id));
}

/**
 * Settles what met, as changes of this laptop that are journaled and sent like any other: what somebody changed, or hung
 * something on, is back; what was changed of a record that was merged away is in the record it was merged into. Answers
 * whether there was anything to settle. Safe to be cut off: what is not settled stays in the journal as a meeting.
 */
export async function settleMeetings(book: Book, remote: string): Promise<boolean> {
  const reader: Reader = { get: (noun, id) => book.get(noun, id), children: (noun, id) => book.children(noun, id) };
  let hasSettled = false;
  for (;;) {
    const all = [...book.sync.meetings.values()].toSorted(byRank);
    const over = all.filter((one) => !isOpen(reader, one)).map(({ collection, id }) => keyOf(collection, id));
    const open = all.filter((one) => isOpen(reader, one)).slice(0, mostAtOnce);
    if (over.length > 0) {
      await book.runSync((turn) => ({ value: null, operations: [overOperation(turn, remote, over)] }));
    }
    if (open.length === 0) return hasSettled;
    hasSettled = true;
    await book.runFor(
      {
        command: `${remoteCommand}meet`,
        actor: '',
        sync: (conflicts: KeptConflict[]) => ({
          remote,
          met: open.map(({ collection, id }) => keyOf(collection, id)),
          ...(conflicts.length > 0 && { conflicts }),
        }),
      },
      (tx) => open.flatMap((meeting) => settleOne(tx, meeting)),
    );
  }
}

function overOperation(turn: SyncTurn, remote: string, met: string[]) {
  return {
    id: newId(),
    actor: '',
    at: turn.now,
    stamp: turn.newestStamp ?? '0000000000000000-sync',
    command: 'sync.take',
    kind: 'sync' as const,
    group: null,
    target: null,
    changes: [],
    sync: { remote, met },
  };
}

const byRank = (one: Meeting, other: Meeting) =>
  nounNames.indexOf(one.collection as NounName) - nounNames.indexOf(other.collection as NounName);

/** By the rules of the nouns; where these refuse it (two clients of one e-mail), as it was, and both are kept. */
function settleOne(tx: HistoryTransaction, meeting: Meeting): KeptConflict[] {
  let conflicts: KeptConflict[] = [];
  const work = (step: Step) => {
    conflicts = carryOut(tx, step, meeting);
  };
  try {
    tx.step(work, 'turn');
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    tx.step(work, 'asItWas');
  }
  return conflicts;
}

function carryOut(tx: HistoryTransaction, step: Step, meeting: Meeting): KeptConflict[] {
  const { collection: noun, id, edit } = meeting;
  const record = isNounName(noun) ? step.get(noun, id) : undefined;
  if (record === undefined || !isNounName(noun)) return [];
  if (record.mergedInto !== null) return goOn(tx, step, noun, id, edit);
  if (record.deletedAt !== null) {
    if (edit !== null || hasHanging(step, noun, id)) bringBack(step, noun, id);
    return [];
  }
  for (const { field, of, id: parentId } of parentsOf(noun, record)) {
    const parent = of === null ? undefined : step.get(of, parentId);
    if (of === null || parent === undefined || !isNoPlace(step, noun, record, of, parentId)) continue;
    const survivor = survivorOf((one) => step.get(of, one), parentId);
    if (survivor !== undefined && survivor.id !== parentId) {
      moveOne(tx, step, noun, id, { [field]: survivor.id });
      if (survivor.deletedAt !== null && !staysWithoutParent(noun, record)) bringBack(step, of, survivor.id);
    } else if (!staysWithoutParent(noun, record)) bringBack(step, of, parentId);
  }
  return [];
}

/** With what it hangs on, and with all that went along. */
function bringBack(step: Step, noun: NounName, id: string): void {
  const record = step.get(noun, id);
  if (record === undefined || record.deletedAt === null) return;
  for (const { of, id: parentId } of parentsOf(noun, record)) if (of !== null) bringBack(step, of, parentId);
  step.revive(noun, id);
}

/** What hangs on a merged record, and what was changed of it, goes on in the record it was merged into. */
function goOn(tx: HistoryTransaction, step: Step, noun: NounName, id: string, edit: Meeting['edit']): KeptConflict[] {
  const survivor = survivorOf((one) => step.get(noun, one), id);
  if (survivor === undefined) return [];
  if (survivor.id === id) {
    // Two laptops merged the same records, each the other way: this one stands for itself again.
    bringBack(step, noun, id);
    return [];
  }
  move(tx, step, noun, id, survivor.id);
  if (edit === null) return [];
  if (survivor.deletedAt !== null) bringBack(step, noun, survivor.id);
  const now = asSynced(step.get(noun, survivor.id) ?? survivor) as Fields;
  const next: Fields = {};
  const conflicts: KeptConflict[] = [];
  for (const [field, value] of Object.entries(edit.now)) {
    const [current, was] = [now[field], edit.was[field]];
    if (isSame(current, value)) continue;
    if (isSame(current, was) || isBlank(current)) next[field] = value;
    else if (partsOf(field, value) !== null && partsOf(field, current) !== null) next[field] = withChanges(field, was, value, current);
    else conflicts.push(inSurvivor(noun, survivor, field, was, value, edit));
  }
  if (Object.keys(next).length > 0) step.assign(noun, survivor.id, next);
  return conflicts;
}

const isBlank = (value: unknown) => value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** The record that stays has a value of its own in a field that was changed in the other: that one is kept beside it. */
function inSurvivor(
  noun: NounName,
  survivor: StoredRecord,
  field: string,
  was: unknown,
  value: unknown,
  edit: NonNullable<Meeting['edit']>,
): KeptConflict {
  const changed = { value, by: edit.by, at: edit.at };
  const stands = { value: (asSynced(survivor) as Fields)[field], by: survivor.updatedBy, at: survivor.updatedAt };
  const isMine = edit.side === 'mine';
  return {
    id: newId(),
    collection: noun,
    recordId: survivor.id,
    field,
    base: { value: was },
    mine: isMine ? changed : stands,
    theirs: isMine ? stands : changed,
    kept: isMine ? 'theirs' : 'mine',
    at: edit.at,
  };
}
