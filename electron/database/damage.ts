import type { NoticeBoard } from './notices.ts';

/** What was found damaged or missing in the book's files, and the sentences about it. */
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
  /** The end of a sentence about damage: that nothing is lost, where that was compared and is so; else nothing. */
  nothingLost(): string;
}

export interface FoundDamage {
  checkpoints: number;
  /** Files with journal lines that could not be read. */
  lineFiles: readonly string[];
  isJournalShort: boolean;
  /** The newest segment ended in the middle of a write. */
  wasCut: boolean;
  /** Numbers missing since this start. */
  missing: Iterable<number>;
  /** Numbers whose loss an earlier start has told of, and those of a past that the records no longer need. */
  missingBefore: Iterable<number>;
  /** What was saved last, as the manifest has it, is newer than all that was read, whatever the numbers say. */
  isBehind: boolean;
  /** What was read goes as far as the manifest, which was there. */
  isCompared: boolean;
  /** The newest backup of this book. */
  backup: KnownBackup | null;
}

export interface KnownBackup {
  madeAt: string;
  /** Number of the newest operation in it. */
  seq: number;
}

const lineNotice = 'journal-damaged';
const checkpointNotice = 'checkpoint-damaged';
const cutNotice = 'journal-cut';
const shortNotice = 'journal-short';

export function damageOf(first: FoundDamage, board: NoticeBoard): Damage {
  const newlyMissing = new Set(first.missing);
  const missing = new Set([...newlyMissing, ...first.missingBefore]);
  // A damaged line at the very end leaves no gap in the numbers, and neither does one that only its stamp speaks of.
  let unread = Math.max(newlyMissing.size, first.lineFiles.length, first.isBehind ? 1 : 0);
  let isSearched = false;
  let { isCompared } = first;
  let isFresh = first.checkpoints > 0 || unread > 0 || first.isJournalShort;

  const nothingLost = () => (isCompared && missing.size === 0 && unread === 0 ? ' Nothing is lost.' : '');

  const tellOfLoss = () => {
    const them = unread === 1 ? 'it' : 'them';
    const changes = unread === 1 ? 'One saved change' : `${unread} saved changes`;
    const isDamaged = first.lineFiles.length > 0;
    const was = isDamaged
      ? unread === 1
        ? 'was damaged on the disk'
        : 'were damaged on the disk'
      : `${unread === 1 ? 'is' : 'are'} missing from the data folder`;
    const rest = isDamaged ? 'Everything else is there, and Fieldbook' : 'Fieldbook';
    const search = isSearched
      ? ` and the database does not have ${them} either.${isDamaged ? ' Everything else is there.' : ''}`
      : `. ${rest} looks for ${them} in the database.`;
    const kept = isDamaged ? ` What is left of ${them} is kept in the folder "journal" (${first.lineFiles.slice(0, 3).join(', ')}).` : '';
    board.post({ id: lineNotice, level: 'warning', text: `${changes} ${was}${search}${kept}${offer(them)} Check the disk soon.` });
  };

  const offer = (them: string) => {
    if (newlyMissing.size === 0 || !isSearched) return '';
    const { backup } = first;
    const inBackup = backup === null ? 0 : [...newlyMissing].filter((seq) => seq <= backup.seq).length;
    if (backup === null || inBackup === 0) return ` No backup has ${them} either.`;
    const which = inBackup === unread ? them : `${inBackup} of them`;
    return ` The backup of ${dayAndTime(backup.madeAt)} has ${which}: under "Backups and check" in Settings it can be restored, which takes the book back to that moment.`;
  };

  const tellOfCheckpoint = () =>
    board.post({
      id: checkpointNotice,
      level: 'info',
      text: `A saved copy of the book was damaged on the disk. The book was put together from an older copy and the journal.${nothingLost()}`,
    });

  const tellOfCut = () =>
    board.post({
      id: cutNotice,
      level: 'info',
      text: isSearched
        ? 'Fieldbook was ended while it wrote its last change, which was dropped. It had not been confirmed as saved, and the database does not have it.'
        : 'Fieldbook was ended while it wrote its last change, which was dropped. It looks in the database whether that was saved.',
    });

  const tellAgain = (id: string, tell: () => void) => {
    // Dismissed, it does not come back.
    if (board.list().some((notice) => notice.id === id)) tell();
  };

  if (unread > 0) tellOfLoss();
  else if (first.wasCut) tellOfCut();
  if (first.checkpoints > 0) tellOfCheckpoint();
  if (first.isJournalShort) {
    const records = unread === 0 ? ' The records are there as they were saved, but the history of some may not be.' : '';
    board.post({ id: shortNotice, level: 'warning', text: `Files are missing from the folder "journal".${records}` });
  }

  return {
    missing,
    isFresh: () => isFresh,
    checkpointWritten: () => {
      isFresh = false;
    },
    nothingLost,
    found(sequences) {
      const had = missing.size + unread;
      const wasDamaged = first.lineFiles.length > 0 || (!first.isJournalShort && [...first.missingBefore].length > 0);
      isCompared = true;
      for (const seq of sequences) {
        missing.delete(seq);
        newlyMissing.delete(seq);
      }
      unread = Math.max(newlyMissing.size, unread - sequences.length);
      if (missing.size === 0) board.remove(shortNotice);
      board.remove(cutNotice);
      if (unread > 0) return tellOfLoss();
      const what = had > 0 && wasDamaged ? 'were damaged on the disk' : 'were missing from the folder "journal"';
      const check = had > 0 && wasDamaged ? ' Check the disk soon.' : '';
      board.post({
        id: lineNotice,
        level: 'info',
        text: `Saved changes ${what} and have been found again in the database.${nothingLost()}${check}`,
      });
    },
    searched() {
      if (isSearched) return;
      isSearched = true;
      isCompared = true;
      if (unread > 0) tellOfLoss();
      tellAgain(cutNotice, tellOfCut);
      tellAgain(checkpointNotice, tellOfCheckpoint);
    },
  };
}

const dayAndTime = (instant: string) =>
  new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant));
