import { describe, expect, it } from 'vitest';
import {
  listSearchSchema,
  operatorsFor,
  operatorWords,
  parseSort,
  requestOf,
  writeSort,
} from '../../../../../renderer/features/records/list-search.ts';
import { listRequestSchema } from '../../../../../shared/contracts/list.ts';
import { fieldsOf, nounNames } from '../../../../../shared/nouns/nouns.ts';

const fields = fieldsOf('clients');

describe('the address of a list', () => {
  it('writes and reads an order of several fields', () => {
    const sort = [
      { path: 'address.city', descending: false },
      { path: 'updatedAt', descending: true },
    ];
    expect(writeSort(sort)).toBe('address.city,-updatedAt');
    expect(parseSort('address.city,-updatedAt')).toEqual(sort);
    expect(writeSort([])).toBeUndefined();
    expect(parseSort(',-,name')).toEqual([{ path: 'name', descending: false }]);
  });

  it('leaves out what cannot be read, and keeps the rest', () => {
    expect(listSearchSchema.parse({ q: 'denver', f: 'nonsense', show: 'everything', tab: 7 })).toEqual({ q: 'denver' });
  });

  it('never asks main for a field that the noun does not have', () => {
    const request = requestOf(
      {
        f: [
          { path: 'shoeSize', operator: 'is', value: '9' },
          { path: 'name', operator: 'contains', value: 'ad' },
        ],
        sort: 'shoeSize,-name',
      },
      [],
      fields,
    );
    expect(request.filters.map(({ path }) => path)).toEqual(['name']);
    expect(request.sort).toEqual([{ path: 'name', descending: true }]);
  });

  it('takes the saved order where the address has none', () => {
    expect(requestOf({}, [{ path: 'name', descending: true }], fields).sort).toEqual([{ path: 'name', descending: true }]);
    expect(requestOf({ sort: 'kind' }, [{ path: 'name', descending: true }], fields).sort).toEqual([{ path: 'kind', descending: false }]);
  });

  it('makes requests that the contract takes as they are', () => {
    const request = requestOf({ q: 'x', show: 'deleted', f: [{ path: 'name', operator: 'isEmpty', value: '' }] }, [], fields);
    const { offset: _, limit: __, ...parsed } = listRequestSchema.parse(request);
    expect(parsed).toEqual(request);
  });
});

it('every field of every noun has comparisons with words of their own', () => {
  for (const noun of nounNames) {
    for (const field of fieldsOf(noun)) {
      const words = operatorsFor(field).map((operator) => operatorWords(field, operator));
      expect(words.length).toBeGreaterThan(0);
      expect(new Set(words).size, `${noun} ${field.path}`).toBe(words.length);
    }
  }
});
