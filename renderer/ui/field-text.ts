import type { FieldInfo } from '../../shared/entities/field.ts';

/**
 * A field's value as people read it and as they type it. Numbers, dates and money follow the person's locale; phones and
 * postal codes stay the text they are.
 */
export type FieldDraft = string | boolean | string[];

const dayFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
const instantFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const timeFormat = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const numberFormat = new Intl.NumberFormat(undefined, { maximumFractionDigits: 20 });
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

/** Decimals are text and can be longer than a float holds: Intl formats them as text (ES2023). */
function formatDecimal(text: string): string {
  return /^-?\d+(\.\d+)?$/.test(text) ? numberFormat.format(text as unknown as number) : text;
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
    default:
      return String(value);
  }
}

export function toDraft(field: FieldInfo, value: unknown): FieldDraft {
  if (field.kind === 'boolean') return value === true;
  if (field.kind === 'tags' || field.kind === 'links' || field.kind === 'references') return Array.isArray(value) ? value.map(String) : [];
  if (value === null || value === undefined) return '';
  if (field.kind === 'openChoice') return field.choices?.[String(value)] ?? String(value);
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
      return /^[+-]?\d+$/.test(text) ? Number(text) : text;
    case 'decimal':
      return plainDecimal(text);
    case 'openChoice':
      return Object.entries(field.choices ?? {}).find(([, label]) => label.toLowerCase() === text.toLowerCase())?.[0] ?? text;
    default:
      return draft;
  }
}

const localParts = new Intl.NumberFormat(undefined).formatToParts(1_234_567.8);
const localPoint = localParts.find((part) => part.type === 'decimal')?.value ?? '.';

/** "1,234.50" or "1 234,50", as the person's locale writes it, becomes "1234.50". */
export function plainDecimal(text: string, point: string = localPoint): string {
  const group = point === ',' ? '.' : ',';
  const plain = text.replace(/[\s\u00a0\u202f'’]/g, '');
  const groups = new RegExp(`^-?\\d{1,3}(\\${group}\\d{3})+(\\${point}\\d+)?$`);
  if (groups.test(plain)) return plain.replaceAll(group, '').replace(point, '.');
  if (point === ',' && /^-?\d+,\d+$/.test(plain)) return plain.replace(',', '.');
  return /^-?\d+(\.\d+)?$/.test(plain) ? plain : text;
}
