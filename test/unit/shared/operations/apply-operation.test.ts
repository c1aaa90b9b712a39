import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addToHistory,
  applyChange,
  applyOperation,
  emptyRecordMaps,
  type RecordMaps,
  sharedBlank,
} from '../../../../shared/operations/apply-operation.ts';
import { blankRecord } from '../../../../shared/nouns/nouns.ts';
import type { Change, Operation } from '../../../../shared/operations/operation.ts';
import { mergeRecords, type SyncedRecord } from '../../../../shared/sync/merge.ts';
import { formatStamp } from '../../../../shared/sync/stamp.ts';
import { checkProperty } from '../../../support/property.ts';
import { playedAlone, skews, steps } from '../../../support/record-histories.ts';

function operation(seq: number, changes: Change[], actor = 'Ada'): Operation {
  const at = new Date(Date.UTC(2026, 2, 4, 9, 0, seq)).toISOString();
  const head = {
    deviceId: 'laptop',
    actor,
    at,
    stamp: formatStamp(Date.parse(at), 0, 'laptop'),
    command: 'clients.change',
    kind: 'do' as const,
  };
  return { id: `operation-${seq}`, seq, ...head, group: null, target: null, changes };
}

const made = (seq: number, after: Record<string, unknown>) => operation(seq, [{ collection: 'clients', id: 'c1', before: null, after }]);
const changed = (seq: number, before: Record<string, unknown>, after: Record<string, unknown>, actor?: string) =>
  operation(seq, [{ collection: 'clients', id: 'c1', before, after }], actor);

function after(...operations: Operation[]): RecordMaps {
  const records = emptyRecordMaps();
  for (const one of operations) applyOperation(records, one);
  return records;
}

const copyOf = (records: RecordMaps) => records.locationItemPrices.get('p1') as unknown as SyncedRecord;

