import { expect, it } from 'vitest';
import { shownColumns, withKeptLast } from '../../../../../renderer/features/records/grid-layout.ts';
import type { FieldInfo } from '../../../../../shared/nouns/field.ts';
import { fieldsOf } from '../../../../../shared/nouns/nouns.ts';

const field = (path: string) => fieldsOf('clients').find((one) => one.path === path) as FieldInfo;
const columns = ['industry', 'name', 'phone', 'email', 'nextFollowUpDate', 'address.city'].map(field);
const keep = ['phone', 'nextFollowUpDate'];
const at = (room: number, given = withKeptLast(columns, keep), widths: Record<string, number> = {}) => {
  const { columns: shown, ...rest } = shownColumns(given, widths, { room, before: 62, titlePath: 'name', keep });
  return { ...rest, paths: shown.map(({ path }) => path) };
};

it('keeps phone and next date at the end where there is room between them and the title', () => {
  const shown = at(1000);
  expect(shown.paths).toEqual(['industry', 'name', 'email', 'address.city', 'phone', 'nextFollowUpDate']);
  expect(shown).toMatchObject({ title: 1, kept: 2 });
  expect(shown.sizes[1]).toBe(field('name').width);
});

it('puts them after the title, and cuts that one, where there is none', () => {
  const shown = at(560);
  expect(shown.paths).toEqual(['industry', 'name', 'phone', 'nextFollowUpDate', 'email', 'address.city']);
  expect(shown).toMatchObject({ title: 1, kept: 0 });
  // The title and both of them are in sight at once.
  expect(62 + (shown.sizes[1] ?? 0) + (shown.sizes[2] ?? 0) + (shown.sizes[3] ?? 0)).toBeLessThanOrEqual(560);
});

it('leaves room beside a title of any width, and has a first column to hold on to without one', () => {
  expect(at(700, withKeptLast([field('name'), field('industry')], []), { name: 800 }).sizes[0]).toBe(700 - 62 - 200);
  expect(at(120, [field('name'), field('industry')]).sizes[0]).toBe(160);
  expect(at(700, [field('industry'), field('email')])).toMatchObject({ title: 0, kept: 0 });
});
