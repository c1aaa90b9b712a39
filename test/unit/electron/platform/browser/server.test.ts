import { once } from 'node:events';
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { type WebSocket as Socket, WebSocket } from 'ws';
import { createAccess } from '../../../../../electron/platform/browser/access.ts';
import { type Server, startServer } from '../../../../../electron/platform/browser/server.ts';
import { BRIDGE_PATH, STORAGE_PATH } from '../../../../../electron/platform/browser/wire.ts';
import { quietLog } from '../../../../support/opened-book.ts';

const MB = 1024 * 1024;
const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function running() {
  let server: Server | null = null;
  const access = createAccess(() => server?.port() ?? 0);
  const taken = { [BRIDGE_PATH]: [] as number[], [STORAGE_PATH]: [] as number[] };
  const take = (path: keyof typeof taken) => (socket: Socket) =>
    void socket.on('message', (bytes: Buffer) => {
      taken[path]?.push(bytes.length);
      socket.send('taken');
    });
  server = await startServer(0, {
    access,
    file: () => null,
    backend: () => null,
    onBridge: take(BRIDGE_PATH),
    onStorage: take(STORAGE_PATH),
    cookieHandedOver: () => null,
    log: quietLog,
  });
  const port = server.port();
  ends.push(server.close);
  const headers = {
    Host: `fieldbook.localhost:${port}`,
    Origin: `http://fieldbook.localhost:${port}`,
    Cookie: `${access.cookieName}=${access.cookie}`,
  };
  return { port, taken, headers };
}

/** The head of a masked frame that says how long it is; nothing of it follows. */
function frameHead(length: number): Buffer {
  const head = Buffer.alloc(14);
  head.writeUInt8(0x82, 0);
  head.writeUInt8(0x80 | 127, 1);
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** Upgrades by hand, says a frame of that length, and answers the code with which it was closed. */
async function closedFor(length: number, path: string, { port, headers }: Awaited<ReturnType<typeof running>>): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  ends.push(() => void socket.destroy());
  const lines = Object.entries({
    ...headers,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  const [upgraded] = (await once(socket, 'data')) as [Buffer];
  expect(upgraded.toString()).toMatch(/^HTTP\/1\.1 101 /);
  socket.write(frameHead(length));
  const [close] = (await once(socket, 'data')) as [Buffer];
  // A close frame: opcode 8, then its code.
  expect(close[0]).toBe(0x88);
  return close.readUInt16BE(2);
}

const refused = 1009;

for (const [what, path, length] of [
  ['of 260 MB on the line to the database', STORAGE_PATH, 260 * MB],
  ['one byte above the limit on the line to the database', STORAGE_PATH, 64 * MB + 1],
  ['of 260 MB on the line of a screen', BRIDGE_PATH, 260 * MB],
  ['one byte above the limit on the line of a screen', BRIDGE_PATH, 16 * MB + 1],
  ['of more than any machine has', STORAGE_PATH, 2 ** 52],
] as const) {
  it(`a frame ${what} is refused by its head alone, and nothing of it is read`, async () => {
    const server = await running();
    expect(await closedFor(length, path, server)).toBe(refused);
    expect(server.taken[path]).toEqual([]);
  });
}

it('a message in pieces is counted together, and one within the limit is taken on a line that was opened after a refused one', async () => {
  const server = await running();
  const open = async (path: string) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers: server.headers });
    ends.push(() => socket.terminate());
    await once(socket, 'open');
    return socket;
  };
  const pieces = await open(BRIDGE_PATH);
  const closed = once(pieces, 'close');
  for (let at = 0; at < 5; at += 1) pieces.send(Buffer.alloc(4 * MB), { fin: at === 4 });
  expect((await closed)[0]).toBe(refused);
  const good = await open(BRIDGE_PATH);
  good.send(Buffer.alloc(16 * MB));
  await once(good, 'message');
  expect(server.taken[BRIDGE_PATH]).toEqual([16 * MB]);
});
