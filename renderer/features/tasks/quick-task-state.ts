import { create } from 'zustand';

/** The task that is being written in two fields, and the client it is for. */
interface QuickTaskState {
  open: { clientId: string | null; clientName: string | null } | null;
  start: (client: { clientId: string; clientName: string } | null) => void;
  close: () => void;
}

export const useQuickTask = create<QuickTaskState>()((set) => ({
  open: null,
  start: (client) => set({ open: client ?? { clientId: null, clientName: null } }),
  close: () => set({ open: null }),
}));
