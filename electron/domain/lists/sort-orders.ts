import type { NounName } from '../../../shared/nouns/nouns.ts';
import type { StoredRecord } from '../../../shared/operations/record-layer.ts';
import type { Book } from '../book.ts';
import type { Log } from '../ports.ts';
import { createBreather } from '../transfer/breather.ts';
import { dependsOnDay, fieldReader, listField } from './field-values.ts';
import { type SortKey, sortKeyOf } from './list-filter.ts';
import type { Order, OrderStore, Placed } from './order-store.ts';

/** The orders that were asked for, kept as the book is: a page costs its own rows, however many records there are. */
export interface SortOrders {
  /** The record changed. */
  note(noun: NounName, id: string): void;
  /** Takes in what was noted, a record at a time. */
  takeIn(): Generator<void>;
  isBehind(): boolean;
  /** Whether it is kept; also one that is found to be wrong later. */
  has(order: Order): boolean;
  /** Resolves when the order is kept, and as the book is but for what changed a moment ago. */
  ready(order: Order): Promise<void>;
  /** Ids by their places, all of them where no limit is given; null where the order is not kept, or is not as the book is. */
  ids(order: Order, page?: { offset: number; limit: number }): string[] | null;
}

/** An order by values of the records alone: by nothing that follows from other records, from the day or from own fields. */
export function canBeKept({ noun, sort }: Order): boolean {
  return sort.every(({ path }) => {
    const field = listField(noun, path);
    return field !== undefined && field.of === undefined && !dependsOnDay(noun, path);
  });
}

/** More of one noun are seldom asked for again, and each costs every edit of the noun a look. */
const keptAtMost = 8;
const sliceMs = 5;
const readAtOnce = 32;
const writtenTogether = 5000;
/** Taken in with a question; more than this is taken in before, in slices. */
const takenAtOnce = 32;

export function createSortOrders(deps: {
  book: Pick<Book, 'get' | 'all' | 'counts'>;
  model: { readonly orders: OrderStore; keep(position: null): void };
  log: Log;
  breather?: () => () => Promise<boolean>;
}): SortOrders {
  const { book, model, log, breather = () => createBreather(sliceMs) } = deps;
  const changed = new Map<string, readonly [NounName, string]>();
  const making = new Map<string, { order: Order; store: OrderStore; done: Promise<void> }>();
  const readers = new Map<string, (record: StoredRecord) => SortKey[]>();
  /** Whose records were counted since the start, by the store they are in: what damage took is missed there. */
  const counted = new WeakMap<OrderStore, Set<string>>();
  /** Found wrong once: worked out in memory until the next start. */
  const distrusted = new Set<string>();

  function keysOf(order: Order, record: StoredRecord): SortKey[] {
    const text = JSON.stringify(order);
    let read = readers.get(text);
    if (read === undefined) {
      const fields = order.sort.map(({ path }) => {
        const field = listField(order.noun, path);
        if (field === undefined) throw new Error('An order by a field that is not there');
        const keyOf = sortKeyOf(field, () => null);
        const value = fieldReader(order.noun, path, '');
        return (one: StoredRecord) => storable(keyOf(value(one)));
      });
      read = (one) => fields.map((key) => key(one));
      readers.set(text, read);
    }
    return read(record);
  }

  function put(order: Order, id: string): void {
    const record = book.get(order.noun, id);
    model.orders.put(order, id, record !== undefined && isListed(record) ? keysOf(order, record) : null);
  }

  function* takeIn(): Generator<void> {
    for (const [key, [noun, id]] of changed) {
      changed.delete(key);
      const half = [...making.values()].flatMap(({ order, store }) => (store === model.orders && !store.has(order) ? order : []));
      for (const order of [...model.orders.kept(), ...half]) if (order.noun === noun) put(order, id);
      yield;
    }
  }

  /** What changes meanwhile is put by `takeIn`, before or after it is read here. */
  async function make(order: Order): Promise<void> {
    const { orders } = model;
    const breathe = breather();
    const others = orders.kept().filter(({ noun }) => noun === order.noun);
    for (const old of others.slice(0, Math.max(0, others.length + 1 - keptAtMost))) orders.drop(old);
    orders.begin(order);
    let read = 0;
    for (const record of book.all(order.noun)) {
      if (isListed(record)) orders.put(order, record.id, keysOf(order, record));
      read += 1;
      if (read % writtenTogether === 0) model.keep(null);
      // Where the model was made anew meanwhile this one is of the past.
      if (read % readAtOnce === 0 && (await breathe()) && model.orders !== orders) return;
    }
    orders.finish(order);
    model.keep(null);
  }

  function isComplete(order: Order): boolean {
    const { orders } = model;
    const known = counted.get(orders) ?? new Set();
    counted.set(orders, known);
    const text = JSON.stringify(order);
    if (!known.has(text) && orders.count(order) !== book.counts(order.noun).live) return false;
    known.add(text);
    return true;
  }

  function isAsTheBook(order: Order, { id, keys }: Placed): boolean {
    const record = book.get(order.noun, id);
    return record !== undefined && isListed(record) && keysOf(order, record).every((key, at) => key === keys[at]);
  }

  return {
    note: (noun, id) => void changed.set(`${noun}/${id}`, [noun, id]),
    takeIn,
    isBehind: () => changed.size > 0,
    has: (order) => model.orders.has(order),
    async ready(order) {
      const text = JSON.stringify(order);
      if (distrusted.has(text)) return;
      if (!model.orders.has(order)) {
        let begun = making.get(text);
        if (begun === undefined) {
          begun = { order, store: model.orders, done: make(order).finally(() => making.delete(text)) };
          making.set(text, begun);
        }
        await begun.done;
      }
      const breathe = breather();
      for (const _ of takeIn()) {
        if (changed.size <= takenAtOnce) break;
        await breathe();
      }
    },
    ids(order, page) {
      if (!model.orders.has(order)) return null;
      for (const _ of takeIn());
      const { live } = book.counts(order.noun);
      const { offset, limit } = page ?? { offset: 0, limit: live };
      const isWhole = isComplete(order);
      const placed = isWhole ? model.orders.page(order, offset, limit) : [];
      // Of all of them only the number is looked at: they are read when somebody sees them.
      const isRight =
        isWhole &&
        placed.length === Math.min(limit, Math.max(0, live - offset)) &&
        (page === undefined || placed.every((one) => isAsTheBook(order, one)));
      if (isRight) return placed.map(({ id }) => id);
      log.warn('read-model.order-wrong', { noun: order.noun });
      distrusted.add(JSON.stringify(order));
      model.orders.drop(order);
      return null;
    },
  };
}

function isListed(record: StoredRecord): boolean {
  return record.deletedAt === null && record.mergedInto === null;
}

/** As it comes back from where it is kept. */
function storable(key: SortKey): SortKey {
  return typeof key === 'string' ? key.toWellFormed() : key;
}
