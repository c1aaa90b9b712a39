import { afterEach, describe, expect, it, vi } from 'vitest';
import { changedNothing } from '../../../electron/domain/book.ts';
import type { Backend } from '../../../electron/platform/platform.ts';
import { type Crm, contracts } from '../../../shared/contracts/api.ts';
import { eventNames } from '../../../shared/contracts/surface.ts';
import { fail, ok } from '../../../shared/lib/result.ts';
import type { FakeContents } from '../../support/fake-electron.ts';
import { openElectronApp, ticks } from '../../support/fake-electron-app.ts';
import { words } from '../../../shared/words/words.ts';

const MB = 1024 * 1024;
const exposed: { name: string; api: unknown }[] = [];
const posted: unknown[][] = [];

/** Runs the real preload in a page at `address`, on the fake's side of that page. */
async function runPreload(address: string, contents: FakeContents): Promise<void> {
  exposed.length = 0;
  posted.length = 0;
  vi.resetModules();
  vi.doMock('electron', () => ({
    contextBridge: { exposeInMainWorld: (name: string, api: unknown) => exposed.push({ name, api }) },
    ipcRenderer: {
      invoke: (channel: string, ...args: unknown[]) => contents.invoke(channel, ...args),
      on: (channel: string, listener: (...args: unknown[]) => void) => contents.page.on(channel, listener),
      once: (channel: string, listener: (...args: unknown[]) => void) => contents.page.once(channel, listener),
      off: (channel: string, listener: (...args: unknown[]) => void) => contents.page.off(channel, listener),
    },
  }));
  const { pathname, protocol, host } = new URL(address);
  vi.stubGlobal('location', { pathname, origin: `${protocol}//${host}` });
  vi.stubGlobal('window', { postMessage: (...args: unknown[]) => posted.push(args) });
  await import('../../../electron/preload.ts');
}

async function openPage(backend: Partial<Backend> = {}) {
  const app = await openElectronApp(backend);
  await runPreload('app://fieldbook/', app.screen.webContents);
  return { ...app, crm: exposed[0]?.api as Crm };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.doUnmock('electron');
});

describe('window.crm in the installed app', () => {
  it('is the only thing exposed, and holds every method of the contracts, the files, the events and nothing else', async () => {
    await openPage();
    expect(exposed.map(({ name }) => name)).toEqual(['crm']);
    const crm = exposed[0]?.api as Record<string, Record<string, unknown>>;
    expect(Object.keys(crm).toSorted()).toEqual([...contracts.map(({ name }) => name), 'files', 'on', 'onConnection'].toSorted());
    for (const { name, methods } of contracts) expect(Object.keys(crm[name] ?? {}).toSorted()).toEqual(Object.keys(methods).toSorted());
    expect(Object.keys(crm['files'] ?? {}).toSorted()).toEqual(['save', 'take']);
  });

  it('carries a call to main and its answer back', async () => {
    const { crm } = await openPage();
    expect(await crm.search.find({ text: 'nor' })).toEqual(ok({ method: 'search.find', input: { text: 'nor' } }));
  });

  it('answers a problem, never an exception, when main cannot answer or the input cannot be sent', async () => {
    const { crm, electron } = await openPage();
    expect(await crm.search.find({ text: (() => {}) as never })).toMatchObject({ ok: false, error: { code: 'UNEXPECTED' } });
    electron.ipcMain.handlers.clear();
    expect(await crm.search.find({ text: 'a' })).toMatchObject({ ok: false, error: { code: 'UNEXPECTED' } });
  });

  it('hears the events of the contract until told to stop, and no other channel', async () => {
    const { crm, platform, screen } = await openPage();
    const heard: unknown[] = [];
    const stops = eventNames.map((event) => crm.on(event, (data) => heard.push([event, data])));
    platform.broadcast('changed', { ...changedNothing(false), clients: ['1'] });
    platform.broadcast('settings', {});
    expect(heard).toEqual([
      ['changed', { ...changedNothing(false), clients: ['1'] }],
      ['settings', {}],
    ]);
    for (const stop of stops) stop();
    platform.broadcast('settings', {});
    expect(heard).toHaveLength(2);

    const before = screen.webContents.page.eventNames().length;
    crm.on('fieldbook:storage-port' as never, () => heard.push('forbidden'));
    crm.on('__proto__' as never, () => heard.push('forbidden'));
    expect(screen.webContents.page.eventNames()).toHaveLength(before);
  });

  it('is always connected: main and window live and die together', async () => {
    const { crm } = await openPage();
    const heard: boolean[] = [];
    crm.onConnection((connected) => heard.push(connected));
    expect(heard).toEqual([true]);
  });
});

