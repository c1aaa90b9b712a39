import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { SortKey } from '../domain/lists/list-filter.ts';
import type { Order, OrderStore, Placed } from '../domain/lists/order-store.ts';

/** A table for each order, so that one is thrown away at once; which there are, and whether they are whole, is said here. */
export const orderTable =
  'create table orders (number integer primary key, order_text text not null unique, is_whole integer not null) strict;';

interface Kept {
  order: Order;
  table: string;
  isWhole: boolean;
  put: StatementSync;
  drop: StatementSync;
  page: StatementSync;
}

/** `writing` is called before each change. Orders that were left half-made are taken away with the first. */
export function createOrderTables(db: DatabaseSync, writing: () => void): OrderStore {
  const known = new Map<string, Kept>();
  const halfMade: number[] = [];
  for (const { number, order_text: text, is_whole: isWhole } of db.prepare('select * from orders order by number').all()) {
    if (isWhole === 1) known.set(String(text), opened(Number(number), JSON.parse(String(text)) as Order, true));
    else halfMade.push(Number(number));
  }

  function opened(number: number, order: Order, isWhole: boolean): Kept {
    const table = `order_${number}`;
    const columns = order.sort.flatMap((_, at) => [`blank_${at}`, `key_${at}`]);
    const put = `insert into ${table} values (?${', ?'.repeat(columns.length)}) on conflict (id) do update set
      ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}
      where ${columns.map((column) => `${column} is not excluded.${column}`).join(' or ')}`;
    const page = db.prepare(`select id, ${columns.join(', ')} from ${table} order by ${placeOf(order)} limit ? offset ?`);
    page.setReturnArrays(true);
    return { order, table, isWhole, put: db.prepare(put), drop: db.prepare(`delete from ${table} where id = ?`), page };
  }

  function found(order: Order): Kept {
    const kept = known.get(textOf(order));
    if (kept === undefined) throw new Error('There is no such order');
    return kept;
  }

  function takeAway(number: number): void {
    db.exec(`drop table if exists order_${number}; delete from orders where number = ${number};`);
  }

  return {
    kept: () => [...known.values()].flatMap(({ order, isWhole }) => (isWhole ? order : [])),
    has: (order) => known.get(textOf(order))?.isWhole === true,
    begin(order) {
      writing();
      for (const number of halfMade.splice(0)) takeAway(number);
      const text = textOf(order);
      // One whose making broke off is begun again.
      const broken = known.get(text);
      if (broken !== undefined) takeAway(Number(broken.table.slice('order_'.length)));
      const number = Number(db.prepare('insert into orders (order_text, is_whole) values (?, 0)').run(text).lastInsertRowid);
      const columns = order.sort.map((_, at) => `blank_${at} integer not null, key_${at} any`).join(', ');
      db.exec(`create table order_${number} (id text primary key, ${columns}) strict, without rowid;
        create index order_${number}_places on order_${number} (${placeOf(order)});`);
      known.set(text, opened(number, order, false));
    },
    finish(order) {
      writing();
      const kept = found(order);
      kept.isWhole = true;
      db.prepare('update orders set is_whole = 1 where order_text = ?').run(textOf(order));
    },
    drop(order) {
      const { table } = found(order);
      writing();
      known.delete(textOf(order));
      takeAway(Number(table.slice('order_'.length)));
    },
    put(order, id, keys) {
      const kept = found(order);
      writing();
      if (keys === null) kept.drop.run(id);
      else kept.put.run(id, ...keys.flatMap((key): SQLInputValue[] => [key === null ? 1 : 0, key]));
    },
    page(order, offset, limit) {
      const text = textOf(order);
      const kept = found(order);
      known.delete(text);
      known.set(text, kept);
      const rows = kept.page.all(limit, offset) as unknown as SQLInputValue[][]; // setReturnArrays answers rows as arrays, which the types do not know
      return rows.map(([id, ...columns]): Placed => ({ id: String(id), keys: columns.filter((_, at) => at % 2 === 1) as SortKey[] }));
    },
    count: (order) => Number(db.prepare(`select count(*) as total from ${found(order).table}`).get()?.['total']),
  };
}

function textOf({ noun, sort }: Order): string {
  return JSON.stringify({ noun, sort: sort.map(({ path, descending }) => ({ path, descending })) });
}

/** SQLite compares texts by the numbers of their letters, as JavaScript does for all but the rarest (beyond U+FFFF). */
function placeOf({ sort }: Order): string {
  return [...sort.flatMap(({ descending }, at) => [`blank_${at}`, `key_${at}${descending ? ' desc' : ''}`]), 'id'].join(', ');
}
