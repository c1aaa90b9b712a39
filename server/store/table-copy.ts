import { sql } from 'kysely';
import { type Database, type Tables, type Tx, tenantRole } from './tables.ts';

/**
 * What of each table a backup holds. Whoever adds a table decides it here.
 * - `sessions`: a session's row says which refresh tokens are good. An older one would take tokens again that were used
 *   since, and devices that were put out since. So after a restore devices sign in again.
 * - of `server_keys` not what sessions are sealed with: a backup is no key to the server it came from.
 */
const backedUp: Readonly<Record<keyof Tables, 'all' | 'none' | { where: string }>> = {
  organisations: 'all',
  records: 'all',
  terms: 'all',
  name_grams: 'all',
  // Names and sizes of attached files; the files themselves are copied beside a backup.
  files: 'all',
  // Made from the records; and what waited when a backup was made may have been sent since.
  outbox: 'none',
  operations: 'all',
  operation_records: 'all',
  // Answers to a database that is no more: its epoch is another one.
  receipts: 'none',
  marks: 'all',
  // Of the moment: a database that was restored, perhaps beside the one it came from, speaks to no foreign system until somebody connects
  // it anew. Then records find each other by the ids that stand in them.
  remotes: 'none',
  remote_memory: 'none',
  logins: 'all',
  sessions: 'none',
  // Of the hour it was made in.
  limits: 'none',
  recipients: 'none',
  server_keys: { where: `name <> 'sessions'` },
};

/** Some rows of one table, each as the JSON text the database made of it. */
export interface Rows {
  table: string;
  rows: string[];
}

export interface Place {
  organisation: string;
  epoch: string;
  seq: number;
}

interface Shape {
  table: string;
  columns: string[];
  /** SQL: the primary key, so that rows come in an order that is the same on both engines. */
  order: string[];
  /** Only a request's role sees rows, and those of one organisation. */
  isGuarded: boolean;
}

/** About how many bytes of rows are in memory at once. */
const HELD_BYTES = 1024 * 1024;
const MOST_ROWS = 2_000;

/** Runs work on the database as it stands at one moment; nothing that others write meanwhile is seen, and nothing can be written. */
export function inSnapshot<T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work);
}

/** Where each organisation's changes stand. */
export async function placesOf(tx: Database): Promise<Place[]> {
  const rows = await tx.selectFrom('organisations').select(['organisation_id', 'epoch', 'seq']).orderBy('organisation_id').execute();
  return rows.map(({ organisation_id, epoch, seq }) => ({ organisation: organisation_id, epoch, seq }));
}

/** Every row that a backup holds, table by table. */
export async function* readRows(tx: Tx): AsyncGenerator<Rows> {
  const places = await placesOf(tx);
  for (const shape of await shapesOf(tx)) {
    if (!shape.isGuarded) {
      yield* readShape(tx, shape, null);
      continue;
    }
    for (const { organisation } of places) {
      await actAs(tx, organisation);
      yield* readShape(tx, shape, organisation);
      await actAsServer(tx);
    }
  }
}

/** Puts rows as they were read into their tables. Throws where a table or its columns are others. */
export async function rowWriter(tx: Tx): Promise<(rows: Rows) => Promise<void>> {
  const shapes = new Map((await shapesOf(tx)).map((shape) => [shape.table, shape]));
  return async ({ table, rows }) => {
    const shape = shapes.get(table);
    if (shape === undefined) throw new Error('A table that a backup does not hold');
    const columns = sql.join(shape.columns.map((column) => sql.id(column)));
    const insert = (part: readonly string[]) =>
      // "Overriding" keeps numbers that the database would give out itself.
      sql`insert into ${sql.table(table)} (${columns}) overriding system value
        select ${columns} from json_populate_recordset(null::${sql.table(table)}, ${`[${part.join(',')}]`}::json)`.execute(tx);
    if (!shape.isGuarded) {
      await insert(rows);
      return;
    }
    for (const [organisation, part] of Map.groupBy(rows, organisationOf)) {
      await actAs(tx, organisation);
      await insert(part);
      await actAsServer(tx);
    }
  };
}

