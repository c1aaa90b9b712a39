import type { BookRecord } from '../shared/dialects/book-view.ts';
import type { RemoteResource } from '../shared/dialects/manifest.ts';
import { encode, type EncodeContext, type Shape, type Unsaid, type Unsayable } from '../shared/dialects/shape.ts';
import { removePath, type Wire, writePath } from '../shared/dialects/wire.ts';

/** What is said to make a record there. Where a caller may choose the id it is the book's own: asked twice, it is made once. */
export function newObject(resource: RemoteResource, record: BookRecord, context: EncodeContext): { wire: Wire; unsaid: Unsaid[] } {
  const encoded = encode(resource.create as Shape, record, context);
  const id = idMember(resource);
  if (resource.choosesIds === true && id !== null) writePath(encoded.wire, id, record.id);
  return encoded;
}

export function withoutId(resource: RemoteResource, body: Wire): Wire {
  const rest = { ...body };
  const id = idMember(resource);
  if (id !== null) removePath(rest, id);
  return rest;
}

export function idMember(resource: RemoteResource): string | null {
  return resource.merge.answer.members.find(({ kind }) => kind === 'id')?.wire ?? null;
}

/** A request's object as it travels; a reason where it cannot be said. */
export function travelling(
  resource: RemoteResource,
  wire: Wire,
  action: 'create' | 'change',
  record: BookRecord,
  context: EncodeContext,
  known: Readonly<Record<string, string>>,
): Wire | Unsayable {
  return resource.body?.(wire, action, record, context, known) ?? wire;
}
