import { valueAt } from '../nouns/field.ts';
import type { BookRecord, Collection } from './book-view.ts';
import {
  blankValue,
  type ChildrenMember,
  childrenOf,
  decode,
  encode,
  type EncodeContext,
  groupsOf,
  type Member,
  membersOfGroup,
  type Reading,
  type ReferenceMember,
  readMember,
  type Shape,
  sameValue,
  Unsayable,
  type ValueMember,
  writeMember,
} from './shape.ts';
import { copyOf, isWire, pathStep, readPath, removePath, sameJson, type Wire, writePath } from './wire.ts';

/**
 * The three-way merge on the wire (domain model, "Known contradictions", last point). No dialect has versions, so the
 * last wire object seen, its shadow, is the base. A remote field counts as changed only where it differs from the
 * shadow; a local field is sent only where it differs from what the shadow says. What a dialect cannot express is
 * therefore never touched, on either side (invariant 2).
 */
export interface MergeContext extends EncodeContext {
  /** The book's id of a record the remote names; null when the book does not have it. */
  bookId: (of: Collection, remoteId: string) => string | null;
}

export interface MergeShapes {
  /** What the remote answers. */
  answer: Shape;
  /** What an update can say; null where the remote takes none. */
  change: Shape | null;
  /** Members an update must always carry, because leaving them out would clear them or be refused. */
  always?: readonly string[];
  /** Objects that an update must carry whole as soon as it carries a part of them. */
  whole?: readonly string[];
}

export interface WireConflict {
  path: string;
  base: unknown;
  mine: unknown;
  theirs: unknown;
}

/** Something of this book that the remote does not get, or something of the remote that the book does not take. */
export interface Held {
  path: string;
  /**
   * unsayable: the dialect has no way to say the value. readOnly: the remote decides it. waiting: it names a record the
   * remote has not got yet. unkeepable: the remote's value is one the book cannot keep.
   */
  reason: 'unsayable' | 'readOnly' | 'waiting' | 'unkeepable';
  value: unknown;
  message: string;
}

export interface ListEdit {
  /** Collection the elements name, as remote ids; null for plain texts such as tags. */
  of: Collection | null;
  add: string[];
  remove: string[];
}

export interface WireMerge {
  /** What the book takes over, by book path; references as remote ids; lists as edits, so that nothing else in them moves. */
  incoming: {
    fields: Record<string, unknown>;
    references: Record<string, { of: Collection; id: string | null }>;
    lists: Record<string, ListEdit>;
  };
  /** The body of the update to send; null when there is nothing to say. */
  outgoing: Wire | null;
  /** Book paths the update speaks of because they changed here. */
  sent: string[];
  /**
   * Members an update has to carry and nobody has read yet: a list's answer leaves some out. Then there is no `outgoing`
   * although something changed here; read the whole object and merge again, or what it has there would be cleared.
   */
  unread: string[];
  conflicts: WireConflict[];
  held: Held[];
  /** Deleted over there since the shadow; restored over there since the shadow. */
  deletion: 'deleted' | 'restored' | null;
  /** The shadow to keep now. An undecided conflict keeps its old base, so that it is found again until it is decided. */
  shadow: Wire;
}

