import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Contents of attached files. A fossil, like every migration (migrations.ts). */
export const fileMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const statements = [
      sql`create table files (
        organisation_id uuid not null,
        sha256 text collate "C" not null,
        size bigint not null,
        media_type text not null,
        created_at text collate "C" not null,
        kept_at text collate "C" not null,
        primary key (organisation_id, sha256)
      )`,
      sql`grant select, insert, update, delete on files to fieldbook_tenant`,
      sql`alter table files enable row level security`,
      sql`alter table files force row level security`,
      sql`create policy own_organisation on files to fieldbook_tenant
        using (organisation_id = nullif(current_setting('fieldbook.organisation', true), '')::uuid)
        with check (organisation_id = nullif(current_setting('fieldbook.organisation', true), '')::uuid)`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
