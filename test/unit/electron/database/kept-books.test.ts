import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Dexie } from 'dexie';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../../../build/paths.mjs';
import { openArchive } from '../../../../electron/database/book-archive.ts';
import { migrateFolder } from '../../../../electron/database/migrations/migrate-folder.ts';
import { checkRecords } from '../../../../electron/domain/safety/book-check.ts';
import type { Operation } from '../../../../shared/operations/operation.ts';
import { openLaptop } from '../../../support/opened-book.ts';
import { openBook, expectedRows, memoryLog, storedRows, temporaryFolder, testBrowser } from './storage-fixture.ts';
import { everyRecord } from '../../../support/plain-book.ts';
import { saidNotices } from '../../../support/said-notices.ts';

/** What builds of the past left behind (test/fixtures/README.md). Every build opens, edits, undoes and checks it. */
const kept = join(root, 'test/fixtures/book-1');

interface Seen {
  made: Record<'clientId' | 'caseId' | 'taskId' | 'personId', string>;
  seen: Record<string, { live: number; deleted: number }>;
}
let seen: Seen;
beforeAll(async () => {
  seen = JSON.parse(await readFile(join(kept, 'seen.json'), 'utf8')) as Seen;
});

async function keptFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await cp(join(kept, 'folder'), folder, { recursive: true });
  await migrateFolder(folder, memoryLog());
  return folder;
}

interface KeptDatabase {
  name: string;
  version: number;
  stores: {
    name: string;
    keyPath: string;
    autoIncrement: boolean;
    indexes: { name: string; keyPath: string | string[] }[];
    rows: object[];
  }[];
}

/** IndexedDB as the browser had it. */
async function putBackIndexedDb(): Promise<void> {
  const databases = JSON.parse(await readFile(join(kept, 'indexeddb.json'), 'utf8')) as KeptDatabase[];
  for (const { name, version, stores } of databases) {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open(name, version);
      opening.onupgradeneeded = () => {
        for (const { name: store, keyPath, autoIncrement, indexes } of stores) {
          const made = opening.result.createObjectStore(store, { keyPath, autoIncrement });
          for (const index of indexes) made.createIndex(index.name, index.keyPath);
        }
      };
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(new Error(`${name} could not be put back`));
    });
    for (const { name: store, rows } of stores) {
      if (rows.length === 0) continue;
      const transaction = db.transaction(store, 'readwrite');
      for (const row of rows) transaction.objectStore(store).put(row);
      await new Promise((resolve) => {
        transaction.oncomplete = resolve;
      });
    }
    db.close();
  }
}

function countsOf(records: Record<string, readonly { deletedAt: string | null }[]>): Seen['seen'] {
  return Object.fromEntries(
    Object.keys(seen.seen).map((noun) => {
      const deleted = records[noun]?.filter(({ deletedAt }) => deletedAt !== null).length ?? 0;
      return [noun, { live: (records[noun]?.length ?? 0) - deleted, deleted }];
    }),
  );
}

describe('a book of the first form', () => {
  it('opens with everything in it, is edited, undone and checked, and opens again', async () => {
    const laptop = await openLaptop({ folder: await keptFolder(), at: '2026-12-01T09:00:00.000Z' });
    for await (const part of laptop.files.operationsAfter(0)) for (const one of part) laptop.database.kept.set(one.id, one);
    expect(countsOf(everyRecord(laptop.book.snapshot().records))).toEqual(seen.seen);
    expect(laptop.files.notices).toEqual([]);
    const { clientId, taskId } = seen.made;
    expect(laptop.book.get('clients', clientId)).toMatchObject({
      name: 'Adler Bakery',
      notes: 'Deliveries before 5 in the morning.',
      custom: { 'Year founded': 1987, 'Contract kind': 'Yearly' },
      address: { city: 'Köln' },
    });
    // Its last step was taken back in that build: the step before is the one to take back here.
    expect(laptop.book.get('tasks', taskId)).toMatchObject({ priority: 'high' });
    await laptop.book.run('clients.change', null, (tx) => tx.change('clients', clientId, { notes: 'Edited by a later build.' }));
    await laptop.history.undo(null);
    expect(laptop.book.get('clients', clientId)?.notes).toBe('Deliveries before 5 in the morning.');
    await laptop.history.undo(null);
    expect(laptop.book.get('cases', seen.made.caseId)?.status).not.toBe('pending');
    expect(await checkRecords(laptop.book.snapshot(), '2026-12-01', {})).toEqual([]);
    const again = await laptop.reopen();
    expect(everyRecord(again.book.snapshot().records)).toEqual(everyRecord(laptop.book.snapshot().records));
  });

  it('finds its database in the old form, and builds it in the new one from files', async () => {
    const browser = testBrowser();
    const folder = await keptFolder();
    await putBackIndexedDb();
    const book = await openBook(folder, browser);
    await book.until('ready');
    expect(await storedRows()).toEqual(await expectedRows(book));
    expect((await Dexie.getDatabaseNames()).filter((name) => name.includes('clients'))).toEqual([]);
    expect(saidNotices(book.files.notices)).toEqual([
      {
        id: 'database-rebuilt',
        level: 'info',
        text: 'The database was made by an earlier version of Fieldbook. It was built again from the journal. Nothing is lost.',
      },
    ]);
    await book.addClient('After');
    await book.close();
    const again = await openBook(folder, browser);
    await again.until('ready');
    expect(again.statuses.map(({ storage }) => storage)).not.toContain('rebuilding');
    expect(await storedRows()).toEqual(await expectedRows(again));
  });

  it('gets back from a database of the old form what only that one still has', async () => {
    const browser = testBrowser();
    const whole = await openLaptop({ folder: await keptFolder() });
    const before = whole.book.snapshot().records;
    const folder = await keptFolder();
    await putBackIndexedDb();
    // An older copy of the folder: the last seven changes are in the database only.
    const segment = join(folder, 'journal/000001.ndjson');
    await writeFile(segment, (await readFile(segment, 'utf8')).split('\n').slice(0, 27).join('\n') + '\n');
    const book = await openBook(folder, browser);
    expect(book.snapshot().records.clients).toHaveLength(3);
    await book.until('ready');
    expect(book.snapshot().records.clients).toHaveLength(4);
    expect(book.recovered.map(({ seq }) => seq)).toEqual([28, 29, 30, 31, 32, 33, 34]);
    expect(everyRecord(book.snapshot().records)).toEqual(everyRecord(before));
    expect(await storedRows()).toEqual(await expectedRows(book));
  });
});

describe('a whole book as an archive of the first form', () => {
  it('is verified and read, with every record and every operation', async () => {
    const operations: Operation[] = [];
    const archive = await openArchive(join(kept, 'whole-book.zip'));
    await archive.verify();
    const book = await archive.readBook((part) => void operations.push(...part));
    expect(countsOf(everyRecord(book.records))).toEqual(seen.seen);
    expect(operations).toHaveLength(34);
    expect(await checkRecords(book, '2026-12-01', {})).toEqual([]);
  });
});
