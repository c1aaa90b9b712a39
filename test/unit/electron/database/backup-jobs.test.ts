import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createAttachments } from '../../../../electron/database/attachments.ts';
import { createSafety, restoredNotice, type SafetyTimes } from '../../../../electron/database/backup-jobs.ts';
import { finishRestore, journalFence, type RestoreMarker } from '../../../../electron/database/backup-restore.ts';
import { openBackupStore } from '../../../../electron/database/backup-store.ts';
import type { SafetyJob } from '../../../../shared/contracts/safety.contract.ts';
import { createFiles } from '../../../../electron/files.ts';
import { quietLog } from '../../../support/opened-book.ts';
import { type FolderBook, folderBook } from './backup-fixture.ts';
import { fillUp } from './small-disk.ts';
import { atEnd } from './storage-fixture.ts';
import { saidNotices } from '../../../support/said-notices.ts';

const never = 10_000_000;
/** How long a state may take on a busy machine. */
const patience = { timeout: 10_000 };

/** The safety of a laptop's book; nothing runs by itself unless its time is given. */
async function safetyOf(
  laptop: FolderBook,
  times: Partial<SafetyTimes> = {},
  restored: RestoreMarker | null = null,
  settings: { now: object; areNew?: boolean } = { now: {} },
) {
  const store = await openBackupStore(join(laptop.folder, 'backups'), quietLog);
  const fence = journalFence(laptop.files.journal, laptop.book.snapshot().seq);
  const kept = createFiles(laptop.folder);
  const jobs: (SafetyJob | null)[] = [];
  let reopened = 0;
  const safety = createSafety({
    dataFolder: laptop.folder,
    version: '1.0.0',
    clock: laptop.clock,
    log: quietLog,
    files: laptop.files,
    store,
    attachments: createAttachments(laptop.folder, { log: quietLog }),
    fence,
    snapshot: () => laptop.book.snapshot(),
    settings: () => settings.now,
    areSettingsNew: settings.areNew ?? false,
    newestSeq: () => laptop.book.snapshot().seq,
    idle: () => laptop.book.idle(),
    keepFile: (name, mediaType, write) => kept.make(name, mediaType, write),
    pathOf: async (fileId) => (await kept.get(fileId)).path,
    check: async () => ({ checkedAt: '2026-03-04T09:00:00.000Z', looked: [], findings: [], total: 0 }),
    mend: async () => ({ mended: 0, left: 0 }),
    report: () => null,
    reopen: () => {
      reopened += 1;
    },
    onJob: (job) => jobs.push(job),
    restored,
    times: { quietMs: never, startMs: never, ...times },
  });
  atEnd(() => safety.close());
  const reasons = () => store.list().map(({ reason }) => reason);
  const ended = async () => {
    await vi.waitFor(() => expect(safety.state().job?.state).not.toBe('running'), { timeout: 10_000, interval: 5 });
    return safety.state().job;
  };
  return { safety, store, fence, jobs, reasons, ended, kept, reopened: () => reopened };
}

