import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RXDB_VERSION } from 'rxdb';
import { describe, expect, it } from 'vitest';
import { newId } from '../../../../shared/lib/ids.ts';
import {
  expectedRows,
  openBook,
  storedRows,
  type TestBook,
  type TestBrowser,
  temporaryFolder,
  testBrowser,
  testTimes,
} from './storage-fixture.ts';
import { saidNotices } from '../../../support/said-notices.ts';

const names = (book: TestBook) => [...book.snapshot().records.clients].map(({ name }) => name);

async function bookWith(...clients: string[]): Promise<{ folder: string; browser: TestBrowser; book: TestBook }> {
  const folder = await temporaryFolder();
  const browser = testBrowser();
  const book = await openBook(folder, browser);
  await book.until('ready');
  for (const client of clients) await book.addClient(client);
  return { folder, browser, book };
}

describe('the database behind the storage host', () => {
  it('is ready in an empty folder without a word', async () => {
    const { book } = await bookWith();
    expect(book.files.notices).toEqual([]);
    expect(book.statuses.map(({ storage }) => storage)).not.toContain('rebuilding');
  });

  it('has everything when a command is answered', async () => {
    const { book } = await bookWith('North Depot', 'South Depot');
    expect(book.database.unapplied()).toBe(0);
    expect(await storedRows()).toEqual(await expectedRows(book));
  });

  it('has every client after the book was closed and opened again, and nothing to catch up with', async () => {
    const { folder, browser, book } = await bookWith('North Depot', 'South Depot');
    await book.close();
    const second = await openBook(folder, browser);
    await second.until('ready');
    expect(names(second)).toEqual(['North Depot', 'South Depot']);
    expect(second.files.notices).toEqual([]);
    expect(second.log.lines.find(({ event }) => event === 'book.read')?.facts).toMatchObject({ replayed: 0, seq: 2 });
    expect(second.statuses.map(({ unapplied }) => unapplied)).toEqual(second.statuses.map(() => 0));
  });

  it('keeps fields that people named in ways IndexedDB renames', async () => {
    const { folder, browser, book } = await bookWith();
    const custom = { __legacy: 'a', '|pipe': 'b', 'a.__b': 'c', plain: 'd' };
    const made = await book.addClient('North Depot', { custom, externalIds: { __remote: '7' } });
    await book.close();
    await rm(join(folder, 'checkpoint'), { recursive: true });
    const second = await openBook(folder, browser);
    await second.until('ready');
    expect(await second.database.operations([made.id])).toEqual([made]);
    expect(await storedRows()).toEqual(await expectedRows(second));
  });

  it('tells how far a large write has come, and says nothing of a small one', async () => {
    const book = await openBook(await temporaryFolder(), testBrowser(), { ...testTimes, writeMs: 20_000, heartbeatMs: 5000 });
    await book.until('ready');
    await book.addClient('North Depot');
    expect(book.statuses.map(({ writing }) => writing)).toEqual(book.statuses.map(() => null));
    book.statuses.length = 0;
    await book.run(
      Array.from({ length: 2500 }, (_, at) => ({ collection: 'clients', id: newId(), before: null, after: { name: `Shop ${at}` } })),
    );
    const told = book.statuses.flatMap(({ writing }) => writing ?? []);
    expect(told).toEqual([
      { done: 1000, total: 2500 },
      { done: 2000, total: 2500 },
      { done: 2500, total: 2500 },
    ]);
    expect(book.statuses.at(-1)?.writing).toBeNull();
  });

  it('writes commands that wait in one go, each record in its newest state', async () => {
    const { browser, book } = await bookWith();
    let writes = 0;
    browser.onToHost = (message) => {
      if ((message['message'] as { method?: string } | undefined)?.method === 'bulkWrite') writes += 1;
      return message;
    };
    const id = newId();
    await book.runAll([
      [{ collection: 'clients', id, before: null, after: { name: 'First' } }],
      [{ collection: 'clients', id, before: { name: 'First' }, after: { name: 'Second' } }],
      [{ collection: 'clients', id, before: { name: 'Second' }, after: { name: 'Third' } }],
      ...Array.from({ length: 20 }, (_, at) => [{ collection: 'contacts', id: `p${at}`, before: null, after: { firstName: `Ada ${at}` } }]),
    ]);
    // The first goes alone and is the cause of the others' waiting: clients and operations, then contacts with both again.
    expect(writes).toBe(5);
    expect(await storedRows()).toEqual(await expectedRows(book));
  });

  it('takes an import of 900 rows in one operation and seals it', async () => {
    const { browser, book } = await bookWith();
    const durabilities: unknown[] = [];
    browser.onToHost = (message) => {
      const { params } = (message['message'] ?? {}) as { params?: { ask?: string; durability?: string } };
      if (params?.ask === 'setDurability') durabilities.push(params.durability);
      return message;
    };
    await book.run(
      Array.from({ length: 900 }, (_, at) => ({ collection: 'clients', id: `c${at}`, before: null, after: { name: `Client ${at}` } })),
    );
    expect(durabilities).toEqual(['relaxed', 'strict']);
    expect(await storedRows()).toEqual(await expectedRows(book));
  });

  it('numbers the revisions of a row as RxDB does', async () => {
    const { book } = await bookWith();
    for (const name of ['First', 'Second', 'Third']) {
      await book.run([{ collection: 'clients', id: 'c1', before: name === 'First' ? null : { name: '' }, after: { name } }]);
    }
    const revisions: string[] = [];
    await changeRows('records', (rows) => revisions.push(String(rows.get('clients/c1')?.['_rev'])));
    expect(revisions).toEqual([expect.stringMatching(/^3-[a-z]+$/)]);
  });

  it('keeps a checkpoint by itself when 8 MB were journaled, one at a time', async () => {
    const { folder, book } = await bookWith();
    await book.runAll(
      Array.from({ length: 6 }, (_, at) => [
        { collection: 'clients', id: `c${at}`, before: null, after: { name: 'Long', notes: 'x'.repeat(1_800_000) } },
      ]),
    );
    const written = () => book.log.lines.filter(({ event }) => event === 'checkpoint.written').length;
    await book.close();
    expect(written()).toBeLessThanOrEqual(2);
    const again = await openBook(folder, testBrowser());
    expect(again.log.lines.find(({ event }) => event === 'book.read')?.facts).toMatchObject({ replayed: 0, seq: 6 });
  });

  it('finds operations in the database, and in the journal while there is none', async () => {
    const { browser, book } = await bookWith();
    const done = [await book.addClient('A'), await book.addClient('B')];
    const ids = [...done.map(({ id }) => id), 'unknown'];
    const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id);
    expect((await book.database.operations(ids)).toSorted(byId)).toEqual(done.toSorted(byId));
    browser.openStorageHost = () => new Promise(() => undefined);
    browser.hosts[0]?.crash();
    expect((await book.database.operations(ids)).toSorted(byId)).toEqual(done.toSorted(byId));
  });

  it('answers commands at once while no host is there, and catches up when one comes', async () => {
    const folder = await temporaryFolder();
    const browser = testBrowser();
    const { openStorageHost } = browser;
    const page = Promise.withResolvers<void>();
    browser.openStorageHost = () => page.promise.then(openStorageHost);
    const book = await openBook(folder, browser);
    await book.addClient('North Depot');
    await book.addClient('South Depot');
    expect(book.database.state()).toBe('opening');
    expect(book.database.unapplied()).toBe(2);
    page.resolve();
    await book.until('ready');
    expect(book.database.unapplied()).toBe(0);
    expect(await storedRows()).toEqual(await expectedRows(book));
  });

  it('closes while no host is there', async () => {
    const browser = testBrowser();
    browser.openStorageHost = () => new Promise(() => undefined);
    const folder = await temporaryFolder();
    const book = await openBook(folder, browser);
    await book.addClient('North Depot');
    await book.close();
    expect(names(await openBook(folder, testBrowser()))).toEqual(['North Depot']);
  });

  it('replays what a killed Fieldbook had journaled and not applied, and replaying twice changes nothing', async () => {
    const { folder, browser, book } = await bookWith('North Depot');
    // Killed: nothing is closed, the newest manifest is the one from before, two operations are in the journal alone.
    const manifest = await readFile(join(folder, 'manifest.json'));
    await book.addClient('South Depot');
    await book.close();
    for (let round = 0; round < 2; round++) {
      await writeFile(join(folder, 'manifest.json'), manifest);
      const again = await openBook(folder, browser);
      await again.until('ready');
      expect(names(again)).toEqual(['North Depot', 'South Depot']);
      expect(await storedRows()).toEqual(await expectedRows(again));
      expect(again.files.notices).toEqual([]);
      await again.close();
    }
  });
});

