import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ratiosOf, regressions } from '../../../build/bench-baseline.mjs';

const table = (value: number) => [
  {
    name: 'lists',
    rows: [
      { figure: 'page against the peer', value, unit: '×' },
      { figure: 'page', value: 900, unit: 'ms' },
    ],
  },
];
const baseline = ratiosOf(table(2));

it('a ratio more than 15 % above the baseline is a regression; times are none, since machines differ', () => {
  expect(regressions(table(2.3), baseline)).toEqual([]);
  expect(regressions(table(1), baseline)).toEqual([]);
  expect(regressions(table(2.4), baseline)).toEqual(["REGRESSION lists: page against the peer is 2.4 ×, 20 % above the baseline's 2 ×"]);
  expect(regressions(table(9), {}), 'nothing is known of it').toEqual([]);
});

it('the committed baseline has ratios, all of them numbers above nothing', () => {
  const committed = JSON.parse(readFileSync(join(import.meta.dirname, '../../bench/baseline.json'), 'utf8')) as typeof baseline;
  const ratios = Object.values(committed).flatMap((one) => Object.values(one));
  expect(ratios.length).toBeGreaterThanOrEqual(3);
  for (const ratio of ratios) expect(ratio).toBeGreaterThan(0);
});
