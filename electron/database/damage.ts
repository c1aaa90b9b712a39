import { words } from '../../shared/words/words.ts';
import type { NoticeBoard } from './notices.ts';

/** What was found damaged or missing in the book's files, and the notices about it. */
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
  /** That nothing is lost was compared, and is so. */
  isWhole(): boolean;
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

  const isWhole = () => isCompared && missing.size === 0 && unread === 0;

  const tellOfLoss = () => {
    const { backup } = first;
    const inBackup = backup === null ? 0 : [...newlyMissing].filter((seq) => seq <= backup.seq).length;
    const isOffered = newlyMissing.size > 0 && isSearched;
    board.post({
      id: lineNotice,
      level: 'warning',
      text: words('notices.changesLost', {
        count: unread,
        files: first.lineFiles.slice(0, 3),
        isSearched,
        inBackup: isOffered ? inBackup : null,
        backupAt: backup?.madeAt ?? null,
      }),
    });
  };

  const tellOfCheckpoint = () =>
    board.post({ id: checkpointNotice, level: 'info', text: words('notices.checkpointDamaged', { isWhole: isWhole() }) });

  const tellOfCut = () => board.post({ id: cutNotice, level: 'info', text: words('notices.lastChangeCut', { isSearched }) });

  const tellAgain = (id: string, tell: () => void) => {
    // Dismissed, it does not come back.
    if (board.list().some((notice) => notice.id === id)) tell();
  };

  if (unread > 0) tellOfLoss();
  else if (first.wasCut) tellOfCut();
  if (first.checkpoints > 0) tellOfCheckpoint();
  if (first.isJournalShort)
    board.post({ id: shortNotice, level: 'warning', text: words('notices.journalShort', { haveRecords: unread === 0 }) });

  return {
    missing,
    isFresh: () => isFresh,
    checkpointWritten: () => {
      isFresh = false;
    },
    isWhole,
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
      board.post({
        id: lineNotice,
        level: 'info',
        text: words('notices.changesFound', { wereDamaged: had > 0 && wasDamaged, isWhole: isWhole() }),
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
