import { iso31661, iso31662 } from 'iso-3166';
import { z } from 'zod';
import { valueAt } from '../nouns/field.ts';
import { compareDecimals, isDecimal } from '../lib/money.ts';
import { fold, withoutEnd, withoutStart } from '../lib/text.ts';
import type { BookRecord, Collection } from './book-view.ts';
import type { ChildrenMember, ComputedMember, EncodeContext, GivenMember, IdMember, ReferenceMember, Shape, ValueMember } from './shape.ts';
import { Unsayable } from './shape.ts';

/** The members dialects are made of. What a value may be is checked by the schemas; here only the spelling is changed. */

export const id = (wire: string, integer: boolean): IdMember => ({ kind: 'id', wire, integer });

/** A value that is spelled alike on both sides. */
export const plain = (wire: string, book: string): ValueMember => ({ kind: 'value', wire, book });

/** A value the book always has and the wire may leave empty: empty is the book's default. */
export const orDefault = (wire: string, book: string): ValueMember => ({
  kind: 'value',
  wire,
  book,
  read: (raw) => (raw === null || raw === '' ? undefined : raw),
});

/** Text that the wire does not want as null. */
export const textOrEmpty = (wire: string, book: string): ValueMember => ({ kind: 'value', wire, book, write: (value) => value ?? '' });

/**
 * A decimal as text, compared as a number: "0.08" and "0.0800" are one. JSON numbers are read as they are written. With
 * `places` it is written with that many after the point at least, as Django writes it.
 */
export const decimal = (wire: string, book: string, places = 0): ValueMember => ({
  kind: 'value',
  wire,
  book,
  read: readDecimal,
  ...(places > 0 && { write: (value: unknown) => padded(value, places) }),
  same: (first, second) => isDecimal(String(first)) && isDecimal(String(second)) && compareDecimals(String(first), String(second)) === 0,
});

/** With as many zeros behind as it takes, and none beyond the places. Digits are never cut: what has more places keeps them. */
export function padded(value: unknown, places: number): unknown {
  if (typeof value !== 'string' || !isDecimal(value)) return value;
  const [before = '', after = ''] = value.split('.');
  return `${before}.${withoutEnd(after, '0').padEnd(places, '0')}`;
}

function readDecimal(raw: unknown): unknown {
  if (typeof raw !== 'number' && typeof raw !== 'string') return raw;
  const text = String(raw).trim();
  if (!/^[-+]?\d*(?:\.\d*)?$/.test(text)) return text;
  // A form may leave out digits on either side of the point: ".5", "5." and "" are said by some dialects.
  const [before = '', after = ''] = text.replace(/^[-+]/, '').split('.');
  if (before === '' && after === '') return null;
  // "007" is 7, and there is no zero below zero.
  const whole = withoutStart(before, '0');
  const isBelow = text.startsWith('-') && /[1-9]/.test(text);
  return `${isBelow ? '-' : ''}${whole === '' ? '0' : whole}${after === '' ? '' : `.${after}`}`;
}

/** A choice whose values are named otherwise on the wire; `also` are other spellings that are read. Case does not count. */
export function choice(
  wire: string,
  book: string,
  names: Readonly<Record<string, string>>,
  also: Readonly<Record<string, string>> = {},
): ValueMember {
  const toWire = new Map(Object.entries(names));
  const toBook = new Map(
    [...Object.entries(also), ...Object.entries(names).map(([key, name]) => [name, key] as const)].map(([name, key]) => [
      name.toLowerCase(),
      key,
    ]),
  );
  return {
    kind: 'value',
    wire,
    book,
    read: (raw) => {
      if (typeof raw !== 'string') return raw;
      // Django writes an unset choice as "".
      return raw.trim() === '' ? null : (toBook.get(raw.trim().toLowerCase()) ?? new Unsayable(`"${raw}" is not known here.`));
    },
    write: (value) => (typeof value === 'string' ? (toWire.get(value) ?? new Unsayable('This choice is not known there.')) : value),
  };
}

/** An instant; any ISO 8601 form is read. `millis` keeps ".000", which some write and some do not. */
export function instant(wire: string, book: string, of: { millis: boolean; isOrigin?: boolean }): ValueMember {
  return {
    kind: 'value',
    wire,
    book,
    read: (raw) => (typeof raw === 'string' ? (instantFrom(raw) ?? raw) : raw),
    write: (value) => (typeof value === 'string' && !of.millis ? value.replace('.000Z', 'Z') : value),
    same: (first, second) => Date.parse(String(first)) === Date.parse(String(second)),
    ...(of.isOrigin === true && { isOrigin: true }),
  };
}

/** A time in any ISO 8601 form, or seconds since the epoch, as an instant in UTC; null when it is none. Without a zone it is UTC. */
export function instantFrom(text: string): string | null {
  const trimmed = text.trim();
  if (/^\d{9,11}$/.test(trimmed)) return new Date(Number(trimmed) * 1000).toISOString();
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(trimmed);
  if (match === null) return null;
  const [, day, time = '00:00', seconds = ':00', fraction = '', zone = 'Z'] = match;
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const ms = Date.parse(`${day}T${time}${seconds}${fraction.slice(0, 4)}${offset}`);
  return Number.isNaN(ms) || !isDay(day as string) ? null : new Date(ms).toISOString();
}

