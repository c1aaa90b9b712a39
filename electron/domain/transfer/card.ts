import type { Words } from '../../../shared/words/words.ts';

/** One property of a vCard, whatever version it was written in. */
export interface CardProperty {
  /** Ties properties together ("item1" in `item1.X-ABLabel`); null without one. */
  group: string | null;
  /** In lower case. */
  name: string;
  /** TYPE values in lower case: "work", "cell", "pref". A PREF parameter counts as "pref". */
  types: string[];
  /** PREF of vCard 4.0: 1 is preferred most, 100 least. */
  preference?: number;
  /** Its parts: one for plain text, several for lists (CATEGORIES) and structured values (N, ADR, ORG). */
  values: string[];
}

export interface Card {
  properties: CardProperty[];
  /** Lines that are not vCard; kept, so that nothing is lost. */
  leftovers: string[];
  /** Pictures, sounds and keys that were passed over. */
  binaries: number;
}

export type CardOutcome =
  | { card: Card; raw: string }
  /** The card cannot be imported. `title` is the best name for it that could be found. */
  | { problem: Words; title: string; raw: string };

/** Cards as they stand in the file; `first` is the number of the first one. */
export interface CardBatch {
  first: number;
  cards: CardOutcome[];
}
