import type { Clock } from '../../shared/lib/clock.ts';

/** How late a new day may be noticed while nothing else wakes us. */
const LOOK_EVERY_MS = 30_000;

export interface DayWatch {
  /** Looks at once: after a sleep timers are as late as the sleep was long. */
  look(): void;
  close(): void;
}

/**
 * Calls back when the person's day has become another: what is overdue, current or "yesterday" follows from the day, and
 * screens must ask again although nothing in the book changed. A clock that is set back makes a new day as well.
 */
export function watchDay(clock: Clock, onNewDay: () => void): DayWatch {
  let known = clock.today();
  const look = () => {
    const today = clock.today();
    if (today === known) return;
    known = today;
    onNewDay();
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  // Waiting for tomorrow keeps no process alive that wants to end.
  timer.unref();
  return { look, close: () => clearInterval(timer) };
}
