import { isBulkWriteConflictError, type RxCollection, type RxStorageWriteError } from 'rxdb';
import { insertContext, newRowsContext, type StorageHostRequest, upsertContext } from '../../shared/contracts/storage-host.ts';
import type { CollectionName } from './collections.ts';

/** A question of ours to the storage host, beside those of RxDB. */
export type Ask = <T>(request: StorageHostRequest) => Promise<T>;

/** Rows per message, and their size: a host that is busy with more would miss its heartbeats, and lines have a limit. */
export const batchRows = 1000;
const batchCharacters = 4_000_000;

type Row = { id: string };
/** A row as it lies in IndexedDB, with RxDB's own fields. Nothing of it is sure but that it has an id. */
export type StoredRow = Row & Readonly<Record<string, unknown>>;

/** Writes rows past RxDB's queries, many at a time, and tells how many there are more of. */
export function createRowWriter({
  ask,
  rowsOf,
  onWritten,
}: {
  ask: Ask;
  rowsOf: (name: CollectionName) => RxCollection['storageInstance'];
  onWritten: (name: CollectionName, rows: number) => void;
}) {
  let durability: 'strict' | 'relaxed' = 'strict';

  const setDurability = async (next: 'strict' | 'relaxed') => {
    if (durability === next) return;
    await ask({ ask: 'setDurability', durability: next });
    durability = next;
  };

  /** Returns the rows that were refused because they were there already. */
  const write = async (name: CollectionName, rows: readonly Row[], context: string): Promise<Row[]> => {
    if (rows.length === 0) return [];
    const response: { error: RxStorageWriteError<unknown>[]; inserted?: number } = await rowsOf(name).bulkWrite(
      rows.map(asWrite) as never,
      context,
    );
    const conflicts = response.error.flatMap((error) => isBulkWriteConflictError<unknown>(error) || []);
    // Not the errors themselves: they carry the rows.
    if (conflicts.length < response.error.length) throw new Error('The database refused rows');
    onWritten(name, response.inserted ?? rows.length - conflicts.length);
    return conflicts.map(({ writeRow }) => writeRow.document as unknown as Row); // RxDB types what it was given as a document; it is the row that was written
  };

  /** `isNew` spares the host from looking first; it may be wrong, unless `areSurelyNew` is said of those it names. */
  const upsert = async (
    name: CollectionName,
    rows: readonly Row[],
    isNew: (id: string) => boolean,
    areSurelyNew = false,
    onUpserted?: (rows: number) => void,
  ) => {
    for (const batch of batches(onceEach(rows), batchRows)) {
      const refused = await write(
        name,
        batch.filter(({ id }) => isNew(id)),
        areSurelyNew ? newRowsContext : insertContext,
      );
      const others = [...batch.filter(({ id }) => !isNew(id)), ...refused];
      const refusedAgain = await write(name, others, upsertContext);
      if (refusedAgain.length > 0) throw new Error('The database refused rows');
      onUpserted?.(batch.length);
    }
  };

  return { setDurability, write, upsert };
}

/** The last of each id: the journal may hold an operation twice after damage. */
export function onceEach(rows: readonly Row[]): readonly Row[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return byId.size === rows.length ? rows : [...byId.values()];
}

function asWrite(row: Row) {
  return { document: { ...row, _deleted: false, _attachments: {}, _rev: '', _meta: { lwt: 1 } } };
}

export function* batches<T>(items: Iterable<T>, most: number): Generator<readonly T[]> {
  let batch: T[] = [];
  let characters = 0;
  for (const item of items) {
    const size = charactersOf(item);
    if (batch.length === most || (batch.length > 0 && characters + size > batchCharacters)) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(item);
    characters += size;
  }
  if (batch.length > 0) yield batch;
}

/** About how long a row is as JSON; only its texts can be long. */
function charactersOf(item: unknown): number {
  if (item === null || typeof item !== 'object') return 40;
  let characters = 0;
  for (const value of Object.values(item)) characters += typeof value === 'string' ? value.length : 40;
  return characters;
}
