import type { NounName } from '../../shared/nouns/nouns.ts';
import { fold } from '../../shared/lib/text.ts';
import { nationalDigits } from './list-filter.ts';
import type { Asked, RecordWords } from './search-words.ts';

export interface Found {
  noun: NounName;
  id: string;
}

/**
 * An inverted index of words by their beginnings (docs/decisions/0003-own-search-index.md). A record that changes gets
 * a new number and its old one is dead: adding is a few pushes, and nothing is ever taken out of a long list.
 */
export interface WordIndex {
  add(noun: NounName, id: string, words: RecordWords): void;
  drop(noun: NounName, id: string): void;
  has(noun: NounName, id: string): boolean;
  /** True when so much of it is dead that a fresh one is worth its making. */
  isWorn(): boolean;
  /** The best `limit` records that hold all that is asked for, and how many do. `text` decides what comes first. */
  best(asked: readonly Asked[], text: string, limit: number): { found: Found[]; total: number };
  idsOf(noun: NounName, asked: readonly Asked[]): string[];
}

interface Token {
  text: string;
  /** Number of a record times two, plus one where the word is in its title. */
  entries: number[];
}

interface Numbered extends Found {
  title: string;
  wholeName: string;
  phones: string[];
}

/** Which numbers hold everything, and how well. */
interface Match {
  holds: Uint8Array;
  weight: Uint8Array;
  total: number;
}

const inTitle = 1;
const wholeWord = 2;
const asTyped = 4;
const beginsTitle = 8;
/** The whole name, in any order of its words, or the whole number of a phone. */
const isWhole = 16;

