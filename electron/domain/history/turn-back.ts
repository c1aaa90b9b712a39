import type { AnyRecord } from '../../../shared/nouns/nouns.ts';
import type { Change } from '../../../shared/operations/operation.ts';
import { isParts, isSame } from '../../../shared/lib/equal.ts';
import { isNounName } from '../../../shared/operations/apply-operation.ts';
import { type ChangedBy, type RecordRules, recordRules } from '../../../shared/nouns/record-rules.ts';
import { isUnordered } from '../../../shared/sync/field-state.ts';
import type { Step, StepKind } from '../../../shared/operations/transaction.ts';
import { say } from '../../../shared/words/say.ts';

export type Direction = 'undo' | 'redo';

export interface Turning {
  /** A list that was changed since is left as it is, or turned entry by entry. */
  lists: 'whole' | 'byEntry';
  /**
   * Past what a record keeps: a merge moves what names a record, also an issued invoice, and what the check mended was
   * broken before.
   */
  isFree: boolean;
  how: StepKind;
}
type Lists = Turning['lists'];

const freeCommands = new Set(['duplicates.merge', 'duplicates.takeApart', 'safety.mend']);

export function turningOf(command: string, direction: Direction): Turning {
  const how = command === 'safety.mend' && direction === 'undo' ? 'asItWas' : 'turn';
  return { lists: 'whole', isFree: freeCommands.has(command), how };
}

/** Fields left as they are, and the sentence of the rule that did it. */
export interface Kept {
  fields: number;
  because: string | null;
}

/** Takes one change back, or does it again, where the fields still are as it left them. Returns how many were not. */
export function turnChange(step: Step, direction: Direction, change: Change, { lists, isFree, how }: Turning): Kept {
  const { collection: noun, id, before, after } = change;
  const nothing: Kept = { fields: 0, because: null };
  if (!isNounName(noun)) return nothing;
  const record = step.get(noun, id);
  if (record === undefined) return nothing;
  const held = (wanted: Partial<AnyRecord>, by: ChangedBy): Held | null => {
    const kept = isFree ? null : ((recordRules[noun] as RecordRules<AnyRecord>).keeps?.(record, wanted, by) ?? null);
    return kept === null || kept.fields.length === 0 ? null : { fields: kept.fields, because: say(kept.problem) };
  };
  if (before === null) {
    // What was merged since stays merged: its own history takes it apart.
    if (record.mergedInto !== null) return nothing;
    if (direction === 'redo') step.revive(noun, id);
    else {
      const stays = held({ deletedAt: record.updatedAt }, 'unmaking');
      if (stays !== null) return { fields: Object.keys(after).length, because: stays.because };
      step.remove(noun, id);
    }
    return nothing;
  }
  const [from, to] = direction === 'undo' ? [after, before] : [before, after];
  const fields: Record<string, unknown> = {};
  let kept = 0;
  for (const field of Object.keys(after)) {
    const current = (record as unknown as Record<string, unknown>)[field];
    const { value, kept: left } = turnBack(current, from[field], to[field], lists, field);
    kept += left;
    if (!isSame(value, current)) fields[field] = value;
  }
  const { together } = recordRules[noun] as RecordRules<AnyRecord>;
  const ofThem = Object.keys(after).filter((field) => together?.has(field) === true);
  const isAsLeft = (field: string) => isSame((record as unknown as Record<string, unknown>)[field], from[field]);
  if (!ofThem.every(isAsLeft)) {
    for (const field of ofThem) delete fields[field];
    kept += ofThem.filter(isAsLeft).length;
  }
  // What stands for another record stays deleted: both turn, or neither.
  const turned = { ...record, ...fields };
  if (turned.mergedInto !== null && turned.deletedAt === null && how !== 'asItWas') {
    delete fields['deletedAt'];
    delete fields['mergedInto'];
    kept += 1;
  }
  const stays = Object.keys(fields).length === 0 ? null : held(fields, 'step');
  for (const field of stays?.fields ?? []) delete fields[field];
  // What went along when a step before this one deleted it comes along again, though that step is not told of here.
  if (fields['deletedAt'] === null && !isFree) step.revive(noun, id);
  if (Object.keys(fields).length > 0) step.assign(noun, id, fields);
  return { fields: kept + (stays?.fields.length ?? 0), because: stays?.because ?? null };
}

interface Held {
  fields: readonly string[];
  because: string;
}

/** A value a person called "constructor" is theirs or none, never what every object has. */
export function ownPart(parts: Record<string, unknown>, part: string): unknown {
  return Object.hasOwn(parts, part) ? parts[part] : undefined;
}

/** The list without what went from `from` to `to`, and with what came. */
export function withEntries(list: readonly unknown[], from: readonly unknown[], to: readonly unknown[]): unknown[] {
  const left = list.filter((entry) => to.includes(entry) || !from.includes(entry));
  return [...left, ...to.filter((entry) => !from.includes(entry) && !left.includes(entry))];
}

/** Whether a field says the same. The order of a list of records says nothing, and may be another after it was written. */
function isSameIn(field: string, left: unknown, right: unknown): boolean {
  if (isSame(left, right)) return true;
  if (!isUnordered(field) || !Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
  const entries = new Set(left);
  return entries.size === left.length && right.every((entry) => entries.has(entry));
}

/** The value with what went from `from` to `to` turned; inside an address or banking data part by part. */
export function turnBack(current: unknown, from: unknown, to: unknown, lists: Lists, field: string): { value: unknown; kept: number } {
  if (isSame(from, to)) return { value: current, kept: 0 };
  if (isSameIn(field, current, from)) return { value: to, kept: 0 };
  if (lists === 'byEntry' && Array.isArray(current) && Array.isArray(from) && Array.isArray(to)) {
    return { value: withEntries(current, from, to), kept: 0 };
  }
  if (!isParts(current) || !isParts(from) || !isParts(to)) return { value: current, kept: isSameIn(field, current, to) ? 0 : 1 };
  const value: Record<string, unknown> = { ...current };
  let kept = 0;
  for (const part of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const turned = turnBack(ownPart(current, part), ownPart(from, part), ownPart(to, part), lists, '');
    kept += turned.kept;
    if (turned.value === undefined) delete value[part];
    else value[part] = turned.value;
  }
  return { value, kept };
}
