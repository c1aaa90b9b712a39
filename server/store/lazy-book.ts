import type { BookRecord, BookView } from '../../shared/dialects/book-view.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import { emptyRecordMaps } from '../../shared/operations/apply-operation.ts';
import type { Layer, StoredRecord } from '../../shared/operations/record-layer.ts';
import type { Eyes } from './sight.ts';
import type { Kept, Tenant, Wanted } from './tenant.ts';

/** An organisation's book as rules and codecs look at it: they ask without waiting. */
export interface LazyBook {
  /** For rules (shared/nouns). */
  layer: Layer;
  /** For codecs (shared/dialects). */
  view: BookView;
  /** The record with its whole-number id. */
  kept(of: NounName, id: string): Kept | null;
}

const nothing = emptyRecordMaps();

/**
 * Rules and codecs ask the book without waiting. So the work is done on what is known; what it asked for and was not
 * known is fetched, and the work is done again, until nothing is missing. Work has to be without effects: what it
 * answers, or throws, counts only when nothing was missing. What the eyes do not see is not there. `ahead` may ask for what the work will ask for, where that takes
 * less than the work itself.
 */
export async function withBook<T>(
  tenant: Tenant,
  eyes: Eyes,
  known: readonly { of: NounName; kept: Kept }[],
  work: (book: LazyBook) => T,
  ahead: ((book: LazyBook) => void) | null = null,
): Promise<{ value: T; book: LazyBook }> {
  const records = new Map<string, Kept | null>(known.map(({ of, kept }) => [`${of} ${kept.record.id}`, kept]));
  const children = new Map<string, Set<string>>();
  const holders = new Map<string, Set<string>>();
  let missing: Wanted = { records: [], children: [], holders: [] };
  const noted = new Set<string>();
  const miss = (kind: keyof Wanted, of: NounName, value: string) => {
    const key = `${kind} ${of} ${value}`;
    if (noted.has(key)) return;
    noted.add(key);
    missing[kind].push([of, value]);
  };

  const find = (of: NounName, id: string): Kept | null => {
    const found = records.get(`${of} ${id}`);
    if (found === undefined) miss('records', of, id);
    return found ?? null;
  };
  const idsIn = (kind: 'children' | 'holders', of: NounName, value: string): Iterable<string> => {
    const found = (kind === 'children' ? children : holders).get(`${of} ${value}`);
    if (found === undefined) miss(kind, of, value);
    return found ?? [];
  };
  const all = (of: NounName, ids: Iterable<string>) => [...ids].flatMap((id) => (find(of, id)?.record as StoredRecord | undefined) ?? []);

  const book: LazyBook = {
    layer: {
      own: nothing,
      get: (noun, id) => (find(noun, id)?.record as never) ?? undefined,
      children: (noun, parentId) => all(noun, idsIn('children', noun, parentId)) as never,
      holders: (noun, key) => all(noun, idsIn('holders', noun, key)) as never,
      childIds: (noun, parentId) => idsIn('children', noun, parentId),
      holderIds: (noun, key) => idsIn('holders', noun, key),
      put: () => {
        throw new Error('The lowest layer is the database, which is written by Tenant.put alone');
      },
      all: () => {
        throw new Error('Nothing on the server may look at all records of a company at once');
      },
    },
    view: {
      get: (of, id) => (find(of, id)?.record ?? null) as never,
      having: (of, field, id) =>
        (all(of, idsIn('children', of, id)) as unknown as BookRecord[]) // stored records have every field of the dialects' own type
          .filter((record) => record.deletedAt === null && (record as unknown as Record<string, unknown>)[field] === id)
          .toSorted(byAge) as never,
    },
    kept: find,
  };

  const finish = async <V>(step: (book: LazyBook) => V): Promise<V> => {
    for (;;) {
      let done: { value: V } | { error: unknown };
      try {
        done = { value: step(book) };
      } catch (error) {
        done = { error };
      }
      if (missing.records.length + missing.children.length + missing.holders.length === 0) {
        if ('error' in done) throw done.error;
        return done.value;
      }
      const wanted = missing;
      missing = { records: [], children: [], holders: [] };
      for (const [of, id] of wanted.records) records.set(`${of} ${id}`, null);
      for (const [of, id] of wanted.children) children.set(`${of} ${id}`, new Set());
      for (const [of, key] of wanted.holders) holders.set(`${of} ${key}`, new Set());
      for (const { of, kept, parents, key } of await tenant.find(wanted, eyes)) {
        records.set(`${of} ${kept.record.id}`, kept);
        // A record may have been found before by something else it hangs on.
        for (const parent of parents) children.get(`${of} ${parent}`)?.add(kept.record.id);
        if (key !== null) holders.get(`${of} ${key}`)?.add(kept.record.id);
      }
    }
  };
  if (ahead !== null) await finish(ahead);
  return { value: await finish(work), book };
}

function byAge(left: BookRecord, right: BookRecord): number {
  return left.createdAt === right.createdAt ? (left.id < right.id ? -1 : 1) : left.createdAt < right.createdAt ? -1 : 1;
}

/** The record in the dialects' own type: they know activities by kind, rules know one form for all kinds. */
export function bookRecordOf({ record }: Kept): BookRecord {
  return record as unknown as BookRecord; // a stored activity has every field of its kind
}
