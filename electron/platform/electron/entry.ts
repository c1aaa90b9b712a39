import { mkdirSync, mkdtempSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeTheme,
  powerMonitor,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
} from 'electron';
import { ProblemError } from '../../../shared/lib/result.ts';
import { createLog, errorFacts } from '../../log.ts';
import { startFieldbook } from '../../main.ts';
import { runSyncCommand } from '../../opening/run-sync.ts';
import type { SyncCommand } from '../platform.ts';
import { syncCommandOf, syncWords } from '../sync-words.ts';
import { systemClock } from '../../system-clock.ts';
import { defaultDataFolder } from '../data-place.ts';
import { createKeychain } from './keychain.ts';
import { createElectronPlatform, profileOf } from './electron-platform.ts';
import { say } from '../../../shared/words/say.ts';
import { words } from '../../../shared/words/words.ts';

/** `dist/electron/main.js`: the installed app. With the preload the only file that gets Electron itself. */
const typed = process.argv.slice(app.isPackaged ? 1 : 2);
const dataFolder = dataFolderFrom(typed);
const sync = syncCommandOf(parseArgs({ args: typed, options: syncWords, strict: false }).values);
const platform = sync === null ? createPlatform() : null;

// Not awaited: Electron holds `ready` back until this module has been evaluated, so waiting here would wait for itself.
if (sync !== null) void syncOnly(sync);
else if (platform === null) app.quit();
else void start(platform);

function createPlatform() {
  return createElectronPlatform(
    {
      app,
      BrowserWindow,
      dialog,
      ipcMain,
      Menu,
      MessageChannelMain,
      nativeTheme,
      powerMonitor,
      protocol,
      safeStorage,
      screen,
      session,
      shell,
    },
    {
      profile: makeProfile(dataFolder),
      pages: path.join(import.meta.dirname, '..', 'renderer'),
      preload: path.join(import.meta.dirname, 'preload.cjs'),
      system: process.platform,
      chromiumVersion: process.versions['chrome'] ?? null,
    },
  );
}

/** The keychain is Electron's; nothing else of it is used, and no window is made. */
async function syncOnly(command: SyncCommand): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  const code = await runSyncCommand(command, {
    dataFolder,
    clock: systemClock,
    log: createLog(dataFolder, systemClock),
    keychain: createKeychain({ app, safeStorage }, process.platform),
    env: process.env,
    out: (line) => process.stdout.write(`${line}\n`),
    err: (sentence) => process.stderr.write(`${sentence}\n`),
    signal: stop.signal,
  });
  app.exit(code);
}

async function start(platform: NonNullable<ReturnType<typeof createPlatform>>): Promise<void> {
  const log = createLog(dataFolder, systemClock);
  if (app.commandLine.hasSwitch('no-sandbox')) log.warn('started without sandbox');
  // A stray rejection comes from a library's abandoned promise; what was promised to the person is in the journal.
  process.on('unhandledRejection', (reason) => log.error('unhandled rejection', errorFacts(reason)));
  process.on('uncaughtException', (error) => {
    log.error('uncaught exception', errorFacts(error));
    platform.quit();
  });
  try {
    await startFieldbook(platform, { dataFolder, version: app.getVersion(), clock: systemClock, log });
  } catch (error) {
    log.error('start failed', errorFacts(error));
    await app.whenReady();
    const sentence = error instanceof ProblemError ? say(error.problem) : say(words('start.unexpected'));
    process.stderr.write(`${sentence}\n`);
    dialog.showErrorBox(say(words('start.failedTitle')), sentence);
    platform.quit();
  }
}

/** Only `--data` is ours: systems and Chromium put switches of their own on the command line. */
function dataFolderFrom(args: string[]): string {
  const { data } = parseArgs({ args, options: { data: { type: 'string' } }, strict: false }).values;
  if (typeof data === 'string' && data !== '') return path.resolve(data);
  return defaultDataFolder({ platform: process.platform, home: homedir(), env: process.env });
}

/** Chromium needs a place to write even where the data folder cannot be used; the start then ends with the reason. */
function makeProfile(folder: string): string {
  const profile = profileOf(folder);
  try {
    mkdirSync(profile, { recursive: true, mode: 0o700 });
    return profile;
  } catch {
    return mkdtempSync(path.join(tmpdir(), 'fieldbook-'));
  }
}
