import type { Names, Said } from './sentence.ts';

const counted = (count: number, what: string) => `${count} ${count === 1 ? what : `${what}s`}`;
const whatOf = (noun: string | null, names: Names) => (noun === null ? 'record' : names.singular(noun));
const among = (count: number, example: string | null) => (example === null ? '' : count === 1 ? ` (${example})` : ` (one is ${example})`);
const rowsOf = (count: number, isRecord: boolean) => (isRecord ? counted(count, 'record') : `${counted(count, 'step')} of the history`);
const areIn = (count: number) => (count === 1 ? 'is' : 'are');
const listFormat = new Intl.ListFormat('en', { type: 'conjunction' });

/** What "Check my book" finds, and how it would mend it. */
export const checkWords = {
  'check.noHistory': 'has no history: nothing tells who made it.',
  'check.mergedIntoGone': ({ noun }: { noun: string }, names: Names) =>
    `was merged into a ${names.singular(noun)} that is not in the book.`,
  'check.mergedInCircle': ({ noun }: { noun: string }, names: Names) =>
    `was merged into a ${names.singular(noun)} that was merged into it in turn, so neither stands for the other.`,
  'check.mergedAndThere': ({ noun }: { noun: string }, names: Names) =>
    `was merged into another ${names.singular(noun)} and is still there.`,
  'check.keepDeleted': 'Keep it among the deleted ones, where it can be restored.',
  'check.marksLost': 'has lost the marks that tell which change of it is the newest. Restore a backup that has it whole.',
  'check.unknownChange': 'carries a change that the book knows nothing of. Restore a backup, or ask where it came from.',
  'check.unknownField': ({ noun, title, others, field }: { noun: string; title: string; others: number; field: string }, names: Names) =>
    `The ${names.singular(noun)} "${title}"${others === 0 ? '' : ` and ${others} more of its kind`} ${others === 0 ? 'has' : 'have'} a field "${field}" that this Fieldbook does not know. It is kept as it is. If a newer Fieldbook wrote it, update this one; otherwise ask whoever changed the data folder.`,
  'check.datedAhead': ({ day }: { day: string | null }) =>
    `Changes in this book are dated ${day ?? 'the end of time'}, which has not come yet: a clock was wrong when they were made. Nothing is lost, but against changes of other people they win until that day. Put the clock of this computer right before you work with a server; a backup from before has the right dates.`,
  'check.sealedValue': ({ label }: { label: string }) =>
    `has a value in "${label}" that cannot be shown, because its key is not on this computer. It is kept as it is.`,
  'check.valueForm': ({ label }: { label: string }) => `has a value in "${label}" that is not in its form.`,
  'check.clearField': `Clear the field. The value stays in the history.`,
  'check.namesGone': ({ noun }: { noun: string | null }, names: Names) => `names a ${whatOf(noun, names)} that is not in the book.`,
  'check.parentDeleted': ({ noun }: { noun: string | null }, names: Names) =>
    `is still there, though the ${whatOf(noun, names)} it belongs to is deleted.`,
  'check.listNamesGone': ({ label }: { label: string }) => `names someone or something in "${label}" that is not in the book.`,
  'check.takeOutOfList': 'Take that out of the list.',
  'check.keepWithout': ({ noun }: { noun: string | null }, names: Names) => `Keep it without a ${whatOf(noun, names)}.`,
  'check.putOnClient': ({ name }: { name: string }) => `Put it on a client named "${name}".`,
  'check.deleteAsWell': 'Delete it as well. It can be restored.',
  'check.secondAtPlace': `is a second one for the same location and item, and no list shows it.`,
  'check.otherPlace': `stands in a place that is not its own, so that no list shows it.`,
  'check.keepCounting': 'Keep the one that counts today. What this one says stays in the history.',
  'check.putIntoPlace': 'Put it into its place.',
  'check.clearNamed': ({ label }: { label: string }) => `Clear "${label}". The value stays in the history.`,
  'check.giveName': ({ name }: { name: string }) => `Give it the name "${name}".`,
  'check.makeText': 'Make it a field of text.',
  'check.giveText': ({ name }: { name: string }) => `Give it the text "${name}".`,
  'check.callIt': ({ name }: { name: string }) => `Call it "${name}".`,
  'check.makeDraftMail': 'Make it a draft, which is not sent by itself.',
  'check.giveNumber': ({ next }: { next: string }) => `Give it a number of its own, like ${next}. Tell the client, who has the old one.`,
  'check.sameName': 'keeps its values under the same name as another own field.',
  'check.deleteThisField': 'Delete this one. The values stay, and the other shows them.',
  'check.secondPrimary': ({ noun }: { noun: string }, names: Names) => `is a second primary ${names.singular(noun)} of its client.`,
  'check.leavePrimary': ({ name }: { name: string }) => `Leave "${name}" the primary one.`,
  'check.noPrimary': `and those beside it have no primary one among them.`,
  'check.makePrimary': 'Make it the primary one, because it is the oldest.',
  'check.unmade': ({ noun, title }: { noun: string; title: string }, names: Names) =>
    `The ${names.singular(noun)} "${title}" is in the book, and nothing in the journal has made it. Look whether it is yours; delete it if it is not.`,
  'check.markUnknown': ({ noun, title }: { noun: string; title: string }, names: Names) =>
    `The ${names.singular(noun)} "${title}" carries the mark of a change that its history does not have, so that changes made elsewhere would lose against it. Restore a backup from before; its values are right.`,
  'check.setToHistory': 'Set it to what the history says. What stands there now stays in the history too.',
  'check.lost': ({ noun, title }: { noun: string; title: string }, names: Names) =>
    `The ${names.singular(noun)} "${title}" is in the journal and not in the book any more, and nothing was done that took it away.`,
  'check.bringBack': 'Bring it back as the journal has it.',
  'check.numberWrittenOtherwise': ({ title, number }: { title: string; number: string }) =>
    `The invoice "${title}" has the same number as "${number}", written otherwise. Each number is given once: cancel one of them, and make it anew.`,
  'check.numbersMissing': ({ first, last, title }: { first: string; last: string | null; title: string }) =>
    `${last === null ? `Invoice ${first} is` : `Invoices ${first} to ${last} are`} not in the book, though ${title} is. Restore a backup that has ${last === null ? 'it' : 'them'}.`,
  'check.draftIssued': ({ number, day }: { number: string; day: string }) =>
    `The invoice "${number}" is a draft, though it has a number and was issued on ${day}. It could be changed and deleted, and must not be.`,
  'check.draftNumber': ({ number }: { number: string }) => `The invoice "${number}" is a draft and has a number, which only issuing gives.`,
  'check.makeIssued': 'Make it an issued one again, under its number.',
  'check.takeNumber': 'Take the number away. Issuing it gives it one.',
  'check.issuedWithoutNumber': ({ day, total, currency }: { day: string | null; total: string; currency: string }) =>
    `The invoice of ${day ?? 'no day'} over ${total} ${currency} is issued and has no number.`,
  'check.makeDraftInvoice': 'Make it a draft again. Issuing it gives it a number.',
  'check.markMissing': 'Mark it as missing. The entry stays, and Undo brings it back.',
  'check.databaseAway': ({ because }: { because: Said }) =>
    `The database could not be compared with the book, because ${because} What counts is the journal, which this check has read.`,
  'check.buildAgain': 'Build the database again from the journal. That goes on while you work.',
  'check.didNotOpen': 'it did not open. Close Fieldbook, start it again, and check again.',
  'check.didNotOpenAgain': 'it did not open again. Close Fieldbook, start it again, and check again.',
  'check.stillBuilding': 'it is still being built again, which goes on while you work. Check again when that is done.',
  'check.allBusy': 'it was written to all the time. Check again when nothing else is going on.',
  'check.cannotOpen': 'it cannot be opened. Fieldbook tries that every minute: check again later, or after a start.',
  'check.rowsMissing': ({ count, isRecord, example }: { count: number; isRecord: boolean; example: string | null }) =>
    `${rowsOf(count, isRecord)}${among(count, example)} ${areIn(count)} missing in the database. The book and the journal have ${count === 1 ? 'it' : 'them'}: nothing is lost.`,
  'check.rowsChanged': ({ count, isRecord, example }: { count: number; isRecord: boolean; example: string | null }) =>
    `${rowsOf(count, isRecord)}${among(count, example)} ${areIn(count)} otherwise in the database than in the book, because something else than Fieldbook wrote there. The book and the journal are what counts.`,
  'check.rowsForeign': ({ count, isRecord }: { count: number; isRecord: boolean }) =>
    `${rowsOf(count, isRecord)} in the database ${areIn(count)} not of this book. Fieldbook does not use ${count === 1 ? 'it' : 'them'}.`,
  'check.journalLines': ({ count }: { count: number }) =>
    `${counted(count, 'line')} of the journal cannot be read. The records are whole; their history may lack a step. The start looks for it in the database. Check the disk.`,
  'check.journalTwice': ({ count, first }: { count: number; first: number }) =>
    `${count === 1 ? `The number ${first} was` : `${count} numbers, the first of them ${first}, were`} given to two changes each. Both are in the book, and Undo passes over the second. It comes from two copies of the data folder that were put together, or from two programs on it: make sure that only this Fieldbook uses the folder.`,
  'check.journalGaps': ({ count }: { count: number }) =>
    `${counted(count, 'change')} of the past are not in the journal. The records are whole; their history is not.`,
  'check.journalHistory': ({ count }: { count: number }) =>
    `${counted(count, 'step')} of the history cannot be shown, because the journal does not have them.`,
  'check.copyDiffers': ({ count }: { count: number }) =>
    `A saved copy of the book, which makes the start fast, has ${counted(count, 'record')} otherwise than the journal: something else than Fieldbook wrote it. The journal is what counts. Write the copy again before Fieldbook is closed.`,
  'check.copyDamaged':
    'A saved copy of the book, which makes the start fast, is damaged. Nothing is lost: the journal has everything. Check the disk.',
  'check.writeAgain': 'Write it again.',
  'check.sharedHistoryLost': ({ count }: { count: number }) =>
    `Part of the history that backups share is missing from the folder "backups/history", or was changed there: ${counted(count, 'backup')} ${count === 1 ? 'lacks' : 'lack'} it. Their records are whole. Check the disk.`,
  'check.writeAsFar': 'Write it again, as far as the journal has it.',
  'check.backupDamaged': ({ day, name }: { day: string; name: string }) =>
    `The backup of ${day} (${name}) is damaged and cannot be restored. Your book and the other backups are as they were. Check the disk.`,
  'check.takeOutBackup': 'Take it out of the list. The file stays beside the backups.',
  'check.ofRecord': ({ noun, title, says }: { noun: string; title: string; says: Said }, names: Names) =>
    `The ${names.singular(noun)} "${title}" ${says}`,
  'check.keepBoth': 'Keep both.',
  'check.fileMissing': ({ title }: { title: string }) =>
    `The attached file "${title}" is not in the data folder any more. Attach it again where you have it, or take it from a whole-book export.`,
  'check.fileDamaged': ({ title }: { title: string }) =>
    `The attached file "${title}" is not what was attached: its content is damaged. Attach it again where you have it, or take it from a whole-book export.`,
  'check.ownValue': ({ value, label, why }: { value: string; label: string; why: Said }) =>
    `has "${value}" in the own field "${label}", which does not take that. ${why}`,
  'check.breaksRule': ({ rule }: { rule: Said }) => `breaks a rule: ${rule}`,
  'check.sameNumber': ({ name }: { name: string }) => `has the same e-mail, code or number as "${name}". Each number is given once.`,
  'check.sameValue': ({ name }: { name: string }) =>
    `has the same e-mail, code or number as "${name}". Open both, and change or merge them.`,
  'check.otherThanTold': ({ noun, title, fields }: { noun: string; title: string; fields: readonly string[] }, names: Names) => {
    const labels = fields.map((field) => `"${field}"`);
    const list = listFormat.format(labels.length > 3 ? [...labels.slice(0, 2), `${labels.length - 2} more fields`] : labels);
    return `The ${names.singular(noun)} "${title}" says something else in ${list} than its history does: no change that was made in Fieldbook explains it.`;
  },
} as const;
