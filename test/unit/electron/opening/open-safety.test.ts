import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { openBook } from '../../../../electron/opening/open-book.ts';
import { fixedClock } from '../../../../shared/lib/clock.ts';
import { quietLog } from '../../../support/opened-book.ts';
import { quietPlatform } from '../../../support/quiet-platform.ts';
import { folderBook } from '../database/backup-fixture.ts';
import { atEnd } from '../database/storage-fixture.ts';

const platformWith = (chromiumMajor: number | null) => quietPlatform({ kind: 'electron', chromiumMajor: () => chromiumMajor });

/** A data folder with one client, last used with version 1.0.0 and Chromium 150. */
async function usedFolder(): Promise<string> {
  const laptop = await folderBook();
  await laptop.add('North');
  await laptop.close();
  const manifest = { format: 1, token: 'token', appliedSeq: 0, counts: {}, newestStamp: null, chromiumMajor: 150, appVersion: '1.0.0' };
  await writeFile(join(laptop.folder, 'manifest.json'), JSON.stringify(manifest));
  return laptop.folder;
}

async function started(folder: string, version: string, chromiumMajor: number | null) {
  const options = { dataFolder: folder, version, clock: fixedClock('2026-03-05T09:00:00.000Z'), log: quietLog };
  const book = await openBook(platformWith(chromiumMajor), options, () => undefined);
  atEnd(() => book.close());
  return book;
}

/** Why there are the backups there are, from their names. */
const reasons = async (folder: string) =>
  (await readdir(join(folder, 'backups'))).flatMap((name) => /-([a-z]+)\.zip$/.exec(name)?.[1] ?? []);

it('backs up before a new version of the app, or another Chromium, has anything to do with the book', async () => {
  for (const [version, major] of [
    ['1.1.0', 150],
    ['1.0.0', 151],
    ['1.0.0', 149],
  ] as const) {
    const folder = await usedFolder();
    await started(folder, version, major);
    await vi.waitFor(async () => expect(await reasons(folder), `${version}, Chromium ${major}`).toEqual(['upgrade']));
  }
});

it('makes no such backup when nothing is new, or the Chromium is not known', async () => {
  for (const major of [150, null]) {
    const folder = await usedFolder();
    const book = await started(folder, '1.0.0', major);
    await book.close();
    expect(await reasons(folder)).toEqual(['quit']);
  }
});

it('backs up before an import begins, and not before what changes little', async () => {
  const folder = await usedFolder();
  const { backend } = await started(folder, '1.0.0', 150);
  await backend.call('clients.create', { name: 'South' });
  expect(await reasons(folder)).toEqual([]);
  await backend.call('imports.start', { fileId: 'none' });
  expect(await reasons(folder)).toEqual(['import']);
});
