import type { ColumnMapping, ImportPlan } from '../../../shared/contracts/transfer.contract.ts';
import { type ImportTarget, importTarget } from '../../../shared/nouns/import-target.ts';
import { headerKey, reasonHeader, rowHeader } from './header-words.ts';
import type { RememberedMapping } from './import-store.ts';
import { isPercentColumn, numberWays, valuesFor } from './mapping-proposal.ts';
import type { TableScan } from './table-scan.ts';

const added = new Set([headerKey(reasonHeader), headerKey(rowHeader)]);

/** Files with the same columns, in whatever order, share a mapping; so does our file of rows that failed. */
export function mappingKey(headers: readonly string[]): string {
  return headers
    .map(headerKey)
    .filter((key) => !added.has(key))
    .sort()
    .join('|');
}

/** `scan` is the file that the plan was made for: percentages or fractions are remembered where a person said other than it shows. */
export function remember(plan: ImportPlan, scan: TableScan, usedAt: string): RememberedMapping {
  const byColumn = new Map(plan.columns.map((mapping) => [mapping.column, mapping]));
  return {
    columns: scan.headers.map((header, column) => {
      const { target = null, values = {}, dateOrder = null, decimalMark = null, isPercent = null } = byColumn.get(column) ?? {};
      const isSaid = isPercent !== null && isPercent !== isPercentColumn(scan, column);
      return { header: headerKey(header), target, values, dateOrder, decimalMark, ...(isSaid && { isPercent }) };
    }),
    defaults: plan.defaults,
    matchBy: plan.matchBy,
    onMatch: plan.onMatch,
    usedAt,
  };
}

/** The remembered mapping for this file's columns. Values that are new in this file are proposed as in a first import. */
export function recall(mapping: RememberedMapping, scan: TableScan, own: readonly ImportTarget[]): ColumnMapping[] {
  const byHeader = new Map(mapping.columns.map((column) => [column.header, column]));
  return scan.headers.map((header, column) => {
    const known = byHeader.get(headerKey(header));
    const target = known !== undefined && known.target !== null && importTarget(known.target, own) !== null ? known.target : null;
    return {
      column,
      target,
      values: { ...valuesFor(target, scan.distinct.get(column) ?? [], own, isPercentColumn(scan, column)), ...known?.values },
      ...numberWays(column, scan, { decimalMark: known?.decimalMark, isPercent: known?.isPercent }),
      dateOrder: scan.dateOrders.has(column) ? (known?.dateOrder ?? scan.dateOrders.get(column) ?? null) : null,
    };
  });
}
