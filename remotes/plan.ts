import type { BookRecord, Collection } from '../shared/dialects/book-view.ts';
import type { Manifest, RemoteResource } from '../shared/dialects/manifest.ts';
import { decode, Unsayable } from '../shared/dialects/shape.ts';
import { readPath, type Wire } from '../shared/dialects/wire.ts';
import type { Held } from '../shared/dialects/wire-merge.ts';
import { valueAt } from '../shared/nouns/field.ts';
import { type AnyRecord, type NounName, nouns, titleOf } from '../shared/nouns/nouns.ts';
import { matchRecords } from './match.ts';
import { type DecidedConflict, type Decide, decideBy, mergeRecord, type RecordMerge, repaired, saysNew } from './merge-record.ts';
import type { ReadRows } from './read-whole.ts';
import { contextOf, createIds, type IdMap, type ForeignBook, viewOf } from './remote-book.ts';
import { newObject, travelling } from './request-body.ts';
import { hashOf, type ShadowEntry, type ShadowStore } from './shadow-store.ts';

/**
 * What a cycle will do, as a list, before anything of it is done: a function of what both sides say and were last known to
 * say. It asks nobody and changes nothing. The rehearsal is this list; the receipt says what became of each line of it.
 */
export type Direction = 'both' | 'read' | 'write';

export type ActionKind =
  /** The same record on both sides: from now on they are one. */
  | 'link'
  | 'receiveNew'
  | 'receiveChange'
  | 'receiveDelete'
  /** Deleted here and changed there: it comes back. */
  | 'receiveBack'
  | 'sendNew'
  | 'sendChange'
  | 'sendDelete'
  /** Deleted on both sides: it is forgotten. */
  | 'forget';

export interface Action {
  kind: ActionKind;
  resource: string;
  of: Collection;
  /** Null for what is not in the book yet. */
  bookId: string | null;
  /** Null for what is not there yet. */
  remoteId: string | null;
  /** What it is called, for the person. */
  title: string;
  /** Book paths that are told, or taken over. */
  paths: string[];
  theirs: Wire | null;
}

/** Something that stays as it is on one of the sides, and why. */
export interface HeldLine {
  resource: string;
  of: Collection;
  bookId: string | null;
  remoteId: string | null;
  title: string;
  path: string | null;
  /**
   * refused: the server, or the book, does not take it; a person can mend it. conflict: both changed it. gone: it is not
   * there any more and nobody knows why. kept: it cannot be deleted there. The others are those of the merge.
   */
  reason: Held['reason'] | 'refused' | 'conflict' | 'gone' | 'kept';
  message: string;
}

export interface Plan {
  /** Why nothing is done: a sentence for the person. */
  stop: { reason: 'emptied' | 'shrunken'; message: string } | null;
  actions: Action[];
  held: HeldLine[];
  conflicts: (DecidedConflict & { resource: string; bookId: string })[];
}

export interface PlanInput {
  manifest: Manifest;
  direction: Direction;
  reads: ReadonlyMap<string, ReadRows>;
  /** Of rows that were missing and asked for one by one: gone, or there after all. */
  asked: ReadonlyMap<string, Wire | 'gone' | 'hidden'>;
  shadow: Pick<ShadowStore, 'entries' | 'of' | 'byRemoteId'>;
  digest: (text: string) => string;
  book: Pick<ForeignBook, 'get' | 'all' | 'children'>;
  /** The remote's name in `externalIds`. */
  key: string;
  today: string;
  skewMs: number;
  known: Readonly<Record<string, string>>;
  /** A person has looked at a shrunken list and said that it is right. */
  mayShrink?: boolean;
}

/** The share of what was there that may be missing at once: of few, half; of many, a tenth. */
export function mayBeMissing(known: number): number {
  return Math.max(Math.min(Math.floor(known / 2), 5), Math.floor(known / 10));
}

export const askedKey = (resource: string, remoteId: string) => `${resource}/${remoteId}`;

/** What a whole list does not show any more and was there: to be asked for one by one before it counts as deleted. */
export function missingRows(input: Pick<PlanInput, 'manifest' | 'reads' | 'shadow'>): { resource: RemoteResource; remoteId: string }[] {
  return input.manifest.resources.flatMap((resource) => {
    const read = input.reads.get(resource.name);
    if (read === undefined || !read.isWhole || read.isDelta || resource.isPartial === true) return [];
    return [...input.shadow.entries(resource.name)].flatMap(({ remoteId, base, isKeptThere }) =>
      remoteId === null || base === null || isKeptThere || read.rows.has(remoteId) ? [] : [{ resource, remoteId }],
    );
  });
}