describe('a database that is not what it should be', () => {
  const rebuilt = (reason: string) => [
    { id: 'database-rebuilt', level: 'info', text: `${reason} It was built again from the journal. Nothing is lost.` },
  ];

  async function reopenAfter(harm: (folder: string, browser: TestBrowser) => Promise<void> | void): Promise<TestBook> {
    const { folder, browser, book } = await bookWith('North Depot', 'South Depot');
    await book.run([{ collection: 'contacts', id: 'p1', before: null, after: { firstName: 'Ada' } }]);
    await book.close();
    await harm(folder, browser);
    const again = await openBook(folder, browser);
    await again.until('ready');
    expect(names(again)).toEqual(['North Depot', 'South Depot']);
    expect(await storedRows()).toEqual(await expectedRows(again));
    return again;
  }

  it('is built again when the browser has cleared it', async () => {
    const book = await reopenAfter((_, browser) => browser.clearStorage());
    expect(book.statuses.map(({ storage }) => storage)).toContain('rebuilding');
    expect(saidNotices(book.files.notices)).toEqual(rebuilt('The database was no longer there, or this browser never had one.'));
  });

  it('is built again when rows are gone', async () => {
    const book = await reopenAfter(() => changeRows('records', (rows) => rows.delete(rows.keys().next().value ?? '')));
    expect(saidNotices(book.files.notices)).toEqual(rebuilt('The database had lost records.'));
  });

  it('is built again when the newest operations are gone', async () => {
    const book = await reopenAfter(() => changeRows('operations', (rows) => rows.clear()));
    expect(saidNotices(book.files.notices)).toEqual(rebuilt('The database had lost records.'));
  });

  it('is built again when it has more records than the book', async () => {
    const book = await reopenAfter(() =>
      changeRows('records', (rows) => rows.set('contacts/strange', { ...[...rows.values()][0], id: 'contacts/strange' })),
    );
    expect(saidNotices(book.files.notices)).toEqual(rebuilt('The database found here belongs to another book.'));
  });

  it('is built again when it belongs to another book', async () => {
    const book = await reopenAfter(async (folder) => {
      const path = join(folder, 'manifest.json');
      await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), token: 'of another book' }));
    });
    expect(saidNotices(book.files.notices)).toEqual(rebuilt('The database found here belongs to another book.'));
  });

  it('is kept and caught up with when the book was open in another browser in between', async () => {
    const { folder, browser, book } = await bookWith('North Depot');
    await book.close();
    const ofThisBrowser = globalThis.indexedDB;
    browser.clearStorage();
    const elsewhere = await openBook(folder, browser);
    await elsewhere.until('ready');
    await elsewhere.addClient('South Depot');
    await elsewhere.close();
    globalThis.indexedDB = ofThisBrowser;
    const back = await openBook(folder, browser);
    await back.until('ready');
    expect(back.statuses.map(({ storage }) => storage)).not.toContain('rebuilding');
    expect(back.files.notices).toEqual([]);
    expect(await storedRows()).toEqual(await expectedRows(back));
  });

  it('is filled without a word when the manifest is gone', async () => {
    const book = await reopenAfter((folder) => rm(join(folder, 'manifest.json')));
    expect(book.files.notices).toEqual([]);
  });

  it('is built again when it does not open', async () => {
    const book = await reopenAfter((_, browser) => {
      browser.onToHost = (message) => {
        const { params } = (message['message'] ?? {}) as { params?: { ask?: string } };
        return params?.ask === 'inspect' ? null : message;
      };
    });
    expect(saidNotices(book.files.notices)).toEqual(rebuilt('The database could not be read.'));
  });

  it('is not dropped because a page of another version was open', async () => {
    const { folder, browser, book } = await bookWith('North Depot');
    await book.close();
    let pages = 0;
    const drops: unknown[] = [];
    browser.onFromHost = (message) => {
      const answer = message['message'] as { return?: unknown } | undefined;
      if (answer?.return === RXDB_VERSION && ++pages <= 3) answer.return = '1.0.0';
      return message;
    };
    browser.onToHost = (message) => {
      const { params } = (message['message'] ?? {}) as { params?: { ask?: string } };
      if (params?.ask === 'drop') drops.push(params);
      return message;
    };
    const again = await openBook(folder, browser);
    await again.until('ready');
    expect(pages).toBe(4);
    expect(drops).toEqual([]);
  });
});