const bucketLength = 3;
/** Fewer hits than this, and words that are one typo away count too. */
const fewHits = 5;
const shortestTypo = 4;
const shortestPhone = 6;
const longestCountryCode = 3;
const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function createWordIndex(): WordIndex {
  const tokens = new Map<string, Token>();
  /** Tokens by their first three letters, and those lists by their first one and two. */
  const buckets = new Map<string, Token[]>();
  const shortStarts = new Map<string, Token[][]>();
  const numbered: (Numbered | null)[] = [];
  const numbers = new Map<string, number>();

  const keyOf = (noun: NounName, id: string) => `${noun}/${id}`;

  function tokenOf(text: string): Token {
    let token = tokens.get(text);
    if (token === undefined) {
      token = { text, entries: [] };
      tokens.set(text, token);
      bucketOf(text.slice(0, bucketLength)).push(token);
    }
    return token;
  }

  function bucketOf(start: string): Token[] {
    let bucket = buckets.get(start);
    if (bucket === undefined) {
      bucket = [];
      buckets.set(start, bucket);
      for (let length = 1; length < bucketLength && length <= start.length; length += 1) {
        const short = start.slice(0, length);
        const lists = shortStarts.get(short);
        if (lists === undefined) shortStarts.set(short, [bucket]);
        else lists.push(bucket);
      }
    }
    return bucket;
  }

  function eachToken(word: string, withTypo: boolean, each: (token: Token, weight: number) => void): void {
    const hit = (token: Token) => each(token, token.text === word ? asTyped | wholeWord : asTyped);
    if (word.length < bucketLength) {
      for (const bucket of shortStarts.get(word) ?? []) for (const token of bucket) hit(token);
      return;
    }
    for (const token of buckets.get(word.slice(0, bucketLength)) ?? []) if (token.text.startsWith(word)) hit(token);
    if (!withTypo || !mayBeMistyped(word)) return;
    for (const start of startsNear(word)) {
      for (const token of buckets.get(start) ?? []) if (!token.text.startsWith(word) && beginsNear(token.text, word)) each(token, 0);
    }
  }

  function match(asked: readonly Asked[], withTypo: boolean): Match {
    const size = numbered.length;
    const weight = new Uint8Array(size);
    const holds = new Uint8Array(size).fill(1);
    for (const { words, digits } of asked) {
      const held = new Uint8Array(size);
      words.forEach((word, at) => {
        eachToken(word, withTypo, ({ entries }, tokenWeight) => {
          for (const entry of entries) {
            const number = entry >>> 1;
            if (held[number] === at) held[number] = at + 1;
            if (held[number] === at + 1) weight[number] = (weight[number] as number) | tokenWeight | (entry & inTitle);
          }
        });
      });
      const hasPhone =
        digits === '' ? () => false : (number: number) => numbered[number]?.phones.some((phone) => phone.includes(digits)) === true;
      for (let number = 0; number < size; number += 1) {
        if (holds[number] === 0 || held[number] === words.length) continue;
        if (hasPhone(number)) weight[number] = (weight[number] as number) | asTyped;
        else holds[number] = 0;
      }
    }
    let total = 0;
    for (let number = 0; number < size; number += 1) {
      if (holds[number] === 0) continue;
      if (numbered[number] === null) holds[number] = 0;
      else total += 1;
    }
    return { holds, weight, total };
  }

  function matchWell(asked: readonly Asked[]): Match {
    const exact = match(asked, false);
    const mayBeTypo = exact.total < fewHits && asked.some(({ words }) => words.some(mayBeMistyped));
    return mayBeTypo ? match(asked, true) : exact;
  }

  return {
    add(noun, id, { title, titleWords, words, phones }) {
      const number = numbered.length;
      numbered.push({ noun, id, title, wholeName: wholeName(titleWords), phones });
      numbers.set(keyOf(noun, id), number);
      for (const word of titleWords) tokenOf(word).entries.push(number * 2 + inTitle);
      for (const word of words) tokenOf(word).entries.push(number * 2);
    },
    drop(noun, id) {
      const number = numbers.get(keyOf(noun, id));
      if (number === undefined) return;
      numbers.delete(keyOf(noun, id));
      numbered[number] = null;
    },
    has: (noun, id) => numbers.has(keyOf(noun, id)),
    isWorn: () => numbered.length > 5000 && numbers.size < numbered.length * 0.7,
    best(asked, text, limit) {
      const { holds, weight, total } = matchWell(asked);
      const start = fold(text).trim();
      const askedName = wholeName(asked.flatMap(({ words }) => words));
      const digits = asked.length === 1 ? (asked[0]?.digits ?? '') : '';
      const best: { at: Numbered; score: number }[] = [];
      for (let number = 0; number < holds.length; number += 1) {
        if (holds[number] === 0) continue;
        const at = numbered[number] as Numbered;
        let score = weight[number] as number;
        if ((score & inTitle) !== 0 && at.title.startsWith(start)) score |= beginsTitle;
        if (at.wholeName === askedName || (digits !== '' && at.phones.some((phone) => isSamePhone(nationalDigits(phone), digits))))
          score |= isWhole;
        if (best.length === limit && !isBefore(at, score, best[limit - 1] as { at: Numbered; score: number })) continue;
        let place = best.length;
        while (place > 0 && isBefore(at, score, best[place - 1] as { at: Numbered; score: number })) place -= 1;
        best.splice(place, 0, { at, score });
        if (best.length > limit) best.pop();
      }
      return { found: best.map(({ at: { noun, id } }) => ({ noun, id })), total };
    },
    idsOf(noun, asked) {
      const { holds } = matchWell(asked);
      const ids: string[] = [];
      for (let number = 0; number < holds.length; number += 1) {
        const at = numbered[number];
        if (holds[number] === 1 && at?.noun === noun) ids.push(at.id);
      }
      return ids;
    },
  };
}

/** Digits are meant as they are typed: a number that is one off is another number. */
function mayBeMistyped(word: string): boolean {
  return word.length >= shortestTypo && !/\p{N}/u.test(word);
}

/** The same number, with its country or as it is dialled at home. */
function isSamePhone(left: string, right: string): boolean {
  const [short, long] = left.length < right.length ? [left, right] : [right, left];
  return short === long || (short.length >= shortestPhone && long.length - short.length <= longestCountryCode && long.endsWith(short));
}

function wholeName(words: Iterable<string>): string {
  return [...new Set(words)].toSorted().join(' ');
}

function isBefore(at: Numbered, score: number, other: { at: Numbered; score: number }): boolean {
  if (score !== other.score) return score > other.score;
  return at.title === other.at.title ? at.id < other.at.id : at.title < other.at.title;
}

/** First letters that a word one typo away from `word` can have. */
function startsNear(word: string): Set<string> {
  const starts = new Set([word.slice(0, bucketLength)]);
  const add = (variant: string) => starts.add(variant.slice(0, bucketLength));
  for (let at = 0; at < bucketLength; at += 1) {
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
