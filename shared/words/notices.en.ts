import type { Said } from './sentence.ts';

const dayAndTime = (instant: string) =>
  new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant));

/** The end of a sentence about damage, where what was read was compared. */
const nothingLost = (isWhole: boolean) => (isWhole ? ' Nothing is lost.' : '');

const whyRebuilt = {
  gone: 'The database was no longer there, or this browser never had one.',
  foreign: 'The database found here belongs to another book.',
  incomplete: 'The database had lost records.',
  unreadable: 'The database could not be read.',
  older: 'The database was made by an earlier version of Fieldbook.',
  altered: 'The database had entries that Fieldbook did not write.',
  different: 'The check found the database different from the book.',
} as const;

const keptAsItIs = 'It is kept as it is, and everything else works as usual.';

export interface LostChanges {
  count: number;
  /** Names of the files that keep what is left of them; none where they are missing rather than damaged. */
  files: readonly string[];
  /** The database was looked through for them. */
  isSearched: boolean;
  /** How many of them the newest backup has; null where there is nothing to say of backups. */
  inBackup: number | null;
  backupAt: string | null;
}

function lostChanges({ count, files, isSearched, inBackup, backupAt }: LostChanges): string {
  const them = count === 1 ? 'it' : 'them';
  const isDamaged = files.length > 0;
  const was = isDamaged
    ? count === 1
      ? 'was damaged on the disk'
      : 'were damaged on the disk'
    : `${count === 1 ? 'is' : 'are'} missing from the data folder`;
  const search = isSearched
    ? ` and the database does not have ${them} either.${isDamaged ? ' Everything else is there.' : ''}`
    : `. ${isDamaged ? 'Everything else is there, and Fieldbook' : 'Fieldbook'} looks for ${them} in the database.`;
  const kept = isDamaged ? ` What is left of ${them} is kept in the folder "journal" (${files.join(', ')}).` : '';
  const backup =
    inBackup === null
      ? ''
      : inBackup === 0 || backupAt === null
        ? ` No backup has ${them} either.`
        : ` The backup of ${dayAndTime(backupAt)} has ${inBackup === count ? them : `${inBackup} of them`}: under "Backups and check" in Settings it can be restored, which takes the book back to that moment.`;
  return `${count === 1 ? 'One saved change' : `${count} saved changes`} ${was}${search}${kept}${backup} Check the disk soon.`;
}

