/** How many read at once: on one machine more of them than its processors can serve only get into each other's way. */
export interface Readers {
  /** Runs the work when it is its turn. */
  read<T>(work: () => Promise<T>): Promise<T>;
}

/** Who takes longer does not keep others waiting: a long list, a slow question. */
const PATIENCE_MS = 50;
const LOOK_MS = 25;

/** First come, first served. `most` may read at once, and more where some take long. */
export function createReaders(most: number): Readers {
  interface Turn {
    since: number;
    begin: () => void;
  }
  const reading = new Set<Turn>();
  const waiting: Turn[] = [];
  let timer: NodeJS.Timeout | null = null;

  function letIn(): void {
    while (reading.size < most) {
      const next = waiting.shift();
      if (next === undefined) return;
      next.since = performance.now();
      reading.add(next);
      next.begin();
    }
    if (waiting.length > 0) timer ??= setTimeout(lookAtTheLong, LOOK_MS);
  }

  function lookAtTheLong(): void {
    timer = null;
    const since = performance.now() - PATIENCE_MS;
    for (const turn of reading) if (turn.since <= since) reading.delete(turn);
    letIn();
  }

  return {
    async read(work) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const turn: Turn = { since: 0, begin: resolve };
      waiting.push(turn);
      letIn();
      await promise;
      try {
        return await work();
      } finally {
        reading.delete(turn);
        letIn();
      }
    },
  };
}
