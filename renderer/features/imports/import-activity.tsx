import { Link } from '@tanstack/react-router';
import { useRunningImport } from '../../api/transfer.ts';
import { formatCount } from '../../ui/field-text.ts';
import { openJob } from './import-flow.ts';
import { timeLeft } from './import-words.ts';

/** While an import runs, the bottom line tells how far it is, on every screen. */
export function ImportActivity({ className }: { className?: string | undefined }) {
  const job = useRunningImport();
  if (job === null) return null;
  const percent = Math.floor((100 * job.done) / Math.max(1, job.rows));
  const left = timeLeft(job.secondsLeft);
  return (
    <Link to="/import" className={className} onClick={() => openJob(job.id)}>
      {job.state === 'undoing' ? 'Undoing an import' : `Importing: ${formatCount(percent)} %${left === '' ? '' : `, ${left}`}`}
    </Link>
  );
}
