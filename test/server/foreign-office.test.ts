import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { openPostgres } from '../../server/store/postgres.ts';
import { noTrouble, serve } from '../remotes/support/stand-in.ts';
import { summitStandIn } from '../remotes/support/summit.stand-in.ts';
import { connectFile, type FolderLaptop, folderLaptop } from '../sync/support/folder-laptop.ts';
import { dataKey } from './support/data-key.ts';
import { databaseOf } from './support/database-of.ts';
import { command, firstStart, freshFolder, start, tidyUp } from './support/server-process.ts';
import { password } from './support/test-server.ts';

tidyUp();

const email = firstStart.FIELDBOOK_ADMIN_EMAIL;
const poll = { timeout: 120_000, interval: 100 };

/** Three server processes on one PostgreSQL, laptops that know these alone, and a Summit that one process at a time speaks to. */
async function office() {
  const databaseUrl = inject('postgres').owned[databaseOf.foreignOffice] as string;
  const folder = freshFolder();
  const env = { ...firstStart, DATABASE_URL: databaseUrl, FIELDBOOK_DATA_KEY: dataKey, SUMMIT_TOKEN: 'what signs in there' };
  const servers = [await start(['--data', folder], env), await start(['--data', folder], env), await start(['--data', folder], env)];
  const [summit, faulted] = [summitStandIn({ token: env.SUMMIT_TOKEN }), noTrouble()];
  const served = await serve(summit, faulted);
  const { db, close } = openPostgres(databaseUrl);
  onTestFinished(async () => {
    await served.close();
    await close();
  });
  const file = join(folder, 'summit.json');
  writeFileSync(file, JSON.stringify({ kind: 'summit', url: served.url, signIn: { tokenFrom: 'env:SUMMIT_TOKEN' } }));
  const remote = (...words: string[]) => command(['remote', ...words, '--data', folder], env);
  expect(await remote('connect', '--file', file, '--email', email, '--every', '1m')).toMatchObject({ code: 0, said: '' });
  // Nobody may ask for it more often than once a minute: after the first cycle, which knows how often it was told to come, it is hurried.
  const met = () => db.selectFrom('remotes').select(['holder', 'last_at']).executeTakeFirstOrThrow();
  await expect.poll(met, poll).toEqual({ holder: null, last_at: expect.any(Number) });
  await db.updateTable('remotes').set({ every_ms: 1_000, due_at: 0 }).execute();
  const laptop = async (name: string, at: number) => {
    const made = folderLaptop(name, password);
    expect(await made.sync({ connect: connectFile(made.folder, servers[at]?.url ?? '', email) })).toMatchObject({ code: 0 });
    return made;
  };
  /** Whichever of the processes has it in hand; null between cycles. */
  const holder = async () => {
    const { holder: who } = await db.selectFrom('remotes').select('holder').executeTakeFirstOrThrow();
    return servers.find(({ child }) => who?.endsWith(`process ${child.pid}`) === true) ?? null;
  };
  return { servers, summit, faulted, remote, laptop, holder };
}

const make = (laptop: FolderLaptop, names: readonly string[]) =>
  laptop.edit(async ({ clients }) => {
    for (const name of names) await clients.create({ name });
  });
const clientsOf = async (laptop: FolderLaptop) =>
  [...(await laptop.records())]
    .filter(([key, record]) => key.startsWith('clients/') && record.deletedAt === null)
    .map(([, record]) => record as unknown as { name: string; externalIds: Record<string, string> }); // clients are all that is asked for here

it('is met by one of three server processes, and by another when that one is killed in the middle of a cycle', async () => {
  const { servers, summit, faulted, remote, laptop, holder } = await office();
  const [ada, bob] = [await laptop('Ada', 0), await laptop('Bob', 1)];
  const posts = () => faulted.calls.filter(({ method }) => method === 'POST').length;
  const at = () =>
    summit
      .rows('clients')
      .map((row) => String(row['name']))
      .toSorted();
  summit.add('clients', { name: 'Theirs' });
  await make(ada, ['A', 'B', 'C']);
  await make(bob, ['D', 'E', 'F']);
  for (const one of [ada, bob]) expect(await one.sync()).toMatchObject({ code: 0 });
  await expect.poll(at, poll).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'Theirs']);
  // What came goes on to every laptop, with the ids that the system gave.
  await expect
    .poll(async () => {
      expect(await ada.sync()).toMatchObject({ code: 0 });
      return (await clientsOf(ada))
        .filter(({ externalIds }) => Object.keys(externalIds).length === 1)
        .map(({ name }) => name)
        .toSorted();
    }, poll)
    .toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'Theirs']);
  expect(posts()).toBe(6);

  // The third of six is made, and its answer does not come before whoever asked for it is killed.
  const before = posts();
  faulted.trouble = ({ method }) => (method === 'POST' && posts() === before + 3 ? { kind: 'slow', ms: 600_000 } : null);
  await make(bob, ['G', 'H', 'I', 'J', 'K', 'L']);
  expect(await bob.sync()).toMatchObject({ code: 0 });
  await expect.poll(posts, poll).toBe(before + 3);
  const dying = await holder();
  expect(dying).not.toBeNull();
  expect(await dying?.end('SIGKILL')).toBeNull();
  faulted.trouble = () => null;
  const all = [...'ABCDEFGHIJKL', 'Theirs'];
  await expect.poll(at, poll).toEqual(all);
  expect(posts()).toBe(12);
  // Another process did it, and goes on.
  const alive = servers.filter((one) => one !== dying);
  expect(alive.every(({ child }) => child.exitCode === null)).toBe(true);
  await expect.poll(async () => (await remote('list')).out, poll).toMatch(/summit .* synced/);
  // One laptop's server may be the one that was killed.
  await expect
    .poll(async () => {
      const fresh = await laptop('Eve', servers.indexOf(alive[0] ?? expect.fail()));
      return (await clientsOf(fresh)).map(({ name }) => name).toSorted();
    }, poll)
    .toEqual(all);
  // A server that is told to stop lets go of it at once, and whoever is left has it.
  expect(await alive[0]?.end('SIGTERM')).toBe(0);
  summit.add('clients', { name: 'Last' });
  const url = alive[1]?.url ?? '';
  await expect
    .poll(
      async () =>
        (
          await laptop(
            'Last',
            servers.findIndex((one) => one.url === url),
          )
        )
          .records()
          .then((all) => [...all.values()].length),
      poll,
    )
    .toBeGreaterThan(13);
  expect(posts()).toBe(12);
});
