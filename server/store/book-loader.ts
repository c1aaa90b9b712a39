import type { BookRecord, BookView, Collection } from '../../shared/dialects/book-view.ts';
import { isId } from '../../shared/lib/ids.ts';
import type { Kept, Tenant } from './tenant.ts';

/** What codecs look at: the book around a record, and the ids a dialect uses. */
export interface View {
  book: BookView;
  number: (of: Collection, id: string) => number | null;
}

/**
 * Codecs ask the book without waiting. So the work is done on what is known; what it asked for and was not known is
 * fetched in one query per kind, and the work is done again, until nothing is missing. Work has to be without effects.
 */
export async function withBook<T>(tenant: Tenant, known: readonly { of: Collection; kept: Kept }[], work: (view: View) => T): Promise<T> {
  const records = new Map<string, Kept | null>(known.map(({ of, kept }) => [`${of} ${kept.record.id}`, kept]));
  const lists = new Map<string, Kept[]>();
  for (;;) {
    const missing = new Map<string, { of: Collection; field: string | null; ids: Set<string> }>();
    const miss = (of: Collection, field: string | null, id: string) => {
      const key = `${of} ${field}`;
      const entry = missing.get(key) ?? { of, field, ids: new Set<string>() };
      entry.ids.add(id);
      missing.set(key, entry);
    };
    const find = (of: Collection, id: string): Kept | null => {
      const found = records.get(`${of} ${id}`);
      if (found === undefined) miss(of, null, id);
      return found ?? null;
    };
    const done = work({
      book: {
        get: (of, id) => (find(of, id)?.record ?? null) as never,
        having: (of, field, id) => {
          const found = lists.get(`${of} ${field} ${id}`);
          if (found === undefined) miss(of, field, id);
          return (found ?? []).map(({ record }) => record) as never;
        },
      },
      number: (of, id) => find(of, id)?.number ?? null,
    });
    if (missing.size === 0) return done;
    for (const { of, field, ids } of missing.values()) {
      if (field === null) {
        for (const id of ids) records.set(`${of} ${id}`, null);
        for (const kept of await tenant.get(of, [...ids].filter(isId))) records.set(`${of} ${kept.record.id}`, kept);
        continue;
      }
      for (const id of ids) lists.set(`${of} ${field} ${id}`, []);
      for (const kept of await tenant.having(of, field, [...ids])) {
        records.set(`${of} ${kept.record.id}`, kept);
        const parent = (kept.record as BookRecord & Record<string, unknown>)[field];
        lists.get(`${of} ${field} ${String(parent)}`)?.push(kept);
      }
    }
  }
}
