import { describe, expect, it } from 'vitest';
import { displayText, formatAge, fromDraft, plainDecimal, toDraft } from '../../../../renderer/ui/field-text.ts';
import { fieldsOf } from '../../../../shared/nouns/nouns.ts';
import type { FieldInfo } from '../../../../shared/nouns/field.ts';

const field = (path: string): FieldInfo => {
  const found = fieldsOf('clients').find((one) => one.path === path);
  if (found === undefined) throw new Error(`Clients have no field ${path}`);
  return found;
};

describe('what is typed', () => {
  it('becomes a number, a plain decimal, or null where nothing is left', () => {
    expect(fromDraft(field('paymentTermsDays'), ' 30 ')).toBe(30);
    expect(fromDraft(field('annualRevenue'), '1234.50')).toBe('1234.50');
    expect(fromDraft(field('phone'), '   ')).toBeNull();
    expect(fromDraft(field('name'), '')).toBe('');
  });

  it('stays the text it is where it does not fit the kind, so that the book can say what is wrong', () => {
    expect(fromDraft(field('paymentTermsDays'), 'soon')).toBe('soon');
    expect(fromDraft(field('annualRevenue'), 'a lot')).toBe('a lot');
  });

  it('finds a known industry by its words and keeps any other text', () => {
    expect(fromDraft(field('industry'), 'health AND wellness')).toBe('health');
    expect(fromDraft(field('industry'), 'Glass blowing')).toBe('Glass blowing');
    expect(toDraft(field('industry'), 'health')).toBe('Health and wellness');
    expect(toDraft(field('industry'), 'Glass blowing')).toBe('Glass blowing');
  });

  it('keeps zeros, pluses and spaces of phones and postal codes', () => {
    expect(fromDraft(field('address.postalCode'), '01067')).toBe('01067');
    expect(fromDraft(field('phone'), '+33 6 28')).toBe('+33 6 28');
  });
});

describe('decimals as people write them', () => {
  it.each([
    ['1,234.50', '.', '1234.50'],
    ['1 234.50', '.', '1234.50'],
    ["1'234.50", '.', '1234.50'],
    ['1.234,50', ',', '1234.50'],
    ['1234,50', ',', '1234.50'],
    ['1\u202f234,5', ',', '1234.5'],
    ['-12', '.', '-12'],
    ['0.5', '.', '0.5'],
  ])('%s with %s for the point is %s', (typed, point, plain) => {
    expect(plainDecimal(typed, point)).toBe(plain);
  });

  it.each([
    ['12,5', '.', '12.5'],
    ['12.5', ',', '12.5'],
    ['1.234,50', '.', '1234.50'],
    ['1,234.50', ',', '1234.50'],
    ['0,125', '.', '0.125'],
    ['1.234.567', '.', '1234567'],
    ['12.345.678,9', '.', '12345678.9'],
    ['1234,567', '.', '1234.567'],
    ['1,234', '.', '1234'],
    ['1,234', ',', '1.234'],
    ['1.234', '.', '1.234'],
    ['1.234', ',', '1234'],
  ])('%s where the point is %s is %s: comma and point are both understood', (typed, point, plain) => {
    expect(plainDecimal(typed, point)).toBe(plain);
  });

  it.each(['1,23,456', '1.2.3', '12,34.567,8', ',5', '1,', 'ten', '1.234,567,8', '--5', '01,234,567'])(
    '%s stays as typed, for the book to refuse',
    (typed) => {
      expect([plainDecimal(typed, '.'), plainDecimal(typed, ',')]).toEqual([typed, typed]);
    },
  );
});

describe('what is shown', () => {
  it('has nothing where there is nothing, and words for choices', () => {
    expect(displayText(field('phone'), null)).toBe('');
    expect(displayText(field('lifecycleStage'), 'active_client')).toBe('Active client');
    expect(displayText(field('lifecycleStage'), 'unheard_of')).toBe('unheard_of');
    expect(displayText(field('tags'), ['vip', 'north'])).toBe('vip, north');
  });

  it('shows all digits of a decimal that no float holds', () => {
    expect(displayText(field('annualRevenue'), '9999999999999.99').replace(/\D/g, '')).toBe('999999999999999');
  });

  it('shows a day as that day wherever the laptop is', () => {
    expect(displayText(field('nextFollowUpDate'), '2031-05-20')).toContain('20');
    expect(displayText(field('nextFollowUpDate'), 'no day')).toBe('no day');
  });

  it('says how long ago something was', () => {
    const now = Date.parse('2026-03-04T12:00:00Z');
    expect(formatAge('2026-03-04T11:59:40Z', now)).toBe('just now');
    expect(formatAge('2026-03-04T11:55:00Z', now)).toBe('5 minutes ago');
    expect(formatAge('2026-03-04T09:00:00Z', now)).toBe('3 hours ago');
    expect(formatAge('2026-03-03T12:00:00Z', now)).toBe('yesterday');
    expect(formatAge('2025-01-01T12:00:00Z', now)).toContain('2025');
  });
});
