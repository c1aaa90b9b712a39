import { create } from 'zustand';
import type { NounName } from '../../../shared/entities/nouns.ts';

/** The form for a new record: which noun, and the client it starts with. */
interface NewRecordState {
  open: { noun: NounName; clientId: string | null; clientName: string | null } | null;
  start: (noun: NounName, client?: { id: string; name: string }) => void;
  close: () => void;
}

export const useNewRecord = create<NewRecordState>()((set) => ({
  open: null,
  start: (noun, client) => set({ open: { noun, clientId: client?.id ?? null, clientName: client?.name ?? null } }),
  close: () => set({ open: null }),
}));
