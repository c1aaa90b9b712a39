import { fork } from 'node:child_process';
import { appendFile, copyFile, cp, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openBackupStore, rotation, type BackupStore } from '../../../../electron/database/backup-store.ts';
import { commitRestore, finishRestore, prepareRestore } from '../../../../electron/database/backup-restore.ts';
import { openArchive, writeArchive } from '../../../../electron/database/book-archive.ts';
import { operationsPerPiece } from '../../../../electron/database/shared-history.ts';
import type { Operation } from '../../../../shared/operations/operation.ts';
import { quietLog, problemOf } from '../../../support/opened-book.ts';
import { told } from '../../../support/plain-book.ts';
import { seeded } from '../../../support/seeded.ts';
import { type FolderBook, folderBook } from './backup-fixture.ts';
import { temporaryFolder } from './storage-fixture.ts';

const backupsOf = ({ folder }: FolderBook) => join(folder, 'backups');
const piecesIn = async (folder: string): Promise<string[]> => (await readdir(join(folder, 'history')).catch((): string[] => [])).toSorted();

/** A book in which so many edits were made, one command each. */
async function edited(laptop: FolderBook, edits: number): Promise<void> {
  const ids = [...laptop.book.all('clients')].map(({ id }) => id);
  const seq = laptop.book.snapshot().seq;
  await Promise.all(
    Array.from({ length: edits }, (_, at) =>
      laptop.book.run('clients.change', null, (tx) =>
        tx.change('clients', ids[at % ids.length] ?? '', { notes: `Called on ${seq + at}, asked for ${(seq + at) * 7919} pieces` }),
      ),
    ),
  );
}

async function workedIn(edits = 3 * operationsPerPiece): Promise<{ laptop: FolderBook; store: BackupStore }> {
  const laptop = await folderBook();
  await laptop.add('North', 'South', 'East');
  await edited(laptop, edits);
  return { laptop, store: await openBackupStore(backupsOf(laptop), quietLog) };
}

async function readThrough(store: BackupStore, name: string) {
  const operations: Operation[] = [];
  const archive = await store.open(name);
  await archive.verify();
  return { book: await archive.readBook((part) => void operations.push(...part)), operations };
}

async function all<T>(parts: AsyncIterable<readonly T[]>): Promise<T[]> {
  const found: T[] = [];
  for await (const part of parts) found.push(...part);
  return found;
}

async function* some<T>(values: T[]): AsyncGenerator<T[]> {
  for (let at = 0; at < values.length; at += 1000) yield values.slice(at, at + 1000);
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(names.map(async (name) => stat(join(folder, name))));
  return sizes.reduce((sum, one) => sum + (one.isFile() ? one.size : 0), 0);
}

