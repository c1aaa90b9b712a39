import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openArchive, writeArchive } from '../../../../electron/database/book-archive.ts';
import { openBookFiles } from '../../../../electron/database/book-files.ts';
import { readCheckpoint, writeCheckpoint } from '../../../../electron/database/checkpoint.ts';
import { journalStart } from '../../../../electron/database/journal.ts';
import { noSecretBox, type SecretBox } from '../../../../electron/database/secret-box.ts';
import { PagedMap } from '../../../../shared/lib/paged-map.ts';
import { changeSchema } from '../../../../shared/operations/operation.ts';
import { quietLog } from '../../../support/opened-book.ts';
import { type FolderBook, folderBook } from './backup-fixture.ts';
import { temporaryFolder } from './storage-fixture.ts';

/**
 * Main answers while a book of any size is read: work is done in pieces, and between two everything else has its turn. The
 * pieces are counted and not timed. Each look at the clock is a millisecond here, so that a slice of 8 ms is nine looks.
 */
const perSlice = 9;

function slowClock(): void {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 1));
}

/** Counts what is done between two turns of everything else. */
function betweenTurns() {
  let since = 0;
  const result = { most: 0, all: 0, did, end: () => clearImmediate(next) };
  let next = setImmediate(function turn() {
    since = 0;
    next = setImmediate(turn);
  });
  function did(): void {
    since += 1;
    result.all += 1;
    result.most = Math.max(result.most, since);
  }
  return result;
}

afterEach(() => void vi.restoreAllMocks());

/** A book in which one command made as many clients. */
async function bookOf(clients: number): Promise<FolderBook> {
  const laptop = await folderBook();
  await laptop.book.run('clients.create', null, (tx) => {
    for (let at = 0; at < clients; at += 1) tx.create('clients', { name: `Client ${at}`, notes: 'Always rings twice. '.repeat(3) });
  });
  return laptop;
}

