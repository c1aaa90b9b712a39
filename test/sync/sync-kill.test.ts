// Rules (docs/sync-protocol.md): S1, S2, S3
import { expect, it } from 'vitest';
import { firstStart, freshFolder, start, tidyUp } from '../server/support/server-process.ts';
import { password } from '../server/support/test-server.ts';
import { titleOf } from '../../shared/nouns/nouns.ts';
import type { StoredRecord } from '../../shared/operations/record-layer.ts';
import { seededFrom } from '../support/seeded.ts';
import { connectFile, folderLaptop } from './support/folder-laptop.ts';

tidyUp();

const kills = Number(process.env['FIELDBOOK_KILLS'] ?? 8);
const seed = Number(process.env['FIELDBOOK_SEED'] ?? Date.now() % 1_000_000);

it(`killed ${kills} times amid its syncs, a laptop has lost and doubled nothing (seed ${seed})`, async () => {
  const random = seededFrom(seed);
  const server = await start(['--data', freshFolder()], firstStart);
  const [ada, bob] = [folderLaptop('Ada', password), folderLaptop('Bob', password)];
  for (const laptop of [ada, bob]) {
    const file = connectFile(laptop.folder, server.url, firstStart.FIELDBOOK_ADMIN_EMAIL);
    expect((await laptop.run(['--connect', file])).code).toBe(0);
  }
  const names: string[] = [];
  let killed = 0;
  for (let round = 0; round < kills; round += 1) {
    const laptop = random.pick([ada, bob]);
    await laptop.edit(async ({ clients }) => {
      for (let at = 0; at < 40; at += 1) {
        const name = `${laptop === ada ? 'ada' : 'bob'} ${round} ${at}`;
        await clients.create({ name });
        names.push(name);
      }
    });
    const { code } = await laptop.run(['--sync-once'], 200 + random.below(1500));
    if (code === null) killed += 1;
  }
  for (const laptop of [ada, bob, ada]) expect((await laptop.sync()).receipt).toMatchObject({ state: 'synced', waiting: 0, conflicts: 0 });
  const [mine, theirs] = [await ada.records(), await bob.records()];
  expect(mine).toEqual(theirs);
  const there = [...mine.keys()]
    .filter((key) => key.startsWith('clients/'))
    .map((key) => titleOf('clients', mine.get(key) as StoredRecord));
  expect(there.toSorted()).toEqual(names.toSorted());
  expect(killed, 'a sync that is over before the kill proves nothing').toBeGreaterThan(0);
});
