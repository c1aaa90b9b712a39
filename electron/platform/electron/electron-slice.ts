import type * as E from 'electron';

/**
 * The part of Electron that Fieldbook uses, so that the adapter can be given a fake. Ordinary methods are picked from
 * Electron's own types. `on` is written out, because its dozens of overloads could not be satisfied by hand: one line per
 * event, since in a union the compiler would let a wrong name pass beside a right one. The last line ties all of it to
 * electron.d.ts: a renamed method, event or argument does not compile. Types say nothing of order or behaviour; the rules
 * built into test/support/fake-electron.ts do.
 */
export interface ElectronSlice {
  app: Pick<
    E.App,
    | 'enableSandbox'
    | 'exit'
    | 'focus'
    | 'getPath'
    | 'getVersion'
    | 'isPackaged'
    | 'quit'
    | 'requestSingleInstanceLock'
    | 'setPath'
    | 'whenReady'
  > & {
    commandLine: Pick<E.CommandLine, 'appendSwitch' | 'hasSwitch'>;
    on(event: 'web-contents-created', listener: (event: Preventable, contents: Contents) => void): unknown;
    on(event: 'before-quit', listener: (event: Preventable) => void): unknown;
    on(event: 'second-instance', listener: () => void): unknown;
    on(event: 'activate', listener: () => void): unknown;
    on(event: 'window-all-closed', listener: () => void): unknown;
  };
  BrowserWindow: new (options: E.BrowserWindowConstructorOptions) => Window;
  dialog: {
    showErrorBox(title: string, content: string): void;
    /** The window is any BaseWindow; only the real one knows which. */
    showSaveDialog(window: unknown, options: E.SaveDialogOptions): Promise<Pick<E.SaveDialogReturnValue, 'canceled' | 'filePath'>>;
  };
  ipcMain: {
    handle(channel: string, listener: (event: InvokeEvent, ...args: unknown[]) => unknown): void;
  };
  Menu: {
    buildFromTemplate(template: E.MenuItemConstructorOptions[]): unknown;
    setApplicationMenu(menu: unknown): void;
  };
  MessageChannelMain: new () => { port1: Port; port2: Port };
  nativeTheme: Pick<E.NativeTheme, 'shouldUseDarkColors'>;
  powerMonitor: {
    on(event: 'shutdown', listener: () => void): unknown;
    on(event: 'resume', listener: () => void): unknown;
  };
  protocol: Pick<E.Protocol, 'registerSchemesAsPrivileged'>;
  safeStorage: Pick<
    E.SafeStorage,
    'decryptStringAsync' | 'encryptStringAsync' | 'getSelectedStorageBackend' | 'isAsyncEncryptionAvailable'
  >;
  screen: {
    getDisplayMatching(rect: E.Rectangle): Pick<E.Display, 'workArea'>;
  };
  session: { defaultSession: Session; fromPartition(partition: string): Session };
  shell: Pick<E.Shell, 'openExternal' | 'openPath'>;
}

export interface Preventable {
  preventDefault(): void;
}

export interface Navigation extends Preventable {
  url: string;
}

export interface Window
  extends Pick<
    E.BrowserWindow,
    | 'destroy'
    | 'focus'
    | 'getNormalBounds'
    | 'hide'
    | 'isDestroyed'
    | 'isFullScreen'
    | 'isMaximized'
    | 'isMinimized'
    | 'loadURL'
    | 'maximize'
    | 'restore'
    | 'show'
  > {
  webContents: Contents;
  on(event: 'ready-to-show', listener: () => void): unknown;
  on(event: 'resize', listener: () => void): unknown;
  on(event: 'move', listener: () => void): unknown;
  on(event: 'maximize', listener: () => void): unknown;
  on(event: 'unmaximize', listener: () => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  on(event: 'closed', listener: () => void): unknown;
  on(event: 'query-session-end', listener: (event: Preventable) => void): unknown;
  on(event: 'session-end', listener: (event: Preventable) => void): unknown;
}

export interface Contents extends Pick<E.WebContents, 'id' | 'isDestroyed' | 'send' | 'getURL' | 'printToPDF'> {
  readonly mainFrame: Frame;
  postMessage(channel: string, message: unknown, transfer?: Port[]): void;
  setWindowOpenHandler(handler: (details: { url: string }) => { action: 'deny' }): void;
  on(event: 'will-navigate', listener: (details: Navigation) => void): unknown;
  on(event: 'will-redirect', listener: (details: Navigation) => void): unknown;
  on(event: 'will-frame-navigate', listener: (details: Navigation) => void): unknown;
  on(event: 'will-attach-webview', listener: (event: Preventable) => void): unknown;
  on(event: 'render-process-gone', listener: (event: Preventable, details: Pick<E.RenderProcessGoneDetails, 'reason'>) => void): unknown;
  on(
    event: 'did-fail-load',
    listener: (event: Preventable, code: number, text: string, url: string, isMainFrame: boolean) => void,
  ): unknown;
  on(event: 'did-finish-load', listener: () => void): unknown;
  on(event: 'destroyed', listener: () => void): unknown;
  on(event: 'unresponsive', listener: () => void): unknown;
}

export type Frame = Pick<E.WebFrameMain, 'origin' | 'frameTreeNodeId'> & { readonly parent: unknown };

export interface InvokeEvent {
  readonly sender: Contents;
  readonly senderFrame: Frame | null;
}

export interface Port extends Pick<E.MessagePortMain, 'close' | 'start'> {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
}

export interface Session {
  protocol: { handle(scheme: string, handler: (request: Request) => Promise<Response>): void };
  webRequest: {
    onBeforeRequest(
      filter: { urls: string[] },
      listener: (details: unknown, callback: (answer: { cancel: boolean }) => void) => void,
    ): void;
  };
  setPermissionCheckHandler(handler: (contents: unknown, permission: string, requestingOrigin: string) => boolean): void;
  setPermissionRequestHandler(
    handler: (contents: unknown, permission: string, callback: (granted: boolean) => void, details: { requestingUrl: string }) => void,
  ): void;
  setDevicePermissionHandler(handler: () => boolean): void;
  setDisplayMediaRequestHandler(handler: (request: unknown, callback: (streams: null) => void) => void): void;
  setSpellCheckerEnabled(enable: boolean): void;
  on(event: 'will-download', listener: (event: Preventable) => void): unknown;
}

/** Does not compile when the slice says something that Electron 45 does not do. */
type Fits<Real extends ElectronSlice> = Real;
export type FitsElectron = Fits<Pick<typeof E, keyof ElectronSlice>>;
