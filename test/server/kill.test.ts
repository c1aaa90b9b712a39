import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { readArchive } from '../../server/operations/archive.ts';
import { backup } from '../../server/operations/backup.ts';
import { dumpFolder, dumpsIn } from '../../server/operations/dumps.ts';
import { schemas, type Where } from '../../server/store/engine.ts';
import { fixedClock } from '../../shared/lib/clock.ts';
import { everything, ownDatabases, told, withEngine } from './support/databases.ts';
import { madeForReal } from './support/empty-cluster.ts';
import { call, command, freshFolder, keptFolder, run, type Running, start, tidyUp, tokenFor } from './support/server-process.ts';
import { engines } from './support/test-server.ts';

tidyUp();
const databases = ownDatabases();
const clock = fixedClock('2024-05-04T08:00:00.000Z');
const CLIENTS = 4_000;
/** A soak looks at more moments (docs/sync-protocol.md). */
const isLong = process.env['FIELDBOOK_KILLS'] !== undefined;
const some = <T>(all: readonly T[], few: readonly number[]) => (isLong ? all : few.map((at) => all[at] as T));
const contentOf = (where: Where) => withEngine(where, async (engine) => (await everything(engine)).rows);

/** Kills a process at the moment that a state is there. Answers whether it was, before the process came to its end. */
async function killWhen(one: Running, isThere: () => boolean | Promise<boolean>): Promise<boolean> {
  let hasEnded = false;
  void one.ended.then(() => (hasEnded = true));
  while (!hasEnded) {
    if (await isThere()) {
      await one.end('SIGKILL');
      return one.child.signalCode === 'SIGKILL';
    }
    await new Promise((done) => setImmediate(done));
  }
  return false;
}

const sizeOf = (path: string) => {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
};
const unfinished = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.part'));

function sizeOfAll(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => sum + sizeOf(join(folder, name)), 0);
  } catch {
    return 0;
  }
}

describe.each(engines)('On %s', (engine) => {
  const { folder: kept, keep } = keptFolder();
  const file = join(kept, 'backup');
  let source: Where;
  let content: unknown;
  beforeAll(async () => {
    const where = await databases.filled(engine, CLIENTS);
    await backup(where, file, clock);
    content = await contentOf(where);
    if (engine === 'pglite') keep(where.folder);
    source = { ...where, folder: kept };
  }, 120_000);

  it('a backup that is killed leaves nothing under its name', async () => {
    const { args, env } = told(source);
    const folder = freshFolder();
    const whole = statSync(file).size;
    const parts = some([0, 0.3, 0.6, 0.9, 1], [0, 2, 4]);
    let kills = 0;
    for (const part of parts) {
      const target = join(folder, `backup-${part}`);
      const killed = await killWhen(run(['backup', target, ...args], env), () =>
        unfinished(folder).some((name) => name.startsWith(`backup-${part}.`) && sizeOf(join(folder, name)) >= part * whole * 0.99),
      );
      kills += Number(killed);
      if (readdirSync(folder).includes(`backup-${part}`)) await readArchive(target, schemas());
    }
    expect(kills).toBeGreaterThanOrEqual(parts.length - 1);
    expect(await command(['backup', join(folder, 'last'), ...args], env)).toMatchObject({ code: 0 });
    await readArchive(join(folder, 'last'), schemas());
  });

  it('a restore that is killed leaves what was there, or all of the backup', async () => {
    const target = await databases.filled(engine, 5);
    const { args, env } = told(target);
    const before = await contentOf(target);
    const states = engine === 'pglite' ? statesOfFolder(target.folder) : await statesOfPostgres(String(target.databaseUrl));
    let kills = 0;
    let isRestored = false;
    for (const isThere of states.all) {
      if (await killWhen(run(['restore', file, '--replace', ...args], { ...env, ...madeForReal }), isThere)) kills += 1;
      const now = await contentOf(target);
      isRestored ||= JSON.stringify(now) === JSON.stringify(content);
      expect(now).toEqual(isRestored ? content : before);
    }
    await states.end();
    expect(kills).toBeGreaterThanOrEqual(isLong ? 3 : 2);
    expect(await command(['restore', file, '--replace', ...args], env)).toMatchObject({ code: 0 });
    expect(await contentOf(target)).toEqual(content);
  });
});

/** How far a restore has come, seen in its folder. */
function statesOfFolder(folder: string) {
  const making = join(folder, 'pgdata.making');
  // An empty database has about 40 MB.
  const grown = (megabytes: number) => () => sizeOfAll(making) > megabytes * 1024 * 1024;
  const all = [grown(1), grown(45), grown(60), () => readdirSync(folder).includes('pgdata.restored')];
  return { all: some(all, [0, 2, 3]), end: async () => {} };
}

/** How far a restore has come, seen by another connection. */
async function statesOfPostgres(databaseUrl: string) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const runs = (words: string) => async () => {
    const { rows } = await client.query(
      'select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and query like $1',
      [`${words}%`],
    );
    return rows.length > 0;
  };
  return {
    all: some(
      ['drop table', 'create table', 'insert into "records"', 'insert into "terms"', 'fetch', 'analyze', 'commit'].map(runs),
      [0, 2, 3, 6],
    ),
    end: () => client.end(),
  };
}

describe('A server on the embedded database', () => {
  it('that is killed amid dumps leaves only whole ones', async () => {
    const where = await databases.filled('pglite', CLIENTS);
    const { args, env } = told(where);
    const folder = dumpFolder(where.folder);
    const sizes = some([0, 1, 100_000, 400_000], [1, 3]);
    let kills = 0;
    for (const size of sizes) {
      const server = await start([...args, '--dump-every', '1s'], env);
      const token = await tokenFor(server.url, 'admin@north.example.com');
      let isWriting = true;
      const writing = (async () => {
        while (isWriting) await call(server.url, 'POST', '/api/clients', token, { name: 'Amid dumps' }).catch(() => (isWriting = false));
      })();
      if (await killWhen(server, () => unfinished(folder).some((name) => sizeOf(join(folder, name)) >= size))) kills += 1;
      isWriting = false;
      await writing;
      for (const name of dumpsIn(where.folder)) await readArchive(join(folder, name), schemas());
    }
    expect(kills).toBe(sizes.length);
    const last = await start(args, env);
    expect(last.ready).not.toBeNull();
    expect(await last.end('SIGTERM')).toBe(0);
    expect(unfinished(folder)).toEqual([]);
  });
});
