import { create } from 'zustand';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import { readKept, writeKept } from '../../ui/kept-text.ts';

/** What can be written down by hand. */
export type EntryKind = 'comment' | 'call' | 'visit';

export interface Entry {
  kind: EntryKind;
  body: string;
  /** As the field has it, local: "2026-03-04T09:30". Empty means now. */
  when: string;
  minutes: string;
  /** People named in the text, by the name they were named with. */
  named: Record<string, string>;
  /** Files that are saved with it: taken in already, so that they outlive the window as the text does. */
  files: { fileId: string; name: string }[];
}

export const blankEntry: Entry = { kind: 'comment', body: '', when: '', minutes: '', named: {}, files: [] };

const keyOf = (noun: NounName, id: string) => `fieldbook.entry.${noun}.${id}`;

/** An entry as it was left. */
export function readEntry(noun: NounName, id: string): Entry {
  return { ...blankEntry, ...readKept<Entry>(keyOf(noun, id)) };
}

export function writeEntry(noun: NounName, id: string, entry: Entry): void {
  writeKept(keyOf(noun, id), isBlank(entry) ? null : entry);
}

/** Asked for from the keyboard: the entry of a record, of this kind, ready to be typed in. */
export const useEntryWish = create<{ wish: EntryKind | null; ask: (kind: EntryKind) => void; granted: () => void }>()((set) => ({
  wish: null,
  ask: (kind) => set({ wish: kind }),
  granted: () => set({ wish: null }),
}));

function isBlank({ body, when, minutes, files }: Entry): boolean {
  return body === '' && when === '' && minutes === '' && files.length === 0;
}
