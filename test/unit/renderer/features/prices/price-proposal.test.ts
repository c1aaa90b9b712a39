import { describe, expect, it } from 'vitest';
import { idsAt, previewWords, proposalFor, stepOf } from '../../../../../renderer/features/prices/price-proposal.ts';

const pasted = (values: (string | null)[][]) =>
  proposalFor(
    values.map((_, at) => `item ${at}`),
    (values[0] ?? []).map((_, at) => `location ${at}`),
    { price: { kind: 'each', values }, leftOut: { noPrices: [], outside: 0 } },
  );
const nothing = { changed: 0, rows: [] };

describe('what is proposed for a block', () => {
  it('knows its items and locations by their places, wherever the cursor went', () => {
    expect(
      idsAt(
        pasted([
          ['1', '2'],
          ['3', null],
        ]),
        { row: 1, column: 0 },
      ),
    ).toEqual({ itemId: 'item 1', locationId: 'location 0' });
    expect(idsAt(pasted([['1']]), { row: 4, column: 0 })).toEqual({ itemId: null, locationId: 'location 0' });
  });

  it('is called the same only where a price was given', () => {
    expect(previewWords(nothing, pasted([[null]]))).toBe('There is no price to set.');
    expect(previewWords(nothing, pasted([['20']]))).toBe('The price is so already.');
    expect(previewWords(nothing, pasted([['20', null]]))).toBe('The price that was pasted is so already.');
    expect(previewWords(nothing, pasted([['20', '20', null]]))).toBe('The prices that were pasted are so already.');
    expect(previewWords(nothing, { ...pasted([['20', '20']]), price: { kind: 'default' } })).toBe('All of these prices are so already.');
    expect(previewWords({ changed: 1, rows: [{ isOwnAfter: false }] }, pasted([['20', null]]))).toBe(
      '1 of 2 prices changes, 1 of them back to the default; the rest stays as it is.',
    );
  });

  it('is no step while it would raise or lower by nothing', () => {
    for (const kind of ['raiseAmount', 'lowerAmount', 'raisePercent', 'lowerPercent'] as const) {
      expect(stepOf(kind, '0.00')).toEqual({ step: null, problem: expect.stringContaining('nothing changes') as string });
    }
    expect(stepOf('set', '0.00')).toEqual({ step: { kind: 'set', value: '0.00' }, problem: null });
    expect(stepOf('lowerAmount', '0.50').step).toEqual({ kind: 'amount', value: '-0.50' });
  });
});
