import type { Handlers } from '../../shared/contracts/contract.ts';
import type { Device, MarkKind, RecordMark, SyncState, syncContract } from '../../shared/contracts/sync.contract.ts';
import { isSame } from '../../shared/lib/equal.ts';
import { ProblemError } from '../../shared/lib/result.ts';
import { withoutEnd } from '../../shared/lib/text.ts';
import type { NounName } from '../../shared/nouns/nouns.ts';
import { bookkeeping } from '../../shared/operations/apply-operation.ts';
import type { ReceiptView, RefusedView } from '../../shared/sync/sync-view.ts';
import type { Book } from '../domain/book.ts';
import type { ConflictService } from '../domain/conflict.service.ts';
import { keyOf } from '../domain/open-matters.ts';
import { type Joinings, kindLabel } from './joining.ts';
import type { Remote } from './remote.ts';
import type { Remotes } from './remotes.ts';
import type { ServerPage } from './server-page.ts';
import { SyncProblem } from './sync-problem.ts';
import type { SyncWorker } from './sync-worker.ts';
import { words } from '../../shared/words/words.ts';

const askMs = 20_000;
const rowsAtOnce = 200;

/** What screens ask of the servers, put together: servers and receipts, conflicts, connecting, devices and the marks of records. */
export function createSyncDesk(deps: {
  book: Book;
  page: ServerPage;
  conflicts: ConflictService;
  worker: Pick<SyncWorker, 'wake'>;
  remotes: Remotes;
  joinings: Joinings;
  /** Makes a file for a person to save, from rows of cells. */
  makeCsv: (name: string, rows: readonly string[][]) => Promise<{ fileId: string }>;
}): Handlers<typeof syncContract> & { state(): SyncState } {
  const { book, page, conflicts, worker, remotes, joinings, makeCsv } = deps;

  function state(): SyncState {
    const now = page.state();
    const expected = joinings.expected();
    const left = expected === null || now.progress === null ? null : Math.max(0, expected - now.progress.received);
    return { ...now, joining: joinings.state(), left };
  }

  function connected(): void {
    if (remotes.list().length === 0) throw new ProblemError(notConnected);
  }

  /** "Work offline" says that nothing is asked until it is switched off. */
  function online(): void {
    if (page.state().isOffline) throw new ProblemError(worksOffline);
  }

  function devicesOf(remoteId: string): NonNullable<Remote['devices']> {
    const found = remotes.list().find(({ kept }) => kept.id === remoteId)?.devices;
    if (found === undefined) throw new ProblemError(notConnected);
    return found;
  }

  return {
    state,
    waiting: (asked) => page.waiting(asked),
    needs: () => page.needs(),
    async settle({ choices }) {
      const foreign = remotes.list().flatMap(({ kept, questions }) => {
        const theirs = choices.filter(({ id }) => id.startsWith(`${kept.id}|`));
        return questions === undefined || theirs.length === 0 ? [] : [{ questions, theirs }];
      });
      const own = choices.filter((choice) => !foreign.some(({ theirs }) => theirs.includes(choice)));
      let operationId: string | null = null;
      for (const { questions, theirs } of foreign) ({ operationId } = await questions.settle(theirs));
      if (own.length > 0) ({ operationId } = await conflicts.settle(own));
      if (foreign.length > 0) worker.wake();
      return { operationId };
    },
    async dismiss({ ids }) {
      const open = remotes.list().filter(({ kept }) => ids.some((id) => id.startsWith(`${kept.id}|`)));
      for (const { questions } of open) await questions?.dismiss(ids);
      const own = ids.filter((id) => !open.some(({ kept }) => id.startsWith(`${kept.id}|`)));
      return own.length > 0 || open.length === 0 ? conflicts.dismiss(own) : { operationId: null };
    },
    marks: ({ noun, ids }) => ({ marks: marksOf(book, remotes, noun, ids) }),
    syncNow() {
      connected();
      worker.wake();
      return {};
    },
    async workOffline({ isOffline }) {
      await page.setOffline(isOffline);
      return {};
    },
    rehearse() {
      connected();
      online();
      page.rehearse();
      return {};
    },
    compare() {
      if (!page.state().canCompare) throw new ProblemError(notConnected);
      online();
      page.compare();
      return {};
    },
    confirmDeletions() {
      connected();
      page.confirmDeletions();
      return {};
    },
    goOn({ remoteId }) {
      const found = remotes.list().find(({ kept }) => kept.id === remoteId)?.stopped;
      if (found === undefined) throw new ProblemError(notConnected);
      found.accept();
      worker.wake();
      return {};
    },
    receipts: (query) => page.receipts(query),
    async exportReceipts({ search }) {
      const rows: string[][] = [];
      for (let offset = 0; ; offset += rowsAtOnce) {
        const { items, total } = page.receipts({ search, offset, limit: rowsAtOnce });
        rows.push(...items.map(cellsOf));
        if (items.length === 0 || rows.length >= total) break;
      }
      const { fileId } = await makeCsv('sync-receipts.csv', [receiptColumns, ...rows]);
      return { fileId, rows: rows.length };
    },
    look(input) {
      joinings.look(input);
      return state();
    },
    join({ same, nouns }) {
      joinings.join(same, nouns);
      return state();
    },
    leave() {
      joinings.leave();
      return state();
    },
    async disconnect(input) {
      await page.disconnect(input);
      return state();
    },
    devices: ({ remoteId }) =>
      asked(async (signal): Promise<{ devices: Device[] }> => ({ devices: await devicesOf(remoteId).list(signal) })),
    signOutDevice: ({ remoteId, id }) =>
      asked(async (signal) => {
        await devicesOf(remoteId).signOut(id, signal);
        return {};
      }),
  };
}

