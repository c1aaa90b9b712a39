import { type NounName, nounsNaming, plainReferences, titleOf } from '../../shared/nouns/nouns.ts';
import type { BoardColumn } from '../../shared/contracts/board.ts';
import type { ListRequest, Page } from '../../shared/contracts/list.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import type { BookReader } from './book.ts';
import { goingAlong } from '../../shared/operations/going-along.ts';
import type { Transaction } from '../../shared/operations/transaction.ts';
import type { CommandRunner } from './ports.ts';
import type { ListQuery, RecordQueries } from './lists/record-queries.ts';
import type { ViewOf } from './lists/record-views.ts';
import { notFound } from '../../shared/operations/transaction.ts';
import { words } from '../../shared/words/words.ts';

export interface RecordServiceDeps {
  book: CommandRunner & Pick<BookReader, 'all' | 'naming' | 'children'>;
  queries: RecordQueries;
  /** Told when a person opens a record. */
  opened: (noun: NounName, id: string) => void;
  /** Resolves when lists can be narrowed by words. */
  searchReady: () => Promise<void>;
}

/** What can be done with the records of a noun. The same for each; what differs is in its rules (`<noun>.rules.ts`). */
export interface RecordService<N extends NounName> {
  list(request: ListRequest): Promise<Page<ViewOf[N]>>;
  ids(query: ListQuery): Promise<string[]>;
  /** The columns of the noun's board. */
  board(query: ListQuery): Promise<BoardColumn[]>;
  get(id: string): ViewOf[N];
  create(fields: Record<string, unknown>): Promise<{ record: ViewOf[N]; operationId: string | null }>;
  change(id: string, changes: Record<string, unknown>): Promise<{ record: ViewOf[N]; operationId: string | null }>;
  /** Deleted ones among them are left as they are. */
  changeMany(ids: readonly string[], changes: Record<string, unknown>): Promise<{ operationId: string | null; changed: number }>;
  remove(ids: readonly string[]): Promise<{ operationId: string | null; removed: number; withThem: number; stillNamed: number }>;
  goingAlong(ids: readonly string[]): ReturnType<typeof goingAlong>;
  restore(ids: readonly string[]): Promise<{ operationId: string | null; restored: number; withThem: number }>;
}

export function createRecordService<N extends NounName>(noun: N, deps: RecordServiceDeps): RecordService<N> {
  const { book, queries, opened, searchReady } = deps;

  const get = (id: string): ViewOf[N] => {
    const view = queries.get(noun, id);
    if (view === null) throw new ProblemError(notFound(noun));
    return view;
  };

  async function ready(query: ListQuery): Promise<void> {
    if (query.search !== '') await searchReady();
    await queries.ready(noun, query);
  }

  const run = (command: string, work: (tx: Transaction) => void) => book.run(`${noun}.${command}`, null, work);

  /** Runs `each` on those of the ids that are in the asked state; counts them and what came along. */
  async function runOnEach(command: 'remove' | 'restore', ids: readonly string[], isAsked: (deletedAt: string | null) => boolean) {
    let asked = 0;
    const { operation } = await run(command, (tx) => {
      for (const id of new Set(ids)) {
        const record = tx.get(noun, id);
        if (record === null) throw new ProblemError(notFound(noun));
        if (!isAsked(record.deletedAt)) continue;
        tx[command](noun, id);
        asked += 1;
      }
    });
    const flipped = (operation?.changes ?? []).filter((change) => 'deletedAt' in change.after).length;
    return { operationId: operation?.id ?? null, asked, withThem: flipped - asked };
  }

  /** Live records that name one of these without hanging on it: an owner, an assignee, the member of a team. */
  function namedBy(ids: readonly string[]): number {
    const gone = new Set(ids);
    let count = 0;
    for (const other of nounsNaming(noun)) {
      for (const record of ids.length === 1 ? book.naming(other, ids[0] as string) : book.all(other)) {
        if (record.deletedAt === null && plainReferences(other, record).some(({ of, id }) => of === noun && gone.has(id))) count += 1;
      }
    }
    return count;
  }

  return {
    async list(request) {
      await ready(request);
      return queries.list(noun, request);
    },
    async ids(query) {
      await ready(query);
      return queries.ids(noun, query);
    },
    async board(query) {
      // Of all columns, as the board itself asks: another list than the plain one.
      await ready({ ...query, column: query.column ?? '' });
      return queries.board(noun, query);
    },
    get(id) {
      const view = get(id);
      opened(noun, view.id);
      return view;
    },
    async create(fields) {
      const { value, operation } = await book.run(`${noun}.create`, null, (tx) => tx.create(noun, fields).id);
      return { record: get(value), operationId: operation?.id ?? null };
    },
    async change(id, changes) {
      const { operation } = await run('change', (tx) => void tx.change(noun, id, changes));
      return { record: get(id), operationId: operation?.id ?? null };
    },
    async changeMany(ids, changes) {
      const { operation } = await run('changeMany', (tx) => {
        for (const id of new Set(ids)) {
          const record = tx.get(noun, id);
          if (record === null) throw new ProblemError(notFound(noun));
          if (record.deletedAt !== null) continue;
          try {
            tx.change(noun, id, changes);
          } catch (error) {
            if (!(error instanceof ProblemError) || ids.length === 1) throw error;
            // Whose it is decides what to do: to leave that one out, or to change it first.
            const says = words('records.oneOfManyRefused', { title: titleOf(noun, record), why: error.problem });
            throw new ProblemError({ ...error.problem, ...says });
          }
        }
      });
      const asked = new Set(ids);
      // What a rule changed along with them (another one is primary now) is not counted.
      const changed = (operation?.changes ?? []).filter((one) => one.collection === noun && asked.has(one.id)).length;
      return { operationId: operation?.id ?? null, changed };
    },
    async remove(ids) {
      const { operationId, asked, withThem } = await runOnEach('remove', ids, (deletedAt) => deletedAt === null);
      return { operationId, removed: asked, withThem, stillNamed: asked === 0 ? 0 : namedBy(ids) };
    },
    goingAlong: (ids) => goingAlong(book, noun, ids),
    async restore(ids) {
      const { operationId, asked, withThem } = await runOnEach('restore', ids, (deletedAt) => deletedAt !== null);
      return { operationId, restored: asked, withThem };
    },
  };
}
