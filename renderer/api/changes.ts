import type { CrmEvents } from '../../shared/contracts/api.ts';
import { crm } from './crm.ts';

type Changed = CrmEvents['changed'];

/**
 * Tells everything on screen that the book changed. The first change is passed on at once, those that follow within
 * the pause together: an import changes the book many times a second, and a list needs to be asked for only a few.
 */
const PAUSE_MS = 200;

const listeners = new Set<() => void>();
let version = 0;
let pausedUntil = 0;
let timer: ReturnType<typeof setTimeout> | null = null;
let listening = false;

/** Counts up with every change of the book: an answer from an older version is stale. */
export function bookVersion(): number {
  return version;
}

export function onBookChanged(listener: () => void): () => void {
  start();
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Makes everything on screen ask again, for instance after the line to main was lost and found. */
export function bookChanged(): void {
  version += 1;
  const wait = pausedUntil - performance.now();
  if (timer !== null) return;
  if (wait > 0) {
    timer = setTimeout(() => {
      timer = null;
      tell();
    }, wait);
    return;
  }
  tell();
}

/** True while a change waits to be passed on: asking now would be asking twice. */
export function isChangeWaiting(): boolean {
  return timer !== null;
}

function tell(): void {
  pausedUntil = performance.now() + PAUSE_MS;
  for (const listener of listeners) listener();
}

function start(): void {
  if (listening) return;
  listening = true;
  crm().on('changed', (_change: Changed) => bookChanged());
  let wasConnected = true;
  crm().onConnection((connected) => {
    if (connected && !wasConnected) bookChanged();
    wasConnected = connected;
  });
}
