import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** E-mails that wait for this server or are in its hands (outbox-queue.ts). A fossil, like every migration (migrations.ts). */
export const outboxMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const statements = [
      sql`create table outbox (
        organisation_id uuid not null,
        email_id text collate "C" not null,
        due_at bigint,
        claim uuid,
        claimed_until bigint,
        primary key (organisation_id, email_id)
      )`,
      // Whoever sends looks for what is due in every organisation at once: the second index that does not begin with it.
      sql`create index outbox_due on outbox (due_at)`,
      sql`grant select, insert, update, delete on outbox to fieldbook_tenant`,
      sql`alter table outbox enable row level security`,
      sql`alter table outbox force row level security`,
      sql`create policy own_organisation on outbox to fieldbook_tenant
        using (organisation_id = nullif(current_setting('fieldbook.organisation', true), '')::uuid)
        with check (organisation_id = nullif(current_setting('fieldbook.organisation', true), '')::uuid)`,
      // Which e-mails are due, and no more than that, the server sees outside of any request.
      sql`do $$ begin execute format('create policy server_itself on outbox to %I using (true) with check (true)', current_user); end $$`,
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
