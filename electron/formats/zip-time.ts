const first = Date.UTC(1980, 0, 2);
const last = Date.UTC(2099, 11, 30);

/** A time a zip can say: it knows the years from 1980 to 2099 only, and a computer's clock may be at any. */
export function zipTime(now: number): number {
  return Math.min(Math.max(now, first), last);
}
