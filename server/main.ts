import { join, resolve } from 'node:path';
import { attachmentLimit } from '../shared/entities/attached-content.ts';
import type { Clock } from '../shared/lib/clock.ts';
import { createApp } from './app.ts';
import { ensureOrganisation } from './first-start.ts';
import { readOptions } from './options.ts';
import { createContentFolder } from './store/content-folder.ts';
import { openEngine } from './store/engine.ts';
import { createFileStore } from './store/file-store.ts';
import { proveIsolation } from './store/self-test.ts';
import { startUpkeep } from './upkeep.ts';

const systemClock: Clock = {
  now: () => Date.now(),
  today: () => new Date().toISOString().slice(0, 10),
  dayOf: (instant) => instant.slice(0, 10),
};

try {
  await start();
} catch (error) {
  say(error instanceof Error ? error.message : 'The server could not start.');
  process.exitCode = 1;
}

/** Start order only. */
async function start(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  if ('problem' in options) {
    say(options.problem);
    process.exitCode = 2;
    return;
  }
  const { databaseUrl, dataKey, data, port, host } = options;
  const folder = resolve(process.env['INIT_CWD'] ?? '', data);
  const attachments = resolve(process.env['INIT_CWD'] ?? '', options.attachments ?? join(folder, 'attachments'));
  const engine = await openEngine({ folder, databaseUrl, dataKey });
  try {
    await proveIsolation(engine.db);
    const files = createFileStore(engine, createContentFolder(attachments, attachmentLimit), () => systemClock.now());
    const organisation = await ensureOrganisation(engine, process.env, systemClock);
    const app = await createApp({
      ...options,
      store: engine,
      files,
      clock: systemClock,
      onFault: ({ method, route, error }) => say(`${method} ${route} failed: ${faultOf(error)}`),
      onDamagedFile: ({ organisation, sha256, state }) =>
        say(`The attached file ${sha256} of organisation ${organisation} is ${state} in ${attachments}. Put it back from a backup.`),
    });
    const endUpkeep = startUpkeep(files, (error) => say(`Tidying up the attached files failed: ${faultOf(error)}`));
    const url = await app.listen({ port, host });
    const stop = async () => {
      await app.close();
      await endUpkeep();
      await engine.close();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(
        signal,
        () =>
          void stop().then(
            () => process.exit(0),
            () => process.exit(1),
          ),
      );
    process.stdout.write(`${JSON.stringify({ ready: true, url, organisation })}\n`);
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Where it failed, not what was said: messages of a database quote values. */
function faultOf(error: unknown): string {
  return error instanceof Error ? `${error.name} ${error.stack?.split('\n    at ').slice(1, 6).join(' < ')}` : typeof error;
}

function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
