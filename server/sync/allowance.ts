import { LRUCache } from 'lru-cache';

/** How often somebody may ask: a device by its session, since laptops share an address; whoever is not let in by the address. */
export interface Allowance {
  /** Whole seconds until it may ask again; 0 where it may now. */
  take(who: string): number;
}

const WINDOW_MS = 60_000;
const mostKnown = 20_000;

export function createAllowance(perMinute: number, now: () => number): Allowance {
  const known = new LRUCache<string, { until: number; count: number }>({ max: mostKnown });
  return {
    take(who) {
      const at = now();
      let window = known.get(who);
      if (window === undefined || window.until <= at) {
        window = { until: at + WINDOW_MS, count: 0 };
        known.set(who, window);
      }
      window.count += 1;
      return window.count <= perMinute ? 0 : Math.max(1, Math.ceil((window.until - at) / 1000));
    },
  };
}
