/** Time comes in from outside, so tests are exact and a laptop with a wrong clock can be simulated. */
export interface Clock {
  /** Milliseconds since the epoch, UTC. May step backwards: the machine's clock is not trusted. */
  now(): number;
  /** The person's local calendar day as YYYY-MM-DD. */
  today(): string;
  /** The person's local calendar day at an instant. */
  dayOf(instant: string): string;
}

export function instantOf(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}

/** A clock that stands still until it is moved. For tests and for replaying what happened on a day. */
export function fixedClock(instant: string): Clock & { moveTo(instant: string): void } {
  let ms = Date.parse(instant);
  return {
    now: () => ms,
    today: () => new Date(ms).toISOString().slice(0, 10),
    dayOf: (at) => new Date(at).toISOString().slice(0, 10),
    moveTo: (next) => {
      ms = Date.parse(next);
    },
  };
}

/** Whole days from one YYYY-MM-DD to another; negative when `to` lies before `from`. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** The day so many days after a YYYY-MM-DD; before it where they are fewer than none. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** The instants at which a person's day begins and ends, found by halving: days follow from instants, and not the other way round. */
export function instantsOfDay(clock: Pick<Clock, 'dayOf'>, day: string): { from: string; until: string } {
  const first = (wanted: string): string => {
    // A day begins at most 14 hours before and 12 after that of Greenwich.
    let [low, high] = [Date.parse(`${wanted}T00:00:00Z`) - 15 * 3_600_000, Date.parse(`${wanted}T00:00:00Z`) + 13 * 3_600_000];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (clock.dayOf(new Date(middle).toISOString()) < wanted) low = middle;
      else high = middle;
    }
    return new Date(high).toISOString();
  };
  return { from: first(day), until: first(dayAfter(day, 1)) };
}
