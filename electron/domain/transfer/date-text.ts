import { fold } from '../../../shared/lib/text.ts';

export type DateOrder = 'dmy' | 'mdy';

/** Languages whose names of months and weekdays are known; where two of them mean different months by a name, none is. */
const languages = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'sv', 'da', 'nb'];
/** Short forms that people write and calendars do not. */
const moreMonths: Readonly<Record<string, number>> = {
  mrz: 3,
  sept: 9,
  juil: 7,
  janv: 1,
  fevr: 2,
  avr: 4,
  set: 9,
  ott: 10,
  gen: 1,
  ene: 1,
};
let names: { months: Map<string, number>; weekdays: Set<string> } | null = null;

const keyOf = (name: string) => fold(name).replace(/[^\p{L}]+/gu, '');

function known(): { months: Map<string, number>; weekdays: Set<string> } {
  if (names !== null) return names;
  const months = new Map<string, number>(Object.entries(moreMonths));
  const unclear = new Set<string>();
  const weekdays = new Set<string>();
  for (const language of languages) {
    for (let month = 1; month <= 12; month++) {
      const day = new Date(Date.UTC(2024, month - 1, 15));
      for (const style of ['long', 'short'] as const) {
        // By itself and in a date: "marzec", "15 marca".
        const alone = new Intl.DateTimeFormat(language, { month: style, timeZone: 'UTC' }).format(day);
        const inDate = new Intl.DateTimeFormat(language, { day: 'numeric', month: style, timeZone: 'UTC' })
          .formatToParts(day)
          .find(({ type }) => type === 'month')?.value;
        for (const name of [alone, inDate ?? alone].map(keyOf)) {
          if ((months.get(name) ?? month) !== month) unclear.add(name);
          months.set(name, month);
        }
      }
    }
    for (let day = 1; day <= 7; day++)
      for (const style of ['long', 'short'] as const)
        weekdays.add(
          keyOf(new Intl.DateTimeFormat(language, { weekday: style, timeZone: 'UTC' }).format(new Date(Date.UTC(2024, 0, day)))),
        );
  }
  for (const name of unclear) months.delete(name);
  names = { months, weekdays };
  return names;
}

/** Trailing clock times are dropped: the book keeps days. */
const time = /(?<![T ,])[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[ap]\.?m\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i;
const numeric = /^(\d{1,2})([./\-\s])\s?(\d{1,2})\2\s?(\d{4}|\d{2})$/;
const dayFirst =
  /^(\d{1,2})(?:st|nd|rd|th|er|e|º|ª|°)?\.?[\s.-]+(?:(?:of|de|den)\s+)?(\p{L}{3,14})\.?[\s,.-]+(?:(?:de|del)\s+)?(\d{4}|\d{2})$/iu;
const monthFirst = /^(\p{L}{3,14})\.?[\s.-]+(\d{1,2})(?:st|nd|rd|th)?,?[\s,.-]+(\d{4}|\d{2})$/iu;
/** Longer texts are no dates, and are not looked at. */
const LONGEST = 60;

/** How programs write that there is no date. */
export function isNoDate(text: string): boolean {
  return /^0{1,4}([./-])0{1,2}\1(?:0000|00|0)(?:[T ]0{1,2}:00(?::00)?)?$/.test(text.trim());
}

/**
 * The day as YYYY-MM-DD for the common ways to write one; null for anything else, and for days that do not exist.
 * `order` decides 3/4/2024 where both readings are possible; `latest` is a day that none of these lies behind, so that
 * 45 is 1945 for a birthday.
 */
export function dateOf(text: string, order: DateOrder, latest: string | null = null): string | null {
  if (text.length > LONGEST) return null;
  const trimmed = withoutWeekday(text.trim().replace(time, '').trim());
  let match = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(trimmed) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(trimmed);
  if (match !== null) return day(match[1], match[2], match[3], latest);
  match = numeric.exec(trimmed);
  if (match !== null) {
    const [first, second] = [Number(match[1]), Number(match[3])];
    const isDayFirst = first > 12 ? true : second > 12 ? false : order === 'dmy';
    return isDayFirst ? day(match[4], match[3], match[1], latest) : day(match[4], match[1], match[3], latest);
  }
  match = dayFirst.exec(trimmed);
  if (match !== null) return day(match[3], monthOf(match[2] as string), match[1], latest);
  match = monthFirst.exec(trimmed);
  if (match !== null) return day(match[3], monthOf(match[1] as string), match[2], latest);
  return null;
}

/** "Tuesday, April 15, 1980" says one thing twice. */
function withoutWeekday(text: string): string {
  const match = /^(\p{L}[\p{L}-]{1,15})\.?,?\s+(.+)$/u.exec(text);
  if (match === null || !/\d/.test(match[2] as string)) return text;
  const name = keyOf(match[1] as string);
  return known().weekdays.has(name) && !known().months.has(name) ? (match[2] as string) : text;
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

/** The number of the month; "0", which no date has, for anything else. A beginning of three letters and more is enough. */
function monthOf(name: string): string {
  const key = keyOf(name);
  const { months } = known();
  const whole = months.get(key);
  if (whole !== undefined) return String(whole);
  const found = key.length < 3 ? [] : [...months].filter(([known]) => known.startsWith(key)).map(([, month]) => month);
  return new Set(found).size === 1 ? String(found[0]) : '0';
}

function day(year: string | undefined, month: string | undefined, date: string | undefined, latest: string | null): string | null {
  const isShort = (year as string).length === 2;
  const full = isShort ? century(Number(year)) : Number(year);
  const text = `${String(full).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`;
  const ms = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text) return null;
  return isShort && latest !== null && text > latest ? `${full - 100}${text.slice(4)}` : text;
}

/** Two digits: up to 49 is this century, as spreadsheets have it (they turn at 29; follow-ups lie ahead). */
function century(year: number): number {
  return year < 50 ? 2000 + year : 1900 + year;
}
