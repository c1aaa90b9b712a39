import { describe, expect, it } from 'vitest';
import { copyOf, readPath, removePath, sameJson, type Wire, writePath } from '../../../../shared/dialects/wire.ts';
import { countryCode, decimal, dialled, instantFrom, isSameRegion, regionCode } from '../../../../shared/dialects/wire-values.ts';

describe('A time from anywhere', () => {
  it('is an instant in UTC', () => {
    expect(instantFrom('2023-10-01T10:00:00Z')).toBe('2023-10-01T10:00:00.000Z');
    expect(instantFrom('2023-10-01T10:00:00.123456Z')).toBe('2023-10-01T10:00:00.123Z');
    expect(instantFrom('2023-10-01T10:00:00+0200')).toBe('2023-10-01T08:00:00.000Z');
    expect(instantFrom('2023-10-01 10:00')).toBe('2023-10-01T10:00:00.000Z');
    expect(instantFrom('2023-10-01')).toBe('2023-10-01T00:00:00.000Z');
    expect(instantFrom('1696154400')).toBe('2023-10-01T10:00:00.000Z');
  });

  it('is none when it does not exist', () => {
    for (const text of ['', 'now', '2023-02-29', '2023-13-01T00:00:00Z', '2023-10-01T25:00:00Z', '10/01/2023'])
      expect(instantFrom(text), text).toBeNull();
  });
});

describe('A decimal', () => {
  it.each([
    ['-0', '0'],
    ['-0.00', '0.00'],
    [-0, '0'],
    ['007', '7'],
    ['-000.50', '-0.50'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['+12.5', '12.5'],
    [' 0 ', '0'],
    ['', null],
    ['1e2', '1e2'],
  ])('that is written %j is kept as %j', (wire, book) => {
    expect(decimal('price', 'price').read?.(wire, {} as never)).toBe(book);
  });
});

describe('Countries and regions', () => {
  it('have codes by code, by name and by what people write', () => {
    expect(['us', 'USA', 'United States', 'United States of America', 'uk', 'Côte d’Ivoire', 'Germany'].map(countryCode)).toEqual([
      'US',
      'US',
      'US',
      'US',
      'GB',
      'CI',
      'DE',
    ]);
    expect(countryCode('Atlantis')).toBeNull();
  });

  it('have regions by code and by name, in the country they are in', () => {
    expect(regionCode('Colorado', 'US')).toBe('CO');
    expect(regionCode('co', 'United States')).toBe('CO');
    expect(regionCode('Ontario', 'Canada')).toBe('ON');
    expect(regionCode('Colorado', null)).toBeNull();
    expect(regionCode('New South Wales', 'AU')).toBeNull();
    expect(regionCode('on', null)).toBe('ON');
    expect([isSameRegion('Colorado', 'CO'), isSameRegion('co', 'CO'), isSameRegion('Colorado', 'CA'), isSameRegion('?', '!')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('A phone number to dial', () => {
  it('has no brackets and keeps its digits and letters', () => {
    expect(dialled('+1 (619) 555-5555')).toBe('+16195555555');
    expect(dialled('619.555.5555 x12')).toBe('6195555555x12');
  });
});

describe('A path into an object', () => {
  it('tells what is null from what is not said', () => {
    const wire: Wire = { address: null, bank: { name: null } };
    expect([readPath(wire, 'address.city'), readPath(wire, 'bank.name'), readPath(wire, 'bank.city'), readPath(wire, 'toString')]).toEqual([
      null,
      null,
      undefined,
      undefined,
    ]);
  });

  it('never reaches the prototype', () => {
    const wire: Wire = {};
    writePath(wire, '__proto__.isAdmin', true);
    expect(({} as Wire)['isAdmin']).toBeUndefined();
    expect(Object.keys(wire)).toEqual(['__proto__']);
    expect(Object.keys(copyOf(wire))).toEqual(['__proto__']);
  });

  it('can be taken away', () => {
    const wire: Wire = { a: { b: 1, 'c.d': 2 } };
    removePath(wire, 'a.c~1d');
    removePath(wire, 'x.y');
    expect(wire).toEqual({ a: { b: 1 } });
  });

  it('compares whatever the order of keys', () => {
    expect(sameJson({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toBe(true);
    expect(sameJson({ a: undefined }, {})).toBe(false);
    expect(sameJson([1, 2], [2, 1])).toBe(false);
    expect(sameJson([], {})).toBe(false);
  });
});
