import fc from 'fast-check';

/** Runs of a property test. FIELDBOOK_RUNS raises it for a long search. */
const runs = Number(process.env['FIELDBOOK_RUNS'] ?? 1000);

/** Checks a property with a fresh seed, which is printed; FIELDBOOK_SEED repeats a run that was red. */
export function checkProperty<T>(property: fc.IProperty<T>): void {
  const seed = process.env['FIELDBOOK_SEED'] === undefined ? Date.now() & 0x7fffffff : Number(process.env['FIELDBOOK_SEED']);
  console.info(`fast-check seed ${seed}, ${runs} runs`);
  fc.assert(property, { seed, numRuns: runs });
}

/** For properties that wait for files: the same, as settings for `fc.assert`. */
export function propertySettings(numRuns: number): { seed: number; numRuns: number } {
  const seed = process.env['FIELDBOOK_SEED'] === undefined ? Date.now() & 0x7fffffff : Number(process.env['FIELDBOOK_SEED']);
  console.info(`fast-check seed ${seed}, ${numRuns} runs`);
  return { seed, numRuns };
}

/** Decimals as text, with up to `whole` digits before and `fraction` digits after the point. */
export function decimalTexts(whole: number, fraction: number): fc.Arbitrary<string> {
  const digits = (min: number, max: number) =>
    fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((all) => all.join(''));
  return fc
    .tuple(fc.boolean(), digits(1, whole), digits(0, fraction))
    .map(([negative, before, after]) => `${negative ? '-' : ''}${before.replace(/^0+(?=\d)/, '')}${after === '' ? '' : `.${after}`}`);
}
