import { type AnyRecord, type NounName, type RecordOf, type Stored } from '../../shared/entities/nouns.ts';
import { sharedBlank } from '../domain/apply-operation.ts';

/** A record without the fields that equal the blank record of its noun: most fields of most records. */
export function compactRecord(noun: NounName, record: Stored<AnyRecord>): Record<string, unknown> {
  const blank = sharedBlank(noun);
  const compact: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(record)) {
    if (!Object.hasOwn(blank, field) || !isSame(value, blank[field])) compact[field] = value;
  }
  return compact;
}

/** `blank` is the blank the record was written against, which an older version may have defined differently. */
export function fullRecord<N extends NounName>(
  noun: N,
  blank: Readonly<Record<string, unknown>>,
  compact: Record<string, unknown>,
): Stored<RecordOf[N]> {
  const current = sharedBlank(noun);
  return (blank === current ? { ...current, ...compact } : { ...current, ...blank, ...compact }) as unknown as Stored<RecordOf[N]>;
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
