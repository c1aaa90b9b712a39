import { type ImportPlan, type RowReport, rowVerdicts } from '../../../shared/contracts/transfer.contract.ts';
import { ownTargets } from '../../../shared/nouns/import-target.ts';
import { ownFieldTargets } from '../own-fields.ts';
import { createBreather } from './breather.ts';
import { MatchIndex } from './match-index.ts';
import { planRow } from './planner.ts';
import type { RowSource } from './source.ts';
import { nounsOf } from './row-draft.ts';
import { draftsOf } from './source-rows.ts';
import type { ImportBook } from './transfer-ports.ts';

/** Rows kept of each verdict, to be looked at. */
const SHOWN = 200;

export type Verdict = RowReport['verdict'];
export const noCounts = () => Object.fromEntries(Object.keys(rowVerdicts).map((verdict) => [verdict, 0])) as Record<Verdict, number>;

/** Decides every row as the import would, over the same index, and writes nothing. */
export class DryRun {
  readonly counts = noCounts();
  readonly rows: RowReport[] = [];
  checked = 0;
  isComplete = false;
  error: unknown = null;
  readonly finished: Promise<void>;
  #isStopped = false;

  constructor(source: RowSource, plan: ImportPlan, headers: readonly string[], book: Pick<ImportBook, 'all'>, today: string) {
    this.finished = this.#run(source, plan, headers, book, today).catch((error: unknown) => {
      this.error = error;
    });
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #run(source: RowSource, plan: ImportPlan, headers: readonly string[], book: Pick<ImportBook, 'all'>, today: string): Promise<void> {
    const own = ownTargets(ownFieldTargets(book));
    const drafts = draftsOf(source, plan, headers, own, 0);
    const index = new MatchIndex(nounsOf(plan, own));
    await index.fill(book);
    const breathe = createBreather();
    for await (const batch of drafts) {
      for (const draft of batch) {
        const { report } = planRow(draft, { plan, index, today });
        this.counts[report.verdict] += 1;
        if (this.counts[report.verdict] <= SHOWN) this.rows.push(report);
        this.checked += 1;
      }
      if (this.#isStopped) return;
      await breathe();
    }
    this.isComplete = true;
  }
}
