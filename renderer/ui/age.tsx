import { useSyncExternalStore } from 'react';
import { formatAge, formatInstant } from './field-text.ts';

/** "5 minutes ago" has to become "6 minutes ago" by itself: one clock for all ages on screen. */
const TICK_MS = 30_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === null) {
    now = Date.now();
    timer = setInterval(tick, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** How long ago something was, with the instant itself on hover. */
export function Age({ instant }: { instant: string }) {
  const current = useSyncExternalStore(subscribe, () => now);
  // The clock ticks twice a minute; what happened since the last tick is "just now" and not in the future.
  return (
    <time dateTime={instant} title={formatInstant(instant)}>
      {formatAge(instant, Math.max(current, Date.parse(instant) || 0))}
    </time>
  );
}
