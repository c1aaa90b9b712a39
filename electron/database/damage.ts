import type { NoticeBoard } from './notices.ts';

/** What was found damaged in the book's files, and the sentence about it. */
export interface Damage {
  /** Numbers of operations the journal should have and has not. */
  readonly missing: ReadonlySet<number>;
  /** True while a checkpoint written now would spare the next start from reading damage. */
  isFresh(): boolean;
  checkpointWritten(): void;
  /** Operations that were found elsewhere and are in the journal again. */
  found(sequences: readonly number[]): void;
  /** The database has been looked through: what is missing now stays missing. */
  searched(): void;
}

export interface FoundDamage {
  checkpoints: number;
  /** Files with journal lines that could not be read. */
  lineFiles: readonly string[];
  isJournalShort: boolean;
  /** Numbers missing since this start. */
  missing: Iterable<number>;
  /** Numbers whose loss an earlier start has told of. */
  missingBefore: Iterable<number>;
}

export function damageOf(first: FoundDamage, board: NoticeBoard): Damage {
  const newlyMissing = new Set(first.missing);
  const missing = new Set([...newlyMissing, ...first.missingBefore]);
  // A damaged line at the very end leaves no gap in the numbers.
  let unread = Math.max(newlyMissing.size, first.lineFiles.length);
  let isSearched = false;
  let isFresh = first.checkpoints > 0 || unread > 0 || first.isJournalShort;

  const tell = () => {
    if (unread === 0) {
      board.post({
        id: 'journal-damaged',
        level: 'info',
        text: 'Saved changes were damaged on the disk and have been found again in the database. Nothing is lost. Check the disk soon.',
      });
      return;
    }
    const what = unread === 1 ? 'One saved change was damaged on the disk' : `${unread} saved changes were damaged on the disk`;
    const them = unread === 1 ? 'it' : 'them';
    const search = isSearched
      ? ` and the database does not have ${them} either. Everything else is there.`
      : `. Everything else is there, and Fieldbook looks for ${them} in the database.`;
    const kept =
      first.lineFiles.length === 0
        ? ''
        : ` What is left of ${them} is kept in the folder "journal" (${first.lineFiles.slice(0, 3).join(', ')}).`;
    board.post({ id: 'journal-damaged', level: 'warning', text: `${what}${search}${kept} Check the disk soon.` });
  };

  if (unread > 0) tell();
  if (first.checkpoints > 0) {
    board.post({
      id: 'checkpoint-damaged',
      level: 'info',
      text: 'A saved copy of the book was damaged on the disk. The book was put together from an older copy and the journal. Nothing is lost.',
    });
  }
  if (first.isJournalShort) {
    board.post({
      id: 'journal-short',
      level: 'warning',
      text: 'Files are missing from the folder "journal". The book is complete, but the history of some records may not be.',
    });
  }

  return {
    missing,
    isFresh: () => isFresh,
    checkpointWritten: () => {
      isFresh = false;
    },
    found(sequences) {
      const had = missing.size + unread;
      for (const seq of sequences) {
        missing.delete(seq);
        newlyMissing.delete(seq);
      }
      unread = Math.max(newlyMissing.size, unread - sequences.length);
      if (had > 0) tell();
      else
        board.post({
          id: 'journal-damaged',
          level: 'info',
          text: 'Saved changes were missing from the folder "journal" and have been found again in the database. Nothing is lost.',
        });
    },
    searched() {
      if (isSearched || unread === 0) return;
      isSearched = true;
      tell();
    },
  };
}
