import { expect, it } from 'vitest';
import { failuresOf, importCases } from '../../support/import-case.ts';

it.each(importCases())('brings in the case %s as it should be', async (name) => {
  expect(await failuresOf(name)).toEqual([]);
});
