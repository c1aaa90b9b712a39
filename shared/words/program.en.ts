/** Fieldbook itself: starting, closing and calls that were not carried out. */
export const programWords = {
  'program.cannotDo': 'This window asked for something Fieldbook cannot do. Your book is safe. Close the window and open Fieldbook again.',
  'program.takesLong':
    'This takes longer than it should. It may still be carried out, so look before you do it again. What was saved before is safe.',
  'program.wentWrong':
    'Something went wrong inside Fieldbook, and this was not carried out. What was saved before is safe. Try again; if it happens once more, restart Fieldbook.',
  'program.closing': 'Fieldbook is closing, so this was not carried out. What was saved before is safe. Start Fieldbook again.',
  'program.readAgain':
    'A saved copy of your book was damaged on the disk, so Fieldbook is reading the book again, and this was not carried out. What was saved before is safe. Try again in a moment.',
  'program.noKeychainInBrowser':
    'Passwords cannot be kept safely when Fieldbook runs in a browser, so this one was not stored. Use the installed app for that.',
  'program.closedBeforeAnswer':
    'Fieldbook closed before it could answer. What it had confirmed is safe. Start it again and check your last change.',
  'program.notRunning':
    'Fieldbook is not running, so nothing was changed. What you saved before is safe. Start it again and open its new address.',
  'program.noAnswerInTime': 'Fieldbook did not answer in time. It may still finish; look at the record before you do it again.',
  'program.opening': 'Fieldbook is still opening your book. Try again in a moment.',
  'program.wentWrongHere': 'Something went wrong inside Fieldbook. What you saved before is safe. Try again.',
  'program.openingStill': 'Fieldbook is still opening your book.',
  'program.notFromWindow': 'This request did not come from a window of Fieldbook, so nothing was done.',
  'program.unknownRequest': 'Fieldbook does not know this request. Nothing was done.',
  'program.noKeychain':
    'This computer offers no safe place for passwords, so nothing was stored. Set up the system keychain and try again.',
  'program.keychainChanged': 'A stored password can no longer be read, because the system keychain has changed. Enter the password again.',
  'program.noAnswer':
    'Fieldbook did not answer. What you saw confirmed is safe. Try again; if it happens again, close Fieldbook and start it anew.',
  'said.text': ({ text }: { text: string }) => text,
  'program.couldNotFinish':
    'Fieldbook could not finish this. Nothing that was saved is lost. Try again; if it stays, close Fieldbook and start it again.',
  'program.notPermitted': 'You do not have permission to perform this action.',
} as const;
