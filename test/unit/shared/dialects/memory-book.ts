import { valueAt } from '../../../../shared/nouns/field.ts';
import {
  type BookKind,
  type BookRecord,
  type BookView,
  bookFields,
  type Collection,
  collectionOf,
} from '../../../../shared/dialects/book-view.ts';
import { type Decoded, type Shape, topLevelChanges } from '../../../../shared/dialects/shape.ts';
import type { MergeContext } from '../../../../shared/dialects/wire-merge.ts';

/** A book in memory in which every record has been met by the remote: its id there is what follows the colon here. */
export class MemoryBook implements BookView {
  readonly records = new Map<string, BookRecord>();

  get<C extends Collection>(of: C, id: string): never {
    return (this.records.get(`${of}/${id}`) ?? null) as never;
  }

  having<C extends Collection>(of: C, field: string, id: string): never[] {
    return [...this.records.entries()]
      .filter(([key, record]) => key.startsWith(`${of}/`) && record.deletedAt === null && valueAt(record, field) === id)
      .map(([, record]) => record) as never[];
  }

  put(of: Collection, record: BookRecord): BookRecord {
    this.records.set(`${of}/${record.id}`, record);
    return record;
  }

  context(today = '2024-05-03'): MergeContext {
    return {
      today,
      book: this,
      remoteId: (_, id) => remoteIdOf(id),
      bookId: (of, remoteId) => (this.records.has(`${of}/${of}:${remoteId}`) ? `${of}:${remoteId}` : null),
    };
  }
}

export const remoteIdOf = (id: string): string | null => (id.includes(':') ? id.slice(id.indexOf(':') + 1) : null);

/** A record with every field at its default; required texts are empty. */
export function blankRecord(kind: BookKind, id: string): BookRecord {
  const fields = Object.fromEntries(
    Object.entries(bookFields[kind].shape).map(([name, schema]) => {
      const parsed = schema.safeParse(undefined);
      return [name, parsed.success ? parsed.data : literalOf(schema)];
    }),
  );
  const at = '2024-01-01T00:00:00.000Z';
  return {
    ...fields,
    id,
    createdAt: at,
    createdBy: 'somebody',
    updatedAt: at,
    updatedBy: 'somebody',
    deletedAt: null,
  } as unknown as BookRecord;
}

function literalOf(schema: unknown): unknown {
  const values = (schema as { def?: { values?: unknown[] } }).def?.values;
  return values?.[0] ?? '';
}

/** Puts what a wire object says into a book, with everything it says of other records. */
export function absorb(
  book: MemoryBook,
  shape: Pick<Shape, 'kind'>,
  decoded: Decoded,
  id = `${collectionOf[shape.kind]}:${decoded.remoteId ?? 'new'}`,
): BookRecord {
  const of = collectionOf[shape.kind];
  const before = book.get(of, id) as BookRecord | null;
  const blank = before ?? blankRecord(shape.kind, id);
  const changes: Record<string, unknown> = topLevelChanges(shape.kind, blank, decoded.fields);
  for (const [path, reference] of Object.entries(decoded.references)) {
    const ids = reference.ids.map((remoteId) => `${reference.of}:${remoteId}`);
    if (Object.hasOwn(blank, path)) changes[path] = reference.list ? ids : (ids[0] ?? null);
    // Children named by id alone hang on this record.
    else
      for (const child of ids)
        book.put(reference.of, { ...blankRecord(reference.of as BookKind, child), [parentOf(reference.of)]: id } as unknown as BookRecord);
  }
  if (decoded.deleted === true) changes['deletedAt'] = '2024-02-01T00:00:00.000Z';
  const record = book.put(of, { ...blank, ...changes } as BookRecord);
  for (const related of decoded.related) {
    const other = absorb(book, { kind: related.decoded.kind }, related.decoded);
    if (related.parent !== null) book.put(related.of, { ...other, [related.parent]: id } as BookRecord);
  }
  return record;
}

const parentOf = (of: Collection) => (of === 'contacts' ? 'clientId' : 'contactId');
