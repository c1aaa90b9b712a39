import { fork } from 'node:child_process';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commitRestore, finishRestore, journalFence, prepareRestore } from '../../../../electron/database/backup-restore.ts';
import { openBackupStore } from '../../../../electron/database/backup-store.ts';
import { quietLog } from '../../../support/opened-book.ts';
import { seeded } from '../../../support/seeded.ts';
import { type FolderBook, folderBook } from './backup-fixture.ts';
import { fillUp } from './small-disk.ts';
import { temporaryFolder } from './storage-fixture.ts';
import { told } from '../../../support/plain-book.ts';

const about = { kind: 'restore', madeAt: '2026-03-04T09:00:00.000Z', backup: 'fieldbook-today.zip' } as const;

/** A book with a backup of a Monday, and things done since. */
async function afterMonday() {
  const laptop = await folderBook();
  const [first = ''] = await laptop.add('Monday one', 'Monday two');
  await laptop.book.run('clients.remove', null, (tx) => tx.remove('clients', first));
  const store = await openBackupStore(join(laptop.folder, 'backups'), quietLog);
  const monday = laptop.book.snapshot();
  const backup = await store.make('manual', laptop.source());
  await laptop.add('Tuesday one');
  await laptop.book.run('clients.restore', null, (tx) => tx.restore('clients', first));
  return { laptop, store, backup, monday, tuesday: laptop.book.snapshot() };
}

const opened = async (folder: string): Promise<FolderBook> => folderBook(folder);

