import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { Book } from '../book.ts';
import { keyOf } from '../open-matters.ts';
import type { ListQuery, RecordQueries } from './record-queries.ts';

/** Lists of what is not sent yet: the list as it was asked for, and of it the records that wait. */
export function withUnsent(queries: RecordQueries, book: Pick<Book, 'sync'>): RecordQueries {
  const idsOf = (noun: NounName, query: ListQuery) => {
    const waiting = book.sync.waiting();
    return queries.ids(noun, { ...query, show: 'live' }).filter((id) => waiting.has(keyOf(noun, id)));
  };
  return {
    ...queries,
    ready: (noun, query) => queries.ready(noun, query.show === 'unsent' ? { ...query, show: 'live' } : query),
    list(noun, { offset, limit, ...query }) {
      if (query.show !== 'unsent') return queries.list(noun, { offset, limit, ...query });
      const ids = idsOf(noun, query);
      return {
        rows: ids.slice(offset, offset + limit).flatMap((id) => queries.get(noun, id) ?? []),
        total: ids.length,
        deleted: queries.count(noun).deleted,
      };
    },
    board(noun, query) {
      if (query.show !== 'unsent') return queries.board(noun, query);
      const waiting = book.sync.waiting();
      return queries.board(noun, { ...query, show: 'live' }, (id) => waiting.has(keyOf(noun, id)));
    },
    ids: (noun, query) => (query.show === 'unsent' ? idsOf(noun, query) : queries.ids(noun, query)),
  };
}
