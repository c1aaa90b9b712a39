import type { z } from 'zod';
import { type NounName, nouns } from '../../shared/nouns/nouns.ts';
import type { Operation } from '../../shared/operations/operation.ts';
import { isNounName } from '../../shared/operations/apply-operation.ts';
import { holdsSealed } from '../domain/safety/book-check.ts';

/**
 * A number where a text belongs: no command and no damage of a disk makes that, and lists and search could not read it.
 * What is only out of its form is taken in, found by the check and mended.
 */
export function holdsOtherKinds(noun: NounName, fields: object): boolean {
  const shape: Readonly<Record<string, z.ZodType>> = nouns[noun].schema.shape;
  return Object.entries(fields).some(([field, value]: [string, unknown]) => {
    // A field of another version may be called like something that every object has ("constructor").
    const parsed = Object.hasOwn(shape, field) ? shape[field]?.safeParse(value) : undefined;
    return parsed?.success === false && parsed.error.issues.some(({ code }) => code === 'invalid_type') && !holdsSealed(value);
  });
}

/** What an undo would bring back has to be readable too. */
export function isOfOtherKinds({ changes }: Pick<Operation, 'changes'>): boolean {
  return changes.some(
    ({ collection, before, after }) =>
      isNounName(collection) && [before ?? {}, after].some((fields) => holdsOtherKinds(collection, fields)),
  );
}
