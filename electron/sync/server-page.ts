import type { Clock } from '../../shared/lib/clock.ts';
import { newId } from '../../shared/lib/ids.ts';
import { type Problem, ProblemError } from '../../shared/lib/result.ts';
import { searchFold } from '../../shared/lib/text.ts';
import { isSame } from '../../shared/lib/equal.ts';
import { titleOf } from '../../shared/nouns/nouns.ts';
import { bookkeeping, isNounName } from '../../shared/operations/apply-operation.ts';
import type { DisconnectInput, ReceiptView, SyncNeeds, SyncPageState, WaitingView } from '../../shared/sync/sync-view.ts';
import type { Book } from '../domain/book.ts';
import type { ConflictService } from '../domain/conflict.service.ts';
import type { SettingsService } from '../domain/settings.service.ts';
import type { RemoteReceipt } from '../../remotes/remote.ts';
import type { Remote } from './remote.ts';
import type { Remotes } from './remotes.ts';
import type { SyncWorker } from './sync-worker.ts';
import { createTaking } from './take-rows.ts';
import { dropSent } from './unsent-work.ts';
import { say } from '../../shared/words/say.ts';
import { words } from '../../shared/words/words.ts';

/** Where receipts are kept, the newest first. */
export interface ReceiptBook {
  all(): ReceiptView[];
  /** One with the id of an earlier one stands in its place. */
  put(receipt: ReceiptView): void;
  close(): Promise<void>;
}

/** Records of one receipt that are kept. */
const mostRecords = 500;
const rehearseMs = 10 * 60_000;
const compareMs = 30 * 60_000;

export interface ServerPage {
  state(): SyncPageState;
  /** What waits for a person. */
  needs(): SyncNeeds;
  /** Changes that are not on the servers, the oldest first. */
  waiting(page: { offset: number; limit: number }): { total: number; items: WaitingView[] };
  /** So many deletions are meant: they go with the next sync, which begins at once. */
  confirmDeletions(): void;
  setOffline(isOffline: boolean): Promise<void>;
  /** What would go and come; sends nothing of the book. The answer stands in `state().rehearsal`. */
  rehearse(): void;
  /** Holds every record against the server and puts right what differs. What came of it stands in `state().compared`, and in a receipt. */
  compare(): void;
  /** The newest first. */
  receipts(query: { search: string; offset: number; limit: number }): { total: number; items: ReceiptView[] };
  disconnect(input: DisconnectInput): Promise<void>;
  /** Waits for the end of a rehearsal or a comparison, which the worker's end stops. */
  close(): Promise<void>;
  /** What became of a sync. */
  ended(ended: readonly { remote: Remote; receipt: RemoteReceipt }[], ms: number): void;
}

