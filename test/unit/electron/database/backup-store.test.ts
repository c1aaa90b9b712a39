import { appendFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type BackupStore, openBackupStore, rotation } from '../../../../electron/database/backup-store.ts';
import { backupsToDrop } from '../../../../shared/lib/backup-rotation.ts';
import { quietLog, problemOf } from '../../../support/opened-book.ts';
import { folderBook } from './backup-fixture.ts';
import { fillUp } from './small-disk.ts';

const states = (store: BackupStore) => store.list().map(({ state }) => state);

describe('the folder of backups', () => {
  it('reads every backup back, and restores every tenth into memory', async () => {
    const laptop = await folderBook();
    const store = await openBackupStore(join(laptop.folder, 'backups'), quietLog);
    for (let turn = 1; turn <= 11; turn += 1) {
      await laptop.add(`Client ${turn}`);
      laptop.clock.moveTo(`2026-03-04T10:${10 + turn}:00.000Z`);
      await store.make('changed', laptop.source());
    }
    expect(states(store)).toEqual(['verified', 'tested', ...Array.from({ length: 9 }, () => 'verified')]);
    expect(store.list()[0]).toMatchObject({ reason: 'changed', seq: 11, records: 33, deviceId: laptop.files.opened.deviceId });
  });

  it('knows its backups again at the next start, also without its list', async () => {
    const laptop = await folderBook();
    const folder = join(laptop.folder, 'backups');
    const store = await openBackupStore(folder, quietLog);
    await laptop.add('North');
    const made = await store.make('manual', laptop.source());
    expect((await openBackupStore(folder, quietLog)).list()).toEqual([made]);
    await rm(join(folder, 'backups.json'));
    expect((await openBackupStore(folder, quietLog)).list()).toEqual([{ ...made, state: 'unverified' }]);
    await writeFile(join(folder, 'backups.json'), '{"torn');
    const again = await openBackupStore(folder, quietLog);
    expect(await again.examine()).toEqual([{ ...made, state: 'verified' }]);
  });

  it('finds a backup that changed on the disk, and sets it aside instead of deleting it', async () => {
    const laptop = await folderBook();
    const folder = join(laptop.folder, 'backups');
    const store = await openBackupStore(folder, quietLog);
    const { name } = await store.make('manual', laptop.source());
    expect((await store.examine()).map(({ state }) => state)).toEqual(['verified']);
    await appendFile(join(folder, name), 'x');
    expect((await store.examine()).map(({ state }) => state)).toEqual(['damaged']);
    await store.setAside(name);
    expect(await readdir(folder)).toEqual(['backups.json', `${name}.damaged`]);
  });

  it('tells of a disk that is full, and leaves the backups before as they were', async () => {
    const laptop = await folderBook();
    const folder = join(laptop.folder, 'backups');
    const store = await openBackupStore(folder, quietLog);
    await laptop.add('North');
    const first = await store.make('manual', laptop.source());
    await laptop.add('South');
    const source = laptop.source();
    const empty = await fillUp(100);
    expect(await problemOf(store.make('changed', source))).toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining('older backups are as they were'),
    });
    empty();
    expect(store.list()).toEqual([first]);
    expect((await readdir(folder)).toSorted()).toEqual(['backups.json', first.name].toSorted());
    await (await store.open(first.name)).verify();
  });

  it('clears away what a crash left half written, and counts a torn zip as damaged', async () => {
    const laptop = await folderBook();
    const folder = join(laptop.folder, 'backups');
    const store = await openBackupStore(folder, quietLog);
    const { name } = await store.make('manual', laptop.source());
    await writeFile(join(folder, 'fieldbook-2026-01-01T00-00-00-1-quit.zip.new'), 'half');
    await truncate(join(folder, name), 200);
    await rm(join(folder, 'backups.json'));
    const again = await openBackupStore(folder, quietLog);
    expect(states(again)).toEqual(['damaged']);
    expect(await readdir(folder)).toEqual([name]);
    expect((await readFile(join(folder, name))).byteLength).toBe(200);
  });
});

it('a folder of backups that cannot be used does not keep the book from opening, and says so when it is needed', async () => {
  const laptop = await folderBook();
  await laptop.add('North');
  await writeFile(join(laptop.folder, 'backups'), 'a file where the folder should be');
  const store = await openBackupStore(join(laptop.folder, 'backups'), quietLog);
  expect(store.list()).toEqual([]);
  expect(await problemOf(store.make('manual', laptop.source()))).toMatchObject({
    code: 'DISK_FAILED',
    message: expect.stringContaining('could not be written'),
  });
});

describe('the rotation', () => {
  const backup = (madeAt: string, state = 'verified') => ({ name: madeAt, madeAt, state });
  const day = (back: number, hour = 12) => new Date(Date.UTC(2026, 5, 30, hour) - back * 86_400_000).toISOString();

  it('keeps 30 recent, the newest of 21 days and of 12 months', () => {
    const hourly = Array.from({ length: 48 }, (_, hours) => backup(new Date(Date.UTC(2026, 5, 30, 12) - hours * 3_600_000).toISOString()));
    const daily = Array.from({ length: 500 }, (_, days) => backup(day(days + 3)));
    const all = [...hourly, ...daily];
    const dropped = new Set(backupsToDrop(all, rotation));
    const kept = all.filter(({ name }) => !dropped.has(name)).map(({ name }) => name);
    expect(hourly.slice(0, 30).every(({ name }) => kept.includes(name))).toBe(true);
    expect(new Set(kept.map((name) => name.slice(0, 10))).size).toBeGreaterThanOrEqual(21);
    expect([...new Set(kept.map((name) => name.slice(0, 7)))]).toHaveLength(12);
    expect(kept.length).toBeLessThanOrEqual(30 + 21 + 12);
  });

  it('keeps all of a few, however old', () => {
    expect(backupsToDrop([backup('2020-01-01T00:00:00.000Z'), backup(day(0)), backup('2031-01-01T00:00:00.000Z')], rotation)).toEqual([]);
  });

  it('lets no damaged backup take the place of a whole one', () => {
    const damaged = Array.from({ length: 60 }, (_, at) =>
      backup(day(0, 13).replace('13:00:00', `13:${String(at).padStart(2, '0')}:00`), 'damaged'),
    );
    const whole = Array.from({ length: 30 }, (_, at) => backup(day(0, 9).replace('09:00:00', `09:${String(at).padStart(2, '0')}:00`)));
    expect(backupsToDrop([...damaged, ...whole], rotation)).toEqual([]);
  });
});
