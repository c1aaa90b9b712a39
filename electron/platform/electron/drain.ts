/** Longest time that quitting waits for what is being written. */
export const DRAIN_LIMIT_MS = 5_000;

/**
 * Quitting waits once for everything to be written, at most five seconds; whatever was acknowledged is in the journal by
 * then anyway (invariant 1). Asking again while it waits changes nothing.
 */
export interface Drain {
  add(work: () => Promise<void>): void;
  isDone(): boolean;
  /** Starts at the first call; resolves for all callers, never rejects. */
  run(): Promise<void>;
}

export function createDrain(limitMs: number = DRAIN_LIMIT_MS): Drain {
  const works: (() => Promise<void>)[] = [];
  let running: Promise<void> | null = null;
  let done = false;

  const run = async () => {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    // A work that fails must not keep the others from being waited for, nor the app from closing.
    await Promise.race([Promise.allSettled(works.map(async (work) => work())), limit]);
    clearTimeout(timer);
    done = true;
  };

  return {
    add: (work) => {
      works.push(work);
    },
    isDone: () => done,
    run: () => {
      running ??= run();
      return running;
    },
  };
}
