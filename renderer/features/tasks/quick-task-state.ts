import { create } from 'zustand';

/** The task that is being written in two fields, and the client it is for. */
interface QuickTaskState {
  open: { clientId: string | null; clientName: string | null; day: string | null } | null;
  /** @param day it is due on, where one is meant already */
  start: (client: { clientId: string; clientName: string } | null, day?: string) => void;
  close: () => void;
}

export const useQuickTask = create<QuickTaskState>()((set) => ({
  open: null,
  start: (client, day) => set({ open: { clientId: null, clientName: null, ...client, day: day ?? null } }),
  close: () => set({ open: null }),
}));
