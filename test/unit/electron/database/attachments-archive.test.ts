import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createAttachments } from '../../../../electron/database/attachments.ts';
import { createSafety } from '../../../../electron/database/backup-jobs.ts';
import { commitRestore, finishRestore, journalFence, prepareRestore } from '../../../../electron/database/backup-restore.ts';
import { openBackupStore } from '../../../../electron/database/backup-store.ts';
import { openArchive } from '../../../../electron/database/book-archive.ts';
import { createBookCheck } from '../../../../electron/database/book-files-check.ts';
import { openKeptCheck } from '../../../../electron/database/kept-check.ts';
import { createFiles } from '../../../../electron/files.ts';
import { quietLog } from '../../../support/opened-book.ts';
import { folderBook } from './backup-fixture.ts';
import { atEnd, temporaryFolder } from './storage-fixture.ts';
import { saidFindings } from '../../../support/said-findings.ts';

/** A book with one attached file, its safety and its check. */
async function withAttachment() {
  const laptop = await folderBook();
  const [clientId = ''] = await laptop.add('Harbor Bakery');
  const attachments = createAttachments(laptop.folder, { log: quietLog });
  const attach = async (text: string, fileName: string) => {
    const content = await attachments.take(bytesOf(text), text.length);
    const { value } = await laptop.book.run('attachments.add', null, (tx) =>
      tx.create('activities', { kind: 'attachment', about: 'clients', aboutId: clientId, fileName, ...content }),
    );
    return value;
  };
  const offer = await attach('an offer', 'offer.txt');
  const store = await openBackupStore(join(laptop.folder, 'backups'), quietLog);
  const check = createBookCheck({
    dataFolder: laptop.folder,
    book: laptop.book,
    files: laptop.files,
    store,
    attachments,
    today: () => '2026-03-04',
    now: () => laptop.clock.now(),
    database: null,
    kept: await openKeptCheck(laptop.folder, quietLog),
    log: quietLog,
  });
  const kept = createFiles(laptop.folder);
  const safety = createSafety({
    dataFolder: laptop.folder,
    version: '1.0.0',
    clock: laptop.clock,
    log: quietLog,
    files: laptop.files,
    store,
    attachments,
    fence: journalFence(laptop.files.journal, laptop.book.snapshot().seq),
    snapshot: () => laptop.book.snapshot(),
    settings: () => ({}),
    newestSeq: () => laptop.book.snapshot().seq,
    idle: () => laptop.book.idle(),
    keepFile: (name, mediaType, write) => kept.make(name, mediaType, write),
    pathOf: async (fileId) => (await kept.get(fileId)).path,
    check: check.run,
    mend: check.mend,
    report: check.report,
    reopen: () => undefined,
    onJob: () => undefined,
    restored: null,
    times: { quietMs: 10_000_000, startMs: 10_000_000 },
  });
  atEnd(() => safety.close());
  const ended = async () => {
    await vi.waitFor(() => expect(safety.state().job?.state).not.toBe('running'), { timeout: 10_000, interval: 5 });
    const job = safety.state().job;
    expect(job?.problem).toBeNull();
    return job;
  };
  return { laptop, attachments, attach, offer, store, check, safety, kept, ended, sum: offer.sha256 ?? '' };
}

async function* bytesOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

it('a backup names the content, which stays where it is; restoring finds it again', async () => {
  const { laptop, attachments, store, safety, ended, sum } = await withAttachment();
  safety.backUp();
  await ended();
  const [backup] = store.list();
  const archive = await store.open(backup?.name ?? '');
  expect(archive.manifest.attachments).toEqual([{ name: sum, sha256: sum, bytes: 8, isInside: false }]);
  await archive.verify();
  expect(backup?.state).toBe('verified');

  await laptop.book.run('activities.remove', null, (tx) => {
    for (const { id } of laptop.book.all('activities')) tx.remove('activities', id);
  });
  await prepareRestore(laptop.folder, archive, quietLog);
  await commitRestore(laptop.folder, { kind: 'restore', madeAt: archive.manifest.madeAt, backup: null });
  await laptop.close();
  await finishRestore(laptop.folder, quietLog);
  const again = await folderBook(laptop.folder);
  expect([...again.book.all('activities')].map(({ deletedAt, sha256 }) => [deletedAt, sha256])).toEqual([[null, sum]]);
  expect(await attachments.stateOf(sum, 8, true)).toBe('whole');
});

it('an export carries the bytes to another laptop', async () => {
  const { attach, safety, ended, kept, sum } = await withAttachment();
  await attach('an offer', 'the same again.txt');
  safety.exportBook();
  const job = await ended();
  const { path } = await kept.get(job?.file?.fileId ?? '');
  const archive = await openArchive(path);
  await archive.verify();
  expect(archive.manifest.attachments).toEqual([{ name: sum, sha256: sum, bytes: 8, isInside: true }]);

  const other = await temporaryFolder();
  await prepareRestore(other, archive, quietLog);
  await commitRestore(other, { kind: 'import', madeAt: archive.manifest.madeAt, backup: null });
  await finishRestore(other, quietLog);
  const there = createAttachments(other, { log: quietLog });
  expect(await readFile(there.pathOf(sum), 'utf8')).toBe('an offer');
  const book = await folderBook(other);
  expect([...book.book.all('activities')].map(({ fileName }) => fileName)).toEqual(
    expect.arrayContaining(['offer.txt', 'the same again.txt']),
  );
});

it('a book whose content is gone is backed up, exported and restored all the same', async () => {
  const { laptop, attachments, store, safety, ended, kept, sum } = await withAttachment();
  await rm(attachments.pathOf(sum));
  safety.backUp();
  await ended();
  safety.exportBook();
  const job = await ended();
  expect((await openArchive((await kept.get(job?.file?.fileId ?? '')).path)).manifest.attachments).toEqual([]);
  await prepareRestore(laptop.folder, await store.open(store.list()[0]?.name ?? ''), quietLog);
});

it('the check reads every attached file, and marks what is gone as missing until it is undone', async () => {
  const { laptop, attachments, attach, check, offer, sum } = await withAttachment();
  const findings = async () => saidFindings((await check.run({})).findings);
  expect(await findings()).toEqual([]);
  const second = await attach('a picture', 'picture.txt');
  await writeFile(attachments.pathOf(sum), 'an offXr');
  await rm(attachments.pathOf(second.sha256 ?? ''));
  const found = await findings();
  expect(new Set(found.map(({ id }) => id))).toEqual(new Set([`attachment:${offer.id}`, `attachment:${second.id}`]));
  expect(found.find(({ id }) => id.endsWith(offer.id))).toMatchObject({
    text: expect.stringContaining('"offer.txt" is not what was attached'),
    record: { collection: 'activities' },
  });
  expect(await check.mend(found.map(({ id }) => id))).toEqual({ mended: 2, left: 0 });
  expect(laptop.book.get('activities', offer.id)).toMatchObject({ sha256: null, size: null, fileName: 'offer.txt', deletedAt: null });
  expect(await findings()).toEqual([]);
});
