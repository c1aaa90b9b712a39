import { isParts, isSame } from '../lib/equal.ts';
import { type Stamp, type Stamps, stampOf } from './stamp.ts';

/**
 * A field with what decides when two copies of it meet. Most fields are one value with one stamp: the newer stamp wins. A
 * list of names or ids, and the values under `custom` and `externalIds`, also have **parts**: an entry that was put in or
 * taken out later than the whole was written has a stamp of its own, so that two laptops which each add a tag offline
 * both keep theirs. An address or banking data has no parts: its lines belong together.
 *
 * Among a record's stamps (stamp.ts) the whole stands under the field's name and a part under "field/key".
 */
export interface FieldState {
  value: unknown;
  /** Of the whole. */
  stamp: Stamp;
  /** Of entries that are newer than the whole, by key; also of those that were taken out. */
  parts: ReadonlyMap<string, Stamp>;
}

const noParts: ReadonlyMap<string, Stamp> = new Map();

/** Fields with keys that people and programs choose. */
const keyedFields: ReadonlySet<string> = new Set(['custom', 'externalIds']);

/** Lists whose order says nothing. In every other list a new entry is a part only at the end. */
export const isUnordered = (field: string) => /Ids$|^mentions$|^notDuplicateOf$/.test(field);

/** The entries of a value by key; null for a value that is one whole. */
export function partsOf(field: string, value: unknown): Map<string, unknown> | null {
  if (keyedFields.has(field)) return isParts(value) ? new Map(Object.entries(value)) : null;
  if (!Array.isArray(value)) return null;
  const parts = new Map<string, unknown>();
  for (const entry of value as readonly unknown[]) {
    const key = typeof entry === 'string' ? entry : isParts(entry) && typeof entry['id'] === 'string' ? entry['id'] : null;
    if (key === null || parts.has(key)) return null;
    parts.set(key, entry);
  }
  return parts;
}

/**
 * What a change from one value to another says: the whole, or only the entries in which the two differ. The same for
 * everybody who reads the change, so that whoever applies it, in whatever order, ends in the same record.
 */
export function writtenState(field: string, before: unknown, after: unknown, stamp: Stamp): FieldState {
  const [old, now] = [partsOf(field, before), partsOf(field, after)];
  if (old === null || now === null) return { value: after, stamp, parts: noParts };
  const kept = [...old.keys()].filter((key) => now.has(key));
  const added = [...now.keys()].filter((key) => !old.has(key));
  const isAtTheEnd = keyedFields.has(field) || isUnordered(field) || isSame([...kept, ...added], [...now.keys()]);
  const changed = [...kept.filter((key) => !isSame(old.get(key), now.get(key))), ...added];
  const gone = [...old.keys()].filter((key) => !now.has(key));
  // The same entries in another order are a new whole.
  if (!isAtTheEnd || changed.length + gone.length === 0) return { value: after, stamp, parts: noParts };
  return {
    value: valueFrom(
      field,
      changed.map((key) => [key, now.get(key)]),
    ),
    stamp: '',
    parts: new Map([...changed, ...gone].map((key) => [key, stamp])),
  };
}

/** The stamps of parts, by field and key; null where there are none. Most records have none. */
export function partStampsOf(stamps: Stamps): Map<string, Map<string, Stamp>> | null {
  let found: Map<string, Map<string, Stamp>> | null = null;
  for (const name of Object.keys(stamps)) {
    const at = name.indexOf('/');
    if (at < 0) continue;
    found ??= new Map();
    const field = name.slice(0, at);
    const parts = found.get(field) ?? new Map<string, Stamp>();
    parts.set(name.slice(at + 1), stamps[name] as Stamp);
    found.set(field, parts);
  }
  return found;
}

export function stateOf(
  record: Readonly<Record<string, unknown>>,
  stamps: Stamps,
  parts: ReadonlyMap<string, ReadonlyMap<string, Stamp>> | null,
  field: string,
): FieldState {
  const stamp = stampOf(stamps, field) ?? '';
  const own = parts?.get(field);
  if (own === undefined) return { value: record[field], stamp, parts: noParts };
  // A part that is not newer than the whole says nothing of its own.
  const newer = [...own.values()].every((one) => one > stamp) ? own : new Map([...own].filter(([, one]) => one > stamp));
  return { value: record[field], stamp, parts: newer };
}

/** Writes a field's stamps over those that were there. `*` has its final value already. */
export function putStamps(stamps: Stamps, field: string, state: FieldState, before: ReadonlyMap<string, Stamp> | undefined): void {
  if (state.stamp === stamps['*']) delete stamps[field];
  else stamps[field] = state.stamp;
  for (const key of before?.keys() ?? []) if (!state.parts.has(key)) delete stamps[`${field}/${key}`];
  for (const [key, stamp] of state.parts) stamps[`${field}/${key}`] = stamp;
}

