import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { RxJsonSchema } from 'rxdb';
import type { AnyRecord, NounName, Stored } from '../../shared/nouns/nouns.ts';
import type { Operation } from '../../shared/operations/operation.ts';
import { compactRecord } from './book-form.ts';

/** Frozen: other names would be an empty database. */
export const databaseName = 'fieldbook';

/**
 * The form of the database as a whole. A database of another form is built again from memory and journal, so that a
 * change of it needs no step of its own (docs/formats.md). 1: a collection for each noun. 2: one for the records of all.
 */
export const databaseForm = 2;

export const collectionNames = ['records', 'operations'] as const;
export type CollectionName = (typeof collectionNames)[number];

/** Ids are those of people's other programs too: only within a noun do they name one record. */
export function recordKey(noun: NounName, id: string): string {
  return `${noun}/${id}`;
}

/**
 * A record as it lies in IndexedDB: its fields, without those that are blank. Fields whose keys people choose are one
 * JSON text each: Dexie's storage renames keys that begin with "__" or "|", at any depth (invariant 2).
 */
export type RecordRow = { /** `recordKey` */ id: string } & Record<string, unknown>;

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
  properties: { id: { type: 'string', maxLength: 150 } },
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

export const collectionSchemas = { records: { schema: recordSchema }, operations: { schema: operationSchema } };

export function recordRow(noun: NounName, record: Stored<AnyRecord>): RecordRow {
  const row: Record<string, unknown> = { ...compactRecord(noun, record), id: recordKey(noun, record.id) };
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
