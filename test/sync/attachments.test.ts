// Rules (docs/sync-protocol.md): S1, S16
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createAttachments } from '../../electron/database/attachments.ts';
import { systemClock } from '../../electron/system-clock.ts';
import { limits } from '../../shared/sync/wire.ts';
import { password } from '../server/support/test-server.ts';
import { quietLog } from '../support/opened-book.ts';
import { connectFile, folderLaptop, type FolderLaptop } from './support/folder-laptop.ts';
import { sharedSyncServer } from './support/sync-server.ts';

const server = sharedSyncServer(systemClock);
let companies = 0;

async function twoLaptops(): Promise<{ ada: FolderLaptop; bob: FolderLaptop }> {
  const { url, organisation } = await server();
  companies += 1;
  const { email } = await organisation(`company-${companies}`);
  const [ada, bob] = [folderLaptop('Ada', password), folderLaptop('Bob', password)];
  expect(await ada.sync({ connect: connectFile(ada.folder, url, email) })).toMatchObject({ code: 0 });
  expect(await bob.sync({ connect: connectFile(bob.folder, url, email) })).toMatchObject({ code: 0 });
  return { ada, bob };
}

/** A photo taken in the field: on this laptop, named by an activity. */
async function attach(laptop: FolderLaptop, bytes: Buffer): Promise<string> {
  const attachments = createAttachments(laptop.folder, { log: quietLog });
  const { sha256, size, mediaType } = await attachments.take(
    (async function* () {
      yield bytes;
    })(),
    bytes.length,
  );
  await laptop.edit(async ({ clients }, book) => {
    const { record } = await clients.create({ name: 'North Depot' });
    await book.run('attachments.add', null, (tx) =>
      tx.set(
        'activities',
        tx.create('activities', { kind: 'attachment', about: 'clients', aboutId: record.id, fileName: 'photo.bin' }).id,
        {
          sha256,
          size,
          mediaType,
        },
      ),
    );
  });
  return sha256;
}

const stateOn = (laptop: FolderLaptop, sha256: string) => createAttachments(laptop.folder, { log: quietLog }).stateOf(sha256, null, true);

it('S16: what was attached on one laptop is whole on the other, in several pieces each way', async () => {
  const { ada, bob } = await twoLaptops();
  const bytes = randomBytes(limits.chunkBytes * 2 + 17);
  const sha256 = await attach(ada, bytes);
  expect(await ada.sync()).toMatchObject({ code: 0, receipt: { waiting: 0 } });
  expect(await bob.sync()).toMatchObject({ code: 0, receipt: { waiting: 0 } });
  expect(await stateOn(bob, sha256)).toBe('whole');
  expect(statSync(createAttachments(bob.folder, { log: quietLog }).pathOf(sha256)).size).toBe(bytes.length);
  expect(await stateOn(ada, sha256), 'it stays where it was taken').toBe('whole');
});
