import type { Role } from '../header-words.ts';
import { dutch } from './nl.words.ts';
import { english } from './en.words.ts';
import { french } from './fr.words.ts';
import { german } from './de.words.ts';
import { italian } from './it.words.ts';
import { polish } from './pl.words.ts';
import { portuguese } from './pt.words.ts';
import { spanish } from './es.words.ts';

export type AddressGroup = 'billing' | 'shipping' | 'mailing' | 'business' | 'home' | 'other' | 'primary';

/**
 * How programs call the columns of their exports in a language, as they write it. They hold for whole names of columns; words
 * that people use in lists of their own, and that say something as a part of a name too, are in header-words.ts.
 */
export interface ProgramWords {
  columns: Partial<Record<Role, readonly string[]>>;
  /** What says whose part of an address a column is: "Hauptadresse" in "Hauptadresse Straße". */
  addresses: Partial<Record<AddressGroup, readonly string[]>>;
  /** Names of address columns that cannot be taken apart. */
  addressParts?: Partial<Record<AddressGroup, Partial<Record<Role, readonly string[]>>>>;
  /** What Pipedrive begins the names of its columns with: "Person - Telefon". */
  entities?: { person: string; organisation: string; name?: string };
  /** Columns that show a name once more. */
  names?: readonly string[];
  /** Columns that mean something else in the program that also has the column `beside` them, and not the one `without`; null: none of ours. */
  beside?: readonly { beside: string; column: string; means: Role | null; without?: string }[];
  /** Words that columns of dates begin a word with: whoever writes them puts the day before the month. */
  dates: readonly string[];
}

/** A language more is a file more, named here, and a file of exports to test it (test/fixtures/program-exports/). */
export const programWords: Readonly<Record<string, ProgramWords>> = {
  en: english,
  de: german,
  fr: french,
  es: spanish,
  it: italian,
  pt: portuguese,
  nl: dutch,
  pl: polish,
};
