import type { BookRecord } from '../shared/dialects/book-view.ts';
import { blankValue, type Member, readMember, type Shape, type ValueMember, writeMember } from '../shared/dialects/shape.ts';
import { copyOf, isWire, readPath, type Wire, writePath } from '../shared/dialects/wire.ts';
import { mergeWire, type MergeShapes, settle, type WireConflict, type WireMerge } from '../shared/dialects/wire-merge.ts';
import { valueAt } from '../shared/nouns/field.ts';
import { isSealed } from '../shared/nouns/secret.ts';
import { parseStamp, type Stamps, stampOf } from '../shared/sync/stamp.ts';
import type { ForeignContext } from './remote-book.ts';
import { isDigest, type ShadowEntry } from './shadow-store.ts';

/** Whose value stands where both changed one field since they last agreed. `neither`: a person decides, both stay. */
export type Stands = 'mine' | 'theirs' | 'neither';

export interface DecidedConflict extends WireConflict {
  stands: Stands;
}

export interface RecordMerge extends WireMerge {
  decided: DecidedConflict[];
}

export type Decide = (conflict: WireConflict, member: Member | undefined) => Stands;

/**
 * The three-way merge with its conflicts decided. The other value is not lost: what was ours is in the record's history,
 * and both stand in the list of conflicts.
 */
export function mergeRecord(
  shapes: MergeShapes,
  record: BookRecord,
  digested: Wire | null,
  theirs: Wire,
  context: ForeignContext,
  decide: Decide,
): RecordMerge {
  const usable = withoutSealed(shapes, record);
  const base = opened(usable, digested, theirs, record, context);
  const first = mergeWire(usable, record, base, theirs, context);
  if (first.conflicts.length === 0) return { ...first, decided: [] };
  const memberOf = (path: string) => usable.answer.members.find((member) => pathOf(member) === path);
  const decided = first.conflicts.map((conflict): DecidedConflict => ({ ...conflict, stands: decide(conflict, memberOf(conflict.path)) }));
  const paths = (stands: Stands) => decided.filter((one) => one.stands === stands).map(({ path }) => path);
  // What stands here counts as seen there: then it differs from ours, and is sent.
  const seen = settle(usable.answer, copyOf(base ?? {}), theirs, paths('mine'));
  const merge = mergeWire(usable, record, seen, theirs, context);
  for (const { path, theirs: value } of decided.filter(({ stands }) => stands === 'theirs')) {
    const member = memberOf(path);
    if (member?.kind === 'reference') merge.incoming.references[path] = { of: member.of, id: value as string | null };
    else merge.incoming.fields[path] = value;
  }
  merge.shadow = settle(usable.answer, merge.shadow, theirs, paths('theirs'));
  return { ...merge, conflicts: merge.conflicts.filter(({ path }) => paths('neither').includes(path)), decided };
}

/**
 * A base of which secret values are known by their digests only. Merging asks of a base nothing but whether ours or theirs is
 * the same, which a digest tells.
 */
function opened(shapes: MergeShapes, base: Wire | null, theirs: Wire, record: BookRecord, context: ForeignContext): Wire | null {
  if (base === null) return null;
  let next = base;
  for (const member of shapes.answer.members) {
    const kept = readPath(base, member.wire);
    if (!isDigest(kept) || member.kind !== 'value') continue;
    const mine = writeMember(shapes.answer, member, record, context);
    const same = [readPath(theirs, member.wire), mine].find((value) => typeof value === 'string' && context.digest(value) === kept);
    if (same === undefined) continue;
    if (next === base) next = copyOf(base);
    writePath(next, member.wire, same);
  }
  return next;
}

const pathOf = (member: Member) => (member.kind === 'value' || member.kind === 'reference' ? member.book : member.wire);

export interface DecideBy {
  record: BookRecord & { stamps?: Stamps };
  base: Wire | null;
  theirs: Wire;
  answer: Shape;
  direction: 'both' | 'read' | 'write';
  canWrite: (path: string) => boolean;
  /** How far the server's clock is ahead. */
  skewMs: number;
}

/**
 * The later stands, where both sides say when; else theirs, because ours is never lost: it is in the record's history. A
 * value of theirs that the book cannot keep waits for a person.
 */
export function decideBy(of: DecideBy): Decide {
  return ({ path, theirs }, member) => {
    if (member?.kind === 'value' && theirs !== null && readRefused(of.answer, member, of.theirs)) return 'neither';
    if (of.direction === 'read' || !of.canWrite(path)) return 'theirs';
    if (of.direction === 'write') return 'mine';
    if (of.base === null) return 'theirs';
    const changed = changedThere(of);
    const mine = of.record.stamps === undefined ? null : stampTime(of.record.stamps, path);
    return changed !== null && mine !== null && mine > changed ? 'mine' : 'theirs';
  };
}

