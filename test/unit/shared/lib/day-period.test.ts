import { describe, expect, it } from 'vitest';
import { dayAfter } from '../../../../shared/lib/clock.ts';
import { countedPeriods, namedPeriods, periodOf, periodText, spanOf } from '../../../../shared/lib/day-period.ts';

const span = (text: string, today: string) => {
  const period = periodOf(text);
  return period === null ? null : spanOf(period, today);
};

describe('a period of days', () => {
  it.each([
    ['today', '2026-03-04', '2026-03-04', '2026-03-04'],
    ['yesterday', '2026-03-01', '2026-02-28', '2026-02-28'],
    ['tomorrow', '2027-12-31', '2028-01-01', '2028-01-01'],
    // A Wednesday, a Sunday and a Monday: weeks begin on Monday.
    ['thisWeek', '2026-03-04', '2026-03-02', '2026-03-08'],
    ['thisWeek', '2026-03-08', '2026-03-02', '2026-03-08'],
    ['thisWeek', '2026-03-09', '2026-03-09', '2026-03-15'],
    ['lastWeek', '2026-01-01', '2025-12-22', '2025-12-28'],
    ['nextWeek', '2026-12-31', '2027-01-04', '2027-01-10'],
    ['thisMonth', '2028-02-10', '2028-02-01', '2028-02-29'],
    ['lastMonth', '2026-03-31', '2026-02-01', '2026-02-28'],
    ['lastMonth', '2026-01-15', '2025-12-01', '2025-12-31'],
    ['nextMonth', '2026-12-31', '2027-01-01', '2027-01-31'],
    ['thisYear', '2026-07-01', '2026-01-01', '2026-12-31'],
    ['lastYear', '2000-07-01', '1999-01-01', '1999-12-31'],
    ['past', '2026-03-01', null, '2026-02-28'],
    ['future', '2026-02-28', '2026-03-01', null],
    ['last 30', '2026-03-04', '2026-02-02', '2026-03-04'],
    ['next 7', '2026-12-28', '2026-12-28', '2027-01-04'],
    ['ago 30', '2026-03-04', null, '2026-02-01'],
    ['ahead 7', '2026-03-04', '2026-03-12', null],
  ])('"%s" on %s is from %s to %s', (text, today, from, to) => {
    expect(span(text, today)).toEqual({ from, to });
  });

  it('leaves no day between "in the last" and "over … ago", nor between "in the next" and "over … from now"', () => {
    for (const days of [1, 2, 30, 365]) {
      expect(dayAfter(span(`ago ${days}`, '2026-03-04')?.to ?? '', 1)).toBe(span(`last ${days}`, '2026-03-04')?.from);
      expect(dayAfter(span(`next ${days}`, '2026-03-04')?.to ?? '', 1)).toBe(span(`ahead ${days}`, '2026-03-04')?.from);
    }
  });

  it.each(['', 'soon', 'last', 'last 0', 'last 99999', 'last 3651', 'last -1', 'last 1.5', 'LAST 1', 'constructor', 'toString 3'])(
    'does not take "%s" for one',
    (text) => {
      expect(periodOf(text)).toBeNull();
    },
  );

  it('is read as it is written', () => {
    for (const text of [...Object.keys(namedPeriods), ...Object.keys(countedPeriods).map((kind) => `${kind} 12`)]) {
      const period = periodOf(text);
      expect(period === null ? null : periodText(period)).toBe(text);
    }
  });
});
