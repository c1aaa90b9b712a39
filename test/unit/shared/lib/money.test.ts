import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addMoney,
  compareDecimals,
  divideMoney,
  isDecimal,
  isZero,
  minorUnitOf,
  multiplyMoney,
  roundMoney,
  subtractMoney,
} from '../../../../shared/lib/money.ts';
import { checkProperty, decimalTexts } from '../../../support/property.ts';

describe('Money', () => {
  it('rounds a half up, away from zero, to the minor unit of the currency', () => {
    expect(roundMoney('1.005', 'USD')).toBe('1.01');
    expect(roundMoney('-1.005', 'USD')).toBe('-1.01');
    expect(roundMoney('2.675', 'EUR')).toBe('2.68');
    expect(roundMoney('1.5', 'JPY')).toBe('2');
    expect(roundMoney('1.0005', 'KWD')).toBe('1.001');
    expect(roundMoney('1', 'USD')).toBe('1.00');
  });

  it('knows the currencies whose minor unit is not a hundredth', () => {
    expect(['USD', 'JPY', 'BHD', 'CLF', 'XXX'].map(minorUnitOf)).toEqual([2, 0, 3, 4, 2]);
  });

  it('adds what floats cannot add', () => {
    expect(addMoney(['0.1', '0.2'])).toBe('0.3');
    expect(addMoney([])).toBe('0');
    expect(addMoney(['99999999999999999999.01', '0.01'])).toBe('99999999999999999999.02');
  });

  it('never writes an exponent or a negative zero', () => {
    expect(multiplyMoney('0.0000001', '0.0000001')).toBe('0.00000000000001');
    expect(multiplyMoney('10000000000000', '10000000000000')).toBe('100000000000000000000000000');
    expect(roundMoney('-0.001', 'USD')).toBe('0.00');
    expect(subtractMoney('5', '5')).toBe('0');
  });

  it('divides to the digits asked for, half up, and not by zero', () => {
    expect(divideMoney('1', '3', 6)).toBe('0.333333');
    expect(divideMoney('2', '3', 2)).toBe('0.67');
    expect(divideMoney('1', '0.00', 2)).toBeNull();
  });

  it('compares as numbers', () => {
    expect(compareDecimals('0.08', '0.0800')).toBe(0);
    expect(compareDecimals('9', '10')).toBe(-1);
    expect(isZero('-0.00')).toBe(true);
    expect(isDecimal('1.')).toBe(false);
  });

  it('gives back what was added, whatever the amounts', () => {
    checkProperty(
      fc.property(fc.array(decimalTexts(12, 4), { maxLength: 20 }), decimalTexts(12, 4), (amounts, extra) => {
        const sum = addMoney([...amounts, extra]);
        expect(compareDecimals(subtractMoney(sum, extra), addMoney(amounts))).toBe(0);
      }),
    );
  });

  it('rounds by less than or exactly half a minor unit', () => {
    checkProperty(
      fc.property(decimalTexts(12, 6), fc.constantFrom('USD', 'JPY', 'KWD'), (amount, currency) => {
        const off = subtractMoney(roundMoney(amount, currency), amount).replace('-', '');
        const half = { USD: '0.005', JPY: '0.5', KWD: '0.0005' }[currency];
        expect(compareDecimals(off, half)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
