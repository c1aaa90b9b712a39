import type { Operation } from '../../../shared/operations/operation.ts';
import { type Problem, ProblemError } from '../../../shared/lib/result.ts';
import type { HistoryRunner } from '../book.ts';
import { words } from '../../../shared/words/words.ts';

/** Operations read at once: an import's hold hundreds of changes each. */
const atOnce = 20;

/** The operations with these ids; what is known already is not read again. Throws where one cannot be read. */
export async function readOperations(
  book: Pick<HistoryRunner, 'operations'>,
  ids: Iterable<string>,
  known: ReadonlyMap<string, Operation> = new Map(),
): Promise<Map<string, Operation>> {
  const operations = new Map(known);
  const wanted = [...new Set(ids)].filter((id) => !operations.has(id));
  for (let at = 0; at < wanted.length; at += atOnce) {
    for (const operation of await book.operations(wanted.slice(at, at + atOnce))) operations.set(operation.id, operation);
  }
  if (wanted.some((id) => !operations.has(id))) throw new ProblemError(historyAway);
  return operations;
}

const historyAway: Problem = {
  code: 'STARTING',
  ...words('history.away'),
};