describe('backups by themselves', () => {
  it('come some time after a change, and once for all changes until then', async () => {
    const laptop = await folderBook();
    const { safety, reasons, jobs } = await safetyOf(laptop, { quietMs: 20 });
    await laptop.add('North', 'South');
    for (let change = 0; change < 5; change += 1) safety.changed();
    await vi.waitFor(() => expect(reasons()).toEqual(['changed']), patience);
    await vi.waitFor(() => expect(safety.state()).toMatchObject({ isDue: false, job: null }), patience);
    await vi.waitFor(() => expect(jobs).toEqual([null]), patience);
  });

  it('make up at the start for what the last end had no time for', async () => {
    const laptop = await folderBook();
    await laptop.add('North');
    const { reasons } = await safetyOf(laptop, { startMs: 1 });
    await vi.waitFor(() => expect(reasons()).toEqual(['changed']), patience);
  });

  it('come before an import and an upgrade, and only with something new', async () => {
    const laptop = await folderBook();
    const { safety, reasons } = await safetyOf(laptop);
    await safety.before('upgrade');
    expect(reasons(), 'an empty book').toEqual([]);
    await laptop.add('North');
    await safety.before('import');
    await safety.before('upgrade');
    expect(reasons()).toEqual(['import']);
  });

  it('that fail are told, tried again, and the notice goes with the first that succeeds', async () => {
    const laptop = await folderBook();
    const { safety, reasons } = await safetyOf(laptop, { quietMs: 20 });
    await laptop.add('North');
    const empty = await fillUp(50);
    await safety.before('import');
    expect(saidNotices(laptop.files.notices)).toMatchObject([
      { id: 'backup-failed', text: expect.stringContaining('The disk is full, so no backup was made.') },
    ]);
    empty();
    await vi.waitFor(() => expect(reasons()).toEqual(['changed']), patience);
    await vi.waitFor(() => expect(laptop.files.notices).toEqual([]), patience);
  });

  it('come after a change of the settings alone, which saved views are in, and hold them', async () => {
    const laptop = await folderBook();
    const settings = { now: { views: {} } as object };
    const { safety, store, reasons } = await safetyOf(laptop, { quietMs: 20 }, null, settings);
    settings.now = { views: { one: {} } };
    expect(safety.state().isDue, 'a book that has nothing else').toBe(false);
    await laptop.add('North');
    safety.changed();
    await vi.waitFor(() => expect(safety.state()).toMatchObject({ isDue: false, job: null }), patience);
    settings.now = { views: { one: {}, two: {} } };
    safety.changed();
    await vi.waitFor(() => expect(reasons()).toEqual(['changed', 'changed']), patience);
    await vi.waitFor(() => expect(safety.state().isDue).toBe(false), patience);
    const kept = await Promise.all(store.list().map(async ({ name }) => (await store.open(name)).settings()));
    expect(kept).toContainEqual(settings.now);
  });

  it('make up at the start for settings that the last end had no time for', async () => {
    const laptop = await folderBook();
    await laptop.add('North');
    const before = await safetyOf(laptop);
    await before.safety.close();
    expect(before.reasons()).toEqual(['quit']);
    const { safety } = await safetyOf(laptop, {}, null, { now: {}, areNew: true });
    expect(safety.state().isDue).toBe(true);
  });

  it('come on closing when anything changed, and are left to the next start where the time is too short', async () => {
    const laptop = await folderBook();
    await laptop.add('North');
    const hurried = await safetyOf(laptop, { quitMs: 0 });
    await hurried.safety.close();
    expect(hurried.reasons()).toEqual([]);
    expect(await readdir(hurried.store.folder)).toEqual([]);
    const { safety, reasons } = await safetyOf(laptop);
    expect(safety.state().isDue).toBe(true);
    await safety.close();
    expect(reasons()).toEqual(['quit']);
  });
});

describe('what a person asks for', () => {
  it('runs one at a time, with progress, and the second is refused in plain words', async () => {
    const laptop = await folderBook();
    await laptop.add('North');
    const { safety, ended, reasons, jobs } = await safetyOf(laptop);
    expect(safety.backUp()).toMatchObject({ kind: 'backup', state: 'running' });
    expect(() => safety.check()).toThrow(expect.objectContaining({ problem: expect.objectContaining({ code: 'SAFETY_BUSY' }) }));
    expect(await ended()).toMatchObject({ state: 'done', step: { words: 'safetyJob.backedUp' } });
    expect(reasons()).toEqual(['manual']);
    expect(jobs.at(-1)).toMatchObject({ state: 'done' });
  });

  it('can be stopped, and leaves nothing half done', async () => {
    const laptop = await folderBook();
    await laptop.add('North');
    const { safety, ended, store } = await safetyOf(laptop);
    safety.exportBook();
    safety.cancel();
    expect(await ended()).toMatchObject({ state: 'cancelled', file: null });
    safety.backUp();
    safety.cancel();
    expect(await ended()).toMatchObject({ state: 'cancelled', step: { words: 'safetyJob.stopped' } });
    expect(await readdir(store.folder)).toEqual([]);
    expect(await readdir(join(laptop.folder, 'files'))).toEqual([]);
  });
});

