import { type NounName, nouns } from '../../../shared/nouns/nouns.ts';

/** What a command did, in words: "Changed", "Deleted 3 clients", "Imported 503 records". */
const verbs: Record<string, string> = {
  create: 'Created',
  change: 'Changed',
  remove: 'Deleted',
  restore: 'Restored',
  restoreField: 'Restored a field of',
  start: 'Imported',
  run: 'Imported',
  import: 'Imported',
  addSample: 'Added sample data:',
  removeSample: 'Removed sample data:',
  mend: 'Mended',
  merge: 'Merged',
  takeApart: 'Took apart',
  keepApart: 'Marked as different:',
  restoreTo: 'Brought back',
};

const mailVerbs: Record<string, string> = {
  'outbox.save': 'Wrote',
  'outbox.cancel': 'Took back',
  'outbox.sendAgain': 'Sent again',
  'outbox.markSent': 'Marked as sent',
  'outbox.worker.sending': 'Began to send',
  'outbox.worker.sent': 'Sent',
  'outbox.worker.temporary': 'Could not be sent yet',
  'outbox.worker.noNetwork': 'Could not be sent yet',
  'outbox.worker.permanent': 'Could not be sent',
  'outbox.worker.unsure': 'May have been sent',
};

function verbOf(command: string): string {
  const [room = '', method = ''] = command.split('.');
  if (room === 'imports') return 'Imported';
  if (room === 'locationPrices') return method === 'clear' ? 'Cleared' : 'Set';
  if (command === 'today.logCall') return 'Logged';
  if (room === 'tags') return method === 'rename' ? 'Renamed a tag on' : 'Changed the tags of';
  return mailVerbs[command] ?? verbs[method] ?? 'Changed';
}

export function countOf(noun: NounName, count: number): string {
  return `${new Intl.NumberFormat().format(count)} ${count === 1 ? nouns[noun].singular : nouns[noun].plural}`;
}

/** For a history entry: "Changed", "Undone: changed". */
export function historyWords(command: string, kind: 'do' | 'undo' | 'redo', created: boolean): string {
  const verb = recordVerb(command, kind === 'do', created);
  if (kind === 'undo') return `Undone: ${verb.toLowerCase()}`;
  if (kind === 'redo') return `Done again: ${verb.toLowerCase()}`;
  return verb;
}

function recordVerb(command: string, isDone: boolean, created: boolean): string {
  if (created && isDone) return command.startsWith('imports') ? 'Imported' : 'Created';
  // What made another record, such as a call, changed this one.
  if (isDone && command.endsWith('.create')) return 'Changed';
  return verbOf(command)
    .replace(/ a field of$/, ' a field')
    .replace(/:$/, '');
}

/**
 * For the undo button and its toast: "Created 1 client", "Deleted 3 records". More than one is counted as records: what
 * hangs on a client goes and comes with it.
 */
export function commandWords(command: string, records: number): string {
  const room = command.split('.')[0] ?? '';
  if (command === 'today.logCall') return 'Logged 1 call';
  const what =
    room === 'outbox' && records === 1
      ? '1 e-mail'
      : room === 'locationPrices'
        ? `${new Intl.NumberFormat().format(records)} ${records === 1 ? 'price' : 'prices'}`
        : room in nouns && records === 1
          ? countOf(room as NounName, 1)
          : `${new Intl.NumberFormat().format(records)} ${records === 1 ? 'record' : 'records'}`;
  return `${verbOf(command)} ${what}`;
}
