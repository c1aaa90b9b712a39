import { type NounName, nouns } from './nouns.ts';

/**
 * What a noun's definition says of rights (define-noun.ts), as answers. Whoever serves a door asks here and nowhere else: the REST
 * dialects, push, attachments. Who sees a record is `seenBy` of the same definition (server/auth/visibility.ts).
 */
export type Role = 'admin' | 'manager' | 'member';

export interface Somebody {
  userId: string;
  role: Role;
}

/** Who did it, where that counts; else who wrote it down. */
export function authorOf(record: object): string | null {
  const { authorId, createdBy } = record as { authorId?: string | null; createdBy?: string };
  return authorId ?? createdBy ?? null;
}

/** Whether somebody who sees the record may change it; without one, whether they may make one. */
export function mayWrite(by: Somebody, noun: NounName, record: object | null): boolean {
  return isAllowed(nouns[noun].writtenBy, by, record);
}

/** Whether somebody who sees the record may delete it, or bring it back, by itself. What goes along with another is not asked. */
export function mayDelete(by: Somebody, noun: NounName, record: object): boolean {
  return isAllowed(nouns[noun].deletedBy, by, record);
}

/** Nouns whose records are of whoever wrote them: nobody says of a record that a colleague wrote it. */
export function hasAuthor(noun: NounName): boolean {
  return nouns[noun].writtenBy === 'author';
}

function isAllowed(who: 'seers' | 'author' | 'managers' | 'admins', { userId, role }: Somebody, record: object | null): boolean {
  if (role === 'admin') return true;
  switch (who) {
    case 'seers':
      return true;
    case 'author':
      return record === null || authorOf(record) === userId;
    case 'managers':
      return role === 'manager';
    case 'admins':
      return false;
  }
}
