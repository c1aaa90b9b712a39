import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createReaders } from '../../server/store/readers.ts';

it('lets so many read at once, in the order they came', async () => {
  const readers = createReaders(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const all = [0, 1, 2, 3].map((at) =>
    readers.read(async () => {
      begun.push(at);
      await new Promise<void>((done) => ends.push(done));
      return at;
    }),
  );
  await wait(0);
  expect(begun).toEqual([0, 1]);
  ends[1]?.();
  await wait(0);
  expect(begun).toEqual([0, 1, 2]);
  ends[0]?.();
  await wait(0);
  expect(begun).toEqual([0, 1, 2, 3]);
  for (const end of ends) end();
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
});

it('goes on after one that failed', async () => {
  const readers = createReaders(1);
  await expect(readers.read(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await readers.read(async () => 'next')).toBe('next');
});

it('does not let those that take long keep others waiting', async () => {
  const readers = createReaders(1);
  const long = Promise.withResolvers<void>();
  const first = readers.read(() => long.promise);
  expect(await readers.read(async () => 'others')).toBe('others');
  long.resolve();
  await first;
  expect(await readers.read(async () => 'and on')).toBe('and on');
});
