import { VisuallyHidden } from '@mantine/core';
import { useSyncExternalStore } from 'react';

/** What a screen reader is told of saves, undo and sync: one polite line that is always in the page. */
let said = { text: '', turn: 0 };
const listeners = new Set<() => void>();

export function announce(text: string): void {
  said = { text, turn: said.turn + 1 };
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Announcer() {
  const now = useSyncExternalStore(subscribe, () => said);
  // The same sentence twice is two events: a no-break space makes the second one a change.
  return (
    <VisuallyHidden role="status" aria-live="polite" data-testid="announcer">
      {now.text + (now.turn % 2 === 0 ? '\u00a0' : '')}
    </VisuallyHidden>
  );
}
