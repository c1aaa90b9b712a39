import { useSyncExternalStore } from 'react';
import type { CrmEvents } from '../../shared/contracts/api.ts';
import type { AppStatus, Settings, SettingsChange } from '../../shared/contracts/app.contract.ts';
import type { UndoState } from '../../shared/contracts/history.contract.ts';
import type { Result } from '../../shared/lib/result.ts';
import { crm, settled } from './crm.ts';

/** A value that main tells about when it changes; asked for once at the start and after the line was lost. */
interface Live<T> {
  read(): T | null;
  put(value: T): void;
  subscribe(listener: () => void): () => void;
}

function live<T>(start: (live: Live<T>) => void): Live<T> {
  let value: T | null = null;
  let started = false;
  const listeners = new Set<() => void>();
  const self: Live<T> = {
    read: () => value,
    put(next) {
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      if (!started) {
        started = true;
        start(self);
      }
      return () => listeners.delete(listener);
    },
  };
  return self;
}

function pushed<E extends 'status' | 'undoState'>(event: E, ask: () => Promise<Result<CrmEvents[E]>>): Live<CrmEvents[E]> {
  return live((self) => {
    // An event that arrives while the question is under way is newer than its answer.
    let told = 0;
    const askNow = async () => {
      const before = told;
      const result = await settled(ask);
      if (result.ok && told === before) self.put(result.value);
    };
    crm().on(event, (data) => {
      told += 1;
      self.put(data);
    });
    crm().onConnection((connected) => {
      if (connected) void askNow();
    });
    void askNow();
  });
}

const status = pushed('status', () => crm().app.status({}));
const undoState = pushed('undoState', () => crm().history.state({}));

const settings = live<Settings>(() => {
  crm().on('settings', () => void askSettings());
  crm().onConnection((connected) => {
    if (connected) void askSettings();
  });
  void askSettings();
});

/** Has the settings as main has them on screen. */
export async function askSettings(): Promise<void> {
  const result = await settled(() => crm().app.settings({}));
  if (result.ok) settings.put(result.value);
}

const connection = live<boolean>((self) => {
  self.put(true);
  crm().onConnection((connected) => self.put(connected));
});

export function useStatus(): AppStatus | null {
  return useSyncExternalStore(status.subscribe, status.read);
}

export function useUndoState(): UndoState | null {
  return useSyncExternalStore(undoState.subscribe, undoState.read);
}

export function useSettings(): Settings | null {
  return useSyncExternalStore(settings.subscribe, settings.read);
}

/** What the settings are at this moment, for code outside of components. */
export function settingsNow(): Settings | null {
  return settings.read();
}

export function useConnected(): boolean {
  return useSyncExternalStore(connection.subscribe, connection.read) ?? true;
}

/** Shows the change at once and has it kept; where keeping fails, what main has is shown again. Views are shown when they are kept. */
export async function changeSettings(changes: SettingsChange): Promise<Result<Settings>> {
  const before = settings.read();
  const { views: _, ...others } = changes;
  if (before !== null) settings.put({ ...before, ...(others as Partial<Settings>) });
  const result = await settled(() => crm().app.changeSettings(changes));
  if (result.ok) settings.put(result.value);
  else if (before !== null) settings.put(before);
  return result;
}
