import type { ImportJob, RowReport } from '../../../shared/contracts/transfer.contract.ts';
import { type ImportNoun, importNouns } from '../../../shared/nouns/import-target.ts';
import { formatCount } from '../../ui/field-text.ts';
import { countOf } from '../history/command-words.ts';

/** Tabs of the check and of the result, in the order people ask. */
export const verdictOrder: readonly RowReport['verdict'][] = ['new', 'update', 'unchanged', 'duplicate', 'skip', 'error'];

export const stateWords: Record<ImportJob['state'], string> = {
  running: 'Running',
  paused: 'Paused',
  interrupted: 'Interrupted',
  done: 'Done',
  cancelled: 'Cancelled',
  failed: 'Stopped',
  undoing: 'Being undone',
  undone: 'Undone',
};

export function rowsOf(count: number, isCards: boolean): string {
  const word = isCards ? 'card' : 'row';
  return `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`;
}

export function madeOf(made: ImportJob['made'], noun: ImportNoun): number {
  return made[noun] ?? 0;
}

/** "503 clients and 503 locations". */
export function madeWords(made: ImportJob['made']): string {
  const parts = importNouns.flatMap((noun) => (madeOf(made, noun) > 0 ? [countOf(noun, madeOf(made, noun))] : []));
  if (parts.length === 0) return 'nothing';
  const last = parts.pop() as string;
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`;
}

/** "about 3 minutes left"; nothing while it cannot be known. */
export function timeLeft(seconds: number | null): string {
  if (seconds === null) return '';
  if (seconds < 2) return 'almost done';
  if (seconds < 90) return `about ${formatCount(seconds)} seconds left`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `about ${formatCount(minutes)} minutes left` : `about ${formatCount(Math.round(minutes / 60))} hours left`;
}

export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${formatCount(bytes)} bytes`;
  const format = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 2 });
  return bytes < 1_000_000 ? `${format.format(bytes / 1000)} kB` : `${format.format(bytes / 1_000_000)} MB`;
}

export function canGoOn({ state }: ImportJob): boolean {
  return state === 'paused' || state === 'interrupted' || state === 'failed';
}

export function canUndo({ state, made }: ImportJob): boolean {
  return state !== 'undone' && state !== 'undoing' && state !== 'running' && importNouns.some((noun) => madeOf(made, noun) > 0);
}
