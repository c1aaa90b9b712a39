import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { ProblemError } from '../../../shared/lib/result.ts';
import { createLog, errorFacts } from '../../log.ts';
import { startFieldbook } from '../../main.ts';
import { runSyncCommand } from '../../opening/run-sync.ts';
import { systemClock } from '../../system-clock.ts';
import { defaultDataFolder } from '../data-place.ts';
import { createBrowserPlatform } from './browser-platform.ts';
import type { StartOptions } from '../platform.ts';
import { noKeychain } from './no-keychain.ts';
import { readOptions, usage } from './options.ts';
import { say } from '../../../shared/words/say.ts';
import { words } from '../../../shared/words/words.ts';

/** `dist/browser/main.js`: Fieldbook in plain Node, its window in an installed Chromium. */
const read = readOptions(process.argv.slice(2));
if (read.ok) void run(read.options);
else end(2, `${read.sentence}\n${usage}`);

async function run(options: StartOptions): Promise<void> {
  const { env } = process;
  const home = homedir();
  const dataFolder = path.resolve(options.data ?? defaultDataFolder({ platform: process.platform, home, env }));
  const log = createLog(dataFolder, systemClock);
  const root = rootFolder();
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  const tell = (sentence: string) => process.stderr.write(`${sentence}\n`);
  if (options.sync !== null) {
    process.exitCode = await runSyncCommand(options.sync, {
      dataFolder,
      clock: systemClock,
      log,
      keychain: noKeychain,
      env,
      out: (line) => process.stdout.write(`${line}\n`),
      err: tell,
      signal: stopSignal(),
    });
    return;
  }
  let hasFailed = false;

  const platform = createBrowserPlatform({
    dataFolder,
    rendererFolder: path.join(root, 'dist', 'renderer'),
    open: options.open,
    port: options.port,
    home,
    env,
    tell,
    exit: () => process.exit(hasFailed ? 1 : 0),
    log,
  });
  // The first signal quits in good order; whoever sends a second one does not want to wait.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => {
      process.once(signal, () => process.exit(1));
      platform.quit();
    });
  }
  // A stray rejection comes from a library's abandoned promise; what was promised to the person is in the journal.
  process.on('unhandledRejection', (reason) => log.error('app.unhandled-rejection', errorFacts(reason)));
  process.on('uncaughtException', (error) => {
    log.error('app.uncaught-exception', errorFacts(error));
    hasFailed = true;
    platform.quit();
  });

  try {
    await startFieldbook(platform, { dataFolder, version, clock: systemClock, log });
  } catch (error) {
    if (!(error instanceof ProblemError)) log.error('app.start-failed', errorFacts(error));
    const sentence =
      error instanceof ProblemError ? say(error.problem) : say(words('start.failed', { folder: path.join(dataFolder, 'logs') }));
    tell(sentence);
    hasFailed = true;
    platform.quit();
  }
}

/** The first signal ends a sync in good order: what was sent and taken in stays so. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

/** From the bundle in dist/browser, or straight from the source. */
function rootFolder(): string {
  return path.resolve(import.meta.dirname, import.meta.filename.endsWith('.ts') ? '../../..' : '../..');
}

function end(code: number, sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exit(code);
}
