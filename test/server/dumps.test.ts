import { cpSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sourceOf } from '../../server/operations/backup.ts';
import { createDumps, dumpFolder, dumpsIn, newestGoodDump } from '../../server/operations/dumps.ts';
import type { Engine } from '../../server/store/engine.ts';
import { fixedClock } from '../../shared/lib/clock.ts';
import { addClients, everything, ownDatabases, told, withEngine } from './support/databases.ts';
import { madeForReal } from './support/empty-cluster.ts';
import { call, command, keptFolder, run, start, tidyUp, tokenFor } from './support/server-process.ts';

tidyUp();
const databases = ownDatabases();

async function aChange(engine: Engine): Promise<void> {
  const [organisation] = await engine.db.selectFrom('organisations').select('organisation_id').orderBy('number').execute();
  await addClients(engine, String(organisation?.organisation_id), 1);
}

describe('Dumps of the embedded database', () => {
  it('are made when something changed, and only then', async () => {
    const where = await databases.filled('pglite', 3);
    const clock = fixedClock('2024-05-03T10:00:00.000Z');
    await withEngine(where, async (engine) => {
      const source = await sourceOf(engine.db, clock);
      const dumps = createDumps(where.folder, source);
      const first = await dumps.make();
      expect(dumpsIn(where.folder)).toEqual(['2024-05-03T10-00-00-000Z.ndjson.gz']);
      clock.moveTo('2024-05-03T11:00:00.000Z');
      expect(await dumps.make()).toBe(first);
      // Somebody who signs in changes nothing that a dump holds.
      await engine.db.updateTable('sessions').set({ used_at: '2024' }).execute();
      expect(await dumps.make()).toBe(first);
      await aChange(engine);
      expect(await dumps.make()).not.toBe(first);
      // Also where the program was started anew, or the clock went back.
      clock.moveTo('2024-05-03T09:00:00.000Z');
      const again = createDumps(where.folder, source);
      await again.make();
      expect(dumpsIn(where.folder)).toHaveLength(2);
      await aChange(engine);
      await Promise.all([again.make(), again.make(), again.make()]);
      expect(dumpsIn(where.folder)).toEqual([
        '2024-05-03T11-00-00-001Z.ndjson.gz',
        '2024-05-03T11-00-00-000Z.ndjson.gz',
        '2024-05-03T10-00-00-000Z.ndjson.gz',
      ]);
    });
  });

  it('stay: 24 newest ones, and the newest of each of 30 days', async () => {
    const where = await databases.filled('pglite', 3);
    const clock = fixedClock('2024-01-01T00:00:00.000Z');
    await withEngine(where, async (engine) => {
      const dumps = createDumps(where.folder, await sourceOf(engine.db, clock));
      const at = async (instant: string) => {
        clock.moveTo(instant);
        await aChange(engine);
        await dumps.make();
      };
      for (let day = 1; day <= 40; day += 1) await at(new Date(Date.UTC(2024, 0, day, 12)).toISOString());
      for (let hour = 0; hour < 24; hour += 1) await at(new Date(Date.UTC(2024, 1, 10, hour)).toISOString());
    });
    const names = dumpsIn(where.folder);
    expect(names.filter((name) => name.startsWith('2024-02-10'))).toHaveLength(24);
    expect(new Set(names.map((name) => name.slice(0, 10))).size).toBe(30);
    expect(names).toHaveLength(24 + 29);
  });

  it('leave no half file where one breaks off', async () => {
    const where = await databases.filled('pglite', 3);
    await withEngine(where, async (engine) => {
      const dumps = createDumps(where.folder, await sourceOf(engine.db, fixedClock('2024-05-03T10:00:00.000Z')));
      await expect(dumps.make(AbortSignal.abort())).rejects.toThrow('aborted');
      expect(readdirSync(dumpFolder(where.folder))).toEqual([]);
      await dumps.make();
      expect(dumpsIn(where.folder)).toHaveLength(1);
    });
  });
});

