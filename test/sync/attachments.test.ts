// Rules (docs/sync-protocol.md): S1, S2, S16, S20
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createAttachments } from '../../electron/database/attachments.ts';
import { systemClock } from '../../electron/system-clock.ts';
import { limits } from '../../shared/sync/wire.ts';
import { password } from '../server/support/test-server.ts';
import { quietLog } from '../support/opened-book.ts';
import { type FaultLine, openFaultLine } from './support/fault-line.ts';
import { connectFile, folderLaptop, type FolderLaptop } from './support/folder-laptop.ts';
import { sharedSyncServer } from './support/sync-server.ts';

const server = sharedSyncServer(systemClock);
let companies = 0;

async function twoLaptops(): Promise<{ ada: FolderLaptop; bob: FolderLaptop; line: FaultLine }> {
  const { url, organisation } = await server();
  companies += 1;
  const { email } = await organisation(`company-${companies}`);
  const [ada, bob] = [folderLaptop('Ada', password), folderLaptop('Bob', password)];
  const line = await openFaultLine(url);
  expect(await ada.sync({ connect: connectFile(ada.folder, line.url, email) })).toMatchObject({ code: 0 });
  expect(await bob.sync({ connect: connectFile(bob.folder, url, email) })).toMatchObject({ code: 0 });
  return { ada, bob, line };
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
  const { ada, bob, line } = await twoLaptops();
  const bytes = randomBytes(limits.chunkBytes * 2 + 17);
  const sha256 = await attach(ada, bytes);
  expect(await ada.sync()).toMatchObject({ code: 0, receipt: { waiting: 0 } });
  expect(await bob.sync()).toMatchObject({ code: 0, receipt: { waiting: 0 } });
  expect(await stateOn(bob, sha256)).toBe('whole');
  expect(statSync(createAttachments(bob.folder, { log: quietLog }).pathOf(sha256)).size).toBe(bytes.length);
  expect(await stateOn(ada, sha256), 'it stays where it was taken').toBe('whole');
  await line.close();
});

it('S2, S20: a line that breaks amid a file is no end: it says that one waits, goes on from there, and is whole at last', async () => {
  const { ada, bob, line } = await twoLaptops();
  const sha256 = await attach(ada, randomBytes(limits.chunkBytes * 3));
  let sync = await ada.sync({ rehearse: true });
  expect(sync.receipt.sent.created).toBeGreaterThan(0);
  // The answer to a piece is lost again and again; the records went before.
  for (let at = 0; at < 6; at += 1) {
    line.break('after', at === 0 ? 38 : 2 + at);
    sync = await ada.sync();
    line.mend();
    if (sync.receipt.state === 'failed') expect(sync.receipt.waiting, 'what is not whole on the server waits').toBeGreaterThan(0);
  }
  expect(await ada.sync()).toMatchObject({ code: 0, receipt: { waiting: 0 } });
  await bob.sync();
  expect(await stateOn(bob, sha256)).toBe('whole');
  await line.close();
});
