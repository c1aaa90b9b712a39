import { describe, expect, it } from 'vitest';
import { mostTogether, partsOf, replaced, treeOf } from '../../../../../renderer/features/records/filter-tree.ts';
import { type FieldFilter, type FilterGroup, filterGroupSchema, type FilterNode, isGroup } from '../../../../../shared/contracts/list.ts';
import { seeded } from '../../../../support/seeded.ts';

const is = (value: string): FieldFilter => ({ path: 'name', operator: 'is', value });
const all = (...of: FilterNode[]): FilterGroup => ({ match: 'all', of });
const any = (...of: FilterNode[]): FilterGroup => ({ match: 'any', of });
const isWritten = ({ value }: FieldFilter) => value !== '';
const [a, b, c] = [is('a'), is('b'), is('c')];

describe('a tree of conditions in the address', () => {
  it('has what is joined by "and" alone as plain filters, and the rest as it is', () => {
    expect(partsOf(all(a, b), isWritten)).toEqual({ f: [a, b], w: undefined });
    expect(partsOf(any(a, b), isWritten)).toEqual({ f: undefined, w: any(a, b) });
    expect(partsOf(all(a, any(b, c)), isWritten)).toEqual({ f: [a], w: any(b, c) });
    expect(partsOf(all(any(a, b), any(b, c)), isWritten)).toEqual({ f: undefined, w: all(any(a, b), any(b, c)) });
    expect(partsOf(all(), isWritten)).toEqual({ f: undefined, w: undefined });
  });

  it('leaves out what is not written yet, and the groups that then say nothing of their own', () => {
    expect(partsOf(all(a, is('')), isWritten)).toEqual({ f: [a], w: undefined });
    expect(partsOf(any(a, is('')), isWritten)).toEqual({ f: [a], w: undefined });
    expect(partsOf(all(a, any(is(''), any(is('')))), isWritten)).toEqual({ f: [a], w: undefined });
    expect(partsOf(any(a, any(b, c)), isWritten)).toEqual({ f: undefined, w: any(a, b, c) });
  });

  it('is read back as one tree', () => {
    expect(treeOf({ f: [a], w: any(b, c) })).toEqual(all(a, any(b, c)));
    expect(treeOf({ f: [a], w: all(any(a, b), any(b, c)) })).toEqual(all(a, any(a, b), any(b, c)));
    expect(treeOf({ f: undefined, w: undefined })).toEqual(all());
  });

  it('says after writing and reading what it said before, and the contract takes it, for any tree', () => {
    const random = seeded('filter parts');
    const node = (depth: number): FilterNode =>
      depth > 0 && random.oneIn(2) ? group(depth) : is(random.oneIn(4) ? '' : String(random.below(3)));
    const group = (depth: number): FilterGroup => ({
      match: random.pick(['all', 'any']),
      of: Array.from({ length: random.below(4) }, () => node(depth - 1)),
    });
    for (let run = 0; run < 3000; run += 1) {
      const tree = group(3);
      const parts = partsOf(tree, isWritten);
      const said = JSON.stringify(tree);
      expect(parts.w === undefined || filterGroupSchema.safeParse(parts.w).success, said).toBe(true);
      expect((parts.f ?? []).length, said).toBeLessThanOrEqual(mostTogether);
      const again = treeOf(parts);
      expect(partsOf(again, isWritten), said).toEqual(parts);
      for (let value = 0; value < 3; value += 1) expect(holds(again, String(value)), said).toBe(holds(tree, String(value)));
    }
  });
});

/** Whether the value is as the tree says; what is not written yet, and a group of nothing else, ask for nothing. */
function holds(tree: FilterGroup, value: string): boolean {
  const of = (node: FilterNode): boolean | null => {
    if (!isGroup(node)) return node.value === '' ? null : node.value === value;
    const asked = node.of.map(of).filter((one) => one !== null);
    return asked.length === 0 ? null : node.match === 'all' ? !asked.includes(false) : asked.includes(true);
  };
  return of(tree) ?? true;
}

describe('a place in the tree', () => {
  it('gets another node, or loses its own, and with it a group that is left empty', () => {
    const tree = all(a, any(b));
    expect(replaced(tree, [0], c)).toEqual(all(c, any(b)));
    expect(replaced(tree, [1, 0], c)).toEqual(all(a, any(c)));
    expect(replaced(tree, [1, 0], null)).toEqual(all(a));
    expect(replaced(tree, [1], null)).toEqual(all(a));
    expect(replaced(all(a), [0], null)).toEqual(all());
    expect(replaced(tree, [], any(c))).toEqual(any(c));
  });
});
