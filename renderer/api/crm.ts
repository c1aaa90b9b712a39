import type { Crm } from '../../shared/contracts/api.ts';
import type { Problem, Result } from '../../shared/lib/result.ts';
import { words } from '../../shared/words/words.ts';

declare global {
  interface Window {
    /** Put there by the preload script (electron) or the page bridge (browser); missing anywhere else. */
    crm?: Crm;
  }
}

/** False where the page was opened without Fieldbook behind it: main.tsx says so instead of starting. */
export function hasBook(): boolean {
  return window.crm !== undefined;
}

/** All that the screens can reach (invariant 3). Only files in renderer/api use it. */
export function crm(): Crm {
  if (window.crm === undefined) throw new Error('The page was opened without Fieldbook behind it.');
  return window.crm;
}

const unreachable: Problem = {
  code: 'UNEXPECTED',
  ...words('program.couldNotFinish'),
};

/** Calls never reject by contract; should one do it all the same, the screen still gets an answer it can show. */
export async function settled<T>(call: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await call();
  } catch {
    return { ok: false, error: unreachable };
  }
}