/** Stops where a remote is empty, or has lost more than it should, since it was last read. */
export function shrinkage(input: Pick<PlanInput, 'manifest' | 'reads' | 'shadow' | 'mayShrink'>): Plan['stop'] {
  if (input.mayShrink === true) return null;
  const missing = missingRows(input);
  for (const resource of input.manifest.resources) {
    const entries = [...input.shadow.entries(resource.name)].filter((entry) => entry.remoteId !== null && entry.base !== null);
    const rows = input.reads.get(resource.name)?.rows;
    const marked = entries.filter(({ remoteId }) => isDeleted(resource, rows?.get(remoteId as string) ?? {})).length;
    const known = entries.length;
    const gone = marked + missing.filter((one) => one.resource === resource).length;
    if (gone === 0) continue;
    const there = known - gone;
    const noun = nouns[resource.of as NounName].plural;
    if (there === 0)
      return {
        reason: 'emptied',
        message: `${input.manifest.label} shows none of the ${known} ${noun} that were there. Nothing was deleted here and nothing was sent. Look there; if it is right that they are gone, say so.`,
      };
    if (gone > mayBeMissing(known))
      return {
        reason: 'shrunken',
        message: `${input.manifest.label} shows ${gone} fewer of the ${known} ${noun} than before. Nothing was deleted here and nothing was sent. Look there; if it is right that they are gone, say so.`,
      };
  }
  return null;
}

export function planCycle(input: PlanInput): Plan {
  const plan: Plan = { stop: shrinkage(input), actions: [], held: [], conflicts: [] };
  if (plan.stop !== null) return plan;
  const planner = createPlanner(input, plan);
  for (const resource of input.manifest.resources) planner.pair(resource);
  // Only when all ids are known can records that name others be compared.
  for (const resource of input.manifest.resources) planner.compare(resource);
  return plan;
}

interface Pair {
  entry: ShadowEntry;
  /** Found by the id that the book kept, or newly told to be the same; not by the shadow. */
  isNew: boolean;
}

