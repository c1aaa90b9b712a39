import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { changedSince } from '../../../../electron/database/read-model.ts';
import { createReadModelFeed } from '../../../../electron/domain/read-model.ts';
import { generatedClient, generatedContact } from '../../../support/generated-book.ts';
import { openLaptop, quietLog, type TestBook } from '../../../support/opened-book.ts';

const modelIn = (folder: string) => join(folder, 'read-model');
const fileIn = (folder: string) => join(modelIn(folder), 'read-model.sqlite');

/** A book of three hundred clients whose model is whole; closed. */
async function closedBook(): Promise<TestBook> {
  const laptop = await openLaptop();
  await laptop.book.run('imports.start', 'import-1', (tx) => {
    for (let at = 0; at < 300; at += 1) {
      const { id } = tx.create('clients', generatedClient(at));
      tx.create('contacts', generatedContact(at, id, true));
    }
  });
  await laptop.searchReady();
  return laptop;
}

const texts = ['north', 'harb', '555', 'zur', 'ac-0000', 'grace', 'hrbor', 'bakery denver', 'client', 'street 1'];
const answers = (laptop: TestBook) => Promise.all(texts.map((text) => laptop.search.find(text, 20)));

it('is as it was left: the next start takes in nothing', async () => {
  const laptop = await closedBook();
  const before = await answers(laptop);
  const again = await laptop.reopen();
  expect(again.files.readModel.behind).toEqual([]);
  expect(await answers(again)).toEqual(before);
});

it('left behind by a crash takes in what came after it, and no more', async () => {
  const laptop = await closedBook();
  const [client] = [...laptop.book.all('clients')];
  const past = join(mkdtempSync(join(tmpdir(), 'fieldbook-past-')), 'read-model');
  onTestFinished(() => rmSync(past, { recursive: true, force: true }));
  const again = await laptop.reopen();
  cpSync(modelIn(again.folder), past, { recursive: true });
  await again.clients.change(client?.id ?? '', { notes: 'Quokka at the gate' });
  const after = await again.contacts.create({ clientId: client?.id ?? '', firstName: 'Wilhelmina' });
  expect((await again.search.find('quokka', 5)).total).toBe(1);

  const last = await again.reopen();
  // The kept files take the place of those on the disk before the book is opened once more.
  const folder = last.folder;
  const crashed = mkdtempSync(join(tmpdir(), 'fieldbook-crashed-'));
  cpSync(folder, crashed, { recursive: true });
  rmSync(modelIn(crashed), { recursive: true });
  cpSync(past, modelIn(crashed), { recursive: true });
  const behind = await openLaptop({ folder: crashed });
  const changed = (behind.files.readModel.behind ?? []).map(([, id]) => id);
  expect(changed.toSorted()).toEqual([client?.id ?? '', after.record.id].toSorted());
  expect(await answers(behind)).toEqual(await answers(last));
  expect((await behind.search.find('quokka', 5)).total).toBe(1);
  expect((await behind.search.find('wilhelmina', 5)).total).toBe(1);
});

