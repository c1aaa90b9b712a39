import type { CallOutcome } from './activity.ts';

/** Days until it is worth to call again, by how the call went; null: nobody is there to be called. */
const daysUntilNext: Readonly<Record<CallOutcome, number | null>> = {
  reached: 14,
  no_answer: 1,
  left_message: 2,
  call_back: 1,
  wrong_number: null,
};

/** The day that is proposed for the next call (YYYY-MM-DD): never a Saturday or a Sunday. */
export function proposedFollowUp(outcome: CallOutcome, today: string): string | null {
  const days = daysUntilNext[outcome];
  if (days === null) return null;
  const day = new Date(`${today}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  while (day.getUTCDay() === 0 || day.getUTCDay() === 6) day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
}
