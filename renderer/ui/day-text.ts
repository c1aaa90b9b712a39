import * as chrono from 'chrono-node/en';

/** Days that nobody needs to write out: "f" is Friday, "tu" is Tuesday. One that could be two is none. */
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const noDay = new Set(['', '-', 'no', 'none', 'never']);
/** Longer is no day, and is not looked at. */
const longest = 40;

export type DayRead = { day: string | null } | null;

const isDayFirst =
  new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'numeric' }).formatToParts(0).find(({ type }) => type !== 'literal')?.type ===
  'day';

/**
 * The day that a person means: "fri", "f", "tomorrow", "in 2 weeks", "3/12" in the order of the person's locale, "2026-12-03".
 * `day` is null for "none"; null as a whole where the words mean no day. Days without a year lie in the future.
 * @param today the person's day, YYYY-MM-DD
 */
export function readDay(text: string, today: string): DayRead {
  const words = text.trim().toLowerCase();
  if (noDay.has(words)) return { day: null };
  if (words.length > longest) return null;
  const begun = weekdays.filter((weekday) => weekday.startsWith(words));
  const said =
    begun.length === 1
      ? begun[0]
      : /^\d+[dw]$/.test(words)
        ? `in ${Number.parseInt(words, 10)} ${words.endsWith('d') ? 'days' : 'weeks'}`
        : words;
  const [year = 1970, month = 1, day = 1] = today.split('-').map(Number);
  const reader = isDayFirst ? chrono.GB : chrono.casual;
  const [found] = reader.parse(said ?? words, new Date(year, month - 1, day, 12), { forwardDate: true });
  // What is left over was not understood, and half a sentence is no day.
  if (found === undefined || found.text.length < (said ?? words).replace(/^(on|next|at) /, '').length) return null;
  const [y, m, d] = (['year', 'month', 'day'] as const).map((part) => found.start.get(part) ?? 0);
  const two = (part: number) => String(part).padStart(2, '0');
  return { day: `${String(y).padStart(4, '0')}-${two(m ?? 1)}-${two(d ?? 1)}` };
}
