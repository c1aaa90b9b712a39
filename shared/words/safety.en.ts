/** The disk, backups, the check of the book and what keeps it from opening. */
export const safetyWords = {
  'disk.notWritten':
    'This could not be written to the disk, so nothing was changed. Everything saved before is safe. Check the disk and try again.',
  'disk.attachmentNotWritten':
    'The file could not be written to the data folder, so it was not attached. Your book is safe as it was. Check the disk and try again.',
  'disk.fullForAttachment':
    'There is not enough space on the disk, so the file was not attached. Your book is safe as it was. Free some space and try again.',
  'safety.busy': 'Fieldbook is still busy with the last thing you asked for here. Nothing was changed. Wait until it is done, or stop it.',
  'safety.diskFullNotRestored':
    'The disk is full, so the backup was not restored. Your book is as it was. Free some space, then try again.',
  'safety.notRestored': ({ code }: { code: string }) =>
    `The backup could not be restored (${code}). Your book is as it was. Check the disk, then try again.`,
  'safety.restoring':
    'A backup is being restored, so this was not saved. What was saved before is safe. Wait until the restored book is there.',
  'safety.backupGone': 'This backup is no longer on the disk. Your book is as it was. Choose another one.',
  'safety.readBackOther':
    'The backup was written, but what the disk gave back is not what was written. Your book and the older backups are as they were. Check the disk, then try again.',
  'safety.historyNotReadBack':
    'The backup was written, but the disk did not give back part of the history that it shares with the others. Its records are whole, and your book is as it was. Check the disk, then try again.',
  'safety.diskFullNoBackup':
    'The disk is full, so no backup was made. Your book and the older backups are as they were. Free some space, then try again.',
  'safety.backupNotWritten': ({ code }: { code: string }) =>
    `The backup could not be written (${code}). Your book and the older backups are as they were. Check the disk, then try again.`,
  'safety.archiveUnknown':
    'This file is not a Fieldbook book. Nothing was changed. Choose a zip that Fieldbook exported or kept as a backup.',
  'safety.archiveNewer':
    'This file was made by a newer Fieldbook, and this one would lose part of it. Nothing was changed. Bring Fieldbook up to date, then try again.',
  'safety.archiveDamaged':
    'This file is damaged or incomplete, so it was not used. Your book is as it was. Choose another backup or export.',
  'safety.archiveHistoryLost':
    'Part of the history that this backup shares with the others is missing from the folder "history" beside them, or was changed there. Your book is as it was. Back up the book now: that writes the part again wherever the journal has it.',
  'safety.archiveNamesOutside':
    'This file names places outside of itself, which no book of Fieldbook does, so it was not opened. Your book is as it was. Do not open it with other programs either.',
  'safety.archiveSaysTooMuch':
    'This file says that it holds more than a book can, so it was not opened. Your book is as it was. Choose another backup or export.',
  'safety.archiveHoldsMore':
    'This file holds more than it says, so it was not used. Your book is as it was. Choose another backup or export.',
  'start.folderInUseElsewhere': ({ folder, host }: { folder: string; host: string }) =>
    `Fieldbook is already open with the folder ${folder} on the computer "${host}". Close it there, then start Fieldbook again.`,
  'start.folderInUse': ({ folder }: { folder: string }) =>
    `Fieldbook is already open with the folder ${folder}. Go to its window, or close it and start again.`,
  'start.folderTakenOver':
    'Another Fieldbook has opened this data folder, perhaps on another computer, so this was not saved. What was saved before is safe. Close this Fieldbook and go on in the other one, or close both and start one again.',
  'disk.changeNotTaken': ({ code }: { code: string }) =>
    `The disk did not take the change (${code}), so it was not saved. Everything saved before is safe. Check the disk, then try again.`,
  'disk.full': 'The disk is full, so the change was not saved. Everything saved before is safe. Free some space, then try again.',
  'start.diskFull': ({ folder }: { folder: string }) =>
    `The disk with the folder ${folder} is full, so Fieldbook cannot start. Nothing was changed. Free some space, then start Fieldbook again.`,
  'start.folderReadOnly': ({ folder }: { folder: string }) =>
    `Fieldbook may not write in the folder ${folder}. Nothing was changed. Allow writing there, or start Fieldbook with another folder.`,
  'start.folderIsFile': ({ folder }: { folder: string }) =>
    `${folder} is a file, not a folder. Nothing was changed. Start Fieldbook with another folder.`,
  'start.folderUnusable': ({ folder, code }: { folder: string; code: string }) =>
    `The folder ${folder} cannot be used (${code}). Nothing was changed. Check the disk, or start Fieldbook with another folder.`,
  'disk.journalChanged':
    'The journal in the data folder was removed or changed by another program while Fieldbook was running, so nothing more is saved. Close Fieldbook and start it again: it then compares everything and says what it finds.',
  'start.bookNewer':
    'This book was last opened with a newer version of Fieldbook, which keeps it in another form. Nothing was changed. Open it with that version or a later one.',
  'start.sqliteMissing':
    'Fieldbook cannot start with this version of Node.js: it lacks SQLite with full-text search. Nothing was changed. Start Fieldbook with the Node.js that comes with it, or with version 24 or later from nodejs.org.',
  'disk.fullForFile': 'The disk is full, so the file was not kept. Your book is safe as it was. Free some space and try again.',
  'disk.fileNotWritten': 'The file could not be written to the data folder. Your book is safe as it was. Check the disk and try again.',
  'disk.serverFull': 'There is not enough space left on the server, so the file was not attached. Nothing was changed. Tell who runs it.',
  'disk.serverNotWritten': 'The server could not write the file, so it was not attached. Nothing was changed. Tell who runs it.',
  'disk.otherThanAnnounced': 'What arrived is not the file that was announced: its checksum is another one. Send it again.',
  'start.portForbidden': ({ port }: { port: number }) =>
    `Port ${port} may not be used by this account. Start with --port N and another number. Your book was not touched.`,
  'start.portTaken': ({ port }: { port: number }) =>
    `Port ${port} is in use by another program, perhaps by another Fieldbook. Start with --port N and another number. Your book was not touched.`,
} as const;
