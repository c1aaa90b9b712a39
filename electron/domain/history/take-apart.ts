import { nouns, type NounName, nounNames } from '../../../shared/nouns/nouns.ts';
import type { Change, Operation } from '../../../shared/operations/operation.ts';
import { isSame } from '../../../shared/lib/equal.ts';
import { linkFieldsOf } from '../../../shared/operations/aliases.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import { recordRules } from '../../../shared/nouns/record-rules.ts';
import type { Step } from '../../../shared/operations/transaction.ts';
import type { Book } from '../book.ts';
import { namesIn, replayed, replayedNames, replayedPlace } from '../merge/merge-replay.ts';
import { isTreeAsRead, mergesIn, type MergeTree, readMergeTree, readMoved, withAliases } from '../merge/merge-tree.ts';
import { turnBack, turnChange } from './turn-back.ts';

type Fields = Record<string, unknown>;

/** A merge, and what must be known of the records it touched to take it out from among others. */
export interface PastMerge {
  operation: Operation;
  ids: readonly string[];
  /** The records that are one by now. */
  tree: MergeTree;
  /** What it moved. */
  moved: readonly MergeTree[];
  /** What it moved and may be there only once, such as own prices of a location. */
  places: readonly MergeTree[];
}

/** Reads what `takeOut` needs. Null when the operation is no merge of the record that is in force. */
export async function readPastMerge(book: Book, tree: MergeTree, operationId: string): Promise<PastMerge | null> {
  const merge = mergesIn(tree).find(({ operation }) => operation.id === operationId);
  if (merge === undefined) return null;
  const moved: MergeTree[] = [];
  const places: MergeTree[] = [];
  for (const noun of nounNames) {
    if (placedNouns.includes(noun)) {
      const ids = placesOf({ ...merge, tree }, noun, (id) => book.get(noun, id));
      if (ids.size > 0) places.push(await readMergeTree(book, noun, ids));
    } else {
      const ids = movedIn(merge.operation, tree, noun).map(({ id }) => id);
      if (ids.length > 0) moved.push(await readMoved(book, noun, ids, merge.operation, tree));
    }
  }
  return { ...merge, tree, moved, places };
}

function movedIn({ changes }: Operation, tree: MergeTree, noun: NounName): Change[] {
  return changes.filter(({ collection, id }) => collection === noun && !(noun === tree.noun && tree.members.has(id)));
}

/** Whether nothing came in between since it was read. */
export function isAsRead(past: PastMerge, step: Step, all: (noun: NounName) => Iterable<StoredRecord>): boolean {
  const { tree, moved, places } = past;
  const get = (noun: NounName) => (id: string) => step.get(noun, id);
  const withAll = ({ noun }: MergeTree, ids: Iterable<string>) => withAliases(ids, all(noun), get(noun));
  return (
    isTreeAsRead(tree, withAll(tree, tree.members.keys()), get(tree.noun)) &&
    places.every((one) => isTreeAsRead(one, withAll(one, one.members.keys()), get(one.noun))) &&
    moved.every((one) => isTreeAsRead(one, new Set(one.members.keys()), get(one.noun)))
  );
}

const placedNouns = nounNames.filter((noun) => 'id' in recordRules[noun]);
const turning = { lists: 'byEntry', isFree: true, how: 'turn' } as const;

/**
 * Takes one merge out, wherever among others: its records come back with what came along and was not moved since, and the
 * records above are as if it had never been. Merges above it stay in force. Returns how many fields were left alone because
 * somebody changed them later.
 */
export function takeOut(step: Step, past: PastMerge): number {
  const { operation: merge, ids, tree, moved, places } = past;
  const { noun, members } = tree;
  const above = recordsAbove(past);
  // How what the merge moved came from there to where it is now, the last step first.
  const later = above
    .flatMap((id) => members.get(id)?.mergedBy ?? [])
    .filter(({ stamp }) => stamp > merge.stamp)
    .toSorted((left, right) => (left.stamp < right.stamp ? 1 : -1));
  let kept = 0;
  for (const id of above) kept += replayRecord(step, tree, id, merge, id === above[0]);
  for (const change of merge.changes) {
    if (change.collection === noun && ids.includes(change.id)) turnChange(step, 'undo', change, turning);
  }
  for (const one of moved) for (const change of movedIn(merge, tree, one.noun)) kept += bringBack(step, change, past, one, later);
  for (const one of places) kept += replayPlaces(step, one, past);
  return kept;
}

