import { Link } from '@tanstack/react-router';
import { useStatus } from '../api/live.ts';
import { useCounts } from '../api/records.ts';
import { countOf } from '../features/history/command-words.ts';
import { ImportActivity } from '../features/imports/import-activity.tsx';
import { statusTone, syncSentence } from '../features/settings/sync-sentence.ts';
import classes from './status-line.module.css';

// The other nouns are counted in the navigation; all of them would fill the line.
const counted = ['clients', 'contacts', 'locations'] as const;

/** The line that is always there: where the work is, and how much of it there is. */
export function StatusLine() {
  const status = useStatus();
  const counts = useCounts();
  return (
    <footer className={classes.line} aria-label="State of the book">
      <span className={classes.status} role="status">
        <Link to="/sync" className={classes.sentence} data-tone={statusTone(status)} data-testid="sync-sentence" title="Open sync">
          <span className={classes.dot} aria-hidden />
          <span className={classes.text}>{syncSentence(status)}</span>
        </Link>
      </span>
      <ImportActivity className={classes.counts} />
      {counts === undefined ? null : (
        <span className={classes.counts}>{counted.map((noun) => countOf(noun, counts[noun])).join(' · ')}</span>
      )}
    </footer>
  );
}
