import type { Manifest, RemoteResource } from '../shared/dialects/manifest.ts';
import type { BookRecord } from '../shared/dialects/book-view.ts';
import { decode, type Member, topLevelChanges, type ValueMember } from '../shared/dialects/shape.ts';
import type { Wire } from '../shared/dialects/wire.ts';
import type { ListEdit } from '../shared/dialects/wire-merge.ts';
import { valueAt } from '../shared/nouns/field.ts';
import { type NounName, nouns } from '../shared/nouns/nouns.ts';
import { ProblemError } from '../shared/lib/result.ts';
import type { Transaction } from '../shared/operations/transaction.ts';
import { decideBy, mergeRecord, repaired, shadowOf, unseen } from './merge-record.ts';
import { type Action, blankEntry, canWrite, type Direction } from './plan.ts';
import type { ForeignContext, IdMap } from './remote-book.ts';
import type { ShadowEntry } from './shadow-store.ts';
import { say } from '../shared/words/say.ts';

/** What the book made of one thing that came. */
export interface ReceivedOne {
  action: Action;
  outcome: 'done' | 'refused' | 'otherwise';
  reason: string | null;
  /** Fields the book does not take: they stay as they are here, and are tried again. */
  dropped: { path: string; message: string }[];
  /** To be kept when the operation is on disk; null where the record is forgotten. */
  entry: ShadowEntry | null;
}

export interface ReceiveDeps {
  manifest: Manifest;
  direction: Direction;
  key: string;
  ids: IdMap;
  context: ForeignContext;
  skewMs: number;
  entry: (resource: string, bookId: string) => ShadowEntry | null;
}

type Fields = Record<string, unknown>;

/** Takes over what came, in one transaction of the book. What one record is refused for does not stop the others. */
export function receiveAll(tx: Transaction, actions: readonly Action[], deps: ReceiveDeps): ReceivedOne[] {
  return actions.map((action) => {
    const resource = deps.manifest.resources.find(({ name }) => name === action.resource) as RemoteResource;
    try {
      return receiveOne(tx, action, resource, deps);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return { action, outcome: 'refused', reason: say(error.problem), dropped: [], entry: entryOf(action, deps) };
    }
  });
}

function entryOf(action: Action, deps: ReceiveDeps): ShadowEntry | null {
  return action.bookId === null ? null : deps.entry(action.resource, action.bookId);
}

function receiveOne(tx: Transaction, action: Action, resource: RemoteResource, deps: ReceiveDeps): ReceivedOne {
  const noun = resource.of as NounName;
  const done = (entry: ShadowEntry | null, dropped: ReceivedOne['dropped'] = []): ReceivedOne => ({
    action,
    outcome: 'done',
    reason: dropped.length === 0 ? null : dropped.map(({ message }) => message).join(' '),
    dropped,
    entry,
  });
  switch (action.kind) {
    case 'receiveNew':
      return receiveNew(tx, action, resource, deps, done);
    case 'receiveBack':
      tx.restore(noun, action.bookId as string);
      return receiveChange(tx, action, resource, deps, done);
    case 'receiveChange':
      return receiveChange(tx, action, resource, deps, done);
    case 'link': {
      const isSent = action.paths.includes('sent');
      const known = deps.entry(resource.name, action.bookId as string);
      noteId(tx, noun, action.bookId as string, deps.key, action.remoteId);
      const base = isSent ? shadowOf(resource.merge.answer, action.theirs as Wire) : (known?.base ?? null);
      return done({ ...blankEntry(resource, action.bookId as string, action.remoteId), base });
    }
    case 'receiveDelete': {
      const id = action.bookId as string;
      tx.remove(noun, id);
      noteId(tx, noun, id, deps.key, null);
      return done(null);
    }
    default:
      noteId(tx, noun, action.bookId as string, deps.key, null);
      return done(null);
  }
}

