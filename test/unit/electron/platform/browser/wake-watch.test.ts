import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createWakeWatch } from '../../../../../electron/platform/browser/wake-watch.ts';

let now = 0;

beforeEach(() => {
  now = 1_000_000;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Time that passes while the computer is awake. */
function pass(ms: number): void {
  for (let left = ms; left > 0; left -= 1000) {
    now += Math.min(left, 1000);
    vi.advanceTimersByTime(Math.min(left, 1000));
  }
}

/** Timers stand still and the clock goes on. */
function sleep(ms: number): void {
  now += ms;
}

it('tells of a sleep soon after it, once', () => {
  const onWake = createWakeWatch(() => now);
  const listener = vi.fn();
  onWake(listener);
  pass(60_000);
  expect(listener).not.toHaveBeenCalled();
  sleep(8 * 3_600_000);
  pass(5000);
  expect(listener).toHaveBeenCalledOnce();
  pass(60_000);
  expect(listener).toHaveBeenCalledOnce();
});

it('does not take a busy moment for a sleep', () => {
  const onWake = createWakeWatch(() => now);
  const listener = vi.fn();
  onWake(listener);
  for (let times = 0; times < 10; times += 1) {
    sleep(12_000);
    pass(5000);
  }
  expect(listener).not.toHaveBeenCalled();
});

it('is quiet when nobody listens any more', () => {
  const onWake = createWakeWatch(() => now);
  const listener = vi.fn();
  const stop = onWake(listener);
  stop();
  expect(vi.getTimerCount()).toBe(0);
  sleep(3_600_000);
  const again = onWake(listener);
  pass(10_000);
  expect(listener, 'what was before the listening is nobody’s sleep').not.toHaveBeenCalled();
  again();
});