/** What a screen waits for has an end before the screen's own patience. */
async function asked<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(askMs);
  try {
    return await work(signal);
  } catch (error) {
    if (error instanceof SyncProblem) throw new ProblemError({ code: 'NOT_REACHED', ...error.says });
    if (signal.aborted) throw new ProblemError({ code: 'NOT_REACHED', ...words('sync.noAnswerInTime') });
    throw error;
  }
}

function marksOf(book: Book, remotes: Remotes, noun: NounName, ids: readonly string[]): RecordMark[] {
  const { sync } = book;
  const elsewhere = openElsewhere(remotes, noun, ids);
  const wanted = new Set(ids);
  const twice = new Map<string, Set<string>>();
  for (const { collection, recordId, field } of [...sync.conflicts.values(), ...elsewhere.conflicts]) {
    if (collection !== noun || !wanted.has(recordId)) continue;
    twice.set(recordId, (twice.get(recordId) ?? new Set()).add(field.split('.')[0] as string));
  }
  return [...wanted].flatMap((id): RecordMark[] => {
    const [key, conflicts] = [keyOf(noun, id), twice.get(id)];
    const refusal = sync.refused.get(key) ?? elsewhere.refused.get(id);
    const isUnsent = sync.waiting().has(key);
    const isWaiting = isUnsent || elsewhere.waiting.has(id);
    const stays = elsewhere.stays.flatMap((of) => of.get(id) ?? []);
    if (!isWaiting && conflicts === undefined && refusal === undefined && stays.length === 0) return [];
    const fields = new Map<string, MarkKind>();
    if (isUnsent) for (const field of unsentFields(book, noun, id)) fields.set(field, 'unsent');
    if (refusal?.field !== null && refusal?.field !== undefined) fields.set(refusal.field.split('.')[0] as string, 'refused');
    for (const field of conflicts ?? []) fields.set(field, 'conflict');
    const mark = conflicts !== undefined ? 'conflict' : refusal !== undefined ? 'refused' : isWaiting ? 'unsent' : 'stays';
    const says = Map.groupBy(stays, ({ path }) => path);
    return [
      {
        id,
        mark,
        fields: [
          ...[...fields].map(([field, kind]) => ({ field, mark: kind, says: null })),
          ...[...says].map(([field, why]) => ({
            field,
            mark: 'stays' as const,
            says: [...new Set(why.map(({ message }) => message))].join(' '),
          })),
        ],
      },
    ];
  });
}

/** What foreign systems leave open of a noun. Which fields wait there is not known: the record is marked as a whole. */
function openElsewhere(remotes: Remotes, noun: NounName, ids: readonly string[]) {
  const foreign = remotes.list().filter(({ questions }) => questions !== undefined);
  const of = <T extends { collection: string }>(all: readonly T[]) => all.filter(({ collection }) => collection === noun);
  const waiting = foreign.flatMap((remote) => (remote.kept.direction === 'read' ? [] : of(remote.waiting())));
  const isOpen = (kind: 'conflicts' | 'refused') => foreign.filter(({ questions }) => (questions?.open()[kind] ?? 0) > 0);
  return {
    stays: foreign.flatMap(({ stays }) => stays?.(noun, ids) ?? []),
    waiting: new Set(waiting.map(({ id }) => id)),
    conflicts: isOpen('conflicts').flatMap(({ questions }) => of(questions?.conflicts() ?? [])),
    refused: new Map(
      isOpen('refused').flatMap(({ questions }) =>
        of(questions?.refused() ?? []).flatMap((one): [string, RefusedView][] => (one.recordId === null ? [] : [[one.recordId, one]])),
      ),
    ),
  };
}

/** Top-level fields that differ from what the server has; none of a record that it never had, which is new as a whole. */
function unsentFields(book: Book, noun: NounName, id: string): string[] {
  const replica = book.sync.replicaOf(noun, id);
  if (replica?.base === null || replica === null) return [];
  const { mine, base } = replica;
  return Object.keys(mine).filter((field) => !bookkeeping.has(field) && !isSame(mine[field], base[field]));
}

const receiptColumns = [
  'Ended',
  'Server',
  'Address',
  'How it ended',
  'Sent new',
  'Sent changed',
  'Sent deleted',
  'Received new',
  'Received changed',
  'Received deleted',
  'Put together',
  'Conflicts',
  'Refused',
  'Waiting',
  'Requests',
  'Bytes',
  'Said',
];

const endings: Record<ReceiptView['state'], string> = {
  synced: 'In step',
  waits: 'Needs somebody',
  failed: 'Failed',
  rehearsed: 'Rehearsed',
};

function cellsOf({
  at,
  kind,
  url,
  state,
  sent,
  received,
  merged,
  conflicts,
  refused,
  waiting,
  requests,
  bytes,
  problem,
}: ReceiptView): string[] {
  const numbers = [sent, received].flatMap(({ created, changed, deleted }) => [created, changed, deleted]);
  return [
    at,
    kindLabel(kind),
    withoutEnd(url, '/'),
    endings[state],
    ...[...numbers, merged, conflicts, refused, waiting, requests, bytes].map(String),
    problem ?? '',
  ];
}

const worksOffline = {
  code: 'WORKS_OFFLINE',
  ...words('sync.worksOffline'),
};
const notConnected = {
  code: 'NOT_CONNECTED',
  ...words('sync.noSuchServer'),
};
