import { type AnyRecord, blankRecord, type NounName, type RecordOf, type Stored, perNoun } from '../entities/nouns.ts';
import type { Change, Operation } from '../entities/operation.ts';
import { formatStamp, parseStamp, type Stamp, type Stamps, stampOf } from '../sync/stamp.ts';

/** The records of the book by noun and id. The maps change, the records in them never do: a change replaces the record. */
export type RecordMaps = { [N in NounName]: Map<string, Stored<RecordOf[N]>> };

/** What of an operation its changes need. */
export type OperationHead = Pick<Operation, 'at' | 'actor' | 'stamp'>;

/** Fields that follow from the operations and are never listed in a change. */
const bookkeeping = new Set(['id', 'createdAt', 'createdBy', 'updatedAt', 'updatedBy', 'stamps']);

/** One frozen blank per noun, shared by all records: cloning it 47,000 times would take half of the start. */
const blanks = perNoun<Readonly<Record<string, unknown>>>((noun) => deepFreeze(blankRecord(noun)));

// `perNoun` cannot say that each noun has records of its own kind; these two are the places where that is promised.
export function emptyRecordMaps(): RecordMaps {
  return perNoun(() => new Map()) as RecordMaps;
}

/** The records of each map as a list, in the maps' order. */
export function recordLists(maps: { [N in NounName]: ReadonlyMap<string, Stored<RecordOf[N]>> }): {
  [N in NounName]: Stored<RecordOf[N]>[];
} {
  return perNoun((noun) => [...maps[noun].values()]) as { [N in NounName]: Stored<RecordOf[N]>[] };
}

/** The noun's blank record, shared and frozen: to compare with and to spread, not to change. */
export function sharedBlank(noun: NounName): Readonly<Record<string, unknown>> {
  return blanks[noun];
}

export function isNounName(name: string): name is NounName {
  return Object.hasOwn(blanks, name);
}

/**
 * The record after one change of an operation; `current` is null when the book does not have it. A field is set only
 * where the operation's stamp is not older than the field's, so applying twice, or late (an operation found again
 * after damage), ends in the same record as applying in order.
 */
export function applyChange<N extends NounName>(
  noun: N,
  current: Stored<RecordOf[N]> | null,
  operation: OperationHead,
  change: Change,
): Stored<RecordOf[N]> {
  const record = current === null ? firstRecord(noun, operation, change) : changedRecord(noun, current, operation, change);
  // Operations hold fields that were parsed when they were planned; parsing all again would take half of the start.
  return record as unknown as Stored<RecordOf[N]>;
}

function firstRecord(noun: NounName, operation: OperationHead, change: Change): Record<string, unknown> {
  const made = change.before === null;
  // The operation that made the record is missing (damage). What is known of it is kept (invariant 2); the base stamp
  // is the oldest there is, so that the missing operation fills in the rest when it is found.
  const stamps: Stamps = made ? { '*': operation.stamp } : stampedAll(oldestStamp(operation.stamp), change.after, operation.stamp);
  return {
    id: change.id,
    ...blanks[noun],
    ...change.before,
    ...withoutBookkeeping(change.after),
    createdAt: operation.at,
    createdBy: operation.actor,
    updatedAt: operation.at,
    updatedBy: operation.actor,
    stamps,
  };
}

function changedRecord(noun: NounName, current: Stored<AnyRecord>, operation: OperationHead, change: Change): Record<string, unknown> {
  const next: Record<string, unknown> = { ...current };
  const isNewest = operation.stamp >= newestStamp(current.stamps);
  let stamps = current.stamps;
  if (change.before === null) {
    const base = current.stamps['*'];
    if (base !== undefined && base >= operation.stamp) return next;
    for (const field of new Set([...Object.keys(blanks[noun]), ...Object.keys(change.after)])) {
      if (!bookkeeping.has(field) && operation.stamp >= (stamps[field] ?? ''))
        next[field] = field in change.after ? change.after[field] : blanks[noun][field];
    }
    next['createdAt'] = operation.at;
    next['createdBy'] = operation.actor;
    stamps = { ...stamps, '*': operation.stamp };
  } else {
    for (const [field, value] of Object.entries(change.after)) {
      if (bookkeeping.has(field) || operation.stamp < (stampOf(stamps, field) ?? '')) continue;
      next[field] = value;
      if (stamps === current.stamps) stamps = { ...stamps };
      stamps[field] = operation.stamp;
    }
  }
  if (isNewest) {
    next['updatedAt'] = operation.at;
    next['updatedBy'] = operation.actor;
  }
  next['stamps'] = stamps;
  return next;
}

/**
 * Applies all changes of an operation. Changes of collections this version does not know stay in the journal and are
 * passed over here.
 */
export function applyOperation(records: RecordMaps, operation: Operation): void {
  for (const change of operation.changes) {
    if (isNounName(change.collection)) applyTo(records, change.collection, operation, change);
  }
}

function applyTo<N extends NounName>(records: RecordMaps, noun: N, operation: Operation, change: Change): void {
  const map: Map<string, Stored<RecordOf[N]>> = records[noun];
  map.set(change.id, applyChange(noun, map.get(change.id) ?? null, operation, change));
}

export function historyKey(collection: string, id: string): string {
  return `${collection}/${id}`;
}

/** Notes the operation in the history of every record it touches. Lists are replaced, so a snapshot may keep the old ones. */
export function addToHistory(history: Map<string, readonly string[]>, operation: Operation): void {
  for (const change of operation.changes) {
    const key = historyKey(change.collection, change.id);
    const known = history.get(key);
    if (known === undefined) history.set(key, [operation.id]);
    else if (!known.includes(operation.id)) history.set(key, [...known, operation.id]);
  }
}

function newestStamp(stamps: Stamps): Stamp {
  let newest = '';
  for (const stamp of Object.values(stamps)) if (stamp > newest) newest = stamp;
  return newest;
}

function oldestStamp(like: Stamp): Stamp {
  return formatStamp(0, 0, parseStamp(like).deviceId);
}

function stampedAll(base: Stamp, fields: Record<string, unknown>, stamp: Stamp): Stamps {
  const stamps: Stamps = { '*': base };
  for (const field of Object.keys(fields)) stamps[field] = stamp;
  return stamps;
}

function withoutBookkeeping(fields: Record<string, unknown>): Record<string, unknown> {
  for (const field of Object.keys(fields)) {
    if (bookkeeping.has(field)) return Object.fromEntries(Object.entries(fields).filter(([name]) => !bookkeeping.has(name)));
  }
  return fields;
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object') {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
