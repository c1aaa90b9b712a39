import { create } from 'zustand';
import type { NounName } from '../../../shared/nouns/nouns.ts';

/** The record that a new one is made from, the field that names it, and what else the new one starts with. */
export interface FormParent {
  field: string;
  id: string;
  name: string;
  values: Readonly<Record<string, unknown>>;
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
