/** Random choices that can be made again: a red run is repeated with FIELDBOOK_SEED and the seed it printed. */
export interface Seeded {
  readonly seed: number;
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number;
  pick<const T>(choices: readonly [T, ...T[]]): T;
}

export function seeded(name: string): Seeded {
  const given = process.env['FIELDBOOK_SEED'];
  const seed = given === undefined ? Date.now() % 1_000_000 : Number(given);
  process.stdout.write(`${name}: seed ${seed}\n`);
  let state = seed;
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { seed, below, pick: (choices) => choices[below(choices.length)] ?? choices[0] };
}
