import type { BookReader, RecordListener } from '../book.ts';
import type { CommandRunner } from '../ports.ts';
import type { UndoStacks } from '../history/undo-stacks.ts';

/** What imports need of the book. */
export interface ImportBook extends CommandRunner, Pick<BookReader, 'all' | 'get'> {
  watch(listener: RecordListener): void;
  stacks(): UndoStacks;
}

/** What imports need of the history: `history.service.ts`. */
export interface ImportHistory {
  undo(target: string): Promise<{ records: number; kept: number }>;
  undoGroup(group: string, operationIds: readonly string[]): Promise<{ records: number; kept: number }>;
}

/** Files that pass through the book: `electron/files.ts`. */
export interface TransferFiles {
  get(fileId: string): Promise<{ fileId: string; fileName: string; path: string; size: number }>;
  make(name: string, mediaType: string, write: (path: string) => Promise<void>): Promise<{ fileId: string; fileName: string }>;
  drop(fileId: string): Promise<void>;
}
