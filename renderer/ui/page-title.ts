import { useEffect } from 'react';

/** The title of the window: where it is, for the task bar and for screen readers. */
export function usePageTitle(place: string): void {
  useEffect(() => {
    document.title = `${place} – Fieldbook`;
  }, [place]);
}
