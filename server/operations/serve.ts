import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { attachmentLimit } from '../../shared/nouns/activity/attached-content.ts';
import type { Clock } from '../../shared/lib/clock.ts';
import { createApp } from '../app.ts';
import { ensureOrganisation } from '../first-start.ts';
import type { ServeOptions } from '../options.ts';
import { faultOf, Refused } from '../refused.ts';
import { createOutboxWorker } from '../mail/outbox-worker.ts';
import { createRemoteWorker } from '../remotes/remote-worker.ts';
import { createContentFolder } from '../store/content-folder.ts';
import { DatabaseDamaged, type Engine, openEngine, type Where } from '../store/engine.ts';
import { createFileStore } from '../store/file-store.ts';
import { createLimits } from '../store/limits.ts';
import { announceServer } from '../store/presence.ts';
import { purge } from '../store/purge.ts';
import { proveIsolation } from '../store/self-test.ts';
import { isTurnedAway, unreachable } from '../store/unreachable.ts';
import { startUpkeep } from '../upkeep.ts';
import { doTask, readTask } from './administration.ts';
import { sourceOf } from './backup.ts';
import { createDumps, type Dumps, dumpsIn, howToRestore, refuseOlderThanDump } from './dumps.ts';

/** Orchestrators kill after ten seconds. Requests have the first part, a dump the next, closing what is left. */
const stopping = { requestsMs: 4_000, dumpMs: 8_000, allMs: 9_500 };

/** Start order. Resolves when the server serves; it ends by a signal. Throws `Refused` where it cannot start. */
export async function serve(where: Where, attachments: string, options: ServeOptions, env: NodeJS.ProcessEnv, clock: Clock): Promise<void> {
  const { engine, leave } = await (where.databaseUrl === null
    ? openFolder(where)
    : openPatiently(where, where.databaseUrl, options.waitMs));
  try {
    await proveIsolation(engine.db);
    const files = createFileStore(engine, createContentFolder(attachments, attachmentLimit), () => clock.now());
    const organisation = await ensureOrganisation(engine, env, clock);
    const { mailSettings: settings } = options;
    const fault = (error: unknown) => say(`Sending e-mails failed: ${faultOf(error)}`);
    const mail = settings === null ? null : createOutboxWorker({ store: engine, settings, clock, log: say, onFault: fault });
    const app = await createApp({
      ...options,
      store: engine,
      files,
      mail,
      clock,
      onFault: ({ method, route, error }) => say(`${method} ${route} failed: ${faultOf(error)}`),
      onDamagedFile: ({ organisation: of, sha256, state }) =>
        say(`The attached file ${sha256} of organisation ${of} is ${state} in ${attachments}. Put it back from a backup.`),
      ...(options.logsRequests && { onAnswered: (what) => say(JSON.stringify(what)) }),
    });
    const url = await app.listen({ port: options.port, host: options.host }).catch((error: unknown) => {
      throw cannotListen(error, options);
    });
    const remotes = createRemoteWorker({
      store: engine,
      clock,
      log: say,
      onFault: (error) => say(error instanceof Refused ? error.message : `Meeting a foreign system failed: ${faultOf(error)}`),
    });
    const endUpkeep = startUpkeep(
      [() => files.collect(), () => purge(engine.db, clock.now()), () => createLimits(engine.db, () => clock.now()).tidy()],
      (error) => say(`Tidying up failed: ${faultOf(error)}`),
    );
    const dumps = engine.hold === null ? null : await startDumps(engine, where, options, clock);
    onSignal(async () => {
      const began = performance.now();
      const left = (until: number) => Math.max(0, until - (performance.now() - began));
      const cut = setTimeout(() => app.server.closeAllConnections(), stopping.requestsMs);
      await Promise.all([mail?.close(), remotes.close(), app.close()]);
      clearTimeout(cut);
      await endUpkeep();
      await dumps?.(left(stopping.dumpMs));
      await leave();
      await engine.close();
    });
    if (!engine.isClosed)
      say(
        `Other people who use this computer can read ${where.folder}, and it cannot be closed to them. Give it to the user that runs the server.`,
      );
    process.stdout.write(`${JSON.stringify({ ready: true, url, organisation })}\n`);
  } catch (error) {
    await leave();
    await engine.close();
    if (error instanceof Refused || where.databaseUrl !== null) throw error;
    throw new Refused(`The server cannot start: ${faultOf(error)}\nIf the database is damaged: ${await howToRestore(where.folder)}`, {
      cause: error,
    });
  }
}

interface Opened {
  engine: Engine;
  leave: () => Promise<void>;
}

