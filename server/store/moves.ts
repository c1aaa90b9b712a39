import { sql } from 'kysely';
import { type NounName, nounNames, parentNounsOf } from '../../shared/entities/nouns.ts';
import type { Tx } from './tables.ts';

/** A record whose owners or whose place changed; or a new one, which may be what others have waited to hang on. */
export interface Move {
  of: NounName;
  id: string;
  isNew: boolean;
}

/** Nouns whose records hang on others. */
const hanging = nounNames.filter((noun) => parentNounsOf(noun).length > 0);

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
  const list = (some: readonly Move[], field: 'of' | 'id') => sql`${some.map((one) => one[field])}::text[]`;
  const kids = (column: string) => sql`select r.collection, r.id from records r
    where r.organisation_id = ${organisation} and r.collection = any(${hanging}::text[]) and r.${sql.raw(column)} = along.id`;
  const { rows } = await sql<{ n: number }>`
    with recursive along(collection, id, is_moved) as (
      select m.collection collate "C", m.id collate "C", not m.is_new
        from unnest(${list(moves, 'of')}, ${list(moves, 'id')}, ${moves.map(({ isNew }) => isNew)}::boolean[]) as m(collection, id, is_new)
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
