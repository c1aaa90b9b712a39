import type { AppStatus } from '../../../shared/contracts/app.contract.ts';

/**
 * What the bottom line says. Every sentence must be true at the moment it is shown (invariant 5): it is made from what main
 * reports and from nothing the screen believes.
 */
export function syncSentence(status: AppStatus | null): string {
  if (status === null) return 'Opening your book';
  const where = 'This book is only on this laptop';
  const count = (number: number) => new Intl.NumberFormat().format(number);
  const waiting =
    status.writing !== null
      ? ` ${count(status.writing.done)} of ${count(status.writing.total)} records are written.`
      : status.unapplied === 0
        ? ''
        : ` ${count(status.unapplied)} ${status.unapplied === 1 ? 'change is' : 'changes are'} still being filed.`;
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

export type StatusTone = 'calm' | 'busy' | 'stopped';

export function statusTone(status: AppStatus | null): StatusTone {
  if (status === null || status.storage === 'opening' || status.storage === 'restarting' || status.storage === 'rebuilding') return 'busy';
  return status.storage === 'readOnly' ? 'stopped' : 'calm';
}
