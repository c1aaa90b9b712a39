import { create } from 'zustand';

/** Files that were dropped on the window, on their way to the import screen, which takes them from here. */
interface DroppedFileState {
  files: readonly File[];
  drop: (files: readonly File[]) => void;
  take: () => readonly File[];
}

export const useDroppedFile = create<DroppedFileState>()((set, get) => ({
  files: [],
  drop: (files) => set({ files }),
  take: () => {
    const { files } = get();
    if (files.length > 0) set({ files: [] });
    return files;
  },
}));
