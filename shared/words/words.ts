import type { english } from './catalogue.en.ts';
import type { Names } from './sentence.ts';

type English = typeof english;

/** Every sentence has an id: `area.whatItSays`. */
export type WordsId = keyof English;

type ValuesOf<Id extends WordsId> = English[Id] extends (values: infer Values, names: Names) => string ? Values : null;

/** What a sentence is made of. Nothing but JSON: it crosses between processes, and is kept in files. */
export type Value = string | number | boolean | null | Words | readonly (string | Words)[];

/** What is to be said, for whoever says it in the language of the person (say.ts): an id, and the values it speaks of. */
export interface Words {
  words: WordsId;
  values?: Readonly<Record<string, Value>>;
}

/** A string in a sentence may be words of their own. */
type Given<Values> = { readonly [Name in keyof Values]: Values[Name] extends string ? Values[Name] | Words : Values[Name] };

/** Values are asked for where the sentence has some. */
type AskedFor<Id extends WordsId> = English[Id] extends string ? [] : [values: Given<ValuesOf<Id>>];

export function words<Id extends WordsId>(id: Id, ...[values]: AskedFor<Id>): Words {
  return values === undefined ? { words: id } : { words: id, values: values as Record<string, Value> };
}

/** What a problem says, without its code and what else it carries. */
export const wordsOf = ({ words: id, values }: Words): Words => (values === undefined ? { words: id } : { words: id, values });

/** A schema's message is a string: there, words stand as JSON. Whoever shows or answers what a schema says reads them back. */
export function schemaWords<Id extends WordsId>(id: Id, ...values: AskedFor<Id>): string {
  return JSON.stringify(words(id, ...values));
}

/** The words of a schema's message; null where zod speaks for itself. */
export function wordsIn(message: string): Words | null {
  return message.startsWith('{"words":"') ? (JSON.parse(message) as Words) : null;
}