/** What screens are told of the servers of the book, and what they may ask of them. */
export function createServerPage(deps: {
  book: Book;
  remotes: Remotes;
  worker: SyncWorker;
  conflicts: ConflictService;
  receipts: ReceiptBook;
  settings: SettingsService;
  clock: Clock;
  onChanged: () => void;
}): ServerPage {
  const { book, remotes, worker, conflicts, receipts, settings, clock, onChanged } = deps;
  let rehearsal: ReceiptView[] = [];
  let rehearsing: Promise<void> | null = null;
  let comparison: Promise<void> | null = null;
  /** Why the last comparison came to no end; null where it did. */
  let failed: SyncPageState['compared'] = null;
  const now = () => new Date(clock.now()).toISOString();

  function viewOf({ kept }: Remote, receipt: RemoteReceipt, ms: number): ReceiptView {
    const { kind, url, state, sent, received, merged, conflicts: open, refused, waiting, requests, bytes } = receipt;
    const { problem = null, compared = null } = receipt;
    const counts = { sent, received, merged, conflicts: open, refused, waiting, requests, bytes };
    const records = receipt.records ?? [];
    const told = { records: records.slice(0, mostRecords), moreRecords: Math.max(0, records.length - mostRecords) };
    return { id: newId(), at: now(), ms: Math.round(ms), remoteId: kept.id, kind, url, state, ...counts, problem, compared, ...told };
  }

  function state(): SyncPageState {
    const known = receipts.all();
    const open = remotes.list();
    const isSyncing = worker.isSyncing();
    const received = open.reduce((sum, remote) => sum + (remote.received?.() ?? 0), 0);
    const began = worker.beganAt();
    return {
      remotes: open.map(({ kept, waiting }) => {
        const { id, kind, url, account, direction, connectedAt } = kept;
        const last = known.find(({ remoteId }) => remoteId === id) ?? null;
        const count = direction === 'read' ? 0 : kind === 'fieldbook' ? book.sync.waiting().size : waiting().length;
        return { id, kind, url, account, direction, connectedAt, waiting: count, last };
      }),
      isOffline: settings.get().workOffline,
      isSyncing,
      isRehearsing: rehearsing !== null,
      progress: isSyncing && began !== null ? { received, sent: 0, ms: Math.max(0, Math.round(clock.now() - began)) } : null,
      comparing:
        comparison === null
          ? null
          : (open.map(({ compared }) => compared?.() ?? null).find((one) => one !== null) ?? { records: 0, of: 0 }),
      compared: failed ?? lastCompared(known),
      canCompare: open.some(({ compare }) => compare !== undefined),
      nextAt: null,
      rehearsal,
    };
  }

  const totalHeld = () => remotes.list().reduce((sum, { deletions }) => sum + (deletions?.held() ?? 0), 0);

  async function rehearseNow(): Promise<void> {
    onChanged();
    const begun = performance.now();
    try {
      await worker.askingFor(async (stopped) => {
        const asked = remotes.list();
        const found = await remotes.syncAll('rehearse', AbortSignal.any([stopped, AbortSignal.timeout(rehearseMs)]));
        // What a person stopped ended in nothing worth keeping.
        if (stopped.aborted) return;
        rehearsal = asked.flatMap((remote, at) => (found[at] === undefined ? [] : [viewOf(remote, found[at], performance.now() - begun)]));
      });
    } finally {
      rehearsing = null;
      onChanged();
    }
  }

  async function compareNow(): Promise<void> {
    onChanged();
    const begun = performance.now();
    try {
      await worker.askingFor(async (stopped) => {
        const asked = remotes.list();
        const found = await remotes.syncAll('compare', AbortSignal.any([stopped, AbortSignal.timeout(compareMs)]));
        // What it had put right by then stays so, and the next one finds the rest.
        if (stopped.aborted) return;
        const broken = found.find(({ compared }, at) => compared === undefined && asked[at]?.compare !== undefined);
        failed = broken === undefined ? null : { at: now(), says: broken.problem ?? '' };
        ended(
          asked.flatMap((remote, at) => (found[at] === undefined ? [] : [{ remote, receipt: found[at] }])),
          performance.now() - begun,
        );
      });
    } finally {
      comparison = null;
      onChanged();
    }
  }

  function ended(all: readonly { remote: Remote; receipt: RemoteReceipt }[], ms: number): void {
    for (const { remote, receipt } of all) keepReceipt(receipts, viewOf(remote, receipt, ms));
    onChanged();
  }

  return {
    state,
    needs() {
      const held = totalHeld();
      const open = remotes.list();
      return {
        conflicts: [...conflicts.conflicts(), ...open.flatMap(({ questions }) => questions?.conflicts() ?? [])],
        refused: [...conflicts.refused(), ...open.flatMap(({ questions }) => questions?.refused() ?? [])],
        heldDeletions: held === 0 ? null : { records: held },
        stopped: open.flatMap(({ stopped }) => stopped?.why() ?? []),
      };
    },
    waiting({ offset, limit }) {
      const all = waitingViews(book, remotes);
      return { total: all.length, items: all.slice(offset, offset + limit) };
    },
    confirmDeletions() {
      for (const { deletions } of remotes.list()) if (deletions !== undefined && deletions.held() > 0) deletions.confirm(deletions.held());
      worker.wake();
    },
    async setOffline(isOffline) {
      await settings.change({ workOffline: isOffline });
      worker.offlineChanged();
      onChanged();
    },
    rehearse() {
      rehearsing ??= rehearseNow().catch(() => undefined);
    },
    compare() {
      comparison ??= compareNow().catch(() => undefined);
    },
    async close() {
      await Promise.all([rehearsing, comparison]);
    },
    receipts({ search, offset, limit }) {
      const all = foundReceipts(receipts.all(), search);
      return { total: all.length, items: all.slice(offset, offset + limit) };
    },
    async disconnect({ remoteId, book: becomes, unsent }) {
      const remote = remotes.list().find(({ kept }) => kept.id === remoteId);
      if (remote === undefined) throw new ProblemError(notConnected);
      await worker.pausedFor(async () => {
        const count = remote.kept.direction === 'read' ? 0 : remote.waiting().length;
        if (becomes === 'remove' && count > 0 && unsent === 'refuse') throw new ProblemError(unsentWork(count));
        if (becomes === 'remove' && remote.kept.kind === 'fieldbook') await removeSent(book, remoteId);
        await remotes.disconnect(remoteId);
      });
      onChanged();
    },
    ended,
  };
}

