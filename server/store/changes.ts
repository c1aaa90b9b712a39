/** Tells, inside one process, which organisation has something new. Only after the transaction that wrote it has ended. */
export interface Changes {
  tell(organisation: string): void;
  /** Answers how to stop listening. */
  listen(listener: (organisation: string) => void): () => void;
}

export function createChanges(): Changes {
  const listeners = new Set<(organisation: string) => void>();
  return {
    tell(organisation) {
      for (const listener of listeners) listener(organisation);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
