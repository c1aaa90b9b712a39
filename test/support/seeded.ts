/** Random choices that can be made again: a red run is repeated with FIELDBOOK_SEED and the seed it printed. */
export interface Seeded {
  readonly seed: number;
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number;
  pick<const T>(choices: readonly [T, ...T[]]): T;
  /** True in one of so many cases. */
  oneIn(cases: number): boolean;
}

export function seeded(name: string): Seeded {
  const given = process.env['FIELDBOOK_SEED'];
  const seed = given === undefined ? Date.now() % 1_000_000 : Number(given);
  process.stdout.write(`${name}: seed ${seed}\n`);
  return seededFrom(seed);
}

/**
 * The seeds of many runs: all from a first one that is printed (FIELDBOOK_SEEDS_FROM says which, for a long run that goes on where
 * another ended), or the one that FIELDBOOK_SEED says, alone.
 */
export function seedsOf(name: string, runs: number): number[] {
  const given = process.env['FIELDBOOK_SEED'];
  if (given !== undefined) return [Number(given)];
  const first = Number(process.env['FIELDBOOK_SEEDS_FROM'] ?? (Date.now() % 1_000_000) * 1_000);
  process.stdout.write(`${name}: ${runs} runs, seeds from ${first}\n`);
  return Array.from({ length: runs }, (_, at) => first + at);
}

export function seededFrom(seed: number): Seeded {
  let state = seed;
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { seed, below, pick: (choices) => choices[below(choices.length)] ?? choices[0], oneIn: (cases) => below(cases) === 0 };
}