/** Merges what the remote says now into a record of the book. `shadow` is null when the two have never met. */
export function mergeWire(shapes: MergeShapes, record: BookRecord, shadow: Wire | null, theirs: Wire, context: MergeContext): WireMerge {
  const { answer, change } = shapes;
  const base = shadow ?? {};
  const merge: WireMerge = {
    incoming: { fields: {}, references: {}, lists: {} },
    outgoing: null,
    sent: [],
    unread: [],
    conflicts: [],
    held: [],
    deletion: null,
    shadow: advance(base, theirs, answer),
  };
  /** Wire values of the update by member, for members that changed here. */
  const out = new Map<string, unknown>();
  for (const member of answer.members) {
    if (readPath(theirs, member.wire) === undefined && readPath(base, member.wire) === undefined && !isSayable(member)) continue;
    if (member.kind === 'value' && member.isOrigin !== true) {
      if (member.elementKey === undefined) mergeValue(member);
      else mergeTexts(member);
    } else if (member.kind === 'reference' && member.isOrigin !== true) {
      if (member.list) mergeReferences(member);
      else mergeReference(member);
    } else if (member.kind === 'children' && member.shape === undefined) mergeChildren(member);
    else if (member.kind === 'deleted') mergeDeletion(member);
  }
  if (change !== null && out.size > 0) {
    const wanted = carried(change);
    merge.unread = [...wanted].filter((wire) => !out.has(wire) && !isRead(change, wire));
    if (merge.unread.length === 0) merge.outgoing = updateBody(change, wanted);
  }
  return merge;

  function isSayable(member: Member): boolean {
    return writerOf(member) !== null;
  }

  function writerOf(member: Member): Member | null {
    return change?.members.find((one) => one.kind === member.kind && sayingOf(one) === sayingOf(member)) ?? null;
  }

  function mergeValue(member: ValueMember): void {
    const writer = writerOf(member) as ValueMember | null;
    const rawBase = readPath(base, member.wire);
    const rawTheirs = readPath(theirs, member.wire);
    const b: Reading =
      rawBase === undefined ? { value: blankValue(answer, member), isOther: false } : readMember(answer, member, rawBase, base);
    const t = rawTheirs === undefined ? b : readMember(answer, member, rawTheirs, theirs);
    const stored = valueAt(record, member.book);
    const written = writeMember(writer === null ? answer : (change as Shape), writer ?? member, record, context);
    // What the remote would show of ours: a phone without its brackets is no change to a phone with them.
    const mine = written instanceof Unsayable ? stored : readMember(answer, member, written, theirs).value;
    const baseValue = b.refused === undefined ? b.value : blankValue(answer, member);
    const theyChanged =
      b.refused !== undefined || t.refused !== undefined ? !sameJson(rawBase, rawTheirs ?? rawBase) : !sameValue(member, b.value, t.value);
    // A remote may itself show what it would not take; as long as we have it just so, it is no change of ours.
    // What is put together from other fields, and nobody can be told of, is no change either.
    const isOwn = member.isComposed === true ? writer !== null || stored !== null : !sameValue(member, baseValue, stored);
    const weChanged = !sameValue(member, baseValue, mine) && isOwn;
    if (theyChanged && t.refused !== undefined) hold(member.book, 'unkeepable', rawTheirs, t.refused);
    if (theyChanged && weChanged) {
      if (t.refused === undefined && sameValue(member, mine, t.value)) return;
      conflict(member, member.book, baseValue, stored, t.refused === undefined ? t.value : rawTheirs);
    } else if (theyChanged && t.refused === undefined)
      merge.incoming.fields[member.book] = member.keep === undefined ? t.value : member.keep(t.value, stored);
    else if (weChanged && written instanceof Unsayable) hold(member.book, 'unsayable', stored, written.message);
    else if (weChanged && writer === null)
      hold(member.book, 'readOnly', stored, 'This system keeps this field itself and takes no change of it from here.');
    else if (weChanged) send(member.book, (writer as ValueMember).wire, written);
  }

  function mergeReference(member: ReferenceMember): void {
    const writer = writerOf(member) as ReferenceMember | null;
    const b = idsIn(member, base)?.[0] ?? null;
    const said = idsIn(member, theirs);
    const t = said === null ? b : (said[0] ?? null);
    const stored = valueAt(record, member.book);
    const ours = typeof stored === 'string' ? stored : null;
    const mine = ours === null ? null : context.remoteId(member.of, ours);
    const isWaiting = ours !== null && mine === null;
    // Where another field is shown in its place, naming nobody is no change.
    const isStandIn = member.orElse !== undefined && ours === null;
    // The book does not have what the remote names: that we name nobody is no change of ours.
    const isUnknownHere = b !== null && ours === null && context.bookId(member.of, b) === null;
    const weChanged = isWaiting || (mine !== b && !isUnknownHere && !isStandIn);
    const theyChanged = t !== b;
    if (theyChanged && weChanged) {
      if (!isWaiting && mine === t) return;
      conflict(member, member.book, b, mine ?? ours, t);
    } else if (theyChanged) merge.incoming.references[member.book] = { of: member.of, id: t };
    else if (isWaiting)
      hold(member.book, 'waiting', ours, 'It names a record that this system has not got yet. It follows when that one is there.');
    else if (weChanged && writer === null)
      hold(member.book, 'readOnly', ours, 'This system keeps this field itself and takes no change of it from here.');
    else if (weChanged)
      send(member.book, (writer as ReferenceMember).wire, writeMember(change as Shape, writer as ReferenceMember, record, context));
  }

  function mergeReferences(member: ReferenceMember): void {
    const stored = valueAt(record, member.book);
    const ours = Array.isArray(stored) ? (stored as string[]) : [];
    const waiting = ours.filter((id) => context.remoteId(member.of, id) === null);
    for (const id of waiting)
      hold(member.book, 'waiting', id, 'It names a record that this system has not got yet. It follows when that one is there.');
    const all = ours.flatMap((id) => context.remoteId(member.of, id) ?? []);
    const shown = idsIn(member, base) ?? [];
    // Where the wire shows one of many, the one it shows is enough.
    const mine = member.single !== true ? all : shown.every((id) => all.includes(id)) && shown.length > 0 ? shown : all.slice(0, 1);
    mergeList(member, member.of, mine, (id) => context.bookId(member.of, id) !== null);
  }

  /** Ids of children: one is only taken away by us when it hangs on nothing any more, because elsewhere it may hang on two. */
  function mergeChildren(member: ChildrenMember): void {
    const mine = childrenOf(answer, member, record, context).flatMap((child) => context.remoteId(member.of, child.id) ?? []);
    mergeList(member, member.of, mine, (remoteId) => {
      const id = context.bookId(member.of, remoteId);
      const child = id === null ? null : context.book.get(member.of, id);
      return child !== null && (child.deletedAt !== null || valueAt(child, member.parent) === null);
    });
  }

  function mergeList(
    member: ReferenceMember | ChildrenMember,
    of: Collection,
    mine: string[],
    isOursToRemove: (id: string) => boolean,
  ): void {
    const path = member.kind === 'reference' ? member.book : member.wire;
    const b = idsIn(member, base) ?? [];
    const said = readPath(theirs, member.wire);
    if (said !== undefined && idsIn(member, theirs) === null) return hold(path, 'unkeepable', said, 'The other system gave no list here.');
    const t = idsIn(member, theirs) ?? b;
    const added = mine.filter((id) => !b.includes(id));
    const removed = b.filter((id) => !mine.includes(id) && isOursToRemove(id));
    const add = t.filter((id) => !b.includes(id) && !mine.includes(id));
    const remove = b.filter((id) => !t.includes(id) && mine.includes(id));
    if (add.length + remove.length > 0) merge.incoming.lists[path] = { of, add, remove };
    const target = [...t.filter((id) => !removed.includes(id)), ...added.filter((id) => !t.includes(id))];
    const writer = writerOf(member);
    if (sameJson(target, t)) return;
    if (isBlind(member, writer)) return;
    if (writer === null)
      hold(path, 'readOnly', [...added, ...removed], 'This system keeps this list itself and takes no change of it from here.');
    else
      send(
        path,
        writer.wire,
        target.map((id) => (member.integer && /^\d{1,15}$/.test(id) ? Number(id) : id)),
      );
  }

  function mergeTexts(member: ValueMember): void {
    const key = member.elementKey as (element: unknown) => string;
    const list = (wire: Wire) => {
      const raw = readPath(wire, member.wire);
      if (raw === undefined) return null;
      const reading = readMember(answer, member, raw, wire);
      return reading.refused === undefined ? (reading.value as string[]) : null;
    };
    const b = list(base) ?? [];
    const said = readPath(theirs, member.wire);
    // A list with something in it that the book cannot keep is left as it is on both sides.
    if (said !== undefined && list(theirs) === null)
      return hold(member.book, 'unkeepable', said, 'The book cannot keep something in this list.');
    const t = list(theirs) ?? b;
    const mine = (valueAt(record, member.book) ?? []) as string[];
    const lacks = (all: string[], one: string) => !all.some((other) => key(other) === key(one));
    const add = t.filter((one) => lacks(b, one) && lacks(mine, one));
    const remove = mine.filter((one) => !lacks(b, one) && lacks(t, one));
    if (add.length + remove.length > 0) merge.incoming.lists[member.book] = { of: null, add, remove };
    const added = mine.filter((one) => lacks(b, one) && lacks(t, one));
    const kept = t.filter((one) => lacks(b, one) || !lacks(mine, one));
    if (added.length === 0 && kept.length === t.length) return;
    const writer = writerOf(member);
    if (isBlind(member, writer)) return;
    if (writer === null) hold(member.book, 'readOnly', mine, 'This system keeps this list itself and takes no change of it from here.');
    else send(member.book, writer.wire, [...kept, ...added]);
  }

  /** A list that goes whole cannot be written before it has been read. */
  function isBlind(member: Member, writer: Member | null): boolean {
    if (writer === null || shapes.always?.includes(writer.wire) !== true) return false;
    if (readPath(theirs, member.wire) !== undefined || readPath(base, member.wire) !== undefined) return false;
    merge.unread.push(writer.wire);
    return true;
  }

  function mergeDeletion(member: Member): void {
    const before = readPath(base, member.wire) === true;
    const now = readPath(theirs, member.wire);
    if (now === undefined || (now === true) === before) return;
    merge.deletion = now === true ? 'deleted' : 'restored';
  }

  function idsIn(member: ReferenceMember | ChildrenMember, wire: Wire): string[] | null {
    const raw = readPath(wire, member.wire);
    return raw === undefined ? null : (readMember(answer, member, raw, wire).reference?.ids ?? null);
  }

  function conflict(member: Member, path: string, from: unknown, mine: unknown, now: unknown): void {
    merge.conflicts.push({ path, base: from, mine, theirs: now });
    restoreBase(merge.shadow, base, member.wire);
  }

  function hold(path: string, reason: Held['reason'], value: unknown, message: string): void {
    merge.held.push({ path, reason, value, message });
  }

  function send(path: string, wire: string, value: unknown): void {
    merge.sent.push(path);
    out.set(wire, value);
  }

  /** The changed members, and beside them what must always go or go whole. */
  function carried(to: Shape): Set<string> {
    const wanted = new Set([...out.keys(), ...(shapes.always ?? [])]);
    for (const group of shapes.whole ?? []) {
      const members = membersOfGroup(to, group).map((member) => member.wire);
      if (members.some((wire) => out.has(wire))) for (const wire of members) wanted.add(wire);
    }
    return wanted;
  }

  /** Whether the remote has ever said what it has in a member of the update. */
  function isRead(to: Shape, wire: string): boolean {
    const member = to.members.find((one) => one.wire === wire);
    const inAnswer = member === undefined ? undefined : answer.members.find((one) => sayingOf(one) === sayingOf(member));
    return inAnswer === undefined || remoteValue(inAnswer, member as Member) !== undefined;
  }

  /** What did not change here goes as the remote has it now. */
  function updateBody(to: Shape, wanted: ReadonlySet<string>): Wire {
    const now = encode(to, record, context, { only: [...wanted].filter((wire) => !out.has(wire)) }).wire;
    const body: Wire = {};
    for (const member of to.members) {
      if (!wanted.has(member.wire)) continue;
      const inAnswer = answer.members.find((one) => sayingOf(one) === sayingOf(member));
      const remote = inAnswer === undefined ? undefined : remoteValue(inAnswer, member);
      const value = out.has(member.wire) ? out.get(member.wire) : remote !== undefined ? remote : readPath(now, member.wire);
      if (value !== undefined) writePath(body, member.wire, copyOf(value));
    }
    return body;
  }

  /** What the remote has now, in the form an update takes; undefined where it has not said. */
  function remoteValue(inAnswer: Member, member: Member): unknown {
    const from = readPath(theirs, inAnswer.wire) === undefined ? base : theirs;
    const raw = readPath(from, inAnswer.wire);
    if (raw === undefined) return undefined;
    if (inAnswer.kind === 'reference' || inAnswer.kind === 'children') {
      const ids = (idsIn(inAnswer, from) ?? []).map((id) =>
        (member as ReferenceMember).integer && /^\d{1,15}$/.test(id) ? Number(id) : id,
      );
      return inAnswer.kind === 'children' || inAnswer.list ? ids : (ids[0] ?? null);
    }
    if (inAnswer.kind === 'value' && inAnswer.elementKey !== undefined) {
      const reading = readMember(answer, inAnswer, raw, from);
      return reading.refused === undefined ? reading.value : raw;
    }
    return raw;
  }
}

