import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import type { BrowserWindowConstructorOptions, CustomScheme, MenuItemConstructorOptions, Rectangle, SaveDialogOptions } from 'electron';
import type {
  Contents,
  ElectronSlice,
  Frame,
  InvokeEvent,
  Port,
  Preventable,
  Session,
  Window,
} from '../../electron/platform/electron/electron-slice.ts';

/**
 * Electron as far as Fieldbook uses it, without Electron. Its shape is checked against the slice, and the slice against
 * electron.d.ts; its rules of order and behaviour are the ones that types cannot say: what must happen before `ready`,
 * what only after it, one handler per channel, structured clones across every boundary, a quit that can be refused.
 */
export class FakeElectron {
  readonly app = new FakeApp(this);
  readonly dialog = new FakeDialog();
  readonly ipcMain = new FakeIpcMain();
  readonly nativeTheme = { shouldUseDarkColors: false };
  readonly powerMonitor = new EventEmitter<{ shutdown: []; resume: [] }>();
  readonly safeStorage = new FakeSafeStorage();
  readonly screen = new FakeScreen();
  readonly MessageChannelMain = FakeMessageChannel;
  readonly menus: MenuItemConstructorOptions[][] = [];
  readonly schemes: CustomScheme[] = [];
  readonly opened: string[] = [];
  /** Opens the address in something that draws, where a test has it; settles when the page has loaded. */
  openPage: (window: FakeWindow, url: string) => Promise<void> = async () => {};
  /** Some desktops do not; there `ready-to-show` never comes. */
  drawsHiddenWindows = true;
  /** All windows ever made, closed ones included. */
  readonly windows: FakeWindow[] = [];
  readonly #sessions = new Map<string, FakeSession>();

  readonly shell = {
    openExternal: async (url: string) => {
      this.opened.push(url);
    },
    /** What the system says where it cannot open it; '' where it can. */
    openPath: async (path: string) => {
      this.opened.push(path);
      return '';
    },
  };
  readonly Menu = {
    buildFromTemplate: (template: MenuItemConstructorOptions[]) => template,
    setApplicationMenu: (menu: unknown) => {
      this.menus.push(menu as MenuItemConstructorOptions[]);
    },
  };
  readonly protocol = {
    registerSchemesAsPrivileged: (schemes: CustomScheme[]) => {
      if (this.app.isReady) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
      if (this.schemes.length > 0) throw new Error('protocol.registerSchemesAsPrivileged can be called only once');
      this.schemes.push(...schemes);
    },
  };
  readonly session = Object.defineProperty(
    { fromPartition: (partition: string) => this.sessionOf(partition) } as {
      defaultSession: FakeSession;
      fromPartition(partition: string): FakeSession;
    },
    'defaultSession',
    { get: () => this.sessionOf('') },
  );
  readonly BrowserWindow = windowsOf(this);

  /** What Electron does once the entry module has been evaluated. */
  becomeReady(): void {
    this.app.becomeReady();
  }

  /** Every partition has one; '' is the default session. */
  sessionOf(partition: string): FakeSession {
    if (!this.app.isReady) throw new Error('Session can only be received when app is ready');
    const session = this.#sessions.get(partition) ?? new FakeSession(this);
    this.#sessions.set(partition, session);
    return session;
  }

  get openWindows(): FakeWindow[] {
    return this.windows.filter((window) => !window.isDestroyed());
  }
}

/** Windows are made with `new`, and each belongs to the Electron that gave its class. */
function windowsOf(electron: FakeElectron): new (options: BrowserWindowConstructorOptions) => FakeWindow {
  return class extends FakeWindow {
    constructor(options: BrowserWindowConstructorOptions) {
      super(electron, options);
    }
  };
}

/** Does not compile when the fake lacks something or says it differently. */
export const asSlice = (fake: FakeElectron): ElectronSlice => fake;

