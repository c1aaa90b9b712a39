import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { Refused } from '../refused.ts';
import { type Database, type Tx, tenantRole } from './tables.ts';

class Undo extends Error {}

/**
 * Proves at every start that row-level security bites: a superuser, a role with BYPASSRLS or a policy somebody dropped
 * would show one company the data of another, and nothing else would say so. Throws where it does not; leaves no trace.
 */
export async function proveIsolation(db: Database): Promise<void> {
  const [ours, theirs] = [randomUUID(), randomUUID()];
  const failures: string[] = [];
  await db
    .transaction()
    .execute(async (tx) => {
      await actAs(tx, theirs);
      await insert(tx, theirs);
      await actAs(tx, ours);
      const seen = await sql<{ n: number }>`select count(*)::int as n from records`.execute(tx);
      if (seen.rows[0]?.n !== 0) failures.push('it can read the records of another organisation');
      const changed = await sql`update records set seq = seq where organisation_id = ${theirs}`.execute(tx);
      if (changed.numAffectedRows !== 0n) failures.push('it can change the records of another organisation');
      if (await succeeds(tx, () => insert(tx, theirs))) failures.push('it can write into another organisation');
      const open = await sql<{ name: string }>`select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = current_schema() and c.relkind = 'r' and has_any_column_privilege(c.oid, 'select')
        and not (c.relrowsecurity and c.relforcerowsecurity)`.execute(tx);
      for (const { name } of open.rows) failures.push(`nothing guards the rows of ${name}`);
      if (await succeeds(tx, () => sql`select 1 from logins`.execute(tx))) failures.push('it can read the logins');
      if (await succeeds(tx, () => sql`delete from records`.execute(tx))) failures.push('it can take records away');
      throw new Undo();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error;
    });
  if (failures.length > 0)
    throw new Refused(
      `The server does not start, because companies are not kept apart in this database: as ${tenantRole}, ${failures.join('; ')}.`,
    );
}

function actAs(tx: Tx, organisation: string) {
  return sql`select set_config('role', ${tenantRole}, true), set_config('fieldbook.organisation', ${organisation}, true)`.execute(tx);
}

let last = 0;
/** No two rows alike: an insert is to fail because of the policy, or not at all. */
function nextNumber(): number {
  last += 1;
  return last;
}

function insert(tx: Tx, organisation: string) {
  return sql`insert into records (organisation_id, collection, id, number, seq, doc, folded, created_at, updated_at)
    values (${organisation}, 'clients', ${randomUUID()}, ${nextNumber()}, ${nextNumber()}, '{}', '{}', '', '')`.execute(tx);
}

async function succeeds(tx: Tx, attempt: () => Promise<unknown>): Promise<boolean> {
  await sql`savepoint attempt`.execute(tx);
  try {
    await attempt();
    return true;
  } catch {
    return false;
  } finally {
    await sql`rollback to savepoint attempt`.execute(tx);
  }
}
