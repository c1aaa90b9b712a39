import { type AnyRecord, type NounName, nounNames } from '../../../shared/nouns/nouns.ts';
import { linkFieldsOf } from '../../../shared/operations/aliases.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import { type RecordRules, recordRules, uniqueKey } from '../../../shared/nouns/record-rules.ts';
import type { HistoryTransaction, Step } from '../../../shared/operations/transaction.ts';
import { saysSomething } from './merge-replay.ts';
import { wordsOf } from '../history/take-apart.ts';

type Fields = Record<string, unknown>;

/** Moves everything that names one record to another; deleted records too, so that they can be restored there. */
export function move(tx: HistoryTransaction, step: Step, noun: NounName, from: string, to: string): void {
  for (const child of nounNames) {
    const found = new Map<string, Fields>();
    const note = (record: StoredRecord, field: string) => {
      const value = (record as unknown as Fields)[field]; // its noun is known only here, as a value
      const next = Array.isArray(value) ? (value.includes(from) ? [...new Set(value.map((id) => (id === from ? to : id)))] : null) : to;
      if (next !== null && (Array.isArray(value) || value === from)) found.set(record.id, { ...found.get(record.id), [field]: next });
    };
    for (const { field, of, isParent } of linkFieldsOf(child)) {
      if (!of.includes(noun)) continue;
      const candidates = isParent ? step.children(child, from) : tx.all(child);
      for (const record of candidates) note(step.get(child, record.id) ?? record, field);
    }
    for (const [id, fields] of found) if (id !== from) moveOne(tx, step, child, id, fields);
  }
}

/** Sets fields of a record that make it hang elsewhere, and puts it into the place that it has there. */
export function moveOne(tx: HistoryTransaction, step: Step, noun: NounName, id: string, fields: Fields): void {
  const record = step.get(noun, id);
  if (record === undefined) return;
  // A deleted record whose id follows from its parents stays theirs: under another parent it would be another record.
  if (record.deletedAt !== null && (recordRules[noun] as RecordRules<AnyRecord>).id !== undefined) return;
  const next = { ...record, ...fields } as StoredRecord;
  const holderId = record.deletedAt === null ? holderOf(step, noun, next) : null;
  if (holderId === null) return step.assign(noun, id, fields);
  // Both records had one of these, and only one may be: the other becomes an alias like its parent, and comes back with it.
  move(tx, step, noun, id, holderId);
  becomeAlias(step, noun, id, holderId);
}

/** The record that has the place which this one would take; null where the place is its own. */
function holderOf(step: Step, noun: NounName, next: StoredRecord): string | null {
  const { id: idOf } = recordRules[noun] as RecordRules<AnyRecord>;
  const place = idOf?.(next) ?? next.id;
  if (place !== next.id) {
    const holder = step.get(noun, place);
    if (holder === undefined) step.make(noun, { ...next, id: place });
    else if (holder.deletedAt !== null || !saysSomething(noun, pick(holder, wordsOf(noun))))
      step.assign(noun, place, { ...pick(next, wordsOf(noun)), deletedAt: null, mergedInto: null });
    return place;
  }
  const key = uniqueKey(noun, next);
  return key === null ? null : (step.holders(noun, key).find((other) => other.id !== next.id)?.id ?? null);
}

export function becomeAlias(step: Step, noun: NounName, id: string, survivorId: string): void {
  step.remove(noun, id);
  step.assign(noun, id, { mergedInto: survivorId });
}

function pick(from: object, fields: readonly string[]): Fields {
  return Object.fromEntries(fields.map((field) => [field, (from as Fields)[field]]));
}
