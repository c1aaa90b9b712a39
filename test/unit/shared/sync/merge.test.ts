// Rules (docs/sync-protocol.md): S1, S3
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../../../shared/sync/field-state.ts';
import { mergeRecords, type SyncedRecord } from '../../../../shared/sync/merge.ts';
import { checkProperty } from '../../../support/property.ts';
import { apply, playedCopies, skews, steps } from '../../../support/record-histories.ts';

const merged = (left: SyncedRecord, right: SyncedRecord) => mergeRecords(null, left, right).record;
const any = <T>(all: readonly T[], at: number): T => all[at % all.length] as T;
const three = fc.tuple(fc.nat(), fc.nat(), fc.nat());
const at = (minute: number, who = 'ada') =>
  `${(Date.parse('2026-03-04T09:00:00Z') + minute * 60_000).toString(16).padStart(12, '0')}0000-${who}`;

function made(fields: Record<string, unknown> = {}): SyncedRecord {
  return apply(null, { before: null, after: { name: 'North Depot', tags: ['key'], ...fields } }, at(0), 0, 0);
}
function changed(copy: SyncedRecord, after: Record<string, unknown>, stamp: string): SyncedRecord {
  return apply(copy, { before: Object.fromEntries(Object.keys(after).map((field) => [field, copy[field]])), after }, stamp, 0, 1);
}

describe('Merging copies that came about by working', () => {
  it('gives the same in either order', () => {
    checkProperty(
      fc.property(steps, skews, three, (all, skew, [a, b]) => {
        const copies = playedCopies(all, skew);
        expect(textOf(merged(any(copies, a), any(copies, b)))).toBe(textOf(merged(any(copies, b), any(copies, a))));
      }),
    );
  });

  it('gives the same in whatever groups', () => {
    checkProperty(
      fc.property(steps, skews, three, (all, skew, [a, b, c]) => {
        const copies = playedCopies(all, skew);
        const [x, y, z] = [any(copies, a), any(copies, b), any(copies, c)];
        expect(textOf(merged(merged(x, y), z))).toBe(textOf(merged(x, merged(y, z))));
      }),
    );
  });

  it('changes nothing when done again, or with an older copy of the same device', () => {
    checkProperty(
      fc.property(steps, skews, three, (all, skew, [a, b]) => {
        const copies = playedCopies(all, skew);
        const [x, y] = [any(copies, a), any(copies, b)];
        expect(textOf(merged(x, x))).toBe(textOf(x));
        const both = merged(x, y);
        expect(textOf(merged(both, x))).toBe(textOf(both));
        expect(textOf(merged(y, both))).toBe(textOf(both));
      }),
    );
  });

  it('holds the same values whatever base is given, and the same conflicts whenever asked', () => {
    checkProperty(
      fc.property(steps, skews, three, (all, skew, [a, b, c]) => {
        const copies = playedCopies(all, skew);
        const [base, x, y] = [any(copies, a), any(copies, b), any(copies, c)];
        expect(textOf(mergeRecords(base, x, y).record)).toBe(textOf(merged(x, y)));
        expect(mergeRecords(base, x, y)).toEqual(mergeRecords(structuredClone(base), structuredClone(x), structuredClone(y)));
      }),
    );
  });

  it('tells of every value that is in neither the result nor what both knew', () => {
    checkProperty(
      fc.property(steps, skews, three, (all, skew, [a, b, c]) => {
        const copies = playedCopies(all, skew);
        const [base, x, y] = [any(copies, a), any(copies, b), any(copies, c)];
        const { record, conflicts } = mergeRecords(base, x, y);
        for (const field of ['name', 'phone', 'address']) {
          for (const side of [x, y]) {
            if ([record, base].some((one) => textOf(one[field]) === textOf(side[field]))) continue;
            // One of the two may go back to before the base; then it was seen and replaced, and nobody has to be told.
            if ((side.stamps[field] ?? side.stamps['*'] ?? '') <= (base.stamps[field] ?? base.stamps['*'] ?? '')) continue;
            const other = side === x ? y : x;
            const hasSeen = (other.stamps[field] ?? '') === (base.stamps[field] ?? '');
            if (!hasSeen) expect(conflicts.map((one) => one.field)).toContain(field);
          }
        }
      }),
    );
  });
});

