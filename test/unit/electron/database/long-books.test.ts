import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openArchive, writeArchive } from '../../../../electron/database/book-archive.ts';
import { readCheckpoint, writeCheckpoint } from '../../../../electron/database/checkpoint.ts';
import { journalStart } from '../../../../electron/database/journal.ts';
import { noSecretBox, type SecretBox } from '../../../../electron/database/secret-box.ts';
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
});
