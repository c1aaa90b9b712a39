import { type NounName, nouns } from '../nouns/nouns.ts';
import { english } from './catalogue.en.ts';
import type { Names, Sentence } from './sentence.ts';
import { type Value, type Words, wordsIn } from './words.ts';

const kinds: Record<string, string> = { team: 'team', user: 'person' };

const names: Names = {
  singular: (noun) => kinds[noun] ?? nouns[noun as NounName].singular,
  plural: (noun) => nouns[noun as NounName].plural,
};

/** The one place where words become a sentence. */
export function say({ words, values }: Words): string {
  // What the words of an id are made of was checked where they were given (words.ts); a build before this one may have kept others.
  const sentence = english[words] as Sentence<Record<string, unknown>> | undefined;
  if (sentence === undefined) return words;
  if (typeof sentence === 'string') return sentence;
  return sentence(Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, saidOf(value)])), names);
}

/** What a schema says of a value. */
export function saySchema(message: string): string {
  const words = wordsIn(message);
  return words === null ? message : say(words);
}

function saidOf(value: Value): unknown {
  if (Array.isArray(value)) return value.map((one: string | Words) => saidOf(one));
  return typeof value === 'object' && value !== null ? say(value as Words) : value;
}