/** What a member speaks of, whichever shape it stands in. */
function sayingOf(member: Member): string {
  if (member.kind === 'value' || member.kind === 'reference') return `${member.kind} ${member.book}`;
  return member.kind === 'children' ? `children ${member.of} ${member.shape === undefined}` : `${member.kind} ${member.wire}`;
}

/**
 * A shadow after an answer: what the answer says replaces what was known, what it leaves out stays known. Lists and
 * details of one record answer different members, and both are read.
 */
export function advance(shadow: Wire, answer: Wire, shape: Shape): Wire {
  const next = copyOf(shadow);
  const groups = new Set(groupsOf(shape));
  const lay = (from: Wire, prefix: string) => {
    for (const [key, value] of Object.entries(from)) {
      const path = `${prefix}${pathStep(key)}`;
      if (groups.has(path) && isWire(value)) lay(value, `${path}.`);
      else writePath(next, path, copyOf(value));
    }
  };
  lay(answer, '');
  return next;
}

function restoreBase(shadow: Wire, base: Wire, path: string): void {
  const before = readPath(base, path);
  if (before === undefined) removePath(shadow, path);
  else writePath(shadow, path, copyOf(before));
}

/**
 * Settles a conflict: from now on the remote's value counts as seen. Keeping ours then means that the next merge sends
 * it; taking theirs means to change the book as well.
 */
