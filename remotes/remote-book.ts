import type { BookRecord, BookRecords, BookView, Collection } from '../shared/dialects/book-view.ts';
import type { Manifest } from '../shared/dialects/manifest.ts';
import type { EncodeContext } from '../shared/dialects/shape.ts';
import type { MergeContext } from '../shared/dialects/wire-merge.ts';
import { valueAt } from '../shared/nouns/field.ts';
import type { NounName, RecordOf, Stored } from '../shared/nouns/nouns.ts';
import { survivorOf } from '../shared/operations/aliases.ts';
import type { Transaction } from '../shared/operations/transaction.ts';

/** What the engine needs of the book. */
export interface ForeignBook {
  get<N extends NounName>(noun: N, id: string): Stored<RecordOf[N]> | undefined;
  all<N extends NounName>(noun: N): Iterable<Stored<RecordOf[N]>>;
  children<N extends NounName>(noun: N, parentId: string): Stored<RecordOf[N]>[];
  /**
   * Carries out what came, and remembers what `memory` answers: both are on disk when it resolves, or neither. `work` may be run more
   * than once, and counts as it was run last: it has no effect but on the transaction and in what it answers.
   */
  receive<T>(work: (tx: Transaction) => T, memory: (value: T) => Readonly<Record<string, unknown>>): Promise<T>;
}

/** Which record of the book a remote's record is, both ways. */
export interface Ids {
  remoteId(of: Collection, bookId: string): string | null;
  bookId(of: Collection, remoteId: string): string | null;
}

export interface IdMap extends Ids {
  put(of: Collection, bookId: string, remoteId: string): void;
  drop(of: Collection, bookId: string): void;
}

/** Ids above those of `below`, which stays as it is until `settle`. */
export function idsAbove(below: IdMap): IdMap & { settle(): void } {
  const own = createIds();
  const put: Parameters<IdMap['put']>[] = [];
  return {
    remoteId: (of, id) => own.remoteId(of, id) ?? below.remoteId(of, id),
    bookId: (of, id) => own.bookId(of, id) ?? below.bookId(of, id),
    put(...one) {
      own.put(...one);
      put.push(one);
    },
    drop() {
      throw new Error('Ids are dropped when a deletion was sent, never while something is received');
    },
    settle() {
      for (const one of put) below.put(...one);
    },
  };
}

export function createIds(): IdMap {
  const [there, here] = [new Map<string, string>(), new Map<string, string>()];
  const key = (of: Collection, id: string) => `${of}/${id}`;
  return {
    remoteId: (of, id) => there.get(key(of, id)) ?? null,
    bookId: (of, id) => here.get(key(of, id)) ?? null,
    put(of, bookId, remoteId) {
      there.set(key(of, bookId), remoteId);
      here.set(key(of, remoteId), bookId);
    },
    drop(of, bookId) {
      const remote = there.get(key(of, bookId));
      there.delete(key(of, bookId));
      if (remote !== undefined && here.get(key(of, remote)) === bookId) here.delete(key(of, remote));
    },
  };
}

/** The book as codecs look at it. An id that was merged into another's stands for that one. */
export function viewOf(book: Pick<ForeignBook, 'get' | 'children'>): BookView {
  return {
    get: <C extends Collection>(of: C, id: string) => (survivorOf((one) => book.get(of, one), id) as BookRecords[C] | undefined) ?? null,
    having: <C extends Collection>(of: C, field: string, id: string) =>
      (book.children(of, id) as BookRecord[])
        .filter((record) => record.deletedAt === null && valueAt(record, field) === id)
        .toSorted(byAge) as BookRecords[C][],
  };
}

const byAge = (a: BookRecord, b: BookRecord) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.id < b.id ? -1 : 1);

/** What merging needs; secret values of a shadow are told by their digests. */
export interface ForeignContext extends MergeContext, EncodeContext {
  digest: (text: string) => string;
}

export function contextOf(view: BookView, ids: Ids, today: string, digest: (text: string) => string): ForeignContext {
  return { today, book: view, remoteId: ids.remoteId, bookId: ids.bookId, digest };
}

/**
 * The name a remote has in `externalIds` of records, the same on every laptop: who connects later, or lost its shadow,
 * knows by it which record is which.
 */
export function remoteKey(kind: Manifest['kind'], base: string, organisation: string | null): string {
  const host = base.replace(/^https?:\/\//i, '').toLowerCase();
  return `${kind}@${host}${organisation === null ? '' : `#${organisation}`}`.slice(0, 200);
}
