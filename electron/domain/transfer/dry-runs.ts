import type { ImportPlan } from '../../../shared/contracts/transfer.contract.ts';
import type { Clock } from '../../../shared/lib/clock.ts';
import { DryRun } from './dry-run.ts';
import type { ImportOutput } from './import-report.ts';
import { headersOf, rowsIn, type Scanned, settledPlan } from './import-scan.ts';
import type { ImportBook } from './transfer-ports.ts';

/** A dry run answers after this long with what it has, and goes on. */
const ANSWER_MS = 1500;

interface DryRunsDeps {
  book: ImportBook;
  clock: Clock;
  whileThere: <T>(fileId: string, read: () => Promise<T>) => Promise<T>;
}

/** One at a time: who asks for another plan wants no answer to the one before. */
export function createDryRuns({ book, clock, whileThere }: DryRunsDeps) {
  let dry: { key: string; run: DryRun } | null = null;

  function stop(): void {
    dry?.run.stop();
    dry = null;
  }

  async function answer(plan: ImportPlan, found: Scanned): Promise<ImportOutput<'dryRun'>> {
    const key = JSON.stringify(plan);
    if (dry?.key !== key) {
      stop();
      dry = { key, run: new DryRun(found.source, settledPlan(plan, found), headersOf(found), book, clock.today()) };
    }
    const { run } = dry;
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([run.finished, new Promise((resolve) => (timer = setTimeout(resolve, ANSWER_MS)))]);
    clearTimeout(timer);
    // What was answered whole is not answered again: the book may have changed by then.
    if ((run.isComplete || run.error !== null) && dry?.run === run) dry = null;
    const { error } = run;
    if (error !== null) await whileThere(plan.fileId, () => Promise.reject(error));
    const total = rowsIn(found);
    return { counts: { ...run.counts }, rows: [...run.rows], checked: run.checked, total, complete: run.isComplete };
  }

  return { answer, stop };
}