export function settle(shape: Shape, shadow: Wire, theirs: Wire, paths: readonly string[]): Wire {
  const next = copyOf(shadow);
  for (const member of shape.members) {
    if (!paths.includes(member.kind === 'value' || member.kind === 'reference' ? member.book : member.wire)) continue;
    const value = readPath(theirs, member.wire);
    if (value !== undefined) writePath(next, member.wire, copyOf(value));
  }
  return next;
}

/** The shadow after an update was answered: what the answer says is seen, but for what is still undecided. */
export function shadowAfter(shape: Shape, merge: Pick<WireMerge, 'shadow' | 'conflicts'>, answer: Wire): Wire {
  const next = advance(merge.shadow, answer, shape);
  for (const member of shape.members) {
    if (merge.conflicts.some(({ path }) => path === (member.kind === 'value' || member.kind === 'reference' ? member.book : member.wire)))
      restoreBase(next, merge.shadow, member.wire);
  }
  return next;
}

/** What a dialect can say of a kind of record: book paths it tells us, and book paths it takes from us. */
export function expressible(shapes: MergeShapes): { hears: string[]; says: string[] } {
  const paths = (shape: Shape | null) =>
    (shape?.members ?? []).flatMap((member) =>
      (member.kind === 'value' || member.kind === 'reference') && member.isOrigin !== true ? [member.book] : [],
    );
  return { hears: paths(shapes.answer), says: paths(shapes.change) };
}