/** A database that is damaged, gone or behind is never gone on with in silence. */
async function openFolder(where: Where): Promise<Opened> {
  const { folder } = where;
  try {
    const engine = await openEngine(where, { whenMissing: dumpsIn(folder).length === 0 ? 'make' : 'refuse' });
    await refuseOlderThanDump(folder, engine.db).catch(async (error: unknown) => {
      await engine.close();
      throw error;
    });
    return { engine, leave: async () => {} };
  } catch (error) {
    if (error instanceof DatabaseDamaged) throw new Refused(`${error.message}\n${await howToRestore(folder)}`, { cause: error });
    throw error;
  }
}

/** A PostgreSQL that is started together with the server is up a little later. */
async function openPatiently(where: Where, databaseUrl: string, waitMs: number): Promise<Opened> {
  const until = performance.now() + waitMs;
  for (let pause = 250; ; pause = Math.min(pause * 2, 5_000)) {
    try {
      const leave = await announceServer(databaseUrl);
      const engine = await openEngine(where).catch(async (error: unknown) => {
        await leave();
        throw error;
      });
      return { engine, leave };
    } catch (error) {
      const place = new URL(databaseUrl).host;
      if (isTurnedAway(error))
        throw new Refused(
          `PostgreSQL at ${place} does not let the server in (${codeOf(error)}). Check user, password and database in DATABASE_URL.`,
          { cause: error },
        );
      const reason = unreachable(error);
      if (reason === null) throw error;
      const left = until - performance.now();
      if (left <= 0)
        throw new Refused(
          `PostgreSQL at ${place} does not answer (${reason}). Check that it runs and that DATABASE_URL is right; --wait says how long to wait for it.`,
          { cause: error },
        );
      if (pause === 250) say(`PostgreSQL at ${place} does not answer yet (${reason}). Trying again for ${Math.ceil(left / 1000)} s.`);
      await wait(Math.min(pause, left));
    }
  }
}

/** Dumps by time, and what other commands ask of the server that holds the folder. Answers how to end with a dump. */
async function startDumps(
  engine: Engine,
  where: Where,
  { dumpEveryMs }: ServeOptions,
  clock: Clock,
): Promise<(withinMs: number) => Promise<void>> {
  const dumps = createDumps(where.folder, await sourceOf(engine.db, clock));
  engine.hold?.answerWith((question) => answerTo(question, engine, dumps, clock));
  if (dumpEveryMs === null) return async () => {};
  const ending = new AbortController();
  const sayWhy = async (error: unknown) => {
    say(`No dump could be made: ${error instanceof Refused ? error.message : faultOf(error)}`);
    // What PostgreSQL calls a database that cannot be read as it was written.
    if (String(codeOf(error)).startsWith('XX')) say(`The database is damaged. ${await howToRestore(where.folder)}`);
  };
  const make = (signal: AbortSignal) =>
    dumps.make(signal).then(
      () => {},
      async (error: unknown) => {
        if (!ending.signal.aborted) return sayWhy(error);
      },
    );
  void make(ending.signal);
  const timer = setInterval(() => void make(ending.signal), dumpEveryMs);
  return async (withinMs) => {
    clearInterval(timer);
    const limit = setTimeout(() => {
      say('There was no time to dump what changed last. It is in the database, and in the dump after the next start.');
      ending.abort();
    }, withinMs);
    await make(ending.signal);
    clearTimeout(limit);
  };
}

async function answerTo(question: unknown, engine: Engine, dumps: Dumps, clock: Clock): Promise<object> {
  try {
    if (z.object({ command: z.literal('dump') }).safeParse(question).success) return { dump: await dumps.make() };
    return { said: await doTask(engine, readTask(question), clock) };
  } catch (error) {
    if (error instanceof Refused) return { refused: error.message };
    say(`A command failed: ${faultOf(error)}`);
    throw error;
  }
}

/** The first signal ends the server in good order, the second one at once. */
function onSignal(stop: () => Promise<void>): void {
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      setTimeout(() => {
        say('The server did not stop in time and is ended.');
        process.exit(1);
      }, stopping.allMs).unref();
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          say(`Stopping failed: ${faultOf(error)}`);
          process.exit(1);
        },
      );
    });
}

function cannotListen(error: unknown, { host, port }: ServeOptions): unknown {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new Refused(`Port ${port} of ${host} is in use by another program. Stop that one, or give --port another number.`, {
        cause: error,
      });
    case 'EACCES':
      return new Refused(`The server may not listen on port ${port}. Give --port a number from 1024 on.`, { cause: error });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new Refused(`${host} is no address of this machine. Give --host another one.`, { cause: error });
    default:
      return error;
  }
}

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;

function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