describe('A book that is read', () => {
  it.each([
    [500, 'as it lies', 0],
    [3000, 'as it lies', 0],
    [500, 'of the form before', 500],
    [3000, 'of the form before', 3000],
  ])('from a checkpoint with %i clients, %s, is read in pieces, of its file and of its records', async (count, form, parsed) => {
    const laptop = await bookOf(count);
    const folder = join(await temporaryFolder(), 'checkpoint');
    await writeCheckpoint(folder, { snapshot: laptop.book.snapshot(), position: journalStart, missing: [] });
    const manifest = join(folder, String(laptop.book.snapshot().seq), 'manifest.json');
    const { sorted, ...before } = JSON.parse(await readFile(manifest, 'utf8')) as { sorted: unknown };
    expect(sorted).toMatchObject({ clients: { all: count } });
    if (form === 'of the form before') await writeFile(manifest, JSON.stringify(before));
    slowClock();
    const records = betweenTurns();
    const parses = vi.spyOn(JSON, 'parse');
    const counting: SecretBox = {
      ...noSecretBox,
      openFields: (_noun, _id, fields) => {
        records.did();
        return fields;
      },
    };
    const { checkpoint } = await readCheckpoint(folder, quietLog, counting);
    records.end();
    const longest = Math.max(...parses.mock.calls.map(([text]) => String(text).length));
    expect(records.all).toBe(parsed);
    expect(records.most).toBeLessThanOrEqual(perSlice);
    // A piece and the line that it ends in.
    expect(longest).toBeLessThan(300_000);
    expect([...(checkpoint?.records.lists().clients ?? [])]).toEqual([...laptop.book.snapshot().records.clients]);
  });

  it.each([1, 700, 5000])('from an archive with one operation of %i changes looks at them in pieces', async (count) => {
    const laptop = await bookOf(count);
    const path = join(await temporaryFolder(), 'book.zip');
    const { head, ...source } = laptop.source();
    await writeArchive(path, { ...source, head: { ...head, reason: 'manual' } });
    const archive = await openArchive(path);
    slowClock();
    const changes = betweenTurns();
    const parse = changeSchema.safeParse.bind(changeSchema);
    vi.spyOn(changeSchema, 'safeParse').mockImplementation((value) => {
      changes.did();
      return parse(value);
    });
    let read = 0;
    const book = await archive.readBook((operations) => void (read += operations.reduce((sum, one) => sum + one.changes.length, 0)));
    changes.end();
    expect([...book.records.clients]).toEqual([...laptop.book.snapshot().records.clients]);
    expect([read, changes.all]).toEqual([count, count]);
    expect(changes.most).toBeLessThanOrEqual(perSlice);
  });

  it('from an archive is put into no map as a whole, neither its records nor their history', async () => {
    const laptop = await bookOf(5000);
    const path = join(await temporaryFolder(), 'book.zip');
    const { head, ...source } = laptop.source();
    await writeArchive(path, { ...source, head: { ...head, reason: 'manual' } });
    const archive = await openArchive(path);
    slowClock();
    const entries = betweenTurns();
    countEntries(entries);
    const book = await archive.readBook(() => undefined);
    entries.end();
    expect(book.records.clients).toHaveLength(5000);
    expect(entries.all).toBeGreaterThan(10_000);
    // A record is in a page and its key beside it; some are of the reader itself.
    expect(entries.most).toBeLessThan(100);
  });

  it.each([40, 3000])('from the journal alone, of %i operations, is replayed in pieces', async (count) => {
    const laptop = await folderBook();
    await Promise.all(
      Array.from({ length: count }, (_, at) =>
        laptop.book.run('clients.create', null, (tx) => tx.create('clients', { name: `Client ${at}` })),
      ),
    );
    await laptop.close();
    slowClock();
    const lines = betweenTurns();
    const applied = betweenTurns();
    const set = PagedMap.prototype.set;
    vi.spyOn(PagedMap.prototype, 'set').mockImplementation(function (this: PagedMap<unknown>, key, value) {
      applied.did();
      return set.call(this, key, value) as PagedMap<unknown>;
    });
    const counting: SecretBox = {
      ...noSecretBox,
      openOperation: (operation) => {
        lines.did();
        return operation;
      },
    };
    const files = await openBookFiles(laptop.folder, { clock: laptop.clock, log: quietLog, secrets: counting });
    for (const one of [lines, applied]) one.end();
    expect(files.opened.records.counts('clients').all).toBe(count);
    expect([lines.all, applied.all]).toEqual([count, 2 * count]);
    expect(lines.most).toBeLessThanOrEqual(perSlice);
    // The record, and its history.
    expect(applied.most).toBeLessThanOrEqual(2 * perSlice);
    await files.close();
  });
});

describe('A snapshot of a book', () => {
  it('copies none of what changed in it since the start, and stays as it was', async () => {
    const laptop = await bookOf(5000);
    const entries = betweenTurns();
    countEntries(entries);
    const snapshot = laptop.book.snapshot();
    entries.end();
    expect(entries.all).toBeLessThan(200);
    vi.restoreAllMocks();
    const [first] = snapshot.records.clients;
    await laptop.book.run('clients.change', null, (tx) => tx.change('clients', first?.id ?? '', { name: 'Changed' }));
    await laptop.add('Later');
    expect(snapshot.records.clients.get(first?.id ?? '')?.name).toBe('Client 0');
    expect([...snapshot.records.clients]).toHaveLength(5000);
    expect(snapshot.history.get(`clients/${first?.id}`)).toHaveLength(1);
    expect(laptop.book.snapshot().records.clients).toHaveLength(5001);
  });
});

/** Counts what is put into maps; also a map that is made from another one puts each entry. */
function countEntries(into: { did: () => void }): void {
  const set = Map.prototype.set;
  vi.spyOn(Map.prototype, 'set').mockImplementation(function (this: Map<unknown, unknown>, key, value) {
    into.did();
    return set.call(this, key, value);
  });
}
