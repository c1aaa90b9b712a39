import { createHmac, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { RxJsonSchema } from 'rxdb';
import type { AnyRecord, NounName, Stored } from '../../shared/nouns/nouns.ts';
import type { Operation } from '../../shared/operations/operation.ts';
import { compactRecord } from './book-form.ts';
import { isOperation } from './journal-line.ts';
import { isOfOtherKinds } from './value-kinds.ts';

/** Frozen: other names would be an empty database. */
export const databaseName = 'fieldbook';

/**
 * The form of the database as a whole. A database of another form is built again from memory and journal, so that a
 * change of it needs no step of its own (docs/formats.md). 1: a collection for each noun. 2: one for the records of all. 3: operations
 * carry a sum.
 */
export const databaseForm = 3;

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
  /** Of the three above, with a key that only the manifest has: what history and undo read here is what was written. */
  sum: string;
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

/** Without the sum, which came later: what is declared must stay as it was for a database of before to open. */
const operationSchema: RxJsonSchema<Omit<OperationRow, 'sum'>> = {
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

/** RxDB's own fields of a row. */
const ofRxDb = new Set(['_deleted', '_rev', '_meta', '_attachments']);

/** The fields of the record in a row as it lies in IndexedDB, without the blank ones; null where it is none of ours. */
export function fieldsOfRow(
  row: Readonly<Record<string, unknown>>,
): { noun: string; fields: Record<string, unknown> & { id: string } } | null {
  const key = row['id'];
  const at = typeof key === 'string' ? key.indexOf('/') : -1;
  // What RxDB takes for deleted is not there for anybody who asks it.
  if (typeof key !== 'string' || at < 0 || row['_deleted'] === true || row['_deleted'] === '1') return null;
  const fields: Record<string, unknown> & { id: string } = { id: key.slice(at + 1) };
  for (const [field, value] of Object.entries(row)) {
    if (field === 'id' || ofRxDb.has(field)) continue;
    fields[field] = fieldsWithOwnKeys.includes(field) && typeof value === 'string' ? parsed(value) : value;
  }
  return { noun: key.slice(0, at), fields };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

export function recordRow(noun: NounName, record: Stored<AnyRecord>): RecordRow {
  const row: Record<string, unknown> = { ...compactRecord(noun, record), id: recordKey(noun, record.id) };
  for (const field of fieldsWithOwnKeys) if (Object.hasOwn(row, field)) row[field] = JSON.stringify(row[field]);
  return row as RecordRow;
}

/** A key for the sums of one database. */
export function newRowKey(): string {
  return randomBytes(32).toString('base64');
}

function sumOf(key: string, { id, seq, body }: Omit<OperationRow, 'sum'>): string {
  return createHmac('sha256', key).update(`${id} ${seq} ${body}`).digest('base64');
}

export function operationRow(operation: Operation, key: string): OperationRow {
  const json = JSON.stringify(operation);
  const body = json.length < packedFrom ? json : packed + deflateRawSync(json, { level: 1 }).toString('base64');
  const row = { id: operation.id, seq: operation.seq, body };
  return { ...row, sum: sumOf(key, row) };
}

/** The operation in a row; null when the row is damaged, or was changed. Without a key any sum is taken for right. */
export function operationOf(row: unknown, key: string | null): Operation | null {
  try {
    const { id, seq, body, sum } = row as OperationRow;
    if (key !== null && sum !== sumOf(key, { id, seq, body })) return null;
    const json = body.startsWith(packed) ? inflateRawSync(Buffer.from(body.slice(packed.length), 'base64')).toString() : body;
    const operation: unknown = JSON.parse(json);
    const isOfRow = isOperation(operation) && operation.id === id && operation.seq === seq;
    // What was written here was looked through before.
    return isOfRow && (key !== null || !isOfOtherKinds(operation)) ? operation : null;
  } catch {
    return null;
  }
}
