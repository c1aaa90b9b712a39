import fc from 'fast-check';
import { blankRecord } from '../../shared/nouns/nouns.ts';
import type { Change, Operation } from '../../shared/operations/operation.ts';
import { applyChange } from '../../shared/operations/apply-operation.ts';
import { mergeRecords, type SyncedRecord } from '../../shared/sync/merge.ts';
import { newestStamp, stampSource } from '../../shared/sync/stamp.ts';

/** One thing that happens to the copies of one record on several devices. */
export type Step =
  | { kind: 'set'; device: number; field: string; value: unknown }
  | { kind: 'add' | 'drop'; device: number; field: 'tags' | 'assignedToIds'; entry: string }
  | { kind: 'own'; device: number; key: string; value: string | null }
  | { kind: 'meet'; device: number; from: number };

export const devices = 3;
const device = fc.nat(devices - 1);
const entry = fc.constantFrom('a', 'b', 'c', 'd');

const address = (city: string, line1: string) => ({ ...(blankRecord('clients')['address'] as object), city, line1 });

/** Everything a device can do to a record, and meeting another device. */
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('set' as const),
        device,
        field: fc.constantFrom('name', 'phone'),
        value: fc.constantFrom('x', 'y', 'z'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('set' as const),
        device,
        field: fc.constant('deletedAt'),
        value: fc.constantFrom(null, '2026-01-01T00:00:00.000Z'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('set' as const),
        device,
        field: fc.constant('address'),
        value: fc.constantFrom(address('Oslo', '1'), address('Rome', '2')),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('set' as const), device, field: fc.constant('tags'), value: fc.uniqueArray(entry) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom('add' as const, 'drop' as const),
        device,
        field: fc.constantFrom('tags' as const, 'assignedToIds' as const),
        entry,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('own' as const),
        device,
        key: fc.constantFrom('k', 'l', '__proto__'),
        value: fc.constantFrom('1', '2', null),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('meet' as const), device, from: device }) },
  ),
  { minLength: 1, maxLength: 14 },
);

/** Plays the steps on copies of one record, by the same function that applies a laptop's operations; answers every copy there ever was. */
export function playedCopies(all: readonly Step[], skews: readonly number[]): SyncedRecord[] {
  let now = Date.parse('2026-03-04T09:00:00Z');
  const clocks = Array.from({ length: devices }, (_, at) => stampSource(`device-${at}`, () => now + (skews[at] ?? 0)));
  const made = apply(null, { before: null, after: { name: 'made', tags: ['a', 'b'] } }, (clocks[0] as (typeof clocks)[0]).next(), now, 0);
  const copies: SyncedRecord[] = Array.from({ length: devices }, () => made);
  for (const clock of clocks) clock.observe(newestStamp(made.stamps));
  const seen = [made];
  for (const step of all) {
    now += 1_000;
    const copy = copies[step.device] as SyncedRecord;
    const clock = clocks[step.device] as (typeof clocks)[0];
    let next: SyncedRecord;
    if (step.kind === 'meet') {
      next = mergeRecords(null, copy, copies[step.from] as SyncedRecord).record;
      clock.observe(newestStamp(next.stamps));
    } else {
      const change = changeOf(copy, step);
      if (change === null) continue;
      next = apply(copy, change, clock.next(), now, step.device);
    }
    copies[step.device] = next;
    seen.push(next);
  }
  return seen;
}

/** The same on one copy alone, as one laptop after another does it; answers the operations too. */
export function playedAlone(all: readonly Step[], skews: readonly number[]): { operations: Operation[]; copies: SyncedRecord[] } {
  let now = Date.parse('2026-03-04T09:00:00Z');
  const clock = stampSource('device', () => now + (skews[0] ?? 0));
  const operations: Operation[] = [];
  const copies: SyncedRecord[] = [];
  for (const step of [null, ...all]) {
    now += 1_000;
    const change =
      step === null
        ? { before: null, after: { name: 'made', tags: ['a', 'b'] } }
        : step.kind === 'meet'
          ? null
          : changeOf(copies.at(-1) as SyncedRecord, step);
    if (change === null) continue;
    const seq = operations.length + 1;
    const head = { at: new Date(now).toISOString(), actor: 'Ada', stamp: clock.next() };
    const rest = { deviceId: 'device', command: 'clients.change', kind: 'do' as const, group: null, target: null };
    const changes = [{ collection: 'clients', id: 'c1', ...change }];
    operations.push({ id: `operation-${seq}`, seq, ...head, ...rest, changes });
    copies.push(applyChange('clients', (copies.at(-1) ?? null) as never, head, changes[0] as Change) as unknown as SyncedRecord);
  }
  return { operations, copies };
}

function changeOf(copy: SyncedRecord, step: Exclude<Step, { kind: 'meet' }>): Pick<Change, 'before' | 'after'> | null {
  const to = (field: string, value: unknown) => ({ before: { [field]: copy[field] }, after: { [field]: value } });
  switch (step.kind) {
    case 'set':
      return to(step.field, step.value);
    case 'add':
    case 'drop': {
      const list = copy[step.field] as string[];
      if (list.includes(step.entry) === (step.kind === 'add')) return null;
      return to(step.field, step.kind === 'add' ? [...list, step.entry] : list.filter((one) => one !== step.entry));
    }
    case 'own': {
      const others = Object.entries(copy['custom'] as object).filter(([key]) => key !== step.key);
      return to('custom', Object.fromEntries(step.value === null ? others : [...others, [step.key, step.value]]));
    }
  }
}

export function apply(
  copy: SyncedRecord | null,
  change: Pick<Change, 'before' | 'after'>,
  stamp: string,
  now: number,
  by: number,
): SyncedRecord {
  const head = { at: new Date(now).toISOString(), actor: `person ${by}`, stamp };
  return applyChange('clients', copy as never, head, { collection: 'clients', id: 'c1', ...change }) as unknown as SyncedRecord;
}

export const skews = fc.array(fc.integer({ min: -100_000_000, max: 100_000_000 }), { minLength: devices, maxLength: devices });
