import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { migrationRole } from './migration-role.ts';

/** What laptops sync by. A fossil, like every migration (migrations.ts). */
export const syncMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const tables = ['operations', 'operation_records', 'receipts', 'marks'];
    const statements = [
      sql`alter table organisations add column floor bigint not null default 0`,
      sql`alter table records add column moved_seq bigint`,
      sql`create table operations (
        organisation_id uuid not null,
        id text collate "C" not null,
        seq bigint not null,
        moved_seq bigint,
        doc text not null,
        primary key (organisation_id, id)
      )`,
      sql`create unique index operations_pull on operations (organisation_id, seq)`,
      sql`create table operation_records (
        organisation_id uuid not null,
        collection text collate "C" not null,
        record_id text collate "C" not null,
        operation_id text collate "C" not null,
        primary key (organisation_id, collection, record_id, operation_id)
      )`,
      sql`create index operation_records_of on operation_records (organisation_id, operation_id)`,
      sql`create table receipts (
        organisation_id uuid not null,
        session_id uuid not null,
        batch_id text collate "C" not null,
        digest text not null,
        verdicts text not null,
        at bigint not null,
        primary key (organisation_id, session_id, batch_id)
      )`,
      sql`create table marks (
        organisation_id uuid not null,
        at bigint not null,
        seq bigint not null,
        primary key (organisation_id, at)
      )`,
      // Whoever tidies up may take rows away, of one organisation at a time, and do nothing else.
      migrationRole('fieldbook_keeper'),
      sql`do $$ begin execute format('grant usage on schema %I to fieldbook_keeper', current_schema()); end $$`,
      sql`grant select, insert, update on operations to fieldbook_tenant`,
      // Marks too: backups are read and written as a request's role.
      sql`grant select, insert on operation_records, receipts, marks to fieldbook_tenant`,
      sql`grant select, delete on records, terms, operations, operation_records, receipts to fieldbook_keeper`,
      sql`grant select, insert, delete on marks to fieldbook_keeper`,
      // Locking the row takes the right to change one of its columns.
      sql`grant select, update (floor) on organisations to fieldbook_keeper`,
      ...tables.flatMap((table) => [
        sql`alter table ${sql.table(table)} enable row level security`,
        sql`alter table ${sql.table(table)} force row level security`,
        sql`create policy own_organisation on ${sql.table(table)} to fieldbook_tenant, fieldbook_keeper
          using (organisation_id = nullif(current_setting('fieldbook.organisation', true), '')::uuid)
          with check (organisation_id = nullif(current_setting('fieldbook.organisation', true), '')::uuid)`,
      ]),
      ...['organisations', 'records', 'terms'].map(
        (table) => sql`create policy own_upkeep on ${sql.table(table)} to fieldbook_keeper
          using (organisation_id = nullif(current_setting('fieldbook.organisation', true), '')::uuid)
          with check (organisation_id = nullif(current_setting('fieldbook.organisation', true), '')::uuid)`,
      ),
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
