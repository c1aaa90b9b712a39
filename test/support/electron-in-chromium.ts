import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { startFieldbook } from '../../electron/main.ts';
import { createElectronPlatform, profileOf } from '../../electron/platform/electron/electron-platform.ts';
import { systemClock } from '../../electron/system-clock.ts';
import { asSlice, type FakeContents, FakeElectron, type FakePort, type FakeWindow } from './fake-electron.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** Chromium cannot be told of a scheme of ours; this origin is secure and has its own IndexedDB too. */
const origin = 'http://fieldbook.localhost';

export interface ElectronInChromium {
  electron: FakeElectron;
  data: string;
  screen: Page;
  /** The page of the storage window that is in use. */
  storage(): Page;
  /** What Chromium refused because of the content policy, and errors of the pages. */
  complaints: string[];
  quit(): Promise<void>;
}

/**
 * The installed app with only Electron faked: the real main, adapter and protocol handler here; the real pages, preload
 * and content policy in a real Chromium, one page per window. What is not proven by this: see docs/electron-adapter.md.
 */
export async function electronInChromium(
  browser: Browser,
  data = mkdtempSync(path.join(tmpdir(), 'fieldbook-electron-')),
): Promise<ElectronInChromium> {
  const context = await browser.newContext({ baseURL: origin, serviceWorkers: 'block' });
  const electron = new FakeElectron();
  const pages = new Map<FakeWindow, Page>();
  const complaints: string[] = [];
  await serveThroughHandler(context, electron);

  const preload = readFileSync(path.join(root, 'dist/electron/preload.cjs'), 'utf8');
  electron.openPage = async (window, url) => {
    const known = pages.get(window);
    const page = known ?? (await context.newPage());
    if (known === undefined) {
      pages.set(window, page);
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      window.webContents.once('destroyed', () => void page.close().catch(() => {}));
      page.once('crash', () => window.webContents.crash());
      await connect(page, window.webContents, preload);
    }
    const { pathname, search, hash } = new URL(url);
    await page.goto(origin + pathname + search + hash);
  };

  const profile = profileOf(data);
  mkdirSync(profile, { recursive: true });
  const platform = createElectronPlatform(asSlice(electron), {
    profile,
    pages: path.join(root, 'dist/renderer'),
    preload: path.join(root, 'dist/electron/preload.cjs'),
    system: process.platform,
    chromiumVersion: browser.version(),
  });
  if (platform === null) throw new Error('The adapter did not start.');
  electron.becomeReady();
  await startFieldbook(platform, { dataFolder: data, version: '0.0.0', clock: systemClock, log: { info() {}, warn() {}, error() {} } });

  const pageAt = (isWanted: (window: FakeWindow) => boolean): Page => {
    const window = electron.openWindows.findLast(isWanted);
    const page = window === undefined ? undefined : pages.get(window);
    if (page === undefined) throw new Error('There is no such window.');
    return page;
  };
  return {
    electron,
    data,
    screen: pageAt((window) => window.isShown),
    storage: () => pageAt((window) => !window.isShown),
    complaints,
    quit: async () => {
      electron.app.quit();
      while (!electron.app.hasQuit) await new Promise((resolve) => setTimeout(resolve, 5));
      await context.close();
    },
  };
}

/** Every request of a page is answered by the app's own protocol handler, headers and all. */
async function serveThroughHandler(context: BrowserContext, electron: FakeElectron): Promise<void> {
  await context.route('**/*', async (route) => {
    const request = route.request();
    const { origin: asked, pathname, search } = new URL(request.url());
    if (asked !== origin) return route.abort();
    const answer = await electron.session.defaultSession.fetch(`app://fieldbook${pathname}${search}`, { method: request.method() });
    return route.fulfill({
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: Buffer.from(await answer.arrayBuffer()),
    });
  });
}

interface PageSide {
  toMain(channel: string, args: unknown[]): Promise<unknown>;
  portToMain(data: unknown): Promise<void>;
}

/** What carries a page's messages: JSON, with bytes as base64. Runs in the page, and reads what it needs from its argument only. */
function pageSide(preload: (require: unknown, module: unknown, exports: unknown) => void): void {
  const side = window as unknown as Window &
    PageSide & { fromMain(channel: string, args: unknown[], withPort: boolean): void; portFromMain(data: unknown): void };
  const listeners = new Map<string, Set<(...args: unknown[]) => void>>();
  const add = (channel: string, listener: (...args: unknown[]) => void) =>
    listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener));
  let port: MessagePort | null = null;

  const textOf = (bytes: ArrayBuffer) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(''));
  const electron = {
    contextBridge: { exposeInMainWorld: (name: string, api: unknown) => Object.defineProperty(window, name, { value: api }) },
    ipcRenderer: {
      invoke: (channel: string, ...args: unknown[]) =>
        side.toMain(
          channel,
          args.map((arg) => (arg instanceof ArrayBuffer ? { base64: textOf(arg) } : arg)),
        ),
      on: add,
      once: add,
      off: (channel: string, listener: (...args: unknown[]) => void) => listeners.get(channel)?.delete(listener),
    },
  };
  side.fromMain = (channel, args, withPort) => {
    const channelOfPort = withPort ? new MessageChannel() : null;
    if (channelOfPort !== null) {
      port = channelOfPort.port1;
      port.onmessage = ({ data }) => void side.portToMain(data);
    }
    for (const listener of listeners.get(channel) ?? []) listener({ ports: channelOfPort === null ? [] : [channelOfPort.port2] }, ...args);
  };
  side.portFromMain = (data) => port?.postMessage(data);

  const require = (name: string) => {
    if (name !== 'electron') throw new Error(`A sandboxed preload cannot require ${name}`);
    return electron;
  };
  preload(require, { exports: {} }, {});
}

async function connect(page: Page, contents: FakeContents, preload: string): Promise<void> {
  let port: FakePort | undefined;
  await page.exposeFunction('toMain', (channel: string, args: unknown[]) => contents.invoke(channel, ...args.map(withBytes)));
  await page.exposeFunction('portToMain', (data: unknown) => port?.postMessage(data));
  const deliver = (channel: string, args: unknown[], withPort: boolean) =>
    page
      .evaluate(([name, values, has]) => (window as unknown as { fromMain(...given: unknown[]): void }).fromMain(name, values, has), [
        channel,
        args,
        withPort,
      ] as const)
      .catch(() => {});
  contents.page.on('fieldbook:event', (_event, ...args) => void deliver('fieldbook:event', args, false));
  contents.page.on('fieldbook:storage-port', (event, ...args) => {
    port = (event as { ports: FakePort[] }).ports[0];
    const line = port;
    if (line === undefined) return;
    void deliver('fieldbook:storage-port', args, true).then(() => {
      line.on('message', ({ data }) => {
        void page
          .evaluate((message) => (window as unknown as { portFromMain(data: unknown): void }).portFromMain(message), data)
          .catch(() => {});
      });
      line.start();
    });
  });
  await page.addInitScript({ content: `(${pageSide.toString()})((require, module, exports) => {\n${preload}\n});` });
}

/** Bytes come as base64, because a binding carries JSON only. */
function withBytes(arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null || !('base64' in arg)) return arg;
  const bytes = Buffer.from(String(arg.base64), 'base64');
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}
