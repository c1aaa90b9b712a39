import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { Change, Operation } from '../../../shared/operations/operation.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import { stampOf } from '../../../shared/sync/stamp.ts';
import { readOperations } from '../safety/archive.ts';
import type { Book } from '../book.ts';

/**
 * Records and all that were merged into them, over however many steps, with everything that was ever done to them. From
 * it any of the merges can be taken out again: the archive forgets nothing (invariant 2).
 */
export interface MergeTree {
  noun: NounName;
  members: ReadonlyMap<string, Member>;
}

export interface Member {
  id: string;
  mergedInto: string | null;
  /** What was done to it, oldest first. */
  deeds: readonly Deed[];
  /**
   * The operation that made it stand for another one: the merge, or the step back or forth that did it again. Null where
   * it stands for none, or the history of that is damaged.
   */
  mergedBy: Operation | null;
}

export interface Deed {
  operation: Operation;
  /** What it did to the record itself; null for a merge that found nothing to change. */
  change: Change | null;
  /** Whether it merged records of this noun or took some apart, in either direction. */
  isMerge: boolean;
  /** The same, of any noun. */
  isAnyMerge: boolean;
}

/** The ids, and those of all records that stand for one of them. */
export function withAliases(
  ids: Iterable<string>,
  records: Iterable<StoredRecord>,
  get: (id: string) => StoredRecord | undefined,
): Set<string> {
  const found = new Set([...ids].filter((id) => get(id) !== undefined));
  for (const { id, mergedInto } of records) {
    const way = [id];
    for (let at = mergedInto; at !== null && !way.includes(at); at = get(at)?.mergedInto ?? null) {
      if (found.has(at)) for (const one of way) found.add(one);
      way.push(at);
    }
  }
  return found;
}

/** Reads the tree of the records and all that stand for one of them, each with its history. */
export async function readMergeTree(book: Book, noun: NounName, ids: Iterable<string>): Promise<MergeTree> {
  const all = withAliases(ids, book.mentioning(noun, 'mergedInto'), (id) => book.get(noun, id));
  const histories = new Map([...all].map((id) => [id, book.historyOf(noun, id)]));
  const operations = await readOperations(book, [...histories.values()].flat());
  const members = new Map<string, Member>();
  for (const [id, history] of histories) {
    const record = book.get(noun, id);
    if (record === undefined) continue;
    const deeds = deedsOf(noun, id, history, operations);
    const stamp = stampOf(record.stamps, 'mergedInto');
    const mergedBy = record.mergedInto === null ? null : (deeds.find(({ operation }) => operation.stamp === stamp)?.operation ?? null);
    members.set(id, { id, mergedInto: record.mergedInto, deeds, mergedBy });
  }
  return { noun, members };
}

/**
 * What was done to records that a merge moved: since then, where that were only merges of the tree, which needs no
 * reading; else all of it.
 */
export async function readMoved(book: Book, noun: NounName, ids: Iterable<string>, merge: Operation, tree: MergeTree): Promise<MergeTree> {
  const known = new Map<string, Operation>();
  for (const { deeds } of tree.members.values())
    for (const { operation, isMerge } of deeds) if (isMerge) known.set(operation.id, operation);
  const histories = new Map<string, readonly string[]>();
  for (const id of ids) {
    const history = book.historyOf(noun, id);
    const since = history.slice(history.indexOf(merge.id));
    const named = merge.changes.find((change) => change.collection === noun && change.id === id)?.after ?? {};
    // In a list several may have become one before: who named whom is told by all of it.
    const isList = Object.values(named).some(Array.isArray);
    histories.set(id, !isList && since.every((one) => known.has(one)) ? since : history);
  }
  const operations = await readOperations(book, [...histories.values()].flat(), known);
  const members = [...histories].map(([id, history]): [string, Member] => {
    return [id, { id, mergedInto: null, mergedBy: null, deeds: deedsOf(noun, id, history, operations) }];
  });
  return { noun, members: new Map(members) };
}

function deedsOf(noun: NounName, id: string, history: readonly string[], operations: ReadonlyMap<string, Operation>): Deed[] {
  return history.map((one) => deedOf(noun, id, operations.get(one) as Operation)).toSorted(byStamp);
}

export function deedOf(noun: NounName, id: string, operation: Operation): Deed {
  const moving = operation.changes.filter(({ before, after }) => before !== null && 'mergedInto' in after);
  return {
    operation,
    change: operation.changes.find((change) => change.collection === noun && change.id === id) ?? null,
    isMerge: moving.some(({ collection }) => collection === noun),
    isAnyMerge: moving.length > 0,
  };
}

/** Whether these are the records of the tree, and nothing was done to them since it was read. */
export function isTreeAsRead(tree: MergeTree, ids: ReadonlySet<string>, get: (id: string) => StoredRecord | undefined): boolean {
  return (
    ids.size === tree.members.size &&
    [...ids].every((id) => {
      const newest = tree.members.get(id)?.deeds.at(-1)?.operation.stamp ?? '';
      return Object.values(get(id)?.stamps ?? {}).every((stamp) => stamp <= newest);
    })
  );
}

/** The merges of the tree that are in force, the newest first, each with the records it made stand for another. */
export function mergesIn(tree: MergeTree): { operation: Operation; ids: string[] }[] {
  const merges = new Map<string, { operation: Operation; ids: string[] }>();
  for (const { id, mergedBy } of tree.members.values()) {
    if (mergedBy === null) continue;
    const known = merges.get(mergedBy.id) ?? { operation: mergedBy, ids: [] };
    known.ids.push(id);
    merges.set(mergedBy.id, known);
  }
  return [...merges.values()].toSorted(byStamp).toReversed();
}

export function byStamp(left: { operation: Operation }, right: { operation: Operation }): number {
  return left.operation.stamp < right.operation.stamp ? -1 : left.operation.stamp > right.operation.stamp ? 1 : 0;
}
