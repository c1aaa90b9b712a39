const pageSize = 2048;
const shards = 256;

/**
 * A map that may grow large in a program that has to answer meanwhile. A plain one stops for a tenth of a second when it outgrows
 * its table, and to copy it stops as long; here the work of both is spread. Entries lie in pages in the order they came, and beside
 * them which page a key is in. `fork` shares the pages, and a page is copied when it is first written to afterwards.
 */
export class PagedMap<V> extends Map<string, V> {
  #pages: Map<string, V>[] = [];
  /** Pages that a fork has too. */
  #shared = new Set<number>();
  /** Keys stay in it, so that forks find them. */
  #pageOf: Map<string, number>[] = [];
  #size = 0;
  #isFork = false;

  override get size(): number {
    return this.#size;
  }

  override get(key: string): V | undefined {
    return this.#pages[this.#pageOf[shardOf(key)]?.get(key) ?? -1]?.get(key);
  }

  override has(key: string): boolean {
    return this.#pages[this.#pageOf[shardOf(key)]?.get(key) ?? -1]?.has(key) === true;
  }

  override set(key: string, value: V): this {
    const shard = (this.#pageOf[shardOf(key)] ??= new Map());
    let place = shard.get(key);
    if (place === undefined) {
      if ((this.#pages.at(-1)?.size ?? pageSize) >= pageSize) this.#pages.push(new Map());
      place = this.#pages.length - 1;
      shard.set(key, place);
    }
    const page = this.#writable(place);
    const before = page.size;
    page.set(key, value);
    this.#size += page.size - before;
    return this;
  }

  override delete(key: string): boolean {
    if (!this.has(key)) return false;
    this.#writable(this.#pageOf[shardOf(key)]?.get(key) as number).delete(key);
    this.#size -= 1;
    return true;
  }

  override clear(): void {
    for (const key of this.keys()) this.delete(key);
  }

  /** As it is now, whatever comes after; to read only. */
  fork(): ReadonlyMap<string, V> {
    const fork = new PagedMap<V>();
    fork.#pages = [...this.#pages];
    fork.#pageOf = this.#pageOf;
    fork.#size = this.#size;
    fork.#isFork = true;
    this.#shared = new Set(this.#pages.keys());
    return fork;
  }

  #writable(place: number): Map<string, V> {
    if (this.#isFork) throw new Error('A fork is not changed');
    if (this.#shared.delete(place)) this.#pages[place] = new Map(this.#pages[place]);
    return this.#pages[place] as Map<string, V>;
  }

  /** Like a plain map's: what is changed meanwhile comes as it is then, what is added comes too. */
  override *entries(): MapIterator<[string, V]> {
    for (let place = 0; place < this.#pages.length; place += 1) {
      const page = this.#pages[place] as Map<string, V>;
      for (const entry of page) {
        const now = this.#pages[place];
        if (now === page) yield entry;
        else if (now?.has(entry[0]) === true) yield [entry[0], now.get(entry[0]) as V];
      }
      // Copied meanwhile: what was added since is in the copy.
      const now = this.#pages[place] as Map<string, V>;
      if (now !== page) for (const entry of now) if (!page.has(entry[0])) yield entry;
    }
  }

  override *keys(): MapIterator<string> {
    for (const [key] of this.entries()) yield key;
  }

  override *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  override [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  override forEach(callback: (value: V, key: string, map: Map<string, V>) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this);
  }
}

/** A copy of the moment, without holding anything up where the map can do that. */
export function copyOf<V>(map: ReadonlyMap<string, V>): ReadonlyMap<string, V> {
  return map instanceof PagedMap ? (map as PagedMap<V>).fork() : new Map(map);
}

/** By all of the key: ids have much in common at their beginning, e-mail addresses at their end. */
function shardOf(key: string): number {
  let hash = 0;
  for (let at = 0; at < key.length; at += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
  return (hash ^ (hash >>> 16)) & (shards - 1);
}
