import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { copyOf, PagedMap } from '../../../../shared/lib/paged-map.ts';
import { seeded } from '../../../support/seeded.ts';

const key = fc.integer({ min: 0, max: 5000 }).map((at) => `clients/${at}`);
const steps = fc.array(
  fc.oneof(
    fc.record({ what: fc.constant('set' as const), key, value: fc.integer() }),
    fc.record({ what: fc.constant('delete' as const), key }),
    fc.record({ what: fc.constant('fork' as const) }),
    fc.record({ what: fc.constant('fill' as const), from: fc.integer({ min: 0, max: 2500 }) }),
  ),
  { maxLength: 60 },
);

it('answers as a plain map does, and each fork as it was then', () => {
  const { seed } = seeded('paged map');
  fc.assert(
    fc.property(steps, (taken) => {
      const paged = new PagedMap<number>();
      const plain = new Map<string, number>();
      const forks: [ReadonlyMap<string, number>, Map<string, number>][] = [];
      for (const step of taken) {
        if (step.what === 'set') for (const map of [paged, plain]) map.set(step.key, step.value);
        else if (step.what === 'delete') expect(paged.delete(step.key)).toBe(plain.delete(step.key));
        else if (step.what === 'fork') forks.push([copyOf(paged), new Map(plain)]);
        else for (let at = step.from; at < step.from + 2500; at += 1) for (const map of [paged, plain]) map.set(`clients/${at}`, at);
      }
      for (const [map, like] of [...forks, [paged, plain] as const]) {
        expect(map.size).toBe(like.size);
        expect(sorted(map)).toEqual(sorted(like));
        for (const at of [0, 7, 2500, 4999, 5000]) {
          expect(map.get(`clients/${at}`)).toBe(like.get(`clients/${at}`));
          expect(map.has(`clients/${at}`)).toBe(like.has(`clients/${at}`));
        }
      }
    }),
    { seed, numRuns: 60 },
  );
}, 60_000);

const sorted = (map: ReadonlyMap<string, number>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

it('keeps the order in which keys came', () => {
  const map = new PagedMap<number>();
  for (let at = 0; at < 10_000; at += 1) map.set(String((at * 7919) % 10_000), at);
  expect([...map.values()]).toEqual(Array.from({ length: 10_000 }, (_, at) => at));
  expect([...map.keys()].length).toBe(10_000);
});

it('shows a walk what is changed, added and taken out meanwhile, also where a fork shares the pages', () => {
  for (const isForked of [false, true]) {
    const map = new PagedMap<number>();
    for (let at = 0; at < 5; at += 1) map.set(`k${at}`, at);
    if (isForked) copyOf(map);
    const seen: [string, number][] = [];
    for (const entry of map) {
      seen.push(entry);
      if (entry[0] !== 'k0') continue;
      map.set('k3', 33);
      map.delete('k4');
      map.set('k9', 9);
    }
    expect(seen, String(isForked)).toEqual([
      ['k0', 0],
      ['k1', 1],
      ['k2', 2],
      ['k3', 33],
      ['k9', 9],
    ]);
  }
});

it.each([
  ['ids', (at: number) => `clients/0198c7b2-1a2b-7${String(at).padStart(3, '0')}-8000-00000000${String(at).padStart(4, '0')}`],
  ['addresses of one company', (at: number) => `person${at}@office.example`],
  ['numbers', (at: number) => String(at)],
])('spreads %s, so that no part of it outgrows its table at once', (_what, keyAt) => {
  const map = new PagedMap<number>();
  const sizes = new Map<Map<unknown, unknown>, number>();
  const set = Map.prototype.set;
  const spy = vi.spyOn(Map.prototype, 'set').mockImplementation(function (this: Map<unknown, unknown>, name, value) {
    set.call(this, name, value);
    if (this !== sizes) set.call(sizes, this, this.size);
    return this;
  });
  for (let at = 0; at < 50_000; at += 1) map.set(keyAt(at), at);
  spy.mockRestore();
  expect(Math.max(...sizes.values())).toBeLessThanOrEqual(2048);
});

it('is not changed through a fork, and can be emptied', () => {
  const map = new PagedMap<number>();
  map.set('a', 1);
  const fork = copyOf(map) as Map<string, number>;
  expect(() => fork.set('b', 2)).toThrow('not changed');
  map.clear();
  expect([map.size, [...map], fork.get('a')]).toEqual([0, [], 1]);
});
