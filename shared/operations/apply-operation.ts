import { blankRecord, type NounName, nouns, type RecordOf, type Stored, perNoun } from '../nouns/nouns.ts';
import type { Change, Operation } from './operation.ts';
import { type FieldState, joined, partStampsOf, putStamps, stateOf, writtenState } from '../sync/field-state.ts';
import { mergeRecords, type SyncedRecord } from '../sync/merge.ts';
import { formatStamp, newestStamp, parseStamp, type Stamp, type Stamps, stampOf } from '../sync/stamp.ts';

/** The records of the book by noun and id. The maps change, the records in them never do: a change replaces the record. */
export type RecordMaps = { [N in NounName]: Map<string, Stored<RecordOf[N]>> };

/** What applying an operation needs of the records, wherever they are kept. */
export type ChangingRecords = { [N in NounName]: Pick<Map<string, Stored<RecordOf[N]>>, 'get' | 'set' | 'delete'> };

/** Records of a noun as they were at one moment. They may be read from where they lie one by one: hold on to few of them. */
export interface RecordList<R> extends Iterable<R> {
  readonly length: number;
  get(id: string): R | undefined;
}
export type RecordLists = { [N in NounName]: RecordList<Stored<RecordOf[N]>> };

/** Ids of the operations that touched each record (`collection/id`), oldest first. Lists are replaced, never changed in place. */
export interface BookHistory {
  get(key: string): readonly string[] | undefined;
  values(): Iterable<readonly string[]>;
}
export interface ChangingHistory extends BookHistory {
  set(key: string, ids: readonly string[]): unknown;
}

/** What of an operation its changes need. */
export type OperationHead = Pick<Operation, 'at' | 'actor' | 'stamp'>;

/** Fields that follow from the operations and are never listed in a change. */
export const bookkeeping: ReadonlySet<string> = new Set(['id', 'createdAt', 'createdBy', 'updatedAt', 'updatedBy', 'stamps']);

/** One frozen blank per noun, shared by all records: cloning it 47,000 times would take half of the start. */
const blanks = perNoun<Readonly<Record<string, unknown>>>((noun) => deepFreeze(blankRecord(noun)));

// `perNoun` cannot say that each noun has records of its own kind; these two are the places where that is promised.
export function emptyRecordMaps(): RecordMaps {
  return perNoun(() => new Map()) as RecordMaps;
}

/** The records of each map as they are now, in the maps' order. */
export function recordLists(maps: { [N in NounName]: ReadonlyMap<string, Stored<RecordOf[N]>> }): RecordLists {
  return perNoun((noun) => listOf(new Map<string, unknown>(maps[noun]))) as RecordLists;
}

/** The records of maps that nobody changes any more. */
export function listsOver(maps: RecordMaps): RecordLists {
  return perNoun((noun) => listOf<unknown>(maps[noun])) as RecordLists;
}

function listOf<R>(map: ReadonlyMap<string, R>): RecordList<R> {
  return { length: map.size, get: (id) => map.get(id), [Symbol.iterator]: () => map.values() };
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
  const record =
    current === null
      ? firstRecord(noun, operation, change)
      : change.before === null
        ? madeRecord(noun, { ...current }, operation, change)
        : changedRecord({ ...current }, operation, change);
  // Operations hold fields that were parsed when they were planned; parsing all again would take half of the start.
  return record as unknown as Stored<RecordOf[N]>;
}

function firstRecord(noun: NounName, operation: OperationHead, change: Change): Record<string, unknown> {
  const record = {
    id: change.id,
    ...blanks[noun],
    ...withoutBookkeeping(change.before ?? change.after),
    createdAt: operation.at,
    createdBy: operation.actor,
    updatedAt: operation.at,
    updatedBy: operation.actor,
  };
  if (change.before === null) {
    const base = baseStamp(noun, operation);
    const said = base === operation.stamp ? [] : Object.keys(change.after).filter((field) => !bookkeeping.has(field));
    return { ...record, stamps: { '*': base, ...Object.fromEntries(said.map((field) => [field, operation.stamp])) } };
  }
  // The operation that made the record is missing (damage). What is known of it is kept (invariant 2) under the oldest
  // stamp there is, so that the missing operation fills in the rest when it is found.
  return changedRecord({ ...record, stamps: { '*': oldestStamp(operation.stamp) } }, operation, change);
}

function changedRecord(current: Record<string, unknown> & { stamps: Stamps }, operation: OperationHead, change: Change) {
  const next: Record<string, unknown> = { ...current };
  const isNewest = operation.stamp >= newestStamp(current.stamps);
  const parts = partStampsOf(current.stamps);
  let stamps = current.stamps;
  for (const [field, value] of Object.entries(change.after)) {
    if (bookkeeping.has(field)) continue;
    // Values without parts, nearly all, are decided by their one stamp.
    if (!isObject(value) && !isObject(change.before?.[field]) && parts?.has(field) !== true) {
      if (operation.stamp < (stampOf(stamps, field) ?? '')) continue;
      next[field] = value;
      if (stamps === current.stamps) stamps = { ...stamps };
      stamps[field] = operation.stamp;
      continue;
    }
    const was = stateOf(current, current.stamps, parts, field);
    const written = writtenState(field, change.before?.[field], value, operation.stamp);
    // Done again, or in the place of a change with the same stamp, it is this one that counts.
    const state = written.stamp === was.stamp && was.parts.size === 0 ? written : joined(field, was, written);
    next[field] = state.value;
    if (stamps === current.stamps) stamps = { ...stamps };
    putStamps(stamps, field, state, was.parts);
  }
  if (isNewest) {
    next['updatedAt'] = operation.at;
    next['updatedBy'] = operation.actor;
  }
  next['stamps'] = stamps;
  return next;
}

