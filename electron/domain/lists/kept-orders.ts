import { type NounName, nouns } from '../../../shared/nouns/nouns.ts';
import type { ReadModelFeed } from '../read-model.ts';
import type { Order } from './order-store.ts';
import type { withColumns } from './column-queries.ts';
import type { ListQuery, RecordQueries } from './record-queries.ts';
import { canBeKept } from './sort-orders.ts';

/**
 * Lists of all live records in an order that is kept are answered from it: no record is read but those on the page. Every
 * other list, and every list while there is no model, is answered by `queries`. Who asks for an order that is not kept yet gets it from
 * columns, where they can tell it, and does not wait for its making.
 */
export function withKeptOrders(
  queries: ReturnType<typeof withColumns>,
  feed: Pick<ReadModelFeed, 'isMade' | 'orders' | 'failed'>,
): RecordQueries {
  let isKeeping = false;
  /** One at a time; one that is left out is kept when somebody asks for it again. */
  const keepLater = (order: Order) => {
    if (isKeeping) return;
    isKeeping = true;
    feed.orders
      .ready(order)
      .catch(feed.failed)
      .finally(() => {
        isKeeping = false;
      });
  };
  const idsOf = (noun: NounName, query: ListQuery, page?: { offset: number; limit: number }) => {
    const order = feed.isMade() ? orderOf(noun, query) : null;
    if (order === null) return null;
    try {
      return feed.orders.ids(order, page);
    } catch (error) {
      feed.failed(error);
      return null;
    }
  };
  return {
    ...queries,
    async ready(noun, query) {
      const order = feed.isMade() ? orderOf(noun, query) : null;
      if (order === null) return queries.ready(noun, query);
      if (!feed.orders.has(order) && (await queries.readyByColumns(noun, query))) {
        keepLater(order);
        return;
      }
      try {
        await feed.orders.ready(order);
        if (feed.isMade() && feed.orders.ids(order, { offset: 0, limit: 0 }) !== null) return;
      } catch (error) {
        feed.failed(error);
      }
      await queries.ready(noun, query);
    },
    list(noun, { offset, limit, ...query }) {
      const ids = idsOf(noun, query, { offset, limit });
      if (ids === null) return queries.list(noun, { offset, limit, ...query });
      const { live, deleted } = queries.count(noun);
      return { rows: ids.flatMap((id) => queries.get(noun, id) ?? []), total: live, deleted };
    },
    ids: (noun, query) => idsOf(noun, query) ?? queries.ids(noun, query),
  };
}

/** The order of a list of all live records; null where it asks for some of them, or its order is of no kind that is kept. */
function orderOf(noun: NounName, { filters, where, search, parentId, sort, column, show }: ListQuery): Order | null {
  if (filters.length > 0 || where !== null || search !== '' || parentId !== null || column !== undefined || show !== 'live') return null;
  const asked = sort.length > 0 ? sort : [{ path: nouns[noun].titlePath, descending: nouns[noun].isNewestFirst }];
  const order = { noun, sort: asked.map(({ path, descending }) => ({ path, descending })) };
  return canBeKept(order) ? order : null;
}
