import type { SyncLine } from './sync-line.ts';

/** What the adapter of each remote keeps for itself, by a name of its own. */
export function createMemory() {
  const memory = new Map<string, Map<string, unknown>>();

  function remember(remote: string, changes: Readonly<Record<string, unknown>>): void {
    const known = memory.get(remote) ?? new Map<string, unknown>();
    memory.set(remote, known);
    for (const [key, value] of Object.entries(changes)) {
      if (value === null || value === undefined) known.delete(key);
      else known.set(key, value);
    }
  }

  function* lines(): Generator<SyncLine> {
    for (const [remote, values] of memory) for (const [key, value] of values) yield ['memory', remote, key, value];
  }

  return { remember, of: (remote: string): ReadonlyMap<string, unknown> => memory.get(remote) ?? new Map(), lines };
}
