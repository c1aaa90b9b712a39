import { type NounName, nounNames, parentNounsOf, referenceFields } from '../../shared/nouns/nouns.ts';
import type { ListRequest } from '../../shared/contracts/list.ts';
import { anyChange, type CanTouch } from './changes.ts';

const named = (noun: NounName): NounName[] => [...parentNounsOf(noun), ...referenceFields(noun).map(({ of }) => of)];

const seen = new Map<NounName, ReadonlySet<NounName>>();

/**
 * The nouns that a row of the noun, or its place, is made from: its own, what it hangs on and names, and what those hang on and
 * name (an entry shows the client of its opportunity), what hangs on it or names it (counted, or shown first), and own fields.
 */
export function nounsSeenIn(noun: NounName): ReadonlySet<NounName> {
  let found = seen.get(noun);
  if (found === undefined) {
    const above = new Set<NounName>([noun]);
    for (const one of above) for (const of of named(one)) above.add(of);
    found = new Set([...above, ...nounNames.filter((other) => named(other).includes(noun)), 'ownFields']);
    seen.set(noun, found);
  }
  return found;
}

/** Of a list of the noun, whatever it is filtered and sorted by. What waits for a server is known to no change of the book. */
export function touchesList(noun: NounName, show: ListRequest['show'] = 'live'): CanTouch {
  if (show === 'unsent') return anyChange;
  const nouns = [...nounsSeenIn(noun)];
  return (change) => nouns.some((one) => change[one].length > 0);
}

/** Of one record: another one of its noun is nothing to it, unless records of the noun name each other. */
export function touchesRecord(noun: NounName, id: string): CanTouch {
  const others = [...nounsSeenIn(noun)].filter((one) => one !== noun || namesItsOwn(noun));
  return (change, answered) => {
    // A record that was merged into another one is answered as that one.
    const shown = typeof answered === 'object' && answered !== null && 'id' in answered ? answered.id : id;
    return change[noun].some((one) => one === id || one === shown) || others.some((one) => change[one].length > 0);
  };
}

function namesItsOwn(noun: NounName): boolean {
  const above = new Set<NounName>(named(noun));
  for (const one of above) for (const of of named(one)) above.add(of);
  return above.has(noun);
}
