import { sql } from 'kysely';
import { isNounName } from '../../shared/operations/apply-operation.ts';
import type { Change, Operation } from '../../shared/operations/operation.ts';
import type { Sql } from './sight.ts';
import type { SecretSeal } from './secret-seal.ts';
import type { Tenant } from './tenant.ts';

/** The operations of every laptop, as they were written there: they are added and never changed. */
export interface OperationLog {
  find(ids: readonly string[]): Promise<Map<string, Operation>>;
  /** Needs the tenant's lock, and `put` after it. */
  append(operations: readonly Operation[]): Promise<void>;
  /**
   * Has devices told of those that their own person does not see (`seen`, of `r`): of those just appended, and of the known
   * ones that are numbered up to `upto`. Needs the tenant's lock, and `put` after it.
   */
  markHidden(appended: readonly Operation[], known: readonly string[], upto: number, seen: Sql): Promise<void>;
}

export function operationLogOf(tenant: Tenant, secrets: SecretSeal): OperationLog {
  const { tx, organisation } = tenant;
  return {
    async find(ids) {
      if (ids.length === 0) return new Map();
      const { rows } = await sql<{ doc: string }>`select doc from operations where organisation_id = ${organisation}
        and id = any(${[...ids]}::text[])`.execute(tx);
      return new Map(rows.map(({ doc }) => openOperation(secrets, doc)).map((operation) => [operation.id, operation]));
    },

    async append(operations) {
      if (operations.length === 0) return;
      const first = tenant.takeNumbers(operations.length);
      const rows = operations.map((operation, at) => ({
        id: operation.id,
        seq: first + at,
        doc: JSON.stringify(turned(operation, (of, record) => secrets.seal(of, record))),
      }));
      await sql`insert into operations (organisation_id, id, seq, doc)
        select ${organisation}::uuid, x.id, x.seq, x.doc
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as x(id text, seq bigint, doc text)`.execute(tx);
      const touched = operations.flatMap(({ id, changes }) => changes.map((change) => [change.collection, change.id, id] as const));
      await sql`insert into operation_records (organisation_id, collection, record_id, operation_id)
        select ${organisation}::uuid, x.collection, x.record_id, x.operation_id from unnest(
          ${touched.map(([one]) => one)}::text[], ${touched.map(([, one]) => one)}::text[], ${touched.map(([, , one]) => one)}::text[]
        ) as x(collection, record_id, operation_id) on conflict do nothing`.execute(tx);
    },

    async markHidden(appended, known, upto, seen) {
      if (appended.length > 0)
        await sql`update operations r set moved_seq = r.seq where r.organisation_id = ${organisation}
          and r.id = any(${appended.map(({ id }) => id)}::text[]) and not ${seen}`.execute(tx);
      if (known.length === 0) return;
      const hidden = await sql<{ id: string }>`select r.id from operations r where r.organisation_id = ${organisation}
        and r.id = any(${[...known]}::text[]) and r.seq <= ${upto} and not ${seen} order by r.seq`.execute(tx);
      if (hidden.rows.length === 0) return;
      const first = tenant.takeNumbers(hidden.rows.length);
      await sql`update operations o set seq = ${first}::bigint + x.at - 1, moved_seq = ${first}::bigint + x.at - 1
        from unnest(${hidden.rows.map(({ id }) => id)}::text[]) with ordinality as x(id, at)
        where o.organisation_id = ${organisation} and o.id = x.id`.execute(tx);
    },
  };
}

/** An operation as it lies in the database, with its secrets opened. */
export function openOperation(secrets: SecretSeal, doc: string): Operation {
  return turned(JSON.parse(doc) as Operation, (of, record) => secrets.open(of, record));
}

/** The operation with its secret texts turned; the rest as it is. */
function turned(operation: Operation, turn: SecretSeal['seal']): Operation {
  const fields = (change: Change, values: Record<string, unknown>) => {
    if (!isNounName(change.collection)) return values;
    const { id: _, ...rest } = turn(change.collection, { ...values, id: change.id });
    return rest;
  };
  const changes = operation.changes.map((change) => ({
    ...change,
    before: change.before === null ? null : fields(change, change.before),
    after: fields(change, change.after),
  }));
  return { ...operation, changes };
}
