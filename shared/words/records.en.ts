import type { Names, Said } from './sentence.ts';

type ActivityKind = 'comment' | 'call' | 'visit' | 'email' | 'attachment';
const aThing = { comment: 'a comment', call: 'a call', visit: 'a visit', email: 'an e-mail', attachment: 'a file' } as const;
const things = { comment: 'Comments', call: 'Calls', visit: 'Visits', email: 'E-mails', attachment: 'Files' } as const;

/** Records: their rules, their history, merging and prices. */
export const recordsWords = {
  'records.emailHasLeft': 'This e-mail has left this computer, so what it says stays as it was. Write a new one instead.',
  'records.loggedStays': 'What was logged stays what it is. Log it anew and delete this one.',
  'records.activityHasNone': ({ label, kind }: { label: string; kind: ActivityKind }) =>
    `${label}: ${aThing[kind]} has none. Leave it out.`,
  'records.commentEmpty': 'Text: a comment says something. Write it, or delete the comment.',
  'records.fileWithoutName': 'File: a file needs a name.',
  'records.loggedAhead': ({ kind }: { kind: ActivityKind }) =>
    `Happened at: this day lies in the future. ${things[kind]} are logged when they have happened; plan one as a task.`,
  'records.aboutUnknown': 'The record this is about is not in the book. Open the record and log it there.',
  'records.emailWithoutRecipient': 'This e-mail has nobody to go to. Add a recipient, or keep it as a draft.',
  'records.emailWithoutTime': 'A scheduled e-mail needs a day and time. Choose one, or send it now.',
  'records.attachmentTooLarge': ({ megabytes }: { megabytes: number }) =>
    `This file is larger than ${megabytes} MB, so it was not attached. Attach a smaller one, or write down where it is kept.`,
  'records.clientOfCaseUnknown': 'The client of this case is not in the book. Choose another client.',
  'records.emailTaken': ({ name }: { name: string }) =>
    `The client "${name}" has this e-mail already, so nothing was changed. Give one of the two another e-mail, or open that client.`,
  'records.primaryContactNeeded': 'This client needs a primary contact. Make another contact the primary one instead.',
  'records.contactEmpty': 'Nobody could find this contact again. Give a name, an e-mail or a phone.',
  'records.birthAhead': 'Date of birth: this day lies in the future. Check the year.',
  'records.clientOfContactUnknown': 'The client of this contact is not in the book. Choose another client, or none.',
  'records.itemCodeTaken': ({ name }: { name: string }) =>
    `The item "${name}" has this code already, so nothing was changed. Give one of the two another code, or open that item.`,
  'records.locationUnknown': 'This location is not in the book, or it is deleted. Choose another location.',
  'records.contactUnknown': 'This contact is not in the book, or it is deleted. Choose another contact.',
  'records.endBeforeStart': 'The end date lies before the start date. Change one of them.',
  'records.locationOfPriceUnknown': 'This location is not in the book, or it is deleted, so no price was set. Choose another location.',
  'records.itemOfPriceUnknown': 'This item is not in the book, or it is deleted, so no price was set. Choose another item.',
  'records.primaryLocationNeeded':
    'A client with locations needs one primary location, so this one stays it. Make another location the primary one instead.',
  'records.clientOfLocationUnknown': 'The client of this location is not in the book. Choose another client.',
  'records.clientOfOpportunityUnknown': 'The client of this opportunity is not in the book. Choose another client.',
  'records.ownFieldTaken': ({ name }: { name: string }) =>
    `The own field "${name}" keeps its values under this name, so nothing was changed. Choose another name, or use that field.`,
  'records.ownFieldName': 'Name: no field can be called so. Choose another name.',
  'records.ownFieldWithoutChoices': ({ nouns }: { nouns: string }) =>
    `Choices: ${nouns} need something to choose from here. Write at least one.`,
  'records.clientOfTaskUnknown': 'The client of this task is not in the book. Choose another client, or none.',
  'records.mergedInCircle': ({ noun }: { noun: string }, names: Names) =>
    `These ${names.plural(noun)} would each stand for the other, so nothing was changed. Take apart the newer merge first.`,
  'records.parentDeleted': ({ noun, parent, name }: { noun: string; parent: string; name: string }, names: Names) =>
    `The ${names.singular(parent)} "${name}" is deleted, so this ${names.singular(noun)} stays deleted too. Restore the ${names.singular(parent)} first.`,
  'records.fixed': ({ label, noun }: { label: string; noun: string }, names: Names) =>
    `${label}: stays as it was when the ${names.singular(noun)} was made. Make a new one instead.`,
  'records.notFound': ({ noun }: { noun: string }, names: Names) =>
    `This ${names.singular(noun)} is not in the book. Go back to the list and open it from there.`,
  'records.isDeleted': ({ noun, name }: { noun: string; name: string }, names: Names) =>
    `The ${names.singular(noun)} "${name}" is deleted, so it was not changed. Restore it first.`,
  'records.contentMissing': ({ fileName }: { fileName: string }) =>
    `The content of "${fileName}" is not in the data folder, or it is damaged. The entry is kept. "Check my book" tells more; a backup or another laptop may still have the file.`,
  'records.fileRisky': ({ fileName }: { fileName: string }) =>
    `"${fileName}" can change this computer when it is opened. Open it only if you know who it is from and expected it.`,
  'records.bankingLocked':
    'The banking data of this client cannot be shown on this computer, because the key to it is not here, or it was damaged. It is kept as it is. The notice about banking data says what to do.',
  'history.nothingToUndo': 'There is nothing left to undo.',
  'history.nothingToRedo': 'There is nothing to do again.',
  'history.notThereThen': 'The record was not in the book on that day, so nothing was changed. Choose another day.',
  'history.fieldNotChangedThere': 'This field was not changed there, so there is no earlier value to bring back. Choose another entry.',
  'history.happenedOutside':
    'How far an e-mail is on its way, and what a file is, happened outside of the book, so it cannot be set back here.',
  'records.noListField': ({ noun, path }: { noun: string; path: string }, names: Names) =>
    `The list of ${names.plural(noun)} has no field called "${path}". Choose another field.`,
  'records.hiddenField': ({ label }: { label: string }) =>
    `${label} is kept hidden, so lists cannot be filtered or sorted by it. Choose another field.`,
  'prices.tooLarge': 'One of the prices would have more than 13 digits. Raise by less, or leave that item out.',
  'prices.tooMany': ({ count, most }: { count: number; most: number }) =>
    `${count.toLocaleString('en')} prices would change, and one step can change ${most.toLocaleString('en')}. Choose fewer locations or items. To change a price everywhere, change the item’s default price.`,
  'merging.oneAlready': ({ noun }: { noun: string }, names: Names) =>
    `These are one ${names.singular(noun)} already, so there is nothing to merge. Choose two that are different.`,
  'merging.valueNotAmongThem':
    'A value was chosen from a record that is not among those to be merged. Open the list again and choose once more.',
  'merging.takenApart': 'This merge was taken apart already, or merged on since. Nothing was changed. Look at the history of the record.',
  'history.away': 'The history of this step cannot be read at the moment, so it was left as it is. Wait a moment and try again.',
  'records.noColumn': ({ noun, column }: { noun: string; column: string }, names: Names) =>
    `The board of ${names.plural(noun)} has no column called "${column}". Choose another column.`,
  'records.viewNameNeeded': 'Write a name.',
  'records.tooManyConditions': ({ most }: { most: number }) => `At most ${most} conditions at once.`,
  'records.viewNameTaken': ({ noun, name }: { noun: string; name: string }, names: Names) =>
    `There is a view of ${names.plural(noun)} called "${name}" already. Choose another name.`,
  'records.tooManyFavourites': ({ most }: { most: number }) =>
    `There are ${most} favourites already. Take the star from one that is not used any more.`,
  'records.tooManyViews': ({ most }: { most: number }) => `There are ${most} views already. Delete one that is not used any more.`,
  'records.oneOfManyRefused': ({ title, why }: { title: string; why: Said }) => `${title}: ${why} Nothing was changed.`,
  'records.referenceUnknown': ({ label, what }: { label: string; what: string }, names: Names) =>
    `${label}: this ${names.singular(what)} is not in the book. Choose another ${names.singular(what)}.`,
  'records.referenceOther': ({ label, what, title }: { label: string; what: string; title: string }, names: Names) =>
    `${label}: "${title}" is no ${names.singular(what)}. Choose another ${names.singular(what)}.`,
  'records.referenceDeleted': ({ label, what, title }: { label: string; what: string; title: string }, names: Names) =>
    `${label}: the ${names.singular(what)} "${title}" is deleted. Choose another ${names.singular(what)}.`,
  'history.halfWayBecause': ({ why }: { why: Said }) => `A part of it is done, and trying again goes on from there. ${why}`,
  'records.namedFileTooLarge': ({ fileName, megabytes }: { fileName: string; megabytes: number }) =>
    `"${fileName}" is larger than ${megabytes} MB, so it was not attached. Attach a smaller one, or write down where it is kept.`,
} as const;
