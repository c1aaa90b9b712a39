import type { NounName } from '../../../shared/nouns/nouns.ts';
import { linkFieldsOf } from '../../../shared/operations/aliases.ts';
import { sharedBlank } from '../../../shared/operations/apply-operation.ts';
import { isParts, isSame } from '../../../shared/lib/equal.ts';
import type { Operation } from '../../../shared/operations/operation.ts';
import { isNothing, oneYesIsEnough } from './merged-fields.ts';
import { byStamp, type Deed, deedOf, type Member, type MergeTree } from './merge-tree.ts';
import { ownPart, withEntries } from '../history/turn-back.ts';

type Fields = Record<string, unknown>;

/** The values a merge met, the record that stayed first. */
type Met = readonly unknown[];

/**
 * The value of a field of one member as everything that was done to it makes it: what people wrote, in its order, and
 * what the merges brought that are in force. With `without` as if that merge had never been: what was written later,
 * on whichever record stood for all, stays where it was written.
 */
export function replayed(tree: MergeTree, id: string, field: string, without: Operation | null): unknown {
  const { noun } = tree;
  const member = tree.members.get(id) as Member;
  const blank = sharedBlank(noun)[field];
  const isLink = linkFieldsOf(noun).some((link) => link.field === field);
  let value: unknown = blank;
  const touches = ({ change: one }: Deed) => one !== null && (one.before === null || field in one.after);
  for (const { operation, change, isMerge, isAnyMerge } of lasting(tree, member, touches)) {
    if (operation.id === without?.id) continue;
    if (isMerge) {
      const merged = aliasesBy(tree, operation, id);
      if (merged.length === 0) continue;
      const met = [member, ...merged].map((one) => valueBefore(one, field, operation, blank));
      const left = change !== null && field in change.after ? change.after[field] : met[0];
      value = mergedAgain(field, met, left, [value, ...merged.map((one) => replayed(tree, one.id, field, without))]);
    } else if (change?.before === null) value = change.after[field] ?? blank;
    else if (change !== null) {
      const [from, to] = [change.before[field] ?? null, change.after[field] ?? null];
      // A merge of what the record names moves the name; it does not choose it.
      const isMoved = isLink && isAnyMerge && !Array.isArray(to);
      if (!isMoved || isSame(value, from)) value = written(value, from, to);
    }
  }
  return value;
}

/**
 * What stands in a place where there may be one record only, such as a location's own price of an item: the words of the
 * record as people left them there, or else of the first that was merged into it; null where there is none.
 */
export function replayedPlace(tree: MergeTree, id: string, words: readonly string[], without: Operation | null): Fields | null {
  const member = tree.members.get(id);
  if (member === undefined) return null;
  let value: Fields | null = null;
  for (const { operation, change, isMerge } of lasting(tree, member, (deed) => deed.change !== null)) {
    if (operation.id === without?.id) continue;
    // The record that was moved and merged into this one may have made it: then this one is what that one is.
    if (isMerge) for (const one of giversBy(tree, operation, id, words)) value ??= replayedPlace(tree, one.id, words, without);
    else if (change !== null) value = placeAfter(tree, member, operation, words);
  }
  return value;
}

/** The records that an operation merged into this one, the one first that it is like since then. */
function giversBy(tree: MergeTree, operation: Operation, id: string, words: readonly string[]): Member[] {
  const left = placeAfter(tree, tree.members.get(id) as Member, operation, words);
  const merged = aliasesBy(tree, operation, id);
  const isBefore = (stamp: string) => stamp < operation.stamp;
  const saying = merged.filter(({ deeds }) => isSame(placeOf(tree.noun, deeds, isBefore, words), left));
  return [...new Set([...saying, ...merged])];
}

/** Whether any of the fields holds more than a record that was just begun. */
export function saysSomething(noun: NounName, fields: Fields): boolean {
  return Object.entries(fields).some(([field, value]) => !isSame(value, sharedBlank(noun)[field]));
}

function placeAfter({ noun }: MergeTree, { deeds }: Member, { stamp }: Operation, words: readonly string[]): Fields | null {
  return placeOf(noun, deeds, (one) => one <= stamp, words);
}

