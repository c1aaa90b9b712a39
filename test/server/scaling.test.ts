import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { engines, openTestEngine } from './support/test-server.ts';

/** Without an organisation, and why: docs/scaling.md. */
const tablesOfTheServer = ['kysely_migration', 'kysely_migration_lock', 'limits', 'server_keys'];
const indexesOfTheServer = ['logins_email', 'outbox_due', 'remotes_due'];

describe.each(engines)('The tables on %s', (engine) => {
  it('can be spread over databases by organisation: it comes first in every key and index, and nothing reaches across', async () => {
    const { engine: opened, remove } = await openTestEngine(engine, 'store');
    const tables = await sql<{ name: string; has: boolean }>`select c.relname as name, exists (select from pg_attribute a
        where a.attrelid = c.oid and a.attname = 'organisation_id' and not a.attisdropped) as has
      from pg_class c where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace order by c.relname`.execute(opened.db);
    expect(tables.rows.length).toBeGreaterThan(7);
    expect(tables.rows.filter(({ has }) => !has).map(({ name }) => name)).toEqual(tablesOfTheServer);

    const indexes = await sql<{ name: string; table: string; first: string | null; primary: boolean }>`select i.relname as name,
        t.relname as table, a.attname as first, x.indisprimary as primary
      from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
      left join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[0]
      where t.relnamespace = current_schema()::regnamespace and t.relkind = 'r'`.execute(opened.db);
    const ofCompanies = indexes.rows.filter(({ table }) => !tablesOfTheServer.includes(table));
    const others = ofCompanies.filter(({ first }) => first !== 'organisation_id').map(({ name }) => name);
    expect(others.toSorted()).toEqual(indexesOfTheServer);
    const keyed = new Set(ofCompanies.filter(({ primary }) => primary).map(({ table }) => table));
    expect(tables.rows.filter(({ name, has }) => has && !keyed.has(name))).toEqual([]);

    const references = await sql<{ name: string }>`select conname as name from pg_constraint where contype = 'f'
      and connamespace = current_schema()::regnamespace`.execute(opened.db);
    expect(references.rows).toEqual([]);
    const sequences = await sql<{ name: string }>`select relname as name from pg_class where relkind = 'S'
      and relnamespace = current_schema()::regnamespace`.execute(opened.db);
    // What dialects call an organisation; no record and no change is numbered by one.
    expect(sequences.rows.map(({ name }) => name)).toEqual(['organisations_number_seq']);
    await opened.close();
    remove();
  });
});
