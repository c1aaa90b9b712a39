import type { Readable, Writable } from 'node:stream';

/**
 * The Chrome DevTools Protocol over the two pipes a browser started with `--remote-debugging-pipe` inherits. No other
 * process can reach them, and the browser ends by itself when main does.
 */
export interface DevtoolsPipe {
  /** Rejects when the browser says no or the pipe breaks. */
  send(method: string, params?: Record<string, unknown>, sessionId?: string): Promise<Record<string, unknown>>;
  onEvent(listener: (method: string, params: Record<string, unknown>) => void): void;
}

interface Message {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

export function openDevtoolsPipe(toBrowser: Writable, fromBrowser: Readable): DevtoolsPipe {
  const pending = new Map<number, { resolve: (result: Record<string, unknown>) => void; reject: (error: Error) => void }>();
  const listeners: ((method: string, params: Record<string, unknown>) => void)[] = [];
  let lastId = 0;
  let isBroken = false;
  let unread = '';

  const take = (message: Message) => {
    if (message.id === undefined) {
      for (const listener of listeners) listener(message.method ?? '', message.params ?? {});
      return;
    }
    const waiter = pending.get(message.id);
    pending.delete(message.id);
    if (message.error === undefined) waiter?.resolve(message.result ?? {});
    else waiter?.reject(new Error(message.error.message));
  };
  const breakAll = () => {
    isBroken = true;
    for (const { reject } of pending.values()) reject(new Error('The browser went away'));
    pending.clear();
  };

  fromBrowser.setEncoding('utf8');
  fromBrowser.on('data', (text: string) => {
    const messages = (unread + text).split('\0');
    unread = messages.pop() ?? '';
    for (const message of messages) take(JSON.parse(message) as Message);
  });
  for (const stream of [toBrowser, fromBrowser]) {
    stream.on('close', breakAll);
    stream.on('error', breakAll);
  }

  return {
    send: (method, params = {}, sessionId) =>
      new Promise((resolve, reject) => {
        if (isBroken) return reject(new Error('The browser went away'));
        lastId += 1;
        pending.set(lastId, { resolve, reject });
        toBrowser.write(`${JSON.stringify({ id: lastId, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
      }),
    onEvent: (listener) => {
      listeners.push(listener);
    },
  };
}
