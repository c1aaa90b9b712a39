import { conditionsIn, type FieldFilter, type FilterGroup, type FilterNode, isGroup } from '../../../shared/contracts/list.ts';

/** What the address has of a filter: what is joined by "and" alone, and the rest. */
export interface FilterParts {
  f: FieldFilter[] | undefined;
  w: FilterGroup | undefined;
}

/** How deep the address takes groups in groups, and how many conditions one of them holds (shared/contracts/list.ts). */
export const deepest = 3;
export const mostTogether = 30;

/** One tree of both, for the builder. */
export function treeOf({ f = [], w }: FilterParts): FilterGroup {
  if (w === undefined) return { match: 'all', of: f };
  if (f.length === 0) return w;
  return { match: 'all', of: w.match === 'all' ? [...f, ...w.of] : [...f, w] };
}

/**
 * The tree as the address has it: without conditions that are not written yet and groups without any, and with what is joined by
 * "and" alone as plain filters, which have chips of their own.
 */
export function partsOf(tree: FilterGroup, isWritten: (filter: FieldFilter) => boolean): FilterParts {
  const whole = written(tree, isWritten);
  if (whole === null) return { f: undefined, w: undefined };
  const of = isGroup(whole) ? whole.of : [whole];
  if (isGroup(whole) && whole.match === 'any') return { f: undefined, w: whole };
  const f = of.filter((node): node is FieldFilter => !isGroup(node));
  const groups = of.filter(isGroup);
  const [only] = groups;
  return {
    f: f.length === 0 ? undefined : f,
    w: only === undefined ? undefined : groups.length === 1 ? only : { match: 'all', of: groups },
  };
}

/** A group of one is that one; of a group in a group that is joined alike, nothing is left but what is in it. */
function written(node: FilterNode, isWritten: (filter: FieldFilter) => boolean): FilterNode | null {
  if (!isGroup(node)) return isWritten(node) ? node : null;
  const of = node.of.flatMap((one) => {
    const kept = written(one, isWritten);
    return kept === null ? [] : isGroup(kept) && kept.match === node.match ? kept.of : kept;
  });
  return of.length <= 1 ? (of[0] ?? null) : { match: node.match, of };
}

/** True where nothing more may be added anywhere. */
export function isFull(tree: FilterGroup): boolean {
  return conditionsIn(tree).length >= mostTogether;
}

/** The tree with another node at the place; null takes it away, and with it a group that it leaves empty, but never the tree. */
export function replaced(tree: FilterGroup, place: readonly number[], node: FilterNode | null): FilterGroup {
  const [at, ...rest] = place;
  if (at === undefined) return node !== null && isGroup(node) ? node : { match: 'all', of: [] };
  const of = tree.of.flatMap((one, index) => {
    if (index !== at) return one;
    if (rest.length === 0) return node ?? [];
    const inner = isGroup(one) ? replaced(one, rest, node) : one;
    return isGroup(inner) && inner.of.length === 0 ? [] : inner;
  });
  return { ...tree, of };
}