function readRefused(answer: Shape, member: ValueMember, theirs: Wire): boolean {
  const raw = readPath(theirs, member.wire);
  return raw !== undefined && readMember(answer, member, raw, theirs).refused !== undefined;
}

function changedThere({ answer, theirs, skewMs }: DecideBy): number | null {
  const member = answer.members.find((one): one is ValueMember => one.kind === 'value' && one.book === 'updatedAt');
  const raw = member === undefined ? undefined : readPath(theirs, member.wire);
  if (member === undefined || raw === undefined) return null;
  const read = readMember(answer, member, raw, theirs);
  const time = read.refused === undefined ? Date.parse(String(read.value)) : Number.NaN;
  return Number.isNaN(time) ? null : time - skewMs;
}

function stampTime(stamps: Stamps, path: string): number | null {
  const stamp = stampOf(stamps, path.split('.')[0] as string);
  return stamp === undefined || stamp === null ? null : parseStamp(stamp).ms;
}

/** Secrets that cannot be opened on this computer are neither told nor overwritten. */
function withoutSealed(shapes: MergeShapes, record: BookRecord): MergeShapes {
  const banking = valueAt(record, 'banking');
  const isClosed = isWire(banking) && Object.values(banking).some((value) => typeof value === 'string' && isSealed(value));
  if (!isClosed) return shapes;
  const rest = (shape: Shape): Shape => ({
    ...shape,
    members: shape.members.filter((member) => member.kind !== 'value' || !member.book.startsWith('banking.')),
  });
  return { ...shapes, answer: rest(shapes.answer), change: shapes.change === null ? null : rest(shapes.change) };
}

/**
 * What is kept of an answer: the members we know, and of other records in it only their ids. Keys of the organisation,
 * "3 minutes ago" and whatever else comes along is never stored and never compared.
 */
export function shadowOf(shape: Shape, wire: Wire): Wire {
  const kept: Wire = {};
  for (const member of shape.members) {
    if (member.kind === 'computed' || member.kind === 'given') continue;
    const raw = readPath(wire, member.wire);
    if (raw === undefined) continue;
    if (member.kind === 'reference' || member.kind === 'children') {
      if (member.kind === 'children' && member.shape !== undefined) continue;
      const ids = readMember(shape, member, raw, wire).reference?.ids ?? [];
      const isList = member.kind === 'children' || (member.list && member.single !== true);
      writePath(kept, member.wire, isList ? ids : (ids[0] ?? null));
    } else if (typeof raw === 'object' && raw !== null) {
      const read = readMember(shape, member, raw, wire);
      // What the book cannot keep is not kept here either: it may be anything.
      if (member.kind === 'value' && read.refused === undefined) {
        const value = member.write === undefined ? read.value : member.write(read.value, {});
        if (value !== undefined) writePath(kept, member.wire, copyOf(value));
      }
    } else writePath(kept, member.wire, raw);
  }
  return kept;
}

/** A shadow without what the book did not take over: it counts as not seen, and is tried again. */
export function unseen(shape: Shape, shadow: Wire, base: Wire | null, paths: readonly string[]): Wire {
  const next = copyOf(shadow);
  for (const member of shape.members) {
    const path = pathOf(member);
    if (!paths.some((one) => one === path || path.startsWith(`${one}.`))) continue;
    const before = base === null ? undefined : readPath(base, member.wire);
    if (before !== undefined) writePath(next, member.wire, copyOf(before));
    else if (readPath(next, member.wire) !== undefined)
      writePath(
        next,
        member.wire,
        member.kind === 'value' ? blankWire(shape, member) : member.kind === 'reference' && !member.list ? null : [],
      );
  }
  return next;
}

function blankWire(shape: Shape, member: ValueMember): unknown {
  const value = blankValue(shape, member);
  return member.write === undefined ? value : (member.write(value, {}) ?? null);
}

/**
 * The base to merge with after a change that may have been carried out by half: lists that it left empty, and that it was
 * not asked to empty, count as seen, so that ours is put there again.
 */
export function repaired(entry: Pick<ShadowEntry, 'base' | 'unsure'>, theirs: Wire, halves: readonly string[] = []): Wire | null {
  if (entry.base === null || entry.unsure.length === 0) return entry.base;
  const next = copyOf(entry.base);
  for (const wire of entry.unsure) {
    const now = readPath(theirs, wire);
    if (halves.includes(wire) && Array.isArray(now) && now.length === 0) writePath(next, wire, []);
  }
  return next;
}

/** Whether the remote says anything else than when it was last seen. */
export function saysNew(merge: WireMerge): boolean {
  const { fields, references, lists } = merge.incoming;
  return Object.keys(fields).length + Object.keys(references).length + Object.keys(lists).length > 0 || merge.deletion === 'restored';
}
