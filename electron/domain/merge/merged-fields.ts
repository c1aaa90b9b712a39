import { z } from 'zod';
import type { DuplicateNoun } from '../../../shared/contracts/duplicate.contract.ts';
import { problemOf } from '../../../shared/nouns/field-problem.ts';
import { fieldsOf, nouns, type RecordOf } from '../../../shared/nouns/nouns.ts';
import { isParts } from '../../../shared/lib/equal.ts';
import { ProblemError } from '../../../shared/lib/result.ts';

type Fields = Record<string, unknown>;

/** Fields that stand for what people said of themselves: one yes is a yes. */
export const oneYesIsEnough = new Set(['doNotCall']);

/**
 * The fields of the record that is left of several. What somebody chose is taken from the record they chose. Without a
 * choice the first that has a value gives it, an address or banking data as a whole so that no two are mixed; lists,
 * user-defined fields and ids in other programs are put together. `records` begins with the one that stays.
 */
export function mergedFields<N extends DuplicateNoun>(
  noun: N,
  records: readonly RecordOf[N][],
  choices: Readonly<Record<string, string>>,
): Fields {
  const merged: Fields = {};
  const shape: Readonly<Record<string, z.ZodType>> = nouns[noun].fieldsSchema.shape;
  for (const field of Object.keys(shape)) {
    const values = inOrder(records, choices[field]).map((record) => (record as unknown as Fields)[field]);
    const [first] = values;
    const isChosen = Object.hasOwn(choices, field);
    if (field === 'custom' || field === 'externalIds') merged[field] = Object.assign({}, ...values.toReversed());
    else if (isChosen) merged[field] = first;
    else if (Array.isArray(first)) merged[field] = [...new Set(values.flat())];
    else if (oneYesIsEnough.has(field)) merged[field] = values.includes(true);
    else merged[field] = values.find((value) => !isNothing(value)) ?? first;
  }
  if ('isPrimary' in merged && !Object.hasOwn(choices, 'isPrimary')) {
    merged['isPrimary'] = (records as readonly Fields[]).some(
      ({ isPrimary, clientId }) => isPrimary === true && clientId === merged['clientId'],
    );
  }
  // Lists that are put together can become longer than one may be.
  for (const [field, schema] of Object.entries(shape)) {
    if (!Array.isArray(merged[field])) continue;
    const result = z.object({ [field]: schema }).safeParse(merged);
    if (!result.success) throw new ProblemError(problemOf(result.error, fieldsOf(noun)));
  }
  return merged;
}

function inOrder<R extends { id: string }>(records: readonly R[], firstId: string | undefined): readonly R[] {
  const chosen = records.find(({ id }) => id === firstId);
  return chosen === undefined ? records : [chosen, ...records.filter((record) => record !== chosen)];
}

export function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (isParts(value) && Object.values(value).every(isNothing));
}
