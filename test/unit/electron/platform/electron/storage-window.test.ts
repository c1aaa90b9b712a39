import { describe, expect, it, vi } from 'vitest';
import { channels } from '../../../../../electron/platform/electron/channels.ts';
import type { StoragePort } from '../../../../../electron/platform/platform.ts';
import type { FakePort, FakeWindow } from '../../../../support/fake-electron.ts';
import { electronApp, ticks } from '../../../../support/fake-electron-app.ts';

async function openedHost() {
  const app = electronApp();
  app.electron.becomeReady();
  const port = await app.platform.openStorageHost();
  const window = app.electron.windows.at(-1) as FakeWindow;
  return { ...app, port, window, page: pageOf(window) };
}

/** The page's end of the line, as the preload posts it on. */
function pageOf(window: FakeWindow): { port: FakePort; heard: unknown[] } {
  const [posted] = window.webContents.posted;
  expect(posted?.channel).toBe(channels.storagePort);
  const port = posted?.ports[0] as FakePort;
  const heard: unknown[] = [];
  port.on('message', ({ data }) => heard.push(data));
  port.start();
  return { port, heard };
}

function reasonsOf(port: StoragePort): string[] {
  const reasons: string[] = [];
  port.onClose((reason) => reasons.push(reason));
  return reasons;
}

describe('the storage window', () => {
  it('is hidden, never throttled, and loads the storage page of the frozen origin', async () => {
    const { window } = await openedHost();
    expect(window.options).toMatchObject({ show: false, webPreferences: { backgroundThrottling: false, sandbox: true } });
    expect(window.webContents.getURL()).toBe('app://fieldbook/storage-host/');
    expect(window.isShown).toBe(false);
    expect(window.calls).toEqual([]);
  });

  it('carries messages both ways as copies, in order, those sent before anybody listened too', async () => {
    const { port, page } = await openedHost();
    const sent = { kind: 'rx', message: { id: '1', rows: [1, 2] } };
    port.send(sent);
    sent.message.id = 'changed later';
    port.send({ kind: 'ping', number: 2 });
    page.port.postMessage({ kind: 'pong', number: 1 });
    page.port.postMessage({ kind: 'pong', number: 2 });
    await ticks();
    expect(page.heard).toEqual([
      { kind: 'rx', message: { id: '1', rows: [1, 2] } },
      { kind: 'ping', number: 2 },
    ]);
    const heard: unknown[] = [];
    port.onMessage((message) => heard.push(message));
    await ticks();
    expect(heard).toEqual([
      { kind: 'pong', number: 1 },
      { kind: 'pong', number: 2 },
    ]);
  });

  it.each<[string, (window: FakeWindow, page: FakePort) => void, RegExp]>([
    ['its process crashes', (window) => window.webContents.crash('crashed'), /crashed/],
    ['it runs out of memory', (window) => window.webContents.crash('oom'), /oom/],
    ['the system kills it', (window) => window.webContents.crash('killed'), /killed/],
    ['it does not respond', (window) => window.webContents.emit('unresponsive'), /does not respond/],
    [
      'its page cannot be loaded again',
      (window) => window.webContents.emit('did-fail-load', { preventDefault() {} }, -6, 'ERR_FAILED', '', true),
      /could not be loaded/,
    ],
    ['the page closes the line', (_window, page) => page.close(), /line/],
    ['somebody closes it', (window) => window.close(), /closed/],
  ])('is gone for good, said once and a tick later, when %s', async (_what, kill, why) => {
    const { port, window, page } = await openedHost();
    const reasons = reasonsOf(port);
    kill(window, page.port);
    expect(reasons).toEqual([]);
    await ticks();
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(why);
    expect(window.isDestroyed()).toBe(true);

    const heard: unknown[] = [];
    port.onMessage((message) => heard.push(message));
    port.send({ kind: 'ping', number: 1 });
    page.port.postMessage({ kind: 'pong', number: 1 });
    port.close();
    await ticks();
    expect([heard, page.heard, reasons.length]).toEqual([[], [], 1]);
  });

  it('tells whoever starts to listen after it was gone', async () => {
    const { port, window } = await openedHost();
    window.webContents.crash();
    await ticks();
    const reasons = reasonsOf(port);
    await ticks();
    expect(reasons).toHaveLength(1);
  });

  it('says nothing after it was closed on purpose', async () => {
    const { port, window } = await openedHost();
    const reasons = reasonsOf(port);
    window.webContents.crash();
    port.close();
    port.close();
    await ticks();
    expect(reasons).toEqual([]);
    expect(window.isDestroyed()).toBe(true);
  });

  it('is one at a time: the next generation is a new window and a new line, and the old one stays silent', async () => {
    const { electron, platform, port, window } = await openedHost();
    const reasons = reasonsOf(port);
    const next = await platform.openStorageHost();
    const page = pageOf(electron.windows.at(-1) as FakeWindow);
    await ticks();
    expect(window.isDestroyed()).toBe(true);
    expect(electron.openWindows).toHaveLength(1);
    expect(reasons).toEqual([]);
    next.send('to the new one');
    await ticks();
    expect(page.heard).toEqual(['to the new one']);
  });

  it('rejects when the page cannot be loaded, and leaves no window behind', async () => {
    const { electron, platform } = electronApp();
    electron.becomeReady();
    await ticks();
    electron.session.defaultSession.handlers.set('app', () => Promise.reject(new Error('no such file')));
    await expect(platform.openStorageHost()).rejects.toThrow('could not be loaded');
    expect(electron.openWindows).toEqual([]);
  });

  it('rejects when the page does not load in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { electron, platform } = electronApp();
      electron.becomeReady();
      await ticks();
      electron.session.defaultSession.handlers.set('app', () => new Promise(() => {}));
      const opening = expect(platform.openStorageHost()).rejects.toThrow('in time');
      await ticks();
      vi.advanceTimersByTime(15_000);
      await opening;
      expect(electron.openWindows).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('waits for ready', async () => {
    const { electron, platform } = electronApp();
    const opening = platform.openStorageHost();
    await ticks();
    expect(electron.windows).toEqual([]);
    electron.becomeReady();
    await opening;
    expect(electron.windows).toHaveLength(1);
  });
});