function createPlanner(input: PlanInput, plan: Plan) {
  const { manifest, direction, reads, shadow, book, key, today } = input;
  const view = viewOf(book);
  const ids = idsOf(input);
  const context = contextOf(view, ids, today, input.digest);
  const pairs = new Map<string, Pair[]>();
  const taken = new Map<string, Set<string>>();

  /** Which record is which: by the shadow, by ids in the book, by what was sent without an answer, by natural keys. */
  function pair(resource: RemoteResource): void {
    const found: Pair[] = [];
    const [theirs, ours] = [new Set<string>(), new Set<string>()];
    const rows = reads.get(resource.name)?.rows ?? new Map<string, Wire>();
    const add = (entry: ShadowEntry, isNew: boolean) => {
      found.push({ entry, isNew });
      if (entry.remoteId !== null) {
        theirs.add(entry.remoteId);
        ids.put(resource.of, entry.bookId, entry.remoteId);
      }
      ours.add(entry.bookId);
    };
    for (const entry of shadow.entries(resource.name)) if (entry.remoteId !== null) add(entry, false);
    for (const record of book.all(resource.of as NounName) as Iterable<BookRecord>) {
      const remoteId = record.externalIds[key];
      if (remoteId === undefined || ours.has(record.id) || theirs.has(remoteId) || !isIn(resource, record)) continue;
      if (record.mergedInto === null) add(blankEntry(resource, record.id, remoteId), true);
    }
    const matched = matchRecords({
      resource,
      rows: [...rows].filter(([id, row]) => !theirs.has(id) && !isDeleted(resource, row)),
      records: candidates(resource, ours),
      intents: [...shadow.entries(resource.name)].filter((entry) => entry.remoteId === null && entry.intent !== null),
      context,
    });
    for (const { bookId, remoteId, intent } of matched) {
      const row = rows.get(remoteId) as Wire;
      // What was sent and came to be there is what both last agreed on.
      add({ ...blankEntry(resource, bookId, remoteId), base: intent === null ? null : row }, true);
      act('link', resource, view.get(resource.of, bookId), remoteId, intent === null ? [] : ['sent'], row);
    }
    pairs.set(resource.name, found);
    taken.set(resource.name, theirs);
    // What is new there will have an id here, and what names it waits for that.
    for (const [remoteId] of rows) if (!theirs.has(remoteId)) ids.put(resource.of, `new:${remoteId}`, remoteId);
  }

  function* candidates(resource: RemoteResource, ours: ReadonlySet<string>): Generator<BookRecord> {
    for (const record of book.all(resource.of as NounName) as Iterable<BookRecord>) {
      if (record.deletedAt !== null || ours.has(record.id) || !isIn(resource, record)) continue;
      if (resource.isMatchable?.(record, view) ?? true) yield record;
    }
  }

  function compare(resource: RemoteResource): void {
    const read = reads.get(resource.name);
    const rows = read?.rows ?? new Map<string, Wire>();
    const intents = new Set([...shadow.entries(resource.name)].filter(({ remoteId }) => remoteId === null).map(({ bookId }) => bookId));
    const paired = new Set<string>();
    for (const { entry, isNew } of pairs.get(resource.name) ?? []) {
      paired.add(entry.bookId);
      comparePair(resource, entry, rows.get(entry.remoteId as string), isNew, read);
    }
    if (direction !== 'write') {
      for (const [remoteId, row] of rows)
        if (taken.get(resource.name)?.has(remoteId) !== true && !isDeleted(resource, row)) planNewHere(resource, remoteId, row);
    }
    if (direction !== 'read' && resource.calls.create !== null && resource.create !== null) {
      for (const record of candidates(resource, paired)) {
        if (resource.isOffered?.(record, view) ?? isClient(record)) planNewThere(resource, record, intents.has(record.id));
      }
    }
  }

  function comparePair(
    resource: RemoteResource,
    entry: ShadowEntry,
    row: Wire | undefined,
    isNew: boolean,
    read: ReadRows | undefined,
  ): void {
    const remoteId = entry.remoteId as string;
    const record = book.get(resource.of as NounName, entry.bookId) as BookRecord | undefined;
    if (record === undefined) return;
    const isHere = record.deletedAt === null;
    const answer = input.asked.get(askedKey(resource.name, remoteId));
    const theirs =
      row ?? (typeof answer === 'object' ? answer : read?.isWhole === true && !read.isDelta ? undefined : (entry.base ?? undefined));
    const isGone = theirs === undefined ? answer === 'gone' : isDeleted(resource, theirs);
    if (isGone) {
      if (!isHere) act('forget', resource, record, remoteId, [], null);
      else planGone(resource, entry, record, isNew);
      return;
    }
    if (theirs === undefined) {
      if (isHere && resource.isPartial !== true && read?.isWhole === true)
        hold(resource, record, remoteId, null, 'gone', 'It is not shown there any more, and nobody could say why. It stays as it is here.');
      return;
    }
    if (!isHere) return planDeletedHere(resource, entry, record, theirs);
    planBoth(resource, entry, record, theirs);
  }

  /** On both sides: what changed on one goes to the other. */
  function planBoth(resource: RemoteResource, entry: ShadowEntry, record: BookRecord, theirs: Wire): void {
    const base = repaired(entry, theirs, resource.halves);
    const merge = mergeRecord(resource.merge, record, base, theirs, context, decide(resource, record, base, theirs));
    conflictsOf(resource, entry.bookId, merge);
    for (const { path, reason, message } of merge.held) hold(resource, record, entry.remoteId, path, reason, message);
    if (direction !== 'write' && saysNew(merge)) act('receiveChange', resource, record, entry.remoteId, pathsIn(merge), theirs);
    if (direction === 'read' || resource.calls.change === null) return;
    if (merge.outgoing === null && merge.unread.length === 0) return;
    const body = merge.outgoing === null ? null : travelling(resource, merge.outgoing, 'change', record, context, input.known);
    const said = body instanceof Unsayable ? { path: merge.sent[0] ?? null, message: body.message } : null;
    const refused = said ?? (body !== null && entry.refused?.hash === hashOf(body) ? entry.refused : null);
    if (refused !== null) hold(resource, record, entry.remoteId, refused.path, 'refused', refused.message);
    else act('sendChange', resource, record, entry.remoteId, merge.sent, theirs);
  }

  /** Deleted there. What was changed here since is not thrown away with it: it is made there again. */
  function planGone(resource: RemoteResource, entry: ShadowEntry, record: BookRecord, isNew: boolean): void {
    if (isNew || entry.base === null)
      return hold(
        resource,
        record,
        entry.remoteId,
        null,
        'gone',
        'It was there once and is not any more. Delete it here as well, or make it anew there.',
      );
    const merge = mergeRecord(resource.merge, record, entry.base, entry.base, context, () => 'mine');
    const isChanged = merge.sent.length > 0;
    if (isChanged && direction !== 'read' && resource.calls.create !== null) return planNewThere(resource, record, false, entry.remoteId);
    if (direction !== 'write') act('receiveDelete', resource, record, entry.remoteId, [], null);
    else
      hold(
        resource,
        record,
        entry.remoteId,
        null,
        'gone',
        'It was deleted there. This connection takes nothing from there, so it stays here.',
      );
  }

  /** Deleted here. What was changed there since is not thrown away with it: it comes back. */
  function planDeletedHere(resource: RemoteResource, entry: ShadowEntry, record: BookRecord, theirs: Wire): void {
    if (entry.base === null && record.mergedInto === null && entry.intent === null)
      return hold(
        resource,
        record,
        entry.remoteId,
        null,
        'gone',
        'It was deleted here and is there. Delete it there as well, or restore it here.',
      );
    const { base } = entry;
    const merge = mergeRecord(resource.merge, record, base, theirs, context, decide(resource, record, base, theirs));
    const isChanged = (saysNew(merge) || merge.decided.length > 0) && entry.base !== null;
    if (isChanged && record.mergedInto === null && direction !== 'write' && !wentAlong(record)) {
      conflictsOf(resource, record.id, merge);
      return act('receiveBack', resource, record, entry.remoteId, pathsIn(merge), theirs);
    }
    if (direction === 'read') return;
    if (isChanged)
      return hold(
        resource,
        record,
        entry.remoteId,
        null,
        'gone',
        'It was deleted here, and changed there since. It is left as it is on both sides.',
      );
    if (resource.calls.remove === null) {
      if (!entry.isKeptThere && resource.calls.create !== null)
        hold(
          resource,
          record,
          entry.remoteId,
          null,
          'kept',
          `${manifest.label} cannot delete it: it stays there, and is not brought back here.`,
        );
      return;
    }
    if (entry.refused?.hash === 'delete') return hold(resource, record, entry.remoteId, null, 'refused', entry.refused.message);
    act('sendDelete', resource, record, entry.remoteId, [], theirs);
  }

  /** What hangs on a record that is deleted comes back with that one only. */
  function wentAlong(record: BookRecord): boolean {
    return (['clientId', 'locationId', 'contactId'] as const).some((field) => {
      const id = valueAt(record, field);
      const of = ({ clientId: 'clients', locationId: 'locations', contactId: 'contacts' } as const)[field];
      return typeof id === 'string' && (book.get(of, id)?.deletedAt ?? null) !== null;
    });
  }

  function planNewHere(resource: RemoteResource, remoteId: string, row: Wire): void {
    const { fields, refused, references } = decode(resource.merge.answer, row);
    // What hangs on a record that is deleted here goes with it, and comes with it.
    const hangsOnDeleted = Object.entries(nouns[resource.of as NounName].parents).some(([field, of]) => {
      const named = references[field]?.ids[0];
      const parent = named === undefined || typeof of !== 'string' ? null : ids.bookId(of as Collection, named);
      return parent !== null && (book.get(of as NounName, parent)?.deletedAt ?? null) !== null;
    });
    if (hangsOnDeleted) return;
    const title = titleIn(resource.of, fields, resource, row);
    for (const { book: path, message } of refused)
      plan.held.push({ resource: resource.name, of: resource.of, bookId: null, remoteId, title, path, reason: 'unkeepable', message });
    const paths = Object.keys(fields);
    plan.actions.push({ kind: 'receiveNew', resource: resource.name, of: resource.of, bookId: null, remoteId, title, paths, theirs: row });
  }

  function planNewThere(resource: RemoteResource, record: BookRecord, isTriedBefore: boolean, goneId: string | null = null): void {
    const problem = resource.problem?.(record, context) ?? null;
    if (problem !== null) return hold(resource, record, null, problem.path, 'refused', problem.message);
    const { wire, unsaid } = newObject(resource, record, context);
    for (const { book: path, message } of unsaid) if (!waits(message)) hold(resource, record, null, path, 'unsayable', message);
    const body = travelling(resource, wire, 'create', record, context, input.known);
    const entry = shadow.of(resource.name, record.id);
    const refused =
      body instanceof Unsayable ? { path: null, message: body.message } : entry?.refused?.hash === hashOf(body) ? entry.refused : null;
    if (refused !== null) return hold(resource, record, null, refused.path, 'refused', refused.message);
    act('sendNew', resource, record, goneId, isTriedBefore ? ['again'] : [], null);
  }

  function decide(resource: RemoteResource, record: BookRecord, base: Wire | null, theirs: Wire): Decide {
    return decideBy({
      record,
      base,
      theirs,
      answer: resource.merge.answer,
      direction,
      canWrite: (path) => canWrite(resource, path),
      skewMs: input.skewMs,
    });
  }

  function conflictsOf(resource: RemoteResource, bookId: string, merge: RecordMerge): void {
    for (const conflict of merge.decided) plan.conflicts.push({ ...conflict, resource: resource.name, bookId });
  }

  function act(
    kind: ActionKind,
    resource: RemoteResource,
    record: BookRecord | null,
    remoteId: string | null,
    paths: string[],
    theirs: Wire | null,
  ): void {
    const title = record === null ? '' : titleFor(resource.of, record);
    plan.actions.push({ kind, resource: resource.name, of: resource.of, bookId: record?.id ?? null, remoteId, title, paths, theirs });
  }

  function hold(
    resource: RemoteResource,
    record: BookRecord,
    remoteId: string | null,
    path: string | null,
    reason: HeldLine['reason'],
    message: string,
  ): void {
    const title = titleFor(resource.of, record);
    plan.held.push({ resource: resource.name, of: resource.of, bookId: record.id, remoteId, title, path, reason, message });
  }

  return { pair, compare };
}

