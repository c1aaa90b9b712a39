import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { firstStart, freshFolder, start, tidyUp } from '../server/support/server-process.ts';
import { password } from '../server/support/test-server.ts';
import { connectFile, type FolderLaptop, folderLaptop, secret } from '../sync/support/folder-laptop.ts';
import { noTrouble, serve } from './support/stand-in.ts';
import { summitStandIn } from './support/summit.stand-in.ts';

tidyUp();

/** An organisation whose laptops know our server alone: one data folder beside that server is the only one that speaks to Summit. */
async function organisation() {
  const server = await start(['--data', freshFolder()], firstStart);
  const [summit, faulted] = [summitStandIn({ token: password }), noTrouble()];
  const served = await serve(summit, faulted);
  onTestFinished(() => served.close());
  const own = (laptop: FolderLaptop) => connectFile(laptop.folder, server.url, firstStart.FIELDBOOK_ADMIN_EMAIL);
  const gateway = folderLaptop('Gateway', password);
  const foreign = join(gateway.folder, 'summit.json');
  writeFileSync(foreign, JSON.stringify({ kind: 'summit', url: served.url, signIn: { tokenFrom: `env:${secret}` }, direction: 'both' }));
  for (const connect of [own(gateway), foreign]) expect(await gateway.sync({ connect }), connect).toMatchObject({ code: 0 });
  const laptop = async (name: string) => {
    const made = folderLaptop(name, password);
    expect(await made.sync({ connect: own(made) })).toMatchObject({ code: 0 });
    return made;
  };
  return { summit, faulted, gateway, laptop };
}

const clientsOf = async (laptop: FolderLaptop) =>
  [...(await laptop.records())]
    .filter(([key, record]) => key.startsWith('clients/') && record.deletedAt === null)
    .map(([, record]) => record as unknown as { id: string; name: string; externalIds: Record<string, string> }); // clients are all that is asked for here
const namesOf = async (laptop: FolderLaptop) => (await clientsOf(laptop)).map(({ name }) => name).toSorted();
const make = (laptop: FolderLaptop, name: string) => laptop.edit(async ({ clients }) => (await clients.create({ name })).record.id);

it('is one whose laptops hold the same as the foreign system, though one folder alone speaks to it', async () => {
  const { summit, faulted, gateway, laptop } = await organisation();
  const [ada, bob] = [await laptop('Ada'), await laptop('Bob')];
  const at = () =>
    summit
      .rows('clients')
      .map((row) => String(row['name']))
      .toSorted();
  const theirs = summit.add('clients', { name: 'Theirs', phone: '555-0101' });
  await make(ada, 'Of Ada');
  await make(bob, 'Of Bob');
  /** Each laptop sends, the folder beside the server carries it on, and each laptop hears of it. */
  const round = async () => {
    for (const one of [ada, bob, gateway, gateway, ada, bob]) expect(await one.sync()).toMatchObject({ code: 0 });
  };
  await round();
  const all = ['Of Ada', 'Of Bob', 'Theirs'];
  expect(at()).toEqual(all);
  for (const one of [ada, bob, gateway]) expect(await namesOf(one)).toEqual(all);
  expect(faulted.calls.filter(({ method }) => method === 'POST')).toHaveLength(2);

  // Changed on a laptop, there, and deleted there: it goes the same way.
  const mine = (await clientsOf(bob)).find(({ name }) => name === 'Theirs');
  expect(Object.values(mine?.externalIds ?? {})).toEqual([theirs]);
  await bob.edit(async ({ clients }) => clients.change(mine?.id ?? '', { name: 'Theirs & Co' }));
  const ofAda = String(summit.rows('clients').find((row) => row['name'] === 'Of Ada')?.['id']);
  summit.remove('clients', ofAda);
  await round();
  expect(at()).toEqual(['Of Bob', 'Theirs & Co']);
  for (const one of [ada, bob, gateway]) expect(await namesOf(one)).toEqual(['Of Bob', 'Theirs & Co']);
  const calls = faulted.calls.length;
  await round();
  // Two cycles of the folder, with nothing new: a page each, and nothing of the laptops.
  expect(faulted.calls.length - calls).toBe(2);

  // One process at a time: the folder is the first one's, and the others say so and send nothing.
  for (const name of ['A', 'B', 'C', 'D', 'E', 'F']) await make(gateway, name);
  const sent = faulted.calls.length;
  const runs = await Promise.all([1, 2, 3].map(() => gateway.run(['--sync-once'])));
  expect(runs.some(({ code }) => code === 0)).toBe(true);
  for (const { code, err } of runs.filter((one) => one.code !== 0)) {
    expect(code).toBe(1);
    expect(err).toMatch(/^[A-Z].*\.\s*$/s);
  }
  expect(at()).toHaveLength(8);
  expect(faulted.calls.slice(sent).filter(({ method }) => method === 'POST')).toHaveLength(6);
});
