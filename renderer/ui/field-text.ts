import { withoutEnd } from '../../shared/lib/text.ts';
import type { FieldInfo } from '../../shared/nouns/field.ts';

/**
 * A field's value as people read it and as they type it. Numbers, dates and money follow the person's locale; phones and
 * postal codes stay the text they are.
 */
export type FieldDraft = string | boolean | string[];

const dayFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
const instantFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const timeFormat = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const numberFormat = new Intl.NumberFormat(undefined, { maximumFractionDigits: 20 });
const percentFormat = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 20 });
const relativeFormat = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

export function formatDay(day: string): string {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(ms) ? day : dayFormat.format(ms);
}

export function formatInstant(instant: string): string {
  const ms = Date.parse(instant);
  return Number.isNaN(ms) ? instant : instantFormat.format(ms);
}

export function formatCount(count: number): string {
  return numberFormat.format(count);
}

/** "now", "5 minutes ago", "yesterday"; beyond a month the day itself. */
export function formatAge(instant: string, now: number): string {
  const ms = Date.parse(instant);
  if (Number.isNaN(ms)) return instant;
  const seconds = Math.round((ms - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 45) return 'just now';
  if (size < 3600) return relativeFormat.format(Math.round(seconds / 60), 'minute');
  if (size < 86_400) return relativeFormat.format(Math.round(seconds / 3600), 'hour');
  if (size < 30 * 86_400) return relativeFormat.format(Math.round(seconds / 86_400), 'day');
  return dayFormat.format(ms);
}

export function formatTime(instant: string): string {
  return timeFormat.format(Date.parse(instant));
}

const decimalForm = /^-?\d+(\.\d+)?$/;
const decimalFormats = new Map<number, Intl.NumberFormat>();

/** With the decimals it was given: "45.00" is a price, "45" is not. */
export function formatDecimal(text: string): string {
  if (!decimalForm.test(text)) return text;
  const digits = text.split('.')[1]?.length ?? 0;
  let format = decimalFormats.get(digits);
  if (format === undefined) decimalFormats.set(digits, (format = new Intl.NumberFormat(undefined, { minimumFractionDigits: digits })));
  // Decimals are text and can be longer than a float holds: Intl formats them as text (ES2023).
  return format.format(text as unknown as number);
}

/** "0.0775" → "7.75%". */
export function formatRate(text: string): string {
  return decimalForm.test(text) ? percentFormat.format(text as unknown as number) : text;
}

/** The decimal with its point moved, digit by digit: no float comes near it. */
function shifted(text: string, places: number): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return text;
  const [, sign = '', whole = '', fraction = ''] = match;
  const at = whole.length + places;
  const digits = `${'0'.repeat(Math.max(0, 1 - at))}${whole}${fraction}${'0'.repeat(Math.max(0, places - fraction.length))}`;
  const point = Math.max(1, at);
  const left = digits.slice(0, point).replace(/^0+(?=\d)/, '');
  const right = withoutEnd(digits.slice(point), '0');
  return `${sign}${left}${right === '' ? '' : `.${right}`}`;
}

/** What a list cell or a detail shows; an empty text where there is nothing. */
export function displayText(field: FieldInfo, value: unknown): string {
  if (value === null || value === undefined || value === '') return '';
  if (Array.isArray(value)) return value.map(String).join(', ');
  switch (field.kind) {
    case 'boolean':
      return value === true ? 'Yes' : 'No';
    case 'choice':
    case 'openChoice':
      return field.choices?.[String(value)] ?? String(value);
    case 'date':
      return formatDay(String(value));
    case 'instant':
      return formatInstant(String(value));
    case 'number':
      return formatCount(Number(value));
    case 'decimal':
      return formatDecimal(String(value));
    case 'rate':
      return formatRate(String(value));
    default:
      return String(value);
  }
}

export function toDraft(field: FieldInfo, value: unknown): FieldDraft {
  if (field.kind === 'boolean') return value === true;
  if (field.kind === 'tags' || field.kind === 'links' || field.kind === 'references') return Array.isArray(value) ? value.map(String) : [];
  if (value === null || value === undefined) return '';
  if (field.kind === 'openChoice') return field.choices?.[String(value)] ?? String(value);
  if (field.kind === 'rate') return shifted(String(value), 2);
  return typeof value === 'string' ? value : String(value as number);
}

export function blankDraft(field: FieldInfo): FieldDraft {
  return toDraft(field, null);
}

/**
 * What the book gets. Text that does not fit the kind goes on as text: the book's own words then say what is wrong, and
 * nothing that was typed is bent into something else.
 */
export function fromDraft(field: FieldInfo, draft: FieldDraft): unknown {
  if (typeof draft !== 'string') return draft;
  const text = draft.trim();
  if (text === '') return field.required === true ? '' : null;
  switch (field.kind) {
    case 'number':
      return /^[+-]?\d+$/.test(plainDecimal(text)) ? Number(plainDecimal(text)) : text;
    case 'decimal':
      return plainDecimal(text);
    case 'rate':
      // Written as people say it, in percent: "7.75" or "7.75 %".
      return shifted(plainDecimal(withoutEnd(text, '%').trimEnd()), -2);
    case 'openChoice':
      return Object.entries(field.choices ?? {}).find(([, label]) => label.toLowerCase() === text.toLowerCase())?.[0] ?? text;
    default:
      return draft;
  }
}

const localParts = new Intl.NumberFormat(undefined).formatToParts(1_234_567.8);
const localPoint = localParts.find((part) => part.type === 'decimal')?.value ?? '.';

/** A decimal for another program of the person's: their decimal mark, and nothing between thousands. */
export function localDecimal(text: string): string {
  return text.replace('.', localPoint);
}

/**
 * "1,234.50" and "1.234,50", both wherever somebody writes them, become "1234.50". Only "1,234" and "1.234" can mean two
 * things: they are read as the person's locale writes numbers. What is no number stays the text it is, to be refused in words.
 */
export function plainDecimal(text: string, point: string = localPoint): string {
  const bare = text.replace(/[\s\u00a0\u202f'’]/g, '');
  if (!/^-?\d+(?:[.,]\d+)*$/.test(bare)) return text;
  const last = Math.max(bare.lastIndexOf('.'), bare.lastIndexOf(','));
  if (last < 0) return bare;
  const sign = bare.charAt(last);
  const other = sign === '.' ? ',' : '.';
  const [whole, rest] = [bare.slice(0, last), bare.slice(last + 1)];
  const isGrouped = (part: string, by: string) => !part.includes(by) || new RegExp(`^-?[1-9]\\d{0,2}(?:\\${by}\\d{3})+$`).test(part);
  const isGroup = !whole.includes(other) && isGrouped(bare, sign) && (whole.includes(sign) || sign !== point);
  if (isGroup) return bare.replaceAll(sign, '');
  if (whole.includes(sign) || !isGrouped(whole, other)) return text;
  return `${whole.replaceAll(other, '')}.${rest}`;
}
