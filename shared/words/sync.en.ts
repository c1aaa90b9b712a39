import type { Names, Said } from './sentence.ts';

const counted = (count: number) => count.toLocaleString('en');

/** Servers and what goes between them and the book. */
export const syncWords = {
  'sync.writeEmail': 'Write the e-mail you sign in with.',
  'sync.writePassword': 'Write the password.',
  'sync.pasteToken': 'Paste the token.',
  'sync.pasteCookie': 'Paste the cookie.',
  'sync.answeredAlready': 'This was answered already, so nothing was changed. Look at the list again.',
  'sync.onlyTextsKeepBoth': 'Only long texts can keep the lines of both. Choose one of the two.',
  'sync.variableNotSet': ({ variable }: { variable: string }) => `The environment variable ${variable}, which the file names, is not set.`,
  'sync.wentWrongNotSent': 'Something unexpected happened, and nothing was sent. Try again; the reason is in the logs.',
  'sync.otherServerConnecting': 'Another server is being connected at this moment. Wait until that is done.',
  'sync.nothingToConnect':
    'There is nothing to connect any more, perhaps because Fieldbook was started again. Sign in once more; nothing was sent.',
  'sync.oneServerOnly': ({ url }: { url: string }) =>
    `This book is connected to ${url} already. A book has one Fieldbook server; disconnect it first.`,
  'sync.otherOrganisation':
    'This book belongs to another organisation on that server, so nothing was changed. Disconnect it first, or use another data folder.',
  'sync.addressHasMore': 'The address of the server has no name, password or question mark in it. Leave them out.',
  'sync.notSecure': ({ host }: { host: string }) =>
    `http://${host} can be read by everybody on the way, so nothing was sent. Use its address with https://.`,
  'sync.secretsNotKept':
    'Secret values are not kept outside of the record. Open the record and type the right one; that answers the question.',
  'sync.noBoth': 'These two values cannot be put together. Take one of them.',
  'sync.namedNotHere': 'What this value names is not in this book. Open the record and choose what is right; that answers the question.',
  'sync.otherSystem': ({ system, chosen }: { system: string; chosen: string }) =>
    `It is ${system} that answers at this address, and not ${chosen}. Nothing was sent. Choose ${system}, or another address.`,
  'sync.noPlace': ({ system }: { system: string }) => `${system} has no place for it. It stays in this book.`,
  'sync.noSuchServer': 'This book is connected to no such server any more. Connect it first.',
  'sync.unsent': ({ count }: { count: number }) =>
    `${count} ${count === 1 ? 'change is' : 'changes are'} not on the server, so nothing was removed. Sync first, export the whole book, or choose that what is not sent stays here.`,
  'sync.noAnswerInTime': 'The server did not answer in time. Nothing was changed. Try again.',
  'sync.writeAddress': 'Write the address of the server, for example https://crm.example.com.',
  'sync.noAddress': 'This is no address of a server. Write it like https://crm.example.com.',
  'sync.httpsOnly': 'A server is reached with https. Write its address like https://crm.example.com.',
  'sync.nameNotInAddress': 'The name and the password do not belong in the address. Write them in their own fields.',
  'sync.addressHasTooMuch': 'The address has more in it than a server needs. Leave out everything from ? or # on.',
  'sync.fileUnreadable': ({ path }: { path: string }) => `The file ${path} cannot be read. Check where it is.`,
  'sync.fileFarTooLong': ({ path }: { path: string }) => `The file ${path} is far too long to say what to connect with.`,
  'sync.fileNotJson': ({ path }: { path: string }) => `The file ${path} is not JSON.`,
  'sync.sentTooMuch': 'It sent more than Fieldbook ever asks for.',
  'sync.leadsElsewhere': `It sends Fieldbook on to another address. Check the address, or sign in to this network in a browser first.`,
  'sync.answeredWithPage': 'It answered with a page instead of data. Check the address, or sign in to this network in a browser first.',
  'sync.halfAnAnswer': ({ host }: { host: string }) =>
    `Only half of an answer came from ${host}. Everything is safe here; Fieldbook tries again.`,
  'sync.unavailable': ({ host }: { host: string }) =>
    `The server ${host} is not available at the moment. Everything is safe here; Fieldbook tries again.`,
  'sync.askedToWait': ({ host }: { host: string }) =>
    `The server ${host} asked this laptop to wait before it goes on. Everything is safe here; Fieldbook tries again.`,
  'sync.unknownForm': 'Its answer is not in the form Fieldbook knows. Check the address, or update Fieldbook.',
  'sync.certificate': ({ host }: { host: string }) =>
    `The certificate of ${host} is not right, so nothing was sent. Check the address and the clock of this computer, or ask whoever runs the server.`,
  'sync.noHttps': ({ host }: { host: string }) => `${host} does not speak https. Check the address.`,
  'sync.notFound': ({ host }: { host: string }) => `${host} cannot be found. Check the address and the network; everything is safe here.`,
  'sync.nothingAnswers': ({ host }: { host: string }) =>
    `Nothing answers at ${host}. The server may be off; everything is safe here and Fieldbook tries again.`,
  'sync.noAnswerFrom': ({ host }: { host: string }) =>
    `${host} did not answer in 30 seconds. Everything is safe here; Fieldbook tries again.`,
  'sync.brokeOff': ({ host }: { host: string }) => `The connection to ${host} broke off. Everything is safe here; Fieldbook tries again.`,
  'sync.signedOut': ({ host }: { host: string }) =>
    `This laptop is not signed in to ${host} any more. Sign in again; what is not sent yet stays here and goes then.`,
  'sync.serverNewer': 'The server is newer than this Fieldbook. Update Fieldbook; until then everything stays safe here.',
  'sync.serverOlder': 'This Fieldbook is newer than the server. Everything stays safe here until the server is updated.',
  'sync.noRoomOnServer': ({ host }: { host: string }) =>
    `There is no room left on the server ${host}. Tell whoever runs it; everything is safe here.`,
  'sync.letsNothingSoLargeThrough': ({ host }: { host: string }) =>
    `Something in front of ${host} lets no change through that is as large as one of these. Ask whoever runs it to allow requests of 8 MB; everything is safe here.`,
  'sync.doesNotKnowRequest': 'It does not know what Fieldbook asks for. Check the address.',
  'sync.mayNotSync': ({ host }: { host: string }) =>
    `This account may not sync with ${host} any more. Ask an administrator; what is not sent yet stays here.`,
  'sync.requestRefused': ({ host, code }: { host: string; code: string }) =>
    `The server ${host} refused a request (${code}). Everything is safe here; if it goes on, tell whoever runs it.`,
  'sync.otherOrganisationNamed': ({ host }: { host: string }) =>
    `${host} signed in to another organisation than the one that was named, so nothing was kept.`,
  'sync.signInWays': 'A Fieldbook server is signed in to with an e-mail and a password, or a token. Change "signIn" in the file.',
  'sync.passwordUnknown': ({ host }: { host: string }) =>
    `${host} does not know this e-mail with this password. Check both; nothing was sent.`,
  'sync.askedTooOften': ({ host }: { host: string }) => `${host} was asked to sign in too often. Wait a minute and try again.`,
  'sync.severalOrganisations': 'This e-mail belongs to several organisations. Say which one is meant, by its id under "organisation".',
  'sync.nowOtherOrganisation': ({ host }: { host: string }) =>
    `${host} now signs this laptop in to another organisation, so nothing was sent. Sign in again with the right account.`,
  'sync.goesBack': ({ host }: { host: string }) =>
    `The numbers of ${host} go back, which those of a Fieldbook server never do, so nothing of that answer was taken in. Tell whoever runs it.`,
  'sync.otherVerdicts': 'Its verdicts are about other records than were sent.',
  'sync.deletionsWait': ({ count }: { count: number }) =>
    `${count} deletions wait, because so many at once may be a mistake. Everything else is on the server. Confirm them on the Sync page.`,
  'sync.clockAhead': ({ far, unit }: { far: number; unit: string }) =>
    `The clock of this computer is ${far} ${unit} ahead of the server’s. Set it right; until then what is saved here is sent with the server’s time.`,
  'sync.clockBehind': ({ far, unit }: { far: number; unit: string }) =>
    `The clock of this computer is ${far} ${unit} behind the server’s. Set it right; until then changes of others may stand over later ones from here.`,
  'sync.notSeenAnyMore': 'This record is not for this account any more. What you changed and was not sent yet is kept here.',
  'sync.stopped': 'The sync was stopped. What was sent and taken in stays so; the rest follows with the next one.',
  'sync.wentWrong': 'Something unexpected happened while syncing. Nothing is lost; the reason is in the logs.',
  'sync.howMuchOfFile': 'It does not say how much of a file it has.',
  'sync.fileChanged': 'A file changed while it came.',
  'sync.howLongFile': 'It does not say how long a file is.',
  'sync.unknownOperation': 'An operation in it is none that any laptop sends.',
  'sync.unknownRecord': ({ noun }: { noun: string }, names: Names) => `A record in its answer is not in the form of ${names.plural(noun)}.`,
  'sync.notFieldbook': ({ why }: { why: Said }) => `This is not a Fieldbook server, so nothing was sent. ${why}`,
  'sync.lookAtThem': ({ conflicts, refused }: { conflicts: number; refused: number }) => {
    const twice = `${conflicts} ${conflicts === 1 ? 'field was' : 'fields were'} changed twice`;
    const not = `${refused} ${refused === 1 ? 'change was' : 'changes were'} refused`;
    return `${[conflicts > 0 ? twice : '', refused > 0 ? not : ''].filter((part) => part !== '').join(' and ')}. Look at them on the Sync page.`;
  },
  'sync.compared': ({ records, mended, left }: { records: number; mended: number; left: number }) => {
    const found = [
      ...(mended > 0 ? [`${counted(mended)} differed and ${mended === 1 ? 'was' : 'were'} mended`] : []),
      ...(left > 0 ? [`${counted(left)} that the server does not have ${left === 1 ? 'was' : 'were'} left as they are`] : []),
    ];
    return `Compared ${counted(records)} ${records === 1 ? 'record' : 'records'}: ${found.length === 0 ? 'nothing differed' : found.join(', ')}.`;
  },
  'sync.worksOffline': 'Nothing is asked while you work offline. Switch off “Work offline” first.',
  'sync.cannotCompare': 'This server is older than this Fieldbook and cannot be compared with. Everything else works as before.',
  'sync.differedMissing': 'It was on the server and not on this laptop.',
  'sync.differedOther': 'It was another here than on the server.',
  'sync.differedGone': 'It was here, and is not on the server or not for this account any more. It was taken off this laptop.',
  'sync.differedUnsent': 'The server does not have it, although it was known to. What is here goes again.',
  'sync.unknownToServer': ({ count }: { count: number }) =>
    `${count} records are here that the server should have and has not. So many were left as they are. Ask who runs the server; if they belong there, disconnect, keep the book, and connect again: then they are sent.`,
  'sync.unknownAndOnlyRead': ({ count }: { count: number }) =>
    `${count} ${count === 1 ? 'record is' : 'records are'} here that the server should have and has not. This connection only reads, so ${count === 1 ? 'it was' : 'they were'} left as ${count === 1 ? 'it is' : 'they are'}.`,
  'sync.stepRefused':
    'The server did not take this step into the history of others. The records are there as they are here; look at them if somebody asks who changed them.',
  'sync.journalDamaged':
    'Part of the journal of this book is damaged, so nothing was sent. Open Fieldbook and let it look for what is missing, then sync again.',
  'sync.bookDiffers': ({ differing }: { differing: number | null }) => {
    const found =
      differing === null
        ? 'What the last check found cannot be read'
        : `The last check found ${differing === 1 ? '1 record that is not as the journal has it' : `${differing} records that are not as the journal has them`}`;
    return `${found}, so nothing was sent. Open "Check my book" in the settings, check, mend what it lists, and sync again.`;
  },
  'sync.accountDisabled': ({ host }: { host: string }) =>
    `Your account on ${host} was disabled. What the server has was taken off this laptop; what is not sent yet stays here. Ask an administrator.`,
  'sync.noSuchKind': ({ kind }: { kind: string }) =>
    `This version of Fieldbook cannot speak to "${kind}". Update Fieldbook, or choose another kind.`,
  'sync.fileUnclear': ({ path, says }: { path: string; says: Said }) =>
    `The file ${path} does not say how to connect: ${says === '' ? 'it is in another form' : says}. See README, "Sync without a window".`,
  'sync.fileUnclearAt': ({ path, at, says }: { path: string; at: string; says: Said }) =>
    `The file ${path} does not say how to connect at "${at}": ${says}. See README, "Sync without a window".`,
} as const;
