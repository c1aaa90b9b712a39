import { type RawBuilder, sql } from 'kysely';

/**
 * Makes a role that requests take on, and lets the server take it on. It belongs to the whole cluster, so it may be there from
 * another database, or come from another server that starts at this very moment: one of the two waits, and finds it made.
 * A fossil, like the migrations that use it.
 */
export function migrationRole(name: string): RawBuilder<unknown> {
  return sql`do $$ begin
    begin
      if not exists (select from pg_roles where rolname = ${sql.lit(name)}) then
        create role ${sql.id(name)} nologin nosuperuser nobypassrls;
      end if;
    exception when duplicate_object or unique_violation then null;
    end;
    begin
      execute format('grant %I to %I', ${sql.lit(name)}, current_user);
    exception when unique_violation then null;
    end;
  end $$`;
}
