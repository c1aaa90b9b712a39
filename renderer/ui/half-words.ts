import { createContext, useMemo, useRef } from 'react';

/** Takes what was typed and not chosen yet, as Enter would; false where nothing fits, which the field itself says. */
export type Settle = () => Promise<boolean>;

/** Pickers tell the form around them of words that are typed and not chosen, so that none is dropped when it is saved. */
export const HalfWords = createContext<{ add: (settle: Settle) => () => void } | null>(null);

export function useHalfWords() {
  const all = useRef(new Set<Settle>());
  return useMemo(
    () => ({
      around: {
        add(settle: Settle) {
          all.current.add(settle);
          return () => all.current.delete(settle);
        },
      },
      /** False where a field of the form refuses what is typed in it. */
      async settle(): Promise<boolean> {
        const settled = await Promise.all([...all.current].map((one) => one()));
        return !settled.includes(false);
      },
    }),
    [],
  );
}
