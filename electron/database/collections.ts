import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { RxJsonSchema } from 'rxdb';
import { type AnyRecord, type NounName, nounNames, type Stored } from '../../shared/nouns/nouns.ts';
import type { Operation } from '../../shared/operations/operation.ts';
import { compactRecord } from './book-form.ts';

/** Frozen: other names would be an empty database. */
export const databaseName = 'fieldbook';

export type CollectionName = Exclude<NounName, 'ownFields'> | 'operations';

/** RxDB opens thirteen collections at once without delay: own fields, which are few, lie with the directory. */
export function collectionOf(noun: NounName): CollectionName {
  return noun === 'ownFields' ? 'directory' : noun;
}

export const collectionNames: readonly CollectionName[] = [...new Set(nounNames.map(collectionOf)), 'operations'];

/**
 * A record as it lies in IndexedDB: its fields, without those that are blank. Fields whose keys people choose are one
 * JSON text each: Dexie's storage renames keys that begin with "__" or "|", at any depth (invariant 2).
 */
export type RecordRow = { id: string } & Record<string, unknown>;

const fieldsWithOwnKeys = ['custom', 'externalIds'];

export interface OperationRow {
  id: string;
  seq: number;
  /** The operation as JSON, or `packed` and its deflated JSON. */
  body: string;
}

/** No JSON begins with it. */
const packed = 'deflate:';
/** An operation of an import holds hundreds of records: packed it is a sixth on its way and in the database. */
const packedFrom = 16_384;

/**
 * Only the id is declared: RxDB keeps what is not, and refuses to open a collection whose declaration has changed, so
 * that each new field would need a migration.
 */
const recordSchema: RxJsonSchema<RecordRow> = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: { id: { type: 'string', maxLength: 100 } },
  required: ['id'],
};

const operationSchema: RxJsonSchema<OperationRow> = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 100 },
    seq: { type: 'number', minimum: 1, maximum: 1_000_000_000_000, multipleOf: 1 },
    body: { type: 'string' },
  },
  required: ['id', 'seq', 'body'],
  indexes: ['seq'],
};

export const collectionSchemas = {
  ...Object.fromEntries(nounNames.map((noun) => [collectionOf(noun), { schema: recordSchema }])),
  operations: { schema: operationSchema },
};

export function recordRow(noun: NounName, record: Stored<AnyRecord>): RecordRow {
  const row: Record<string, unknown> = compactRecord(noun, record);
  for (const field of fieldsWithOwnKeys) if (Object.hasOwn(row, field)) row[field] = JSON.stringify(row[field]);
  return row as RecordRow;
}

export function operationRow(operation: Operation): OperationRow {
  const json = JSON.stringify(operation);
  const body = json.length < packedFrom ? json : packed + deflateRawSync(json, { level: 1 }).toString('base64');
  return { id: operation.id, seq: operation.seq, body };
}

/** The operation in a row; null when the row is damaged. */
export function operationOf(row: unknown): Operation | null {
  try {
    const { body } = row as OperationRow;
    const json = body.startsWith(packed) ? inflateRawSync(Buffer.from(body.slice(packed.length), 'base64')).toString() : body;
    const operation: unknown = JSON.parse(json);
    return operation !== null && typeof operation === 'object' && (operation as Operation).id === (row as OperationRow).id
      ? (operation as Operation)
      : null;
  } catch {
    return null;
  }
}

/** Records of the book by the collection they lie in. */
export function recordsPerCollection(count: (noun: NounName) => number): Map<CollectionName, number> {
  const counts = new Map<CollectionName, number>();
  for (const noun of nounNames) counts.set(collectionOf(noun), (counts.get(collectionOf(noun)) ?? 0) + count(noun));
  return counts;
}
