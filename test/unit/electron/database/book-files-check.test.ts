import { createHash } from 'node:crypto';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Dexie } from 'dexie';
import { describe, expect, it } from 'vitest';
import { createAttachments } from '../../../../electron/database/attachments.ts';
import { openBackupStore } from '../../../../electron/database/backup-store.ts';
import { createBookCheck } from '../../../../electron/database/book-files-check.ts';
import { type BookDatabase, createDatabase, type DatabaseTimes } from '../../../../electron/database/database.ts';
import { keptCheckFile, openKeptCheck, syncObstacle } from '../../../../electron/database/kept-check.ts';
import { decodeLine, encodeLine } from '../../../../electron/database/journal-line.ts';
import { createHistoryService } from '../../../../electron/domain/history/history.service.ts';
import type { Operation } from '../../../../shared/operations/operation.ts';
import { formatStamp } from '../../../../shared/sync/stamp.ts';
import { operationsPerPiece } from '../../../../electron/database/shared-history.ts';
import { keptDatabase, quietLog } from '../../../support/opened-book.ts';
import { type FolderBook, folderBook } from './backup-fixture.ts';
import { atEnd, type TestBrowser, testBrowser, testTimes } from './storage-fixture.ts';
import { say } from '../../../../shared/words/say.ts';
import type { Words } from '../../../../shared/words/words.ts';
import { saidFindings } from '../../../support/said-findings.ts';
import { saidNotices } from '../../../support/said-notices.ts';

const saidOf = (words: Words | null) => words && say(words);

async function checked(laptop: FolderBook, database: BookDatabase | null = null) {
  const store = await openBackupStore(join(laptop.folder, 'backups'), quietLog);
  const kept = await openKeptCheck(laptop.folder, quietLog);
  const check = createBookCheck({
    dataFolder: laptop.folder,
    book: laptop.book,
    files: laptop.files,
    store,
    attachments: createAttachments(laptop.folder, { log: quietLog }),
    today: () => '2026-03-04',
    now: () => laptop.clock.now(),
    database,
    kept,
    log: quietLog,
  });
  const run = async () => (await check.run({})).findings.map(({ id }) => id.replace(/:.*\.zip$/, ''));
  const report = () => {
    const told = check.report();
    return told && { ...told, findings: saidFindings(told.findings) };
  };
  return { store, check: { ...check, report, obstacle: () => saidOf(syncObstacle(laptop.files, kept)) }, run };
}

async function workedIn(): Promise<FolderBook> {
  const laptop = await folderBook();
  await laptop.add('North', 'South', 'East');
  await laptop.files.writeCheckpoint(laptop.book.snapshot());
  return laptop;
}

it('a book whose files are whole has nothing to mend, and says what was looked at', async () => {
  const laptop = await workedIn();
  const { check, store } = await checked(laptop, await databaseOf(laptop));
  await store.make('manual', laptop.source());
  const report = await check.run({});
  expect(report.findings).toEqual([]);
  expect(report.looked).toEqual([
    { what: 'Records', count: 9 },
    { what: 'Attached files', count: 0 },
    { what: 'Changes in the journal', count: 3 },
    { what: 'Rows of the database', count: 12 },
    { what: 'Saved copies of the book', count: 1 },
    { what: 'Backups', count: 1 },
  ]);
  expect(check.obstacle()).toBeNull();
});