/** What a request asks of a record, in the book's words, for a server: only what differs from what the record already says. */
export interface RequestedChanges {
  fields: Record<string, unknown>;
  references: Record<string, { of: Collection; ids: string[]; list: boolean }>;
  /** Refused values by wire path. */
  refused: { wire: string; message: string }[];
}

/**
 * A request as changes to a record; null for a new record. A member that says what the record already shows is no
 * change, so that a client which sends back a whole object it was shown does not flatten what its dialect cannot say.
 */
export function requestedChanges(shape: Shape, body: Wire, record: BookRecord | null, context: EncodeContext): RequestedChanges {
  const decoded = decode(shape, body);
  const changes: RequestedChanges = {
    fields: {},
    references: {},
    refused: decoded.refused.map(({ wire, message }) => ({ wire, message })),
  };
  for (const member of shape.members) {
    if (!decoded.said.includes(member.wire)) continue;
    if (member.kind === 'value' && Object.hasOwn(decoded.fields, member.book)) {
      const value = decoded.fields[member.book];
      if (record === null) changes.fields[member.book] = value;
      else if (!isShown(member, value))
        changes.fields[member.book] = member.keep === undefined ? value : member.keep(value, valueAt(record, member.book));
    } else if (member.kind === 'reference' || (member.kind === 'children' && member.shape === undefined)) {
      const path = member.kind === 'reference' ? member.book : member.wire;
      const wanted = decoded.references[path];
      if (wanted === undefined) continue;
      const shown = record === null ? null : readMember(shape, member, writeMember(shape, member, record, context), body).reference;
      if (!sameJson(shown?.ids, wanted.ids)) changes.references[path] = wanted;
    }
  }
  return changes;

  function isShown(member: ValueMember, value: unknown): boolean {
    const written = writeMember(shape, member, record as BookRecord, context);
    // What could not be shown was shown as null; null back is no wish to empty it.
    if (written instanceof Unsayable) return value === null;
    return sameValue(member, readMember(shape, member, written, body).value, value);
  }
}