class CancellableEvent implements Preventable {
  defaultPrevented = false;
  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

interface AppEvents {
  'web-contents-created': [Preventable, Contents];
  'before-quit': [Preventable];
  'second-instance': [];
  activate: [];
  'window-all-closed': [];
}

class FakeApp extends EventEmitter<AppEvents> {
  isPackaged = true;
  isReady = false;
  isSandboxed = false;
  isFirstInstance = true;
  hasQuit = false;
  exitCode: number | null = null;
  readonly paths = new Map<string, string>([['downloads', '/downloads']]);
  readonly switches = new Map<string, string>();
  readonly #electron: FakeElectron;
  readonly #ready = Promise.withResolvers<void>();

  constructor(electron: FakeElectron) {
    super();
    this.#electron = electron;
  }

  readonly commandLine = {
    appendSwitch: (name: string, value = '') => void this.switches.set(name, value),
    hasSwitch: (name: string) => this.switches.has(name),
  };

  becomeReady(): void {
    this.isReady = true;
    this.#ready.resolve();
  }

  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  enableSandbox(): void {
    if (this.isReady) throw new Error('app.enableSandbox() can only be called before app is ready');
    this.isSandboxed = true;
  }

  setPath(name: string, path: string): void {
    if (!existsSync(path)) throw new Error(`Failed to set path: ${path} does not exist`);
    if (name === 'userData' && this.isReady) throw new Error('userData was already read when the app became ready');
    this.paths.set(name, path);
  }

  getPath(name: string): string {
    const path = this.paths.get(name);
    if (path === undefined) throw new Error(`Failed to get '${name}' path`);
    return path;
  }

  getVersion(): string {
    return '0.0.0';
  }

  requestSingleInstanceLock(): boolean {
    return this.isFirstInstance;
  }

  focus(): void {}

