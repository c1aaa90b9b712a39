import { create } from 'zustand';

/**
 * What the next record that opens should do with the focus: take it (opened with Enter), or start editing (`e`).
 * Opened with the mouse it takes nothing, so that the arrow keys go on in the list.
 */
interface OpeningState {
  wished: 'heading' | 'edit' | null;
  wish: (what: 'heading' | 'edit') => void;
  take: () => 'heading' | 'edit' | null;
}

export const useOpening = create<OpeningState>()((set, get) => ({
  wished: null,
  wish: (what) => set({ wished: what }),
  take: () => {
    const { wished } = get();
    if (wished !== null) set({ wished: null });
    return wished;
  },
}));
