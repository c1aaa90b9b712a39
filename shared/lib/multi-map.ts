/** Ids by key. Most keys have one or two ids, so they stand in a string or a short array: a Set each would cost 200 bytes. */
export interface MultiMap {
  get(key: string): readonly string[];
  add(key: string, id: string): void;
  remove(key: string, id: string): void;
}

const none: readonly string[] = [];

export function createMultiMap(map: Map<string, string | string[]> = new Map()): MultiMap {
  return {
    get(key) {
      const found = map.get(key);
      if (found === undefined) return none;
      return typeof found === 'string' ? [found] : found;
    },
    add(key, id) {
      const found = map.get(key);
      if (found === undefined) map.set(key, id);
      else if (typeof found === 'string') map.set(key, [found, id]);
      else found.push(id);
    },
    remove(key, id) {
      const found = map.get(key);
      if (found === id) map.delete(key);
      else if (Array.isArray(found)) {
        const at = found.indexOf(id);
        if (at < 0) return;
        if (found.length === 1) map.delete(key);
        else found.splice(at, 1);
      }
    },
  };
}
