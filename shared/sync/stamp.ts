/**
 * Hybrid logical clock stamps: one per changed field, so that merging two laptops' edits decides by what was seen,
 * not by whose clock is fast (architecture, "Facts that were measured").
 *
 * A stamp is a string that sorts as text: 12 hex digits of milliseconds, 4 hex digits of counter, "-", device id.
 */
export type Stamp = string;

/**
 * Stamp per field of a record. `*` stands for every field that has no entry of its own; "field/key" is the stamp of one
 * entry of a list or of values by name (field-state.ts).
 */
export type Stamps = Record<string, Stamp>;

/** Milliseconds of the year 9999: what comes after a stamp gets a greater one, and there is none after the greatest. */
const lastStamp = 'e677d21fdbff';

export function isStamp(value: unknown): value is Stamp {
  return typeof value === 'string' && value.length <= 200 && /^[0-9a-f]{16}-./.test(value) && value.slice(0, 12) <= lastStamp;
}

export interface StampSource {
  /** Strictly greater than every stamp issued or observed before, also when the machine's clock goes back. */
  next(): Stamp;
  /** Takes note of a stamp from elsewhere (journal, another device). */
  observe(stamp: Stamp): void;
  /** The newest stamp issued or observed; null before the first. */
  newest(): Stamp | null;
}

export function stampSource(deviceId: string, now: () => number, newest: Stamp | null = null): StampSource {
  let last = newest === null ? { ms: 0, counter: 0 } : parseStamp(newest);
  let lastStamp = newest;
  return {
    next() {
      const ms = Math.max(now(), last.ms);
      const counter = ms === last.ms ? last.counter + 1 : 0;
      last = counter > 0xffff ? { ms: ms + 1, counter: 0 } : { ms, counter };
      lastStamp = formatStamp(last.ms, last.counter, deviceId);
      return lastStamp;
    },
    observe(stamp) {
      const seen = parseStamp(stamp);
      if (seen.ms > last.ms || (seen.ms === last.ms && seen.counter > last.counter)) {
        last = { ms: seen.ms, counter: seen.counter };
        lastStamp = stamp;
      }
    },
    newest: () => lastStamp,
  };
}

export function formatStamp(ms: number, counter: number, deviceId: string): Stamp {
  return `${ms.toString(16).padStart(12, '0')}${counter.toString(16).padStart(4, '0')}-${deviceId}`;
}

export function parseStamp(stamp: Stamp): { ms: number; counter: number; deviceId: string } {
  const match = /^([0-9a-f]{12})([0-9a-f]{4})-(.+)$/.exec(stamp);
  if (match === null) throw new Error('A stamp is not in its form');
  return {
    ms: Number.parseInt(match[1] as string, 16),
    counter: Number.parseInt(match[2] as string, 16),
    deviceId: match[3] as string,
  };
}

export function stampOf(stamps: Stamps, field: string): Stamp | undefined {
  return stamps[field] ?? stamps['*'];
}

/** The newest of a record's stamps: that of its last change. */
export function newestStamp(stamps: Stamps): Stamp {
  let newest = '';
  for (const stamp of Object.values(stamps)) if (stamp > newest) newest = stamp;
  return newest;
}