describe('the history of backups', () => {
  it('is there once: 63 backups of a book with 20,000 edits take less than two', async () => {
    const laptop = await folderBook();
    const [client = ''] = await laptop.add('North');
    await laptop.book.run('clients.change', null, (tx) => tx.change('clients', client, { notes: 'First' }));
    const random = seeded('shared history');
    const [, edit] = (await all(laptop.files.operationsAfter(0))) as [Operation, Operation];
    const operations = Array.from({ length: 20_160 }, (_, at): Operation => {
      const notes = Array.from({ length: 12 }, () => random.below(1e6).toString(36)).join(' ');
      const changes = edit.changes.map((change) => ({ ...change, after: { ...change.after, notes } }));
      return { ...edit, id: `0000000${at}-${notes.slice(0, 20).replaceAll(' ', '-')}`, seq: at + 1, changes };
    });
    const store = await openBackupStore(backupsOf(laptop), quietLog);
    // The newest of 12 months, of 21 days, and 30 of today.
    const moments = [
      ...Array.from({ length: 12 }, (_, at) => new Date(Date.UTC(2025, 2 + at, 2, 9)).toISOString()),
      ...Array.from({ length: 20 }, (_, at) => new Date(Date.UTC(2026, 2, 3 + at, 9)).toISOString()),
      ...Array.from({ length: 32 }, (_, at) => new Date(Date.UTC(2026, 2, 28, 9, at)).toISOString()),
    ];
    const sourceAt = (seq: number) => ({
      ...laptop.source(),
      snapshot: { ...laptop.book.snapshot(), seq },
      operations: some(operations.slice(0, seq)),
    });
    // Slow months, then a busy day: 1,230 edits from one backup to the next.
    for (const [at, moment] of moments.entries()) {
      laptop.clock.moveTo(moment);
      await store.make('changed', sourceAt(at < 48 ? (at + 1) * 10 : 480 + (at - 47) * 1230));
    }
    expect(store.list().length).toBeGreaterThanOrEqual(61);
    const alone = join(await temporaryFolder(), 'book.zip');
    const { head, ...source } = sourceAt(operations.length);
    const { bytes } = await writeArchive(alone, { ...source, head: { ...head, reason: 'export' } });
    expect(await bytesIn(store.folder)).toBeLessThan(2 * bytes);
    for (let turn = 0; turn < 3; turn += 1) {
      const chosen = store.list()[random.below(store.list().length)];
      const read = await readThrough(store, chosen?.name ?? '');
      // As texts: to compare as many objects would take a minute.
      const told = (list: readonly Operation[]) => list.map(({ id, seq, changes }) => JSON.stringify([id, seq, changes[0]?.after]));
      expect(told(read.operations), `${chosen?.name}, seed ${random.seed}`).toEqual(told(operations.slice(0, chosen?.seq)));
    }
  }, 240_000);

  it('comes back with the backup: every operation once, in its order, also where a part of it is in no piece', async () => {
    for (const edits of [operationsPerPiece - 4, operationsPerPiece - 3, operationsPerPiece - 2, 2 * operationsPerPiece]) {
      const { laptop, store } = await workedIn(edits);
      const { name, seq } = await store.make('manual', laptop.source());
      expect(await piecesIn(store.folder)).toHaveLength(Math.floor((edits + 3) / operationsPerPiece));
      const { book, operations } = await readThrough(store, name);
      expect(operations.map((one) => one.seq)).toEqual(Array.from({ length: seq }, (_, at) => at + 1));
      expect(told({ ...book, sync: laptop.book.snapshot().sync })).toEqual(told(laptop.book.snapshot()));
    }
  });

  it('is plain lines in files that any program unpacks, named by the sum of their contents', async () => {
    const { laptop, store } = await workedIn();
    await store.make('manual', laptop.source());
    const [file = ''] = await piecesIn(store.folder);
    const lines = gunzipSync(await readFile(join(store.folder, 'history', file)))
      .toString('utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => (JSON.parse(line) as Operation).command)).toContain('clients.change');
  });

  it('goes with the last backup that names it, and not before', async () => {
    const other = await workedIn(operationsPerPiece);
    await other.store.make('manual', other.laptop.source());
    const foreign = await piecesIn(other.store.folder);
    const laptop = await folderBook();
    await cp(other.store.folder, backupsOf(laptop), { recursive: true });
    const store = await openBackupStore(backupsOf(laptop), quietLog);
    await laptop.add('North');
    await edited(laptop, operationsPerPiece);
    for (let turn = 1; turn <= rotation.recent; turn += 1) {
      expect(await piecesIn(store.folder)).toEqual(expect.arrayContaining(foreign));
      laptop.clock.moveTo(`2026-03-04T10:${10 + turn}:00.000Z`);
      await store.make('changed', laptop.source());
    }
    expect(store.list()).toHaveLength(rotation.recent);
    expect(await piecesIn(store.folder)).toHaveLength(1);
    expect(await piecesIn(store.folder)).not.toEqual(foreign);
    for (const { name } of store.list()) await readThrough(store, name);
  }, 60_000);

  it('of a backup that was set aside, or that a newer version made, stays', async () => {
    const { laptop, store } = await workedIn(operationsPerPiece);
    const { name } = await store.make('manual', laptop.source());
    const pieces = await piecesIn(store.folder);
    await store.setAside(name);
    await rm(laptop.folder + '/journal', { recursive: true });
    const after = await folderBook();
    await after.add('Another book');
    const again = await openBackupStore(store.folder, quietLog);
    await again.make('manual', after.source());
    expect(await piecesIn(store.folder)).toEqual(pieces);
    await rm(join(store.folder, `${name}.damaged`));
    await (await openBackupStore(store.folder, quietLog)).make('manual', after.source());
    expect(await piecesIn(store.folder)).toEqual([]);
  });
});

describe('a piece of history that is missing or was altered', () => {
  const damages: Record<string, (path: string) => Promise<void>> = {
    'is missing': (path) => rm(path),
    'was cut': (path) => truncate(path, 100),
    'has another content under a right packing': async (path) =>
      writeFile(
        path,
        gzipSync(
          gunzipSync(await readFile(path))
            .toString('utf8')
            .replace('Called', 'Bulled'),
        ),
      ),
    'goes on behind its end': async (path) =>
      writeFile(path, gzipSync(Buffer.concat([gunzipSync(await readFile(path)), Buffer.from('{"seq":1}\n')]))),
    'cannot be read': async (path) => {
      await rm(path);
      await mkdir(path);
    },
  };
  for (const [what, damage] of Object.entries(damages)) {
    it(`because it ${what}, is found, said, and the records come back without it`, async () => {
      const { laptop, store } = await workedIn();
      const { name } = await store.make('manual', laptop.source());
      const [piece = ''] = await piecesIn(store.folder);
      await damage(join(store.folder, 'history', piece));
      const archive = await store.open(name);
      expect(await problemOf(archive.verify())).toMatchObject({
        code: 'ARCHIVE_DAMAGED',
        message: expect.stringContaining('missing from the folder "history"'),
      });
      expect((await store.examine()).map(({ state }) => state)).toEqual(['incomplete']);
      expect(await archive.lost()).toBe(operationsPerPiece);
      const before = laptop.book.snapshot();
      expect(await prepareRestore(laptop.folder, archive, quietLog)).toEqual({ lost: operationsPerPiece });
      await laptop.close();
      await commitRestore(laptop.folder, { kind: 'restore', madeAt: '2026-03-04T09:00:00.000Z', backup: null, lost: operationsPerPiece });
      expect(await finishRestore(laptop.folder, quietLog)).toMatchObject({ lost: operationsPerPiece });
      const restored = await folderBook(laptop.folder);
      expect(told({ ...restored.book.snapshot(), history: before.history })).toEqual(told(before));
      expect(restored.files.missing()).toHaveLength(operationsPerPiece);
      // Work goes on, with numbers that were never given out.
      await restored.add('After');
      expect(restored.book.snapshot().seq).toBe(before.seq + 1);
    });
  }

  it('is written again by the next backup, and the ones before are whole by it', async () => {
    const { laptop, store } = await workedIn();
    await store.make('manual', laptop.source());
    const pieces = await piecesIn(store.folder);
    await truncate(join(store.folder, 'history', pieces[0] ?? ''), 100);
    await rm(join(store.folder, 'history', pieces[1] ?? ''));
    expect((await store.examine()).map(({ state }) => state)).toEqual(['incomplete']);
    await laptop.add('Later');
    laptop.clock.moveTo('2026-03-04T11:00:00.000Z');
    await store.make('changed', laptop.source());
    expect(store.list().map(({ state }) => state)).toEqual(['verified', 'verified']);
    expect(await piecesIn(store.folder)).toEqual(pieces);
  });

  it('that the disk takes and does not give back is no backup that counts, and says so', async () => {
    const { laptop, store } = await workedIn();
    const { history } = store;
    const put = history.put;
    history.put = async (part) => {
      const piece = await put(part);
      await truncate(join(store.folder, 'history', `${piece.sha256}.ndjson.gz`), 50);
      return piece;
    };
    expect(await problemOf(store.make('manual', laptop.source()))).toMatchObject({
      code: 'DISK_FAILED',
      message: expect.stringContaining('did not give back part of the history'),
    });
    expect(store.list().map(({ state }) => state)).toEqual(['incomplete']);
  });
});

it('a backup that is ended at any moment leaves each one in the list whole, and no history that nobody names', async () => {
  const { laptop, store } = await workedIn(operationsPerPiece);
  const other = await workedIn(operationsPerPiece);
  await other.store.make('manual', other.laptop.source());
  await cp(other.store.folder, store.folder, { recursive: true });
  const full = await openBackupStore(store.folder, quietLog);
  for (let turn = 1; turn < rotation.recent; turn += 1) {
    laptop.clock.moveTo(`2026-03-04T10:${10 + turn}:00.000Z`);
    await full.make('changed', laptop.source());
  }
  await edited(laptop, operationsPerPiece);
  await laptop.close();
  const total = await backedUp(await copyOf(laptop.folder), Number.POSITIVE_INFINITY);
  expect(total).toBeGreaterThanOrEqual(10);
  for (let steps = 0; steps < (total ?? 0); steps += 1) {
    const folder = await copyOf(laptop.folder);
    expect(await backedUp(folder, steps), `ended after ${steps} steps`).toBeNull();
    const found = await openBackupStore(join(folder, 'backups'), quietLog);
    const states = (await found.examine()).map(({ state }) => state);
    expect(new Set(states), `ended after ${steps} steps`).toEqual(new Set(['verified', 'tested']));
    expect(states.length).toBeGreaterThanOrEqual(rotation.recent);
    const after = await folderBook(folder);
    after.clock.moveTo('2026-03-04T23:30:00.000Z');
    await found.make('manual', after.source());
    expect(await piecesIn(found.folder), `ended after ${steps} steps`).toHaveLength(2);
    expect((await readdir(join(found.folder))).filter((name) => name.endsWith('.new'))).toEqual([]);
    await after.close();
    await rm(folder, { recursive: true });
  }
}, 240_000);

describe('a backup that is copied away', () => {
  it('tells elsewhere that its older history stayed behind, and finds it again where it is', async () => {
    const { laptop, store } = await workedIn();
    const { name } = await store.make('manual', laptop.source());
    const elsewhere = await folderBook();
    const stick = join(elsewhere.folder, 'copied.zip');
    await copyFile(join(store.folder, name), stick);
    const there = await openBackupStore(backupsOf(elsewhere), quietLog);
    expect(await (await openArchive(stick, there.history)).lost()).toBe(3 * operationsPerPiece);
    expect(await (await openArchive(stick, store.history)).lost()).toBe(0);
    expect(await prepareRestore(elsewhere.folder, await openArchive(stick, there.history), quietLog)).toEqual({
      lost: 3 * operationsPerPiece,
    });
  });

  it('with the whole folder is whole there', async () => {
    const { laptop, store } = await workedIn();
    await store.make('manual', laptop.source());
    const elsewhere = await folderBook();
    await cp(store.folder, backupsOf(elsewhere), { recursive: true });
    await rm(join(backupsOf(elsewhere), 'backups.json'));
    const there = await openBackupStore(backupsOf(elsewhere), quietLog);
    expect((await there.examine()).map(({ state }) => state)).toEqual(['verified']);
    await readThrough(there, there.list()[0]?.name ?? '');
  });
});

describe('backups of the form before', () => {
  const kept = join(import.meta.dirname, '../../../fixtures/backups-1');
  const first = 'fieldbook-2026-03-04T09-00-00-303-manual.zip';

  it('are read, restored with their whole history, and stand in one row with new ones', async () => {
    const laptop = await folderBook();
    await cp(kept, backupsOf(laptop), { recursive: true });
    const store = await openBackupStore(backupsOf(laptop), quietLog);
    expect((await store.examine()).map(({ state }) => state)).toEqual(['verified', 'verified']);
    const { operations } = await readThrough(store, first);
    expect(operations.map(({ seq }) => seq)).toEqual(Array.from({ length: 303 }, (_, at) => at + 1));
    await prepareRestore(laptop.folder, await store.open(first), quietLog);
    await laptop.close();
    await commitRestore(laptop.folder, { kind: 'restore', madeAt: '2026-03-04T09:00:00.000Z', backup: null });
    await finishRestore(laptop.folder, quietLog);
    const restored = await folderBook(laptop.folder);
    expect([...restored.book.all('clients')].map(({ name }) => name).toSorted()).toEqual(['Harbor Bakery', 'Zürich Ångström']);
    expect(JSON.parse(await readFile(join(laptop.folder, 'settings.json'), 'utf8'))).toEqual({ company: { name: 'North Ltd' } });
    restored.clock.moveTo('2026-03-06T09:00:00.000Z');
    await restored.add('In the restored book');
    await store.make('manual', restored.source());
    expect((await store.examine()).map(({ state }) => state)).toEqual(['verified', 'verified', 'verified']);
    await readThrough(store, store.list()[0]?.name ?? '');
  });

  it('that are damaged are found to be', async () => {
    const laptop = await folderBook();
    await cp(kept, backupsOf(laptop), { recursive: true });
    await appendFile(join(backupsOf(laptop), first), 'x');
    const store = await openBackupStore(backupsOf(laptop), quietLog);
    expect((await store.examine()).map(({ state }) => state)).toEqual(['verified', 'damaged']);
  });
});

async function copyOf(folder: string): Promise<string> {
  const copy = await temporaryFolder();
  await cp(folder, copy, { recursive: true });
  return copy;
}

/** How many changes of the disk a backup took; null where it was killed before its end. */
function backedUp(folder: string, steps: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'backup-program.ts'), [folder, String(steps)], { execPath: process.execPath });
    let done: number | null = null;
    child.on('message', (message) => (done = message as number));
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      signal === 'SIGKILL' || code === 0 ? resolve(done) : reject(new Error(`The program ended with ${code ?? signal}`)),
    );
  });
}
