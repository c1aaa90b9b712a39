import { useEffect } from 'react';
import { focusLast, isFocusLost } from './last-focus.ts';

/** Stands in what opens over the page: when that goes with the focus in it, the focus goes back to where it was before. */
export function KeepFocus(): null {
  useEffect(
    () => () => {
      // After whoever closed it had the time to put the focus somewhere better.
      requestAnimationFrame(() => {
        if (isFocusLost()) focusLast();
      });
    },
    [],
  );
  return null;
}
