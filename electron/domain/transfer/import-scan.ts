import { LRUCache } from 'lru-cache';
import type { ImportPlan } from '../../../shared/contracts/transfer.contract.ts';
import { ProblemError } from '../../../shared/lib/result.ts';
import { type CardScan, scanCards } from './card-scan.ts';
import type { CardSource, OpenSource, RowSource, TableSource } from './source.ts';
import { scanTable, type TableScan } from './table-scan.ts';
import type { TransferFiles } from './transfer-ports.ts';

export interface Scanned {
  source: RowSource;
  table: TableScan | null;
  cards: CardScan | null;
}

const SCANS_KEPT = 2;

/** Files as they were read through, by what was asked of them: a screen asks again for each change of a plan. */
export function createScans({ files, openSource }: { files: TransferFiles; openSource: OpenSource }) {
  const scans = new LRUCache<string, Promise<Scanned>>({ max: SCANS_KEPT });

  function scan(plan: ImportPlan): Promise<Scanned> {
    const key = JSON.stringify([plan.fileId, plan.encoding, plan.delimiter, plan.hasHeader, plan.headerRow, plan.sheet]);
    const known = scans.get(key);
    if (known !== undefined) return known;
    const fresh = scanFile(plan);
    scans.set(key, fresh);
    // A file that could not be read is looked at again: it may have been replaced.
    fresh.catch(() => scans.delete(key));
    return fresh;
  }

  async function scanFile(plan: ImportPlan): Promise<Scanned> {
    const file = await files.get(plan.fileId);
    return whileThere(file.fileId, async () => {
      const source = await openSource(file, plan);
      if (source.kind === 'cards') return { source, table: null, cards: await scanCards(source as CardSource, file.fileName) };
      return { source, table: await scanTable(source as TableSource, file.fileName, plan), cards: null };
    });
  }

  /** Reads a file; throws ProblemError FILE_GONE where an import that has ended since let go of it. */
  async function whileThere<T>(fileId: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ProblemError)) await files.get(fileId);
      throw error;
    }
  }

  /** The file is not needed again: rows that failed are in the report. */
  async function forget(fileId: string): Promise<void> {
    const ofFile = [...scans.keys()].filter((key) => (JSON.parse(key) as string[])[0] === fileId);
    for (const key of ofFile) scans.delete(key);
    await files.drop(fileId).catch(() => {});
  }

  return { scan, whileThere, forget };
}

export const headersOf = ({ table, cards }: Scanned) => (table ?? (cards as CardScan)).headers;

export function rowsIn({ table, cards }: Scanned): number {
  return (table ?? (cards as CardScan)).rows;
}

/** The plan with everything settled, so that the same rows are met again after a restart. */
export function settledPlan(plan: ImportPlan, { source, table }: Scanned): ImportPlan {
  if (source.kind === 'cards') return { ...plan, encoding: source.encoding };
  return {
    ...plan,
    encoding: source.encoding,
    delimiter: source.delimiter,
    sheet: source.sheet,
    hasHeader: table?.hasHeader ?? null,
    headerRow: table?.headerRow ?? null,
    totalRows: table?.totalRows ?? [],
  };
}