describe('a restore', () => {
  it('backs up everything up to the last command before it, and lets nothing be written after', async () => {
    const laptop = await folderBook();
    await laptop.add('Monday');
    const { safety, store, fence, reopened, reasons } = await safetyOf(laptop);
    const { name } = await store.make('manual', laptop.source());
    await laptop.add('Tuesday');
    await safety.restore({ backup: name });
    await vi.waitFor(() => expect(reopened()).toBe(1), { timeout: 10_000, interval: 5 });
    await expect(fence.journal.append([])).rejects.toMatchObject({ problem: { code: 'BOOK_READ_ONLY' } });
    expect(reasons()).toEqual(['restore', 'manual']);
    expect(store.list()[0]).toMatchObject({ seq: 2, records: 6 });
    // The new book says when it is there.
    expect(safety.state().job).toMatchObject({ state: 'running', step: { words: 'safetyJob.opening' } });
    await safety.close();
    await laptop.close();
    const marker = await finishRestore(laptop.folder, quietLog);
    expect(marker).toMatchObject({ kind: 'restore', backup: store.list()[0]?.name });
    const restored = await folderBook(laptop.folder);
    expect([...restored.book.all('clients')].map((client) => client.name)).toEqual(['Monday']);
    expect((await safetyOf(restored, {}, marker)).safety.state().job).toMatchObject({
      state: 'done',
      step: { words: 'safetyJob.restored' },
    });
  });

  it('that cannot back up the present book leaves it open and whole', async () => {
    const laptop = await folderBook();
    await laptop.add('Monday');
    const { safety, store, fence, ended, reopened } = await safetyOf(laptop);
    const { name } = await store.make('manual', laptop.source());
    await laptop.add('Tuesday');
    // Something is in the way of the file that is about to be written.
    await mkdir(join(store.folder, 'fieldbook-2026-03-04T09-00-00-2-restore.zip.new'));
    await safety.restore({ backup: name });
    expect(await ended()).toMatchObject({
      state: 'failed',
      problem: { words: 'safety.backupNotWritten', values: { code: 'EISDIR' } },
    });
    expect(reopened()).toBe(0);
    await fence.journal.append([]);
    expect(await readdir(laptop.folder)).not.toEqual(expect.arrayContaining(['restore', 'restore.json']));
  });

  it('of a backup whose older history is gone first writes it again from the journal', async () => {
    const laptop = await folderBook();
    await laptop.add(...Array.from({ length: 300 }, (_, at) => `Client ${at}`));
    const { safety, store, reopened } = await safetyOf(laptop);
    const { name } = await store.make('manual', laptop.source());
    await rm(join(store.folder, 'history'), { recursive: true });
    expect(await safety.look({ backup: name })).toMatchObject({ operations: 300, lost: 256 });
    await laptop.add('Tuesday');
    await safety.restore({ backup: name });
    await vi.waitFor(() => expect(reopened()).toBe(1), { timeout: 10_000, interval: 5 });
    await safety.close();
    await laptop.close();
    const marker = await finishRestore(laptop.folder, quietLog);
    expect(marker).toMatchObject({ lost: 0 });
    const restored = await folderBook(laptop.folder);
    expect(restored.book.snapshot()).toMatchObject({ seq: 300 });
    expect(restored.files.missing()).toEqual([]);
  });

  it('from a backup that was copied here alone says before and after how much of its history is not there', async () => {
    const office = await folderBook();
    await office.add(...Array.from({ length: 300 }, (_, at) => `Client ${at}`));
    const { store } = await safetyOf(office);
    const { name } = await store.make('manual', office.source());
    const laptop = await folderBook();
    await laptop.add('Was here before');
    const { safety, kept, reopened } = await safetyOf(laptop);
    const { fileId } = await kept.make('copied.zip', 'application/zip', (path) => copyFile(join(store.folder, name), path));
    expect(await safety.look({ fileId })).toMatchObject({ operations: 300, lost: 256 });
    await safety.restore({ fileId });
    await vi.waitFor(() => expect(reopened()).toBe(1), { timeout: 10_000, interval: 5 });
    await safety.close();
    await laptop.close();
    const marker = await finishRestore(laptop.folder, quietLog);
    expect(saidNotices([restoredNotice(marker as RestoreMarker)])[0]).toMatchObject({
      level: 'warning',
      text: expect.stringContaining('256 steps of its history were not there any more: the records are whole'),
    });
    const taken = await folderBook(laptop.folder);
    expect([...taken.book.all('clients')]).toHaveLength(300);
    expect(taken.files.missing()).toHaveLength(256);
  });

  it('of something that is no book is refused before anything begins', async () => {
    const laptop = await folderBook();
    const { safety } = await safetyOf(laptop);
    await expect(safety.restore({ backup: '../device.json' })).rejects.toMatchObject({ problem: { code: 'ARCHIVE_GONE' } });
    await expect(safety.look({ fileId: '../../etc/passwd' })).rejects.toMatchObject({ problem: { code: 'FILE_GONE' } });
    expect(safety.state().job).toBeNull();
  });
});
