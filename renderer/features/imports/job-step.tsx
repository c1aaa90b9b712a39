import { Alert, Button, Group, Progress, Text } from '@mantine/core';
import { IconArrowBackUp, IconDownload, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { ImportJob, RowReport } from '../../../shared/contracts/transfer.contract.ts';
import { importNouns } from '../../../shared/nouns/import-target.ts';
import { nouns } from '../../../shared/nouns/nouns.ts';
import { exports, imports, useImports } from '../../api/transfer.ts';
import { announce } from '../../ui/announcer.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import { startOver, useImportFlow } from './import-flow.ts';
import classes from './import-screen.module.css';
import { canGoOn, canUndo, madeOf, madeWords, rowsOf, stateWords, timeLeft } from './import-words.ts';
import { ReportRows, ReportTabs } from './report-tabs.tsx';
import { undoImport } from './undo-import.ts';
import { say } from '../../../shared/words/say.ts';

/** An import on its way, and what came of it. */
export function JobStep() {
  const jobId = useImportFlow((state) => state.jobId);
  const job = useImports()?.find(({ id }) => id === jobId);
  useEndAnnounced(job);
  if (job === undefined) return <p className={classes.lead}>This import is no longer in the list.</p>;
  const isMoving = job.state === 'running' || job.state === 'undoing';
  const isCards = job.format === 'vcard';
  return (
    <>
      <p className={classes.lead} data-testid="import-state">
        {sentenceOf(job)}
      </p>
      {job.problem === null ? null : (
        <Alert
          color={job.state === 'failed' ? 'red' : 'orange'}
          title={job.state === 'failed' ? 'The import stopped' : 'Not finished'}
          mb="md"
          role="alert"
        >
          {say(job.problem)}
        </Alert>
      )}
      {job.note === null ? null : (
        <Alert color="blue" mb="md">
          {say(job.note)}
        </Alert>
      )}
      {isMoving || canGoOn(job) ? (
        <div className={classes.checking}>
          <Progress
            value={(100 * job.done) / Math.max(1, job.rows)}
            animated={isMoving}
            aria-label={isCards ? 'Cards imported' : 'Rows imported'}
          />
          <Text size="sm" c="dimmed">
            {[
              `${formatCount(job.done)} of ${rowsOf(job.rows, isCards)}`,
              job.rowsPerSecond === null ? '' : `${formatCount(job.rowsPerSecond)} a second`,
              timeLeft(job.secondsLeft),
            ]
              .filter((part) => part !== '')
              .join(' · ')}
          </Text>
        </div>
      ) : null}
      <JobActions job={job} />
      {isMoving ? null : (
        <ReportTabs
          key={`${job.id} ${job.done}`}
          counts={job.counts}
          label="What came of it"
          panel={(verdict) => <JobRows key={verdict} job={job} verdict={verdict} />}
        />
      )}
    </>
  );
}

function JobActions({ job }: { job: ImportJob }) {
  const navigate = useNavigate();
  const [isBusy, setIsBusy] = useState(false);
  const run = async (work: () => Promise<void>) => {
    setIsBusy(true);
    await work();
    setIsBusy(false);
  };
  const call = (work: () => ReturnType<typeof imports.pause>) =>
    run(async () => {
      const result = await work();
      if (!result.ok) showProblem(result.error);
    });
  const noun = importNouns.toSorted((a, b) => madeOf(job.made, b) - madeOf(job.made, a))[0] ?? 'clients';
  const isOver = job.state === 'done' || job.state === 'cancelled' || job.state === 'undone';
  return (
    <Group gap="xs" mb="md">
      {job.state === 'running' ? (
        <Button
          variant="default"
          disabled={isBusy}
          leftSection={<IconPlayerPause size={16} />}
          onClick={() => void call(() => imports.pause(job.id))}
        >
          Pause
        </Button>
      ) : null}
      {canGoOn(job) ? (
        <Button disabled={isBusy} leftSection={<IconPlayerPlay size={16} />} onClick={() => void call(() => imports.resume(job.id))}>
          Resume
        </Button>
      ) : null}
      {job.state === 'running' || canGoOn(job) ? (
        <Button variant="default" disabled={isBusy} onClick={() => void call(() => imports.cancel(job.id))}>
          Cancel the import
        </Button>
      ) : null}
      {isOver && job.state !== 'undone' && madeOf(job.made, noun) > 0 ? (
        <Button onClick={() => void navigate({ to: '/$noun', params: { noun }, search: {} })}>Show {nouns[noun].plural}</Button>
      ) : null}
      {job.state !== 'running' && job.counts.error > 0 ? (
        <Button
          variant="default"
          disabled={isBusy}
          leftSection={<IconDownload size={16} />}
          onClick={() => void run(() => saveErrors(job))}
        >
          Save the rows that failed
        </Button>
      ) : null}
      {canUndo(job) ? (
        <Button
          variant="default"
          disabled={isBusy}
          leftSection={<IconArrowBackUp size={16} />}
          onClick={() => void run(() => undoImport(job))}
        >
          Undo the whole import
        </Button>
      ) : null}
      {job.state === 'running' ? null : (
        <Button variant="subtle" onClick={startOver}>
          {isOver ? 'Import another file' : 'All imports'}
        </Button>
      )}
    </Group>
  );
}

async function saveErrors(job: ImportJob): Promise<void> {
  const made = await imports.errorFile(job.id);
  if (!made.ok) return showProblem(made.error);
  const saved = await exports.save(made.value.fileId);
  if (!saved.ok) return showProblem(saved.error);
  if (saved.value.saved) announce(`${made.value.fileName} saved`);
}

/** The rows of one verdict, page by page as they are asked for. */
function JobRows({ job, verdict }: { job: ImportJob; verdict: RowReport['verdict'] }) {
  const [rows, setRows] = useState<readonly RowReport[] | null>(null);
  useEffect(() => {
    let isHere = true;
    void imports.report(job.id, verdict, 0).then((result) => {
      if (!isHere) return;
      if (result.ok) setRows(result.value.rows);
      else showProblem(result.error);
    });
    return () => {
      isHere = false;
    };
  }, [job.id, verdict]);
  const more = async (from: readonly RowReport[]) => {
    const result = await imports.report(job.id, verdict, from.length);
    if (result.ok) setRows([...from, ...result.value.rows]);
    else showProblem(result.error);
  };
  if (rows === null) return <div aria-busy className={classes.waiting} />;
  return <ReportRows rows={rows} total={job.counts[verdict]} isCards={job.format === 'vcard'} onMore={() => void more(rows)} />;
}

/** Whoever does not see the bar is told when it ends. */
function useEndAnnounced(job: ImportJob | undefined): void {
  const before = useRef(job?.state);
  const state = job?.state;
  useEffect(() => {
    if (job !== undefined && before.current === 'running' && state !== 'running') announce(sentenceOf(job));
    before.current = state;
  }, [job, state]);
}

function sentenceOf(job: ImportJob): string {
  const isCards = job.format === 'vcard';
  const made = madeWords(job.made);
  switch (job.state) {
    case 'running':
      return `${job.fileName} is being imported. You can go on working.`;
    case 'paused':
      return `Paused. ${rowsOf(job.done, isCards)} of ${formatCount(job.rows)} are in the book.`;
    case 'interrupted':
    case 'failed':
      return `${stateWords[job.state]}. ${rowsOf(job.done, isCards)} of ${formatCount(job.rows)} are done, and all of what they made is in the book.`;
    case 'done':
      return `Done: ${made} imported.${job.counts.error === 0 ? '' : ` ${rowsOf(job.counts.error, isCards)} could not be imported.`}`;
    case 'cancelled':
      return `Cancelled after ${rowsOf(job.done, isCards)}. What was imported until then (${made}) is in the book.`;
    case 'undoing':
      return 'The import is being taken back.';
    case 'undone':
      return 'This import is undone: what it made is deleted, and what it changed is as it was before.';
  }
}