/** Codecs see activities by their kinds, the book all of them in one form; both have a title alike. */
const titleFor = (of: Collection, record: BookRecord) => titleOf(of as NounName, record as AnyRecord);

/** Ids as the shadow and the book have them. */
export function idsOf({ manifest, shadow, book, key }: Pick<PlanInput, 'manifest' | 'shadow' | 'book' | 'key'>): IdMap {
  const ids = createIds();
  for (const resource of manifest.resources) {
    for (const record of book.all(resource.of as NounName) as Iterable<BookRecord>) {
      const remoteId = record.externalIds[key];
      if (remoteId !== undefined && record.mergedInto === null && isIn(resource, record)) ids.put(resource.of, record.id, remoteId);
    }
    for (const { bookId, remoteId } of shadow.entries(resource.name)) if (remoteId !== null) ids.put(resource.of, bookId, remoteId);
  }
  return ids;
}

export function blankEntry(resource: Pick<RemoteResource, 'name'>, bookId: string, remoteId: string | null): ShadowEntry {
  return { resource: resource.name, bookId, remoteId, base: null, intent: null, unsure: [], refused: null, isKeptThere: false };
}

/** Whether a record is of the kind a resource is about: people and teams lie in one collection. */
export function isIn(resource: RemoteResource, record: BookRecord): boolean {
  if (resource.of !== 'directory') return true;
  return valueAt(record, 'kind') === (resource.merge.answer.kind === 'teams' ? 'team' : 'user');
}

