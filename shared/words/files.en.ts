import type { Said } from './sentence.ts';

/** Files, imports and exports. */
export const filesWords = {
  'exports.noVcardForm': 'Locations have no vCard form. Export them as CSV or Excel.',
  'exports.listEmpty': 'This list is empty, so there is nothing to export. Clear its filters or choose another list.',
  'exports.sheetHolds': ({ most, rows }: { most: number; rows: number }) =>
    `An Excel sheet holds ${most.toLocaleString('en')} rows; this list has ${rows.toLocaleString('en')}.`,
  'exports.cellHolds': ({ column, length, most }: { column: string; length: number; most: number }) =>
    `“${column}” of one record has ${length.toLocaleString('en')} characters; an Excel cell holds ${most.toLocaleString('en')}.`,
  'exports.notExported': ({ why }: { why: Said }) => `${why} Nothing was exported. Export as CSV, which has no such limit.`,
  'imports.notListed': 'This import is no longer in the list. Its records and their history are in the book.',
  'imports.otherRunning': 'Another import is running. Wait until it is done, or pause or cancel it first.',
  'files.tooLarge':
    'This file is larger than 200 MB, so it was not taken in. Split it into smaller files and bring them in one after the other.',
  'files.gone': 'This file is no longer in the data folder. Bring it in again, or make the export again.',
  'files.changingWhileRead':
    'The file could not be read to its end, so it was not taken in. Check that it is still there and not changing, then choose it again.',
  'files.goneMakeAgain': 'This file is no longer in the data folder. Make it again.',
  'files.noneNamed': 'No file was named. Make the export again.',
  'files.noSpaceThere': 'There is not enough space to save the file there. Nothing was changed. Free some space or choose another folder.',
  'files.notSavedThere':
    'The file could not be saved there. Nothing was changed. Choose another folder, or close the program that has the file open.',
  'files.notTakenAnyMore': 'This file is not being taken in any more. Choose it again.',
  'files.notReadable': 'This is not a file that Fieldbook can read. Choose another one.',
  'files.tooManyAtOnce': 'Too many files at once. Wait until the first ones are taken in, then go on.',
  'files.pieceUnreadable': 'A piece of this file could not be read, so it was not taken in. Choose it again.',
  'files.notReadToEnd': 'The file could not be read to its end, so it was not taken in. Check that it is still there and choose it again.',
  'exports.noItems': 'Nothing stands in these days, so there is nothing to save. Choose other days, or show more kinds.',
  'exports.tooManyItems': ({ most }: { most: number }) =>
    `More than ${most.toLocaleString('en')} items stand in these days, and no calendar takes that many from a file. Choose fewer days.`,
  'files.unreadable': ({ why, whatToDo }: { why: Said; whatToDo: Said }) => `${why} Nothing was imported. ${whatToDo}`,
  'imports.mappingNeeded': ({ why }: { why: Said }) => `${why} Nothing was imported.`,
  'files.empty': ({ fileName }: { fileName: string }) => `“${fileName}” is empty. Nothing was imported. Choose a file with rows in it.`,
  'files.noCards': ({ fileName }: { fileName: string }) =>
    `“${fileName}” has no cards in it. Nothing was imported. Choose a file with rows in it.`,
  'files.noRows': ({ fileName }: { fileName: string }) =>
    `“${fileName}” has column names but no rows. Nothing was imported. Choose a file with rows in it.`,
  'imports.oneFile': 'Lists are imported one file at a time. Nothing was imported. Choose one of them, or several vCards together.',
} as const;
