import type { Page } from '@playwright/test';
import { expect, it, onTestFinished, vi } from 'vitest';
import { nounsSeenIn, touchesList, touchesRecord } from '../../../../renderer/api/touches.ts';
import type { CrmEvents } from '../../../../shared/contracts/api.ts';
import { makeCrm } from '../../../../shared/contracts/make-crm.ts';
import { ok } from '../../../../shared/lib/result.ts';
import { fieldsOf, type NounName, nounNames, nouns, perNoun } from '../../../../shared/nouns/nouns.ts';
import { backendOf } from '../../../support/book-backend.ts';
import { fillWholeBook } from '../../../support/full-book.ts';
import { openLaptop, request, type TestBook } from '../../../support/opened-book.ts';

type Changed = CrmEvents['changed'];

/** A book with records of every noun, put in by the commands of the screens. */
async function wholeBook(): Promise<TestBook> {
  const laptop = await openLaptop();
  const backend = backendOf(laptop);
  const crm = makeCrm({
    call: (method, input) => backend.call(method, input),
    listen: () => () => undefined,
    files: { take: async () => ok({ fileId: 'none' }), save: async () => ok({ saved: false }) },
    onConnection: () => () => undefined,
  });
  vi.stubGlobal('window', { crm });
  onTestFinished(() => void vi.unstubAllGlobals());
  // What is evaluated in a page needs nothing of it but `window.crm`.
  await fillWholeBook({ evaluate: (work: () => unknown) => work() } as unknown as Page); // all it needs of a page is to run work there
  return laptop;
}

const shown = (laptop: TestBook) =>
  perNoun((noun) => JSON.stringify(laptop.queries.list(noun, request({ limit: 500 }))).replaceAll(/"updated(At|By)":"[^"]*"/g, ''));
const oneShown = (laptop: TestBook, noun: NounName, id: string) => JSON.stringify(laptop.queries.get(noun, id));

it('no list and no record shows another thing after a change that is said not to touch it, whatever record of the book changes', async () => {
  const laptop = await wholeBook();
  const records = nounNames.flatMap((noun) => [...laptop.book.all(noun)].map(({ id }) => ({ noun, id })));
  expect(new Set(records.map(({ noun }) => noun))).toEqual(new Set(nounNames));
  let touched = 0;
  for (const { noun, id } of records) {
    const path = fieldsOf(noun).find((field) => field.kind === 'text' && field.required === true)?.path ?? nouns[noun].titlePath;
    const steps: (() => Promise<unknown>)[] = [
      () => laptop.book.run('change', null, (tx) => void tx.change(noun, id, { [path]: `Renamed ${id.slice(-4)}` })),
      () => laptop.book.run('remove', null, (tx) => tx.remove(noun, id)),
      () => laptop.book.run('restore', null, (tx) => tx.restore(noun, id)),
    ];
    for (const step of steps) {
      const before = shown(laptop);
      const each = records.map((one) => oneShown(laptop, one.noun, one.id));
      laptop.changed.length = 0;
      // What the rules refuse changes nothing.
      await step().catch(() => undefined);
      const after = shown(laptop);
      for (const list of nounNames) {
        if (after[list] === before[list]) continue;
        touched += 1;
        expect(
          laptop.changed.some((change) => touchesList(list)(change, undefined)),
          `${list} after a change of ${noun}`,
        ).toBe(true);
      }
      for (const [at, one] of records.entries()) {
        if (oneShown(laptop, one.noun, one.id) === each[at]) continue;
        expect(
          laptop.changed.some((change) => touchesRecord(one.noun, one.id)(change, undefined)),
          `${one.noun} after ${noun}`,
        ).toBe(true);
      }
    }
  }
  expect(touched).toBeGreaterThan(100);
});

it('what has nothing to do with a list does not touch it', () => {
  const change = (noun: NounName, id: string): Changed => ({ ...perNoun<string[]>(() => []), [noun]: [id], all: false });
  expect(touchesList('itemPrices')(change('clients', 'a'), undefined)).toBe(false);
  expect(touchesList('clients')(change('itemPrices', 'a'), undefined)).toBe(false);
  expect(touchesList('clients')(change('contacts', 'a'), undefined)).toBe(true);
  expect(touchesList('clients', 'unsent')(change('itemPrices', 'a'), undefined)).toBe(true);
  expect(touchesRecord('clients', 'a')(change('clients', 'b'), undefined)).toBe(false);
  expect(touchesRecord('clients', 'a')(change('clients', 'a'), undefined)).toBe(true);
  // Merged into another one, whose changes are its own now.
  expect(touchesRecord('clients', 'a')(change('clients', 'b'), { id: 'b' })).toBe(true);
  expect(nounsSeenIn('activities').has('clients')).toBe(true);
});
