import { type FieldInfo, isReference } from '../../../shared/nouns/field.ts';
import { fieldsOf, type NounName, parentsOf, plainReferences, titleOf } from '../../../shared/nouns/nouns.ts';
import { searchFold } from '../../../shared/lib/text.ts';
import type { BookReader } from '../book.ts';
import { fieldReader } from '../lists/field-values.ts';
import { dialled, isEmpty, labelOf, nationalDigits, phoneHolds } from '../lists/list-filter.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';

/** What search knows of a record. */
export interface RecordWords {
  /** Folded title, as a whole and in words. */
  title: string;
  titleWords: string[];
  /** Words of every other field that is not secret, and of the records it names. */
  words: string[];
  /** Digits of each phone; what was dialled before them does not count. */
  phones: string[];
}

/** One thing a text asks for: a word, or a number that may be a phone and was typed in groups. */
export interface Asked {
  words: string[];
  /** Digits to find inside a phone; empty where it cannot be one. */
  digits: string;
}

export function wordsIn(text: string): string[] {
  return searchFold(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** "anna 06 28-12" asks for "anna" and for the digits 62812, which may also stand as the words 06, 28 and 12. */
export function askedBy(text: string): Asked[] {
  const asked: Asked[] = [];
  for (const group of searchFold(text).match(/[+(]{0,3}\d[\d\s()+\-./]*(?![\p{L}\p{N}])|[\p{L}\p{N}]+/gu) ?? []) {
    const words = wordsIn(group);
    if (words.length === 0) continue;
    const digits = /\p{L}/u.test(group) ? '' : nationalDigits(group);
    asked.push({ words, digits: digits.length >= 3 ? digits : '' });
  }
  return asked;
}

interface SearchedField {
  field: FieldInfo;
  read: (record: StoredRecord) => unknown;
}

const searched = new Map<NounName, SearchedField[]>();

/** Every field that holds something a person would type; computed ones, yes/no and secret ones are left out. */
function searchedFields(noun: NounName): SearchedField[] {
  let fields = searched.get(noun);
  if (fields === undefined) {
    fields = fieldsOf(noun)
      .filter((field) => field.secret !== true && field.computed !== true && field.kind !== 'boolean' && !isReference(field))
      .map((field) => ({ field, read: fieldReader(noun, field.path, '') }));
    searched.set(noun, fields);
  }
  return fields;
}

export function recordWords(book: Pick<BookReader, 'get'>, noun: NounName, record: StoredRecord): RecordWords {
  const title = titleOf(noun, record);
  const texts: string[] = [];
  const phones: string[] = [];
  for (const { field, read } of searchedFields(noun)) {
    const value = read(record);
    if (isEmpty(value)) continue;
    if (field.kind === 'phone') {
      const digits = dialled(String(value));
      if (digits !== '') phones.push(digits);
      texts.push(String(value));
    } else if (Array.isArray(value)) texts.push(...value.map(String));
    else texts.push(labelOf(field, value));
  }
  for (const value of Object.values(record.custom)) if (typeof value === 'string' || typeof value === 'number') texts.push(String(value));
  for (const { of, id } of [...parentsOf(noun, record), ...plainReferences(noun, record)]) {
    const named = of === null ? undefined : book.get(of, id);
    if (of !== null && named !== undefined) texts.push(titleOf(of, named));
  }
  const titleWords = [...new Set(wordsIn(title))];
  const words = new Set(wordsIn(texts.join(' ')));
  for (const word of titleWords) words.delete(word);
  return { title: searchFold(title), titleWords, words: [...words], phones };
}

/** Tells whether one record holds all that is asked for. The index answers the same for many. */
export function holdsAll(known: RecordWords, asked: readonly Asked[]): boolean {
  const begins = (start: string) =>
    known.titleWords.some((word) => word.startsWith(start)) || known.words.some((word) => word.startsWith(start));
  return asked.every(
    ({ words, digits }) => (digits !== '' && known.phones.some((phone) => phoneHolds(phone, digits))) || words.every(begins),
  );
}
