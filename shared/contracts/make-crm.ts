import type { Result } from '../lib/result.ts';
import type { Crm, CrmEvents } from './api.ts';
import { eventNames, methodNames } from './surface.ts';

/** The line from a page to main. An adapter brings one; all of `window.crm` is made from it. */
export interface CrmLine {
  /** Never rejects: a line that is down answers a problem. */
  call(method: string, input: unknown): Promise<Result<unknown>>;
  /** Starts listening to one event; returns the function that stops. Asked for known names only. */
  listen(event: keyof CrmEvents, listener: (data: unknown) => void): () => void;
  files: Crm['files'];
  onConnection: Crm['onConnection'];
}

/**
 * `window.crm`, the same in both adapters (invariant 3): one plain function per method of the contracts and nothing that
 * takes a channel name. Plain objects and functions only, so that it can cross Electron's contextBridge.
 */
export function makeCrm(line: CrmLine): Crm {
  const nouns = Object.entries(methodNames).map(([noun, methods]) => [
    noun,
    Object.fromEntries(Object.keys(methods).map((method) => [method, (input: unknown) => line.call(`${noun}.${method}`, input)])),
  ]);
  const known: ReadonlySet<unknown> = new Set(eventNames);
  return {
    ...(Object.fromEntries(nouns) as Omit<Crm, 'files' | 'on' | 'onConnection'>),
    files: line.files,
    on: (event, listener) => (known.has(event) ? line.listen(event, listener as (data: unknown) => void) : () => {}),
    onConnection: line.onConnection,
  };
}
