import { resolve } from 'node:path';
import type { Clock } from '../shared/lib/clock.ts';
import { createApp } from './app.ts';
import { ensureOrganisation } from './first-start.ts';
import { readOptions } from './options.ts';
import { openEngine } from './store/engine.ts';
import { proveIsolation } from './store/self-test.ts';

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
  const engine = await openEngine({ folder: resolve(process.env['INIT_CWD'] ?? '', data), databaseUrl, dataKey });
  try {
    await proveIsolation(engine.db);
    const organisation = await ensureOrganisation(engine, process.env, systemClock);
    const app = await createApp({
      ...options,
      store: engine,
      clock: systemClock,
      // The stack and not the message: messages of a database quote values.
      onFault: ({ method, route, error }) =>
        say(`${method} ${route} failed: ${error.name} ${error.stack?.split('\n    at ').slice(1, 6).join(' < ')}`),
    });
    const url = await app.listen({ port, host });
    const stop = async () => {
      await app.close();
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

function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
