import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Foreign systems that the server speaks to for an organisation (remote-claims.ts). A fossil, like every migration (migrations.ts). */
export const remotesMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const statements = [
      sql`create table remotes (
        organisation_id uuid not null,
        id uuid not null,
        kind text not null,
        url text not null,
        remote_organisation text,
        account text,
        direction text not null,
        settings jsonb not null,
        secrets text not null,
        user_id text collate "C" not null,
        connected_at text not null,
        every_ms bigint not null,
        due_at bigint not null,
        claim uuid,
        holder text,
        claimed_until bigint,
        last_at bigint,
        receipt jsonb,
        primary key (organisation_id, id)
      )`,
      sql`create unique index remotes_system on remotes (organisation_id, kind, url, coalesce(remote_organisation, ''))`,
      // Whoever has time looks for what is due in every organisation at once: the third index that does not begin with it.
      sql`create index remotes_due on remotes (due_at)`,
      sql`create table remote_memory (
        organisation_id uuid not null,
        remote_id uuid not null,
        key text collate "C" not null,
        value jsonb not null,
        primary key (organisation_id, remote_id, key)
      )`,
      // What signs in there is not granted: the transaction that writes records sees whether it may go on, and says that it is alive.
      sql`grant select (organisation_id, id, claim, claimed_until), update (claimed_until) on remotes to fieldbook_tenant`,
      sql`grant select, insert, update, delete on remote_memory to fieldbook_tenant`,
      ...['remotes', 'remote_memory'].flatMap((table) => [
        sql`alter table ${sql.table(table)} enable row level security`,
        sql`alter table ${sql.table(table)} force row level security`,
        sql`create policy own_organisation on ${sql.table(table)} to fieldbook_tenant
          using (organisation_id = nullif(current_setting('fieldbook.organisation', true), '')::uuid)
          with check (organisation_id = nullif(current_setting('fieldbook.organisation', true), '')::uuid)`,
      ]),
      sql`do $$ begin execute format('create policy server_itself on remotes to %I using (true) with check (true)', current_user); end $$`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