function foundReceipts(all: readonly ReceiptView[], search: string): ReceiptView[] {
  const asked = searchFold(search.trim());
  return all.filter(
    ({ url, problem, records, kind }) =>
      asked === '' ||
      [url, kind, problem ?? '', ...records.map(({ title }) => title ?? '')].some((text) => searchFold(text).includes(asked)),
  );
}

/** What found nothing new is told once, however often it was asked. */
function keepReceipt(receipts: ReceiptBook, view: ReceiptView): void {
  const before = receipts.all().find(({ remoteId }) => remoteId === view.remoteId);
  receipts.put(before !== undefined && isLike(before, view) ? { ...view, id: before.id } : view);
}

/** What the newest comparison found that came to an end. */
function lastCompared(known: readonly ReceiptView[]): SyncPageState['compared'] {
  const last = known.find(({ compared }) => compared !== null);
  return last === undefined || last.compared === null ? null : { at: last.at, says: say(words('sync.compared', last.compared)) };
}

/** Changes that are not on the servers, each record once, the oldest first. */
function waitingViews(book: Book, remotes: Remotes): WaitingView[] {
  const found = new Map<string, WaitingView>();
  for (const remote of remotes.list()) {
    if (remote.kept.direction === 'read') continue;
    for (const { collection, id, since, reason } of remote.waiting()) {
      const key = `${collection}/${id}`;
      const before = found.get(key);
      if (before !== undefined) {
        if (since < before.since) before.since = since;
        before.reason ??= reason;
        continue;
      }
      const record = isNounName(collection) ? book.get(collection, id) : undefined;
      const replica = isNounName(collection) && remote.kept.kind === 'fieldbook' ? book.sync.replicaOf(collection, id) : null;
      const base = replica?.base ?? null;
      const fields =
        replica === null || base === null
          ? []
          : Object.keys(replica.mine).filter((field) => !bookkeeping.has(field) && !isSame(replica.mine[field], base[field]));
      const isDeletion = record !== undefined && record.deletedAt !== null;
      const isNew = replica !== null && base === null;
      found.set(key, {
        collection,
        recordId: id,
        title: record === undefined || !isNounName(collection) ? null : titleOf(collection, record as never),
        what: isDeletion ? 'deleted' : isNew ? 'created' : 'changed',
        fields: fields.filter((field) => field !== 'deletedAt'),
        since,
        reason,
      });
    }
  }
  return [...found.values()].sort((one, other) => (one.since < other.since ? -1 : one.since > other.since ? 1 : 0));
}

function isLike(before: ReceiptView, after: ReceiptView): boolean {
  const what = ({ state, sent, received, merged, conflicts, refused, waiting, problem }: ReceiptView) => ({
    state,
    sent,
    received,
    merged,
    conflicts,
    refused,
    waiting,
    problem,
  });
  const isQuiet =
    before.compared === null &&
    after.compared === null &&
    [after.sent, after.received].every(({ created, changed, deleted }) => created + changed + deleted === 0);
  return isQuiet && isSame(what(before), what(after));
}

/** Takes from the laptop what the server has; what waits stays, with what it hangs on. */
async function removeSent(book: Book, remote: string): Promise<void> {
  await book.runSync((turn) => {
    const taking = createTaking(turn, remote);
    dropSent(turn, taking, 'signed_out');
    return { value: null, operations: taking.operations() };
  });
}

const notConnected: Problem = {
  code: 'NOT_CONNECTED',
  ...words('sync.noSuchServer'),
};

const unsentWork = (count: number): Problem => ({
  code: 'UNSENT_WORK',
  ...words('sync.unsent', { count }),
});
