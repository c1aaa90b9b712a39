import { expect, it } from 'vitest';
import { instantOfLocal, localTimeOf, tomorrowAtNine } from '../../../../../renderer/features/mail/local-time.ts';

it('goes from the field to the instant and back, in the zone of this computer', () => {
  const instant = instantOfLocal('2026-03-05T09:30');
  expect(instant).toBe(new Date(2026, 2, 5, 9, 30).toISOString());
  expect(localTimeOf(new Date(instant ?? ''))).toBe('2026-03-05T09:30');
});

it('takes nothing for an instant that is none', () => {
  for (const text of ['', 'tomorrow', '2026-03-05', '2026-13-40T09:00']) expect(instantOfLocal(text)).toBeNull();
});

it('offers tomorrow at nine, also over the end of a year', () => {
  expect(tomorrowAtNine(new Date(2026, 11, 31, 23, 59))).toBe('2027-01-01T09:00');
});
