/** What main and the storage host say to each other. `rx` carries RxDB's own messages; the rest is ours. */
export type ToStorageHost = { kind: 'rx'; message: unknown } | { kind: 'ping'; number: number };
export type FromStorageHost =
  | { kind: 'rx'; message: unknown }
  | { kind: 'pong'; number: number }
  /** IndexedDB was closed under the host (cleared, disk full): every call from now on would fail. */
  | { kind: 'lost'; reason: string };

/** Requests beside RxDB's, answered by the host on the tables that RxDB has open. */
export type StorageHostRequest =
  /** Which RxDB this page has, before anything is opened. */
  | { ask: 'version' }
  /** What is there now. */
  | { ask: 'inspect'; collections: string[] }
  /** Rows of a collection by sequence number, from the first of each pair up to but without the second; `limit` in all. */
  | { ask: 'rowsBySequence'; collection: string; ranges: [number, number][]; limit: number }
  /**
   * Reads rows of a collection and gives none of them away: the id of the last one, or null at the end. Fails where the
   * disk does not give back what was written.
   */
  | { ask: 'readThrough'; collection: string; after: string; limit: number }
  /** Rows of a collection as they lie there, in the order of their ids, behind the one that is named. */
  | { ask: 'rows'; collection: string; after: string; limit: number }
  /** Rows by id as they lie there; those that are not there are left out. */
  | { ask: 'rowsById'; collection: string; ids: string[] }
  /** Names the database, so that main knows it again. */
  | { ask: 'setToken'; token: string }
  /** Deletes every IndexedDB database of this origin, which is Fieldbook's alone; RxDB must have closed its own. */
  | { ask: 'drop' }
  /** strict waits for the disk, relaxed for the operating system. Holds until it is set again. */
  | { ask: 'setDurability'; durability: 'strict' | 'relaxed' };

export interface StorageInspection {
  /** Null when the database was never finished, or is gone. */
  token: string | null;
  /** Rows per collection. */
  counts: Record<string, number>;
  /** Newest write time over all collections (RxDB's `_meta.lwt`); 0 without rows. */
  newestWrite: number;
  /** Highest sequence number; 0 without rows. */
  newestSequence: number;
  isPersistent: boolean | null;
}

/** Context of a bulkWrite whose rows the host itself puts over those that are there; it adds `inserted` to the response. */
export const upsertContext = 'fieldbook-upsert';
/** Context of a bulkWrite whose rows are new: the host looks for older ones only when one turns out to be there already. */
export const insertContext = 'fieldbook-insert';
/** Context of a bulkWrite whose rows cannot be there: the host puts them without any look. */
export const newRowsContext = 'fieldbook-new';