  /** Asks before-quit, then closes the windows; a prevented quit changes nothing. */
  quit(): void {
    if (this.hasQuit) return;
    const event = new CancellableEvent();
    this.emit('before-quit', event);
    if (event.defaultPrevented) return;
    this.hasQuit = true;
    for (const window of this.#electron.openWindows) window.close();
  }

  exit(exitCode = 0): void {
    this.hasQuit = true;
    this.exitCode = exitCode;
    for (const window of this.#electron.openWindows) window.destroy();
  }
}

class FakeDialog {
  /** Where the person saves, or null when they cancel. */
  saveTo: string | null = null;
  readonly asked: SaveDialogOptions[] = [];
  readonly errors: { title: string; content: string }[] = [];

  async showSaveDialog(window: unknown, options: SaveDialogOptions): Promise<{ canceled: boolean; filePath: string }> {
    if (!(window instanceof FakeWindow)) throw new TypeError('A dialog needs a window of Electron');
    this.asked.push(options);
    return { canceled: this.saveTo === null, filePath: this.saveTo ?? '' };
  }

  showErrorBox(title: string, content: string): void {
    this.errors.push({ title, content });
  }
}

type InvokeListener = (event: InvokeEvent, ...args: unknown[]) => unknown;

class FakeIpcMain {
  readonly handlers = new Map<string, InvokeListener>();

  handle(channel: string, listener: InvokeListener): void {
    if (this.handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.handlers.set(channel, listener);
  }

  /** What `ipcRenderer.invoke` does, both clones included: a Promise or a function inside an answer throws. */
  async invoke(event: InvokeEvent, channel: string, ...args: unknown[]): Promise<unknown> {
    const handler = this.handlers.get(channel);
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    return structuredClone(await handler(event, ...structuredClone(args)));
  }
}

class FakeSafeStorage {
  isAvailable = true;
  backend: ReturnType<ElectronSlice['safeStorage']['getSelectedStorageBackend']> = 'gnome_libsecret';

  async isAsyncEncryptionAvailable(): Promise<boolean> {
    return this.isAvailable;
  }

  getSelectedStorageBackend() {
    return this.backend;
  }

  async encryptStringAsync(plain: string): Promise<Buffer> {
    if (!this.isAvailable) throw new Error('Encryption is not available');
    return Buffer.from(`sealed:${[...plain].reverse().join('')}`);
  }

  async decryptStringAsync(sealed: Buffer): Promise<{ result: string; shouldReEncrypt: boolean }> {
    const text = sealed.toString();
    if (!this.isAvailable || !text.startsWith('sealed:')) throw new Error('Error while decrypting the ciphertext');
    return { result: Array.from(text.slice(7)).reverse().join(''), shouldReEncrypt: false };
  }
}

class FakeScreen {
  workArea: Rectangle = { x: 0, y: 0, width: 1920, height: 1040 };

  getDisplayMatching(): { workArea: Rectangle } {
    return { workArea: this.workArea };
  }
}

type RequestHandler = (
  contents: unknown,
  permission: string,
  callback: (granted: boolean) => void,
  details: { requestingUrl: string },
) => void;
type CheckHandler = (contents: unknown, permission: string, requestingOrigin: string) => boolean;

class FakeSession extends EventEmitter<{ 'will-download': [Preventable] }> implements Session {
  readonly handlers = new Map<string, (request: Request) => Promise<Response>>();
  readonly blocked: string[] = [];
  /** Electron grants what nobody decides about. */
  #request: RequestHandler = (_contents, _permission, callback) => callback(true);
  #check: CheckHandler = () => true;
  #device: () => boolean = () => true;
  #display: (request: unknown, callback: (streams: null) => void) => void = () => {};
  hasSpellChecker = true;
  readonly #electron: FakeElectron;

  constructor(electron: FakeElectron) {
    super();
    this.#electron = electron;
  }

  readonly protocol = {
    handle: (scheme: string, handler: (request: Request) => Promise<Response>) => {
      if (this.handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
      if (!this.#electron.schemes.some((registered) => registered.scheme === scheme))
        throw new Error(`${scheme} was not registered before ready`);
      this.handlers.set(scheme, handler);
    },
  };
  readonly webRequest = {
    onBeforeRequest: (
      filter: { urls: string[] },
      listener: (details: unknown, callback: (answer: { cancel: boolean }) => void) => void,
    ) => {
      listener({}, ({ cancel }) => {
        if (cancel) this.blocked.push(...filter.urls);
      });
    },
  };

  setPermissionRequestHandler(handler: RequestHandler): void {
    this.#request = handler;
  }
  setPermissionCheckHandler(handler: CheckHandler): void {
    this.#check = handler;
  }
  setDevicePermissionHandler(handler: () => boolean): void {
    this.#device = handler;
  }
  setDisplayMediaRequestHandler(handler: (request: unknown, callback: (streams: null) => void) => void): void {
    this.#display = handler;
  }
  setSpellCheckerEnabled(enable: boolean): void {
    this.hasSpellChecker = enable;
  }

  requestPermission(permission: string, requestingUrl: string): Promise<boolean> {
    return new Promise((resolve) => this.#request(null, permission, resolve, { requestingUrl }));
  }
  checkPermission(permission: string, requestingOrigin: string): boolean {
    return this.#check(null, permission, requestingOrigin);
  }
  checkDevice(): boolean {
    return this.#device();
  }
  requestDisplayMedia(): Promise<unknown> {
    return new Promise((resolve) => this.#display({}, resolve));
  }

  async fetch(url: string, init?: RequestInit): Promise<Response> {
    const handler = this.handlers.get(new URL(url).protocol.slice(0, -1));
    if (handler === undefined) throw new Error(`No handler for ${url}`);
    return handler(new Request(url, init));
  }
}

interface WindowEvents {
  'ready-to-show': [];
  resize: [];
  move: [];
  maximize: [];
  unmaximize: [];
  close: [];
  closed: [];
  'query-session-end': [Preventable];
  'session-end': [Preventable];
}

export class FakeWindow extends EventEmitter<WindowEvents> implements Window {
  readonly options: BrowserWindowConstructorOptions;
  readonly webContents: FakeContents;
  readonly calls: string[] = [];
  bounds: Rectangle;
  isShown: boolean;
  #isMaximized = false;
  #isMinimized = false;
  #isDestroyed = false;
  readonly #electron: FakeElectron;

  constructor(electron: FakeElectron, options: BrowserWindowConstructorOptions) {
    super();
    if (!electron.app.isReady) throw new Error('Cannot create BrowserWindow before app is ready');
    this.#electron = electron;
    this.options = options;
    this.isShown = options.show !== false;
    this.bounds = { x: options.x ?? 10, y: options.y ?? 10, width: options.width ?? 800, height: options.height ?? 600 };
    electron.windows.push(this);
    this.webContents = new FakeContents(electron, electron.windows.length);
    electron.app.emit('web-contents-created', new CancellableEvent(), this.webContents);
  }

  /** Runs the page's request through the protocol handler of its session, as Chromium would. */
  async loadURL(url: string): Promise<void> {
    const answer = await this.#electron
      .sessionOf(this.options.webPreferences?.partition ?? '')
      .fetch(url)
      .catch(() => null);
    if (this.#isDestroyed) throw new Error(`ERR_ABORTED (-3) loading '${url}'`);
    if (answer === null) {
      this.webContents.emit('did-fail-load', new CancellableEvent(), -6, 'ERR_FILE_NOT_FOUND', url, true);
      throw new Error(`ERR_FILE_NOT_FOUND (-6) loading '${url}'`);
    }
    this.webContents.loaded = { headers: answer.headers, body: await answer.text() };
    await this.#electron.openPage(this, url);
    if (this.#isDestroyed) throw new Error(`ERR_ABORTED (-3) loading '${url}'`);
    this.webContents.arriveAt(url);
    if (this.#electron.drawsHiddenWindows) this.emit('ready-to-show');
  }

  show(): void {
    this.isShown = true;
    this.calls.push('show');
  }
  hide(): void {
    this.isShown = false;
    this.calls.push('hide');
  }
  focus(): void {
    this.calls.push('focus');
  }
  maximize(): void {
    this.#isMaximized = true;
    this.emit('maximize');
  }
  minimize(): void {
    this.#isMinimized = true;
  }
  restore(): void {
    this.#isMinimized = false;
    this.calls.push('restore');
  }
  isMaximized(): boolean {
    return this.#isMaximized;
  }
  isMinimized(): boolean {
    return this.#isMinimized;
  }
  isFullScreen(): boolean {
    return false;
  }
  isDestroyed(): boolean {
    return this.#isDestroyed;
  }
  getNormalBounds(): Rectangle {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed');
    return this.bounds;
  }

  /** A person closes it, or a quit does. */
  close(): void {
    this.emit('close');
    this.destroy();
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.webContents.destroy();
    this.emit('closed');
    const { app } = this.#electron;
    if (this.#electron.openWindows.length > 0) return;
    // Electron quits by itself when nobody listens.
    if (app.listenerCount('window-all-closed') === 0) app.quit();
    else app.emit('window-all-closed');
  }
}

interface ContentsEvents {
  'will-navigate': [Preventable & { url: string }];
  'will-redirect': [Preventable & { url: string }];
  'will-frame-navigate': [Preventable & { url: string }];
  'will-attach-webview': [Preventable];
  'render-process-gone': [Preventable, { reason: 'crashed' | 'oom' | 'killed' | 'clean-exit' }];
  'did-fail-load': [Preventable, number, string, string, boolean];
  'did-finish-load': [];
  destroyed: [];
  unresponsive: [];
}

export class FakeContents extends EventEmitter<ContentsEvents> implements Contents {
  readonly id: number;
  readonly mainFrame: Frame & { origin: string };
  /** What main sent, as the page gets it. */
  readonly sent: { channel: string; args: unknown[] }[] = [];
  readonly posted: { channel: string; message: unknown; ports: FakePort[] }[] = [];
  /** The preload's `ipcRenderer.on`. */
  readonly page = new EventEmitter<Record<string, unknown[]>>();
  /** What the handler answered to the last load. */
  loaded: { headers: Headers; body: string } | null = null;
  #url = '';
  #isDestroyed = false;
  #openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  readonly #electron: FakeElectron;

  constructor(electron: FakeElectron, id: number) {
    super();
    this.#electron = electron;
    this.id = id;
    this.mainFrame = { origin: 'null', frameTreeNodeId: id * 100, parent: null };
  }

  getURL(): string {
    return this.#url;
  }
  /** Not a PDF: what would be printed, and how. */
  async printToPDF(options: unknown): Promise<Buffer> {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed');
    return Buffer.from(JSON.stringify({ body: this.loaded?.body, options }));
  }
  isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  arriveAt(url: string): void {
    this.#url = url;
    const { protocol, host } = new URL(url);
    this.mainFrame.origin = `${protocol}//${host}`;
    this.emit('did-finish-load');
  }

  destroy(): void {
    this.#isDestroyed = true;
    for (const { ports } of this.posted) for (const port of ports) port.close();
    this.emit('destroyed');
  }

  crash(reason: 'crashed' | 'oom' | 'killed' = 'crashed'): void {
    this.emit('render-process-gone', new CancellableEvent(), { reason });
    for (const { ports } of this.posted) for (const port of ports) port.close();
  }

  /** True when the guards let the page go there. */
  tryToNavigate(event: 'will-navigate' | 'will-redirect' | 'will-frame-navigate', url: string): boolean {
    const details = Object.assign(new CancellableEvent(), { url });
    this.emit(event, details);
    return !details.defaultPrevented;
  }

  tryToAttachWebview(): boolean {
    const event = new CancellableEvent();
    this.emit('will-attach-webview', event);
    return !event.defaultPrevented;
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: 'deny' }): void {
    this.#openHandler = handler;
  }
  openWindow(url: string): string {
    return this.#openHandler({ url }).action;
  }

  send(channel: string, ...args: unknown[]): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed');
    const copies = structuredClone(args);
    this.sent.push({ channel, args: copies });
    this.page.emit(channel, {}, ...copies);
  }

  postMessage(channel: string, message: unknown, transfer: Port[] = []): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed');
    const ports = transfer as FakePort[];
    this.posted.push({ channel, message: structuredClone(message), ports });
    this.page.emit(channel, { ports }, structuredClone(message));
  }

  /** What the page's preload asks main, by default from the main frame. */
  invoke(channel: string, ...args: unknown[]): Promise<unknown> {
    return this.invokeFrom(this.mainFrame, channel, ...args);
  }
  invokeFrom(senderFrame: Frame | null, channel: string, ...args: unknown[]): Promise<unknown> {
    return this.#electron.ipcMain.invoke({ sender: this, senderFrame }, channel, ...args);
  }
}

export class FakePort extends EventEmitter<{ message: [{ data: unknown }]; close: [] }> implements Port {
  other: FakePort | null = null;
  readonly #queue: unknown[] = [];
  #isStarted = false;
  #isClosed = false;

  start(): void {
    this.#isStarted = true;
    for (const data of this.#queue.splice(0)) setImmediate(() => this.emit('message', { data }));
  }

  /** Messages are cloned, and queue until the other side starts; on a closed line they are lost without a word. */
  postMessage(message: unknown): void {
    const data = structuredClone(message);
    const { other } = this;
    if (this.#isClosed || other === null || other.#isClosed) return;
    if (other.#isStarted) setImmediate(() => other.emit('message', { data }));
    else other.#queue.push(data);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    setImmediate(() => {
      this.emit('close');
      this.other?.close();
    });
  }
}

class FakeMessageChannel {
  readonly port1 = new FakePort();
  readonly port2 = new FakePort();

  constructor() {
    this.port1.other = this.port2;
    this.port2.other = this.port1;
  }
}
