import { expect, it } from 'vitest';
import { proposedFollowUp } from '../../../../shared/nouns/activity/follow-up-day.ts';

it.each([
  ['reached', '2026-11-24', '2026-12-08'],
  ['no_answer', '2026-11-24', '2026-11-25'],
  ['no_answer', '2026-11-27', '2026-11-30'],
  ['left_message', '2026-11-26', '2026-11-30'],
  ['call_back', '2026-12-31', '2027-01-01'],
  ['wrong_number', '2026-11-24', null],
] as const)('A call that ended with %s on %s is followed up on %s', (outcome, today, day) =>
  expect(proposedFollowUp(outcome, today)).toBe(day),
);