/** Leads and vendors are no clients: they are sent when somebody says so by making them one. */
function isClient(record: BookRecord): boolean {
  return !('kind' in record) || !('lifecycleStage' in record) || record.kind === 'client';
}

export function canWrite(resource: RemoteResource, path: string): boolean {
  if (resource.calls.change === null) return false;
  return (resource.merge.change?.members ?? []).some(
    (member) => (member.kind === 'value' || member.kind === 'reference') && member.book === path,
  );
}

function isDeleted(resource: RemoteResource, row: Wire): boolean {
  const member = resource.merge.answer.members.find(({ kind }) => kind === 'deleted');
  return member !== undefined && readPath(row, member.wire) === true;
}

const pathsIn = (merge: RecordMerge) => [
  ...Object.keys(merge.incoming.fields),
  ...Object.keys(merge.incoming.references),
  ...Object.keys(merge.incoming.lists),
];

/** What names a record that is not there yet is told when it is (shape.ts, `writeReference`). */
const waits = (message: string) => message.startsWith('The record this names has not been sent');

const longestTitle = 100;

/** What it is called there; a name that the book refuses tells it as well. */
function titleIn(of: Collection, fields: Readonly<Record<string, unknown>>, resource: RemoteResource, row: Wire): string {
  const words = [fields['name'], fields['fullName'], fields['invoiceItem'], fields['firstName'], fields['lastName'], fields['title']];
  const found = words.filter((word) => typeof word === 'string' && word !== '');
  if (found.length > 0) return found.slice(0, 2).join(' ');
  const member = resource.merge.answer.members.find((one) => one.kind === 'value' && one.book === 'name');
  const raw = member === undefined ? undefined : readPath(row, member.wire);
  return typeof raw === 'string' && raw.trim() !== '' ? raw.trim().slice(0, longestTitle) : nouns[of as NounName].singular;
}