describe('a restore', () => {
  it('puts the whole book of the backup in place, as a new replica with a device id of its own', async () => {
    const { laptop, store, backup, monday } = await afterMonday();
    await prepareRestore(laptop.folder, await store.open(backup.name), quietLog);
    await laptop.close();
    await commitRestore(laptop.folder, about);
    expect(await finishRestore(laptop.folder, quietLog)).toMatchObject(about);
    const restored = await opened(laptop.folder);
    expect(told(restored.book.snapshot())).toEqual(told(monday));
    expect(restored.files.notices).toEqual([]);
    expect(restored.files.opened.deviceId).not.toBe(laptop.files.opened.deviceId);
    expect(await readdir(laptop.folder)).not.toEqual(expect.arrayContaining(['restore', 'restore.json', 'manifest.json']));
    // History is there to be read, and work goes on behind the newest stamp.
    const ids = [...restored.book.snapshot().history.values()].flat();
    expect((await restored.files.findOperations(ids)).length).toBe(new Set(ids).size);
    const [id = ''] = await restored.add('After');
    expect(restored.book.get('clients', id)?.stamps['*']).toMatch(new RegExp(`-${restored.files.opened.deviceId}$`));
    expect(restored.book.get('clients', id)?.stamps['*']?.localeCompare(monday.newestStamp ?? '')).toBe(1);
    expect(restored.book.snapshot().seq).toBe(monday.seq + 1);
  });

  it('brings the settings of the backup, and leaves those that are here where it has none', async () => {
    const { laptop, store } = await afterMonday();
    const settings = join(laptop.folder, 'settings.json');
    const restore = async (name: string) => {
      await prepareRestore(laptop.folder, await store.open(name), quietLog);
      await commitRestore(laptop.folder, about);
      await finishRestore(laptop.folder, quietLog);
      return JSON.parse(await readFile(settings, 'utf8')) as unknown;
    };
    const without = await store.make('manual', laptop.source());
    const withThem = await store.make('manual', { ...laptop.source(), settings: { company: { name: 'North Ltd' } } });
    await laptop.close();
    await writeFile(settings, '{"company":{"name":"Lost"}}');
    expect(await restore(withThem.name)).toEqual({ company: { name: 'North Ltd' } });
    await writeFile(settings, '{"company":{"name":"Here"}}');
    expect(await restore(without.name)).toEqual({ company: { name: 'Here' } });
  });

  it('undone by its own backup brings everything done since back', async () => {
    const { laptop, store, backup, tuesday } = await afterMonday();
    await prepareRestore(laptop.folder, await store.open(backup.name), quietLog);
    const kept = await store.make('restore', laptop.source());
    await laptop.close();
    await commitRestore(laptop.folder, { ...about, backup: kept.name });
    await finishRestore(laptop.folder, quietLog);
    await prepareRestore(laptop.folder, await store.open(kept.name), quietLog);
    await commitRestore(laptop.folder, about);
    await finishRestore(laptop.folder, quietLog);
    expect(told((await opened(laptop.folder)).book.snapshot())).toEqual(told(tuesday));
  });

  it('that was prepared and not decided is cleared away at the next start', async () => {
    const { laptop, store, backup, tuesday } = await afterMonday();
    await prepareRestore(laptop.folder, await store.open(backup.name), quietLog);
    await laptop.close();
    expect(await finishRestore(laptop.folder, quietLog)).toBeNull();
    expect(told((await opened(laptop.folder)).book.snapshot())).toEqual(told(tuesday));
    expect(await readdir(laptop.folder)).not.toContain('restore');
  });

  it('is finished by the next start from wherever the one before was ended', async () => {
    const { laptop, store, backup, monday } = await afterMonday();
    await prepareRestore(laptop.folder, await store.open(backup.name), quietLog);
    await laptop.close();
    await commitRestore(laptop.folder, about);
    const program = join(import.meta.dirname, 'restore-program.ts');
    let kills = 0;
    for (const steps of [1, 2, 4, 5, 7, 9, 11]) {
      const folder = await temporaryFolder();
      await cp(laptop.folder, folder, { recursive: true });
      if (await wasKilled(program, folder, steps)) kills += 1;
      await finishRestore(folder, quietLog);
      expect(told((await opened(folder)).book.snapshot()), `ended after ${steps} steps`).toEqual(told(monday));
    }
    expect(kills).toBeGreaterThan(4);
  }, 120_000);

  it('from a damaged backup changes nothing and leaves nothing behind', async () => {
    const { laptop, store, backup, tuesday } = await afterMonday();
    const path = join(store.folder, backup.name);
    const bytes = await readFile(path);
    const random = seeded('restore damage');
    for (let round = 0; round < 20; round += 1) {
      const damaged = Buffer.from(bytes);
      damaged.fill(0, 60 + random.below(bytes.length / 2), bytes.length - 800);
      await writeFile(path, damaged);
      const restoring = async () => prepareRestore(laptop.folder, await store.open(backup.name), quietLog);
      await expect(restoring(), `seed ${random.seed}`).rejects.toMatchObject({ problem: { code: 'ARCHIVE_DAMAGED' } });
    }
    expect(await readdir(laptop.folder)).not.toContain('restore');
    expect(told(laptop.book.snapshot())).toEqual(told(tuesday));
  });

  it('onto a disk that is full says so and leaves the book as it was', async () => {
    const { laptop, store, backup, tuesday } = await afterMonday();
    const archive = await store.open(backup.name);
    const empty = await fillUp(500);
    await expect(prepareRestore(laptop.folder, archive, quietLog)).rejects.toMatchObject({ problem: { code: 'DISK_FULL' } });
    empty();
    await laptop.close();
    await finishRestore(laptop.folder, quietLog);
    expect(told((await opened(laptop.folder)).book.snapshot())).toEqual(told(tuesday));
  });
});

it('nothing is written into a book that is about to go, and the person is told', async () => {
  const appended: number[] = [];
  const fence = journalFence({ append: async (operations) => void appended.push(operations.length) }, 7);
  await fence.journal.append([]);
  fence.raise();
  await expect(fence.journal.append([])).rejects.toMatchObject({ problem: { code: 'BOOK_READ_ONLY' } });
  fence.lower();
  await fence.journal.append([]);
  expect(appended).toEqual([0, 0]);
  expect(fence.newestSeq()).toBe(7);
});

function wasKilled(program: string, folder: string, steps: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = fork(program, [folder, String(steps)], { execPath: process.execPath, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (_, signal) => resolve(signal === 'SIGKILL'));
  });
}
