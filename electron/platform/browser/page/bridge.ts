import type { Crm, CrmEvents, PickedFile } from '../../../../shared/contracts/api.ts';
import { type CrmLine, makeCrm } from '../../../../shared/contracts/make-crm.ts';
import { fail, type Problem, type Result } from '../../../../shared/lib/result.ts';
import { BRIDGE_PATH, type FromPage, type ToPage } from '../wire.ts';
import { outsideProtocols } from '../../../../shared/lib/outside-link.ts';
import { words } from '../../../../shared/words/words.ts';

/**
 * Runs in every page before its own script: makes `window.crm` over one WebSocket to main, and keeps the storage worker
 * that main asks for. The dedicated storage page only brings the worker.
 */
const role = location.pathname.startsWith('/storage-host') ? 'host' : 'screen';

/** Main answers within 30 s; this is for a main that stands still. */
const ANSWER_LIMIT_MS = 35_000;
/** How long a call waits for the line to come back before it says that it cannot be made. */
const LINE_LIMIT_MS = 5000;
const FILE_LIMIT = 200 * 1024 * 1024;

const problems = {
  lineLost: {
    code: 'UNEXPECTED',
    ...words('program.closedBeforeAnswer'),
  },
  noLine: {
    code: 'STARTING',
    ...words('program.notRunning'),
  },
  slow: { code: 'TIMED_OUT', ...words('program.noAnswerInTime') },
  tooLarge: {
    code: 'FILE_TOO_LARGE',
    ...words('files.tooLarge'),
  },
  fileUnread: {
    code: 'FILE_UNREADABLE',
    ...words('files.changingWhileRead'),
  },
  fileGone: { code: 'NOT_FOUND', ...words('files.goneMakeAgain') },
} satisfies Record<string, Problem>;

let socket: WebSocket | null = null;
let isConnected = false;
let knownBuild: string | null = null;
let opensLinks = false;
let attempts = 0;
let lastId = 0;
let worker: Worker | null = null;
const pending = new Map<number, (result: Result<unknown>) => void>();
const queue = new Set<() => void>();
const listeners = new Map<string, Set<(data: unknown) => void>>();
const connectionListeners = new Set<(connected: boolean) => void>();

function connect(): void {
  const line = new WebSocket(`ws://${location.host}${BRIDGE_PATH}?role=${role}`);
  socket = line;
  line.addEventListener('message', (event) => receive(JSON.parse(String(event.data)) as ToPage));
  line.addEventListener('close', () => {
    setConnected(false);
    for (const settle of pending.values()) settle(fail(problems.lineLost));
    pending.clear();
    endWorker();
    attempts += 1;
    setTimeout(connect, Math.min(2000, 50 * 2 ** attempts));
  });
}

function receive(message: ToPage): void {
  switch (message.kind) {
    case 'hello':
      if (knownBuild !== null && knownBuild !== message.build) return location.reload();
      knownBuild = message.build;
      opensLinks = message.opensLinks;
      attempts = 0;
      setConnected(true);
      for (const start of queue) start();
      return;
    case 'answer':
      pending.get(message.id)?.(message.result);
      return;
    case 'event':
      for (const listener of listeners.get(message.event) ?? []) attempt(() => listener(message.data));
      return;
    case 'storage':
      return startWorker(message.worker);
  }
}

function setConnected(connected: boolean): void {
  if (isConnected === connected) return;
  isConnected = connected;
  for (const listener of connectionListeners) attempt(() => listener(connected));
}

/** A listener that throws must not keep the others from hearing. */
function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    reportError(error);
  }
}

function send(message: FromPage): void {
  socket?.send(JSON.stringify(message));
}

function call(method: string, input: unknown): Promise<Result<unknown>> {
  return new Promise((resolve) => {
    lastId += 1;
    const id = lastId;
    const settle = (result: Result<unknown>) => {
      clearTimeout(timer);
      pending.delete(id);
      queue.delete(start);
      resolve(result);
    };
    const start = () => {
      queue.delete(start);
      clearTimeout(timer);
      timer = setTimeout(() => settle(fail(problems.slow)), ANSWER_LIMIT_MS);
      pending.set(id, settle);
      send({ kind: 'call', id, method, input });
    };
    let timer = setTimeout(() => settle(fail(problems.noLine)), LINE_LIMIT_MS);
    if (isConnected) start();
    else queue.add(start);
  });
}

function listen(event: keyof CrmEvents, listener: (data: unknown) => void): () => void {
  const known = listeners.get(event) ?? new Set();
  listeners.set(event, known);
  known.add(listener);
  return () => known.delete(listener);
}

const files: Crm['files'] = {
  take: async (file, onProgress) => {
    if (file.size > FILE_LIMIT) return fail(problems.tooLarge);
    const body = file instanceof Blob ? file : await contentOf(file);
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.responseType = 'json';
      request.upload.addEventListener('progress', (event) => onProgress?.(Math.min(event.loaded, file.size)));
      request.addEventListener('load', () => {
        const result = request.response as Result<{ fileId: string }> | null;
        resolve(request.status === 200 && result !== null ? result : fail(problems.lineLost));
      });
      request.addEventListener('error', () => resolve(fail(isConnected ? problems.fileUnread : problems.noLine)));
      request.open('POST', `/files?name=${encodeURIComponent(file.name)}`);
      request.setRequestHeader('Content-Type', 'application/octet-stream');
      request.send(body);
    });
  },
  save: async (fileId) => {
    const address = `/files/${encodeURIComponent(fileId)}`;
    const head = await fetch(address, { method: 'HEAD' }).catch(() => null);
    if (head === null) return fail(problems.noLine);
    if (!head.ok) return fail(problems.fileGone);
    const link = document.createElement('a');
    link.href = address;
    link.download = '';
    link.click();
    return { ok: true, value: { saved: true } };
  },
};

async function contentOf(file: PickedFile): Promise<Blob> {
  return new Blob([await file.slice(0, file.size).arrayBuffer()]);
}

/** Main numbers the workers: each number is one generation, and a worker that was replaced never comes back. */
function startWorker(number: number): void {
  endWorker();
  const chromium = /Chrom(?:e|ium)\/(\d+)/.exec(navigator.userAgent)?.[1] ?? '';
  worker = new Worker(`/storage-worker.js?worker=${number}&chromium=${chromium}`);
}

function endWorker(): void {
  worker?.terminate();
  worker = null;
}

/** In our own window a link that leaves the book opens in the person's browser, as it does in the installed app. */
function openLinksOutside(): void {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!opensLinks || link === null || !outsideProtocols.has(link.protocol)) return;
    event.preventDefault();
    if (isConnected) send({ kind: 'open', url: link.href });
  });
}

if (role === 'screen') {
  const line: CrmLine = {
    call,
    listen,
    files,
    onConnection: (listener) => {
      connectionListeners.add(listener);
      return () => connectionListeners.delete(listener);
    },
  };
  Object.defineProperty(window, 'crm', { value: deepFrozen(makeCrm(line)), enumerable: true });
  openLinksOutside();
}
connect();

function deepFrozen<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFrozen(part);
  return Object.freeze(value);
}
