import { isSame } from '../lib/equal.ts';
import type { NounName } from '../nouns/nouns.ts';
import { bookkeeping, sharedBlank } from '../operations/apply-operation.ts';
import { textOf } from './field-state.ts';
import type { SyncedRecord } from './merge.ts';

/**
 * By what two sides tell whether they have the same records without sending them. Both run this code, so a digest says something only
 * between versions that know the same fields: where they do not, copies are looked at (`isSameCopy`), and that decides.
 */
export type Hash = (text: string) => string;

/** The whole of a record: its values, its stamps, who made and changed it and when. What is blank may be left out or written out. */
export function digestOf(noun: NounName, record: SyncedRecord, hash: Hash): string {
  const blank = sharedBlank(noun);
  const lines: string[] = [];
  for (const field of Object.keys(record).toSorted()) {
    const value = record[field];
    if (value === undefined || (!bookkeeping.has(field) && isSame(value, blank[field]))) continue;
    lines.push(`${field}:${textOf(value)}`);
  }
  return hash(lines.join('\n'));
}

/** Of records in the order of their ids (`compareIds`), by their digests. */
export const rangeDigest = (digests: readonly string[], hash: Hash): string =>
  digests.length === 1 ? (digests[0] as string) : hash(digests.join('\n'));

const surrogate = /[\ud800-\udfff]/;

/** The order of ids byte by byte, as databases have it. Code units differ from it only in characters that take two of them. */
export function compareIds(one: string, other: string): number {
  if (one === other) return 0;
  if (!surrogate.test(one) && !surrogate.test(other)) return one < other ? -1 : 1;
  const [left, right] = [[...one], [...other]];
  for (const [at, character] of left.entries()) {
    const difference = (character.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? -1);
    if (difference !== 0) return difference;
  }
  return -1;
}

/**
 * Whether a copy is the server's: the same stamps, and the same values as far as both versions know the field. A field that this one
 * knows and a copy leaves out is blank.
 */
export function isSameCopy(noun: NounName, mine: SyncedRecord, theirs: SyncedRecord): boolean {
  const blank = sharedBlank(noun);
  return [...new Set([...Object.keys(mine), ...Object.keys(theirs)])].every((field) => {
    const [a, b] = [mine[field] ?? blank[field], theirs[field] ?? blank[field]];
    return a === undefined || b === undefined || isSame(a, b);
  });
}
