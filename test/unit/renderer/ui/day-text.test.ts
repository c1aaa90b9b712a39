import { describe, expect, it } from 'vitest';
import { readDay } from '../../../../renderer/ui/day-text.ts';

// A Sunday.
const today = '2026-11-29';

describe('A day as people write it', () => {
  it.each([
    ['f', '2026-12-04'],
    ['fri', '2026-12-04'],
    ['Friday', '2026-12-04'],
    ['next fri', '2026-12-04'],
    ['tu', '2026-12-01'],
    ['today', '2026-11-29'],
    ['tomorrow', '2026-11-30'],
    ['in 2 weeks', '2026-12-13'],
    ['2w', '2026-12-13'],
    ['10d', '2026-12-09'],
    ['in 3 days', '2026-12-02'],
    ['dec 5', '2026-12-05'],
    ['5 December', '2026-12-05'],
    ['Dec 14, 2026', '2026-12-14'],
    ['2027-01-31', '2027-01-31'],
    ['Jan 3', '2027-01-03'],
  ])('%s is %s', (text, day) => expect(readDay(text, today)).toEqual({ day }));

  it('with two numbers is read in the order of the locale, and lies ahead', () => {
    const isDayFirst = new Intl.DateTimeFormat().formatToParts(0)[0]?.type === 'day';
    expect(readDay('3/12', today)).toEqual({ day: isDayFirst ? '2026-12-03' : '2027-03-12' });
  });

  it.each(['', ' ', '-', 'none', 'No'])('“%s” is none', (text) => expect(readDay(text, today)).toEqual({ day: null }));

  it.each(['t', 's', 'some time', 'call fri', '31/31', 'fri or sat', 'x'.repeat(5_000), '1'.repeat(41)])('“%s” is refused', (text) =>
    expect(readDay(text, today)).toBe(null),
  );
});
