// Rules (docs/sync-protocol.md): S1, S16
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { createAttachments } from '../../electron/database/attachments.ts';
import { systemClock } from '../../electron/system-clock.ts';
import { limits } from '../../shared/sync/wire.ts';
import { password } from '../server/support/test-server.ts';
import { quietLog } from '../support/opened-book.ts';
import { connectFile, folderLaptop, type FolderLaptop } from './support/folder-laptop.ts';
import { openFaultLine } from './support/fault-line.ts';
import { sharedSyncServer } from './support/sync-server.ts';

const server = sharedSyncServer(systemClock);
let companies = 0;

async function twoLaptops(adaBy?: string): Promise<{ ada: FolderLaptop; bob: FolderLaptop }> {
  const { url, organisation } = await server();
  companies += 1;
  const { email } = await organisation(`company-${companies}`);
  const [ada, bob] = [folderLaptop('Ada', password), folderLaptop('Bob', password)];
  expect(await ada.sync({ connect: connectFile(ada.folder, adaBy ?? url, email) })).toMatchObject({ code: 0 });
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

it('S16: an upload that broke off goes on where the server has it, whether the last piece arrived or only its answer was lost', async () => {
  const { answer } = await server();
  const pieces: { from: number; bytes: number }[] = [];
  let breakAt: { piece: number; isLostOnTheWay: boolean } | null = null;
  const line = await openFaultLine(async (request) => {
    if (request.method !== 'PATCH') return answer(request);
    const isBroken = pieces.length === breakAt?.piece;
    pieces.push({ from: Number(request.headers['upload-offset']), bytes: request.body.length });
    if (isBroken && breakAt?.isLostOnTheWay === true) throw new Error('It never arrived');
    const said = await answer(request);
    if (isBroken) throw new Error('Its answer is lost');
    return said;
  });
  onTestFinished(() => line.close());
  const { ada, bob } = await twoLaptops(line.url);
  for (const isLostOnTheWay of [true, false]) {
    pieces.length = 0;
    breakAt = { piece: 2, isLostOnTheWay };
    const bytes = randomBytes(limits.chunkBytes * 3 + 5);
    const sha256 = await attach(ada, bytes);
    const broken = await ada.sync();
    expect(broken, 'the record is there, and what was attached is said to wait').toMatchObject({
      code: 1,
      receipt: { state: 'failed', waiting: 1 },
    });
    expect(await ada.sync()).toMatchObject({ code: 0, receipt: { waiting: 0 } });
    const [lost, ...rest] = pieces.slice(2);
    expect(lost?.from).toBe(limits.chunkBytes * 2);
    expect(rest[0]?.from, 'no byte that the server has goes twice').toBe(limits.chunkBytes * (isLostOnTheWay ? 2 : 3));
    const sent = pieces.reduce((sum, one) => sum + one.bytes, 0);
    expect(sent).toBe(bytes.length + (isLostOnTheWay ? limits.chunkBytes : 0));
    expect(await bob.sync()).toMatchObject({ code: 0 });
    expect(await stateOn(bob, sha256)).toBe('whole');
  }
});
