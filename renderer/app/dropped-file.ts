import { create } from 'zustand';

/** A file that was dropped on the window, on its way to the import screen, which takes it from here. */
interface DroppedFileState {
  file: File | null;
  drop: (file: File) => void;
  take: () => File | null;
}

export const useDroppedFile = create<DroppedFileState>()((set, get) => ({
  file: null,
  drop: (file) => set({ file }),
  take: () => {
    const { file } = get();
    if (file !== null) set({ file: null });
    return file;
  },
}));
