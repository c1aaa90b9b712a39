import type { Clock } from '../shared/lib/clock.ts';

/** The machine's own clock and the day its person lives in. */
export const systemClock: Clock = {
  now: () => Date.now(),
  today: () => localDay(new Date()),
  dayOf: (instant) => localDay(new Date(instant)),
};

function localDay(date: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
