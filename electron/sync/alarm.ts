/** Rings once, at the earliest of the times that were asked for. */
export function createAlarm(ring: () => void) {
  let timer: NodeJS.Timeout | null = null;
  let dueAt = Number.POSITIVE_INFINITY;

  function clear(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    dueAt = Number.POSITIVE_INFINITY;
  }
  return {
    within(ms: number): void {
      const at = performance.now() + ms;
      if (at >= dueAt) return;
      clear();
      dueAt = at;
      timer = setTimeout(() => {
        clear();
        ring();
      }, ms);
      timer.unref();
    },
    clear,
  };
}
