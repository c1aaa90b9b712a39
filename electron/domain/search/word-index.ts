import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { Asked, RecordWords } from './search-words.ts';

export interface Found {
  noun: NounName;
  id: string;
}

/** The words of every live record. What it holds may be thrown away: it is made anew from the book. */
export interface WordIndex {
  /** The record's words as they are now; null takes it out. */
  put(noun: NounName, id: string, words: RecordWords | null): void;
  /** The best `limit` records that hold all that is asked for, and how many do. `text` decides what comes first. */
  best(asked: readonly Asked[], text: string, limit: number): { found: Found[]; total: number };
  idsOf(noun: NounName, asked: readonly Asked[]): string[];
}

/** How many letters of a word that may be mistyped are tried out. */
const startLength = 3;
const shortestTypo = 4;
const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Digits are meant as they are typed: a number that is one off is another number. */
export function mayBeMistyped(word: string): boolean {
  return word.length >= shortestTypo && !/\p{N}/u.test(word);
}

/** First letters that a word one typo away from `word` can have. */
export function startsNear(word: string): Set<string> {
  const starts = new Set([word.slice(0, startLength)]);
  const add = (variant: string) => starts.add(variant.slice(0, startLength));
  for (let at = 0; at < startLength; at += 1) {
    const before = word.slice(0, at);
    add(before + word.slice(at + 1));
    add(before + (word[at + 1] ?? '') + (word[at] ?? '') + word.slice(at + 2));
    for (const letter of alphabet) {
      add(before + letter + word.slice(at + 1));
      add(before + letter + word.slice(at));
    }
  }
  return starts;
}

/** True when `text` begins with something one typo away from `word`: a letter wrong, too many, missing, or two swapped. */
export function beginsNear(text: string, word: string): boolean {
  let at = 0;
  while (at < word.length && text[at] === word[at]) at += 1;
  if (at === word.length) return true;
  return (
    text.startsWith(word.slice(at + 1), at + 1) ||
    text.startsWith(word.slice(at + 1), at) ||
    text.startsWith(word.slice(at), at + 1) ||
    (text[at] === word[at + 1] && text[at + 1] === word[at] && text.startsWith(word.slice(at + 2), at + 2))
  );
}
