import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createStorageHosts, type StorageHosts } from '../../../../../electron/platform/browser/storage-hosts.ts';
import { USE_STORAGE } from '../../../../../electron/platform/browser/wire.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** Real sockets over loopback: a page's worker is a client that connects under the number it was given. */
let server: WebSocketServer;
let hosts: StorageHosts;
beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  hosts = createStorageHosts(silent);
  server.on('connection', (socket, request) => {
    const number = Number(new URL(request.url ?? '', 'http://x').searchParams.get('worker'));
    if (!hosts.addWorker(number, socket)) socket.close(1008);
  });
});
afterEach(async () => {
  hosts.close();
  for (const client of server.clients) client.terminate();
  await new Promise((resolve) => server.close(resolve));
});

function connect(number: number): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/?worker=${number}`);
}

/** A page whose workers connect as soon as they are asked for; `heard` holds what the newest one was told. */
function page(isDedicated: boolean) {
  const workers: WebSocket[] = [];
  const heard: string[] = [];
  const added = hosts.addPage({
    isDedicated,
    startWorker: (number) => {
      workers.at(-1)?.terminate();
      const worker = connect(number);
      worker.on('message', (data: Buffer) => heard.push(data.toString()));
      workers.push(worker);
    },
  });
  return { workers, heard, leave: added.remove };
}

const standsBy = (of: { workers: WebSocket[] }, count = 1) =>
  vi.waitFor(() => {
    expect(of.workers).toHaveLength(count);
    expect(of.workers.at(-1)?.readyState).toBe(WebSocket.OPEN);
  });

describe('storage hosts', () => {
  it('wait until a page brings a worker, and tell it that it is taken', async () => {
    const opening = hosts.open();
    const screen = page(false);
    const port = await opening;
    port.send({ hello: 1 });
    await vi.waitFor(() => expect(screen.heard).toEqual([USE_STORAGE, '{"hello":1}']));
  });

  it('are one at a time: the others stand by and hear nothing', async () => {
    const [first, second] = [page(false), page(false)];
    await standsBy(first);
    await standsBy(second);
    await hosts.open();
    await vi.waitFor(() => expect([...first.heard, ...second.heard]).toEqual([USE_STORAGE]));
  });

  it('prefer the page made for it, also when a screen came first', async () => {
    const screen = page(false);
    const dedicated = page(true);
    await standsBy(screen);
    await standsBy(dedicated);
    await hosts.open();
    await vi.waitFor(() => expect(dedicated.heard).toEqual([USE_STORAGE]));
    expect(screen.heard).toEqual([]);
  });

  it('tell main once when the worker went away, and the page gets a fresh one for the next generation', async () => {
    const screen = page(false);
    const port = await hosts.open();
    const closed = vi.fn();
    port.onClose(closed);
    await vi.waitFor(() => expect(screen.heard).toEqual([USE_STORAGE]));
    screen.workers[0]?.terminate();
    await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(1));
    await hosts.open();
    expect(screen.workers).toHaveLength(2);
    await vi.waitFor(() => expect(screen.heard).toEqual([USE_STORAGE, USE_STORAGE]));
  });

  it('end for good when main closes the port, without being told so', async () => {
    const screen = page(false);
    const port = await hosts.open();
    const heard = vi.fn();
    port.onClose(heard);
    port.onMessage(heard);
    const worker = screen.workers[0];
    port.close();
    await vi.waitFor(() => expect(worker?.readyState).toBe(WebSocket.CLOSED));
    await standsBy(screen, 2);
    expect(heard).not.toHaveBeenCalled();
  });

  it('are taken over by another page when theirs is closed', async () => {
    const [first, second] = [page(true), page(false)];
    await standsBy(first);
    await standsBy(second);
    const port = await hosts.open();
    const closed = new Promise((resolve) => port.onClose(resolve));
    first.leave();
    await closed;
    await hosts.open();
    await vi.waitFor(() => expect(second.heard).toEqual([USE_STORAGE]));
  });

  it('take no worker that was not asked for, and none twice', async () => {
    const screen = page(false);
    await standsBy(screen);
    for (const number of [0, -1, 99, Number.NaN]) {
      const [code] = await once(connect(number), 'close');
      expect(code, String(number)).toBe(1008);
    }
  });

  it('answer whoever waits when Fieldbook closes', async () => {
    const opening = hosts.open();
    hosts.close();
    await expect(opening).rejects.toThrow('closing');
    await expect(hosts.open()).rejects.toThrow('closing');
  });
});
