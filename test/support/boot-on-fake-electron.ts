import 'fake-indexeddb/auto';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { startStorageHost } from '../../renderer/storage-host/storage-host.ts';
import type { NewClient } from '../../shared/nouns/client/client.ts';
import { asSlice, type FakeContents, FakeElectron, type FakeWindow } from './fake-electron.ts';

/**
 * Boots a built main bundle (`node boot-on-fake-electron.ts <main.js> <data folder>`) in plain Node, with the fake where
 * it imports `electron` and a real storage host over fake-indexeddb in its hidden window: starts it, asks its scheme
 * handler, makes calls through its door, quits it, and prints what it saw as JSON. `ready` comes only once the import has
 * settled, as in Electron: a bundle that awaits it on the way fails.
 */
const [bundle = '', dataFolder = ''] = process.argv.slice(2);
process.argv = ['fieldbook', '--data', dataFolder];

const electron = new FakeElectron();
const exported = asSlice(electron);
(globalThis as Record<string, unknown>)['fakeElectron'] = exported;
const names = Object.keys({
  app: 1,
  BrowserWindow: 1,
  dialog: 1,
  ipcMain: 1,
  Menu: 1,
  MessageChannelMain: 1,
  nativeTheme: 1,
  powerMonitor: 1,
  protocol: 1,
  safeStorage: 1,
  screen: 1,
  session: 1,
  shell: 1,
} satisfies Record<keyof typeof exported, 1>);
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: 'fake:electron', format: 'module', shortCircuit: true } : next(specifier, context),
  load: (url, context, next) =>
    url === 'fake:electron'
      ? {
          format: 'module',
          shortCircuit: true,
          source: names.map((name) => `export const ${name} = globalThis.fakeElectron.${name};`).join('\n'),
        }
      : next(url, context),
});

// The page of the storage window, with its preload.
electron.app.on('web-contents-created', (_event, contents) => {
  (contents as FakeContents).page.once('fieldbook:storage-port', (event) => {
    const [port] = (event as { ports: FakeContents['posted'][number]['ports'] }).ports;
    if (port === undefined) return;
    startStorageHost({
      send: (message) => port.postMessage(message),
      onMessage: (listener) => {
        port.on('message', ({ data }) => listener(data));
        port.start();
      },
    });
  });
});

let output = '';
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = ((text: string) => {
  output += text;
  return true;
}) as typeof process.stdout.write;

const limit = new Promise<false>((resolve) => {
  setTimeout(resolve, 10_000, false).unref();
});
const importSettled = await Promise.race([import(pathToFileURL(bundle).href).then(() => true), limit]);
const windowsBeforeReady = electron.windows.length;
electron.becomeReady();
await until(() => output.includes('Fieldbook is ready') || electron.dialog.errors.length > 0);
if (electron.dialog.errors.length > 0) {
  await until(() => electron.app.hasQuit);
  const { errors } = electron.dialog;
  write(`${JSON.stringify({ importSettled, windowsBeforeReady, output: output.trim(), errors, windows: electron.windows.length })}\n`);
  process.exit(0);
}

const addresses = ['/', '/storage-host/', '/..%2fpackage.json'];
const answers = await Promise.all(addresses.map((address) => electron.session.defaultSession.fetch(`app://fieldbook${address}`)));
const pages = Object.fromEntries(addresses.map((address, at) => [address, answers[at]?.status]));

const { webContents } = electron.windows.find((window) => window.isShown) as FakeWindow;
const call = (method: string, input: unknown) => webContents.invoke('fieldbook:call', method, input);
const info = await call('app.info', {});
const stranger = await webContents.invokeFrom(null, 'fieldbook:call', 'app.info', {});
const created = await call('clients.create', { name: 'North Depot' } satisfies NewClient);
let status: unknown;
await until(async () => {
  status = await call('app.status', {});
  return (status as { value: { storage: string; unapplied: number } }).value.storage === 'ready';
});
const hiddenWindows = electron.windows.filter((window) => !window.isShown).map((window) => window.webContents.getURL());

const quitAt = performance.now();
electron.app.quit();
await until(() => electron.app.hasQuit);
const report = {
  importSettled,
  windowsBeforeReady,
  output: output.trim(),
  errors: electron.dialog.errors,
  userData: electron.app.getPath('userData'),
  pages,
  info,
  stranger,
  created,
  status,
  hiddenWindows,
  hasQuit: electron.app.hasQuit,
  quitWithinLimit: performance.now() - quitAt < 4_900,
  openWindows: electron.openWindows.length,
};
write(`${JSON.stringify(report)}\n`);
process.exit(0);

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}