const daySchema = z.iso.date();
const isDay = (day: string) => daySchema.safeParse(day).success;

/**
 * A website: the book keeps "acme.com" as typed, a wire that wants a whole address gets "https://acme.com". Any address will
 * do, whatever it begins with; `anyText` for a wire that takes what is none as well.
 */
export const website = (wire: string, book: string, { anyText = false } = {}): ValueMember => ({
  kind: 'value',
  wire,
  book,
  write: (value) => {
    if (typeof value !== 'string' || /^https?:\/\//i.test(value)) return value;
    if (/^[\w-]+(\.[\w-]+)+([/?#:].*)?$/.test(value)) return `https://${value}`;
    return anyText || address.safeParse(value).success
      ? value
      : new Unsayable('This is not the address of a website. Write it like https://example.com to send it.');
  },
  same: (first, second) => siteKey(first) === siteKey(second),
});

const address = z.url();

function siteKey(value: unknown): string {
  return String(value).replace(/^https:\/\//i, '');
}

/** A phone number without the spaces, dots, dashes and brackets people write into it. Digits are never dropped. */
export function dialled(phone: unknown): string {
  return String(phone).replace(/[\s().\-/\u00a0\u2010-\u2015]/g, '');
}

/** Names of things, in no order and each once; case does not tell two apart. */
export const names = (wire: string, book: string): ValueMember => ({
  kind: 'value',
  wire,
  book,
  // Some answer objects where they take names: { id, name, slug }.
  read: (raw) =>
    Array.isArray(raw)
      ? dropRepeats(raw.map((item: unknown) => (typeof item === 'object' && item !== null && 'name' in item ? item.name : item)))
      : (raw ?? []),
  elementKey: (element) => fold(String(element)).trim(),
});

function dropRepeats(items: unknown[]): unknown[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = fold(String(item)).trim();
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}

export const reference = (
  wire: string,
  book: string,
  of: Collection,
  form: { integer: boolean; shape?: Shape; nobody?: unknown; isOrigin?: boolean },
): ReferenceMember => ({
  kind: 'reference',
  wire,
  book,
  of,
  list: false,
  ...form,
});

export const references = (wire: string, book: string, of: Collection, form: { integer: boolean; shape?: Shape }): ReferenceMember => ({
  kind: 'reference',
  wire,
  book,
  of,
  list: true,
  ...form,
});

export const children = (
  wire: string,
  of: Collection,
  parent: string,
  form: Omit<ChildrenMember, 'kind' | 'wire' | 'of' | 'parent'>,
): ChildrenMember => ({
  kind: 'children',
  wire,
  of,
  parent,
  ...form,
});

export const computed = (wire: string, compute: (record: BookRecord, context: EncodeContext) => unknown): ComputedMember => ({
  kind: 'computed',
  wire,
  compute,
});

export const given = (wire: string): GivenMember => ({ kind: 'given', wire });

/** A display label: the person's language where the context has it, else the words of the spec. */
export const label = (wire: string, book: string, labels: Readonly<Record<string, string>>): ComputedMember =>
  computed(wire, (record, context) => {
    const value = valueAt(record, book);
    if (typeof value !== 'string') return null;
    return context.label?.(book, value) ?? (Object.hasOwn(labels, value) ? labels[value] : value);
  });

/** ISO 3166-1 letters of a country written in letters or by its English name; null where it is neither. */
export function countryCode(text: string): string | null {
  const wanted = fold(text).trim();
  countries ??= countryTable();
  return countries.get(wanted) ?? null;
}

let countries: Map<string, string> | null = null;

function countryTable(): Map<string, string> {
  const english = new Intl.DisplayNames(['en'], { type: 'region' });
  const table = new Map<string, string>();
  for (const { alpha2, alpha3, name } of iso31661) {
    for (const word of [alpha2, alpha3, name, english.of(alpha2) ?? name]) table.set(fold(word), alpha2);
  }
  return table.set('uk', 'GB');
}

/** Two-character code of a state or province of a country (letters), from its code or its name; null where it has none. */
export function regionCode(text: string, country: string | null): string | null {
  const parent = country === null ? null : countryCode(country);
  const found =
    parent === null ? undefined : regionsBy(fold(text).trim()).find((code) => code.length === 5 && code.startsWith(`${parent}-`));
  if (found !== undefined) return found.slice(3);
  const wanted = text.trim();
  return wanted.length === 2 ? wanted.toUpperCase() : null;
}

/** Whether two texts name one state or province, each by its code or its name, wherever it is. */
export function isSameRegion(first: string, second: string): boolean {
  const [a, b] = [fold(first).trim(), fold(second).trim()];
  if (a === b) return true;
  const others = regionsBy(b);
  return regionsBy(a).some((code) => others.includes(code));
}

let regions: Map<string, string[]> | null = null;

/** ISO 3166-2 codes of the places that a folded text names, by code ("co") or by name ("colorado"). */
function regionsBy(word: string): readonly string[] {
  if (regions === null) {
    regions = new Map();
    for (const { code, name } of iso31662)
      for (const key of new Set([fold(code.slice(3)), fold(name)])) regions.set(key, [...(regions.get(key) ?? []), code]);
  }
  return regions.get(word) ?? [];
}
