import type { NounName } from '../../../shared/nouns/nouns.ts';
import { readKept, writeKept } from '../../ui/kept-text.ts';

/** The form for a new record as it was left. */
export interface Draft {
  /** When it was last changed, ISO. */
  at: string;
  values: Record<string, unknown>;
  parentName: string | null;
}

const keyOf = (noun: NounName) => `fieldbook.draft.${noun}`;

export function readDraft(noun: NounName): Draft | null {
  const draft = readKept<Draft>(keyOf(noun));
  return draft !== null && typeof draft.at === 'string' && draft.values instanceof Object
    ? { at: draft.at, values: draft.values, parentName: draft.parentName ?? null }
    : null;
}

export function writeDraft(noun: NounName, draft: Draft | null): void {
  writeKept(keyOf(noun), draft);
}
