import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchDay } from '../../../../electron/domain/day-watch.ts';
import { fixedClock } from '../../../../shared/lib/clock.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('notices midnight within half a minute, and a clock that is set back', () => {
  const clock = fixedClock('2026-03-04T23:59:50.000Z');
  const onNewDay = vi.fn();
  const watch = watchDay(clock, onNewDay);
  vi.advanceTimersByTime(30_000);
  expect(onNewDay).not.toHaveBeenCalled();
  clock.moveTo('2026-03-05T00:00:10.000Z');
  vi.advanceTimersByTime(30_000);
  vi.advanceTimersByTime(300_000);
  expect(onNewDay).toHaveBeenCalledTimes(1);
  clock.moveTo('2026-03-04T08:00:00.000Z');
  vi.advanceTimersByTime(30_000);
  expect(onNewDay).toHaveBeenCalledTimes(2);
  watch.close();
  expect(vi.getTimerCount()).toBe(0);
});

it('looks at once when it is told to, and tells of no day twice', () => {
  const clock = fixedClock('2026-03-04T09:00:00.000Z');
  const onNewDay = vi.fn();
  const watch = watchDay(clock, onNewDay);
  clock.moveTo('2026-03-06T09:00:00.000Z');
  watch.look();
  watch.look();
  vi.advanceTimersByTime(60_000);
  expect(onNewDay).toHaveBeenCalledTimes(1);
  watch.close();
});
