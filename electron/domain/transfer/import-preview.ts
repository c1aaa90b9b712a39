import type { FilePreview, ImportPlan } from '../../../shared/contracts/transfer.contract.ts';
import { ownTargets } from '../../../shared/nouns/import-target.ts';
import { ownFieldTargets } from '../own-fields.ts';
import type { CardScan } from './card-scan.ts';
import type { Scanned } from './import-scan.ts';
import type { ImportStore } from './import-store.ts';
import { mappingKey, recall } from './mapping-memory.ts';
import { proposeMapping, rateExamplesOf } from './mapping-proposal.ts';
import { knownPeople } from './people-columns.ts';
import type { TableSource } from './source.ts';
import type { ImportBook, TransferFiles } from './transfer-ports.ts';

/** What the file has, and where its columns would go. */
export async function previewOf(
  { book, store }: { book: ImportBook; store: ImportStore },
  plan: ImportPlan,
  file: Awaited<ReturnType<TransferFiles['get']>>,
  found: Scanned,
): Promise<FilePreview> {
  const { source, table, cards } = found;
  const ownFields = ownFieldTargets(book);
  const own = ownTargets(ownFields);
  const base = {
    fileId: file.fileId,
    fileName: file.fileName,
    size: file.size,
    format: source.format,
    encoding: source.encoding,
    matchBy: plan.matchBy,
    onMatch: plan.onMatch,
    ownFields,
  };
  if (table === null) {
    const { rows, headers, sample, notes } = cards as CardScan;
    return {
      ...base,
      delimiter: null,
      hasHeader: false,
      headerRow: null,
      totalRows: [],
      sheets: [],
      sheet: null,
      rows,
      headers,
      sample,
      distinct: {},
      rateExamples: {},
      lists: null,
      columns: [],
      defaults: {},
      remembered: false,
      notes,
    };
  }
  const { delimiter, sheets, sheet } = source as TableSource;
  const { hasHeader, headerRow, totalRows, rows, headers, sample, notes } = table;
  // A remembered mapping is of what the file listed then.
  const known = hasHeader && plan.lists === null ? (await store.mappings())[mappingKey(headers)] : undefined;
  const proposal =
    known === undefined
      ? proposeMapping(table, own, plan.lists)
      : { lists: null, columns: recall(known, table, own), defaults: known.defaults };
  const people = knownPeople(proposal.columns, table, book, own);
  const distinct = Object.fromEntries([...table.distinct].map(([column, values]) => [String(column), values]));
  return {
    ...base,
    delimiter,
    hasHeader,
    headerRow,
    totalRows,
    sheets,
    sheet,
    rows,
    headers,
    sample: sample.map((row) => row.map((cell) => (cell.length > 300 ? `${cell.slice(0, 299)}…` : cell))),
    distinct,
    rateExamples: rateExamplesOf(table),
    ...proposal,
    columns: people.columns,
    matchBy: known?.matchBy ?? base.matchBy,
    onMatch: known?.onMatch ?? base.onMatch,
    remembered: known !== undefined,
    notes: [...notes, ...people.notes],
  };
}
