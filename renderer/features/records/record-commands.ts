import type { NounName } from '../../../shared/nouns/nouns.ts';
import { type FieldInfo, setAt, stepsOf, valueAt } from '../../../shared/nouns/field.ts';
import type { Problem, Result } from '../../../shared/lib/result.ts';
import { putIntoLists } from '../../api/list-window.ts';
import { type AnyView, recordApi, viewTitle } from '../../api/records.ts';
import { showProblem } from '../../ui/problem.tsx';
import { countOf } from '../history/command-words.ts';
import { showDone } from '../history/undo.tsx';
import { atField } from './book-words.ts';
import { askBeforeRemoval, type CountByNoun, stayWords, totalOf } from './removal-dialog.tsx';
import { words } from '../../../shared/words/words.ts';

/** Most ids one command takes (shared/contracts/record.contract.ts). */
const AT_ONCE = 10_000;

/** Sets one field. Answers the problem, for the field to show; null when it is saved. */
export async function saveField(noun: NounName, record: AnyView, field: FieldInfo, value: unknown): Promise<Problem | null> {
  const result = await recordApi(noun).change({ id: record.id, changes: changesFor(record, field.path, value) });
  if (!result.ok) return { ...result.error, ...words('said.text', { text: atField(noun, result.error) }) };
  putIntoLists(noun, result.value.record);
  if (result.value.operationId !== null)
    showDone(`${field.label} of ${viewTitle(noun, result.value.record)} saved.`, [result.value.operationId]);
  return null;
}

/** A change names whole top-level fields: a part of an address goes with the rest of it. */
export function changesFor(record: object, path: string, value: unknown): Record<string, unknown> {
  const [top = path] = stepsOf(path);
  if (top === path) return { [path]: value };
  const whole = { ...(valueAt(record, top) as Record<string, unknown> | null) };
  const changes = { [top]: whole };
  setAt(changes, path, value);
  return changes;
}

/**
 * Deletes what is named, with what hangs on it: that is named first, and nothing goes before the person said yes. Undo brings
 * all of it back. `onBegin` is for what leaves the screen with the records.
 */
export async function removeRecords(noun: NounName, ids: readonly string[], name?: string, onBegin?: () => void): Promise<boolean> {
  const isOne = ids.length === 1;
  const what = isOne && name !== undefined ? name : countOf(noun, ids.length);
  const along = await inParts(ids, (part) => recordApi(noun).goingAlong({ ids: part }));
  if (along.problem !== null) {
    showProblem(along.problem);
    return false;
  }
  const goes = sumOf(along.values.map((value) => value.goes));
  const stays = sumOf(along.values.map((value) => value.stays));
  if (totalOf(goes) > 0 && !(await askBeforeRemoval({ what, isOne, goes, stays }))) return false;
  onBegin?.();
  const done = await inParts(ids, (part) => recordApi(noun).remove({ ids: part }));
  if (done.values.length > 0) {
    const removed = done.values.reduce((sum, value) => sum + value.removed, 0);
    const withThem = done.values.reduce((sum, value) => sum + value.withThem, 0);
    const named = done.values.reduce((sum, value) => sum + value.stillNamed, 0);
    const still =
      named === 0
        ? ''
        : ` ${named === 1 ? 'One record still names' : `${new Intl.NumberFormat().format(named)} records still name`} them, as deleted.`;
    const taken =
      withThem === 0
        ? ''
        : ` with ${withThem === 1 ? 'one record that belongs' : `${new Intl.NumberFormat().format(withThem)} records that belong`} to ${removed === 1 ? 'it' : 'them'}`;
    const kept = totalOf(stays) === 0 ? '' : ` ${stayWords(stays, removed === 1)}`;
    showDone(
      `${name !== undefined && removed === 1 ? name : countOf(noun, removed)} deleted${taken}.${kept}${still}`,
      done.values.map((value) => value.operationId),
    );
  }
  if (done.problem !== null) showProblem(done.problem);
  return done.problem === null;
}

function sumOf(counts: readonly CountByNoun[]): CountByNoun {
  const sum: CountByNoun = {};
  for (const [noun, count] of counts.flatMap((one) => Object.entries(one) as [NounName, number][])) sum[noun] = (sum[noun] ?? 0) + count;
  return sum;
}

export async function restoreRecords(noun: NounName, ids: readonly string[], name?: string): Promise<boolean> {
  const done = await inParts(ids, (part) => recordApi(noun).restore({ ids: part }));
  if (done.values.length > 0) {
    const restored = done.values.reduce((sum, value) => sum + value.restored, 0);
    showDone(
      `${name !== undefined && restored === 1 ? name : countOf(noun, restored)} restored.`,
      done.values.map((value) => value.operationId),
    );
  }
  if (done.problem !== null) showProblem(done.problem);
  return done.problem === null;
}

async function inParts<T>(
  ids: readonly string[],
  run: (part: string[]) => Promise<Result<T>>,
): Promise<{ values: T[]; problem: Problem | null }> {
  const values: T[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const result = await run(ids.slice(at, at + AT_ONCE));
    if (!result.ok) return { values, problem: result.error };
    values.push(result.value);
  }
  return { values, problem: null };
}
