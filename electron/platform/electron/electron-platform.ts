import path from 'node:path';
import type { Platform } from '../platform.ts';
import { appMenu } from './app-menu.ts';
import { appScheme, createAppProtocol } from './app-scheme.ts';
import { channels } from './channels.ts';
import { createDrain } from './drain.ts';
import type { ElectronSlice, Window } from './electron-slice.ts';
import { guardContents, guardSession, openOutside } from './guards.ts';
import { openIpcDoor } from './ipc-door.ts';
import { createKeychain } from './keychain.ts';
import { bringToFront, openScreenWindow } from './screen-window.ts';
import { createPrinter } from './print-window.ts';
import { openStorageWindow } from './storage-window.ts';

export interface ElectronPlace {
  /** Folder of Chromium's own data (IndexedDB, window place); made by the caller. */
  profile: string;
  /** Folder of the built pages. */
  pages: string;
  preload: string;
  /** `process.platform`. */
  system: string;
  chromiumVersion: string | null;
}

/**
 * The adapter for the installed app. Electron comes in as a value; everything that must happen before `ready` happens
 * before this returns. Null: another Fieldbook has this profile already and was asked to show itself; nothing was started.
 */
export function createElectronPlatform(electron: ElectronSlice, place: ElectronPlace): Platform | null {
  const { app } = electron;
  app.enableSandbox();
  // Explicit, so that a renamed product can never lose a profile; before the lock, which belongs to it.
  app.setPath('userData', place.profile);
  if (!app.requestSingleInstanceLock()) return null;
  electron.protocol.registerSchemesAsPrivileged([appScheme]);
  guardContents(electron);

  const drain = createDrain();
  let screen: Window | null = null;
  let storage: { close(): void } | null = null;
  let printer: ReturnType<typeof createPrinter> | null = null;
  const wakeListeners = new Set<() => void>();

  const ready = app.whenReady().then(() => {
    guardSession(electron.session.defaultSession);
    electron.session.defaultSession.protocol.handle('app', createAppProtocol(place.pages));
    electron.Menu.setApplicationMenu(electron.Menu.buildFromTemplate(appMenu({ platform: place.system, isPackaged: app.isPackaged })));
    electron.powerMonitor.on('shutdown', () => app.quit());
    electron.powerMonitor.on('resume', () => {
      for (const listener of wakeListeners) listener();
    });
  });
  // Whoever awaits it gets the error; this keeps one that comes before from ending the process without a word.
  ready.catch(() => {});

  // Unheard, this would quit whenever a storage window is replaced before there is another one. The screen decides instead.
  app.on('window-all-closed', () => {});
  app.on('second-instance', () => bringToFront(screen));
  app.on('activate', () => bringToFront(screen));
  app.on('before-quit', (event) => {
    if (drain.isDone()) return;
    event.preventDefault();
    if (screen !== null && !screen.isDestroyed()) screen.hide();
    void drain.run().then(() => app.quit());
  });

  return {
    kind: 'electron',
    serve: async (backend) => {
      await ready;
      openIpcDoor(electron, backend, () => screen);
    },
    show: async () => {
      await ready;
      const opened = openScreenWindow(electron, {
        preload: place.preload,
        profile: place.profile,
        onClosed: () => {
          screen = null;
          // The storage window does not count as open: without this one there is nothing to see.
          app.quit();
        },
      });
      screen = opened.window;
      // Windows ends a session without before-quit.
      screen.on('query-session-end', () => void drain.run());
      screen.on('session-end', () => void drain.run());
      await opened.shown;
      return 'window';
    },
    broadcast: (event, data) => {
      if (screen !== null && !screen.isDestroyed() && !screen.webContents.isDestroyed())
        screen.webContents.send(channels.event, event, data);
    },
    openStorageHost: async () => {
      await ready;
      storage?.close();
      const port = await openStorageWindow(electron, place.preload);
      storage = port;
      return port;
    },
    onQuit: (work) => drain.add(work),
    quit: () => app.quit(),
    onWake: (listener) => {
      wakeListeners.add(listener);
      return () => wakeListeners.delete(listener);
    },
    chromiumMajor: () => {
      const major = Number.parseInt(place.chromiumVersion ?? '', 10);
      return Number.isNaN(major) ? null : major;
    },
    keychain: createKeychain(electron, place.system),
    openFile: async (file) => {
      await ready;
      return (await electron.shell.openPath(file)) === '';
    },
    printToPdf: async (html) => {
      await ready;
      printer ??= createPrinter(electron);
      return printer(html);
    },
    openExternal: async (url) => openOutside(electron, url),
  };
}

/** Chromium's data stands in the data folder, so that every book has its own and `--data` moves all of it. */
export function profileOf(dataFolder: string): string {
  return path.join(dataFolder, 'electron-profile');
}