describe('operations that were changed in the database', () => {
  type Row = Record<string, unknown>;
  const changedBody = (row: Row, change: (operation: Row) => object): Row => {
    const operation = JSON.parse(row['body'] as string) as Row;
    return { ...row, body: JSON.stringify({ ...operation, ...change(operation) }) };
  };
  const firstOf = (rows: Map<string, Row>, command: string) =>
    [...rows.values()].find((row) => (JSON.parse(row['body'] as string) as Row)['command'] === command) as Row;
  const forged = [{ collection: 'clients', id: 'c1', before: { name: 'Forged' }, after: { name: 'Forged too' } }];

  const harms: Record<string, (row: Row, rows: Map<string, Row>) => void> = {
    'other changes': (row, rows) =>
      rows.set(
        row['id'] as string,
        changedBody(row, () => ({ changes: forged })),
      ),
    'another stamp': (row, rows) =>
      rows.set(
        row['id'] as string,
        changedBody(row, () => ({ stamp: 'ffffffffffff0000-other' })),
      ),
    'another kind': (row, rows) =>
      rows.set(
        row['id'] as string,
        changedBody(row, () => ({ kind: 'undo', target: 'x' })),
      ),
    'another author': (row, rows) =>
      rows.set(
        row['id'] as string,
        changedBody(row, () => ({ actor: 'Mallory' })),
      ),
    'another number': (row, rows) => rows.set(row['id'] as string, { ...changedBody(row, () => ({ seq: 77 })), seq: 77 }),
    'the content of another one': (row, rows) => {
      const other = [...rows.values()].find(({ id }) => id !== row['id']) as Row;
      rows.set(row['id'] as string, { ...changedBody(other, () => ({ id: row['id'] })), id: row['id'], seq: row['seq'] });
    },
    'no sum': (row, rows) => rows.set(row['id'] as string, { ...changedBody(row, () => ({ actor: 'Mallory' })), sum: undefined }),
    'nonsense for a body': (row, rows) => rows.set(row['id'] as string, { ...row, body: '{' }),
    'nothing but an id': (row, rows) => rows.set(row['id'] as string, { id: row['id'], seq: row['seq'] }),
    'no row any more': (row, rows) => rows.delete(row['id'] as string),
  };

  for (const [what, harm] of Object.entries(harms)) {
    it(`are told as the journal has them, put right and said where one has ${what}`, async () => {
      const { book } = await bookWith('North Depot', 'South Depot');
      const done = await book.run([{ collection: 'clients', id: 'c1', before: null, after: { name: 'East Depot' } }]);
      await changeRows('operations', (rows) => harm(rows.get(done.id) as Row, rows));
      expect(await book.database.operations([done.id])).toEqual([done]);
      expect(saidNotices(book.files.notices)).toEqual([
        {
          id: 'history-put-right',
          level: 'warning',
          text: expect.stringMatching(/^1 step of the history was missing or changed in the database/),
        },
      ]);
      // What waits behind the mending is written after it.
      await book.addClient('West Depot');
      expect(await storedRows()).toEqual(await expectedRows(book));
      expect(await book.database.operations([done.id])).toEqual([done]);
      expect(book.files.notices).toHaveLength(1);
      const counts = book.database.counts();
      expect(counts).toEqual({ records: 4, operations: 4 });
    });
  }

  it('are found after a restart as well, many at once, and no start builds the database again for it', async () => {
    const { folder, browser, book } = await bookWith('North Depot', 'South Depot', 'East Depot');
    const ids = [...((await storedRows())['operations']?.keys() ?? [])];
    await book.close();
    await changeRows('operations', (rows) => {
      for (const [id, row] of [...rows].slice(0, 2))
        rows.set(
          id,
          changedBody(row, () => ({ changes: forged })),
        );
    });
    const again = await openBook(folder, browser);
    await again.until('ready');
    const told = await again.database.operations(ids);
    expect(new Set(told.flatMap(({ changes }) => changes.map(({ after }) => after['name'])))).toEqual(
      new Set(['East Depot', 'North Depot', 'South Depot']),
    );
    expect(saidNotices(again.files.notices).map(({ text }) => text)).toEqual([expect.stringMatching(/^2 steps of the history were/)]);
    await again.close();
    const third = await openBook(folder, browser);
    await third.until('ready');
    expect(third.statuses.map(({ storage }) => storage)).not.toContain('rebuilding');
    expect(await storedRows()).toEqual(await expectedRows(third));
    expect(third.files.notices).toEqual([]);
  });

  it('are not taken into the journal where somebody invented them, and the database is built again without them', async () => {
    const { folder, browser, book } = await bookWith('North Depot', 'South Depot');
    await book.close();
    await changeRows('operations', (rows) => {
      const row = firstOf(rows, 'clients.create');
      rows.set('invented', { ...changedBody(row, () => ({ id: 'invented', seq: 3, changes: forged })), id: 'invented', seq: 3 });
    });
    const again = await openBook(folder, browser);
    await again.until('ready');
    expect(names(again)).toEqual(['North Depot', 'South Depot']);
    expect(again.recovered).toEqual([]);
    expect(saidNotices(again.files.notices)).toEqual([
      {
        id: 'database-rebuilt',
        level: 'info',
        text: 'The database had entries that Fieldbook did not write. It was built again from the journal. Nothing is lost.',
      },
    ]);
    expect(await storedRows()).toEqual(await expectedRows(again));
  });

  it('come back into the journal where they are whole, and not where they were changed', async () => {
    const { folder, browser, book } = await bookWith('North Depot', 'South Depot', 'East Depot');
    await book.close();
    await rm(join(folder, 'checkpoint'), { recursive: true });
    const segment = join(folder, 'journal', '000001.ndjson');
    await writeFile(segment, `${(await readFile(segment, 'utf8')).split('\n')[0]}\n`);
    await changeRows('operations', (rows) => {
      const last = [...rows.values()].find(({ seq }) => seq === 3) as Row;
      rows.set(
        last['id'] as string,
        changedBody(last, () => ({ changes: forged })),
      );
    });
    const again = await openBook(folder, browser);
    await again.until('ready');
    expect(names(again)).toEqual(['North Depot', 'South Depot']);
    expect(again.files.missing()).toEqual([3]);
    expect(saidNotices(again.files.notices).find(({ id }) => id === 'journal-damaged')?.text).toMatch(
      /^One saved change is missing .*database does not have it either/,
    );
  });
});

