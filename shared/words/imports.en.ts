import type { Names, Said } from './sentence.ts';

const counted = (count: number, one: string, many = `${one}s`) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** What a reader says of a file it cannot read, and what to do about it. */
const unreadableWords = {
  'unreadable.oldExcel': 'This is an Excel file of the old kind (.xls), or one that is protected with a password.',
  'unreadable.saveWithoutPassword': 'Open it in Excel, save it as .xlsx without a password, and choose the new file.',
  'unreadable.noVcard': 'There is no vCard in this file.',
  'unreadable.exportContactsAgain': 'Export the contacts again as vCard (.vcf), or choose another file.',
  'unreadable.notAList': 'This file is not a list: Fieldbook reads CSV, Excel (.xlsx) and vCard files.',
  'unreadable.chooseOneOfThese': 'Choose a file of one of these kinds.',
  'unreadable.notAWorkbook': 'This is a zip file, but not an Excel workbook.',
  'unreadable.chooseList': 'Choose a CSV, Excel (.xlsx) or vCard file.',
  'unreadable.openDocument': 'This is an OpenDocument sheet, which Fieldbook does not read.',
  'unreadable.saveFromOffice': 'Open it in your office program, save it as .xlsx or CSV, and choose the new file.',
  'unreadable.unpacksTooFar': 'This Excel file unpacks to far more than a list of records needs, so it was not opened.',
  'unreadable.saveSheetAsCsv': 'Save the sheet you need as CSV and choose that file.',
  'unreadable.damagedExcel': 'This Excel file is damaged or incomplete.',
  'unreadable.saveFromExcel': 'Open it in Excel, save it again as .xlsx or CSV, and choose the new file.',
  'unreadable.tooWide': ({ columns, most }: { columns: number; most: number }) =>
    `This table has ${columns.toLocaleString('en')} columns; Fieldbook reads up to ${most.toLocaleString('en')}.`,
  'unreadable.takeOutColumns':
    'Take out the columns you do not need and choose the file again. If it should have few columns, choose another delimiter.',
} as const;

/** What a person should know of a file before it is imported. */
const noteWords = {
  'imports.noNames': 'The first row looks like data, so the columns have no names. If it holds names, say so above.',
  'imports.namesFoundBelow': ({ row, above }: { row: number; above: string }) =>
    `The names of the columns were found in row ${row}; what stands above it was left out: ${above}.`,
  'imports.totalLeftOut': ({ row, text }: { row: number; text: string }) =>
    `Row ${row}, “${text}”, adds up the others; it is no record and is left out.`,
  'imports.numbersCutShort': ({ header, count, sample }: { header: string; count: number; sample: string }) =>
    `“${header}” has ${count === 1 ? 'a number' : `${count.toLocaleString('en')} numbers`} that a spreadsheet cut short (${sample}): the last digits are gone. Take the column from where it came first, or leave it out.`,
  'imports.shortRows': ({ rows }: { rows: number }) =>
    `${counted(rows, 'row has', 'rows have')} fewer cells than the first one; the missing cells were taken as empty.`,
  'imports.longRows': ({ rows }: { rows: number }) =>
    `${counted(rows, 'row has', 'rows have')} more cells than the first one; what is in them stands in columns of their own.`,
  'imports.quoteNeverClosed': ({ rows }: { rows: readonly string[] }) => quotes(rows, 'that is never closed'),
  'imports.quoteStray': ({ rows }: { rows: readonly string[] }) => quotes(rows, 'that would swallow the rows below'),
  'imports.strayLines': ({ lines }: { lines: number }) =>
    `${counted(lines, 'line')} outside of any card ${lines === 1 ? 'was' : 'were'} passed over.`,
  'imports.lettersReadAs': ({ encoding }: { encoding: string }) =>
    `The letters were read as ${encoding}. If they look wrong below, choose another encoding.`,
  'imports.emptyCharacters': ({ count }: { count: number }) =>
    `${counted(count, 'empty character')} (NUL) that no program can show ${count === 1 ? 'was' : 'were'} left out.`,
  'imports.lettersUnreadable': ({ count }: { count: number }) =>
    `${counted(count, 'letter')} could not be read and ${count === 1 ? 'stands' : 'stand'} as �. Choose another encoding, or mend the file.`,
  'imports.mergedCells': ({ cells }: { cells: number }) =>
    `This sheet has merged cells; what stands in them was taken for each of their rows (${counted(cells, 'cell')}).`,
  'imports.errorCells': ({ cells }: { cells: number }) =>
    `${cells === 1 ? '1 cell holds an Excel error, such as #N/A, and was' : `${cells.toLocaleString('en')} cells hold an Excel error, such as #N/A, and were`} taken as empty.`,
  'imports.cardsWithPictures': ({ cards }: { cards: number }) =>
    `${cards === 1 ? '1 card has a picture' : `${cards.toLocaleString('en')} cards have pictures`}; pictures are passed over.`,
  'imports.cardsCutOff': ({ cards }: { cards: number }) =>
    `${counted(cards, 'card is', 'cards are')} cut off and cannot be imported; the others can.`,
  'imports.somePeopleUnknown': ({ header, ...who }: UnknownPeople) =>
    `“${header}” names people or teams that are not in the book: ${unknownPeople(who)}. Their rows are not imported until these are added under People and teams, or the column is left out.`,
  'imports.nobodyKnown': ({ header, label, ...who }: UnknownPeople & { label: string }) =>
    `“${header}” names ${unknownPeople(who)}, and the book knows none of them, so the names are kept in a field of their own. Add them under People and teams first to have them as ${label.toLowerCase()}.`,
} as const;

