/** Writers of an organisation wait for its lock one after the other; here they wait without a connection of the database each. */
export interface Turns {
  /** Runs the work when it is its turn; null where too many wait already. */
  take<T>(organisation: string, work: () => Promise<T>): Promise<T> | null;
}

export function createTurns(mostWaiting: number): Turns {
  const queues = new Map<string, { waiting: number; last: Promise<unknown> }>();
  return {
    take(organisation, work) {
      const queue = queues.get(organisation) ?? { waiting: 0, last: Promise.resolve() };
      if (queue.waiting >= mostWaiting) return null;
      queues.set(organisation, queue);
      queue.waiting += 1;
      const done = queue.last.then(work).finally(() => {
        queue.waiting -= 1;
        if (queue.waiting === 0) queues.delete(organisation);
      });
      queue.last = done.catch(() => {});
      return done;
    },
  };
}