/** What a person is told without having asked: damage found and mended, a disk nearly full, keys that cannot be reached. */
export const noticesWords = {
  'notices.changesLost': lostChanges,
  'notices.changesFound': ({ wereDamaged, isWhole }: { wereDamaged: boolean; isWhole: boolean }) =>
    `Saved changes were ${wereDamaged ? 'damaged on the disk' : 'missing from the folder "journal"'} and have been found again in the database.${nothingLost(isWhole)}${wereDamaged ? ' Check the disk soon.' : ''}`,
  'notices.checkpointDamaged': ({ isWhole }: { isWhole: boolean }) =>
    `A saved copy of the book was damaged on the disk. The book was put together from an older copy and the journal.${nothingLost(isWhole)}`,
  'notices.lastChangeCut': ({ isSearched }: { isSearched: boolean }) =>
    `Fieldbook was ended while it wrote its last change, which was dropped. ${isSearched ? 'It had not been confirmed as saved, and the database does not have it.' : 'It looks in the database whether that was saved.'}`,
  'notices.journalShort': ({ haveRecords }: { haveRecords: boolean }) =>
    `Files are missing from the folder "journal".${haveRecords ? ' The records are there as they were saved, but the history of some may not be.' : ''}`,
  'notices.historyPutRight': ({ steps }: { steps: number }) =>
    `${steps === 1 ? '1 step of the history was' : `${steps} steps of the history were`} missing or changed in the database. What the journal has counts, and was put back there. Check the disk soon, and let no other program write into the data folder or the browser profile.`,
  'notices.databaseRebuilt': ({ why, isDone, isWhole }: { why: keyof typeof whyRebuilt; isDone: boolean; isWhole: boolean }) =>
    `${whyRebuilt[why]} ${isDone ? 'It was built again from the journal.' : 'It is being built again from the journal.'}${nothingLost(isWhole)}`,
  'notices.databaseClosed':
    'The database cannot be opened. Everything you saved is safe in the journal on this disk. Fieldbook tries again every minute; closing it and starting it again may help.',
  'notices.diskFull': ({ least }: { least: number }) =>
    `The disk is full: less than ${least} MB are left, so nothing more is saved until there is room again. Everything saved before is safe.`,
  'notices.diskNearlyFull': ({ left, least }: { left: number; least: number }) =>
    `The disk is nearly full: less than ${left} MB are left. Free some space soon: below ${least} MB nothing more can be saved.`,
  'notices.folderCopied':
    'This data folder was copied, or moved to another disk. It counts as a device of its own from now on, so that its invoices get numbers that no other copy gives out.',
  'notices.folderOpen':
    'Other people who use this computer can read the data folder, and Fieldbook may not close it to them. Ask whoever owns the folder to do that, or start Fieldbook with another folder.',
  'notices.settingsUnread': ({ lost }: { lost: readonly string[] }) =>
    `${lost.length === 0 ? 'The settings' : `Some settings (${lost.join(', ')})`} could not be read and are as they were at the beginning. The file as it was is kept in the data folder as settings.unreadable.json, and backups have settings too.`,
  'notices.bankingKeyBeside':
    'Banking data is encrypted, but its key lies beside it in the data folder, because Fieldbook cannot reach a system keychain here. Whoever can read that folder can read the banking data. Use the installed app for it, or keep this disk encrypted.',
  'notices.bankingKeyWeak':
    'Banking data is encrypted, but this computer has no keychain that protects the key well. Whoever can read the data folder may be able to read the banking data. Set up the system keychain, or keep this disk encrypted.',
  'notices.bankingKeyClosed': `Some banking data cannot be shown on this computer, because its key is in a system keychain that cannot be opened here. ${keptAsItIs} Open this data folder with the installed app, on the computer and as the person who entered it.`,
  'notices.bankingKeyMissing': `Some banking data cannot be shown on this computer, because its key is not in the data folder. ${keptAsItIs} Close Fieldbook, put the file key.json back from a copy of the folder, and start it again.`,
  'notices.bankingAltered': `Some banking data is not shown, because it was damaged or changed outside Fieldbook. ${keptAsItIs} A backup from before may still have it.`,
  'notices.notBackedUp': ({ why }: { why: Said }) => `The book could not be backed up. ${why} Fieldbook tries again in five minutes.`,
  'notices.diskDidNotTakeIt': 'The disk did not take it.',
  'notices.bookRestored': ({ isImport, madeAt, lost, isKept }: { isImport: boolean; madeAt: string; lost: number; isKept: boolean }) => {
    const when = dayAndTime(madeAt);
    const what = isImport ? `The imported book of ${when} is now your book.` : `The book is now as it was on ${when}.`;
    const steps = lost === 1 ? 'One step of its history was' : `${lost} steps of its history were`;
    const without =
      lost === 0 ? '' : ` ${steps} not there any more: the records are whole, but what was done to them then cannot be shown or undone.`;
    return `${what}${without}${isKept ? ' The book before it is among the backups, and can be restored in the same way.' : ''}`;
  },
} as const;

/** What is being done with the whole book, and how it ended. */
export const safetyJobWords = {
  'safetyJob.backingUp': 'Backing up the book',
  'safetyJob.backingUpFirst': 'Backing up the book as it is now',
  'safetyJob.backedUp': 'The book is backed up, and the backup was read back.',
  'safetyJob.exporting': 'Writing the whole book into one file',
  'safetyJob.exported': 'The file is ready.',
  'safetyJob.readingBackup': 'Reading the backup',
  'safetyJob.readingFile': 'Reading the file',
  'safetyJob.opening': 'Opening the restored book',
  'safetyJob.restored': 'The backup was restored.',
  'safetyJob.imported': 'The book was imported.',
  'safetyJob.checking': 'Looking through the book',
  'safetyJob.checked': ({ found }: { found: number }) =>
    found === 0 ? 'Everything is in order.' : `${found} ${found === 1 ? 'thing needs' : 'things need'} a look.`,
  'safetyJob.stopped': 'Stopped. Your book is as it was.',
  'safetyJob.unexpected':
    'Something went wrong inside Fieldbook, and this was not carried out. Your book is as it was. Try again; if it happens once more, restart Fieldbook.',
} as const;