function placeOf(noun: NounName, deeds: readonly Deed[], isThen: (stamp: string) => boolean, words: readonly string[]): Fields | null {
  const record: Fields = { ...sharedBlank(noun) };
  for (const { operation, change } of deeds) if (isThen(operation.stamp)) Object.assign(record, change?.after);
  const said = Object.fromEntries(words.map((word) => [word, record[word]]));
  return record['deletedAt'] === null && saysSomething(noun, said) ? said : null;
}

/**
 * Whom a field of a record names that a merge moved, one or a list: first as it says by now, where one stands for several,
 * then as it would say without the merge. What people named and took off the list since counts.
 */
export function replayedNames(tree: MergeTree, moved: MergeTree, id: string, field: string, without: Operation): [string[], string[]] {
  const member = moved.members.get(id) as Member;
  // Each name the way it went: whom a person named first, what stands for it by now last.
  let ways = namesIn(member.deeds[0]?.change?.before?.[field]).map((one) => [one]);
  const touches = ({ change }: Deed) => change !== null && (change.before === null || field in change.after);
  for (const { operation, change } of lasting({ noun: tree.noun, members: moved.members }, member, touches)) {
    const [from, to] = [namesIn(change?.before?.[field]), namesIn(change?.after[field])];
    const into = new Map(operation.changes.filter(({ after }) => 'mergedInto' in after).map((one) => [one.id, one.after['mergedInto']]));
    const shown = Map.groupBy(ways, (way) => way.at(-1) ?? '');
    if (into.size === 0) ways = to.flatMap((one) => shown.get(one) ?? [[one]]);
    else if (change !== null && field in change.after) ways = ways.map((way) => wayAfter(way, from, to, into, tree));
  }
  const standsFor = (named: string): string => {
    const one = tree.members.get(named);
    return one === undefined || one.mergedInto === null || one.mergedBy?.id === without.id ? named : standsFor(one.mergedInto);
  };
  const now = ways.map(([named = '', ...rest]) => (tree.members.has(named) ? standsFor(named) : (rest.at(-1) ?? named)));
  return [[...new Set(ways.map((way) => way.at(-1) ?? ''))], [...new Set(now)]];
}

/** The way of a name after records were merged or taken apart, which made `to` of `from`. */
function wayAfter(way: string[], from: string[], to: string[], into: ReadonlyMap<string, unknown>, { members }: MergeTree): string[] {
  const back = way.findLastIndex((one) => into.get(one) === null && to.includes(one));
  if (back >= 0) return way.slice(0, back + 1);
  const last = way.at(-1) ?? '';
  if (to.includes(last) || !from.includes(last)) return way;
  const on = [...way];
  for (let at: unknown = into.get(last); typeof at === 'string' && !on.includes(at); at = into.get(at) ?? members.get(at)?.mergedInto) {
    on.push(at);
    if (to.includes(at)) return on;
  }
  const [only, ...others] = to.filter((one) => !from.includes(one));
  if (only === undefined || others.length > 0) return on;
  // Taken apart from below where the way began: this is whom a person named.
  return into.get(only) === null ? [only] : [...on, only];
}

export function namesIn(value: unknown): string[] {
  return Array.isArray(value) ? value : typeof value === 'string' ? [value] : [];
}

/** What was done and not taken back, oldest first; merges into the record whether they changed it or not. */
function lasting(tree: MergeTree, member: Member, touches: (deed: Deed) => boolean): Deed[] {
  const kept: Deed[] = [];
  const undone = new Map<string, Deed[]>();
  for (const deed of withMerges(tree, member)) {
    const { operation, isMerge } = deed;
    if (!isMerge && !touches(deed)) continue;
    const target = operation.target ?? '';
    const again = operation.kind === 'redo' && !isMerge ? undone.get(target) : undefined;
    const taken = operation.kind === 'undo' && !isMerge ? takenBack(kept, target, touches) : [];
    if (taken.length > 0) undone.set(target, taken);
    else kept.push(...(again ?? [deed]));
    if (again !== undefined) undone.delete(target);
  }
  return kept;
}

