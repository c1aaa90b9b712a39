import type { RemoteReceipt } from '../../remotes/remote.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { Refused } from '../refused.ts';
import {
  claimDueRemote,
  ClaimLost,
  claimMs,
  keepClaim,
  nextRemoteIn,
  type RemoteClaim,
  releaseRemote,
  type RemoteRow,
} from '../store/remote-claims.ts';
import type { Store } from '../store/tenant.ts';
import { openRemote } from './remote-cycle.ts';

/** Meets the foreign systems that are due. Several servers on one database may all have one. */
export interface RemoteWorker {
  /** Takes up no more, and ends the cycle that runs: what was sent is on disk, and the rest is due at once, here or elsewhere. */
  close(): Promise<void>;
}

export interface RemoteWorkerDeps {
  store: Store;
  clock: Clock;
  /** Told what whoever runs the server should know: ids and addresses of systems, nothing of customers. */
  log: (sentence: string) => void;
  onFault: (error: unknown) => void;
}

/** Another server, or a command, may have connected something. */
const lookEveryMs = 5_000;
const renewEveryMs = claimMs / 3;
/** After a fault of ours. */
const pauseMs = 60_000;

export function createRemoteWorker(deps: RemoteWorkerDeps): RemoteWorker {
  const { store, onFault } = deps;
  const stop = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  let turn: Promise<void> = Promise.resolve();
  wake();

  function wake(): void {
    turn = work().catch(onFault).then(sleep).catch(onFault);
  }

  async function work(): Promise<void> {
    while (!stop.signal.aborted) {
      const taken = await claimDueRemote(store.db);
      if (taken === null) return;
      await meetRemote(deps, taken.row, taken.claim, { signal: stop.signal });
    }
  }

  async function sleep(): Promise<void> {
    const left = stop.signal.aborted ? null : await nextRemoteIn(store.db).catch(() => null);
    if (stop.signal.aborted) return;
    timer = setTimeout(wake, Math.min(Math.max(left ?? lookEveryMs, 100), lookEveryMs));
    timer.unref();
  }

  return {
    async close() {
      stop.abort();
      if (timer !== null) clearTimeout(timer);
      await turn;
    },
  };
}

/**
 * One cycle of a system that is in hand, which is let out of hand afterwards. `lost` where it came into other hands meanwhile, `stopped` where
 * the signal ended it: then it is due at once. What is thrown is kept as a cycle that failed. `accepts`: somebody has looked at why it stopped and says that it is right.
 */
export async function meetRemote(
  { store, clock, log, onFault }: RemoteWorkerDeps,
  row: RemoteRow,
  claim: RemoteClaim,
  { signal, accepts = false }: { signal: AbortSignal; accepts?: boolean },
): Promise<RemoteReceipt | 'lost' | 'stopped'> {
  const lost = new AbortController();
  const renewing = setInterval(
    () =>
      void keepClaim(store.db, claim).catch((error: unknown) => {
        if (error instanceof ClaimLost) lost.abort();
        else onFault(error);
      }),
    renewEveryMs,
  );
  renewing.unref();
  let release: Parameters<typeof releaseRemote>[2] = { dueInMs: pauseMs };
  try {
    const remote = await openRemote(store, row, claim, clock);
    if (accepts) remote.stopped.accept();
    const receipt = await remote.syncOnce(AbortSignal.any([signal, lost.signal]));
    if (lost.signal.aborted) throw new ClaimLost();
    if (signal.aborted) {
      release = { dueInMs: 0 };
      return 'stopped';
    }
    // Its records name customers, and are many: they are told to who asked, and not kept.
    const { records: _, ...kept } = receipt;
    release = { dueInMs: Math.max(row.every_ms, receipt.passes?.afterMs ?? 0), receipt: kept };
    return receipt;
  } catch (error) {
    if (error instanceof ClaimLost) {
      log(`${row.url} came into the hands of another server process, or was connected anew; this one has stopped before its next write.`);
      return 'lost';
    }
    const { kind, url, every_ms: everyMs } = row;
    const isRefused = error instanceof Refused;
    const problem = isRefused
      ? error.message
      : 'A fault of this server ended the cycle. Whoever met it has told what it was: its log, or the command.';
    release = { dueInMs: isRefused ? everyMs : pauseMs, receipt: { kind, url, state: 'failed', problem } };
    throw error;
  } finally {
    clearInterval(renewing);
    await releaseRemote(store.db, claim, release);
  }
}
