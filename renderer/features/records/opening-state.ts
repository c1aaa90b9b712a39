import { create } from 'zustand';

/**
 * What the next thing that opens should do with the focus. A record takes it (opened with Enter) or starts editing (`e`);
 * opened with the mouse it takes nothing, so that the arrow keys go on in the list. A list takes it when keys went there.
 */
export type Wish = 'heading' | 'edit' | 'list';

interface OpeningState {
  /** `target` is the id of the record, or the noun of the list, that the wish is meant for: nothing else may take it. */
  wished: { what: Wish; target: string } | null;
  wish: (what: Wish, target: string) => void;
  granted: () => void;
}

export const useOpening = create<OpeningState>()((set) => ({
  wished: null,
  wish: (what, target) => set({ wished: { what, target } }),
  granted: () => set({ wished: null }),
}));

/** Whether something that was asked for is on its way. */
export function isOpening(): boolean {
  return useOpening.getState().wished !== null;
}

/** What was wished of this one; null when nothing was. */
export function useWish(target: string): Wish | null {
  return useOpening((state) => (state.wished?.target === target ? state.wished.what : null));
}
