import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Long work in main is done in slices: call the returned function often, and it lets everything else have its turn once
 * the slice has lasted long enough. Answers whether it waited.
 */
export function createBreather(sliceMs = 12): () => Promise<boolean> {
  let started = performance.now();
  return async () => {
    if (performance.now() - started < sliceMs) return false;
    await nextTurn();
    started = performance.now();
    return true;
  };
}
