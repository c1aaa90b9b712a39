import type { HistoryEntry, RecordAt, UndoState } from '../../../shared/contracts/history.contract.ts';
import { activityFactsOfMain } from '../../../shared/nouns/activity/activity.ts';
import { idsIn, stepsOf, valueAt } from '../../../shared/nouns/field.ts';
import { fieldsOf, type NounName, nounNames, nouns, referenceFields } from '../../../shared/nouns/nouns.ts';
import type { Change, Operation } from '../../../shared/operations/operation.ts';
import { isSecret, masked } from '../../../shared/nouns/secret.ts';
import { isParts, isSame } from '../../../shared/lib/equal.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import { type Problem, ProblemError } from '../../../shared/lib/result.ts';
import { newestStamp, type Stamps, stampOf } from '../../../shared/sync/stamp.ts';
import type { SyncPart } from '../../../shared/sync/sync-part.ts';
import { survivorOf } from '../../../shared/operations/aliases.ts';
import { isNounName, lateChangeOf, sharedBlank } from '../../../shared/operations/apply-operation.ts';
import { readOperations } from '../safety/archive.ts';
import type { Book } from '../book.ts';
import type { UndoEntry } from '../ports.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import { nameOf } from '../lists/record-views.ts';
import { type HistoryTransaction, notFound } from '../../../shared/operations/transaction.ts';
import { canBeDuplicate } from '../../../shared/contracts/duplicate.contract.ts';
import { mergesIn, readMergeTree } from '../merge/merge-tree.ts';
import { isAsRead, type PastMerge, readPastMerge, takeOut } from './take-apart.ts';
import { type Direction, type Kept, ownPart, turnChange, type Turning, turningOf } from './turn-back.ts';
import type { UndoStacks } from './undo-stacks.ts';
import { words } from '../../../shared/words/words.ts';

export interface Undone {
  command: string;
  records: number;
  /** Fields left alone because somebody changed them later. */
  kept: number;
  /** Why, where a rule of the noun says so. */
  keptBecause: string | null;
  first: { collection: NounName; id: string } | null;
}

export interface HistoryService {
  state(): UndoState;
  ofRecord(noun: NounName, id: string, limit: number): Promise<{ entries: HistoryEntry[]; total: number }>;
  /** Takes back the newest step, or the named operation or group. */
  undo(target: string | null): Promise<Undone>;
  /** Takes back operations of one group that has left the undo stack, or was taken back in part before a crash. */
  undoGroup(group: string, operationIds: readonly string[]): Promise<Undone>;
  redo(): Promise<Undone>;
  restoreField(noun: NounName, id: string, operationId: string, path: string): Promise<{ operationId: string | null }>;
  /** The record as it stood at the end of a local day, beside what it is now. */
  at(noun: NounName, id: string, day: string): Promise<RecordAt>;
  restoreTo(noun: NounName, id: string, day: string, field: string | null): Promise<{ operationId: string | null }>;
  /** Ends a long undo or redo that a crash cut short. Does nothing where there is none. */
  finish(): Promise<void>;
}

type Entry = Pick<UndoEntry, 'target' | 'command' | 'operationIds'>;

/** Changes that one operation of a long undo may take back: it is planned without a pause. */
const changesAtOnce = 1000;
const operationsAtOnce = 20;

/** Thrown while planning when something else came first; the caller looks again. */
class StepMoved extends Error {}

