import type { NounName } from '../../../shared/entities/nouns.ts';

/**
 * The form for a new record as it was left, kept in the page's own storage: it outlives a reload and a crash. It is not in
 * the book and goes with the browser profile; what is saved is in the book.
 */
export interface Draft {
  /** When it was last changed, ISO. */
  at: string;
  values: Record<string, unknown>;
  parentName: string | null;
}

const keyOf = (noun: NounName) => `fieldbook.draft.${noun}`;

export function readDraft(noun: NounName): Draft | null {
  try {
    const text = localStorage.getItem(keyOf(noun));
    const draft = text === null ? null : (JSON.parse(text) as Partial<Draft>);
    return draft !== null && typeof draft.at === 'string' && typeof draft.values === 'object' && draft.values !== null
      ? { at: draft.at, values: draft.values, parentName: draft.parentName ?? null }
      : null;
  } catch {
    // Unreadable or switched off: a form without a draft is all that is lost.
    return null;
  }
}

export function writeDraft(noun: NounName, draft: Draft | null): void {
  try {
    if (draft === null) localStorage.removeItem(keyOf(noun));
    else localStorage.setItem(keyOf(noun), JSON.stringify(draft));
  } catch {
    // The storage is full or switched off; the form itself still holds everything.
  }
}
