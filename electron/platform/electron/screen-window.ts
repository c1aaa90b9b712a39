import path from 'node:path';
import { appOrigin } from './app-scheme.ts';
import type { ElectronSlice, Window } from './electron-slice.ts';
import { LOCKED } from './guards.ts';
import { keepWindowPlace, readWindowPlace, smallest } from './window-place.ts';
import { say } from '../../../shared/words/say.ts';
import { words } from '../../../shared/words/words.ts';

/** Colours of the page before it draws, so that the window does not flash white (or black). */
const background = { dark: '#1a1b1e', light: '#ffffff' } as const;
const SHOW_AT_LAST_MS = 1_000;
const RELOADS = 3;
const RELOADS_WITHIN_MS = 60_000;

export interface ScreenWindow {
  window: Window;
  /** Resolves when the first picture is drawn; rejects when the page could not be loaded. */
  shown: Promise<void>;
}

/** The one window a person sees. A dead page is loaded again: what was acknowledged is in main, not in it (invariant 1). */
export function openScreenWindow(
  electron: Pick<ElectronSlice, 'app' | 'BrowserWindow' | 'dialog' | 'nativeTheme' | 'screen'>,
  options: { preload: string; profile: string; onClosed: () => void },
): ScreenWindow {
  const placeFile = path.join(options.profile, 'window.json');
  const place = readWindowPlace(placeFile, electron.screen);
  const window = new electron.BrowserWindow({
    ...(place.bounds ?? place.size),
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    title: 'Fieldbook',
    autoHideMenuBar: true,
    backgroundColor: electron.nativeTheme.shouldUseDarkColors ? background.dark : background.light,
    webPreferences: { preload: options.preload, ...LOCKED, devTools: !electron.app.isPackaged },
  });
  if (place.isMaximized) window.maximize();

  let keeping: NodeJS.Timeout | undefined;
  const keep = () => {
    clearTimeout(keeping);
    if (!window.isDestroyed() && !window.isFullScreen() && !window.isMinimized())
      keepWindowPlace(placeFile, window.getNormalBounds(), window.isMaximized());
  };
  // While a window is dragged these come by the hundred.
  const keepSoon = () => {
    clearTimeout(keeping);
    keeping = setTimeout(keep, 500);
  };
  window.on('resize', keepSoon);
  window.on('move', keepSoon);
  window.on('maximize', keepSoon);
  window.on('unmaximize', keepSoon);
  window.on('close', keep);
  window.on('closed', () => {
    clearTimeout(keeping);
    options.onClosed();
  });

  const deaths: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    const now = Date.now();
    deaths.push(now);
    const isHopeless = deaths.filter((at) => now - at < RELOADS_WITHIN_MS).length > RELOADS;
    setImmediate(() => {
      if (window.isDestroyed()) return;
      if (!isHopeless) {
        window.loadURL(`${appOrigin}/`).catch(() => {});
        return;
      }
      electron.dialog.showErrorBox(say(words('start.hadToCloseTitle')), say(words('start.windowStopped')));
      window.destroy();
    });
  });

  const shown = new Promise<void>((resolve, reject) => {
    const show = () => {
      clearTimeout(late);
      if (!window.isDestroyed() && !isShown) window.show();
      isShown = true;
      resolve();
    };
    let isShown = false;
    let late: NodeJS.Timeout | undefined;
    window.on('ready-to-show', show);
    // Some desktops draw no hidden window, so that it would never be ready to be shown.
    window.webContents.on('did-finish-load', () => {
      if (!isShown) late = setTimeout(show, SHOW_AT_LAST_MS);
    });
    window.on('closed', () => {
      clearTimeout(late);
      resolve();
    });
    window.loadURL(`${appOrigin}/`).catch(reject);
  });
  return { window, shown };
}

/** Second start, or a click on the icon: the window that is there comes to the front. */
export function bringToFront(window: Window | null): void {
  if (window === null || window.isDestroyed()) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
