import type { FieldInfo } from '../../shared/nouns/field.ts';
import type { OwnFieldTarget } from '../../shared/nouns/import-target.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import { inOrder, type OwnField, ownFieldInfo } from '../../shared/nouns/own-field/own-field.ts';
import type { BookReader } from './book.ts';

/** The own fields of a noun in their order, archived ones last. */
export function ownFieldsIn(book: Pick<BookReader, 'all'>, noun: NounName): OwnField[] {
  const live = [...book.all('ownFields')].filter((field) => field.deletedAt === null && field.noun === noun);
  return [...inOrder(live.filter(({ isArchived }) => !isArchived)), ...inOrder(live.filter(({ isArchived }) => isArchived))];
}

/** The own fields that columns of a file can go to. */
export function ownFieldTargets(book: Pick<BookReader, 'all'>): OwnFieldTarget[] {
  return [...book.all('ownFields')]
    .filter(({ deletedAt }) => deletedAt === null)
    .map(({ noun, key, label, fieldKind, choices, order }) => ({ noun, key, label, fieldKind, choices, order }));
}

export function ownFieldInfos(book: Pick<BookReader, 'all'>, noun: NounName): FieldInfo[] {
  return ownFieldsIn(book, noun).map(ownFieldInfo);
}