describe('applying an operation', () => {
  it('makes a record from the blank one of its noun', () => {
    const first = made(1, { name: 'North Depot', tags: ['key account'] });
    expect(after(first).clients.get('c1')).toEqual({
      ...blankRecord('clients'),
      id: 'c1',
      name: 'North Depot',
      tags: ['key account'],
      createdAt: first.at,
      createdBy: 'Ada',
      updatedAt: first.at,
      updatedBy: 'Ada',
      stamps: { '*': first.stamp },
    });
  });

  it('sets the fields it lists, stamps them, and says who changed the record when', () => {
    const second = changed(2, { name: 'North Depot' }, { name: 'North Depot Ltd', notes: null }, 'Grace');
    const record = after(made(1, { name: 'North Depot', notes: 'Old' }), second).clients.get('c1');
    expect(record).toMatchObject({ name: 'North Depot Ltd', notes: null, createdBy: 'Ada', updatedBy: 'Grace', updatedAt: second.at });
    expect(record?.stamps).toMatchObject({ name: second.stamp, notes: second.stamp });
  });

  it('replaces the record and leaves the one before as it was', () => {
    const first = after(made(1, { name: 'North Depot' })).clients.get('c1') ?? null;
    const copy = structuredClone(first);
    const second = changed(2, { name: 'North Depot' }, { name: 'South' });
    expect(applyChange('clients', first, second, second.changes[0] as Change)).not.toBe(first);
    expect(first).toEqual(copy);
  });

  it('passes over collections of a later version', () => {
    expect(after(operation(1, [{ collection: 'ledgers', id: 'x', before: null, after: { a: 1 } }]))).toEqual(emptyRecordMaps());
    expect(after(operation(1, [{ collection: 'constructor', id: 'x', before: null, after: { a: 1 } }]))).toEqual(emptyRecordMaps());
  });

  it('takes id and bookkeeping from the operation, not from its fields', () => {
    const forged = { id: 'other', createdBy: 'Mallory', updatedAt: '1999', stamps: {}, name: 'North' };
    const record = after(made(1, forged), changed(2, {}, { ...forged, name: 'South' })).clients.get('c1');
    expect(record).toMatchObject({ id: 'c1', name: 'South', createdBy: 'Ada', updatedBy: 'Ada' });
    expect(record?.updatedAt).toBe(operation(2, []).at);
  });

  it('ends in the same record in whatever order and however often operations come', () => {
    const step = fc.dictionary(fc.constantFrom('name', 'notes', 'email', 'deletedAt'), fc.string({ maxLength: 3 }), { minKeys: 1 });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.nat(1000)), (steps, order) => {
        const done = steps.map((fields, at) => (at === 0 ? made(1, fields) : changed(at + 1, {}, fields, `Person ${at}`)));
        const shuffled = [...done, ...done.filter((_, at) => at % 2 === 0)]
          .map((one) => ({ one, place: order.next().value ?? 0 }))
          .toSorted((a, b) => a.place - b.place)
          .map(({ one }) => one);
        expect(after(...shuffled)).toEqual(after(...done));
      }),
      { numRuns: 500 },
    );
  });

  it('ends in the same record too where entries are put into lists and taken out, and values are named', () => {
    checkProperty(
      fc.property(steps, skews, fc.infiniteStream(fc.nat(1000)), (all, skew, order) => {
        const { operations, copies } = playedAlone(all, skew);
        const shuffled = [...operations, ...operations.filter((_, at) => at % 2 === 0)]
          .map((one) => ({ one, place: order.next().value ?? 0 }))
          .toSorted((a, b) => a.place - b.place)
          .map(({ one }) => one);
        expect(after(...shuffled).clients.get('c1')).toEqual(copies.at(-1));
      }),
    );
  });

  it('stamps an entry that is put in, and the whole where entries are put in another order', () => {
    const first = made(1, { tags: ['a', 'b'] });
    const added = changed(2, { tags: ['a', 'b'] }, { tags: ['a', 'b', 'c'] });
    const turned = changed(3, { tags: ['a', 'b', 'c'] }, { tags: ['c', 'a', 'b'] });
    expect(after(first, added).clients.get('c1')).toMatchObject({
      tags: ['a', 'b', 'c'],
      stamps: { '*': first.stamp, 'tags/c': added.stamp },
    });
    expect(after(first, added, turned).clients.get('c1')).toMatchObject({
      tags: ['c', 'a', 'b'],
      stamps: { '*': first.stamp, tags: turned.stamp },
    });
    expect(Object.keys(after(first, added, turned).clients.get('c1')?.stamps ?? {})).toEqual(['*', 'tags']);
  });

  it('takes what each of two laptops said that made one price for one location and item', () => {
    const make = (seq: number, fields: Record<string, unknown>, by: string): Operation => ({
      ...operation(seq, [{ collection: 'locationItemPrices', id: 'p1', before: null, after: fields }], by),
      stamp: formatStamp(1_000 + seq, 0, by),
    });
    const one = make(1, { locationId: 'l', itemPriceId: 'i', customPrice: '9.00' }, 'ada');
    const other = make(2, { locationId: 'l', itemPriceId: 'i', customTaxRate: '0.1' }, 'bob');
    const record = after(one, other).locationItemPrices.get('p1');
    expect(record).toMatchObject({ customPrice: '9.00', customTaxRate: '0.1', createdBy: 'bob', updatedBy: 'bob' });
    expect(record?.stamps).toEqual({
      '*': formatStamp(0, 0, 'bob'),
      locationId: other.stamp,
      itemPriceId: other.stamp,
      customPrice: one.stamp,
      customTaxRate: other.stamp,
    });
    expect(after(other, one, one).locationItemPrices.get('p1')).toEqual(record);
    const both = mergeRecords(null, copyOf(after(one)), copyOf(after(other))).record;
    expect(both).toEqual(record);
  });

  it('takes in that two laptops made the record, in either order', () => {
    const [one, other] = [made(1, { name: 'Pair', phone: '1' }), made(2, { name: 'Pair', email: 'pair@example.com' })];
    const later = changed(3, { phone: null }, { phone: '3' });
    const record = after(one, other, later).clients.get('c1');
    expect(record).toMatchObject({
      phone: '3',
      email: 'pair@example.com',
      createdAt: other.at,
      stamps: { '*': other.stamp, phone: later.stamp },
    });
    expect(after(other, later, one).clients.get('c1')).toEqual(record);
    expect(after(later, one, other).clients.get('c1')).toEqual(record);
  });

  it('shares blank values between records and lets nobody change them', () => {
    const [a, b] = [after(made(1, { name: 'A' })), after(made(2, { name: 'B' }))];
    expect(a.clients.get('c1')?.address).toBe(b.clients.get('c1')?.address);
    expect(() => Object.assign(sharedBlank('clients')['address'] as object, { city: 'Denver' })).toThrow(TypeError);
  });

  it('notes itself once in the history of each record, in a new list', () => {
    const history = new Map<string, readonly string[]>();
    const both = operation(1, [
      { collection: 'clients', id: 'c1', before: null, after: {} },
      { collection: 'contacts', id: 'c1', before: null, after: {} },
      { collection: 'clients', id: 'c1', before: {}, after: {} },
    ]);
    addToHistory(history, both);
    const list = history.get('clients/c1');
    addToHistory(history, both);
    addToHistory(history, changed(2, {}, {}));
    expect([...history]).toEqual([
      ['clients/c1', ['operation-1', 'operation-2']],
      ['contacts/c1', ['operation-1']],
    ]);
    expect(list).toEqual(['operation-1']);
  });
});
