import type { StoragePort } from '../platform.ts';
import { appOrigin } from './app-scheme.ts';
import { channels, STORAGE_PAGE } from './channels.ts';
import type { ElectronSlice } from './electron-slice.ts';
import { LOCKED } from './guards.ts';

const OPENING_LIMIT_MS = 15_000;

/**
 * One generation of the storage host: a hidden window of its own that is never shown and never throttled (its timers
 * would crawl; `backgroundThrottling` counts for the whole window). Resolves when the page runs and has its port; rejects
 * when it could not be loaded. Once it is gone it stays gone: the next generation is a new window.
 */
export async function openStorageWindow(
  electron: Pick<ElectronSlice, 'BrowserWindow' | 'MessageChannelMain'>,
  preload: string,
): Promise<StoragePort> {
  const window = new electron.BrowserWindow({
    show: false,
    skipTaskbar: true,
    title: 'Fieldbook storage',
    webPreferences: { preload, backgroundThrottling: false, ...LOCKED, devTools: false },
  });
  let limit: NodeJS.Timeout | undefined;
  const { port1: port, port2: pagePort } = new electron.MessageChannelMain();

  let isClosed = false;
  let goneBecause: string | null = null;
  let tellGone: ((reason: string) => void) | null = null;
  const gone = (reason: string) => {
    if (goneBecause !== null || isClosed) return;
    goneBecause = reason;
    // Not inside Electron's own event: destroying a window there has crashed the app.
    setImmediate(() => {
      destroy();
      if (!isClosed) tellGone?.(reason);
    });
  };
  const destroy = () => {
    port.close();
    if (!window.isDestroyed()) window.destroy();
  };

  const { webContents } = window;
  webContents.on('render-process-gone', (_event, { reason }) => gone(`the storage process ended (${reason})`));
  webContents.on('unresponsive', () => gone('the storage window does not respond'));
  webContents.on('did-fail-load', (_event, _code, text, _url, isMainFrame) => {
    if (isMainFrame) gone(`the storage page could not be loaded (${text})`);
  });
  window.on('closed', () => gone('the storage window was closed'));
  port.on('close', () => gone('the line to the storage window was closed'));

  try {
    await new Promise<void>((resolve, reject) => {
      tellGone = (reason) => reject(new Error(`The storage window could not be opened: ${reason}.`));
      limit = setTimeout(() => gone('the storage page did not load in time'), OPENING_LIMIT_MS);
      webContents.on('did-finish-load', resolve);
      window.loadURL(appOrigin + STORAGE_PAGE).catch(() => gone('the storage page could not be loaded'));
    });
  } finally {
    clearTimeout(limit);
    tellGone = null;
  }
  // Module scripts have run before the load event, so the page listens by now. Only postMessage can move a port.
  webContents.postMessage(channels.storagePort, null, [pagePort]);

  return {
    isInFolder: true,
    send: (message) => {
      if (!isClosed && goneBecause === null) port.postMessage(message);
    },
    onMessage: (listener) => {
      port.on('message', (event) => {
        if (!isClosed && goneBecause === null) listener(event.data);
      });
      port.start();
    },
    onClose: (listener) => {
      tellGone = listener;
      // Gone before anybody listened: still told, and still a tick later.
      const reason = goneBecause;
      if (reason !== null && window.isDestroyed()) setImmediate(() => !isClosed && listener(reason));
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      destroy();
    },
  };
}
