import { isParts } from '../lib/equal.ts';
import { fieldsOf, type NounName } from './nouns.ts';

const dots = '••••';

/**
 * The form secret texts have on disk (electron/database/secret-box.ts). In memory it is one that could not be opened on
 * this computer. Longer than any secret field may be, so that nobody can type one.
 */
export function isSealed(text: string): boolean {
  return text.startsWith('sealed:v1:') && /^sealed:v1:[0-9a-f]{12}:[A-Za-z0-9+/]{38,}={0,2}$/.test(text);
}

/** Shows that something is there, and of a long text its last four characters: "•••• 1234". */
export function masked(text: string): string {
  if (isSealed(text)) return dots;
  return text.length >= 8 ? `${dots} ${text.slice(-4)}` : dots;
}

/** Paths of the noun's secret fields that are free text. A choice from a short list (account type) gives nothing away. */
const secretPaths = (noun: NounName) => fieldsOf(noun).filter((field) => field.secret === true && field.choices === undefined);

const secretParts = new Map<NounName, Map<string, string[]>>();

/** Per top-level field, the secret parts in it. */
export function secretPartsOf(noun: NounName): ReadonlyMap<string, readonly string[]> {
  let parts = secretParts.get(noun);
  if (parts === undefined) {
    parts = new Map();
    for (const { path } of secretPaths(noun)) {
      const [top = '', part = ''] = path.split('.');
      parts.set(top, [...(parts.get(top) ?? []), part]);
    }
    secretParts.set(noun, parts);
  }
  return parts;
}

/** The fields with their secret texts masked. The same object when there is nothing to hide. */
export function withMaskedSecrets<T extends object>(noun: NounName, fields: T): T {
  let result = fields as Record<string, unknown>;
  for (const [top, parts] of secretPartsOf(noun)) {
    const value = result[top];
    if (!isParts(value)) continue;
    const hidden = parts.filter((part) => typeof value[part] === 'string').map((part) => [part, masked(value[part] as string)]);
    result = { ...result, [top]: { ...value, ...Object.fromEntries(hidden) } };
  }
  return result as T;
}

/**
 * Takes out of a change what is only the mask of what is there: a screen that sends a masked text back did not mean to
 * replace the number with dots (invariant 2).
 */
export function withoutMasks(noun: NounName, changes: Record<string, unknown>, current: object): Record<string, unknown> {
  let result = changes;
  for (const [top, parts] of secretPartsOf(noun)) {
    const changed = result[top];
    const known = (current as Record<string, unknown>)[top];
    if (!isParts(changed) || !isParts(known)) continue;
    const meant = Object.entries(changed).filter(
      ([part, value]) => !(parts.includes(part) && typeof known[part] === 'string' && value === masked(known[part])),
    );
    result = { ...result, [top]: Object.fromEntries(meant) };
  }
  return result;
}

/** The value of a top-level field with `turn` applied to its secret texts; the same object where nothing changes. */
export function turnSecretParts<T extends object>(
  place: string,
  value: T,
  parts: readonly string[],
  turn: (place: string, text: string) => string,
): T {
  let result = value as Record<string, unknown>;
  for (const part of parts) {
    const text = result[part];
    if (typeof text !== 'string') continue;
    const next = turn(`${place}.${part}`, text);
    if (next === text) continue;
    if (result === value) result = { ...result };
    result[part] = next;
  }
  return result as T;
}

/** The fields of a record with `work` applied to every top-level field that has secret texts; the same object where nothing changes. */
export function turnSecretFields<T extends object>(
  noun: NounName,
  id: string,
  fields: T,
  work: (place: string, value: object, parts: readonly string[]) => object,
): T {
  let result = fields as Record<string, unknown>;
  for (const [field, parts] of secretPartsOf(noun)) {
    const value = result[field];
    if (!isParts(value)) continue;
    const next = work(`${noun}/${id}/${field}`, value, parts);
    if (next !== value) result = { ...result, [field]: next };
  }
  return result as T;
}

/** The record with `turn` applied to each of its secret texts, which is told the text's place. */
export function turnSecrets<T extends object>(noun: NounName, id: string, fields: T, turn: (place: string, text: string) => string): T {
  return turnSecretFields(noun, id, fields, (place, value, parts) => turnSecretParts(place, value, parts, turn));
}

export function isSecret(noun: NounName, path: string): boolean {
  return fieldsOf(noun).some((field) => field.secret === true && (field.path === path || field.path.startsWith(`${path}.`)));
}
