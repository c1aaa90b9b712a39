import { nounNames, type NounName } from '../../../shared/nouns/nouns.ts';
import type { Change, Operation } from '../../../shared/operations/operation.ts';
import { type Problem, ProblemError } from '../../../shared/lib/result.ts';
import type { Stamps } from '../../../shared/sync/stamp.ts';
import type { SyncPart } from '../../../shared/sync/sync-part.ts';
import { survivorOf } from '../../../shared/operations/aliases.ts';
import { isNounName } from '../../../shared/operations/apply-operation.ts';
import type { Book } from '../book.ts';
import type { UndoEntry } from '../ports.ts';
import type { HistoryTransaction } from '../../../shared/operations/transaction.ts';
import { canBeDuplicate } from '../../../shared/contracts/duplicate.contract.ts';
import { mergesIn, readMergeTree } from '../merge/merge-tree.ts';
import { operationsAtOnce, readInOrder } from './read-in-order.ts';
import { isAsRead, type PastMerge, readPastMerge, takeOut } from './take-apart.ts';
import { type Direction, type Kept, turnChange, type Turning, turningOf } from './turn-back.ts';
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

type Entry = Pick<UndoEntry, 'target' | 'command' | 'operationIds'>;

/** Changes that one operation of a long undo may take back: it is planned without a pause. */
const changesAtOnce = 1000;

/** Thrown while planning when something else came first; the caller looks again. */
class StepMoved extends Error {}

/** Steps that are taken back and done again, one after the other. */
export function createHistorySteps(book: Book) {
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
        for (const operation of await readInOrder(book, ids.slice(at, at + operationsAtOnce))) {
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
    const [operation] = await readInOrder(book, operationIds);
    const alias = operation?.changes.find(({ collection, after }) => canBeDuplicate(collection) && typeof after['mergedInto'] === 'string');
    if (alias === undefined || !canBeDuplicate(alias.collection)) return null;
    const { collection: of, id } = alias;
    const tree = await readMergeTree(book, of, [survivorOf((one) => book.get(of, one), id)?.id ?? id]);
    const merge = mergesIn(tree).find(({ ids }) => ids.includes(alias.id));
    return merge === undefined ? null : readPastMerge(book, tree, merge.operation.id);
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
    undo: (target: string | null) => inTurn(() => (target === null ? takeStep('undo') : takeBack(target))),
    undoGroup: (target: string, operationIds: readonly string[]) =>
      inTurn(() => travel('undo', { target, command: 'imports.start', operationIds: [...operationIds] }, () => {})),
    redo: () => inTurn(() => takeStep('redo')),
    finish: () => inTurn(finish),
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

const nothingToUndo: Problem = { code: 'NOTHING_TO_UNDO', ...words('history.nothingToUndo') };
const nothingToRedo: Problem = { code: 'NOTHING_TO_REDO', ...words('history.nothingToRedo') };
