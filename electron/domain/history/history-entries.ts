import type { HistoryEntry } from '../../../shared/contracts/history.contract.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { Change, Operation } from '../../../shared/operations/operation.ts';
import { isSecret, masked } from '../../../shared/nouns/secret.ts';
import { isParts, isSame } from '../../../shared/lib/equal.ts';
import { newestStamp, stampOf } from '../../../shared/sync/stamp.ts';
import { lateChangeOf, sharedBlank } from '../../../shared/operations/apply-operation.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import type { Book } from '../book.ts';
import { operationsAtOnce, readInOrder } from './read-in-order.ts';
import { ownPart } from './turn-back.ts';

/** The record after its operations until the end of the day, from the archive; null where it was not made yet. */
export async function recordAt(book: Book, clock: Clock, noun: NounName, id: string, day: string): Promise<StoredRecord | null> {
  let record: StoredRecord | null = null;
  const ids = book.historyOf(noun, id);
  for (let at = 0; at < ids.length; at += operationsAtOnce) {
    for (const operation of await readInOrder(book, ids.slice(at, at + operationsAtOnce))) {
      for (const [place, change] of operation.changes.entries()) {
        if (change.collection !== noun || change.id !== id) continue;
        // What was done elsewhere comes later than it was done: it is the stamps that put it in its place.
        const { at: doneAt } = whenAndWho(operation, place);
        if (clock.dayOf(doneAt) <= day) record = lateChangeOf(noun, record as never, operation, change, place);
      }
    }
  }
  return record;
}

/**
 * Of a record that others change too. What a sync brought is told where no operation tells it: what a program changed on
 * the server. Newest first, by their stamps, wherever they were done.
 */
export async function ofSynced(book: Book, noun: NounName, id: string, ids: readonly string[], limit: number) {
  const operations = await book.operations(ids);
  const told = new Set(operations.flatMap(({ kind, stamp }) => (kind === 'sync' ? [] : [stamp])));
  const entries = operations.flatMap((operation) => {
    const place = operation.changes.findIndex((one) => one.collection === noun && one.id === id);
    const change = operation.changes[place];
    if (change === undefined) return [];
    const stamps = operation.kind === 'sync' ? (operation.sync?.rows?.[place]?.head.stamps ?? {}) : null;
    if (stamps === null) return [{ stamp: operation.stamp, entry: entryFor(noun, operation, change) }];
    const isTold = (field: string) => told.has(stampOf(stamps, field) ?? '');
    const after = Object.fromEntries(Object.entries(change.after).filter(([field]) => !isTold(field)));
    if (Object.keys(after).length === 0) return [];
    const entry = entryFor(noun, operation, { ...change, after });
    return entry.fields.length === 0 ? [] : [{ stamp: newestStamp(stamps), entry: { ...entry, ...whenAndWho(operation, place) } }];
  });
  const sorted = entries.toSorted((one, other) => (one.stamp < other.stamp ? 1 : -1)).map(({ entry }) => entry);
  return { entries: sorted.slice(0, limit), total: sorted.length };
}

export function entryFor(noun: NounName, operation: Operation, change: Change): HistoryEntry {
  const old = change.before ?? sharedBlank(noun);
  const fields = Object.keys(change.after).flatMap((field) => leaves(noun, field, old[field] ?? null, change.after[field] ?? null));
  const { id: operationId, at, actor, command, kind } = operation;
  const done = kind === 'sync' || kind === 'log' ? 'do' : kind;
  return { operationId, at, actor, command, kind: done, created: change.before === null, fields };
}

/** Of one change of an operation: a sync brings those of many people at once. */
function whenAndWho({ kind, at, actor, sync }: Operation, place: number): { at: string; actor: string } {
  const head = kind === 'sync' ? sync?.rows?.[place]?.head : undefined;
  return head === undefined ? { at, actor } : { at: head.updatedAt, actor: head.updatedBy };
}

function leaves(noun: NounName, path: string, before: unknown, after: unknown): HistoryEntry['fields'] {
  if (isParts(before) || isParts(after)) {
    const old = isParts(before) ? before : {};
    const now = isParts(after) ? after : {};
    return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((part) =>
      leaves(noun, `${path}.${part}`, ownPart(old, part) ?? null, ownPart(now, part) ?? null),
    );
  }
  if (isSame(before, after)) return [];
  const shown = isSecret(noun, path) ? (value: unknown) => (typeof value === 'string' ? masked(value) : value) : (value: unknown) => value;
  return [{ path, before: shown(before), after: shown(after) }];
}
