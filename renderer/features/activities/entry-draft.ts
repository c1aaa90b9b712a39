import { create } from 'zustand';
import type { NounName } from '../../../shared/entities/nouns.ts';

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
}

export const blankEntry: Entry = { kind: 'comment', body: '', when: '', minutes: '', named: {} };

const keyOf = (noun: NounName, id: string) => `fieldbook.entry.${noun}.${id}`;

/** An entry as it was left, kept in the page's own storage: it outlives a reload and a crash. */
export function readEntry(noun: NounName, id: string): Entry {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(noun, id)) ?? 'null') as Partial<Entry> | null;
    return kept === null || typeof kept !== 'object' ? blankEntry : { ...blankEntry, ...kept };
  } catch {
    // Unreadable or switched off: an empty form is all that is lost.
    return blankEntry;
  }
}

export function writeEntry(noun: NounName, id: string, entry: Entry): void {
  try {
    if (entry.body === '' && entry.when === '' && entry.minutes === '') localStorage.removeItem(keyOf(noun, id));
    else localStorage.setItem(keyOf(noun, id), JSON.stringify(entry));
  } catch {
    // The storage is full or switched off; the form itself still holds everything.
  }
}

/** Asked for from the keyboard: the entry of a record, of this kind, ready to be typed in. */
export const useEntryWish = create<{ wish: EntryKind | null; ask: (kind: EntryKind) => void; granted: () => void }>()((set) => ({
  wish: null,
  ask: (kind) => set({ wish: kind }),
  granted: () => set({ wish: null }),
}));