function withMerges({ noun, members }: MergeTree, member: Member): Deed[] {
  const known = new Set(member.deeds.map(({ operation }) => operation.id));
  const silent = new Map<string, Operation>();
  for (const { mergedInto, mergedBy } of members.values()) {
    if (mergedInto === member.id && mergedBy !== null && !known.has(mergedBy.id)) silent.set(mergedBy.id, mergedBy);
  }
  if (silent.size === 0) return [...member.deeds];
  return [...member.deeds, ...[...silent.values()].map((operation) => deedOf(noun, member.id, operation))].toSorted(byStamp);
}

/** Takes the newest deeds of the target off the list; none where something else came after them. */
function takenBack(kept: Deed[], target: string, touches: (deed: Deed) => boolean): Deed[] {
  const taken: Deed[] = [];
  for (;;) {
    const at = kept.findLastIndex(touches);
    const last = kept[at];
    if (last === undefined || last.isMerge || (last.operation.group ?? last.operation.id) !== target) return taken;
    taken.unshift(...kept.splice(at, 1));
  }
}

/** The members that the operation made stand for this one, as far as they still do because of it. */
function aliasesBy(tree: MergeTree, operation: Operation, id: string): Member[] {
  const merged = [...tree.members.values()].filter(({ mergedInto, mergedBy }) => mergedInto === id && mergedBy?.id === operation.id);
  const placeIn = (member: Member) => operation.changes.findIndex((change) => change.id === member.id);
  return merged.length < 2 ? merged : merged.toSorted((left, right) => placeIn(left) - placeIn(right));
}

/** The value the record had in truth when the operation met it. */
function valueBefore({ deeds }: Member, field: string, { stamp }: Operation, blank: unknown): unknown {
  const last = deeds.findLast(
    ({ operation, change }) => operation.stamp < stamp && change !== null && (change.before === null || field in change.after),
  );
  return last?.change?.after[field] ?? blank;
}

/** The value after somebody wrote `to` where `from` was; of a list its entries, of an address or own fields its parts. */
function written(value: unknown, from: unknown, to: unknown): unknown {
  if (isSame(value, from)) return to;
  if (Array.isArray(value) && Array.isArray(from) && Array.isArray(to)) return withEntries(value, from, to);
  if (!isParts(value) || !isParts(from) || !isParts(to)) return to;
  const parts: Record<string, unknown> = { ...value };
  for (const part of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const [old, now] = [ownPart(from, part), ownPart(to, part)];
    if (isSame(old, now)) continue;
    if (now === undefined) delete parts[part];
    else parts[part] = written(ownPart(value, part), old, now);
  }
  return parts;
}

/** What a merge that met `met` and left `left` leaves when it meets `now` instead: the same record gives the value. */
function mergedAgain(field: string, met: Met, left: unknown, now: Met): unknown {
  if (isSame(met, now)) return left;
  if (Array.isArray(left)) {
    const dropped = new Set(met.flat().filter((entry) => !left.includes(entry)));
    const entries = new Set(now.flat());
    return [...new Set([...left.filter((entry) => entries.has(entry)), ...[...entries].filter((entry) => !dropped.has(entry))])];
  }
  if (field !== 'custom' && field !== 'externalIds') return given(field, met, left, now);
  const parts: Record<string, unknown> = {};
  for (const part of new Set([left, ...now].flatMap((value) => (isParts(value) ? Object.keys(value) : [])))) {
    const partOf = (value: unknown) => (isParts(value) ? ownPart(value, part) : undefined);
    const value = given('', met.map(partOf), partOf(left), now.map(partOf));
    if (value !== undefined) parts[part] = value;
  }
  return parts;
}

function given(field: string, met: Met, left: unknown, now: Met): unknown {
  if (oneYesIsEnough.has(field) && left === true) return now.includes(true);
  const giver = met.findIndex((value) => isSame(value, left));
  // None of them had it: a rule of the book made it so.
  if (giver < 0) return left;
  const isEmptyOnPurpose = isNothing(left) && met.some((value) => !isNothing(value));
  if (isEmptyOnPurpose || !isNothing(now[giver])) return now[giver];
  return now.find((value) => !isNothing(value)) ?? now[giver];
}
