import type { Said } from './sentence.ts';

/** What Fieldbook says where it has no screen yet or none any more: pages of the local server, the terminal, the last dialog. */
export const startWords = {
  'pages.wrongTitle': 'Something went wrong',
  'pages.wrong': 'Your book is safe. Reload this page; if that does not help, start Fieldbook again.',
  'pages.otherHostTitle': 'Wrong address',
  'pages.otherHost': ({ address }: { address: string }) => `This book answers at ${address} only.`,
  'pages.unreadableTitle': 'Bad address',
  'pages.unreadable': 'This address cannot be read.',
  'pages.notAllowedTitle': 'Not allowed',
  'pages.cannotBeAsked': 'This is not something that can be asked of Fieldbook.',
  'pages.otherSite': 'Another site asked for this, so it was refused.',
  'pages.needsKeyTitle': 'This page needs its key',
  'pages.usedTitle': 'This address was used already',
  'pages.howToGetIn':
    'Fieldbook prints a fresh address each time it starts, and that address lets one browser in, once. Close Fieldbook, start it again and open the new address. Your book is safe.',
  'pages.notHereTitle': 'Not here',
  'pages.nothingHere': 'There is nothing at this address.',
  'start.fileAfterConnect': 'After --connect comes a file.',
  'start.folderAfterData': 'After --data comes a folder.',
  'start.numberAfterPort': 'After --port comes a number from 0 to 65535; 0 takes any free port.',
  'start.lacksValue': ({ word }: { word: string }) => `"${word}" lacks its value, or has one too many.`,
  'start.unknownWord': ({ word }: { word: string }) => `Fieldbook does not know "${word}".`,
  'start.failed': ({ folder }: { folder: string }) => `Fieldbook could not start, and changed nothing. The reason is in ${folder}.`,
  'start.failedTitle': 'Fieldbook could not start',
  'start.unexpected':
    'Something unexpected happened while Fieldbook started. What is in your book is safe. Start Fieldbook again; if it happens again, keep the folder "logs" in the data folder for whoever helps you.',
  'start.syncFailed': 'This could not be done, and nothing is lost. The reason is in the logs.',
  'start.noBrowserFound': ({ how }: { how: Said }) =>
    `No browser for a window of its own was found. Open the address below in yours. ${how}`,
  'start.openInYours': ({ why, address, how }: { why: Said; address: string; how: Said }) =>
    `${why} Open ${address} in a browser of your own. ${how}`,
  'start.howToGetABrowser': 'To get a window of its own, install Chrome, Chromium or Edge, or set FIELDBOOK_BROWSER to the program of one.',
  'start.windowClosedAgain': 'The window closed unexpectedly again and again. Your book is safe.',
  'start.browserFailed': 'The browser could not be started.',
  'start.hadToCloseTitle': 'Fieldbook had to close',
  'start.windowStopped': 'The window stopped working several times in a row. Everything you saw confirmed is safe. Start Fieldbook again.',
} as const;
