import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { NounName } from '../../shared/nouns/nouns.ts';
import { searchFold } from '../../shared/lib/text.ts';
import { nationalDigits } from '../domain/lists/list-filter.ts';
import type { Asked, RecordWords } from '../domain/search/search-words.ts';
import { wordsIn } from '../domain/search/search-words.ts';
import { beginsNear, type Found, mayBeMistyped, startsNear, type WordIndex } from '../domain/search/word-index.ts';

/**
 * The words of every live record in SQLite's full-text index: beginnings of words are looked up, never looked through.
 * `ascii` takes a word as it is told, whatever its letters: folding and cutting into words happen before, in one place.
 * The index is without contents: what a record says stays in the record.
 */
export const wordTables = `
  create table entries (number integer primary key, noun text not null, id text not null, title text not null, name text not null) strict;
  create unique index entries_by_id on entries (noun, id);
  create index entries_by_title on entries (title, id);
  create index entries_by_name on entries (name);
  create table vocabulary (word text primary key) strict, without rowid;
  create virtual table words using fts5(
    title, body, content='', contentless_delete=1, detail=column, tokenize='ascii', prefix='1 2 3'
  );
`;

/** Stands before digits of a phone, which are looked for in their middle too: every end of a phone is a word. */
const phoneMark = '\u00b6';
const shortestDigits = 3;
/** Stands before a whole phone, with its country and as it is dialled at home. */
const wholePhoneMark = '\u00a7';
const shortestPhone = 6;
const longestCountryCode = 3;
/** Digits after a country: shorter numbers may be anybody's. */
const shortestNational = 8;
/** Of so many equally good hits the order by title is that of these alone; what begins with the text is always in order. */
const rankedAtMost = 1000;
/** Fewer hits than this, and words that are one typo away count too. */
const fewHits = 5;
const typosAtMost = 100;
const learnedAtMost = 20_000;

const inTitle = 1;
const wholeWord = 2;
const asTyped = 4;
const beginsTitle = 8;
/** The whole name, in any order of its words, or the whole number of a phone. */
const isWhole = 16;

interface Candidate extends Found {
  title: string;
  score: number;
}

/** Terms of the full-text index that stand for an asked word. */
type TermsOf = (word: string) => string[];

