import { create } from 'zustand';
import { type NounName, perNoun } from '../../../shared/nouns/nouns.ts';
import type { ListSearch } from './list-search.ts';

/** Where a person stands in a list: the row the keys move, and the rows that are ticked. View state only, kept by nobody. */
interface ListPlace {
  /** Place of the cursor in the list; the record may change under it when the list is sorted anew. */
  index: number;
  /** How many rows the list has; 0 until it is known. */
  total: number;
  selected: ReadonlySet<string>;
  /** Where a range of ticks starts (Shift). */
  anchor: number;
}

interface ListState {
  places: Record<NounName, ListPlace>;
  /** What each list was last asked for: who comes back to it finds it as it was left. */
  left: Record<NounName, ListSearch>;
  leave: (noun: NounName, search: ListSearch) => void;
  move: (noun: NounName, index: number) => void;
  count: (noun: NounName, total: number) => void;
  select: (noun: NounName, ids: ReadonlySet<string>, anchor?: number) => void;
}

const start: ListPlace = { index: -1, total: 0, selected: new Set(), anchor: -1 };

export const useListState = create<ListState>()((set) => ({
  places: perNoun(() => start),
  left: perNoun(() => ({})),
  leave: (noun, search) => set((state) => ({ left: { ...state.left, [noun]: search } })),
  move: (noun, index) => set((state) => ({ places: { ...state.places, [noun]: { ...state.places[noun], index } } })),
  count: (noun, total) => set((state) => ({ places: { ...state.places, [noun]: { ...state.places[noun], total } } })),
  select: (noun, ids, anchor) =>
    set((state) => ({
      places: { ...state.places, [noun]: { ...state.places[noun], selected: ids, anchor: anchor ?? state.places[noun].anchor } },
    })),
}));