describe('a journal with a line twice', () => {
  it('is no reason to build the database again at each start', async () => {
    const { folder, browser, book } = await bookWith('North Depot', 'South Depot');
    await book.close();
    const segment = join(folder, 'journal', '000001.ndjson');
    const [first, second] = (await readFile(segment, 'utf8')).split('\n');
    await writeFile(segment, `${first}\n${first}\n${second}\n${second}\n`);
    await rm(join(folder, 'checkpoint'), { recursive: true });
    browser.clearStorage();
    for (const isRebuilt of [true, false, false]) {
      const again = await openBook(folder, browser);
      await again.until('ready');
      expect(names(again)).toEqual(['North Depot', 'South Depot']);
      expect(again.statuses.some(({ storage }) => storage === 'rebuilding')).toBe(isRebuilt);
      expect(await storedRows()).toEqual(await expectedRows(again));
      await again.close();
    }
  });
});

describe('operations the journal has lost', () => {
  it('come back from the database, into the journal and into the book', async () => {
    const { folder, browser, book } = await bookWith('North Depot', 'South Depot', 'East Depot');
    await book.close();
    await rm(join(folder, 'checkpoint'), { recursive: true });
    const segment = join(folder, 'journal', '000001.ndjson');
    await writeFile(segment, (await readFile(segment, 'utf8')).replace('South Depot', 'Mouth Depot'));
    const damaged = await openBook(folder, browser);
    expect(names(damaged)).toEqual(['North Depot', 'East Depot']);
    await damaged.until('ready');
    expect(names(damaged)).toEqual(['North Depot', 'East Depot', 'South Depot']);
    expect(saidNotices(damaged.files.notices)).toEqual([
      {
        id: 'journal-damaged',
        level: 'info',
        text: 'Saved changes were damaged on the disk and have been found again in the database. Nothing is lost. Check the disk soon.',
      },
    ]);
    await damaged.close();
    const mended = await openBook(folder, browser);
    expect(names(mended).toSorted()).toEqual(['East Depot', 'North Depot', 'South Depot']);
    expect(mended.files.notices).toEqual([]);
  });

  it('come back when an older copy of the folder was put in place', async () => {
    const { folder, browser, book } = await bookWith('North Depot');
    const segment = join(folder, 'journal', '000001.ndjson');
    const older = await readFile(segment);
    await book.addClient('South Depot');
    await book.close();
    await rm(join(folder, 'checkpoint'), { recursive: true });
    await writeFile(segment, older);
    const again = await openBook(folder, browser);
    await again.until('ready');
    expect(names(again)).toEqual(['North Depot', 'South Depot']);
    expect(saidNotices(again.files.notices)).toEqual([
      {
        id: 'journal-damaged',
        level: 'info',
        text: 'Saved changes were missing from the folder "journal" and have been found again in the database. Nothing is lost.',
      },
    ]);
    expect(await storedRows()).toEqual(await expectedRows(again));
  });
});

