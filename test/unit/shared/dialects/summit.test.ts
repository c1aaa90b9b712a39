import { describe, expect, it } from 'vitest';
import { addressLine, listBody, nextPage, summit } from '../../../../shared/dialects/summit.ts';

const nowhere = {
  line1: null,
  line2: null,
  line3: null,
  city: null,
  region: null,
  postalCode: null,
  country: null,
  phone: null,
  freeform: null,
};

describe('Pages at Summit', () => {
  it('know where they are', () => {
    expect(listBody([], 0, { offset: 0, limit: 10 })).toEqual({ data: [], meta: { total: 0, page: 1, limit: 10, pageCount: 0 } });
    expect(listBody([{}, {}], 12, { offset: 10, limit: 10 })).toMatchObject({ meta: { total: 12, page: 2, limit: 10, pageCount: 2 } });
  });

  it('lead to the next until the last, or until one is empty', () => {
    expect(nextPage(listBody([{}], 12, { offset: 0, limit: 10 }))).toBe(2);
    expect(nextPage(listBody([{}], 12, { offset: 10, limit: 10 }))).toBeNull();
    expect(nextPage(listBody([], 12, { offset: 0, limit: 10 }))).toBeNull();
    expect(nextPage({ data: 'broken' })).toBeNull();
    expect(summit.nextPage(listBody([{}], 12, { offset: 0, limit: 10 }), { sort: 'name', limit: '10' })).toEqual({
      sort: 'name',
      limit: '10',
      page: '2',
    });
  });
});

describe('An address in one line', () => {
  it('leaves out what is not there', () => {
    expect(addressLine(nowhere)).toBeNull();
    expect(addressLine({ ...nowhere, line1: '123 Alpha St', city: 'Alphaville' })).toBe('123 Alpha St, Alphaville');
    expect(
      addressLine({ ...nowhere, line1: '1 Main St', line2: 'Suite 2', city: 'Denver', region: 'CO', postalCode: '80202', country: 'US' }),
    ).toBe('1 Main St, Suite 2, Denver, CO 80202, US');
  });
});