/** Writes down, or takes away, the id a record has at the remote. Deleted records have theirs too. */
export function noteId(tx: Transaction, noun: NounName, id: string, key: string, remoteId: string | null): void {
  const record = tx.get(noun, id);
  if (record === null || record.id !== id) return;
  const { [key]: known, ...rest } = record.externalIds;
  if ((known ?? null) === remoteId) return;
  tx.set(noun, id, { externalIds: remoteId === null ? rest : { ...rest, [key]: remoteId } });
}

function receiveNew(
  tx: Transaction,
  action: Action,
  resource: RemoteResource,
  deps: ReceiveDeps,
  done: (entry: ShadowEntry, dropped: ReceivedOne['dropped']) => ReceivedOne,
): ReceivedOne {
  const noun = resource.of as NounName;
  const [remoteId, theirs] = [action.remoteId as string, action.theirs as Wire];
  const { answer } = resource.merge;
  const decoded = decode(answer, theirs);
  const origins = new Set(answer.members.flatMap((member) => ('isOrigin' in member && member.isOrigin === true ? [bookOf(member)] : [])));
  const fields = Object.fromEntries(Object.entries(decoded.fields).filter(([path]) => !origins.has(path)));
  const named: Fields = {};
  for (const member of answer.members) {
    if (member.kind !== 'reference' || member.isOrigin === true) continue;
    const ids = (decoded.references[member.book]?.ids ?? []).flatMap((id) => real(deps.ids.bookId(member.of, id)) ?? []);
    if (member.list) named[member.book] = ids;
    else if (ids.length > 0) named[member.book] = ids[0];
  }
  const missing = Object.keys(nouns[noun].parents).find((field) => isRequired(noun, field) && named[field] === undefined);
  if (missing !== undefined) return { action, outcome: 'otherwise', reason: waitsForParent, dropped: [], entry: null };
  const kind = answer.kind === 'users' ? { kind: 'user' } : answer.kind === 'teams' ? { kind: 'team' } : {};
  let id = '';
  const dropped = withoutRefused(topLevelChanges(answer.kind, null, fields), (kept) => {
    id = tx.create(noun, { ...named, ...kept, ...kind, ...resource.isHere, externalIds: { [deps.key]: remoteId } }).id;
  });
  deps.ids.put(resource.of, id, remoteId);
  for (const member of answer.members)
    if (member.kind === 'children' && member.shape === undefined)
      hang(tx, member, id, { of: member.of, add: decoded.references[member.wire]?.ids ?? [], remove: [] }, deps);
  const base = unseen(
    answer,
    shadowOf(answer, theirs),
    null,
    dropped.map(({ path }) => path),
  );
  return done({ ...blankEntry(resource, id, remoteId), base }, dropped);
}

const waitsForParent = 'What it hangs on is not in this book yet. It is taken over when that is.';

function receiveChange(
  tx: Transaction,
  action: Action,
  resource: RemoteResource,
  deps: ReceiveDeps,
  done: (entry: ShadowEntry, dropped: ReceivedOne['dropped']) => ReceivedOne,
): ReceivedOne {
  const noun = resource.of as NounName;
  const [id, theirs] = [action.bookId as string, action.theirs as Wire];
  const { answer } = resource.merge;
  const entry = deps.entry(resource.name, id) ?? blankEntry(resource, id, action.remoteId);
  const record = tx.get(noun, id) as BookRecord;
  const base = repaired(entry, theirs, resource.halves);
  const merge = mergeRecord(resource.merge, record, base, theirs, deps.context, decisions(resource, record, base, theirs, deps));
  const changes: Fields = topLevelChanges(answer.kind, record, merge.incoming.fields);
  for (const [path, { of, id: remoteId }] of Object.entries(merge.incoming.references)) {
    const known = remoteId === null ? null : real(deps.ids.bookId(of, remoteId));
    // Somebody the book does not know: that we name nobody is remembered by the shadow and is no change of ours.
    if (remoteId === null || known !== null) changes[path] = known;
    else changes[path] = null;
  }
  for (const [path, edit] of Object.entries(merge.incoming.lists)) {
    const member = answer.members.find((one) => bookOf(one) === path || one.wire === path);
    if (member?.kind === 'children') hang(tx, member, id, edit, deps);
    else changes[path] = edited((valueAt(record, path) ?? []) as string[], edit, member, deps);
  }
  const wanted = Object.keys(changes).length;
  const dropped = withoutRefused(changes, (kept) => {
    if (Object.keys(kept).length > 0) tx.change(noun, id, kept);
  });
  noteId(tx, noun, id, deps.key, action.remoteId);
  const next = unseen(
    answer,
    shadowOf(answer, merge.shadow),
    base,
    dropped.map(({ path }) => path),
  );
  const kept: ShadowEntry = { ...entry, remoteId: action.remoteId, base: next, intent: null, unsure: [], isKeptThere: false };
  // All of it was refused by the book: nothing came, and it is tried again when something has changed.
  if (dropped.length > 0 && dropped.length === wanted && Object.keys(merge.incoming.lists).length === 0)
    return { action, outcome: 'refused', reason: dropped.map(({ message }) => message).join(' '), dropped, entry: kept };
  return done(kept, dropped);
}

