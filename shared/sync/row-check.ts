import { isSame } from '../lib/equal.ts';
import { partsOf, type FieldState, partStampsOf, stampIn, stateOf } from './field-state.ts';
import { hasSameStamps, type SyncedRecord } from './merge.ts';
import { newestStamp, parseStamp, type Stamp, type Stamps } from './stamp.ts';

/** How far a device's clock may be ahead of the server's. */
export const mostAheadMs = 5 * 60_000;

const stampForm = /^[0-9a-f]{16}-[\w-]{1,100}$/;
const mostStamps = 5_000;

export interface RowProblem {
  code: RowProblemCode;
  /** The field it is about; null for the row as a whole. */
  field: string | null;
  message: string;
}

export const rowProblems = {
  invalid: 'A value is not in the form its field is kept in.',
  clock_ahead: 'A stamp lies more than five minutes ahead of the server’s clock. Stamp the change again by the server’s time.',
  stamp_not_newer: 'A field is stamped older than the copy it was compared with. Merge again and send the result.',
  stamp_reused: 'Two values have one stamp. A change needs a stamp of its own.',
  immutable: 'An operation never changes once it is written.',
  not_visible: 'This belongs to a client that this person does not see.',
  forbidden: 'This is not this person’s to change: what a colleague wrote is, and people and teams are an administrator’s.',
  too_large: 'The record is larger than the server takes.',
} as const;
export type RowProblemCode = keyof typeof rowProblems;

export const rowProblem = (code: RowProblemCode, field: string | null = null, message: string = rowProblems[code]): RowProblem => ({
  code,
  field,
  message,
});

export type RowCheck =
  | { is: 'same' }
  | { is: 'conflict' }
  | { is: 'write'; record: SyncedRecord }
  | { is: 'rejected'; problem: RowProblem };

/** Whether stamps are in their form, and none is of a time that has not come: such a one would win for ever. Null where they are. */
export function stampProblem(stamps: Stamps, now: number): RowProblem | null {
  const all = Object.entries(stamps);
  if (stamps['*'] === undefined || all.length > mostStamps || all.some(([, stamp]) => !stampForm.test(stamp)))
    return rowProblem('invalid', 'stamps', 'Each record has a stamp "*" and at most 5,000 others, each in its form.');
  const ahead = all.find(([, stamp]) => isAhead(stamp, now));
  return ahead === undefined ? null : rowProblem('clock_ahead', ahead[0] === '*' ? null : (ahead[0].split('/')[0] ?? null));
}

export const isAhead = (stamp: Stamp, now: number): boolean => parseStamp(stamp).ms > now + mostAheadMs;

/**
 * What becomes of a pushed row, held against the copy the server has. The order of the questions makes it safe to ask
 * again: what is there already is fine and changes nothing; what was made from the server's copy is written; what was
 * made from another one is a conflict, and its device merges.
 *
 * A field that is left out is not said, and stays as it is: an older version knows fewer fields.
 */
export function checkRow(current: SyncedRecord | null, assumed: Stamps | null, pushed: SyncedRecord): RowCheck {
  if (current === null) return assumed === null ? withoutSpareStamps(pushed) : { is: 'conflict' };
  const record = completed(current, pushed);
  if (hasSameStamps(current, record)) {
    // A field that only one of the two versions knows is at its default there, or it had a stamp of its own.
    const field = Object.keys(current).find((name) => name !== 'stamps' && !isSame(record[name], current[name]));
    return field === undefined ? { is: 'same' } : { is: 'rejected', problem: rowProblem('stamp_reused', field) };
  }
  if (assumed === null || !isSame(assumed, current.stamps)) return { is: 'conflict' };
  const problem = orderProblem(current, record);
  return problem === null ? withoutSpareStamps(record) : { is: 'rejected', problem };
}

/** The pushed record with what it leaves out as it is in the current one. */
function completed(current: SyncedRecord, pushed: SyncedRecord): SyncedRecord {
  const missing = Object.keys(current).filter((field) => !Object.hasOwn(pushed, field));
  if (missing.length === 0) return pushed;
  const parts = partStampsOf(current.stamps);
  const record: SyncedRecord = { ...pushed, stamps: { ...pushed.stamps } };
  for (const field of missing) {
    record[field] = current[field];
    for (const name of Object.keys(record.stamps)) if (name === field || name.startsWith(`${field}/`)) delete record.stamps[name];
    const { stamp, parts: own } = stateOf(current, current.stamps, parts, field);
    if (stamp !== record.stamps['*']) record.stamps[field] = stamp;
    for (const [key, one] of own) record.stamps[`${field}/${key}`] = one;
  }
  return record;
}

/** A stamp of a field that is not there would count against a value that comes later. */
function withoutSpareStamps(record: SyncedRecord): RowCheck {
  const spare = Object.keys(record.stamps).find((name) => name !== '*' && !Object.hasOwn(record, name.split('/')[0] ?? ''));
  return spare === undefined
    ? { is: 'write', record }
    : { is: 'rejected', problem: rowProblem('invalid', 'stamps', 'A stamp belongs to a field that the record does not have.') };
}

/** Each field has either the value and the stamp it had, or a newer stamp. */
function orderProblem(current: SyncedRecord, record: SyncedRecord): RowProblem | null {
  const [before, after] = [partStampsOf(current.stamps), partStampsOf(record.stamps)];
  for (const field of Object.keys(record)) {
    switch (field) {
      case 'id':
      case 'stamps':
        break;
      case 'createdAt':
      case 'createdBy':
        if (record.stamps['*'] === current.stamps['*'] && !isSame(record[field], current[field])) return rowProblem('stamp_reused', field);
        break;
      case 'updatedAt':
      case 'updatedBy':
        if (newestStamp(record.stamps) === newestStamp(current.stamps) && !isSame(record[field], current[field]))
          return rowProblem('stamp_reused', field);
        break;
      default: {
        const code = fieldProblem(field, stateOf(current, current.stamps, before, field), stateOf(record, record.stamps, after, field));
        if (code !== null) return rowProblem(code, field);
      }
    }
  }
  return null;
}

function fieldProblem(field: string, was: FieldState, now: FieldState): 'stamp_not_newer' | 'stamp_reused' | null {
  if (was.value === undefined) return null;
  if (now.stamp < was.stamp) return 'stamp_not_newer';
  if (was.parts.size + now.parts.size === 0) return now.stamp === was.stamp && !isSame(was.value, now.value) ? 'stamp_reused' : null;
  const [old, next] = [partsOf(field, was.value), partsOf(field, now.value)];
  // Parts of what has none are refused with the stamps; without them only the whole decides.
  if (old === null || next === null) return now.stamp > was.stamp ? null : 'stamp_reused';
  let isChanged = now.stamp > was.stamp;
  for (const key of new Set([...old.keys(), ...next.keys(), ...was.parts.keys(), ...now.parts.keys()])) {
    const [a, b] = [stampIn(was, key), stampIn(now, key)];
    if (b < a) return 'stamp_not_newer';
    if (b === a && !isSame(old.get(key), next.get(key))) return 'stamp_reused';
    isChanged ||= b > a;
  }
  return isChanged || isSame(was.value, now.value) ? null : 'stamp_reused';
}
