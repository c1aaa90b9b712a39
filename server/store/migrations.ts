import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { fileMigration } from './file.migration.ts';
import { kanaMigration } from './kana.migration.ts';
import { limitMigration } from './limit.migration.ts';
import { recipientMigration } from './recipient.migration.ts';
import { migrationRole } from './migration-role.ts';
import { nameGramMigration } from './name-gram.migration.ts';
import { outboxMigration } from './outbox.migration.ts';
import { remotesMigration } from './remotes.migration.ts';
import { syncMigration } from './sync.migration.ts';

/** Migrations are fossils: they import nothing living, and are never edited once released. */
export const migrations: Record<string, Migration> = {
  '0001-records': {
    async up(db: Kysely<unknown>): Promise<void> {
      const statements = [
        sql`create table organisations (
          organisation_id uuid primary key,
          name text not null,
          number integer not null generated always as identity,
          epoch text not null,
          seq bigint not null default 0,
          numbers jsonb not null default '{}',
          newest_stamp text collate "C",
          created_at text collate "C" not null
        )`,
        sql`create table records (
          organisation_id uuid not null,
          collection text collate "C" not null,
          id text collate "C" not null,
          number bigint not null,
          seq bigint not null,
          doc jsonb not null,
          folded jsonb not null,
          name_key text collate "C",
          is_active boolean,
          unique_key text collate "C",
          parent_id text collate "C",
          second_id text collate "C",
          third_id text collate "C",
          owners text[] not null default '{}',
          created_at text collate "C" not null,
          updated_at text collate "C" not null,
          deleted_at text collate "C",
          primary key (organisation_id, collection, id)
        )`,
        sql`create unique index records_number on records (organisation_id, collection, number)`,
        sql`create unique index records_pull on records (organisation_id, collection, seq)`,
        // Lists show live records only: without the others these answer counts and deep pages without looking at the rows.
        sql`create index records_name on records (organisation_id, collection, name_key, id) where deleted_at is null`,
        sql`create index records_unique on records (organisation_id, collection, unique_key, id)`,
        sql`create index records_created on records (organisation_id, collection, created_at, id) include (owners) where deleted_at is null`,
        sql`create index records_updated on records (organisation_id, collection, updated_at, id) where deleted_at is null`,
        ...['phone', 'address.freeform'].map(
          (path, at) => sql`create index ${sql.table(`records_clients_${at}`)}
            on records (organisation_id, ((folded ->> ${sql.lit(path)}) collate "C"), id) where collection = 'clients' and deleted_at is null`,
        ),
        // BottleCRM lists open and closed accounts apart; the name at the end answers "contains" without looking at the rows.
        sql`create index records_clients_state on records (organisation_id, is_active, name_key, id) include (owners)
          where collection = 'clients' and deleted_at is null`,
        sql`create index records_clients_terms on records (organisation_id, ((doc ->> 'paymentTermsDays')::numeric), id)
          where collection = 'clients' and deleted_at is null`,
        sql`create index records_parent on records (organisation_id, collection, parent_id, id) where parent_id is not null`,
        sql`create index records_second on records (organisation_id, collection, second_id, id) where second_id is not null`,
        sql`create index records_third on records (organisation_id, collection, third_id, id) where third_id is not null`,
        sql`create table terms (
          organisation_id uuid not null,
          collection text collate "C" not null,
          term text collate "C" not null,
          id text collate "C" not null,
          name_key text collate "C",
          created_at text collate "C" not null,
          primary key (organisation_id, collection, term, id) include (name_key, created_at)
        )`,
        sql`create table logins (
          organisation_id uuid not null,
          user_id text collate "C" not null,
          email_key text collate "C" not null,
          password_hash text not null,
          role text not null,
          is_active boolean not null default true,
          primary key (organisation_id, user_id),
          unique (organisation_id, email_key)
        )`,
        // Whoever signs in has not said which organisation is meant: the one index that does not begin with it.
        sql`create index logins_email on logins (email_key)`,
        sql`create table sessions (
          organisation_id uuid not null,
          id uuid not null,
          user_id text collate "C" not null,
          device text not null,
          generation integer not null default 0,
          rotated_at bigint not null,
          created_at text not null,
          used_at text not null,
          revoked_at text,
          primary key (organisation_id, id)
        )`,
        sql`create table server_keys (name text primary key, secret text not null)`,
        migrationRole('fieldbook_tenant'),
        sql`do $$ begin execute format('grant usage on schema %I to fieldbook_tenant', current_schema()); end $$`,
        // What sign-in needs (logins, sessions, keys) is not granted: a request's transaction cannot see it at all.
        sql`grant select, insert, update on records to fieldbook_tenant`,
        sql`grant select, insert, delete on terms to fieldbook_tenant`,
        sql`grant select, update on organisations to fieldbook_tenant`,
        ...['organisations', 'records', 'terms'].flatMap((table) => [
          sql`alter table ${sql.table(table)} enable row level security`,
          sql`alter table ${sql.table(table)} force row level security`,
          sql`create policy own_organisation on ${sql.table(table)} to fieldbook_tenant
            using (organisation_id = nullif(current_setting('fieldbook.organisation', true), '')::uuid)
            with check (organisation_id = nullif(current_setting('fieldbook.organisation', true), '')::uuid)`,
        ]),
        // Making an organisation, and counting them, is the server's own doing, outside of any request.
        sql`do $$ begin execute format('create policy server_itself on organisations to %I using (true) with check (true)', current_user); end $$`,
      ];
      for (const statement of statements) await statement.execute(db);
    },
  },
  '0002-files': fileMigration,
  '0003-name-grams': nameGramMigration,
  '0004-outbox': outboxMigration,
  '0005-sync': syncMigration,
  '0006-limits': limitMigration,
  '0007-recipients': recipientMigration,
  '0008-kana': kanaMigration,
  '0009-remotes': remotesMigration,
};
