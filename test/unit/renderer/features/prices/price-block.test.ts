import { describe, expect, it } from 'vitest';
import { blockBetween, idsBetween, pastedOf, startOfBlock } from '../../../../../renderer/features/prices/price-block.ts';

const item = { row: 2, column: -1 };
const price = { row: 2, column: 0 };

describe('a block of prices', () => {
  it('begins at a price, also where it is drawn on from the item before them', () => {
    expect(startOfBlock(null, item, price)).toEqual(price);
    expect(startOfBlock(null, price, { row: 3, column: 1 })).toEqual(price);
    expect(startOfBlock({ row: 0, column: 4 }, price, { row: 3, column: 1 })).toEqual({ row: 0, column: 4 });
    expect(startOfBlock(null, price, item), 'the item is no price').toBeNull();
  });

  it('is of the ids between its edges, and of none before the first', () => {
    const all = ['a', 'b', 'c', 'd'];
    const seen = { total: 4, ids: new Map([[1, 'b']]) };
    expect(idsBetween(all, 1, 2, seen)).toEqual(['b', 'c']);
    const { left, right } = blockBetween(item, { row: 2, column: 1 });
    expect(idsBetween(all, left, right, seen)).toEqual(['a', 'b']);
    expect(idsBetween(all, -1, -1, seen)).toEqual([]);
  });

  it('is not taken from a list that has changed since it was on screen', () => {
    const seen = {
      total: 3,
      ids: new Map([
        [0, 'a'],
        [1, 'b'],
      ]),
    };
    expect(idsBetween(['new', 'a', 'b', 'c'], 0, 1, seen), 'one more').toBeNull();
    expect(idsBetween(['a', 'new', 'b'], 0, 1, seen), 'as many, another in its place').toBeNull();
    expect(idsBetween(['a', 'b', 'new'], 0, 1, seen), 'another beyond it').toEqual(['a', 'b']);
  });

  it('is pasted from more lines than a call takes arguments', () => {
    const { values } = pastedOf(`1${'\n'.repeat(200_000)}2\t3`);
    expect(values).toHaveLength(200_001);
    expect(values[0]).toEqual(['1', null]);
  });
});
