import { v5, v7, validate } from 'uuid';

/** Namespace of the ids that two laptops must be able to make alike while offline. Frozen. */
const PAIR_NAMESPACE = '6b1d2c52-6f0c-5d55-9d6e-0c6f1b0e5a10';

/** A new record's id: UUIDv7, made on the device (docs/domain-model). */
export function newId(): string {
  return v7();
}

/**
 * The id of a record that stands for a pair, so that two devices which create the same pair offline create the
 * same record (a location and an item price, for instance).
 */
export function pairId(first: string, second: string): string {
  return v5(`${first}:${second}`, PAIR_NAMESPACE);
}

export function isId(value: string): boolean {
  return validate(value);
}

/** Names that every object has already, and paths: an id may become a name in a table, of a file or in an address. */
const taken: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype', '.', '..']);

/** Whether a text can be the id of a record at all: callers of some dialects choose ids, and not all of those are UUIDs. */
export function canBeId(text: string): boolean {
  return text.length > 0 && text.length <= 100 && !/[\u0000-\u001f\u007f/\\]/.test(text) && !taken.has(text);
}