describe('files', () => {
  function keeper() {
    const kept: { name: string; bytes: Uint8Array }[] = [];
    const takeFile: Backend['takeFile'] = async (name, bytes) => {
      try {
        const pieces: Uint8Array[] = [];
        for await (const piece of bytes) pieces.push(piece);
        kept.push({ name, bytes: Buffer.concat(pieces) });
        return ok({ fileId: 'file-1' });
      } catch {
        return fail({ code: 'DISK_FAILED', ...words('said.text', { text: 'Not kept.' }) });
      }
    };
    return { kept, takeFile };
  }

  it.each([0, 1, MB, MB + 1, 3 * MB + 5])('takes %i bytes in whole, in pieces of 1 MB, and tells how far it is', async (size) => {
    const book = keeper();
    const { crm } = await openPage(book);
    const content = Uint8Array.from({ length: size }, (_, at) => (at * 31) % 251);
    const progress: number[] = [];
    expect(await crm.files.take(new File([content], 'Kunden.csv'), (bytes) => progress.push(bytes))).toEqual(ok({ fileId: 'file-1' }));
    expect(book.kept).toHaveLength(1);
    expect(book.kept[0]?.name).toBe('Kunden.csv');
    expect(Buffer.compare(book.kept[0]?.bytes ?? Buffer.alloc(0), content)).toBe(0);
    expect(progress).toEqual([
      ...Array.from({ length: Math.floor(size / MB) }, (_, piece) => (piece + 1) * MB),
      ...(size % MB === 0 ? [] : [size]),
    ]);
  });

  it.each<[string, () => Promise<ArrayBuffer>]>([
    ['is gone half way', () => Promise.reject(new DOMException('gone', 'NotFoundError'))],
    ['has shrunk', () => Promise.resolve(new ArrayBuffer(3))],
  ])('takes nothing of a file that %s', async (_what, second) => {
    const book = keeper();
    const { crm } = await openPage(book);
    let pieces = 0;
    const slice = (start: number, end: number) => ({
      arrayBuffer: () => {
        pieces += 1;
        return pieces === 1 ? Promise.resolve(new ArrayBuffer(end - start)) : second();
      },
    });
    expect(await crm.files.take({ name: 'a.csv', size: 2 * MB, slice })).toMatchObject({ ok: false, error: { code: 'FILE_UNREADABLE' } });
    await ticks();
    expect(book.kept).toEqual([]);
  });

  it('does not read a file that is too large', async () => {
    const { crm } = await openPage(keeper());
    const slice = () => {
      throw new Error('read');
    };
    expect(await crm.files.take({ name: 'a.csv', size: 200 * MB + 1, slice })).toMatchObject({
      ok: false,
      error: { code: 'FILE_TOO_LARGE' },
    });
  });

  it('asks main to save', async () => {
    const { crm } = await openPage();
    expect(await crm.files.save('file-9')).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } });
  });
});

describe('the storage page', () => {
  it('gets its port, posted on to its own window and origin, and no window.crm', async () => {
    const { electron, platform } = await openElectronApp();
    const page = Promise.withResolvers<FakeContents>();
    electron.app.on('web-contents-created', (_event, contents) => page.resolve(contents as FakeContents));
    const opening = platform.openStorageHost();
    const contents = await page.promise;
    await runPreload('app://fieldbook/storage-host/', contents);
    contents.emit('did-finish-load');
    const port = await opening;
    expect(exposed).toEqual([]);
    const [message, target, ports] = posted[0] as [
      string,
      string,
      { on: (event: string, listener: (event: { data: unknown }) => void) => void; start(): void }[],
    ];
    expect([posted.length, message, target, ports.length]).toEqual([1, 'fieldbook:storage-port', 'app://fieldbook', 1]);

    const heard: unknown[] = [];
    ports[0]?.on('message', ({ data }) => heard.push(data));
    ports[0]?.start();
    port.send({ kind: 'ping', number: 1 });
    await ticks();
    expect(heard).toEqual([{ kind: 'ping', number: 1 }]);
  });
});