it('lost history of backups is one finding, and written again from the journal', async () => {
  const laptop = await workedIn();
  const { run, check, store } = await checked(laptop);
  await laptop.add(...Array.from({ length: operationsPerPiece }, (_, at) => `Client ${at}`));
  await store.make('manual', laptop.source());
  laptop.clock.moveTo('2026-03-04T11:00:00.000Z');
  await laptop.add('Later');
  await store.make('changed', laptop.source());
  const [piece = ''] = await readdir(join(store.folder, 'history'));
  await flip(join(store.folder, 'history', piece), 30);
  expect(await run()).toEqual(['backup-history']);
  const [finding] = check.report()?.findings ?? [];
  expect(finding?.text).toContain('2 backups lack it. Their records are whole.');
  expect(store.list().map(({ state }) => state)).toEqual(['incomplete', 'incomplete']);
  expect(await check.mend([finding?.id ?? ''])).toEqual({ mended: 1, left: 0 });
  expect(store.list().map(({ state }) => state)).toEqual(['verified', 'verified']);
  expect(await run()).toEqual([]);
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

it('looking changes nothing, and can be stopped', async () => {
  const laptop = await workedIn();
  const { run, check } = await checked(laptop);
  const before = await readFile(join(laptop.folder, 'journal', '000001.ndjson'));
  await run();
  expect(await readFile(join(laptop.folder, 'journal', '000001.ndjson'))).toEqual(before);
  expect(await check.mend(['nothing of the kind'])).toEqual({ mended: 0, left: 0 });
  await expect(check.run({ signal: AbortSignal.abort() })).rejects.toThrow('aborted');
});

// --- the database, row by row --------------------------------------------------------------------------------------------

type Row = Record<string, unknown> & { id: string };

/** The database behind the book, in IndexedDB, with all that the book has. */
async function databaseOf(laptop: FolderBook): Promise<BookDatabase & { untilReady: () => Promise<void> }> {
  const database = startedDatabase(laptop, testBrowser());
  await database.untilReady();
  return database;
}

type Host = Pick<TestBrowser, 'openStorageHost' | 'chromiumMajor'>;

function startedDatabase(laptop: FolderBook, platform: Host, times: Partial<DatabaseTimes> = {}) {
  const waiting: (() => void)[] = [];
  const database = createDatabase({
    platform,
    files: laptop.files,
    snapshot: () => laptop.book.snapshot(),
    onStatus: () => waiting.splice(0).forEach((wake) => wake()),
    log: quietLog,
    times: { ...testTimes, readMs: 10_000, writeMs: 10_000, heartbeatMs: 2_000, ...times },
  });
  database.start();
  atEnd(() => database.close());
  const untilReady = async () => {
    while (database.state() !== 'ready' || database.unapplied() > 0) await new Promise<void>((wake) => waiting.push(wake));
  };
  return { ...database, untilReady };
}

async function changeRows(collection: string, change: (rows: Map<string, Row>) => void): Promise<void> {
  const db = await new Dexie(`rxdb-dexie-fieldbook--0--${collection}`).open();
  const docs = db.table('docs');
  const rows = new Map<string, Row>(((await docs.toArray()) as Row[]).map((row) => [row.id, row]));
  change(rows);
  await docs.clear();
  await docs.bulkPut([...rows.values()]);
  db.close();
}

describe('a database that is not what the book is', () => {
  const faults: [what: string, collection: string, harm: (rows: Map<string, Row>) => void, id: string, text: RegExp][] = [
    [
      'lacks 92 records',
      'records',
      (rows) => [...rows.keys()].slice(0, 92).forEach((id) => rows.delete(id)),
      'database:records-missing',
      /^92 records \(one is the client ".*"\) are missing in the database\. The book and the journal have them: nothing is lost\.$/,
    ],
    [
      'has one with another name',
      'records',
      (rows) => {
        const row = [...rows.values()].find(({ id, name }) => id.startsWith('clients/') && name === 'Client 7') as Row;
        rows.set(row.id, { ...row, name: 'Forged' });
      },
      'database:records-changed',
      /^1 record \(the client "Client 7"\) is otherwise in the database/,
    ],
    [
      'has one without a value that it had',
      'records',
      (rows) => {
        const { email: _, ...row } = [...rows.values()].find(({ email }) => email === 'Client9@office.example') as Row;
        rows.set(row.id, row as Row);
      },
      'database:records-changed',
      /^1 record \(the client "Client 9"\)/,
    ],
    [
      'has one that RxDB takes for deleted',
      'records',
      (rows) => {
        const row = [...rows.values()].find(({ name }) => name === 'Client 3') as Row;
        rows.set(row.id, { ...row, _deleted: '1' });
      },
      'database:records-changed',
      /^1 record \(the client "Client 3"\)/,
    ],
    [
      'has two of another book in the place of two of its own',
      'records',
      (rows) => {
        for (const row of [...rows.values()].filter(({ id }) => id.startsWith('locations/')).slice(0, 2)) {
          rows.delete(row.id);
          rows.set(`${row.id}-strange`, { ...row, id: `${row.id}-strange` });
        }
      },
      'database:records-foreign database:records-missing',
      /^2 records .*(not of this book|missing)/,
    ],
    [
      'lacks a step of the history',
      'operations',
      (rows) => rows.delete([...rows.keys()][5] ?? ''),
      'database:operations-missing',
      /^1 step of the history is missing in the database/,
    ],
    [
      'has steps of the history with another author',
      'operations',
      (rows) => {
        for (const row of [...rows.values()].slice(0, 3)) rows.set(row.id, { ...row, body: String(row['body']).replace('Ada', 'Eve') });
      },
      'database:operations-changed',
      /^3 steps of the history are otherwise in the database/,
    ],
    [
      'has a step that nobody did',
      'operations',
      (rows) => {
        const [row] = rows.values();
        rows.set('invented', { ...(row as Row), id: 'invented' });
      },
      'database:operations-foreign',
      /^1 step of the history in the database is not of this book/,
    ],
  ];

  it.each(faults)('because it %s is found, told and built again', async (_, collection, harm, ids, text) => {
    const laptop = await folderBook();
    await laptop.add(...Array.from({ length: 40 }, (__, at) => `Client ${at}`));
    const database = await databaseOf(laptop);
    const { check, run } = await checked(laptop, database);
    expect(await run()).toEqual([]);
    await changeRows(collection, harm);
    expect((await run()).toSorted().join(' ')).toBe(ids);
    const findings = check.report()?.findings ?? [];
    for (const finding of findings) expect(finding.text).toMatch(text);
    // The book itself is as it was: what is sent comes from there.
    expect(check.obstacle()).toBeNull();
    expect(await check.mend(findings.map(({ id }) => id))).toEqual({ mended: findings.length, left: 0 });
    await database.untilReady();
    expect(await run()).toEqual([]);
    expect(saidNotices(laptop.files.notices).map(({ text: told }) => told)).toEqual([
      'The check found the database different from the book. It was built again from the journal. Nothing is lost.',
    ]);
  });

  it('is told apart from one that is only being written to', async () => {
    let database: BookDatabase | null = null;
    const behind = {
      ...keptDatabase(),
      apply: (...given: Parameters<BookDatabase['apply']>) => database?.apply(...given) ?? Promise.resolve(),
    };
    const laptop = await folderBook(undefined, undefined, behind);
    await laptop.add(...Array.from({ length: 30 }, (_, at) => `Client ${at}`));
    database = await databaseOf(laptop);
    const busy = await checked(laptop, database);
    const writing = (async () => {
      for (let at = 0; at < 20; at += 1) await laptop.add(`Later ${at}`);
    })();
    expect((await busy.run()).filter((id) => id !== 'database:away')).toEqual([]);
    await writing;
  });
});

describe('a check that comes before the database', () => {
  it('waits for it, and takes what was written meanwhile for what it is', async () => {
    let database: BookDatabase | null = null;
    const behind = {
      ...keptDatabase(),
      apply: (...given: Parameters<BookDatabase['apply']>) => database?.apply(...given) ?? Promise.resolve(),
    };
    const laptop = await folderBook(undefined, undefined, behind);
    await laptop.add('North', 'South');
    const browser = testBrowser();
    const window = Promise.withResolvers<void>();
    database = startedDatabase(laptop, { ...browser, openStorageHost: () => window.promise.then(browser.openStorageHost) });
    const { check, run } = await checked(laptop, database);
    const running = run();
    await laptop.add('East', 'West');
    expect(database.state()).toBe('opening');
    window.resolve();
    expect(await running).toEqual([]);
    // Every record and every operation of the book, those that came while the check waited too.
    expect(check.report()?.looked).toContainEqual({ what: 'Rows of the database', count: 16 });
  });

  it('looks into the next one where the first one goes amid the look', async () => {
    const laptop = await workedIn();
    const browser = testBrowser();
    const database = startedDatabase(laptop, browser);
    await database.untilReady();
    browser.onToHost = (message, host) => {
      if (host.number === 1) host.crash();
      return message;
    };
    const { run } = await checked(laptop, database);
    expect(await run()).toEqual([]);
    expect(browser.hosts.length).toBe(2);
  });

  const never = () => new Promise<never>(() => undefined);
  const aways: [what: string, openStorageHost: Host['openStorageHost'], times: Partial<DatabaseTimes>, text: RegExp][] = [
    ['does not come', never, { openingPatienceMs: 300 }, /because it did not open\. Close Fieldbook, start it again, and check again\./],
    [
      'cannot be opened',
      () => Promise.reject(new Error('no window')),
      { openingPatienceMs: 600_000 },
      /because it cannot be opened\. Fieldbook tries that every minute: check again later, or after a start\./,
    ],
  ];

  it.each(aways)('says so where it %s', async (_, openStorageHost, times, text) => {
    const laptop = await workedIn();
    const database = startedDatabase(laptop, { chromiumMajor: () => 150, openStorageHost }, times);
    const { check, run } = await checked(laptop, database);
    expect(await run()).toEqual(['database:away']);
    expect(check.report()?.findings).toMatchObject([{ level: 'warning', text: expect.stringMatching(text) }]);
    expect(check.obstacle()).toBeNull();
  });

  it('can be stopped while it waits', async () => {
    const laptop = await workedIn();
    const { check } = await checked(laptop, startedDatabase(laptop, { chromiumMajor: () => 150, openStorageHost: never }));
    const stop = new AbortController();
    const running = check.run({ signal: stop.signal });
    setImmediate(() => stop.abort());
    await expect(running).rejects.toThrow('aborted');
  });
});

describe('what the last check found', () => {
  it('holds back a sync also after a start, until a check finds nothing of the kind', async () => {
    const { laptop } = await withInvoice();
    await laptop.close();
    await forgeCheckpoint(laptop.folder, 'clients.ndjson', (lines) => lines.map((line) => line.replace('"North"', '"Forged"')));
    let book = await folderBook(laptop.folder, undefined, laptop.database);
    await (await checked(book)).run();
    await book.close();
    book = await folderBook(laptop.folder, undefined, laptop.database);
    const { check, run } = await checked(book);
    expect(check.report()).toBeNull();
    expect(check.obstacle()).toMatch(/^The last check found 1 record that is not as the journal has it, so nothing was sent\. Open/);
    await check.mend(await run());
    expect(check.obstacle()).toBeNull();
    expect((await checked(book)).check.obstacle()).toBeNull();
  });

  it.each(['', '{"format":1,"differing":-1}', '{"format":2}', 'null'])(
    'and was kept as %j holds it back until there is a check',
    async (text) => {
      const laptop = await workedIn();
      await writeFile(join(laptop.folder, keptCheckFile), text);
      const { check, run } = await checked(laptop);
      expect(check.obstacle()).toMatch(/^What the last check found cannot be read, so nothing was sent\./);
      expect(await run()).toEqual([]);
      expect(check.obstacle()).toBeNull();
      expect((await checked(laptop)).check.obstacle()).toBeNull();
    },
  );
});

// --- a book that is not what was done to it ------------------------------------------------------------------------------

/** Changes the contents of the newest checkpoint and makes its sums right again. */
async function forgeCheckpoint(folder: string, name: string, change: (lines: string[]) => string[], seq?: string): Promise<void> {
  const [newest = ''] = (await readdir(join(folder, 'checkpoint'))).toSorted((a, b) => Number(b) - Number(a));
  const place = join(folder, 'checkpoint', seq ?? newest);
  const lines = (await readFile(join(place, name), 'utf8')).split('\n').slice(0, -1);
  const text = change(lines)
    .map((line) => `${line}\n`)
    .join('');
  await writeFile(join(place, name), text);
  const manifest = JSON.parse(await readFile(join(place, 'manifest.json'), 'utf8')) as { files: Record<string, object> };
  manifest.files[name] = {
    sha256: createHash('sha256').update(text).digest('hex'),
    bytes: Buffer.byteLength(text),
    lines: change(lines).length,
  };
  await writeFile(join(place, 'manifest.json'), JSON.stringify(manifest));
}

async function withInvoice(): Promise<{ laptop: FolderBook; invoice: string; client: string }> {
  const laptop = await folderBook();
  const [client = ''] = await laptop.add('North', 'South');
  const { value: invoice } = await laptop.book.run('invoices.create', null, (tx) => {
    const lines = [{ description: 'Visit', quantity: '2', unitPrice: '10.00' }];
    const { id } = tx.create('invoices', { clientId: client, lines });
    return id;
  });
  await laptop.book.run('invoices.issue', null, (tx) =>
    tx.set('invoices', invoice, { number: 'K7M4X-000001', status: 'sent', issueDate: '2026-03-01' }),
  );
  await laptop.files.writeCheckpoint(laptop.book.snapshot());
  return { laptop, invoice, client };
}

describe('a checkpoint with other contents and right sums', () => {
  const forgeries: [what: string, file: string, change: (lines: string[]) => string[], finding: RegExp, text: RegExp][] = [
    [
      'the amount on a line of an issued invoice',
      'invoices.ndjson',
      (lines) => lines.map((line) => line.replace('"10.00"', '"999.00"')),
      /^history:invoices\//,
      /^The invoice "K7M4X-000001" says something else in "[^"]+" than its history does/,
    ],
    [
      'the status of an issued invoice',
      'invoices.ndjson',
      (lines) => lines.map((line) => line.replace('"status":"sent"', '"status":"cancelled"')),
      /^history:invoices\//,
      /^The invoice "K7M4X-000001" says something else in "Status"/,
    ],
    [
      'a name',
      'clients.ndjson',
      (lines) => lines.map((line) => line.replace('"North"', '"Forged"')),
      /^history:clients\//,
      /^The client "Forged" says something else in "Name"/,
    ],
    [
      'a record that is gone',
      'contacts.ndjson',
      (lines) => lines.slice(1),
      /^lost:contacts\//,
      /^The contact "North Ünal" is in the journal and not in the book any more/,
    ],
    [
      'a value where there never was one',
      'clients.ndjson',
      (lines) => lines.map((line) => line.replace('"name":"South"', '"name":"South","notes":"Planted"')),
      /^history:clients\//,
      /^The client "South" says something else in "Notes"/,
    ],
  ];

  it.each(forgeries)(
    'that changes %s is found after the start that believed it, holds back a sync, is mended and that is undone',
    async (...fault) => {
      const [, file, change, finding, text] = fault;
      const { laptop } = await withInvoice();
      const right = said(laptop);
      await laptop.close();
      await forgeCheckpoint(laptop.folder, file, change);
      let book = await folderBook(laptop.folder, undefined, laptop.database);
      const forged = said(book);
      expect(forged).not.toEqual(right);
      const { check, run } = await checked(book);
      const [id, ...others] = await run();
      expect(id).toMatch(finding);
      expect(others).toEqual([]);
      expect(check.report()?.findings).toMatchObject([{ level: 'error', text: expect.stringMatching(text), mend: expect.any(String) }]);
      expect(check.obstacle()).toMatch(/^The last check found 1 record that is not as the journal has it, so nothing was sent\./);

      expect(await check.mend([id ?? ''])).toEqual({ mended: 1, left: 0 });
      expect(check.obstacle()).toBeNull();
      expect(said(book)).toEqual(right);
      expect(await run()).toEqual([]);
      await createHistoryService(book.book, book.clock).undo(null);
      expect(said(book).filter(([, { deletedAt }]) => deletedAt === null)).toEqual(
        forged.filter(([, { deletedAt }]) => deletedAt === null),
      );
      await createHistoryService(book.book, book.clock).redo();
      expect(said(book)).toEqual(right);
      await book.files.writeCheckpoint(book.book.snapshot());
      await book.close();
      book = await folderBook(laptop.folder, undefined, laptop.database);
      expect(said(book)).toEqual(right);
      expect(await (await checked(book)).run()).toEqual([]);
    },
  );

  it('is found also where no start has read it yet, and written again', async () => {
    const { laptop } = await withInvoice();
    const [seq = ''] = await readdir(join(laptop.folder, 'checkpoint'));
    await laptop.add('East');
    await forgeCheckpoint(laptop.folder, 'clients.ndjson', (lines) => lines.map((line) => line.replace('"North"', '"Forged"')));
    const { check, run } = await checked(laptop);
    expect(await run()).toEqual([`checkpoint:${seq}`]);
    expect(check.report()?.findings[0]?.text).toMatch(/has 1 record otherwise than the journal/);
    expect(await check.mend([`checkpoint:${seq}`])).toEqual({ mended: 1, left: 0 });
    expect(await run()).toEqual([]);
    const right = said(laptop);
    await laptop.close();
    expect(said(await folderBook(laptop.folder, undefined, laptop.database))).toEqual(right);
  });

  it('that moves the mark of a change ahead is found, though its values are right', async () => {
    const { laptop, client } = await withInvoice();
    await laptop.close();
    const ahead = formatStamp(Date.parse('2031-01-01T00:00:00Z'), 0, 'elsewhere');
    await forgeCheckpoint(laptop.folder, 'heads.ndjson', (lines) => lines.map((line) => line.replace(/"\*":"[^"]+"/, `"*":"${ahead}"`)));
    const book = await folderBook(laptop.folder, undefined, laptop.database);
    const { check, run } = await checked(book);
    expect(await run()).toContain(`stamp:clients/${client}`);
    expect(check.obstacle()).not.toBeNull();
  });
});

describe('a journal whose lines are right and that cannot be', () => {
  const rewrite = async ({ folder }: FolderBook, change: (operations: Operation[]) => Operation[]) => {
    const path = join(folder, 'journal', '000001.ndjson');
    const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
    const operations = lines.flatMap((line) => decodeLine(Buffer.from(line)) ?? []);
    await writeFile(path, Buffer.concat(change(operations).map(encodeLine)));
  };

  it.each([
    [
      'one number twice',
      (all: Operation[]) => all.map((one) => (one.seq === 3 ? { ...one, seq: 2 } : one)),
      /^The number 2 was given to two changes each/,
    ],
    [
      'three numbers twice',
      (all: Operation[]) => [...all, ...all.map((one) => ({ ...one, id: `again-${one.seq}`, changes: [] }))],
      /^\d numbers, the first of them 1, were given to two changes each/,
    ],
  ])('because it has %s, is told with what it comes from', async (_, change, text) => {
    const laptop = await folderBook();
    await laptop.add('North', 'South', 'East');
    await rewrite(laptop, change);
    const { check, run } = await checked(laptop);
    expect(await run()).toContain('journal:twice');
    expect(check.report()?.findings.find(({ id }) => id === 'journal:twice')?.text).toMatch(text);
  });

  it.each(['2031-05-06', '2026-03-08'])('because it is dated %s, is told, and a clock that is a day off is not', async (day) => {
    const laptop = await folderBook(undefined, `${day}T09:00:00.000Z`);
    await laptop.add('North');
    const { check, run } = await checked(laptop);
    expect(await run()).toEqual(['clock:ahead']);
    expect(check.report()?.findings[0]?.text).toContain(`dated ${day}, which has not come yet`);
    const near = await folderBook(undefined, '2026-03-05T09:00:00.000Z');
    await near.add('North');
    expect(await (await checked(near)).run()).toEqual([]);
  });
});

/** Everything the book says, without what each change moves on. */
function said({ book }: FolderBook) {
  const { records } = book.snapshot();
  return (['clients', 'contacts', 'locations', 'invoices'] as const).flatMap((noun) =>
    [...records[noun]]
      .map(({ stamps: _, updatedAt: __, updatedBy: ___, createdAt: ____, createdBy: _____, ...record }) => [noun, record] as const)
      .toSorted(([, left], [, right]) => (left.id < right.id ? -1 : 1)),
  );
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}
