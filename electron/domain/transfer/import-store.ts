import type { ImportJob, ImportPlan } from '../../../shared/contracts/transfer.contract.ts';
import { type Words, words } from '../../../shared/words/words.ts';

export type Counts = ImportJob['counts'];

/** What moves on with every chunk. */
export interface Progress {
  /** Rows dealt with. */
  done: number;
  /** Number of the last of them in the file; the import goes on after it. */
  lastRow: number;
  counts: Counts;
  made: ImportJob['made'];
  /** Length of the report up to here. */
  reportBytes: number;
}

/**
 * Ends the lines of a chunk in the report, and is written, fsynced, before the chunk goes to the book. After a crash the
 * book itself says whether the chunk is in it: then the import's group has an operation newer than `operationBefore`. So
 * every row goes in exactly once, whatever moment the crash came.
 */
export interface ChunkMark {
  before: Progress;
  after: Omit<Progress, 'reportBytes'>;
  /** False where no row of the chunk had anything to change. */
  changesBook: boolean;
  /** The newest operation of the import before this chunk. */
  operationBefore: string | null;
}

/** An import as it stands on disk. While it runs only its report grows: one write for each chunk. */
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
  /** The operations of the chunks so far, oldest first. */
  operationIds: string[];
  /** An undo was begun and not finished. */
  isUndoing: boolean;
  problem: Words | null;
  note: Words | null;
}

/** A remembered mapping, by what the columns are called. */
export interface RememberedMapping {
  columns: {
    header: string;
    target: string | null;
    values: Record<string, string>;
    dateOrder: 'dmy' | 'mdy' | null;
    decimalMark?: 'comma' | 'point' | null;
    /** Only where a person said other than the column showed. */
    isPercent?: boolean;
  }[];
  defaults: Record<string, string>;
  matchBy: ImportPlan['matchBy'];
  onMatch: ImportPlan['onMatch'];
  usedAt: string;
}

/** The report while the import runs. */
export interface ReportFile {
  /** Adds the lines of a chunk and its mark; resolves when they are on disk, with the new length. */
  add(lines: string, mark: ChunkMark): Promise<number>;
  close(): Promise<void>;
}

/** What a file of this build or of one before it says: that one kept sentences. */
export function keptWords(said: Words | string | null): Words | null {
  if (typeof said !== 'string') return said;
  return said === '' ? null : words('imports.saidBefore', { text: said });
}

/** Where imports are kept between starts: DATA/imports. */
export interface ImportStore {
  list(): Promise<ImportState[]>;
  /** Whole or not at all, and fsynced. */
  write(state: ImportState): Promise<void>;
  remove(id: string): Promise<void>;
  /** Opens the report to go on at the place; what stands beyond it, of a chunk that did not happen, is cut off. */
  openReport(id: string, at: number): Promise<ReportFile>;
  /** Lines of the report up to the length, marks left out. */
  report(id: string, bytes: number): AsyncIterable<string>;
  /** The newest mark of the report and where it ends; null where there is none beyond the place. */
  lastMark(id: string, from: number): Promise<{ mark: ChunkMark; end: number } | null>;
  mappings(): Promise<Record<string, RememberedMapping>>;
  rememberMapping(key: string, mapping: RememberedMapping): Promise<void>;
}