/** The record with an operation in it that made it, and was found or arrived after others, or made it a second time. */
function madeRecord(noun: NounName, current: Record<string, unknown> & { stamps: Stamps }, operation: OperationHead, change: Change) {
  const [known, made] = [current.stamps['*'] ?? '', baseStamp(noun, operation)];
  const next: Record<string, unknown> = { ...current };
  const parts = partStampsOf(current.stamps);
  const stamps: Stamps = { ...current.stamps, '*': made > known ? made : known };
  for (const field of new Set([...Object.keys(current), ...Object.keys(blanks[noun]), ...Object.keys(change.after)])) {
    if (bookkeeping.has(field)) continue;
    const was = stateOf(current, current.stamps, parts, field);
    const isSaid = Object.hasOwn(change.after, field);
    const value = isSaid ? change.after[field] : blanks[noun][field];
    const other: FieldState = { value, stamp: isSaid ? operation.stamp : made, parts: new Map() };
    const state = value === undefined ? was : was.value === undefined ? other : joined(field, was, other);
    next[field] = state.value;
    putStamps(stamps, field, state, was.parts);
  }
  if (made > known) {
    next['createdAt'] = operation.at;
    next['createdBy'] = operation.actor;
  }
  if (operation.stamp >= newestStamp(current.stamps)) {
    next['updatedAt'] = operation.at;
    next['updatedBy'] = operation.actor;
  }
  return { ...next, stamps };
}

/**
 * The stamp of what making a record leaves unsaid. Of a record that two laptops can make, each saying another part, it is
 * the oldest there is: what one left out takes nothing from the other.
 */
function baseStamp(noun: NounName, { stamp }: OperationHead): Stamp {
  return nouns[noun].isMadeTwice ? oldestStamp(stamp) : stamp;
}

const isObject = (value: unknown) => value !== null && typeof value === 'object';

/**
 * Applies all changes of an operation. Changes of collections this version does not know stay in the journal and are
 * passed over here.
 */
export function applyOperation(records: ChangingRecords, operation: Operation): void {
  if (operation.kind === 'log') return;
  for (const [at, change] of operation.changes.entries()) {
    if (isNounName(change.collection)) applyTo(records, change.collection, operation, change, at);
  }
  for (const { collection, id } of operation.sync?.dropped ?? []) if (isNounName(collection)) records[collection].delete(id);
}

function applyTo<N extends NounName>(records: ChangingRecords, noun: N, operation: Operation, change: Change, at: number): void {
  const map: ChangingRecords[N] = records[noun];
  map.set(change.id, applyChangeOf(noun, map.get(change.id) ?? null, operation, change, at));
}

/**
 * The records with an operation in them that is read after later ones: in a checkpoint already, or found again after damage.
 * What a sync brought is put together with what is there; nothing goes back to what it was.
 */
export function applyLate(records: ChangingRecords, operation: Operation): void {
  if (operation.kind !== 'sync') return applyOperation(records, operation);
  for (const [at, change] of operation.changes.entries()) {
    const noun = change.collection;
    if (isNounName(noun)) applyLateTo(records, noun, operation, change, at);
  }
}

function applyLateTo<N extends NounName>(records: ChangingRecords, noun: N, operation: Operation, change: Change, at: number): void {
  const map: ChangingRecords[N] = records[noun];
  map.set(change.id, lateChangeOf(noun, map.get(change.id) ?? null, operation, change, at));
}

export function lateChangeOf<N extends NounName>(
  noun: N,
  current: Stored<RecordOf[N]> | null,
  operation: Operation,
  change: Change,
  at: number,
): Stored<RecordOf[N]> {
  const late = applyChangeOf(noun, current, operation, change, at);
  if (current === null || operation.kind !== 'sync') return late;
  return mergeRecords(null, asMerged(current), asMerged(late)).record as unknown as Stored<RecordOf[N]>; // both are of this noun
}

const asMerged = (record: object) => record as unknown as SyncedRecord; // a stored record has its stamps

/** The record after the operation's change number `at`; what a sync brought is set as it came. */
export function applyChangeOf<N extends NounName>(
  noun: N,
  current: Stored<RecordOf[N]> | null,
  operation: Operation,
  change: Change,
  at: number,
): Stored<RecordOf[N]> {
  const row = operation.kind === 'sync' ? operation.sync?.rows?.[at] : undefined;
  if (row === undefined) return applyChange(noun, current, operation, change);
  const known = current ?? { id: change.id, ...blanks[noun], ...change.before };
  return { ...known, ...change.after, ...row.head } as unknown as Stored<RecordOf[N]>; // as it was when it was journaled
}

export function historyKey(collection: string, id: string): string {
  return `${collection}/${id}`;
}

/** Notes the operation in the history of every record it touches. Lists are replaced, so a snapshot may keep the old ones. */
export function addToHistory(history: Pick<ChangingHistory, 'get' | 'set'>, operation: Operation): void {
  for (const change of operation.changes) addChangeToHistory(history, operation.id, change);
}

/** For who does it a piece at a time. */
export function addChangeToHistory(history: Pick<ChangingHistory, 'get' | 'set'>, operationId: string, change: Change): void {
  const key = historyKey(change.collection, change.id);
  const known = history.get(key);
  if (known === undefined) history.set(key, [operationId]);
  else if (!known.includes(operationId)) history.set(key, [...known, operationId]);
}

function oldestStamp(like: Stamp): Stamp {
  return formatStamp(0, 0, parseStamp(like).deviceId);
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
