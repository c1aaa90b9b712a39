import { expect, it } from 'vitest';
import { naturalKey, numberOf } from '../../../../../electron/domain/lists/list-filter.ts';
import { seeded } from '../../../../support/seeded.ts';

it('orders texts as the language’s own collator does', () => {
  const random = seeded('natural order');
  const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const characters = [...'aAbBzZéÉöüñ0129 '];
  const text = () =>
    Array.from({ length: 1 + random.below(7) }, () => characters[random.below(characters.length)])
      .join('')
      .trim()
      .replace(/ +/g, ' ');
  for (let run = 0; run < 20_000; run += 1) {
    const [left, right] = [text(), text()];
    const [a, b] = [naturalKey(left), naturalKey(right)];
    expect(a === b ? 0 : a < b ? -1 : 1, `"${left}" and "${right}"`).toBe(Math.sign(collator.compare(left, right)));
  }
});

it('keeps long numbers apart from short ones', () => {
  expect(naturalKey(`n ${'9'.repeat(12)}`) < naturalKey(`n 1${'0'.repeat(12)}`)).toBe(true);
  expect(naturalKey('n 007')).toBe(naturalKey('N 7'));
});

it.each([
  ['1,234.50', 1234.5],
  ['1234,50', 1234.5],
  ['1.234,50', 1234.5],
  ['1 234', 1234],
  ["1'234", 1234],
  ['1,234', 1234],
  ['1,234,567', 1234567],
  ['$12', 12],
  ['-3', -3],
  ['.5', 0.5],
  ['12 apples', null],
  ['', null],
  ['--1', null],
])('reads "%s" as %s', (text, number) => {
  expect(numberOf(text)).toBe(number);
});
