import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Log } from '../../domain/ports.ts';
import { errorFacts } from '../../log.ts';
import { HOST_NAME } from './access.ts';
import { freeProfile } from './browser-profile.ts';
import { type DevtoolsPipe, openDevtoolsPipe } from './devtools-pipe.ts';
import { isSnap } from './find-browser.ts';

export interface Chromium {
  /** Major version, known once the browser runs. */
  major(): number | null;
  /** Closes the browser in good order, or by force when it does not go. */
  close(): Promise<void>;
}

export interface ChromiumDeps {
  program: string;
  dataFolder: string;
  home: string;
  port: number;
  cookie: { name: string; value: string };
  /** More command line, for tests. */
  args: readonly string[];
  /** The browser has its cookie: it may come in. */
  onCookie: () => void;
  /** The person closed the window. */
  onClosed: () => void;
  /** The browser died too often to be started again. */
  onGivenUp: () => void;
  log: Log;
}

const RELAUNCHES_A_MINUTE = 3;
const CLOSE_LIMIT_MS = 2000;

/**
 * Our window: an installed browser in app mode on its own profile. A crash starts it again, a closed window ends it.
 * Resolves when the first browser has its cookie; rejects when none could be started.
 */
export async function startChromium(deps: ChromiumDeps): Promise<Chromium> {
  const profile = profileFolder(deps);
  const crashes: number[] = [];
  let running: Run | null = null;
  let major: number | null = null;
  let isClosing = false;

  const launch = async (): Promise<void> => {
    await freeProfile(profile, deps.log);
    const run = startRun(deps, profile);
    running = run;
    void run.exited.then((how) => {
      running = null;
      if (isClosing) return;
      deps.log.info('browser.ended', { code: how.code, signal: how.signal });
      if (how.code === 0) return deps.onClosed();
      void relaunch();
    });
    major = await run.admit();
    deps.onCookie();
  };
  const relaunch = async (): Promise<void> => {
    const now = Date.now();
    crashes.push(now);
    if (crashes.filter((at) => now - at < 60_000).length > RELAUNCHES_A_MINUTE) return deps.onGivenUp();
    // When this one dies before it is in, its own end starts the next.
    await launch().catch((error: unknown) => deps.log.warn('browser.start-failed', errorFacts(error)));
  };

  await launch();
  return {
    major: () => major,
    close: async () => {
      isClosing = true;
      await running?.close();
    },
  };
}

interface Run {
  /** Gives the browser its cookie; resolves to its major version. */
  admit(): Promise<number | null>;
  exited: Promise<{ code: number | null; signal: string | null }>;
  close(): Promise<void>;
}

function startRun(deps: ChromiumDeps, profile: string): Run {
  const child = spawn(deps.program, commandLine(deps, profile), {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    windowsHide: false,
  });
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: -1, signal: null }));
  });
  const devtools = openDevtoolsPipe(child.stdio[3] as Writable, child.stdio[4] as Readable);
  void exited.then(({ code }) => {
    if (code === -1) deps.log.error('browser.not-runnable');
  });
  endWithLastWindow(devtools);
  return {
    admit: async () => {
      await devtools.send('Target.setDiscoverTargets', { discover: true });
      const cookie = { ...deps.cookie, url: `http://${HOST_NAME}/`, httpOnly: true, sameSite: 'Strict' };
      await devtools.send('Storage.setCookies', { cookies: [cookie] });
      const { product } = await devtools.send('Browser.getVersion');
      const major = /\/(\d+)\./.exec(String(product))?.[1];
      return major === undefined ? null : Number(major);
    },
    exited,
    close: async () => {
      devtools.send('Browser.close').catch(() => {});
      const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_LIMIT_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** On macOS a browser stays when its last window is closed; a page that crashed shows nothing until it is loaded again. */
function endWithLastWindow(devtools: DevtoolsPipe): void {
  const pages = new Set<string>();
  const attempt = (work: Promise<unknown>) => void work.catch(() => {});
  devtools.onEvent((method, params) => {
    const info = params['targetInfo'] as { targetId: string; type: string } | undefined;
    const targetId = String(params['targetId'] ?? '');
    if (method === 'Target.targetCreated' && info?.type === 'page') pages.add(info.targetId);
    if (method === 'Target.targetDestroyed' && pages.delete(targetId) && pages.size === 0) attempt(devtools.send('Browser.close'));
    if (method === 'Target.targetCrashed' && pages.has(targetId)) attempt(loadAgain(devtools, targetId));
  });
}

async function loadAgain(devtools: DevtoolsPipe, targetId: string): Promise<void> {
  const { sessionId } = await devtools.send('Target.attachToTarget', { targetId, flatten: true });
  await devtools.send('Page.reload', {}, String(sessionId));
  await devtools.send('Target.detachFromTarget', { sessionId });
}

function profileFolder(deps: ChromiumDeps): string {
  if (!isSnap(deps.program)) return path.join(deps.dataFolder, 'browser-profile');
  const book = createHash('sha256').update(deps.dataFolder).digest('hex').slice(0, 16);
  return path.join(deps.home, 'snap', 'chromium', 'common', 'fieldbook', book);
}

function commandLine(deps: ChromiumDeps, profile: string): string[] {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) deps.log.warn('browser.no-sandbox-as-root');
  return [
    `--app=http://${HOST_NAME}/start`,
    `--user-data-dir=${profile}`,
    // The origin stays the same over any port, and with it IndexedDB. No other name is looked up: the window needs no network.
    `--host-resolver-rules=MAP ${HOST_NAME} 127.0.0.1:${deps.port}, MAP * ~NOTFOUND`,
    '--remote-debugging-pipe',
    // Without it a bar warns of the flag above, on every start.
    '--test-type',
    ...quietFlags,
    // Later the window opens as it was left.
    ...(existsSync(path.join(profile, 'Default')) ? [] : ['--window-size=1280,860']),
    ...(isRoot ? ['--no-sandbox'] : []),
    ...deps.args,
  ];
}

/** No first-run pages, no chatter with anybody's servers, no questions about keyrings, no sleeping storage worker. */
const quietFlags = [
  '--no-first-run',
  '--no-default-browser-check',
  '--no-service-autorun',
  '--no-pings',
  '--no-proxy-server',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-component-extensions-with-background-pages',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-sync',
  '--disable-domain-reliability',
  '--disable-breakpad',
  '--disable-search-engine-choice-screen',
  '--disable-session-crashed-bubble',
  '--hide-crash-restore-bubble',
  '--disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication,InterestFeedContentSuggestions,GlobalMediaControls',
  '--password-store=basic',
  '--use-mock-keychain',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];