describe('Merging copies of any kind, also broken ones', () => {
  const stamp = fc.constantFrom(at(0), at(1), at(1, 'bob'), at(2));
  const wild: fc.Arbitrary<SyncedRecord> = fc
    .record({
      name: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
      tags: fc.constantFrom(['a'], ['b', 'a'], ['a', 'a'], [], null, 'text', [1]),
      custom: fc.constantFrom({}, { k: 1 }, { k: 2, l: 1 }, null, []),
      later: fc.option(fc.constantFrom({ deep: [1] }, null), { nil: undefined }),
      updatedAt: fc.constantFrom('1', '2'),
      stamps: fc.dictionary(fc.constantFrom('*', 'name', 'tags', 'tags/a', 'tags/b', 'custom', 'custom/k', 'later'), stamp),
    })
    .map(
      (fields) => ({ id: 'c1', ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) }) as SyncedRecord,
    );

  it('gives the same in either order, and the same every time', () => {
    checkProperty(
      fc.property(wild, wild, (left, right) => {
        expect(textOf(merged(left, right))).toBe(textOf(merged(right, left)));
        expect(textOf(merged(structuredClone(left), structuredClone(right)))).toBe(textOf(merged(left, right)));
      }),
    );
  });
});

describe('Two laptops that were offline', () => {
  it('keep both changes of different fields, and the later one of the same field, whoever merges', () => {
    const base = made({ phone: '1' });
    const ada = changed(changed(base, { name: 'North Depot Ltd' }, at(1)), { phone: '2' }, at(2));
    const bob = changed(changed(base, { email: 'north@example.com' }, at(1, 'bob')), { phone: '3' }, at(3, 'bob'));
    const result = mergeRecords(base, ada, bob);
    expect(result.record).toMatchObject({ name: 'North Depot Ltd', email: 'north@example.com', phone: '3' });
    expect(result.conflicts).toEqual([{ field: 'phone', base: '1', mine: '2', theirs: '3', kept: 'theirs' }]);
    expect(mergeRecords(base, bob, ada).conflicts).toEqual([{ field: 'phone', base: '1', mine: '3', theirs: '2', kept: 'mine' }]);
  });

  it('keep each other’s tags, people and own fields, and what one of them took out stays out', () => {
    const base = made({ tags: ['key', 'old'], custom: { colour: 'red' } });
    const ada = changed(changed(base, { tags: ['key', 'old', 'vip'] }, at(1)), { custom: { colour: 'blue' } }, at(1));
    const bob = changed(changed(base, { tags: ['key', 'late'] }, at(2, 'bob')), { custom: { colour: 'red', size: 'L' } }, at(2, 'bob'));
    const result = mergeRecords(base, ada, bob);
    expect(result.record).toMatchObject({ tags: ['key', 'vip', 'late'], custom: { colour: 'blue', size: 'L' } });
    expect(result.conflicts).toEqual([]);
  });

  it('keep each other’s payments', () => {
    const [first, second, third] = ['1', '2', '3'].map((id) => ({
      id,
      date: '2026-03-04',
      amount: `${id}.00`,
      method: 'cash',
      reference: null,
    }));
    const base = made({ payments: [first] });
    const result = mergeRecords(
      base,
      changed(base, { payments: [first, second] }, at(1)),
      changed(base, { payments: [first, third] }, at(2, 'bob')),
    );
    expect(result).toMatchObject({ record: { payments: [first, second, third] }, conflicts: [] });
  });

  it('never mix the lines of two addresses', () => {
    const base = made({ address: { line1: '1 Old Road', city: 'Oslo' } });
    const result = mergeRecords(
      base,
      changed(base, { address: { line1: '2 New Road', city: 'Oslo' } }, at(1)),
      changed(base, { address: { line1: '1 Old Road', city: 'Rome' } }, at(2, 'bob')),
    );
    expect(result.record['address']).toEqual({ line1: '1 Old Road', city: 'Rome' });
    expect(result.conflicts).toMatchObject([{ field: 'address', kept: 'theirs', mine: { line1: '2 New Road' } }]);
  });

  it('are told when one deleted what the other changed: the change is in the deleted record', () => {
    const base = made();
    const ada = changed(base, { name: 'South Depot' }, at(2));
    const bob = changed(base, { deletedAt: '2026-03-04T09:01:00.000Z' }, at(1, 'bob'));
    for (const [mine, theirs] of [
      [ada, bob],
      [bob, ada],
    ] as const)
      expect(mergeRecords(base, mine, theirs)).toMatchObject({
        record: { name: 'South Depot', deletedAt: '2026-03-04T09:01:00.000Z' },
        wasDeletedMeanwhile: true,
      });
    expect(mergeRecords(base, bob, bob).wasDeletedMeanwhile).toBe(false);
  });

  it('keep what a later version added, though one of them does not know it', () => {
    const newer: SyncedRecord = { ...made(), mood: 'good', stamps: { '*': at(0), mood: at(1) } };
    const older = changed(made(), { name: 'South Depot' }, at(5, 'bob'));
    for (const record of [merged(newer, older), merged(older, newer)])
      expect(record).toMatchObject({ name: 'South Depot', mood: 'good', stamps: { '*': at(0), mood: at(1), name: at(5, 'bob') } });
  });

  it('end in one record when both made the same one', () => {
    const ada = apply(null, { before: null, after: { name: 'Pair', phone: '1' } }, at(0), 1, 0);
    const bob = apply(null, { before: null, after: { name: 'Pair', email: 'pair@example.com' } }, at(1, 'bob'), 2, 1);
    const record = merged(changed(ada, { phone: '2' }, at(3)), bob);
    expect(record).toMatchObject({
      phone: '2',
      email: 'pair@example.com',
      createdBy: 'person 1',
      stamps: { '*': at(1, 'bob'), phone: at(3) },
    });
  });
});

