import { Dexie } from 'dexie';
import { expect, it } from 'vitest';
import { openBookFiles } from '../../../../electron/database/book-files.ts';
import { createDatabase } from '../../../../electron/database/database.ts';
import { type Book, createBook } from '../../../../electron/domain/book.ts';
import { createHistoryService } from '../../../../electron/domain/history/history.service.ts';
import { fixedClock } from '../../../../shared/lib/clock.ts';
import { atEnd, memoryLog, temporaryFolder, testBrowser, type TestBrowser, testTimes } from './storage-fixture.ts';
import { saidNotices } from '../../../support/said-notices.ts';

/** A book as the app puts it together: files, database in IndexedDB, memory, history. */
async function open(folder: string, browser: TestBrowser) {
  const log = memoryLog();
  const clock = fixedClock('2026-03-04T09:00:00.000Z');
  const files = await openBookFiles(folder, { clock, log });
  const ready = Promise.withResolvers<void>();
  const database = createDatabase({
    platform: browser,
    files,
    snapshot: () => book.snapshot(),
    onStatus: ({ storage, unapplied }) => storage === 'ready' && unapplied === 0 && ready.resolve(),
    onRecovered: (operations) => book.takeBack(operations),
    log,
    times: testTimes,
  });
  const book: Book = createBook(files.opened, {
    journal: files.journal,
    database,
    clock,
    actor: () => 'Ada',
    log,
    onChanged: () => undefined,
    onUndoState: () => undefined,
  });
  database.start();
  await ready.promise;
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await book.idle();
    await database.close();
    await files.close();
  };
  atEnd(close);
  return { files, book, database, history: createHistoryService(book, clock), close };
}

/** Answers how many rows are others than before. */
async function changeOperations(change: (operation: Record<string, unknown>) => object): Promise<number> {
  const db = await new Dexie('rxdb-dexie-fieldbook--0--operations').open();
  const rows: { body: string }[] = await db.table('docs').toArray();
  const changed = rows.flatMap((row) => {
    const operation = JSON.parse(row.body) as Record<string, unknown>;
    const body = JSON.stringify({ ...operation, ...change(operation) });
    return body === row.body ? [] : [{ ...row, body }];
  });
  await db.table('docs').bulkPut(changed);
  db.close();
  return changed.length;
}

const forgeries: Record<string, (operation: Record<string, unknown>) => object> = {
  'what was there before': ({ changes }) => ({
    changes: (changes as { before: object | null }[]).map((one) => (one.before === null ? one : { ...one, before: { name: 'Forged' } })),
  }),
  'whose change it was': () => ({ actor: 'Mallory', at: '2020-01-01T00:00:00.000Z' }),
  'which record it touched': ({ changes }) => ({ changes: (changes as object[]).map((one) => ({ ...one, id: 'somebody-else' })) }),
};

for (const [what, forge] of Object.entries(forgeries)) {
  it(`history, a field set back and undo go by the journal where the database says otherwise ${what}`, async () => {
    const folder = await temporaryFolder();
    const browser = testBrowser();
    const first = await open(folder, browser);
    const { value: id } = await first.book.run('clients.create', null, (tx) => tx.create('clients', { name: 'North', notes: 'Old' }).id);
    await first.book.run('clients.change', null, (tx) => tx.change('clients', id, { name: 'South' }));
    await first.book.run('clients.change', null, (tx) => tx.change('clients', id, { notes: 'New' }));
    const told = await first.history.ofRecord('clients', id, 10);
    await first.close();
    const harmed = await changeOperations(forge);

    // What was done before the start is read, not remembered.
    const second = await open(folder, browser);
    expect(await second.history.ofRecord('clients', id, 10)).toEqual(told);
    expect(saidNotices(second.files.notices).map(({ text }) => text)).toEqual([
      expect.stringMatching(new RegExp(`^${harmed} steps of the history were missing or changed`)),
    ]);
    await second.history.undo(null);
    expect(second.book.get('clients', id)).toMatchObject({ name: 'South', notes: 'Old' });
    await second.history.undo(null);
    expect(second.book.get('clients', id)).toMatchObject({ name: 'North', notes: 'Old' });
    const changed = told.entries.find(
      ({ fields }) => fields.some(({ path }) => path === 'notes') && !fields.some(({ path }) => path === 'name'),
    );
    await second.history.restoreField('clients', id, changed?.operationId ?? '', 'notes');
    expect(second.book.get('clients', id)).toMatchObject({ name: 'North', notes: 'Old' });
    await second.close();

    const third = await open(folder, browser);
    await third.history.ofRecord('clients', id, 10);
    expect(third.files.notices, 'it was put right').toEqual([]);
  });
}
