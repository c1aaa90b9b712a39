import type { AppStatus, ServerStatus } from '../../../shared/contracts/app.contract.ts';

/**
 * What the bottom line says. Every sentence must be true at the moment it is shown (invariant 5): it is made from what main
 * reports and from nothing the screen believes.
 */
export function syncSentence(status: AppStatus | null): string {
  if (status === null) return 'Opening your book';
  const count = (number: number) => new Intl.NumberFormat().format(number);
  const where = status.server === 'none' ? 'This book is only on this laptop' : serverSentence(status.server);
  const waiting =
    status.writing !== null
      ? ` ${count(status.writing.done)} of ${count(status.writing.total)} records are written.`
      : status.unapplied === 0
        ? ''
        : ` ${count(status.unapplied)} ${status.unapplied === 1 ? 'change is' : 'changes are'} still being written.`;
  switch (status.storage) {
    case 'ready':
      return waiting === '' ? where : `${where}.${waiting}`;
    case 'opening':
      return `${where}. The database is opening; your work is safe in the journal.${waiting}`;
    case 'restarting':
      return `${where}. The database is restarting; your work is safe in the journal.${waiting}`;
    case 'rebuilding':
      return `${where}. The database is being rebuilt; your work is safe in the journal.${waiting}`;
    case 'readOnly':
      return `${where}. It can be read and not changed now.`;
  }
}

/** What needs a person first, then what waits, then why it does. Safe is what is in the journal: all that was ever shown as saved. */
function serverSentence(server: ServerStatus): string {
  const { waiting, oldest, isHistoryUnsent, conflicts, refused, stopped, isSyncing, isOffline, isUnreachable, asOf, problem } = server;
  const many = (number: number, one: string, more: string) => `${new Intl.NumberFormat().format(number)} ${number === 1 ? one : more}`;
  const isAway = isOffline || (isUnreachable && !isSyncing);
  const parts: string[] = [];
  if (refused > 0) parts.push(many(refused, 'change was refused', 'changes were refused'));
  if (stopped > 0) parts.push(many(stopped, 'system is not as it was and needs you', 'systems are not as they were and need you'));
  if (conflicts > 0) parts.push(many(conflicts, 'conflict needs you', 'conflicts need you'));
  if (isAway) parts.push('Offline. Your work is safe on this laptop');
  if (waiting > 0) {
    const since = oldest === null ? '' : `, the oldest since ${momentText(oldest)}`;
    parts.push(`${many(waiting, 'change waits', 'changes wait')}${since}`);
  } else if (isHistoryUnsent) parts.push('Every record is on the server; the history of it waits to be sent');
  else if (asOf !== null && (problem !== null || isAway)) parts.push(`Everything was on the server as of ${momentText(asOf)}`);
  else if (problem !== null && !isAway) parts.push('Nothing waits to be sent');
  else if (parts.length === 0)
    parts.push(
      asOf === null
        ? 'Nothing waits to be sent. The server is being asked what is new'
        : `Everything is on the server as of ${momentText(asOf)}`,
    );
  if (isSyncing) parts.push('Syncing');
  else if (problem !== null && !isAway) parts.push(problem.replace(/\.$/, ''));
  return parts.join('. ');
}

/** Today's moments by their time, yesterday's by that word, others by their day. */
export function momentText(instant: string, now = new Date()): string {
  const moment = new Date(instant);
  if (moment.toDateString() === now.toDateString()) return new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }).format(moment);
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (moment.toDateString() === yesterday.toDateString()) return 'yesterday';
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(moment);
}

export type StatusTone = 'calm' | 'busy' | 'stopped';

export function statusTone(status: AppStatus | null): StatusTone {
  if (status === null || status.storage === 'opening' || status.storage === 'restarting' || status.storage === 'rebuilding') return 'busy';
  if (status.storage === 'readOnly') return 'stopped';
  if (status.server === 'none') return 'calm';
  const { conflicts, refused, stopped, waiting, problem, isSyncing, isOffline } = status.server;
  if (conflicts + refused + stopped > 0) return 'stopped';
  return isSyncing || isOffline || waiting > 0 || problem !== null ? 'busy' : 'calm';
}
