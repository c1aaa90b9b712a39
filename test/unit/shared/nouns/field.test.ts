import { expect, it } from 'vitest';
import { ownFieldsOf, setAt, valueAt } from '../../../../shared/nouns/field.ts';

it('reads and sets a part of an address', () => {
  const changes: Record<string, unknown> = {};
  setAt(changes, 'address.city', 'Nairobi');
  expect(changes).toEqual({ address: { city: 'Nairobi' } });
  expect(valueAt(changes, 'address.city')).toBe('Nairobi');
  expect(valueAt(changes, 'address.line1')).toBeNull();
  expect(valueAt(changes, 'mailing.line1')).toBeNull();
});

it('takes the name of an own field as one name, also with points in it', () => {
  const record = { custom: { 'No. of vans': 3, 'Opt. in': true, Founded: '1902' } };
  expect(ownFieldsOf(record).map(({ path, label, kind }) => [path, label, kind])).toEqual([
    ['custom.No. of vans', 'No. of vans', 'number'],
    ['custom.Opt. in', 'Opt. in', 'boolean'],
    ['custom.Founded', 'Founded', 'text'],
  ]);
  expect(valueAt(record, 'custom.No. of vans')).toBe(3);
  const changes: Record<string, unknown> = {};
  setAt(changes, 'custom.No. of vans', 4);
  expect(changes).toEqual({ custom: { 'No. of vans': 4 } });
});
