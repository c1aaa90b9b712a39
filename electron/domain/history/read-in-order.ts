import type { Operation } from '../../../shared/operations/operation.ts';
import type { Book } from '../book.ts';
import { readOperations } from '../safety/archive.ts';

/** Read at a time: one of an import holds hundreds of records. */
export const operationsAtOnce = 20;

/** Operations in the order of their ids, also from the archive. */
export async function readInOrder(book: Book, ids: readonly string[]): Promise<Operation[]> {
  const operations = await readOperations(book, ids);
  return ids.map((id) => operations.get(id) as Operation);
}