/**
 * Two copies of a field as one. Whichever way copies are put together, in whatever order and however often, the result
 * is the same: each entry is decided by its own newest stamp, and the order of a list follows from the stamps too.
 */
export function joined(field: string, left: FieldState, right: FieldState): FieldState {
  const haveParts = left.parts.size + right.parts.size > 0;
  if (!haveParts && left.stamp !== right.stamp) return left.stamp > right.stamp ? left : right;
  if (!haveParts && isSame(left.value, right.value)) return left;
  const [old, now] = [partsOf(field, left.value), partsOf(field, right.value)];
  if (old === null || now === null) return newerOf(left, right);
  const stamp = left.stamp > right.stamp ? left.stamp : right.stamp;
  const [first, second] = stateText(left) <= stateText(right) ? [left, right] : [right, left];
  const [places, others] = [placesIn(first === left ? old : now), placesIn(first === left ? now : old)];
  const parts = new Map<string, Stamp>();
  const present: { key: string; value: unknown; stamp: Stamp; place: number }[] = [];
  for (const key of new Set([...old.keys(), ...now.keys(), ...left.parts.keys(), ...right.parts.keys()])) {
    const [a, b] = [stampIn(left, key), stampIn(right, key)];
    const value = a > b ? old.get(key) : a < b ? now.get(key) : firstOf(old.get(key), now.get(key));
    const newest = a > b ? a : b;
    if (newest > stamp) parts.set(key, newest);
    if (value === undefined) continue;
    // Entries of one change come in the order of that change; any list that has the one has the others too.
    const place = stampIn(first, key) === newest ? places.get(key) : undefined;
    present.push({
      key,
      value,
      stamp: newest,
      place: place ?? places.size + (stampIn(second, key) === newest ? (others.get(key) ?? 0) : 0),
    });
  }
  // What was written as a whole, then what came later, change by change.
  present.sort((one, other) => (one.stamp === other.stamp ? one.place - other.place : one.stamp < other.stamp ? -1 : 1));
  return {
    value: valueFrom(
      field,
      present.map(({ key, value }) => [key, value]),
    ),
    stamp,
    parts,
  };
}

/**
 * A value with what one side changed from what both had seen: entry by entry where it has entries, so that taking one side's
 * tag takes nothing else away; whole where it has none.
 */
export function withChanges(field: string, base: unknown, side: unknown, now: unknown): unknown {
  const [old, wanted, parts] = [partsOf(field, base ?? []), partsOf(field, side), partsOf(field, now)];
  if (wanted === null || parts === null) return side;
  const next = new Map(parts);
  for (const key of new Set([...(old?.keys() ?? []), ...wanted.keys()])) {
    if (isSame(old?.get(key), wanted.get(key))) continue;
    if (wanted.has(key)) next.set(key, wanted.get(key));
    else next.delete(key);
  }
  return valueFrom(field, [...next]);
}

const placesIn = (parts: ReadonlyMap<string, unknown>) => new Map([...parts.keys()].map((key, at) => [key, at]));

/** When the entry was put in, or taken out. */
export function stampIn(state: FieldState, key: string): Stamp {
  const own = state.parts.get(key) ?? '';
  return own > state.stamp ? own : state.stamp;
}

function newerOf(left: FieldState, right: FieldState): FieldState {
  const [a, b] = [newestIn(left), newestIn(right)];
  if (a !== b) return a > b ? left : right;
  return stateText(left) > stateText(right) ? left : right;
}

const stateText = ({ value, stamp, parts }: FieldState) => textOf([value, stamp, Object.fromEntries(parts)]);

function newestIn({ stamp, parts }: FieldState): Stamp {
  let newest = stamp;
  for (const one of parts.values()) if (one > newest) newest = one;
  return newest;
}

/** Which of two values with the same stamp counts. One change has one value, so only a broken program gets here; what is there counts more than what is not. */
function firstOf(left: unknown, right: unknown): unknown {
  if (left === undefined || right === undefined) return left ?? right;
  return isSame(left, right) || textOf(left) > textOf(right) ? left : right;
}

function valueFrom(field: string, entries: readonly (readonly [string, unknown])[]): unknown {
  return keyedFields.has(field) ? Object.fromEntries(entries) : entries.map(([, value]) => value);
}

/** JSON with the keys of every object in order: the same text for the same value. */
export function textOf(value: unknown): string {
  return (
    JSON.stringify(value, (_key, part: unknown) =>
      isParts(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part,
    ) ?? ''
  );
}
