import type { BookRecord } from '../shared/dialects/book-view.ts';
import type { Manifest } from '../shared/dialects/manifest.ts';
import type { Shape } from '../shared/dialects/shape.ts';
import { isSame } from '../shared/lib/equal.ts';
import { type FieldInfo, valueAt } from '../shared/nouns/field.ts';
import { blankRecord, fieldsOf, type NounName } from '../shared/nouns/nouns.ts';
import { say } from '../shared/words/say.ts';
import { words } from '../shared/words/words.ts';
import { type HeldLine, isIn } from './plan.ts';

/** A field of a record whose value a system does not store, and why. */
export interface StaysField {
  path: string;
  message: string;
}

/** Held for good by what the system is, and not by what somebody could mend. */
const forGood: ReadonlySet<HeldLine['reason']> = new Set(['unsayable', 'readOnly', 'kept']);

/**
 * What a system does not store of a record that it has: values it has no way to say, changes of what it keeps itself, and fields
 * it has no place for at all. All of it stays in the book.
 */
export function staysHere(manifest: Manifest, noun: NounName, record: BookRecord, held: readonly HeldLine[]): StaysField[] {
  const said = held.flatMap(({ path, reason, message }) => (path !== null && forGood.has(reason) ? [{ path, message }] : []));
  const known = new Set(said.map(({ path }) => path));
  const without = fieldsWithoutPlace(manifest, noun, record).filter(({ path }) => !known.has(path));
  const message = say(words('sync.noPlace', { system: manifest.label }));
  return [...said, ...without.map(({ path }) => ({ path, message }))];
}

/** Fields that say something and are no member of anything the system knows of such a record. */
function fieldsWithoutPlace(manifest: Manifest, noun: NounName, record: BookRecord): FieldInfo[] {
  const shapes = manifest.resources
    .filter((resource) => resource.of === noun && isIn(resource, record))
    .flatMap(({ create, merge }) => [merge.answer, merge.change, create])
    .filter((shape) => shape !== null);
  if (shapes.length === 0) return [];
  const hasPlace = placesIn(shapes);
  const blank = blankRecord(noun);
  return fieldsOf(noun).filter((field) => {
    if (field.computed === true || hasPlace(field.path)) return false;
    const value: unknown = valueAt(record, field.path) ?? null;
    const isEmpty = value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0);
    return !isEmpty && !isSame(value, valueAt(blank, field.path));
  });
}

function placesIn(shapes: readonly Shape[]): (path: string) => boolean {
  const places = new Set<string>();
  for (const member of shapes.flatMap(({ members }) => members)) {
    if (member.kind !== 'value' && member.kind !== 'reference') continue;
    places.add(member.book);
    // One text for all of an address.
    if (member.kind === 'value' && member.isComposed === true) places.add(topOf(member.book));
  }
  return (path) => places.has(path) || places.has(topOf(path));
}

const topOf = (path: string) => path.split('.')[0] as string;
