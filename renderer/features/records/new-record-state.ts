import { create } from 'zustand';
import type { NounName } from '../../../shared/entities/nouns.ts';

/** The record that a new one is made from, and the field that names it. */
export interface FormParent {
  field: string;
  id: string;
  name: string;
}

/** The form for a new record: which noun, and what it hangs on. */
interface NewRecordState {
  open: { noun: NounName; parent: FormParent | null } | null;
  start: (noun: NounName, parent?: FormParent) => void;
  close: () => void;
}

export const useNewRecord = create<NewRecordState>()((set) => ({
  open: null,
  start: (noun, parent) => set({ open: { noun, parent: parent ?? null } }),
  close: () => set({ open: null }),
}));
