import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { tellChanges } from '../../../../electron/opening/tell-changes.ts';
import type { CrmEvents } from '../../../../shared/contracts/api.ts';
import { perNoun } from '../../../../shared/nouns/nouns.ts';

const nothing = perNoun<string[]>(() => []);
const change = (id: string): CrmEvents['changed'] => ({ ...nothing, clients: [id], all: false });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('passes every change on at once while nothing long is running', () => {
  const told: CrmEvents['changed'][] = [];
  const tell = tellChanges(
    (one) => told.push(one),
    () => false,
  );
  for (const id of ['a', 'b', 'c']) tell(change(id));
  expect(told).toEqual([change('a'), change('b'), change('c')]);
});

it('tells the first change of a second at once and the rest together, and the last one never goes missing', () => {
  const told: CrmEvents['changed'][] = [];
  let isBusy = true;
  const tell = tellChanges(
    (one) => told.push(one),
    () => isBusy,
  );
  for (const id of ['a', 'b', 'c']) tell(change(id));
  expect(told).toEqual([change('a')]);
  vi.advanceTimersByTime(1000);
  expect(told.slice(1)).toEqual([{ ...nothing, all: true }]);
  tell(change('d'));
  tell(change('e'));
  isBusy = false;
  vi.advanceTimersByTime(1000);
  expect(told.slice(2)).toEqual([change('d'), { ...nothing, all: true }]);
  tell(change('f'));
  expect(told.at(-1)).toEqual(change('f'));
});
