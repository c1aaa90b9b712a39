import { LRUCache } from 'lru-cache';

/** How often a device may ask, by its session: addresses say little of laptops that share one. */
export interface Allowance {
  /** Whole seconds until it may ask again; 0 where it may now. */
  take(sessionId: string): number;
}

const WINDOW_MS = 60_000;
const mostKnown = 20_000;

export function createAllowance(perMinute: number, now: () => number): Allowance {
  const known = new LRUCache<string, { until: number; count: number }>({ max: mostKnown });
  return {
    take(sessionId) {
      const at = now();
      let window = known.get(sessionId);
      if (window === undefined || window.until <= at) {
        window = { until: at + WINDOW_MS, count: 0 };
        known.set(sessionId, window);
      }
      window.count += 1;
      return window.count <= perMinute ? 0 : Math.max(1, Math.ceil((window.until - at) / 1000));
    },
  };
}
