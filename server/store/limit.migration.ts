import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What is counted against a limit, for every process on the database (limits.ts). A fossil, like every migration (migrations.ts). */
export const limitMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    // Not granted to requests: like logins it is the server's own.
    await sql`create table limits (key text collate "C" primary key, since bigint not null, used integer not null)`.execute(db);
  },
};
