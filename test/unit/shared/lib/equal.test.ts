import { expect, it } from 'vitest';
import { isParts, isSame } from '../../../../shared/lib/equal.ts';

it.each([
  [{ city: 'Denver', line1: null }, { line1: null, city: 'Denver' }, true],
  [['vip', 'north'], ['vip', 'north'], true],
  [['vip', 'north'], ['north', 'vip'], false],
  [{ a: { b: [1, { c: null }] } }, { a: { b: [1, { c: null }] } }, true],
  [{ a: undefined }, { b: undefined }, false],
  [{ a: undefined }, {}, false],
  [[], {}, false],
  [null, {}, false],
  [{}, null, false],
  [null, undefined, false],
  ['1', 1, false],
  [{ toString: 1 }, {}, false],
])('%j and %j: %s', (left, right, same) => {
  expect(isSame(left, right)).toBe(same);
  expect(isSame(right, left)).toBe(same);
});

it('tells an object with parts from a list and from nothing', () => {
  expect([{}, [], null, 'text'].map(isParts)).toEqual([true, false, false, false]);
});
