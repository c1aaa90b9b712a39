/**
 * A JSON object as it travels, and the few things that are done with one. Paths are dotted: "address.city"; a dot in a
 * key of somebody else's is written "~1" and a tilde "~0".
 */
export type Wire = { [key: string]: unknown };

export function isWire(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function pathStep(key: string): string {
  return key.replace(/~/g, '~0').replace(/\./g, '~1');
}

/** Lists write thousands of members by their paths, and most paths are one step. */
const isOneStep = (path: string) => !path.includes('.') && !path.includes('~');

function stepsOf(path: string): string[] {
  if (isOneStep(path)) return [path];
  return path.split('.').map((step) => (step.includes('~') ? step.replace(/~1/g, '.').replace(/~0/g, '~') : step));
}

/** The value at a path. Undefined where the object does not say; null where an object on the way is null. */
export function readPath(wire: Wire, path: string): unknown {
  let value: unknown = wire;
  for (const step of stepsOf(path)) {
    if (value === null) return null;
    if (!isWire(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}

/** Sets a path, making the objects on the way; an object on the way that is null becomes one. */
export function writePath(wire: Wire, path: string, value: unknown): void {
  if (isOneStep(path)) return put(wire, path, value);
  const steps = stepsOf(path);
  const last = steps.pop() as string;
  let at = wire;
  for (const step of steps) {
    const next = Object.hasOwn(at, step) ? at[step] : undefined;
    const object = isWire(next) ? next : {};
    put(at, step, object);
    at = object;
  }
  put(at, last, value);
}

/** Takes a path away; objects on the way stay. */
export function removePath(wire: Wire, path: string): void {
  const steps = path.split('.');
  const last = stepsOf(steps.pop() as string)[0] as string;
  const at = steps.length === 0 ? wire : readPath(wire, steps.join('.'));
  if (isWire(at)) delete at[last];
}

/** Plain assignment would set the prototype for a key named "__proto__", which JSON.parse can give. */
export function put(object: Wire, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}

/** A deep copy; nothing of the original is shared. */
export function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item) => copyOf<unknown>(item)) as T;
  if (!isWire(value)) return value;
  const copy: Wire = {};
  for (const [key, part] of Object.entries(value)) put(copy, key, copyOf(part));
  return copy as T;
}

/** Equal as JSON, whatever the order of keys. */
export function sameJson(first: unknown, second: unknown): boolean {
  if (Object.is(first, second) || first === second) return true;
  if (Array.isArray(first) || Array.isArray(second)) {
    return (
      Array.isArray(first) &&
      Array.isArray(second) &&
      first.length === second.length &&
      first.every((item, at) => sameJson(item, second[at]))
    );
  }
  if (!isWire(first) || !isWire(second)) return false;
  const keys = Object.keys(first);
  return keys.length === Object.keys(second).length && keys.every((key) => Object.hasOwn(second, key) && sameJson(first[key], second[key]));
}
