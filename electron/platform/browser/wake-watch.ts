/** How often is looked, and how much later than that is a sleep and not a busy computer. */
const LOOK_EVERY_MS = 5000;
const SLEEP_MS = 15_000;

/**
 * Node is not told when the computer wakes up. Timers stand still while it sleeps, so one that comes much too late means
 * that it did. A clock that was set forward looks the same, and is worth the same look.
 */
export function createWakeWatch(now: () => number = Date.now): (listener: () => void) => () => void {
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | null = null;
  let last = 0;

  const look = () => {
    const slept = now() - last > LOOK_EVERY_MS + SLEEP_MS;
    last = now();
    if (slept) for (const listener of listeners) listener();
  };
  return (listener) => {
    listeners.add(listener);
    if (timer === null) {
      last = now();
      timer = setInterval(look, LOOK_EVERY_MS);
      timer.unref();
    }
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || timer === null) return;
      clearInterval(timer);
      timer = null;
    };
  };
}
