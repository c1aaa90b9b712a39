import { afterEach, expect, it, vi } from 'vitest';
import type { Remote } from '../../../../electron/sync/remote.ts';
import type { Remotes } from '../../../../electron/sync/remotes.ts';
import { createSyncWorker } from '../../../../electron/sync/sync-worker.ts';
import type { KeptRemote, RemoteReceipt } from '../../../../remotes/remote.ts';
import { fixedClock } from '../../../../shared/lib/clock.ts';
import { openLaptop, quietLog } from '../../../support/opened-book.ts';

afterEach(() => void vi.useRealTimers());

const url = 'https://crm.example.com';
const none = { created: 0, changed: 0, deleted: 0 };
const failed = (afterMs: number | null): RemoteReceipt => ({
  kind: 'fieldbook',
  url,
  state: 'failed',
  sent: none,
  received: none,
  merged: 0,
  conflicts: 0,
  refused: 0,
  requests: 1,
  bytes: 0,
  waiting: 0,
  problem: 'Later.',
  passes: { afterMs, isOffline: afterMs === null },
});

/** After how many milliseconds each next sync began, where every sync ends like this and chance is always as high as it gets. */
async function waits(receipt: RemoteReceipt): Promise<number[]> {
  const { book } = await openLaptop();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const kept: KeptRemote = {
    id: 'a',
    kind: 'fieldbook',
    url,
    organisation: null,
    account: null,
    direction: 'both',
    connectedAt: '',
    settings: {},
  };
  const begun: number[] = [];
  const syncOnce = async () => {
    begun.push(performance.now());
    return receipt;
  };
  const remote: Remote = { kept, syncOnce, rehearse: syncOnce, waiting: () => [], close: async () => undefined };
  const never = () => Promise.reject(new Error('Nobody asked for this'));
  const remotes: Remotes = {
    list: () => [remote],
    connect: never,
    meet: never,
    disconnect: never,
    close: async () => undefined,
    syncAll: async () => [await syncOnce()],
  };
  const clock = fixedClock('2026-03-04T09:00:00.000Z');
  const worker = createSyncWorker({ book, remotes, clock, log: quietLog, onStatus: () => undefined, random: () => 1 });
  for (let step = 0; begun.length < 6 && step < 6; step += 1) await vi.advanceTimersToNextTimerAsync();
  await worker.close();
  return begun.slice(1).map((at, index) => Math.round(at - (begun[index] as number)));
}

it('returns a little after the time that a server named, however often it is told so', async () => {
  expect(await waits(failed(5_000))).toEqual([6_000, 6_000, 6_000, 6_000, 6_000]);
});

it('asks less and less often where nothing answers', async () => {
  expect(await waits(failed(null))).toEqual([2_000, 4_000, 8_000, 16_000, 32_000]);
});
