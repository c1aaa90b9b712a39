import { expect, it } from 'vitest';
import { importTargets } from '../../../../shared/nouns/import-target.ts';
import { fieldsOf, nounNames } from '../../../../shared/nouns/nouns.ts';

/** What only somebody who builds the thing would say. */
const ofBuilders =
  /\b(reach|own person|belongs to|program contact|(street|mailing) (city|state|postal|country)|collection|replica\w*|tombstone|payload|filed)\b/i;

it('fields, their groups and the columns of imports are called as people call them', () => {
  const fields = nounNames.flatMap((noun) => fieldsOf(noun).flatMap(({ label, group }) => [label, group]));
  const words = [...new Set([...fields, ...importTargets.map(({ label }) => label)])];
  expect(words.length).toBeGreaterThan(150);
  expect(words.filter((word) => ofBuilders.test(word))).toEqual([]);
});
