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

export function remember(plan: ImportPlan, headers: readonly string[], usedAt: string): RememberedMapping {
  const byColumn = new Map(plan.columns.map((mapping) => [mapping.column, mapping]));
  return {
    columns: headers.map((header, column) => {
      const { target = null, values = {}, dateOrder = null, decimalMark = null } = byColumn.get(column) ?? {};
      return { header: headerKey(header), target, values, dateOrder, decimalMark };
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
      ...numberWays(target, column, scan, own, known?.decimalMark ?? null),
      dateOrder: scan.dateOrders.has(column) ? (known?.dateOrder ?? scan.dateOrders.get(column) ?? null) : null,
    };
  });
}
