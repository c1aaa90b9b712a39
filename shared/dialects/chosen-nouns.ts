import { type NounName, nouns } from '../nouns/nouns.ts';

/** The kinds a kind hangs on, of those that there are to choose from: without them its records would hang on nothing. */
export function hangsOn(noun: NounName, among: readonly NounName[]): NounName[] {
  const named = Object.values(nouns[noun].parents).flatMap((of) => (typeof of === 'string' ? [of] : Object.values(of.of)));
  return among.filter((one) => one !== noun && named.includes(one));
}

/** The chosen kinds with all that they hang on. */
export function withParents(chosen: readonly NounName[], among: readonly NounName[]): NounName[] {
  const all = new Set<NounName>();
  const take = (noun: NounName): void => {
    if (all.has(noun)) return;
    all.add(noun);
    hangsOn(noun, among).forEach(take);
  };
  chosen.forEach(take);
  return among.filter((one) => all.has(one));
}

/** The chosen kinds after one of them was left out: what hangs on it goes too. */
export function withoutNoun(chosen: readonly NounName[], out: NounName, among: readonly NounName[]): NounName[] {
  const left = chosen.filter((one) => one !== out);
  return left.filter((one) => !withParents([one], among).includes(out));
}
