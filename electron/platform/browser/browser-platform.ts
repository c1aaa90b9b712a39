import { spawn } from 'node:child_process';
import type { Log } from '../../domain/ports.ts';
import { errorFacts } from '../../log.ts';
import type { Backend, Platform } from '../platform.ts';
import { createAccess, HOST_NAME } from './access.ts';
import { type Chromium, startChromium } from './chromium.ts';
import { findBrowser } from './find-browser.ts';
import { DEFAULT_PORT } from './options.ts';
import { printInBrowser } from './pdf-printer.ts';
import { createScreens, send } from './screens.ts';
import { type Server, startServer } from './server.ts';
import { readStaticFiles } from './static-files.ts';
import { createStorageHosts } from './storage-hosts.ts';
import { createWakeWatch } from './wake-watch.ts';
import { noKeychain } from './no-keychain.ts';
import { outsideProtocols } from '../../../shared/lib/outside-link.ts';
import { say } from '../../../shared/words/say.ts';
import { type Words, words } from '../../../shared/words/words.ts';

export interface BrowserPlatformDeps {
  dataFolder: string;
  rendererFolder: string;
  open: boolean;
  port: number | null;
  home: string;
  env: Record<string, string | undefined>;
  /** A sentence for the person at the terminal. */
  tell: (sentence: string) => void;
  exit: () => void;
  log: Log;
}

const DRAIN_LIMIT_MS = 5000;

/** The same main code in plain Node; screens and storage host in an installed Chromium over a loopback port. */
export function createBrowserPlatform(deps: BrowserPlatformDeps): Platform {
  const { log } = deps;
  // Also where the person looks at the book in a browser of their own: another one can still print.
  const installed = findBrowser({ platform: process.platform, home: deps.home, env: deps.env });
  const program = deps.open ? installed : null;
  const pages = readStaticFiles(deps.rendererFolder);
  const access = createAccess(() => server?.port() ?? 0);
  const screens = createScreens({ backend: () => backend, openLink: (url) => void openExternal(url), log });
  const hosts = createStorageHosts(log);
  const handedOver = Promise.withResolvers<void>();
  const drains: (() => Promise<void>)[] = [];
  let server: Server | null = null;
  let backend: Backend | null = null;
  let chromium: Chromium | null = null;
  let agentMajor: number | null = null;
  let isQuitting = false;

  const address = () => `http://${HOST_NAME}:${server?.port()}/?key=${access.key}`;

  const quit = async () => {
    if (isQuitting) return;
    isQuitting = true;
    if (drains.length > 0) log.info('app.quitting');
    const drained = Promise.allSettled(drains.map((drain) => drain())).then(() => true);
    const limit = new Promise<false>((resolve) => setTimeout(resolve, DRAIN_LIMIT_MS, false));
    if (!(await Promise.race([drained, limit]))) log.warn('app.quit-before-all-was-done');
    hosts.close();
    await chromium?.close();
    await server?.close();
    deps.exit();
  };

  const openExternal = async (url: string): Promise<boolean> => {
    const target = URL.parse(url);
    if (target === null || !outsideProtocols.has(target.protocol)) return false;
    const [command, ...args] = openerOf(process.platform);
    const child = spawn(command, [...args, target.href], { stdio: 'ignore', detached: true });
    child.unref();
    return new Promise((resolve) => {
      child.once('spawn', () => resolve(true));
      child.once('error', () => resolve(false));
    });
  };

  return {
    kind: 'browser',
    serve: async (given) => {
      backend = given;
      server = await startServer(deps.port ?? (program === null ? DEFAULT_PORT : 0), {
        access,
        file: pages.get,
        backend: () => backend,
        cookieHandedOver: () => (program === null ? null : handedOver.promise),
        onBridge: (socket, query) => {
          const page = hosts.addPage({
            isDedicated: query.get('role') === 'host',
            startWorker: (worker) => send(socket, { kind: 'storage', worker }),
          });
          socket.on('close', () => page.remove());
          send(socket, { kind: 'hello', build: pages.build, opensLinks: program !== null });
          if (query.get('role') === 'screen') screens.add(socket);
        },
        onStorage: (socket, query) => {
          agentMajor = Number(query.get('chromium')) || null;
          if (!hosts.addWorker(Number(query.get('worker')), socket)) socket.close(1008, 'nobody asked for this worker');
        },
        log,
      });
      log.info('server.listening', { port: server.port(), window: program !== null });
    },
    show: async () => {
      if (!deps.open) return address();
      if (program === null) {
        deps.tell(say(words('start.noBrowserFound', { how: words('start.howToGetABrowser') })));
        return address();
      }
      const noWindow = (why: Words) =>
        deps.tell(say(words('start.openInYours', { why, address: address(), how: words('start.howToGetABrowser') })));
      try {
        chromium = await startChromium({
          program,
          dataFolder: deps.dataFolder,
          home: deps.home,
          port: server?.port() ?? 0,
          cookie: { name: access.cookieName, value: access.cookie },
          args: (deps.env['FIELDBOOK_BROWSER_ARGS'] ?? '').split(' ').filter((arg) => arg !== ''),
          onCookie: () => handedOver.resolve(),
          onClosed: () => void quit(),
          onGivenUp: () => noWindow(words('start.windowClosedAgain')),
          log,
        });
        return 'window';
      } catch (error) {
        log.error('browser.start-failed', errorFacts(error));
        noWindow(words('start.browserFailed'));
        return address();
      }
    },
    broadcast: screens.broadcast,
    openStorageHost: hosts.open,
    onQuit: (drain) => {
      drains.push(drain);
    },
    quit: () => void quit(),
    onWake: createWakeWatch(),
    chromiumMajor: () => chromium?.major() ?? agentMajor,
    keychain: noKeychain,
    printToPdf: async (html) => (installed === null ? null : printInBrowser(installed, html)),
    openFile: null,
    openExternal,
  };
}

function openerOf(platform: string): [string, ...string[]] {
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return ['xdg-open'];
}
