import type { ImportPlan } from '../../../shared/contracts/transfer.contract.ts';
import type { ImportTarget } from '../../../shared/nouns/import-target.ts';
import { cardDraft } from './card-draft.ts';
import type { RowDraft } from './row-draft.ts';
import { rowReader } from './row-draft.ts';
import type { RowSource } from './source.ts';
import { isBlank } from './table-scan.ts';
import { words } from '../../../shared/words/words.ts';

/** Rows read without a pause: some milliseconds. */
const SLICE = 100;

/**
 * The rows of a file as drafts, in batches, after row `after` (0: all). Blank rows and the header are left out, and so
 * they are each time: an import that goes on meets the same rows. Throws ProblemError MAPPING_NEEDED before the first.
 */
export function draftsOf(
  source: RowSource,
  plan: Pick<ImportPlan, 'columns' | 'defaults' | 'hasHeader' | 'headerRow' | 'totalRows'>,
  headers: readonly string[],
  own: readonly ImportTarget[],
  after: number,
): AsyncGenerator<RowDraft[]> {
  if (source.kind === 'cards') return cardDrafts(source, after);
  return tableDrafts(source, rowReader(plan, headers, own), plan, headers, after);
}

async function* cardDrafts(source: Extract<RowSource, { kind: 'cards' }>, after: number): AsyncGenerator<RowDraft[]> {
  for await (const { first, cards } of source.batches()) {
    const fresh = cards.map((card, at) => ({ row: first + at, card })).filter(({ row }) => row > after);
    if (fresh.length > 0) yield fresh.map(({ row, card }) => cardDraft(row, card));
  }
}

async function* tableDrafts(
  source: Extract<RowSource, { kind: 'table' }>,
  read: (row: number, cells: readonly string[]) => RowDraft,
  { hasHeader, headerRow, totalRows }: Pick<ImportPlan, 'hasHeader' | 'headerRow' | 'totalRows'>,
  headers: readonly string[],
  after: number,
): AsyncGenerator<RowDraft[]> {
  let isHeader = hasHeader === true;
  const totals = new Set(totalRows ?? []);
  for await (const { first, rows } of source.batches()) {
    let drafts: RowDraft[] = [];
    for (let at = 0; at < rows.length; at++) {
      const cells = rows[at] as string[];
      if (isBlank(cells)) continue;
      const row = first + at;
      // Without a row that was said the first one that is not blank has the names.
      if (isHeader) {
        isHeader = row < (headerRow ?? 0);
        continue;
      }
      if (row <= after) continue;
      const draft = read(row, cells);
      if (totals.has(row)) draft.skip = words('imports.rowIsTotal');
      else if (hasHeader === true && repeatsNames(cells, headers)) draft.skip = words('imports.rowRepeatsNames');
      drafts.push(draft);
      if (drafts.length < SLICE) continue;
      yield drafts;
      drafts = [];
    }
    if (drafts.length > 0) yield drafts;
  }
}

/** Printed lists name their columns on each page. */
function repeatsNames(cells: readonly string[], headers: readonly string[]): boolean {
  return headers.length > 1 && headers.every((header, column) => (cells[column] ?? '').trim().replace(/\s+/g, ' ') === header);
}

/** The same rows in chunks of the size, the last one shorter. */
export async function* inChunks(batches: AsyncIterable<RowDraft[]>, size: number): AsyncGenerator<RowDraft[]> {
  let chunk: RowDraft[] = [];
  for await (const batch of batches) {
    for (const draft of batch) {
      chunk.push(draft);
      if (chunk.length < size) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}
