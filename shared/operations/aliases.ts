import { type NounName, nounNames, nouns, referenceFields } from '../nouns/nouns.ts';
import { sharedBlank } from './apply-operation.ts';

/**
 * The record an id stands for: itself, or the one it was merged into, however often that was merged on. Two devices can
 * each merge the other's way while offline: in such a circle an id stands for its own record, which is deleted and can
 * be restored (invariant 2).
 */
export function survivorOf<R extends { id: string; mergedInto: string | null }>(
  get: (id: string) => R | undefined,
  id: string,
): R | undefined {
  const first = get(id);
  let record = first;
  const seen = new Set<string>();
  while (record !== undefined && record.mergedInto !== null) {
    if (seen.has(record.id)) return first;
    seen.add(record.id);
    const next = get(record.mergedInto);
    if (next === undefined) return first;
    record = next;
  }
  return record;
}

export interface LinkField {
  field: string;
  /** The nouns whose records it may name. */
  of: readonly NounName[];
  /** Such records are found by what they hang on, without looking at all of them. */
  isParent: boolean;
}

const links = new Map<NounName, readonly LinkField[]>();

/** Fields of the noun that name another record, or a list of them: told by its parents, its field list, or their name. */
export function linkFieldsOf(noun: NounName): readonly LinkField[] {
  let found = links.get(noun);
  if (found === undefined) {
    found = findLinkFields(noun);
    links.set(noun, found);
  }
  return found;
}

function findLinkFields(noun: NounName): LinkField[] {
  const parents = nouns[noun].parents as Readonly<Record<string, NounName | { of: object }>>;
  const plain = new Map(referenceFields(noun).map(({ path, of }) => [path, of]));
  const names = new Set([...Object.keys(parents), ...plain.keys(), ...Object.keys(sharedBlank(noun))]);
  names.delete('externalIds');
  return [...names].flatMap((field): LinkField[] => {
    const parent = parents[field];
    if (parent !== undefined) {
      const of = typeof parent === 'string' ? [parent] : nounNames.filter((one) => Object.hasOwn(parent.of, one));
      return [{ field, of, isParent: true }];
    }
    const of = plain.get(field);
    if (of !== undefined) return [{ field, of: [of], isParent: false }];
    return /(?:Id|Ids)$/.test(field) ? [{ field, of: nounNames, isParent: false }] : [];
  });
}
