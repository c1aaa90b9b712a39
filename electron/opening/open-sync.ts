import type { SyncState } from '../../shared/contracts/sync.contract.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import type { ReceiptView } from '../../shared/sync/sync-view.ts';
import type { Book } from '../domain/book.ts';
import { createConflictService } from '../domain/conflict.service.ts';
import type { MergeService } from '../domain/merge/merge.service.ts';
import type { Log } from '../domain/ports.ts';
import type { SettingsService } from '../domain/settings.service.ts';
import { createJoinings } from '../sync/joining.ts';
import type { RemoteReceipt } from '../../remotes/remote.ts';
import type { Remote } from '../sync/remote.ts';
import type { Remotes } from '../sync/remotes.ts';
import { createServerPage, type ReceiptBook } from '../sync/server-page.ts';
import { createSyncDesk } from '../sync/sync-desk.ts';
import type { SyncWorker } from '../sync/sync-worker.ts';

/** While records come in, screens are told how many this often. */
const progressMs = 500;

export interface OpenSync {
  desk: ReturnType<typeof createSyncDesk>;
  ended(ended: readonly { remote: Remote; receipt: RemoteReceipt }[], ms: number): void;
  /** What screens were told may be another now. */
  tell(): void;
  close(): Promise<void>;
}

/** When every one of these servers had gone through a sync; null where one has not, or failed last. */
export function lastInStep(remoteIds: readonly string[], receipts: readonly ReceiptView[]): string | null {
  const last = remoteIds.map((id) => receipts.find(({ remoteId }) => remoteId === id));
  if (last.length === 0 || last.some((one) => one === undefined || one.state === 'failed')) return null;
  return last.map((one) => one?.at ?? '').toSorted()[0] ?? null;
}

/** The servers of the book as screens see them, tied to the open book. */
export function openSync(deps: {
  book: Book;
  remotes: Remotes;
  worker: SyncWorker;
  merges: MergeService;
  receipts: ReceiptBook;
  settings: SettingsService;
  clock: Clock;
  log: Log;
  makeCsv: (name: string, rows: readonly string[][]) => Promise<{ fileId: string }>;
  onState: (state: SyncState) => void;
}): OpenSync {
  const { book, remotes, worker, merges, receipts, settings, clock, log, makeCsv, onState } = deps;
  let timer: NodeJS.Timeout | null = null;
  let isTelling = false;

  function tell(): void {
    if (isTelling) return;
    isTelling = true;
    setImmediate(() => {
      isTelling = false;
      onState(desk.state());
    });
    const isMoving = worker.isSyncing() || page.state().comparing !== null;
    if (isMoving && timer === null) {
      timer = setInterval(tell, progressMs);
      timer.unref();
    } else if (!isMoving && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  }

  const conflicts = createConflictService(book);
  const page = createServerPage({ book, remotes, worker, conflicts, receipts, settings, clock, onChanged: tell });
  const joinings = createJoinings({ book, remotes, worker, merges, log, onChanged: tell });
  const desk = createSyncDesk({ book, page, conflicts, worker, remotes, joinings, makeCsv });
  return {
    desk,
    ended(ended, ms) {
      page.ended(ended, ms);
      const received = ended.reduce(
        (sum, { receipt }) => sum + receipt.received.created + receipt.received.changed + receipt.received.deleted,
        0,
      );
      joinings.ended(
        received,
        ended.every(({ receipt }) => receipt.state !== 'failed'),
      );
    },
    tell,
    async close() {
      if (timer !== null) clearInterval(timer);
      await Promise.all([joinings.close(), page.close()]);
    },
  };
}
