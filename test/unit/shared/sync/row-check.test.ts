// Rules (docs/sync-protocol.md): S7, S8
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../../../shared/sync/field-state.ts';
import { mergeRecords, type SyncedRecord } from '../../../../shared/sync/merge.ts';
import { checkRow, mostAheadMs, stampProblem } from '../../../../shared/sync/row-check.ts';
import { formatStamp } from '../../../../shared/sync/stamp.ts';
import { checkProperty } from '../../../support/property.ts';
import { playedCopies, skews, steps } from '../../../support/record-histories.ts';

const at = (minute: number, who = 'ada') => formatStamp(Date.parse('2026-03-04T09:00:00Z') + minute * 60_000, 0, who);
const record = (fields: Record<string, unknown>, stamps: Record<string, string>): SyncedRecord => ({
  id: 'r1',
  createdAt: '2026-03-04T09:00:00.000Z',
  createdBy: 'Ada',
  updatedAt: '2026-03-04T09:00:00.000Z',
  updatedBy: 'Ada',
  ...fields,
  stamps: { '*': at(0), ...stamps },
});
const current = record({ name: 'North', tags: ['a'], mood: 'good' }, { mood: at(1) });
const verdictOn = (pushed: SyncedRecord, assumed = current.stamps) => checkRow(current, assumed, pushed);
const rejected = (code: string, field: string | null) => ({ is: 'rejected', problem: expect.objectContaining({ code, field }) });

describe('A pushed row', () => {
  it('is written where nothing is there, and where it was made from what is there', () => {
    expect(checkRow(null, null, current)).toEqual({ is: 'write', record: current });
    const pushed = { ...current, name: 'South', updatedBy: 'Bob', stamps: { ...current.stamps, name: at(2) } };
    expect(verdictOn(pushed)).toEqual({ is: 'write', record: pushed });
  });

  it('is fine without being written when it is there already, whatever it was made from', () => {
    for (const assumed of [null, {}, current.stamps, { '*': at(9) }])
      expect(checkRow(current, assumed, structuredClone(current))).toEqual({ is: 'same' });
  });

  it('is a conflict where it was made from another copy, from none, or from one that is not there', () => {
    const pushed = { ...current, name: 'South', stamps: { ...current.stamps, name: at(2) } };
    for (const assumed of [null, { '*': at(0) }, { ...current.stamps, name: at(1) }])
      expect(checkRow(current, assumed, pushed)).toEqual({ is: 'conflict' });
    expect(checkRow(null, current.stamps, pushed)).toEqual({ is: 'conflict' });
  });

  it('leaves what it does not say as it is', () => {
    const { mood: _, ...known } = current;
    const pushed = { ...known, name: 'South', stamps: { '*': at(0), name: at(2) } } as SyncedRecord;
    expect(verdictOn(pushed)).toEqual({
      is: 'write',
      record: { ...pushed, mood: 'good', stamps: { '*': at(0), name: at(2), mood: at(1) } },
    });
    expect(verdictOn({ ...known, stamps: current.stamps } as SyncedRecord)).toEqual({ is: 'same' });
    // A version that fills in what it knows more of, at its default.
    expect(verdictOn({ ...current, later: null })).toEqual({ is: 'same' });
  });

  it('is refused where a change has no stamp of its own, or an older one', () => {
    expect(verdictOn({ ...current, name: 'South' })).toEqual(rejected('stamp_reused', 'name'));
    expect(verdictOn({ ...current, name: 'South', stamps: { ...current.stamps, tags: at(3) } })).toEqual(rejected('stamp_reused', 'name'));
    expect(verdictOn({ ...current, mood: 'bad', stamps: { '*': at(0), mood: at(0, 'a'), name: at(3) } })).toEqual(
      rejected('stamp_not_newer', 'mood'),
    );
    expect(verdictOn({ ...current, stamps: { '*': at(-1), mood: at(1) } })).toEqual(rejected('stamp_not_newer', 'name'));
    expect(verdictOn({ ...current, createdBy: 'Eve', stamps: { ...current.stamps, name: at(3) } })).toEqual(
      rejected('stamp_reused', 'createdBy'),
    );
    expect(verdictOn({ ...current, tags: ['a', 'b'], stamps: { ...current.stamps, name: at(3) } })).toEqual(
      rejected('stamp_reused', 'tags'),
    );
    expect(verdictOn({ ...current, tags: [], stamps: { ...current.stamps, 'tags/b': at(3) } })).toEqual(rejected('stamp_reused', 'tags'));
    expect(verdictOn({ ...current, tags: ['a', 'b'], stamps: { ...current.stamps, 'tags/b': at(3) } })).toMatchObject({ is: 'write' });
    expect(verdictOn({ ...current, stamps: { ...current.stamps, nobody: at(3) } })).toEqual(rejected('invalid', 'stamps'));
  });

  it('has stamps in their form, and none of a time that has not come', () => {
    const now = Date.parse('2026-03-04T09:00:00Z');
    expect(stampProblem({ '*': formatStamp(now + mostAheadMs, 0, 'ada') }, now)).toBeNull();
    expect(stampProblem({ '*': formatStamp(now + mostAheadMs + 1, 0, 'ada') }, now)).toMatchObject({ code: 'clock_ahead', field: null });
    expect(stampProblem({ '*': at(0), 'tags/a': at(6) }, now)).toMatchObject({ code: 'clock_ahead', field: 'tags' });
    for (const stamps of [
      {},
      { name: at(0) },
      { '*': '' },
      { '*': 'x' },
      { '*': `${at(0)} ` },
      { '*': at(0).toUpperCase() },
      { '*': at(0, 'a'.repeat(101)) },
    ])
      expect(stampProblem(stamps, now)).toMatchObject({ code: 'invalid', field: 'stamps' });
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, one) => [`tags/${one}`, at(0)]));
    expect(stampProblem({ '*': at(0), ...many }, now)).toMatchObject({ code: 'invalid' });
  });

  it('that is merged with what is there is always taken, and nothing older ever is', () => {
    checkProperty(
      fc.property(steps, skews, fc.tuple(fc.nat(), fc.nat()), (all, skew, [a, b]) => {
        const copies = playedCopies(all, skew);
        const [there, mine] = [copies[a % copies.length], copies[b % copies.length]] as [SyncedRecord, SyncedRecord];
        const merged = mergeRecords(null, there, mine).record;
        const check = checkRow(there, there.stamps, merged);
        expect(check.is).toBe(textOf(merged.stamps) === textOf(there.stamps) ? 'same' : 'write');
        if (check.is === 'write') {
          expect(textOf(check.record)).toBe(textOf(merged));
          expect(checkRow(merged, merged.stamps, there)).toMatchObject({ is: 'rejected' });
        }
      }),
    );
  });
});
