import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** To how many each person's e-mails went lately (recipient-limit.ts). A fossil, like every migration (migrations.ts). */
export const recipientMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const statements = [
      sql`create table recipients (
        organisation_id uuid not null,
        user_id text collate "C" not null,
        since bigint not null,
        used integer not null,
        primary key (organisation_id, user_id)
      )`,
      sql`grant select, insert, update on recipients to fieldbook_tenant`,
      sql`alter table recipients enable row level security`,
      sql`alter table recipients force row level security`,
      sql`create policy own_organisation on recipients to fieldbook_tenant
        using (organisation_id = nullif(current_setting('fieldbook.organisation', true), '')::uuid)
        with check (organisation_id = nullif(current_setting('fieldbook.organisation', true), '')::uuid)`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
