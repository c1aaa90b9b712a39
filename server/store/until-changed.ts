/** What was read of an organisation, good until its next change. */
export interface UntilChanged<T> {
  /** `seq` is the number of the organisation's last change. */
  get(key: string, seq: number): T | null;
  put(key: string, seq: number, value: T): void;
}

/** Forgets what was asked for longest ago when all values together weigh more than `most`; what weighs more than `mostOne` is not kept. */
export function untilChanged<T>(limits: { most: number; mostOne: number }, weightOf: (value: T) => number): UntilChanged<T> {
  const values = new Map<string, { seq: number; value: T; weight: number }>();
  let kept = 0;
  const forget = (key: string) => {
    kept -= values.get(key)?.weight ?? 0;
    values.delete(key);
  };
  const keep = (key: string, one: { seq: number; value: T; weight: number }) => {
    values.set(key, one);
    kept += one.weight;
  };
  return {
    get(key, seq) {
      const found = values.get(key);
      if (found === undefined) return null;
      forget(key);
      if (found.seq !== seq) return null;
      keep(key, found);
      return found.value;
    },
    put(key, seq, value) {
      const weight = weightOf(value);
      if (weight > limits.mostOne) return;
      forget(key);
      keep(key, { seq, value, weight });
      for (const oldest of values.keys()) {
        if (kept <= limits.most) break;
        forget(oldest);
      }
    },
  };
}