describe('made anew, with the same answers, when it', () => {
  const flip = (path: string, places: readonly number[]) => {
    const bytes = readFileSync(path);
    for (const place of places) bytes[place] = (bytes[place] ?? 0) ^ 0x24;
    writeFileSync(path, bytes);
  };
  const damages: Record<string, (folder: string, other: string) => void> = {
    'is not there': (folder) => rmSync(modelIn(folder), { recursive: true }),
    'is a file where its folder should be': (folder) => {
      rmSync(modelIn(folder), { recursive: true });
      writeFileSync(modelIn(folder), 'not a folder');
    },
    'is empty': (folder) => truncateSync(fileIn(folder), 0),
    'is cut in half': (folder) => truncateSync(fileIn(folder), Math.floor(statSync(fileIn(folder)).size / 2)),
    'is no database': (folder) => writeFileSync(fileIn(folder), 'x'.repeat(50_000)),
    'has its first page flipped': (folder) => flip(fileIn(folder), [0, 20, 100, 105, 200]),
    'has its tables flipped': (folder) => {
      const { size } = statSync(fileIn(folder));
      flip(
        fileIn(folder),
        Array.from({ length: Math.floor(size / 4096) - 1 }, (_, page) => (page + 1) * 4096),
      );
    },
    'is of another book': (folder, other) => cpSync(fileIn(other), fileIn(folder)),
  };

  it.each(Object.keys(damages))('%s', async (name) => {
    const laptop = await closedBook();
    const before = await answers(laptop);
    await (await laptop.reopen()).files.close();
    const other = await openLaptop();
    await other.clients.create({ name: 'Another book' });
    await other.searchReady();
    await other.files.close();
    const harmed = mkdtempSync(join(tmpdir(), 'fieldbook-harmed-'));
    cpSync(laptop.folder, harmed, { recursive: true });
    damages[name]?.(harmed, other.folder);

    const again = await openLaptop({ folder: harmed });
    expect(await answers(again)).toEqual(before);
    await again.clients.create({ name: 'Written after the damage' });
    const last = await again.reopen();
    expect(last.files.readModel.behind).toEqual([]);
    expect((await last.search.find('written', 5)).total).toBe(1);
  });
});

it('is read through after the start, and made anew where a page of it was changed', async () => {
  const laptop = await closedBook();
  const before = await answers(laptop);
  const again = await laptop.reopen();
  await again.files.close();
  const path = fileIn(again.folder);
  const file = new DatabaseSync(path, { readOnly: true });
  const page = Number(file.prepare("select rootpage from sqlite_schema where name = 'entries_by_title'").get()?.['rootpage']);
  file.close();
  const bytes = readFileSync(path);
  bytes.fill(0xff, (page - 1) * 4096, (page - 1) * 4096 + 64);
  const harmed = mkdtempSync(join(tmpdir(), 'fieldbook-page-'));
  cpSync(again.folder, harmed, { recursive: true });
  writeFileSync(fileIn(harmed), bytes);

  const last = await openLaptop({ folder: harmed });
  const { book, files } = last;
  expect(await files.readModel.isSound()).toBe(false);
  const feed = createReadModelFeed({ book, model: files.readModel, log: quietLog, soundAfterMs: 0 });
  onTestFinished(feed.stop);
  await expect.poll(() => files.readModel.isSound(), { timeout: 30_000 }).toBe(true);
  await feed.ready();
  expect(await answers(last)).toEqual(before);
});

it('begins at the place where it was left, or nowhere', () => {
  const change = (id: string) => ({ collection: 'clients', id, before: null, after: {} });
  const operations = [
    { seq: 4, stamp: 'b', changes: [change('one')] },
    { seq: 5, stamp: 'c', changes: [change('two'), change('three')] },
    // Lost, and put back behind others.
    { seq: 2, stamp: 'a', changes: [change('four')] },
    { seq: 6, stamp: 'd', changes: [change('two')] },
  ];
  const past = { from: { seq: 3, newestStamp: 'aa' }, operations };
  const since = (seq: number, newestStamp: string | null) => changedSince({ seq, newestStamp }, past)?.map(([, id]) => id) ?? null;
  expect(since(3, 'aa')).toEqual(['one', 'two', 'three', 'four']);
  expect(since(4, 'b')).toEqual(['two', 'three', 'four']);
  expect(since(6, 'd')).toEqual([]);
  expect(since(6, 'x')).toBeNull();
  expect(since(7, 'd')).toBeNull();
  expect(since(2, 'a')).toBeNull();
});

it('that cannot be had is told in words, and nothing is changed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fieldbook-no-sqlite-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'book'));
  const program = join(import.meta.dirname, 'opening-program.ts');
  const { stdout } = spawnSync(process.execPath, ['--no-experimental-sqlite', program, join(folder, 'book')], { encoding: 'utf8' });
  expect(stdout).toContain('SQLITE_MISSING');
  expect(stdout).toContain('lacks SQLite with full-text search');
  expect(existsSync(modelIn(join(folder, 'book')))).toBe(false);
});
