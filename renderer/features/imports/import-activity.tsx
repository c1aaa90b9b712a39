import { Link } from '@tanstack/react-router';
import type { ImportJob } from '../../../shared/contracts/transfer.contract.ts';
import { useImports } from '../../api/transfer.ts';
import { formatCount } from '../../ui/field-text.ts';
import { openJob } from './import-flow.ts';
import { timeLeft } from './import-words.ts';

/** The bottom line tells on every screen how far an import is, and that one stands still and waits for a word. */
export function ImportActivity({ className }: { className?: string | undefined }) {
  const jobs = useImports() ?? [];
  const job =
    jobs.find(({ state }) => state === 'running' || state === 'undoing') ??
    jobs.find(({ state }) => state === 'interrupted' || state === 'paused');
  if (job === undefined) return null;
  return (
    <Link to="/import" className={className} onClick={() => openJob(job.id)}>
      {activityOf(job)}
    </Link>
  );
}

function activityOf({ state, done, rows, secondsLeft }: ImportJob): string {
  if (state === 'undoing') return 'Undoing an import';
  const percent = `${formatCount(Math.floor((100 * done) / Math.max(1, rows)))} %`;
  if (state === 'interrupted') return `Import interrupted at ${percent}`;
  if (state === 'paused') return `Import paused at ${percent}`;
  const left = timeLeft(secondsLeft);
  return `Importing: ${percent}${left === '' ? '' : `, ${left}`}`;
}
