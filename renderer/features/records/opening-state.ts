import { create } from 'zustand';

/**
 * What the next thing that opens should do with the focus. A record takes it (opened with Enter) or starts editing (`e`);
 * opened with the mouse it takes nothing, so that the arrow keys go on in the list. A list takes it when keys went there.
 */
export type Wish = 'heading' | 'edit' | 'list';

interface OpeningState {
  wished: Wish | null;
  wish: (what: Wish) => void;
  /** Answers the wish when it is one of these, and forgets it. */
  take: (...wishes: readonly Wish[]) => Wish | null;
}

export const useOpening = create<OpeningState>()((set, get) => ({
  wished: null,
  wish: (what) => set({ wished: what }),
  take: (...wishes) => {
    const { wished } = get();
    if (wished === null || !wishes.includes(wished)) return null;
    set({ wished: null });
    return wished;
  },
}));
