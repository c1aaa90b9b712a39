import { useEffect, useSyncExternalStore } from 'react';
import type { ArchivePlace, Backup, CheckReport, SafetyJob } from '../../shared/contracts/safety.contract.ts';
import type { Result } from '../../shared/lib/result.ts';
import { crm, settled } from './crm.ts';

export interface SafetyState {
  folder: string;
  backups: Backup[];
  isDue: boolean;
  job: SafetyJob | null;
  report: CheckReport | null;
}

let state: SafetyState | null = null;
let isListening = false;
/** An answer must not put back a job that was told of after it was asked for. */
let told = 0;
const listeners = new Set<() => void>();

function put(next: SafetyState): void {
  state = next;
  for (const listener of listeners) listener();
}

async function ask(): Promise<void> {
  const before = told;
  const result = await settled(() => crm().safety.state({}));
  if (!result.ok) return;
  put(told === before || state === null ? result.value : { ...result.value, job: state.job });
}

function listen(): void {
  if (isListening) return;
  isListening = true;
  crm().on('safetyJob', (job) => {
    if (job === null) return void ask();
    told += 1;
    if (state !== null) put({ ...state, job });
    if (job.state !== 'running' || state === null) void ask();
  });
  // Something is in no backup from the first change on: the screen that says the contrary would not be true.
  crm().on('changed', () => {
    if (listeners.size > 0 && state?.isDue === false) void ask();
  });
  crm().onConnection((connected) => {
    if (connected) void ask();
  });
}

function subscribe(listener: () => void): () => void {
  listen();
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Backups, the job that runs and the last check; asked for anew whenever a screen that shows them opens. */
export function useSafety(): SafetyState | null {
  useEffect(() => void ask(), []);
  return useSyncExternalStore(subscribe, () => state);
}

/** A job that main has begun, shown at once. */
async function begin(call: () => Promise<Result<SafetyJob>>): Promise<Result<SafetyJob>> {
  const before = told;
  const result = await settled(call);
  if (result.ok && told === before && state !== null) put({ ...state, job: result.value });
  return result;
}

export const safety = {
  backUp: () => begin(() => crm().safety.backUp({})),
  exportBook: () => begin(() => crm().safety.exportBook({})),
  check: () => begin(() => crm().safety.check({})),
  restore: (place: ArchivePlace) => begin(() => crm().safety.restore(place)),
  look: (place: ArchivePlace) => settled(() => crm().safety.look(place)),
  cancel: () => settled(() => crm().safety.cancel({})),
  take: (file: File) => settled(() => crm().files.take(file)),
  save: (fileId: string) => settled(() => crm().files.save(fileId)),
  async mend(ids: string[]) {
    const result = await settled(() => crm().safety.mend({ ids }));
    await ask();
    return result;
  },
};
