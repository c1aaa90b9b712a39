import type { HistoryEntry, RecordAt, UndoState } from '../../../shared/contracts/history.contract.ts';
import { activityFactsOfMain } from '../../../shared/nouns/activity/activity.ts';
import { idsIn, stepsOf, valueAt } from '../../../shared/nouns/field.ts';
import { fieldsOf, type NounName, nouns, referenceFields } from '../../../shared/nouns/nouns.ts';
import { isSecret, masked } from '../../../shared/nouns/secret.ts';
import { isParts, isSame } from '../../../shared/lib/equal.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import { type Problem, ProblemError } from '../../../shared/lib/result.ts';
import { survivorOf } from '../../../shared/operations/aliases.ts';
import { sharedBlank } from '../../../shared/operations/apply-operation.ts';
import type { Book } from '../book.ts';
import { nameOf } from '../lists/record-views.ts';
import { notFound } from '../../../shared/operations/transaction.ts';
import { entryFor, ofSynced, recordAt } from './history-entries.ts';
import { createHistorySteps, type Undone } from './history-steps.ts';
import { ownPart } from './turn-back.ts';
import { words } from '../../../shared/words/words.ts';

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

export function createHistoryService(book: Book, clock: Clock): HistoryService {
  const idNow = (noun: NounName, id: string) => survivorOf((one) => book.get(noun, one), id)?.id ?? id;

  return {
    state: () => book.undoState(),
    ...createHistorySteps(book),
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
      const then = await recordAt(book, clock, noun, id, day);
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
      const then = await recordAt(book, clock, noun, id, day);
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
      if (book.sync.isOn()) return ofSynced(book, noun, id, ids, limit);
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
