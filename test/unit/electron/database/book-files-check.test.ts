import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createAttachments } from '../../../../electron/database/attachments.ts';
import { openBackupStore } from '../../../../electron/database/backup-store.ts';
import { createBookCheck } from '../../../../electron/database/book-files-check.ts';
import { quietLog } from '../../../support/opened-book.ts';
import { type FolderBook, folderBook } from './backup-fixture.ts';

async function checked(laptop: FolderBook, databaseCounts: Record<string, number> | null = null) {
  const store = await openBackupStore(join(laptop.folder, 'backups'), quietLog);
  const check = createBookCheck({
    dataFolder: laptop.folder,
    book: laptop.book,
    files: laptop.files,
    store,
    attachments: createAttachments(laptop.folder, { log: quietLog }),
    today: () => '2026-03-04',
    now: () => laptop.clock.now(),
    databaseCounts: () => databaseCounts,
    log: quietLog,
  });
  const run = async () => (await check.run({})).findings.map(({ id }) => id.replace(/:.*\.zip$/, ''));
  return { store, check, run };
}

async function workedIn(): Promise<FolderBook> {
  const laptop = await folderBook();
  await laptop.add('North', 'South', 'East');
  await laptop.files.writeCheckpoint(laptop.book.snapshot());
  return laptop;
}

it('a book whose files are whole has nothing to mend, and says what was looked at', async () => {
  const laptop = await workedIn();
  const { check, store } = await checked(laptop, { clients: 3, contacts: 3, locations: 3, operations: 3 });
  await store.make('manual', laptop.source());
  const report = await check.run({});
  expect(report.findings).toEqual([]);
  expect(report.looked).toEqual([
    { what: 'Records', count: 9 },
    { what: 'Attached files', count: 0 },
    { what: 'Collections of the database', count: 4 },
    { what: 'Changes in the journal', count: 3 },
    { what: 'Saved copies of the book', count: 1 },
    { what: 'Backups', count: 1 },
  ]);
});

it('a changed byte is found in the journal, in a checkpoint and in a backup', async () => {
  const laptop = await workedIn();
  const { run, check, store } = await checked(laptop);
  const { name } = await store.make('manual', laptop.source());
  await flip(join(laptop.folder, 'journal', '000001.ndjson'), 200);
  const [seq = ''] = await readdir(join(laptop.folder, 'checkpoint'));
  await flip(join(laptop.folder, 'checkpoint', seq, 'clients.ndjson'), 20);
  await appendFile(join(store.folder, name), 'x');
  expect((await run()).toSorted()).toEqual(['backup', `checkpoint:${seq}`, 'journal:lines']);

  // The copy is written again, the backup leaves the list; a line of the journal is nobody's to invent.
  const ids = check.report()?.findings.map(({ id }) => id) ?? [];
  expect(await check.mend(ids)).toEqual({ mended: 2, left: 1 });
  expect(await run()).toEqual(['journal:lines']);
  expect(store.list()).toEqual([]);
});

it('a database that has other records than the book is found', async () => {
  const laptop = await workedIn();
  const { check } = await checked(laptop, { records: 2, operations: 3 });
  expect((await check.run({})).findings).toMatchObject([{ text: expect.stringContaining('The database has 2 records, the book 9.') }]);
});

it('looking changes nothing, and can be stopped', async () => {
  const laptop = await workedIn();
  const { run, check } = await checked(laptop);
  const before = await readFile(join(laptop.folder, 'journal', '000001.ndjson'));
  await run();
  expect(await readFile(join(laptop.folder, 'journal', '000001.ndjson'))).toEqual(before);
  expect(await check.mend(['nothing of the kind'])).toEqual({ mended: 0, left: 0 });
  await expect(check.run({ signal: AbortSignal.abort() })).rejects.toThrow('aborted');
});

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}
