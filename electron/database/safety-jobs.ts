import type { SafetyJob } from '../../shared/contracts/safety.contract.ts';
import { newId } from '../../shared/lib/ids.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import type { Log } from '../domain/ports.ts';
import type { ArchiveWatch } from './book-archive.ts';
import { type Words, words, wordsOf } from '../../shared/words/words.ts';

const tellMs = 200;

interface Running {
  job: SafetyJob;
  abort: AbortController;
  ended: Promise<void>;
}

export interface JobTools extends ArchiveWatch {
  signal: AbortSignal;
  onProgress: (done: number, total: number) => void;
  /** The next part of the work begins. */
  step(words: Words): void;
}

interface JobsDeps {
  /** What there is to tell of before the first one. */
  last: SafetyJob | null;
  onJob: (job: SafetyJob) => void;
  log: Log;
  isClosed: () => boolean;
  /** Resolves when the book may be relied on; rejects where it may not. */
  relied: () => Promise<void>;
}

/** What a person started: one job at a time, told while it runs and after it. */
export function createJobs({ last, onJob, log, isClosed, relied }: JobsDeps) {
  let running: Running | null = null;
  let lastJob = last;

  function refuseWhileBusy(): void {
    if (running !== null || isClosed()) throw new ProblemError(busy);
  }

  const start = (kind: SafetyJob['kind'], step: Words, work: (job: JobTools) => Promise<Partial<SafetyJob>>): SafetyJob => {
    refuseWhileBusy();
    const abort = new AbortController();
    let job: SafetyJob = { id: newId(), kind, step, state: 'running', done: 0, total: 0, secondsLeft: null, file: null, problem: null };
    let begun = performance.now();
    let toldAt = 0;
    const put = (changes: Partial<SafetyJob>) => {
      job = { ...job, ...changes };
      if (running !== null) running.job = job;
      lastJob = job;
      toldAt = performance.now();
      onJob(job);
    };
    const tools: JobTools = {
      signal: abort.signal,
      step(next) {
        begun = performance.now();
        put({ step: next, done: 0, total: 0, secondsLeft: null });
      },
      onProgress(done, total) {
        const now = performance.now();
        if (now - toldAt < tellMs) return;
        const secondsLeft = done === 0 || now - begun < 1000 ? null : Math.ceil((((now - begun) / done) * (total - done)) / 1000);
        put({ done: Math.min(done, total), total, secondsLeft });
      },
    };
    const ended = (async () => {
      // The caller is answered with the job before the first word about it.
      await Promise.resolve();
      try {
        await relied();
        const result = await work(tools);
        running = null;
        put({ state: 'done', secondsLeft: null, ...result });
      } catch (error) {
        running = null;
        if (abort.signal.aborted) return put({ state: 'cancelled', step: words('safetyJob.stopped'), secondsLeft: null });
        if (!(error instanceof ProblemError))
          log.error('safety.failed', { kind, error: error instanceof Error ? error.name : typeof error });
        const problem = error instanceof ProblemError ? wordsOf(error.problem) : words('safetyJob.unexpected');
        put({ state: 'failed', secondsLeft: null, problem });
      }
    })();
    running = { job, abort, ended };
    lastJob = job;
    return job;
  };

  return {
    start,
    refuseWhileBusy,
    isRunning: () => running !== null,
    job: () => running?.job ?? lastJob,
    cancel: () => running?.abort.abort(),
    async stop() {
      running?.abort.abort();
      await running?.ended;
    },
  };
}

const busy = {
  code: 'SAFETY_BUSY',
  ...words('safety.busy'),
};
