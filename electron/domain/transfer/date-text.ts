export type DateOrder = 'dmy' | 'mdy';

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** Trailing clock times are dropped: the book keeps days. */
const time = /[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?m\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i;
const numeric = /^(\d{1,2})([./\-\s])\s?(\d{1,2})\2\s?(\d{4}|\d{2})$/;

/**
 * The day as YYYY-MM-DD for the common ways to write one; null for anything else, and for days that do not exist.
 * `order` decides 3/4/2024 where both readings are possible.
 */
export function dateOf(text: string, order: DateOrder): string | null {
  const trimmed = text.trim().replace(time, '').trim();
  let match = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(trimmed) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(trimmed);
  if (match !== null) return day(match[1], match[2], match[3]);
  match = numeric.exec(trimmed);
  if (match !== null) {
    const [first, second] = [Number(match[1]), Number(match[3])];
    const isDayFirst = first > 12 ? true : second > 12 ? false : order === 'dmy';
    return isDayFirst ? day(match[4], match[3], match[1]) : day(match[4], match[1], match[3]);
  }
  match = /^(\d{1,2})(?:st|nd|rd|th)?[\s.-]+(?:of\s+)?([A-Za-z]{3,9})\.?[\s,.-]+(\d{4}|\d{2})$/.exec(trimmed);
  if (match !== null) return day(match[3], monthOf(match[2] as string), match[1]);
  match = /^([A-Za-z]{3,9})\.?[\s.-]+(\d{1,2})(?:st|nd|rd|th)?,?[\s,.-]+(\d{4}|\d{2})$/.exec(trimmed);
  if (match !== null) return day(match[3], monthOf(match[1] as string), match[2]);
  return null;
}

/** The instant in UTC that a day and a local time mean; noon where there is no time. Null for anything else. */
export function instantOf(text: string, order: DateOrder): string | null {
  const trimmed = text.trim();
  if (/^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})$/.test(trimmed)) {
    const exact = new Date(trimmed);
    return Number.isNaN(exact.getTime()) ? null : exact.toISOString();
  }
  const date = dateOf(trimmed, order);
  if (date === null) return null;
  const clock = /(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*([ap])?\.?(?:m\.?)?\s*$/i.exec(trimmed);
  if (clock === null) return new Date(`${date}T12:00:00`).toISOString();
  const half = clock[4]?.toLowerCase();
  const hours = half === undefined ? Number(clock[1]) : (Number(clock[1]) % 12) + (half === 'p' ? 12 : 0);
  const local = new Date(`${date}T${String(hours).padStart(2, '0')}:${clock[2]}:${clock[3] ?? '00'}`);
  return hours > 23 || Number.isNaN(local.getTime()) ? null : local.toISOString();
}

export function looksLikeDate(text: string): boolean {
  return dateOf(text, 'dmy') !== null || dateOf(text, 'mdy') !== null;
}

/** Which readings a date allows: only one, or both ("either"); null when it is not written as three numbers. */
export function possibleOrder(text: string): DateOrder | 'either' | null {
  const match = numeric.exec(text.trim().replace(time, '').trim());
  if (match === null) return null;
  if (Number(match[1]) > 12) return 'dmy';
  if (Number(match[3]) > 12) return 'mdy';
  return 'either';
}

/** Countries that write the month first use slashes; those that use points or hyphens put the day first. */
export function likelyOrder(text: string): DateOrder {
  return text.includes('/') ? 'mdy' : 'dmy';
}

function monthOf(name: string): string {
  const at = months.indexOf(name.slice(0, 3).toLowerCase());
  return at === -1 ? '0' : String(at + 1);
}

function day(year: string | undefined, month: string | undefined, date: string | undefined): string | null {
  const full = (year as string).length === 2 ? century(Number(year)) : Number(year);
  const text = `${String(full).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === text ? text : null;
}

/** Two digits: up to 49 is this century, as spreadsheets have it (they turn at 29; follow-ups lie ahead). */
function century(year: number): number {
  return year < 50 ? 2000 + year : 1900 + year;
}
