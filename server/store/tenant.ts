import { sql } from 'kysely';
import type { BookRecord, BookRecords, Collection } from '../../shared/dialects/book-view.ts';
import { columnsOf, parentFields, termsOf } from './record-row.ts';
import { type Database, type Tx, tenantRole } from './tables.ts';

/** A record as the store has it: with its whole-number id. */
export interface Kept<C extends Collection = Collection> {
  record: BookRecords[C];
  number: number;
}

/** One organisation's records inside one transaction. */
export interface Tenant {
  tx: Tx;
  organisation: string;
  get<C extends Collection>(of: C, ids: readonly string[]): Promise<Kept<C>[]>;
  byNumber<C extends Collection>(of: C, numbers: readonly number[]): Promise<Kept<C>[]>;
  /** Live records whose field names one of these, oldest first. */
  having<C extends Collection>(of: C, field: string, ids: readonly string[]): Promise<Kept<C>[]>;
  /** Waits until nobody else writes in this organisation; what is read from now on stays true until the end. */
  lock(): Promise<void>;
  /** Writes records, made or changed, each with the next number of the organisation's sequence. Needs `lock`. */
  put(changes: readonly { of: Collection; record: BookRecord }[]): Promise<void>;
}

/**
 * Runs work on one organisation's records. The role and the organisation hold for this transaction only, so a
 * connection that goes back to the pool carries neither.
 */
export function inOrganisation<T>(db: Database, organisation: string, work: (tenant: Tenant) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (tx) => {
    await sql`select set_config('role', ${tenantRole}, true), set_config('fieldbook.organisation', ${organisation}, true)`.execute(tx);
    return work(tenantOf(tx, organisation));
  });
}

function tenantOf(tx: Tx, organisation: string): Tenant {
  let numbers: Record<string, number> | null = null;
  let seq = 0;
  const rows = (of: Collection) =>
    tx.selectFrom('records').select(['doc', 'number']).where('organisation_id', '=', organisation).where('collection', '=', of);
  const kept = <C extends Collection>(found: { doc: unknown; number: number }[]) =>
    found.map(({ doc, number }) => ({ record: doc as BookRecords[C], number }));

  return {
    tx,
    organisation,
    get: async (of, ids) => (ids.length === 0 ? [] : kept(await rows(of).where('id', 'in', ids).execute())),
    byNumber: async (of, wanted) => (wanted.length === 0 ? [] : kept(await rows(of).where('number', 'in', wanted).execute())),

    having: async (of, field, ids) => {
      if (ids.length === 0) return [];
      const at = parentFields[of]?.indexOf(field) ?? -1;
      const query = rows(of).where('deleted_at', 'is', null).orderBy('created_at').orderBy('id');
      const named = sql<boolean>`doc ->> ${field} = any(${[...ids]}::text[])`;
      return kept(await (at < 0 ? query.where(named) : query.where(at === 0 ? 'parent_id' : 'second_id', 'in', ids)).execute());
    },

    lock: async () => {
      const row = await tx
        .selectFrom('organisations')
        .select(['seq', 'numbers'])
        .where('organisation_id', '=', organisation)
        .forUpdate()
        .executeTakeFirstOrThrow();
      ({ seq } = row);
      numbers = { ...row.numbers };
    },

    put: async (changes) => {
      if (numbers === null) throw new Error('Records are written under the lock of their organisation only');
      const known = new Set<string>();
      for (const of of new Set(changes.map((change) => change.of))) {
        const ids = changes.filter((change) => change.of === of).map(({ record }) => record.id);
        for (const { record } of await tenantOf(tx, organisation).get(of, ids)) known.add(`${of} ${record.id}`);
      }
      for (const { of, record } of changes) {
        seq += 1;
        const columns = columnsOf(of, record);
        const own = { organisation_id: organisation, collection: of, id: record.id };
        if (known.has(`${of} ${record.id}`)) {
          await tx
            .updateTable('records')
            .set({ ...columns, seq })
            .where('organisation_id', '=', organisation)
            .where('collection', '=', of)
            .where('id', '=', record.id)
            .execute();
        } else {
          numbers[of] = (numbers[of] ?? 0) + 1;
          await tx
            .insertInto('records')
            .values({ ...own, ...columns, seq, number: numbers[of] })
            .execute();
        }
        await tx
          .deleteFrom('terms')
          .where('organisation_id', '=', organisation)
          .where('collection', '=', of)
          .where('id', '=', record.id)
          .execute();
        const terms = termsOf(of, record);
        if (terms.length > 0)
          await tx
            .insertInto('terms')
            .values(terms.map((term) => ({ ...own, term })))
            .execute();
      }
      await tx
        .updateTable('organisations')
        .set({ seq, numbers: JSON.stringify(numbers) as never })
        .where('organisation_id', '=', organisation)
        .execute();
    },
  };
}
