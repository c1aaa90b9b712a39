import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What "contains" looks names up by (name-grams.ts). A fossil, like every migration (migrations.ts). */
export const nameGramMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const statements = [
      sql`create table name_grams (
        organisation_id uuid not null,
        collection text collate "C" not null,
        gram text collate "C" not null,
        block integer not null,
        members smallint[] not null,
        primary key (organisation_id, collection, gram, block)
      )`,
      sql`grant select, insert, update on name_grams to fieldbook_tenant`,
      sql`alter table name_grams enable row level security`,
      sql`alter table name_grams force row level security`,
      sql`create policy own_organisation on name_grams to fieldbook_tenant
        using (organisation_id = nullif(current_setting('fieldbook.organisation', true), '')::uuid)
        with check (organisation_id = nullif(current_setting('fieldbook.organisation', true), '')::uuid)`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
