import type { BoardColumn } from '../../../shared/contracts/board.ts';
import type { ListRequest, Page } from '../../../shared/contracts/list.ts';
import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { ViewOf } from './record-views.ts';

/** A list without its page. */
export type ListQuery = Omit<ListRequest, 'offset' | 'limit'>;

/**
 * The read side of the book. Today it is answered from main's memory (memory-queries.ts); an index that scales further
 * can take its place without a caller noticing. Throws ProblemError INVALID_INPUT for a field a list does not have.
 */
export interface RecordQueries {
  /**
   * Resolves when the list, its ids and its board can be answered at once. Who asks without it is answered too, but holds
   * everybody up where the list has to be worked out.
   */
  ready(noun: NounName, query: ListQuery): Promise<void>;
  list<N extends NounName>(noun: N, request: ListRequest): Page<ViewOf[N]>;
  /** Everything the list holds, in its order. */
  ids(noun: NounName, query: ListQuery): string[];
  /** The columns of the noun's board; where `isCounted` is given, of the records it takes alone. */
  board(noun: NounName, query: ListQuery, isCounted?: (id: string) => boolean): BoardColumn[];
  /** The record, also a deleted one; null when the book never had it. */
  get<N extends NounName>(noun: N, id: string): ViewOf[N] | null;
  count(noun: NounName): { live: number; deleted: number };
}