describe('A copy that went back, or of which nothing is known', () => {
  const first = made({ phone: '1' });
  const second = changed(first, { phone: '2', tags: ['key', 'north'], custom: { route: 7 } }, at(1));
  const third = changed(second, { phone: '3' }, at(2));

  it('is no change of anybody’s where it is older than what was seen of it', () => {
    for (const [base, mine, theirs] of [
      [second, second, first],
      [third, third, first],
      [second, third, first],
      [second, changed(second, { tags: ['key'] }, at(3)), first],
    ] as const) {
      const { record, conflicts } = mergeRecords(base, mine, theirs);
      expect(conflicts).toEqual([]);
      expect(record).toEqual(mine);
    }
  });

  it('is still told of where something newer is in it', () => {
    const other = changed(first, { phone: '4' }, at(3, 'bob'));
    expect(mergeRecords(second, third, other).conflicts).toMatchObject([{ field: 'phone', mine: '3', theirs: '4', kept: 'theirs' }]);
    expect(mergeRecords(null, third, other).conflicts).toMatchObject([{ field: 'phone', kept: 'theirs' }]);
  });

  it('was not changed since it was made where its value is of then', () => {
    for (const later of [second, third]) {
      expect(mergeRecords(null, first, later).conflicts).toEqual([]);
      expect(mergeRecords(null, later, first).conflicts).toEqual([]);
    }
    // Made twice, with one id: nothing says who saw what.
    const twin = apply(null, { before: null, after: { name: 'South', tags: ['key'], phone: '1' } }, at(0, 'bob'), 0, 0);
    expect(mergeRecords(null, first, twin).conflicts).toMatchObject([{ field: 'name' }]);
  });
});