describe('a database that is the last to have something', () => {
  const all = ['North Depot', 'South Depot', 'East Depot', 'West Depot'];

  async function after(
    harm: (folder: string, browser: TestBrowser) => Promise<unknown>,
  ): Promise<{ folder: string; browser: TestBrowser; book: TestBook }> {
    const { folder, browser, book } = await bookWith(...all);
    await book.close();
    await harm(folder, browser);
    const again = await openBook(folder, browser);
    await again.until('ready');
    return { folder, browser, book: again };
  }

  const cut = async (folder: string) => {
    await rm(join(folder, 'checkpoint'), { recursive: true });
    const segment = join(folder, 'journal', '000001.ndjson');
    await writeFile(segment, `${(await readFile(segment, 'utf8')).split('\n').slice(0, 2).join('\n')}\n`);
  };
  const remove = (folder: string, ...names: string[]) => Promise.all(names.map((name) => rm(join(folder, name), { recursive: true })));
  const changeToken = async (token: string | null) => {
    const { Dexie } = await import('dexie');
    const db = await new Dexie('fieldbook-facts').open();
    if (token === null) await db.table('facts').clear();
    else await db.table('facts').put({ key: 'token', value: token });
    db.close();
  };

  const harms: Record<string, (folder: string, browser: TestBrowser) => Promise<unknown>> = {
    'the journal is cut in half, and there is no manifest': async (folder) => {
      await cut(folder);
      await remove(folder, 'manifest.json');
    },
    'journal, checkpoint and manifest are gone': (folder) => remove(folder, 'journal', 'checkpoint', 'manifest.json'),
    'the device went with them, and the database lies in the folder': async (folder, browser) => {
      browser.isInFolder = true;
      await remove(folder, 'journal', 'checkpoint', 'manifest.json', 'device.json');
    },
    'it has lost its token as well': async (folder) => {
      await remove(folder, 'journal', 'checkpoint', 'manifest.json');
      await changeToken(null);
    },
    'it has a token of before': async (folder) => {
      await cut(folder);
      await remove(folder, 'manifest.json');
      await changeToken('0d8a3f3e-0000-4000-8000-000000000000');
    },
    'the manifest is of another database': async (folder) => {
      await cut(folder);
      const path = join(folder, 'manifest.json');
      await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), token: 'of another book' }));
    },
    'it has lost rows itself': async (folder) => {
      await cut(folder);
      await changeRows('records', (rows) => rows.clear());
    },
  };
  for (const [what, harm] of Object.entries(harms)) {
    it(`gives it back before anything is built again, where ${what}`, async () => {
      const { folder, browser, book } = await after(harm);
      expect(names(book).toSorted()).toEqual(all.toSorted());
      expect(saidNotices(book.files.notices).find(({ id }) => id === 'journal-damaged')?.text).toMatch(
        /have been found again in the database\. Nothing is lost\.$/,
      );
      expect(await storedRows()).toEqual(await expectedRows(book));
      await book.close();
      browser.clearStorage();
      expect(names(await openBook(folder, browser)).toSorted(), 'without the database').toEqual(all.toSorted());
    });
  }

  it('gives nothing to a restored book, which has another device', async () => {
    const { book } = await after(async (folder) => {
      await cut(folder);
      await remove(folder, 'manifest.json');
      await writeFile(join(folder, 'device.json'), JSON.stringify({ deviceId: 'restored' }));
    });
    expect(names(book)).toEqual(all.slice(0, 2));
  });

  it('gives nothing to a new folder whose book a browser shows that had another one', async () => {
    const { book } = await after((folder) => remove(folder, 'journal', 'checkpoint', 'manifest.json', 'device.json'));
    expect(names(book)).toEqual([]);
  });

  it('is not said to be enough where it is gone too', async () => {
    const { book } = await after(async (folder, browser) => {
      await remove(folder, 'journal', 'checkpoint');
      browser.clearStorage();
    });
    expect(names(book)).toEqual([]);
    expect(
      saidNotices(book.files.notices)
        .map(({ text }) => text)
        .toSorted(),
    ).toEqual([
      '4 saved changes are missing from the data folder and the database does not have them either. No backup has them either. Check the disk soon.',
      'The database was no longer there, or this browser never had one. It was built again from the journal.',
    ]);
    expect((await book.addClient('Later')).seq).toBe(5);
  });
});

async function changeRows(collection: string, change: (rows: Map<string, Record<string, unknown>>) => void): Promise<void> {
  const { Dexie } = await import('dexie');
  const db = await new Dexie(`rxdb-dexie-fieldbook--0--${collection}`).open();
  const docs = db.table('docs');
  const rows = new Map<string, Record<string, unknown>>((await docs.toArray()).map((row: { id: string }) => [row.id, row]));
  change(rows);
  await docs.clear();
  await docs.bulkPut([...rows.values()]);
  db.close();
}