/** The record it was merged into and those it stands for by now, one after the other up to the one that is left. */
function recordsAbove({ tree: { members }, ids }: Pick<PastMerge, 'operation' | 'ids' | 'tree'>): string[] {
  const above: string[] = [];
  const into = (id: string) => members.get(id)?.mergedInto ?? null;
  for (let at = into(ids[0] ?? ''); at !== null && members.has(at); at = into(at)) above.push(at);
  return above;
}

/** Sets the record's own fields to what they would be without the merge. */
function replayRecord(step: Step, tree: MergeTree, id: string, merge: Operation, isTarget: boolean): number {
  const { noun } = tree;
  const record = step.get(noun, id) as unknown as Fields;
  const changes: Fields = {};
  let kept = 0;
  for (const field of [...Object.keys(nouns[noun].fieldsSchema.shape), 'notDuplicateOf']) {
    const [was, now] = [replayed(tree, id, field, null), replayed(tree, id, field, merge)];
    const { value } = turnBack(record[field], was, now, 'byEntry', field);
    if (!isSame(value, record[field])) changes[field] = value;
    else if (isTarget && merge.changes.some((change) => change.id === id && field in change.after)) kept += 1;
  }
  if (Object.keys(changes).length > 0) step.assign(noun, id, changes);
  return kept;
}

/** What a merge moved goes back as far as nobody moved it since; what followed from moving it goes along. */
function bringBack(step: Step, change: Change, { operation, tree }: PastMerge, moved: MergeTree, later: readonly Operation[]): number {
  const { noun } = moved;
  const { id } = change;
  const record = step.get(noun, id) as Fields | undefined;
  if (record === undefined) return 0;
  const links = linkFieldsOf(noun).flatMap(({ field }) => (field in change.after ? [field] : []));
  const turned: Fields = {};
  for (const field of links) {
    const [was, now] = replayedNames(tree, moved, id, field, operation);
    const named = namesIn(record[field]);
    const back = namesIn(turnBack(named, was, now, 'byEntry', field).value);
    if (!isSame(back, named)) turned[field] = Array.isArray(record[field]) ? back : (back[0] ?? null);
  }
  const kept = links.length - Object.keys(turned).length;
  if (links.length > 0 && kept === links.length) return kept;
  if (Object.keys(turned).length > 0) step.assign(noun, id, turned);
  const besideLinks = (fields: Fields) => Object.fromEntries(Object.entries(fields).filter(([field]) => !links.includes(field)));
  for (const { changes } of [...later, operation]) {
    for (const one of changes) {
      if (one.collection !== noun || one.id !== id || one.before === null) continue;
      turnChange(step, 'undo', { ...one, before: besideLinks(one.before), after: besideLinks(one.after) }, turning);
    }
  }
  return kept;
}

/** The ids in the place of each of the records above that may hold what the merge moved, and those it moved. */
function placesOf(
  past: Pick<PastMerge, 'operation' | 'ids' | 'tree'>,
  noun: NounName,
  get: (id: string) => StoredRecord | undefined,
): Set<string> {
  const found = new Set<string>();
  const { id: idOf } = recordRules[noun] as { id: (fields: object) => string };
  const links = linkFieldsOf(noun).filter(({ of, isParent }) => isParent && of.includes(past.tree.noun));
  for (const { collection, id } of past.operation.changes) {
    const record = collection === noun ? get(id) : undefined;
    if (record === undefined) continue;
    found.add(id);
    for (const { field } of links) for (const one of recordsAbove(past)) found.add(idOf({ ...record, [field]: one }));
  }
  return found;
}

/** What people write on a record, beside what it hangs on. */
export function wordsOf(noun: NounName): string[] {
  return Object.keys(nouns[noun].fieldsSchema.shape).filter((field) => !Object.hasOwn(nouns[noun].parents, field));
}

/** Sets what stands in each place to what would stand there without the merge. */
function replayPlaces(step: Step, tree: MergeTree, { operation: merge }: PastMerge): number {
  const { noun, members } = tree;
  const words = wordsOf(noun);
  let kept = 0;
  for (const { id, mergedBy } of members.values()) {
    const record = step.get(noun, id) as StoredRecord;
    const isBack = mergedBy?.id === merge.id;
    const [was, now] = [replayedPlace(tree, id, words, null), replayedPlace(tree, id, words, merge)];
    if (isBack) step.assign(noun, id, { mergedInto: null, ...(now === null ? {} : { ...now, deletedAt: null }) });
    else if (isSame(was, now)) kept += merge.changes.some((change) => change.id === id && change.before === null) ? 1 : 0;
    else if (now !== null) step.assign(noun, id, { ...now, ...(record.mergedInto === null ? { deletedAt: null } : {}) });
    else if (record.mergedInto === null) step.remove(noun, id);
  }
  return kept;
}