export interface UnknownPeople {
  header: string;
  names: readonly string[];
  more: number;
}

function unknownPeople({ names, more }: Omit<UnknownPeople, 'header'>): string {
  return `${names.map((name) => `“${name}”`).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function quotes(rows: readonly string[], which: string): string {
  const listed = rows.length > 5 ? `${rows.slice(0, 5).join(', ')} and more` : `${rows.slice(0, -1).join(', ')} and ${rows.at(-1)}`;
  const what = rows.length === 1 ? `Row ${rows[0]} opens a quotation mark ${which}` : `Rows ${listed} open a quotation mark ${which}`;
  return `${what}; it was taken as plain text. Check those rows below.`;
}

/** Why columns cannot go where they were given a place. */
const mappingWords = {
  'imports.noSuchTarget': ({ header }: { header: string }) =>
    `“${header}” goes to a field that Fieldbook does not have. Choose another place for it.`,
  'imports.nothingMapped': 'No column has a place yet. Choose at least where the names go.',
  'imports.sameTarget': ({ first, second, label }: { first: string; second: string; label: string }) =>
    `“${first}” and “${second}” both go to ${label}. Choose another place for one of them.`,
  'imports.noSuchDefault': 'A value for every row goes to a field that Fieldbook does not have. Take it out.',
  'imports.defaultNotRight': ({ why }: { why: Said }) => `The value for every row is not right. ${why}`,
  'imports.locationNeedsClient': 'A location belongs to a client. Choose the column that names the client.',
  'imports.opportunityNeedsClient': 'An opportunity belongs to a client. Choose the column that names the client.',
  'imports.caseNeedsClient': 'A case belongs to a client. Choose the column that names the client.',
  'imports.priceNeedsLocation': 'An own price belongs to a location. Choose the column that names the location.',
  'imports.priceNeedsItem': 'An own price is of an item. Choose the column that has its code or name.',
  'imports.roleNeedsLocation': 'A role is at a location. Choose the column that names the location.',
  'imports.roleNeedsContact': 'A role is somebody’s. Choose the column that names the contact.',
  'imports.activityNeedsSomebody': 'An activity is about somebody. Choose the column that names the client or contact.',
} as const;

/** Why a row is not imported, or what is to be known of it. */
const rowWords = {
  'imports.notADate': ({ label, text }: OfCell) => `${label}: “${text}” is not a date Fieldbook can read. Write it like 2026-03-31.`,
  'imports.notANumber': ({ label, text }: OfCell) => `${label}: “${text}” is not a number. Write it like 1234.50.`,
  'imports.notWhole': ({ label, text }: OfCell) => `${label}: “${text}” is not a whole number. Write it like 30.`,
  'imports.neitherYesNorNo': ({ label, text }: OfCell) =>
    `${label}: “${text}” is neither yes nor no. Say in the values step what it means.`,
  'imports.noChoice': ({ label, text, choices }: OfCell & { choices: readonly string[] }) =>
    `${label}: “${text}” is not one of ${choices.join(', ')}. Say in the values step what it means.`,
  'imports.notATime': ({ label, text }: OfCell) =>
    `${label}: “${text}” is no day and time Fieldbook can read. Write it like 2026-03-31 14:00.`,
  'imports.doesNotFit': ({ label, text, why }: OfCell & { why: Said }) => `${label}: “${text}” does not fit. ${why}`,
  'imports.doesNotFitOrMean': ({ label, text, why }: OfCell & { why: Said }) =>
    `${label}: “${text}” does not fit. ${why} Or say in the values step what it means.`,
  'imports.twoValues': ({ label }: { label: string }) => `${label}: two values stand in this row. Keep one of them.`,
  'imports.notImportable': ({ label }: { label: string }) => `${label} cannot be imported.`,
  'imports.notKept': 'This value cannot be kept.',
  'imports.ofField': ({ label, says }: { label: string; says: Said }) => `${label}: ${says}`,
  'imports.tooLongIs': ({ label, says, length }: { label: string; says: Said; length: number }) =>
    `${label}: ${says} It has ${length.toLocaleString('en')}.`,
  'imports.cardGroup': 'This card is a group of contacts, not a contact. Import the cards of its members.',
  'imports.cardCutOff': 'The card is cut off: its end is missing. Complete it in the program it came from and import it again.',
  'imports.rowIsTotal': 'This row adds up the others, so it is no record.',
  'imports.rowRepeatsNames': 'This row repeats the names of the columns.',
  'imports.rowEmpty': 'There is nothing to import in this row.',
  'imports.clientsNamedSkipped': ({ title }: Titled) => `More than one client in the book is called “${title}”.`,
  'imports.clientsNamed': ({ title }: Titled) =>
    `More than one client is called “${title}”. Add the e-mail or account code of the one you mean.`,
  'imports.locationWithoutClient': 'The location has no client: the cell that names it is empty.',
  'imports.noSuchLocationOf': ({ client, name }: { client: string; name: string }) =>
    `“${client}” has no location “${name}”. Check the name, or import its locations first.`,
  'imports.noSuchLocation': ({ name }: Named) => `No location is called “${name}”. Check the name, or import the locations first.`,
  'imports.locationsNamed': ({ name }: Named) => `More than one location is called “${name}”. Add a column that names the client.`,
  'imports.noSuchItem': ({ name }: Named) => `No item has the code or name “${name}”. Check it, or import the price list first.`,
  'imports.nobodyNamed': ({ label, what, name }: OfPerson, { singular }: Names) =>
    `${label}: no ${singular(what)} is called “${name}”. Add the ${singular(what)} under People and teams first, or leave the column out.`,
  'imports.severalNamed': ({ label, what, name }: OfPerson, { singular }: Names) =>
    `${label}: more than one ${singular(what)} is called “${name}”. Write the e-mail or user name instead.`,
  'imports.sameAsRow': ({ row, noun }: { row: number; noun: string }, { singular }: Names) => `Row ${row} is the same ${singular(noun)}.`,
  'imports.inTheBook': ({ title }: Titled) => `“${title}” is in the book already.`,
  'imports.bothIntoOne': ({ row, noun }: { row: number; noun: string }, { singular }: Names) =>
    `Row ${row} is the same ${singular(noun)}: both go into one.`,
  'imports.likeRow': ({ by, row, noun }: { by: string; row: number; noun: string }, { singular }: Names) =>
    `Same ${matchedBy[by] ?? by} as row ${row}. It goes in as a new ${singular(noun)}; look at the two afterwards.`,
  'imports.likeRecord': ({ by, title, noun }: { by: string; title: string; noun: string }, { singular }: Names) =>
    `Same ${matchedBy[by] ?? by} as “${title}” in the book. It goes in as a new ${singular(noun)}; look at the two afterwards.`,
  'imports.contactWithoutIdentity': 'The contact has no name, no e-mail and no phone.',
  'imports.emailTaken': ({ email, title, row }: { email: string; title: string; row: number }) =>
    `The e-mail ${email} is taken: ${holder(title, row)} has it. If it is the same client, write the name as there; if not, change the e-mail in the file.`,
  'imports.codeTaken': ({ code, title, row }: { code: string; title: string; row: number }) =>
    `The code ${code} is taken: ${holder(title, row)} has it. Change it in the file, or let the item be updated.`,
  'imports.fieldMissing': ({ noun, label }: { noun: string; label: string }, { singular }: Names) =>
    `The ${singular(noun)} has no ${label.toLowerCase()}.`,
  'imports.activityWithoutKind':
    'The activity has no kind. Say of the column, or for every row, whether it is a comment, a call or a visit.',
  'imports.cellNamesNothing': ({ noun, of }: { noun: string; of: string }, { singular }: Names) =>
    `The ${singular(noun)} has no ${of === 'clientOrContact' ? 'client or contact' : singular(of)}: the cell that names it is empty.`,
  'imports.changedElsewhere': 'This record is being changed elsewhere. Import the row again.',
} as const;

export interface OfCell {
  label: string;
  text: string;
}
export interface OfPerson {
  label: string;
  what: string;
  name: string;
}
export interface Titled {
  title: string;
}
export interface Named {
  name: string;
}

const matchedBy: Readonly<Record<string, string>> = { email: 'e-mail', accountCode: 'account code', externalId: 'id' };

/** Who has a value already; of a row before this one, which. */
function holder(title: string, row: number): string {
  return `“${title}”${row > 0 ? ` (row ${row})` : ''}`;
}

/** Files to import, the mapping, and what became of each row. */
export const importsWords = {
  ...unreadableWords,
  ...noteWords,
  ...mappingWords,
  ...rowWords,
  'imports.stoppedByMistake':
    'The import stopped because of a mistake inside Fieldbook. What it brought in so far is in the book and can be undone. Resume it, or undo it.',
  'imports.leftAsChanged': ({ fields }: { fields: number }) =>
    `${counted(fields, 'field was', 'fields were')} changed after the import and left as ${fields === 1 ? 'it is' : 'they are'}.`,
  'imports.notTakenBack': 'The import could not be taken back completely. Nothing is lost. Undo it once more.',
  'imports.endedInUndo': 'Fieldbook ended while this import was being taken back. Resume to take back the rest.',
  'imports.saidBefore': ({ text }: { text: string }) => text,
} as const;
