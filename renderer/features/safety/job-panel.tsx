import { Button, Progress, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { SafetyJob } from '../../../shared/contracts/safety.contract.ts';
import { say } from '../../../shared/words/say.ts';
import { safety } from '../../api/safety.ts';
import { announce } from '../../ui/announcer.tsx';
import { formatCount } from '../../ui/field-text.ts';
import { showProblem } from '../../ui/problem.tsx';
import classes from './safety-screen.module.css';

/** What runs now, or how the last thing ended. */
export function JobPanel({ job }: { job: SafetyJob }) {
  useAnnouncedEnd(job);
  const isRunning = job.state === 'running';
  const percent = job.total === 0 ? 0 : Math.round((job.done / job.total) * 100);
  return (
    <section className={`${classes.box} ${classes.job}`} aria-label="What runs now">
      <div className={classes.jobLine}>
        <span>
          {job.state === 'failed' && job.problem === null ? 'This did not work.' : say(job.problem ?? job.step)}
          {isRunning ? <JobFigures job={job} percent={percent} /> : null}
        </span>
        {isRunning ? (
          <Button variant="default" size="compact-md" onClick={() => void safety.cancel()}>
            Stop
          </Button>
        ) : null}
        {job.file === null ? null : (
          <Button size="compact-md" onClick={() => void save(job.file?.fileId ?? '')}>
            Save the file…
          </Button>
        )}
      </div>
      {isRunning ? <Progress className={classes.bar} value={percent} aria-label={say(job.step)} /> : null}
    </section>
  );
}

function JobFigures({ job, percent }: { job: SafetyJob; percent: number }) {
  if (job.total === 0) return null;
  return (
    <Text span size="sm" c="dimmed">
      {` ${formatCount(percent)} %${job.secondsLeft === null ? '' : `, about ${formatCount(job.secondsLeft)} s left`}`}
    </Text>
  );
}

/** Said once, when a job that was seen running ends. */
function useAnnouncedEnd(job: SafetyJob): void {
  const wasRunning = useRef(false);
  useEffect(() => {
    if (job.state === 'running') wasRunning.current = true;
    else if (wasRunning.current) {
      wasRunning.current = false;
      announce(say(job.problem ?? job.step));
    }
  }, [job]);
}

async function save(fileId: string): Promise<void> {
  const result = await safety.save(fileId);
  if (!result.ok) showProblem(result.error);
  else if (result.value.saved) announce('The file is saved');
}
