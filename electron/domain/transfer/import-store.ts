import type { ImportJob, ImportPlan } from '../../../shared/contracts/transfer.contract.ts';

export type Counts = ImportJob['counts'];

/** What moves on with every chunk. */
export interface Progress {
  /** Rows dealt with. */
  done: number;
  /** Number of the last of them in the file; the import goes on after it. */
  lastRow: number;
  counts: Counts;
  made: ImportJob['made'];
  /** Length of the report up to here; what stands beyond it is of a chunk that did not happen. */
  reportBytes: number;
}

/**
 * An import as it stands on disk. Before each chunk goes to the book, the progress it will make is written as `pending`;
 * after a crash the book itself says whether that chunk is in it (its operation belongs to the group), so every row goes
 * in exactly once, whatever moment the crash came.
 */
export interface ImportState {
  version: 1;
  id: string;
  fileId: string;
  fileName: string;
  format: ImportJob['format'];
  /** Complete: encoding, delimiter, header and sheet are settled when the import starts. */
  plan: ImportPlan;
  headers: string[];
  state: ImportJob['state'];
  startedAt: string;
  finishedAt: string | null;
  rows: number;
  progress: Progress;
  pending: (Progress & { changesBook: boolean }) | null;
  /** The operations of the chunks so far, oldest first. */
  operationIds: string[];
  /** An undo was begun and not finished. */
  isUndoing: boolean;
  problem: string | null;
  note: string | null;
}

/** A remembered mapping, by what the columns are called. */
export interface RememberedMapping {
  columns: { header: string; target: string | null; values: Record<string, string>; dateOrder: 'dmy' | 'mdy' | null }[];
  defaults: Record<string, string>;
  matchBy: ImportPlan['matchBy'];
  onMatch: ImportPlan['onMatch'];
  usedAt: string;
}

/** Where imports are kept between starts: DATA/imports. */
export interface ImportStore {
  list(): Promise<ImportState[]>;
  /** Whole or not at all, and fsynced. */
  write(state: ImportState): Promise<void>;
  remove(id: string): Promise<void>;
  /** Writes lines at the place, over what may stand there; returns the new length. */
  appendReport(id: string, at: number, lines: string): Promise<number>;
  /** Lines of the report up to the length. */
  report(id: string, bytes: number): AsyncIterable<string>;
  mappings(): Promise<Record<string, RememberedMapping>>;
  rememberMapping(key: string, mapping: RememberedMapping): Promise<void>;
}