export function decisions(
  resource: RemoteResource,
  record: BookRecord,
  base: Wire | null,
  theirs: Wire,
  deps: Pick<ReceiveDeps, 'direction' | 'skewMs'>,
) {
  const { direction, skewMs } = deps;
  return decideBy({ record, base, theirs, answer: resource.merge.answer, direction, canWrite: (path) => canWrite(resource, path), skewMs });
}

function edited(stored: readonly string[], edit: ListEdit, member: Member | undefined, deps: ReceiveDeps): string[] {
  if (edit.of === null) {
    const key = (member as ValueMember | undefined)?.elementKey ?? ((one: unknown) => String(one));
    const gone = new Set(edit.remove.map(key));
    return [...stored.filter((one) => !gone.has(key(one))), ...edit.add];
  }
  const { of } = edit;
  const here = (ids: readonly string[]) => ids.flatMap((id) => real(deps.ids.bookId(of, id)) ?? []);
  const gone = new Set(here(edit.remove));
  return [...new Set([...stored.filter((one) => !gone.has(one)), ...here(edit.add)])];
}

/** Hangs records on another, or takes them off: elsewhere the list stands in that one, here each says it itself. */
function hang(tx: Transaction, member: Member & { kind: 'children' }, parentId: string, edit: ListEdit, deps: ReceiveDeps): void {
  const noun = member.of as NounName;
  for (const [ids, from, to] of [
    [edit.add, null, parentId],
    [edit.remove, parentId, null],
  ] as const) {
    for (const remoteId of ids) {
      const id = real(deps.ids.bookId(member.of, remoteId));
      const child = id === null ? null : tx.get(noun, id);
      // What hangs on another record here stays with that one.
      if (child === null || child.deletedAt !== null || valueAt(child, member.parent) !== from) continue;
      tx.change(noun, child.id, { [member.parent]: to });
    }
  }
}

/**
 * Does it without the fields the book will not have, which are named. Throws where it cannot be done without them: a name,
 * or a rule that is about no field.
 */
function withoutRefused(fields: Fields, work: (kept: Fields) => void): ReceivedOne['dropped'] {
  const kept = { ...fields };
  const dropped: ReceivedOne['dropped'] = [];
  for (;;) {
    try {
      work(kept);
      return dropped;
    } catch (error) {
      const path = error instanceof ProblemError ? (error.problem.field?.split('.')[0] ?? null) : null;
      if (path === null || !Object.hasOwn(kept, path) || path === 'name') throw error;
      dropped.push({ path, message: say((error as ProblemError).problem) });
      delete kept[path];
    }
  }
}

const real = (id: string | null) => (id === null || id.startsWith('new:') ? null : id);

const bookOf = (member: Member) => ('book' in member ? member.book : null);

/** Whether a record of the noun cannot be without the field. */
function isRequired(noun: NounName, field: string): boolean {
  const schema = (nouns[noun].fieldsSchema.shape as Record<string, { safeParse: (value: unknown) => { success: boolean } }>)[field];
  return schema !== undefined && !schema.safeParse(undefined).success;
}
