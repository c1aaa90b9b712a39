import type { MessageFromRemote, MessageToRemote, RemoteMessageChannel } from 'rxdb/plugins/storage-remote';
import { Subject } from 'rxjs';
import { z } from 'zod';
import type { FromStorageHost, StorageHostRequest, ToStorageHost } from '../../shared/contracts/storage-host.ts';
import type { Log } from '../domain/ports.ts';
import type { StoragePort } from '../platform/platform.ts';

export interface ChannelTimes {
  readMs: number;
  writeMs: number;
  heartbeatMs: number;
  /** Heartbeats in a row that may stay unanswered. */
  misses: number;
}

export const usualTimes: ChannelTimes = { readMs: 10_000, writeMs: 30_000, heartbeatMs: 2_000, misses: 3 };

/**
 * The line to one generation of the storage host. RxDB's storage-remote has no time-outs and no notion of a dead
 * remote: without this every call to a dead host would wait for ever. Once dead, a channel stays dead: answers that
 * come late would let RxDB believe in writes nobody has read back (docs/durability.md).
 */
export interface StorageChannel {
  /** What RxDB is given. Closing it does nothing: several RxDB instances share it, the generation closes the line. */
  remote: RemoteMessageChannel;
  /** Resolves, never rejects, when the host is gone: the reason. */
  died: Promise<string>;
  isDead(): boolean;
  /** What it stores lies in the data folder, and so can be of no other book. */
  readonly isInFolder: boolean;
  /** From now on databases close because they are asked to. */
  expectClosing(): void;
  /** Ends the generation: every waiting call is answered with an error within a tick, the host is destroyed. */
  kill(reason: string): void;
}

/** Calls that change something, or that have to open databases first. */
const slowCalls = new Set(['bulkWrite', 'create', 'close', 'remove', 'cleanup', 'drop', 'setToken']);

/** RxDB's method, or what a request of ours asks for. */
function callOf({ method, params }: MessageToRemote): string {
  return method === 'custom' ? (params as StorageHostRequest).ask : method;
}

export function openStorageChannel(port: StoragePort, generation: number, log: Log, times: ChannelTimes = usualTimes): StorageChannel {
  // Never errored and never completed: an error would become an uncaught exception in main.
  const messages = new Subject<MessageFromRemote>();
  const pending = new Map<string, { message: MessageToRemote; timer: NodeJS.Timeout }>();
  const { promise: died, resolve: tellDeath } = Promise.withResolvers<string>();
  let isDead = false;
  let isClosing = false;
  let pings = 0;
  let pongs = 0;

  const kill = (reason: string) => {
    if (isDead) return;
    isDead = true;
    clearInterval(heartbeat);
    const waiting = [...pending.values()];
    pending.clear();
    log.info('storage.generation-ended', { generation, reason, waiting: waiting.length });
    for (const { message, timer } of waiting) {
      clearTimeout(timer);
      messages.next(goneAnswer(message, reason));
    }
    try {
      port.close();
    } catch (error) {
      log.warn('storage.port-close-failed', { generation, error: error instanceof Error ? error.name : 'unknown' });
    }
    tellDeath(reason);
  };

  const toHost = (message: ToStorageHost) => {
    try {
      port.send(message);
    } catch {
      kill('send-failed');
    }
  };

  const heartbeat = setInterval(() => {
    if (pings - pongs >= times.misses) return kill('no-heartbeat');
    pings += 1;
    toHost({ kind: 'ping', number: pings });
  }, times.heartbeatMs);
  heartbeat.unref();

  port.onClose((reason) => kill(`closed: ${reason}`));
  port.onMessage((message) => {
    if (isDead) return;
    const received = readMessage(message);
    // A host that talks nonsense is not believed in anything.
    if (received === null) return kill('malformed');
    if (received.kind === 'pong') pongs = Math.max(pongs, received.number);
    else if (received.kind === 'lost') {
      if (!isClosing) kill(`lost: ${received.reason}`);
    } else answer(received.message as MessageFromRemote);
  });

  const answer = (message: MessageFromRemote) => {
    const request = pending.get(message.answerTo);
    // Nobody waits for the answer: its time was up.
    if (request !== undefined) {
      clearTimeout(request.timer);
      pending.delete(message.answerTo);
      messages.next(message);
    }
  };

  const remote: RemoteMessageChannel = {
    messages$: messages,
    send(message) {
      if (isDead) {
        queueMicrotask(() => messages.next(goneAnswer(message, 'closed')));
        return;
      }
      const call = callOf(message);
      const ms = slowCalls.has(call) ? times.writeMs : times.readMs;
      // A call that takes too long means a dead host, never "try that one again": it may have been carried out.
      const timer = setTimeout(() => kill(`timeout: ${call}`), ms);
      timer.unref();
      pending.set(message.requestId, { message, timer });
      toHost({ kind: 'rx', message });
    },
    close: () => Promise.resolve(),
  };

  return {
    remote,
    died,
    isDead: () => isDead,
    isInFolder: port.isInFolder === true,
    expectClosing: () => {
      isClosing = true;
    },
    kill,
  };
}

/** What a host can say; null for anything else. What RxDB is answered is RxDB's own. */
const fromHost = z.union([
  z.object({ kind: z.literal('pong'), number: z.number().int().nonnegative() }),
  z.object({ kind: z.literal('lost'), reason: z.string().max(200) }),
  z.object({ kind: z.literal('rx'), message: z.looseObject({ answerTo: z.string(), method: z.string() }) }),
]);

function readMessage(message: unknown): FromStorageHost | null {
  return fromHost.safeParse(message).data ?? null;
}

function goneAnswer(message: MessageToRemote, reason: string): MessageFromRemote {
  return {
    connectionId: message.connectionId,
    answerTo: message.requestId,
    method: message.method,
    error: { name: 'StorageHostGone', message: `The storage host is gone (${reason})` },
  };
}