/** `writing` is called before each change. */
export function createWordStore(db: DatabaseSync, writing: () => void): WordIndex {
  const one = (sql: string) => {
    const statement = db.prepare(sql);
    return (...values: SQLInputValue[]) => statement.get(...values);
  };
  const many = (sql: string) => {
    const statement = db.prepare(sql);
    statement.setReturnArrays(true);
    // Rows come as arrays of the columns in the order of the statement.
    return (...values: SQLInputValue[]) => statement.all(...values) as unknown as SQLInputValue[][]; // setReturnArrays answers rows as arrays, which the types do not know
  };
  const run = (sql: string) => {
    const statement = db.prepare(sql);
    return (...values: SQLInputValue[]) => statement.run(...values);
  };
  /** Words known to be in the vocabulary: most of a record's words are those of others. */
  const learned = new Set<string>();
  const numberOf = one('select number from entries where noun = ? and id = ?');
  const addEntry = run('insert into entries (noun, id, title, name) values (?, ?, ?, ?)');
  const renameEntry = run('update entries set title = ?, name = ? where number = ?');
  const dropEntry = run('delete from entries where number = ?');
  const addWords = run('insert into words (rowid, title, body) values (?, ?, ?)');
  const dropWords = run('delete from words where rowid = ?');
  const learn = run('insert or ignore into vocabulary (word) values (?)');
  const wordsFrom = many('select word from vocabulary where word >= ? and word < ?');
  const countOf = one('select count(*) as total from words where words match ?');
  const hitsOf = many(
    'select number, noun, id, title from entries where number in (select rowid from words where words match ? limit ?) order by number',
  );
  const idsIn = many('select id from entries where number in (select rowid from words where words match ?) and noun = ?');
  const named = many('select number, noun, id, title from entries where name = ? limit ?');
  const titlesFrom = many('select number, noun, id, title from entries where title >= ? and title < ? order by title, id limit ?');

  function put(noun: NounName, id: string, known: RecordWords | null): void {
    writing();
    const found = numberOf(noun, id)?.['number'];
    if (found !== undefined) dropWords(found);
    if (known === null) {
      if (found !== undefined) dropEntry(found);
      return;
    }
    const { title, titleWords, words, phones } = known;
    const name = wholeName(titleWords);
    const number = found ?? addEntry(noun, id, title, name).lastInsertRowid;
    if (found !== undefined) renameEntry(title, name, found);
    for (const word of [...titleWords, ...words]) {
      if (learned.has(word)) continue;
      if (learned.size === learnedAtMost) learned.clear();
      learned.add(word);
      learn(word);
    }
    addWords(number, titleWords.join(' '), [...words, ...phones.flatMap(endsOf)].join(' '));
  }

  const total = (match: string) => Number(countOf(match)?.['total']);

  /** The words one typo away that the book has; with the word itself. */
  function termsNear(word: string): string[] {
    const exact = beginning(word);
    if (!mayBeMistyped(word)) return [exact];
    const near = new Set<string>();
    for (const start of startsNear(word)) {
      for (const [found] of wordsFrom(start, `${start}\u{10ffff}`)) {
        const text = String(found);
        if (near.size < typosAtMost && !text.startsWith(word) && beginsNear(text, word)) near.add(text);
      }
    }
    return [exact, ...[...near].map(quoted)];
  }

  function termsFor(asked: readonly Asked[]): { match: string; terms: TermsOf; isTypo: boolean; total: number } {
    const exact: TermsOf = (word) => [beginning(word)];
    const match = matchOf(asked, exact);
    const count = total(match);
    if (count >= fewHits || !asked.some(({ words }) => words.some(mayBeMistyped)))
      return { match, terms: exact, isTypo: false, total: count };
    const known = new Map<string, string[]>();
    const terms: TermsOf = (word) => {
      const found = known.get(word) ?? termsNear(word);
      known.set(word, found);
      return found;
    };
    const wide = matchOf(asked, terms);
    return { match: wide, terms, isTypo: true, total: wide === match ? count : total(wide) };
  }

  return {
    put,
    best(asked, text, limit) {
      const { match, terms, isTypo, total: count } = termsFor(asked);
      const words = [...new Set(asked.flatMap((one) => one.words))];
      const candidates = new Map<unknown, Candidate>();
      const take = (rows: SQLInputValue[][], bits: number) => {
        for (const [number, noun, id, title] of rows) {
          const known = candidates.get(number);
          if (known !== undefined) known.score |= bits;
          else candidates.set(number, { noun: noun as NounName, id: id as string, title: title as string, score: bits });
        }
      };
      // A record that has the one word asked for, in whatever way, is a hit: the rest need not be looked at with it.
      const isOneWord = asked.length === 1 && words.length === 1;
      const hits = (more: string, bits: number) =>
        take(hitsOf(more === '' ? match : isOneWord ? more : `(${match}) AND (${more})`, rankedAtMost), bits);
      const start = searchFold(text).trim();
      const digits = asked.length === 1 ? (asked[0]?.digits ?? '') : '';
      take(named(wholeName(words), rankedAtMost), isWhole | wholeWord | inTitle | asTyped);
      if (digits !== '') take(hitsOf(quoted(wholePhoneMark + digits), rankedAtMost), isWhole | asTyped);
      take(titlesFrom(start, `${start}\u{10ffff}`, limit), inTitle | beginsTitle | asTyped);
      hits(words.map(quoted).join(' OR '), wholeWord | asTyped);
      if (isTypo)
        hits(
          matchAny(asked, (word) => [beginning(word)]),
          asTyped,
        );
      hits(`title : (${words.flatMap(terms).join(' OR ')})`, inTitle | (isTypo ? 0 : asTyped));
      if (candidates.size < limit) hits('', isTypo ? 0 : asTyped);
      for (const candidate of candidates.values()) {
        if ((candidate.score & inTitle) === 0) continue;
        if (candidate.title.startsWith(start)) candidate.score |= beginsTitle;
        if (wordsIn(candidate.title).some((word) => words.includes(word))) candidate.score |= wholeWord;
      }
      const found = [...candidates.values()].toSorted(isBefore).slice(0, limit);
      return { found: found.map(({ noun, id }) => ({ noun, id })), total: count };
    },
    idsOf: (noun, asked) => idsIn(termsFor(asked).match, noun).map(([id]) => id as string),
  };
}

function isBefore(left: Candidate, right: Candidate): number {
  if (left.score !== right.score) return right.score - left.score;
  const [a, b] = left.title === right.title ? [left.id, right.id] : [left.title, right.title];
  return a < b ? -1 : a === b ? 0 : 1;
}

function wholeName(words: Iterable<string>): string {
  return [...new Set(words)].toSorted().join(' ');
}

const quoted = (word: string) => `"${word}"`;
const beginning = (word: string) => `"${word}" *`;

/** All that is asked for: each group as its words, or as digits in the middle of a phone. */
function matchOf(asked: readonly Asked[], terms: TermsOf): string {
  return asked.map((group) => `(${groupOf(group, terms)})`).join(' AND ');
}

function matchAny(asked: readonly Asked[], terms: TermsOf): string {
  return asked.map(({ words, digits }) => [...words.flatMap(terms), ...digitsTerm(digits)].join(' OR ')).join(' OR ');
}

function groupOf({ words, digits }: Asked, terms: TermsOf): string {
  const all = words.map((word) => `(${terms(word).join(' OR ')})`).join(' AND ');
  return [`(${all})`, ...digitsTerm(digits)].join(' OR ');
}

/** Digits in the middle of a phone; and a whole number with its country, where the phone was written without it. */
function digitsTerm(digits: string): string[] {
  if (digits === '') return [];
  const terms = [beginning(phoneMark + digits)];
  for (let at = 1; at <= longestCountryCode && digits.length - at >= shortestNational; at += 1)
    terms.push(quoted(wholePhoneMark + digits.slice(at)));
  return terms;
}

function endsOf(phone: string): string[] {
  const ends: string[] = [];
  for (let at = 0; at + shortestDigits <= phone.length; at += 1) ends.push(phoneMark + phone.slice(at));
  const whole = nationalDigits(phone);
  for (let at = 0; at <= longestCountryCode && (at === 0 || whole.length - at >= shortestPhone); at += 1)
    ends.push(wholePhoneMark + whole.slice(at));
  return ends;
}
