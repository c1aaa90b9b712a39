import type { WebPreferences } from 'electron';
import { appOrigin, isForOutside, isOwnPage } from './app-scheme.ts';
import type { Contents, ElectronSlice, Navigation, Session } from './electron-slice.ts';

/** Spread last into the preferences of every window, so that none can loosen them. */
export const LOCKED = Object.freeze({
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInSubFrames: false,
  nodeIntegrationInWorker: false,
  webSecurity: true,
  webviewTag: false,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  navigateOnDragDrop: false,
  plugins: false,
  enableWebSQL: false,
  // Chromium would fetch dictionaries from the network.
  spellcheck: false,
} satisfies WebPreferences);

/** Every web contents that is ever made, whoever made it: no way to another page, no second window, no webview. */
export function guardContents(electron: Pick<ElectronSlice, 'app' | 'shell'>): void {
  electron.app.on('web-contents-created', (_event, contents) => {
    // The first load of a window is ours and raises none of these events; a reload of the same page may.
    const stay = (details: Navigation) => {
      if (!isSamePage(contents, details.url)) details.preventDefault();
    };
    contents.on('will-navigate', stay);
    contents.on('will-redirect', stay);
    contents.on('will-frame-navigate', stay);
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      void openOutside(electron, url);
      return { action: 'deny' };
    });
  });
}

/** Our pages do not turn into one another: the screens cannot become the storage window. */
function isSamePage(contents: Contents, url: string): boolean {
  const pathname = (address: string) => new URL(address).pathname;
  return isOwnPage(url) && isOwnPage(contents.getURL()) && pathname(url) === pathname(contents.getURL());
}

/** False for what may not leave Fieldbook, and where the system has no program for it. */
export async function openOutside(electron: Pick<ElectronSlice, 'shell'>, url: string): Promise<boolean> {
  if (!isForOutside(url)) return false;
  return electron.shell.openExternal(url).then(
    () => true,
    () => false,
  );
}

/** The one thing a page may do beyond its own files: put text on the clipboard when the person asks to copy it. */
const grantedToScreens = 'clipboard-sanitized-write';

/** Pages get no other permission, no download and no network: they talk to main only. Once per session, after `ready`. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback, { requestingUrl }) =>
    callback(permission === grantedToScreens && isOwnPage(requestingUrl)),
  );
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === grantedToScreens && origin.replace(/\/$/, '') === appOrigin,
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, callback) => callback(null));
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event) => event.preventDefault());
  const network = ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*'];
  session.webRequest.onBeforeRequest({ urls: network }, (_details, callback) => callback({ cancel: true }));
}
