import { type RawBuilder, sql } from 'kysely';
import { type NounName, nounNames, nouns } from '../../shared/nouns/nouns.ts';
import type { Tx } from './tables.ts';

/** A record whose owners or whose place changed; or a new one, which may be what others have waited to hang on. */
export interface Move {
  of: NounName;
  id: string;
  isNew: boolean;
}

const columns = ['parent_id', 'second_id', 'third_id'] as const;
type Column = (typeof columns)[number];

/** What can hang on what, and by which column: with the collection named, an index answers. */
const ties: readonly { column: Column; child: NounName; parent: NounName }[] = nounNames.flatMap((child) =>
  Object.values(nouns[child].parents as Record<string, NounName | { of: object }>).flatMap((parent, at) => {
    const parents = typeof parent === 'string' ? [parent] : (Object.keys(parent.of) as NounName[]);
    return parents.map((one) => ({ column: columns[at] as Column, child, parent: one }));
  }),
);

/**
 * Who may see a record follows from what it hangs on (auth/visibility.ts). So where a record moved, it and all that hangs
 * on it, and the operations that touched any of these, count as changed: whoever pulls next gets what they see now, and is
 * told what they do not see any more. What was just written (`written`) keeps its number; everything else gets the next
 * one after `seq`. Answers how many numbers that took.
 */
export async function moveAlong(
  tx: Tx,
  organisation: string,
  moves: readonly Move[],
  written: readonly Move[],
  seq: number,
): Promise<number> {
  const moved = moves.filter(({ isNew }) => !isNew);
  const fresh = moves.filter(({ isNew }) => isNew);
  const roots = (await isAwaited(tx, organisation, fresh)) ? moves : moved;
  if (roots.length === 0) return 0;
  const list = (some: readonly Move[], field: 'of' | 'id') => sql`${some.map((one) => one[field])}::text[]`;
  const kids = (column: Column) => {
    const own = ties.filter((tie) => tie.column === column);
    return sql`select r.collection, r.id
      from unnest(${own.map(({ parent }) => parent)}::text[], ${own.map(({ child }) => child)}::text[]) as tie(parent, child)
      join records r on r.organisation_id = ${organisation} and r.collection = tie.child and r.${sql.raw(column)} = along.id
      where tie.parent = along.collection`;
  };
  const { rows } = await sql<{ n: number }>`
    with recursive along(collection, id, is_moved) as (
      select m.collection collate "C", m.id collate "C", not m.is_new
        from unnest(${list(roots, 'of')}, ${list(roots, 'id')}, ${roots.map(({ isNew }) => isNew)}::boolean[]) as m(collection, id, is_new)
      union
      select kid.collection, kid.id, true from along cross join lateral
        (${kids('parent_id')} union all ${kids('second_id')} union all ${kids('third_id')}) kid
    ),
    moved as (select distinct collection, id from along where is_moved),
    written as (select w.collection, w.id from unnest(${list(written, 'of')}, ${list(written, 'id')}) as w(collection, id)),
    numbered as (
      select collection, id, ${seq}::bigint + row_number() over (order by collection, id) as seq from (
        select collection, id from moved m where not exists (select from written w where w.collection = m.collection and w.id = m.id)
        union all
        select distinct 'operations', o.operation_id from operation_records o
          join (select distinct collection, id from along) a
          on o.organisation_id = ${organisation} and o.collection = a.collection and o.record_id = a.id
      ) every
    ),
    kept as (
      update records r set moved_seq = r.seq from moved m join written w on w.collection = m.collection and w.id = m.id
      where r.organisation_id = ${organisation} and r.collection = m.collection and r.id = m.id
    ),
    changed as (
      update records r set seq = n.seq, moved_seq = n.seq from numbered n
      where r.organisation_id = ${organisation} and r.collection = n.collection and r.id = n.id
    ),
    told as (
      update operations o set seq = n.seq, moved_seq = n.seq from numbered n
      where n.collection = 'operations' and o.organisation_id = ${organisation} and o.id = n.id
    )
    select count(*)::int as n from numbered`.execute(tx);
  return rows[0]?.n ?? 0;
}

/** Whether something hangs on one of these new records already, or an operation that came first touched one. Hardly ever. */
async function isAwaited(tx: Tx, organisation: string, fresh: readonly Move[]): Promise<boolean> {
  if (fresh.length === 0) return false;
  const asked: RawBuilder<unknown>[] = [];
  // What is new itself is told of as it is.
  const own = sql`all(${fresh.map(({ id }) => id)}::text[])`;
  for (const [of, some] of Map.groupBy(fresh, (move) => move.of)) {
    const ids = sql`any(${some.map(({ id }) => id)}::text[])`;
    asked.push(
      sql`exists (select from operation_records o where o.organisation_id = ${organisation} and o.collection = ${sql.lit(of)} and o.record_id = ${ids})`,
    );
    for (const { column, child, parent } of ties)
      if (parent === of)
        asked.push(sql`exists (select from records r where r.organisation_id = ${organisation} and r.collection = ${sql.lit(child)}
          and r.${sql.raw(column)} = ${ids} and r.id <> ${own})`);
  }
  const { rows } = await sql<{ is: boolean }>`select (${sql.join(asked, sql` or `)}) as is`.execute(tx);
  return rows[0]?.is === true;
}