export function createHistoryService(book: Book, clock: Clock): HistoryService {
  const idNow = (noun: NounName, id: string) => survivorOf((one) => book.get(noun, one), id)?.id ?? id;

  /** The record after its operations until the end of the day, from the archive; null where it was not made yet. */
  async function recordAt(noun: NounName, id: string, day: string): Promise<StoredRecord | null> {
    let record: StoredRecord | null = null;
    const ids = book.historyOf(noun, id);
    for (let at = 0; at < ids.length; at += operationsAtOnce) {
      for (const operation of await inOrder(ids.slice(at, at + operationsAtOnce))) {
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

  /** A long undo or redo that the disk refused half-way: the next one goes on with it. */
  let unfinished: { direction: Direction; entry: Entry } | null = null;

  // One undo or redo after the other: a long one must not meet the next half-way.
  let turn: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }

  async function takeStep(direction: Direction): Promise<Undone> {
    if (unfinished?.direction === direction) return travel(direction, unfinished.entry, () => {});
    for (;;) {
      const entry = book.stacks()[direction].at(-1);
      if (entry === undefined) throw new ProblemError(direction === 'undo' ? nothingToUndo : nothingToRedo);
      try {
        return await travel(direction, entry, (stacks) => {
          if (stacks[direction].at(-1)?.target !== entry.target) throw new StepMoved();
        });
      } catch (error) {
        if (!(error instanceof StepMoved)) throw error;
      }
    }
  }

  async function takeBack(target: string): Promise<Undone> {
    for (;;) {
      try {
        return await travel('undo', await entryOf(target), () => {});
      } catch (error) {
        if (!(error instanceof StepMoved)) throw error;
      }
    }
  }

  /**
   * Takes an entry back or does it again. One operation is one step that happens whole or is refused. A group goes in
   * parts of some hundred changes, so that main stays free; a part that is refused is tried record by record, and what
   * cannot be taken back is kept and counted.
   */
  async function travel(direction: Direction, entry: Entry, check: (stacks: UndoStacks) => void): Promise<Undone> {
    const isGroup = entry.target !== entry.operationIds[0];
    const ids = direction === 'undo' ? entry.operationIds.toReversed() : entry.operationIds;
    const turning = turningOf(entry.command, direction);
    const result: Undone = { command: entry.command, records: 0, kept: 0, keptBecause: null, first: null };
    const merge = direction === 'undo' && !isGroup ? await coveredMerge(entry) : null;
    let isFirst = true;
    let sync: SyncPart | undefined;
    let part: Change[] = [];
    const flush = async () => {
      const changes = part;
      part = [];
      const { value: kept, operation } = await book.runHistory(
        { command: entry.command, kind: direction, target: entry.target, sync },
        (tx, stacks) => {
          if (isFirst) check(stacks);
          if (merge !== null) return takeApart(tx, merge);
          return isGroup ? goInPart(tx, direction, changes, turning) : goWhole(tx, direction, changes, turning);
        },
      );
      isFirst = false;
      result.kept += kept.fields;
      result.keptBecause ??= kept.because;
      result.records += operation?.changes.length ?? 0;
      result.first ??= firstOf(changes, operation);
    };
    try {
      for (let at = 0; at < ids.length; at += operationsAtOnce) {
        for (const operation of await inOrder(ids.slice(at, at + operationsAtOnce))) {
          const answered = operation.sync?.answered;
          if (answered !== undefined) sync = { remote: '', ...(direction === 'undo' ? { reopened: answered } : { answered }) };
          part.push(...(direction === 'undo' ? operation.changes.toReversed() : operation.changes));
          if (part.length >= changesAtOnce) await flush();
        }
      }
      if (part.length > 0 || isFirst) await flush();
    } catch (error) {
      if (!isFirst) unfinished = { direction, entry };
      if (isFirst || !(error instanceof ProblemError)) throw error;
      throw new ProblemError({
        ...error.problem,
        ...words('history.halfWayBecause', { why: error.problem }),
      });
    }
    unfinished = null;
    return result;
  }

  /** A merge that is not the newest step: what came after it may have moved on what it moved. */
  async function coveredMerge({ target, command, operationIds }: Entry): Promise<PastMerge | null> {
    if (command !== 'duplicates.merge' || book.stacks().undo.at(-1)?.target === target) return null;
    const [operation] = await inOrder(operationIds);
    const alias = operation?.changes.find(({ collection, after }) => canBeDuplicate(collection) && typeof after['mergedInto'] === 'string');
    if (alias === undefined || !canBeDuplicate(alias.collection)) return null;
    const tree = await readMergeTree(book, alias.collection, [idNow(alias.collection, alias.id)]);
    const merge = mergesIn(tree).find(({ ids }) => ids.includes(alias.id));
    return merge === undefined ? null : readPastMerge(book, tree, merge.operation.id);
  }

  /**
   * Of a record that others change too. What a sync brought is told where no operation tells it: what a program changed on
   * the server. Newest first, by their stamps, wherever they were done.
   */
  async function ofSynced(noun: NounName, id: string, ids: readonly string[], limit: number) {
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

  async function inOrder(ids: readonly string[]): Promise<Operation[]> {
    const operations = await readOperations(book, ids);
    return ids.map((id) => operations.get(id) as Operation);
  }

  /** The entry of a target, also of one that is no longer on a stack. */
  async function entryOf(target: string): Promise<Entry> {
    const { undo, redo } = book.stacks();
    const entry = [...undo, ...redo].find((one) => one.target === target);
    if (entry !== undefined) return entry;
    const [operation] = await book.operations([target]);
    if (operation === undefined) throw new ProblemError(nothingToUndo);
    return { target, command: operation.command, operationIds: [target] };
  }

  /** Id of the operation that was journaled last, where a record tells of it. Reads no operation. */
  function newestOperationId(): string | undefined {
    const { newestStamp } = book.position();
    for (const noun of nounNames) {
      const isOf = ({ stamps }: { stamps: Stamps }) => Object.values(stamps).some((stamp) => stamp === newestStamp);
      for (const record of book.lastTouched(noun, isOf)) if (isOf(record)) return book.historyOf(noun, record.id).at(-1);
    }
    return undefined;
  }

  async function finish(): Promise<void> {
    // The first part of a long step has moved its entry already. Going on is safe also where it was complete: what is
    // taken back stays so. The usual case, a group that was only done, must not read the journal at every start.
    const { undo, redo } = book.stacks();
    const moved = { undo: redo.at(-1), redo: undo.at(-1) };
    if (![moved.undo, moved.redo].some((entry) => (entry?.operationIds.length ?? 0) > 1)) return;
    const id = newestOperationId();
    if (id === undefined || moved.redo?.operationIds.includes(id) === true) return;
    const [newest] = await book.operations([id]);
    if (newest?.kind !== 'undo' && newest?.kind !== 'redo') return;
    const entry = moved[newest.kind];
    if (entry?.target === newest.target && entry.operationIds.length > 1) await travel(newest.kind, entry, () => {});
  }

  return {
    state: () => book.undoState(),
    undo: (target) => inTurn(() => (target === null ? takeStep('undo') : takeBack(target))),
    undoGroup: (target, operationIds) =>
      inTurn(() => travel('undo', { target, command: 'imports.start', operationIds: [...operationIds] }, () => {})),
    redo: () => inTurn(() => takeStep('redo')),
    finish: () => inTurn(finish),
    async restoreField(noun, asked, operationId, path) {
      const id = idNow(noun, asked);
      const [operation] = await book.operations([operationId]);
      const change = operation?.changes.find((one) => one.collection === noun && one.id === id);
      const [field = ''] = stepsOf(path);
      if (change === undefined || !Object.hasOwn(change.after, field) || field === 'deletedAt') throw new ProblemError(fieldUnknown);
      if (noun === 'activities' && (activityFactsOfMain as readonly string[]).includes(field)) throw new ProblemError(factOfMain);
      const before = (change.before ?? sharedBlank(noun))[field] ?? null;
      const { operation: done } = await book.run('history.restoreField', null, (tx) => {
        const record = tx.get(noun, id);
        if (record === null) throw new ProblemError(notFound(noun));
        tx.change(noun, id, { [field]: setBack(path, before, (record as unknown as Record<string, unknown>)[field]) });
      });
      return { operationId: done?.id ?? null };
    },
    async at(noun, asked, day) {
      const id = idNow(noun, asked);
      const now = book.get(noun, id);
      if (now === undefined) throw new ProblemError(notFound(noun));
      const then = await recordAt(noun, id, day);
      const state = then === null ? 'notYet' : then.deletedAt === null ? 'there' : 'deleted';
      const own = Object.keys(nouns[noun].fieldsSchema.shape);
      const values = (then ?? sharedBlank(noun)) as Readonly<Record<string, unknown>>;
      const fields = own.flatMap((field) =>
        leavesBeside(noun, field, values[field] ?? null, (now as Readonly<Record<string, unknown>>)[field] ?? null),
      );
      const names: Record<string, string> = {};
      for (const { path, of } of referenceFields(noun)) {
        for (const one of [now, ...(then === null ? [] : [then])].flatMap((record) => idsIn(valueAt(record, path)))) {
          const named = book.get(of, one);
          if (named !== undefined) names[one] = nameOf(of, named);
        }
      }
      return { state, at: then?.updatedAt ?? null, fields, names };
    },
    async restoreTo(noun, asked, day, field) {
      const id = idNow(noun, asked);
      if (book.get(noun, id) === undefined) throw new ProblemError(notFound(noun));
      const then = await recordAt(noun, id, day);
      if (then === null || then.deletedAt !== null) throw new ProblemError(notThereThen);
      const own = writtenByPeople(noun);
      const [top = ''] = field === null ? [] : stepsOf(field);
      if (field !== null && !own.includes(top)) throw new ProblemError(fieldUnknown);
      const values = then as unknown as Readonly<Record<string, unknown>>;
      const { operation } = await book.run('history.restoreTo', null, (tx) => {
        const now = tx.get(noun, id) as Readonly<Record<string, unknown>> | null;
        if (now === null) throw new ProblemError(notFound(noun));
        const changed = (field === null ? own : [top]).filter((one) => !isSame(now[one], values[one]));
        const back = (one: string) => (field === null ? values[one] : setBack(field, values[one], now[one]));
        if (changed.length > 0) tx.change(noun, id, Object.fromEntries(changed.map((one) => [one, back(one)])));
      });
      return { operationId: operation?.id ?? null };
    },
    async ofRecord(noun, asked, limit) {
      const id = idNow(noun, asked);
      if (book.get(noun, id) === undefined) throw new ProblemError(notFound(noun));
      const ids = book.historyOf(noun, id);
      if (book.sync.isOn()) return ofSynced(noun, id, ids, limit);
      const wanted = ids.slice(-limit).toReversed();
      const known = new Map((await book.operations(wanted)).map((operation) => [operation.id, operation]));
      const entries = wanted.flatMap((operationId) => {
        const operation = known.get(operationId);
        const change = operation?.changes.find((one) => one.collection === noun && one.id === id);
        return operation === undefined || change === undefined ? [] : [entryFor(noun, operation, change)];
      });
      return { entries, total: ids.length };
    },
  };
}

/** Where the screen can go to show what was taken back: what the person did, rather than what came along. */
function firstOf(changes: readonly Change[], operation: Operation | null): Undone['first'] {
  const ids = new Set(operation?.changes.map(({ id }) => id));
  const touched = changes.find(({ id }) => ids.has(id)) ?? operation?.changes[0];
  return touched !== undefined && isNounName(touched.collection) ? { collection: touched.collection, id: touched.id } : null;
}

function goWhole(tx: HistoryTransaction, direction: Direction, changes: readonly Change[], turning: Turning): Kept {
  const kept: Kept = { fields: 0, because: null };
  tx.step((step) => {
    // Parents first: what would stay by itself goes along with what it hangs on.
    for (const change of changes.toSorted(byRank)) add(kept, turnChange(step, direction, change, turning));
  }, turning.how);
  return kept;
}

function takeApart(tx: HistoryTransaction, merge: PastMerge): Kept {
  const kept: Kept = { fields: 0, because: null };
  tx.step((step) => {
    if (!isAsRead(merge, step, tx.all)) throw new StepMoved();
    kept.fields = takeOut(step, merge);
  }, 'turn');
  return kept;
}

function add(kept: Kept, more: Kept): void {
  kept.fields += more.fields;
  kept.because ??= more.because;
}

function byRank(left: Change, right: Change): number {
  return nounNames.indexOf(left.collection as NounName) - nounNames.indexOf(right.collection as NounName);
}

function goInPart(tx: HistoryTransaction, direction: Direction, changes: readonly Change[], turning: Turning): Kept {
  try {
    return goWhole(tx, direction, changes, turning);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
  }
  const kept: Kept = { fields: 0, because: null };
  for (const change of changes.toSorted(byRank)) {
    try {
      add(kept, goWhole(tx, direction, [change], turning));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      kept.fields += Object.keys(change.after).length;
    }
  }
  return kept;
}

function entryFor(noun: NounName, operation: Operation, change: Change): HistoryEntry {
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

function leavesBeside(noun: NounName, path: string, then: unknown, now: unknown): RecordAt['fields'] {
  if (isParts(then) || isParts(now)) {
    const [old, current] = [isParts(then) ? then : {}, isParts(now) ? now : {}];
    return [...new Set([...Object.keys(old), ...Object.keys(current)])].flatMap((part) =>
      leavesBeside(noun, `${path}.${part}`, ownPart(old, part) ?? null, ownPart(current, part) ?? null),
    );
  }
  const isEmpty = (value: unknown) => value === null || value === '' || (Array.isArray(value) && value.length === 0);
  if (isEmpty(then) && isEmpty(now)) return [];
  const shown = isSecret(noun, path) ? (value: unknown) => (typeof value === 'string' ? masked(value) : value) : (value: unknown) => value;
  return [{ path, was: shown(then), now: shown(now), differs: !isSame(then, now) }];
}

/** Fields that can be set back. What the book keeps itself (an invoice's number, how far an e-mail is) follows its own rules. */
function writtenByPeople(noun: NounName): string[] {
  const infos = fieldsOf(noun);
  return Object.keys(nouns[noun].fieldsSchema.shape).filter((field) => {
    if (['custom', 'externalIds', 'lines', 'payments'].includes(field)) return true;
    return infos.some(({ path, computed }) => stepsOf(path)[0] === field && computed !== true);
  });
}

/** The change of a top-level field that sets what is at `path` to what it was in `before`, and leaves the rest of it. */
function setBack(path: string, before: unknown, now: unknown): unknown {
  const [field = '', ...inner] = stepsOf(path);
  if (inner.length === 0 || !(isParts(before) || isParts(now))) return before;
  return partial(inner, isParts(before) ? (valueAt({ [field]: before }, path) ?? null) : null);
}

function partial(steps: readonly string[], value: unknown): unknown {
  return steps.reduceRight<unknown>((inner, step) => ({ [step]: inner }), value);
}

const nothingToUndo: Problem = { code: 'NOTHING_TO_UNDO', ...words('history.nothingToUndo') };
const nothingToRedo: Problem = { code: 'NOTHING_TO_REDO', ...words('history.nothingToRedo') };
const notThereThen: Problem = {
  code: 'NOT_THERE_THEN',
  ...words('history.notThereThen'),
};
const fieldUnknown: Problem = {
  code: 'INVALID_INPUT',
  field: 'path',
  ...words('history.fieldNotChangedThere'),
};
const factOfMain: Problem = {
  code: 'INVALID_INPUT',
  field: 'path',
  ...words('history.happenedOutside'),
};
