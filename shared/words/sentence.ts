/** Words that are said inside other words, as a value of them: said before the sentence around them is. */
export type Said = string & { readonly isSaid?: true };

/** What the things of the book are called in the language that is spoken. */
export interface Names {
  /** Of a noun, or of a kind of entry in the directory: a team, a person. */
  singular(what: string): string;
  plural(noun: string): string;
}

/** What a person reads: as it is, or made of values. */
export type Sentence<Values> = string | ((values: Values, names: Names) => string);