/** Numbers that the database gives out go on behind the highest that was put in. */
export async function continueNumbers(tx: Tx): Promise<void> {
  const found = await sql<{ table: string; column: string }>`
    select table_name as "table", column_name as "column" from information_schema.columns
    where table_schema = current_schema() and is_identity = 'YES'`.execute(tx);
  for (const { table, column } of found.rows) {
    if (!Object.hasOwn(backedUp, table)) continue;
    await sql`select setval(pg_get_serial_sequence(${table}, ${column}), coalesce(max(${sql.id(column)}), 0) + 1, false)
      from ${sql.table(table)}`.execute(tx);
  }
}

/** Takes away every table of the server, whatever is in it. */
export async function dropTables(tx: Tx): Promise<void> {
  for (const table of Object.keys(backedUp)) await sql`drop table if exists ${sql.table(table)} cascade`.execute(tx);
}

async function* readShape(tx: Tx, { table, columns, order }: Shape, organisation: string | null): AsyncGenerator<Rows> {
  const scope = backedUp[table as keyof Tables];
  const conditions = [
    ...(typeof scope === 'object' ? [sql`${sql.raw(scope.where)}`] : []),
    ...(organisation !== null ? [sql`organisation_id = ${sql.lit(organisation)}`] : []),
  ];
  const where = conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;
  // A cursor reads on in the same snapshot without holding more than is fetched.
  await sql`declare backup no scroll cursor for
    select row_to_json(one)::text as row from (select ${sql.join(columns.map((column) => sql.id(column)))} from ${sql.table(table)} ${where}) one
    order by ${sql.join(order.map((one) => sql.raw(one)))}`.execute(tx);
  let count = 20;
  for (;;) {
    const found = await sql<{ row: string }>`fetch ${sql.lit(count)} from backup`.execute(tx);
    const rows = found.rows.map(({ row }) => row);
    if (rows.length > 0) yield { table, rows };
    if (rows.length < count) break;
    const bytes = rows.reduce((sum, row) => sum + row.length, 0);
    count = Math.max(1, Math.min(MOST_ROWS, Math.floor((HELD_BYTES / bytes) * rows.length)));
  }
  await sql`close backup`.execute(tx);
}

async function shapesOf(tx: Tx): Promise<Shape[]> {
  const { rows } = await sql<Shape>`
    select c.relname as "table",
      c.relrowsecurity and not exists (
        select from pg_policy p where p.polrelid = c.oid and current_user::regrole::oid = any(p.polroles)) as "isGuarded",
      (select json_agg(a.attname order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
      (select json_agg(quote_ident(a.attname) || case when l.collname <> 'C' then ' collate "C"' else '' end order by k.place)
        from pg_index i
        cross join unnest(i.indkey) with ordinality as k (number, place)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
        left join pg_collation l on l.oid = a.attcollation
        where i.indrelid = c.oid and i.indisprimary) as "order"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = current_schema() and c.relkind = 'r'`.execute(tx);
  const known = rows.filter(({ table }) => Object.hasOwn(backedUp, table) && backedUp[table as keyof Tables] !== 'none');
  // Organisations first: whatever refers to one finds it.
  return known.toSorted(
    (a, b) => Number(b.table === 'organisations') - Number(a.table === 'organisations') || (a.table < b.table ? -1 : 1),
  );
}

function organisationOf(row: string): string {
  const [, organisation] = /^\{"organisation_id":"([0-9a-f-]{36})"/.exec(row) ?? [];
  if (organisation === undefined) throw new Error('A row without an organisation');
  return organisation;
}

function actAs(tx: Tx, organisation: string) {
  return sql`select set_config('role', ${tenantRole}, true), set_config('fieldbook.organisation', ${organisation}, true)`.execute(tx);
}

function actAsServer(tx: Tx) {
  return sql`select set_config('role', 'none', true), set_config('fieldbook.organisation', '', true)`.execute(tx);
}
