import { type AnyRecord, type NounName, type RecordOf, type Stored } from '../../shared/nouns/nouns.ts';
import type { Stamps } from '../../shared/sync/stamp.ts';
import { sharedBlank } from '../../shared/operations/apply-operation.ts';

/** A record without the fields that equal the blank record of its noun: most fields of most records. */
export function compactRecord(noun: NounName, record: Stored<AnyRecord>): Record<string, unknown> {
  const blank = sharedBlank(noun);
  const compact: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(record)) {
    if (!Object.hasOwn(blank, field) || !isSame(value, blank[field])) compact[field] = value;
  }
  return compact;
}

/** What is the same in all records one operation made: half of what a checkpoint would have to parse. */
export type RecordHead = [createdAt: string, createdBy: string, updatedAt: string, updatedBy: string, stamps: Stamps];

export function headOf({ createdAt, createdBy, updatedAt, updatedBy, stamps }: Stored<AnyRecord>): RecordHead {
  return [createdAt, createdBy, updatedAt, updatedBy, stamps];
}

/** The record's fields without head, id and blanks. */
export function fieldsOfRecord(noun: NounName, record: Stored<AnyRecord>): Record<string, unknown> {
  const {
    id: _id,
    createdAt: _at,
    createdBy: _by,
    updatedAt: _changedAt,
    updatedBy: _changedBy,
    stamps: _stamps,
    ...fields
  } = compactRecord(noun, record);
  return fields;
}

/** `blank` is the blank the record was written against, which an older version may have defined differently. */
export function recordFrom<N extends NounName>(
  noun: N,
  blank: Readonly<Record<string, unknown>>,
  id: string,
  [createdAt, createdBy, updatedAt, updatedBy, stamps]: RecordHead,
  fields: Record<string, unknown>,
): Stored<RecordOf[N]> {
  const current = sharedBlank(noun);
  const own = { id, createdAt, createdBy, updatedAt, updatedBy, stamps };
  // The checkpoint was checked against its hash; it holds what was parsed once.
  return (blank === current ? { ...current, ...fields, ...own } : { ...current, ...blank, ...fields, ...own }) as unknown as Stored<
    RecordOf[N]
  >;
}

/** Blank objects are shared between records, so the first comparison nearly always decides. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The blank of a noun as read from a file: the living one when equal, so that its objects stay shared. */
export function blankFrom(noun: NounName, stored: unknown): Readonly<Record<string, unknown>> {
  const current = sharedBlank(noun);
  if (stored === null || typeof stored !== 'object' || JSON.stringify(stored) === JSON.stringify(current)) return current;
  return stored as Record<string, unknown>;
}
