import type { WebSocket } from 'ws';
import type { Log } from '../../domain/ports.ts';
import type { StoragePort } from '../platform.ts';
import { USE_STORAGE } from './wire.ts';

/** A page that can run a storage worker. */
export interface StoragePage {
  /** The dedicated `/storage-host/` page is preferred to the worker of a screen, which goes away with its window. */
  isDedicated: boolean;
  /** Asks the page to end its worker and start a fresh one. */
  startWorker(number: number): void;
}

/**
 * Every page brings one storage worker. They stand by until main needs one; main uses one at a time, and a worker that
 * was used is never used again: a new generation gets a fresh worker (architecture.md, "a dead storage window").
 */
export interface StorageHosts {
  addPage(page: StoragePage): { remove(): void };
  /** The socket of a worker; false when nobody asked for that number. */
  addWorker(number: number, socket: WebSocket): boolean;
  open(): Promise<StoragePort>;
  close(): void;
}

const RESTART_AFTER_MS = 100;
const ASK_AGAIN_MS = 10_000;

export function createStorageHosts(log: Log): StorageHosts {
  const pages = new Set<Slot>();
  const waiting: { resolve: (port: StoragePort) => void; reject: (error: Error) => void }[] = [];
  let lastNumber = 0;
  let isClosed = false;

  interface Slot {
    page: StoragePage;
    expected: number | null;
    standby: WebSocket | null;
    timer: NodeJS.Timeout | null;
    sockets: Set<WebSocket>;
  }

  const ask = (slot: Slot, afterMs: number) => {
    if (slot.timer !== null) clearTimeout(slot.timer);
    if (isClosed || !pages.has(slot)) return;
    slot.timer = setTimeout(() => {
      lastNumber += 1;
      slot.expected = lastNumber;
      slot.page.startWorker(lastNumber);
      // A worker that never calls (its script failed, the page was busy) is asked for again.
      ask(slot, ASK_AGAIN_MS);
    }, afterMs);
    slot.timer.unref();
  };

  const match = () => {
    while (waiting.length > 0) {
      const ready = [...pages].filter((slot) => slot.standby !== null);
      const slot = ready.find(({ page }) => page.isDedicated) ?? ready[0];
      const socket = slot?.standby;
      if (slot === undefined || socket === undefined || socket === null) return;
      slot.standby = null;
      log.info('storage-host.taken', { dedicated: slot.page.isDedicated, standingBy: ready.length - 1 });
      waiting.shift()?.resolve(portOf(socket, slot.page.isDedicated));
    }
  };

  return {
    addPage: (page) => {
      const slot: Slot = { page, expected: null, standby: null, timer: null, sockets: new Set() };
      pages.add(slot);
      ask(slot, 0);
      return {
        remove: () => {
          pages.delete(slot);
          if (slot.timer !== null) clearTimeout(slot.timer);
          // A worker cannot outlive its page; its own socket sometimes says so later than the page's.
          for (const socket of slot.sockets) socket.terminate();
        },
      };
    },
    addWorker: (number, socket) => {
      const slot = [...pages].find(({ expected }) => expected === number);
      if (slot === undefined || isClosed) return false;
      slot.expected = null;
      if (slot.timer !== null) clearTimeout(slot.timer);
      slot.standby = socket;
      slot.sockets.add(socket);
      socket.on('close', () => {
        slot.sockets.delete(socket);
        if (slot.standby === socket) slot.standby = null;
        ask(slot, RESTART_AFTER_MS);
      });
      match();
      return true;
    },
    open: () =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(new Error('Fieldbook is closing'));
        waiting.push({ resolve, reject });
        match();
      }),
    close: () => {
      isClosed = true;
      for (const { reject } of waiting.splice(0)) reject(new Error('Fieldbook is closing'));
      for (const slot of pages) if (slot.timer !== null) clearTimeout(slot.timer);
    },
  };
}

function portOf(socket: WebSocket, isInFolder: boolean): StoragePort {
  let isClosedByUs = false;
  socket.send(USE_STORAGE);
  return {
    isInFolder,
    send: (message) => {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
    },
    onMessage: (listener) => {
      socket.on('message', (data: Buffer) => {
        if (!isClosedByUs) listener(parsed(data));
      });
    },
    onClose: (listener) => {
      const tell = () => {
        if (!isClosedByUs) listener('the storage worker went away');
      };
      if (socket.readyState === socket.OPEN) socket.once('close', tell);
      else setImmediate(tell);
    },
    close: () => {
      isClosedByUs = true;
      socket.terminate();
    },
  };
}

/** Undefined, which no message is, for what cannot be read: whoever listens then gives the host up. */
function parsed(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    return undefined;
  }
}
