import type { Encoding } from '../../../shared/contracts/transfer.contract.ts';
import type { Words } from '../../../shared/words/words.ts';
import type { CardBatch } from './card.ts';

/** What a file to import is made of, in the domain's own words; `electron/formats` reads the files. */

export interface SourceFile {
  fileId: string;
  fileName: string;
  path: string;
  size: number;
}

/** What the person chose; null lets the file speak for itself. */
export interface SourceSettings {
  encoding: Encoding | null;
  delimiter: string | null;
  sheet: string | null;
}

/** Rows as they stand in the file; `first` is the number of the first one as a person counts it. */
export interface RowBatch {
  first: number;
  rows: string[][];
}

interface SourceBase {
  encoding: Encoding | null;
  /** What a person should know of the file; complete when all batches were read. */
  notes(): Words[];
}

export interface TableSource extends SourceBase {
  kind: 'table';
  format: 'csv' | 'tsv' | 'xlsx';
  delimiter: string | null;
  sheets: string[];
  sheet: string | null;
  /** From the start, in pieces small enough to be dealt with at once. May be called again. */
  batches(): AsyncIterable<RowBatch>;
}

export interface CardSource extends SourceBase {
  kind: 'cards';
  format: 'vcard';
  batches(): AsyncIterable<CardBatch>;
}

export type RowSource = TableSource | CardSource;

/** Throws ProblemError FILE_UNREADABLE, FILE_EMPTY. */
export type OpenSource = (file: SourceFile, settings: SourceSettings) => Promise<RowSource>;
