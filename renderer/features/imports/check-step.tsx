import { Alert, Button, Group, Progress, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { FilePreview, ImportJob, ImportPlan, RowReport } from '../../../shared/contracts/transfer.contract.ts';
import type { Problem } from '../../../shared/lib/result.ts';
import { imports } from '../../api/transfer.ts';
import { announce } from '../../ui/announcer.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { goTo, type Step, startImport } from './import-flow.ts';
import classes from './import-screen.module.css';
import { rowsOf } from './import-words.ts';
import { ReportRows, ReportTabs } from './report-tabs.tsx';
import { say } from '../../../shared/words/say.ts';

interface Checked {
  counts: ImportJob['counts'];
  rows: RowReport[];
  checked: number;
  total: number;
  complete: boolean;
}

/** What the import would do, row by row. Nothing is written before the button below is pressed. */
export function CheckStep({ preview, plan, back }: { preview: FilePreview; plan: ImportPlan; back: Step }) {
  const [found, setFound] = useState<Checked | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isStarting, setIsStarting] = useState(false);
  useEffect(() => {
    let isHere = true;
    const check = async () => {
      for (;;) {
        const result = await imports.dryRun(plan);
        if (!isHere) return;
        if (!result.ok) return setProblem(result.error);
        setFound(result.value);
        if (result.value.complete) return announce(summaryOf(result.value, preview.format === 'vcard'));
      }
    };
    void check();
    return () => {
      isHere = false;
    };
  }, [plan, preview.format]);
  const isCards = preview.format === 'vcard';
  const start = async () => {
    setIsStarting(true);
    await startImport();
    setIsStarting(false);
  };
  return (
    <>
      {problem !== null ? (
        <Alert color="red" title="This cannot be imported yet" mb="md" role="alert">
          {say(problem)}
        </Alert>
      ) : found === null || !found.complete ? (
        <div className={classes.checking} role="status">
          <Text size="sm">
            Checking {found === null ? '' : `${formatCount(found.checked)} of `}
            {rowsOf(preview.rows, isCards)}
          </Text>
          <Progress
            value={found === null ? 0 : (100 * found.checked) / Math.max(1, found.total)}
            aria-label={isCards ? 'Cards checked' : 'Rows checked'}
          />
        </div>
      ) : (
        <p className={classes.lead}>{summaryOf(found, isCards)} Nothing has been written yet.</p>
      )}
      {found === null ? null : (
        <ReportTabs
          counts={found.counts}
          label="What would happen"
          panel={(verdict) => (
            <ReportRows rows={found.rows.filter((row) => row.verdict === verdict)} total={found.counts[verdict]} isCards={isCards} />
          )}
        />
      )}
      <Group className={classes.foot}>
        <Button variant="default" onClick={() => goTo(back)}>
          Back
        </Button>
        <Button onClick={() => void start()} loading={isStarting} disabled={found === null || !found.complete || goingIn(found) === 0}>
          {found === null || !found.complete ? 'Import' : `Import ${rowsOf(goingIn(found), isCards)}`}
        </Button>
      </Group>
    </>
  );
}

/** Rows that the import will deal with: those that fail or are skipped stay out. */
function goingIn({ counts }: Checked): number {
  return counts.new + counts.update + counts.unchanged + counts.duplicate;
}

function summaryOf({ counts }: Checked, isCards: boolean): string {
  const parts = [
    counts.new > 0 ? `${rowsOf(counts.new, isCards)} will make new records.` : '',
    counts.update > 0 ? `${rowsOf(counts.update, isCards)} will change records you have.` : '',
    counts.unchanged > 0
      ? `${rowsOf(counts.unchanged, isCards)} ${counts.unchanged === 1 ? 'says' : 'say'} what the book says already.`
      : '',
    counts.duplicate > 0 ? `${rowsOf(counts.duplicate, isCards)} may be the same as another.` : '',
    counts.skip > 0 ? `${rowsOf(counts.skip, isCards)} will be skipped.` : '',
    counts.error > 0 ? `${rowsOf(counts.error, isCards)} cannot be imported.` : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}
