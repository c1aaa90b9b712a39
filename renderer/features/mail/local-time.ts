/** Day and time as a field of the page has them, in the zone of this computer: "2026-03-05T09:30". */

export function localTimeOf(date: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The instant, in UTC; null where it is none. */
export function instantOfLocal(text: string): string | null {
  const ms = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) ? new Date(text).getTime() : Number.NaN;
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

/** What is offered first: tomorrow at nine. */
export function tomorrowAtNine(now: Date): string {
  return localTimeOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 9));
}