describe('A server on the embedded database', () => {
  it('dumps at its start, by time and at its end', async () => {
    const where = await databases.filled('pglite', 3);
    const { args, env } = told(where);
    const server = await start([...args, '--dump-every', '1s'], env);
    const atLeast = async (count: number) => {
      await expect.poll(() => dumpsIn(where.folder).length, { timeout: 60_000 }).toBeGreaterThanOrEqual(count);
    };
    await atLeast(1);
    const token = await tokenFor(server.url, 'admin@north.example.com');
    const make = async (name: string) => expect((await call(server.url, 'POST', '/api/clients', token, { name })).status).toBe(201);
    await make('By time');
    await atLeast(2);
    await make('At the end');
    expect(await server.end('SIGTERM')).toBe(0);
    const [newest] = dumpsIn(where.folder);
    expect((await newestGoodDump(where.folder))?.file).toContain(newest);
    const said = await command(['restore', join(dumpFolder(where.folder), String(newest)), ...args, '--replace'], env);
    expect(said).toMatchObject({ code: 0, out: expect.stringContaining('Restored 12 records') });
    expect(server.said()).toBe('');
  });

  it('that cannot dump says so, goes on, and dumps when it can', async () => {
    const where = await databases.filled('pglite', 3);
    const { args, env } = told(where);
    writeFileSync(dumpFolder(where.folder), 'in the way');
    const server = await start([...args, '--dump-every', '1s'], env);
    await expect.poll(() => server.said(), { timeout: 60_000 }).toMatch(/^No dump could be made: Error EEXIST /);
    expect((await call(server.url, 'GET', '/readyz', null)).status).toBe(200);
    rmSync(dumpFolder(where.folder));
    await expect.poll(() => dumpsIn(where.folder).length, { timeout: 60_000 }).toBe(1);
    expect(await server.end('SIGTERM')).toBe(0);
  });

  const damages: Readonly<Record<string, (pgdata: string) => void>> = {
    'without its version file': (pgdata) => rmSync(join(pgdata, 'PG_VERSION')),
    'with an empty control file': (pgdata) => writeFileSync(join(pgdata, 'global', 'pg_control'), Buffer.alloc(8192)),
    'gone altogether': (pgdata) => rmSync(pgdata, { recursive: true }),
    'with nothing in it': (pgdata) => {
      for (const name of readdirSync(pgdata)) rmSync(join(pgdata, name), { recursive: true });
    },
    'with pages overwritten': (pgdata) => {
      for (const name of readdirSync(join(pgdata, 'base'), { recursive: true, encoding: 'utf8' })) {
        const path = join(pgdata, 'base', name);
        if (!/\d$/.test(path) || readdirSync(join(pgdata, 'base')).includes(name)) continue;
        const bytes = readFileSync(path);
        if (bytes.length > 16_384) writeFileSync(path, bytes.fill(0xff, 8192, 12_288));
      }
    },
  };

  describe('with damage', () => {
    const { folder: model, keep } = keptFolder();
    let before: Awaited<ReturnType<typeof everything>>;
    beforeAll(async () => {
      const where = await databases.filled('pglite', 3);
      before = await withEngine(where, async (engine) => {
        await createDumps(where.folder, await sourceOf(engine.db, fixedClock('2024-05-03T10:00:00.000Z'))).make();
        return everything(engine);
      });
      keep(where.folder);
      // A newer one that is torn is not offered.
      const [whole] = dumpsIn(model);
      cpSync(join(dumpFolder(model), String(whole)), join(dumpFolder(model), '2099-01-01T00-00-00-000Z.ndjson.gz'));
      truncateSync(join(dumpFolder(model), '2099-01-01T00-00-00-000Z.ndjson.gz'), 300);
    }, 120_000);

    it.each(Object.entries(damages))('%s, does not start, and names the dump to put back', async (_, damage) => {
      const where = await databases.bare('pglite');
      cpSync(model, where.folder, { recursive: true });
      const { args, env } = told(where);
      damage(join(where.folder, 'pgdata'));
      const refused = await start(args, env);
      expect(await refused.ended).toBe(1);
      const [, offered] =
        /^The newest whole dump is of 2024-05-03T10:00:00.000Z\. Put it back with: npm run server -- (.*)$/m.exec(refused.said()) ?? [];
      // What the sentence says, word by word.
      expect(await command(String(offered).split(' '), env)).toMatchObject({
        code: 0,
        out: expect.stringContaining('Restored 10 records'),
      });
      expect((await withEngine(where, everything)).rows).toEqual(before.rows);
    });
  });

  it('does not go on with a database that lacks what its newest dump has', async () => {
    const where = await databases.filled('pglite', 3);
    const { args, env } = told(where);
    const older = join(where.folder, 'older');
    cpSync(join(where.folder, 'pgdata'), older, { recursive: true });
    const server = await start(args, env);
    const token = await tokenFor(server.url, 'admin@north.example.com');
    expect((await call(server.url, 'POST', '/api/clients', token, { name: 'Lost by the disk' })).status).toBe(201);
    expect(await server.end('SIGTERM')).toBe(0);
    rmSync(join(where.folder, 'pgdata'), { recursive: true });
    renameSync(older, join(where.folder, 'pgdata'));

    const refused = await start(args, env);
    expect(await refused.ended).toBe(1);
    expect(refused.said()).toContain('lacks changes that its newest dump has');
    const [newest, ...others] = dumpsIn(where.folder);
    // Going on all the same is a decision.
    const aside = join(where.folder, 'aside');
    renameSync(join(dumpFolder(where.folder), String(newest)), aside);
    expect(others).toHaveLength(1);
    const on = await start(args, env);
    expect(on.ready).not.toBeNull();
    await on.end('SIGKILL');
    renameSync(aside, join(dumpFolder(where.folder), String(newest)));
    const restored = await command(['restore', join(dumpFolder(where.folder), String(newest)), '--replace', ...args], env);
    expect(restored.code).toBe(0);
    const again = await start(args, env);
    const found = await call(again.url, 'GET', '/api/clients', await tokenFor(again.url, 'admin@north.example.com'));
    expect(found.json()).toMatchObject({ meta: { total: 4 } });
  });

  it('that is killed while its folder is made, or while a restore changes places, starts with the one or the other', async () => {
    const where = await databases.filled('pglite', 3);
    const { args, env } = told(where);
    const at = (name: string) => join(where.folder, name);
    // A restore that stopped between its two renames.
    renameSync(at('pgdata'), at('pgdata.restored'));
    cpSync(at('pgdata.restored'), at('pgdata.before-x'), { recursive: true });
    const server = await start(args, env);
    expect(server.ready).not.toBeNull();
    await server.end('SIGKILL');
    // One that stopped before the first.
    cpSync(at('pgdata'), at('pgdata.restored'), { recursive: true });
    rmSync(at('pgdata.restored/PG_VERSION'));
    // One that had not come far.
    cpSync(at('pgdata.restored'), at('pgdata.making'), { recursive: true });
    const again = await start(args, env);
    expect(again.ready).not.toBeNull();
    expect(
      readdirSync(where.folder)
        .filter((name) => name.startsWith('pgdata'))
        .toSorted(),
    ).toEqual(['pgdata', 'pgdata.before-x']);
    expect(await again.end('SIGTERM')).toBe(0);
  });

  it('refuses no start because of a first start that was killed', async () => {
    const where = await databases.bare('pglite');
    const { args, env } = told(where);
    const first = {
      ...env,
      ...madeForReal,
      FIELDBOOK_ORG: 'North',
      FIELDBOOK_ADMIN_EMAIL: 'ada@example.com',
      FIELDBOOK_ADMIN_PASSWORD: 'a long enough password',
    };
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const server = run(['--port', '0', ...args], first);
      await expect
        .poll(() => readdirSync(where.folder).some((name) => name.startsWith('pgdata')), { interval: 5, timeout: 60_000 })
        .toBe(true);
      await server.end('SIGKILL');
    }
    expect((await start(args, first)).ready).not.toBeNull();
  });
});
