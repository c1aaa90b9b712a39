import type { CrmEvents } from '../../shared/contracts/api.ts';
import { crm } from './crm.ts';

export type Changed = CrmEvents['changed'];

/** Whether a change can make the answer to a question another one. A yes too many costs a question, a no too many shows what is no more. */
export type CanTouch = (change: Changed, answered: unknown) => boolean;

export const anyChange: CanTouch = () => true;

/**
 * Tells everything on screen that the book changed. The first change is passed on at once, those that follow within
 * the pause together: an import changes the book many times a second, and a list needs to be asked for only a few.
 */
const PAUSE_MS = 200;
/** An answer older than so many changes is asked for again, whatever they were. */
const KEPT = 100;

const listeners = new Set<() => void>();
let version = 0;
/** The last changes; null where nobody knows what it was. The newest made the book the version it has. */
const changes: (Changed | null)[] = [];
let pausedUntil = 0;
let timer: ReturnType<typeof setTimeout> | null = null;
let listening = false;

/** Counts up with every change of the book: what was asked for before one that can touch it is stale. */
export function bookVersion(): number {
  return version;
}

/** True where an answer of this version is as main would answer now. */
export function isStillTrue(since: number, canTouch: CanTouch, answered: unknown): boolean {
  if (since === version) return true;
  if (since < version - changes.length) return false;
  const missed = changes.slice(changes.length - (version - since));
  return !missed.some((change) => change === null || change.all || canTouch(change, answered));
}

export function onBookChanged(listener: () => void): () => void {
  start();
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Has what the change can touch asked for again; everything where it is not said, as after the line to main was lost and found. */
export function bookChanged(change: Changed | null = null): void {
  version += 1;
  changes.push(change);
  if (changes.length > KEPT) changes.shift();
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
  crm().on('changed', bookChanged);
  let wasConnected = true;
  crm().onConnection((connected) => {
    if (connected && !wasConnected) bookChanged();
    wasConnected = connected;
  });
}
