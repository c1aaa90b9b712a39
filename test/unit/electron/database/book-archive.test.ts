import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openArchive, writeArchive } from '../../../../electron/database/book-archive.ts';
import { writeZip } from '../../../../electron/database/backup-zip.ts';
import type { BookSnapshot } from '../../../../electron/domain/ports.ts';
import { noSync } from '../../../../electron/domain/sync-state.ts';
import { nounNames } from '../../../../shared/nouns/nouns.ts';
import type { Operation } from '../../../../shared/operations/operation.ts';
import { seeded } from '../../../support/seeded.ts';
import { type FolderBook, folderBook } from './backup-fixture.ts';
import { temporaryFolder } from './storage-fixture.ts';
import { told } from '../../../support/plain-book.ts';
import { problemOf } from '../../../support/opened-book.ts';

async function archiveOf(laptop: FolderBook, attachments?: { name: string; path: string }[]) {
  const path = join(await temporaryFolder(), 'book.zip');
  const { head, ...source } = laptop.source();
  const written = await writeArchive(path, { ...source, head: { ...head, reason: 'manual' }, ...(attachments && { attachments }) });
  return { path, ...written };
}

async function workedIn(): Promise<FolderBook> {
  const laptop = await folderBook();
  const [first = ''] = await laptop.add('North Field', 'Zürich Ångström', 'Back\\slash "quoted"');
  await laptop.book.run('clients.change', null, (tx) =>
    tx.change('clients', first, { phone: '030 123', banking: { accountNumber: '12345678' } }),
  );
  await laptop.book.run('clients.remove', null, (tx) => tx.remove('clients', first));
  return laptop;
}

/** What a server was last known to have is in no archive: a restored book is compared with it anew. */
const archived = (book: BookSnapshot) => told({ ...book, sync: noSync });

async function readBack(path: string): Promise<{ book: BookSnapshot; operations: Operation[] }> {
  const operations: Operation[] = [];
  const archive = await openArchive(path);
  await archive.verify();
  return { book: await archive.readBook((part) => void operations.push(...part)), operations };
}

describe('a whole book in one zip', () => {
  it('comes back as it was: records, deleted ones, stamps, history, undo and every operation', async () => {
    const laptop = await workedIn();
    const { path, manifest } = await archiveOf(laptop);
    const { book, operations } = await readBack(path);
    expect(told(book)).toEqual(archived(laptop.book.snapshot()));
    expect(operations.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(manifest.counts).toEqual(Object.fromEntries(nounNames.map((noun) => [noun, book.records[noun].length])));
  });

  for (const year of [1970, 1979, 2200]) {
    it(`is written and read by a computer whose clock says ${year}`, async () => {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(year, 0, 1) });
      onTestFinished(() => void vi.useRealTimers());
      const laptop = await workedIn();
      expect(told((await readBack((await archiveOf(laptop)).path)).book)).toEqual(archived(laptop.book.snapshot()));
    });
  }

  it('says how Fieldbook is set, the company on invoices with it', async () => {
    const laptop = await workedIn();
    const path = join(await temporaryFolder(), 'book.zip');
    const { head, ...source } = laptop.source();
    await writeArchive(path, { ...source, head: { ...head, reason: 'manual' }, settings: { company: { name: 'North Ltd' } } });
    const archive = await openArchive(path);
    await archive.verify();
    expect(await archive.settings()).toEqual({ company: { name: 'North Ltd' } });
    expect(await (await openArchive((await archiveOf(laptop)).path)).settings(), 'of an older version').toBeNull();
  });

  it('is not opened where a small file says that it unpacks to far more than a book does', async () => {
    const path = join(await temporaryFolder(), 'bomb.zip');
    const pieces = async function* (text: string, times: number) {
      for (let at = 0; at < times; at += 1) yield Buffer.from(text);
    };
    const laptop = await workedIn();
    const { manifest } = await archiveOf(laptop);
    await writeZip(path, undefined, async (zip) => {
      const written = await zip.add('operations.ndjson', pieces(`${' '.repeat(1023)}\n`, 64 * 1024));
      const files = { 'operations.ndjson': { ...written, lines: 64 * 1024 } };
      await zip.add('manifest.json', pieces(JSON.stringify({ ...manifest, files }), 1));
    });
    expect((await stat(path)).size).toBeLessThan(500_000);
    expect(await problemOf(openArchive(path))).toMatchObject({
      code: 'ARCHIVE_DAMAGED',
      message: expect.stringContaining('more than a book can'),
    });
  });

  it('opens in any zip program, with one line of plain JSON per record', async () => {
    const laptop = await workedIn();
    const { path } = await archiveOf(laptop);
    const files = unzipSync(await readFile(path));
    const lines = Buffer.from(files['records/clients.ndjson'] ?? [])
      .toString('utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { name: string }).name).toSorted()).toEqual([
      'Back\\slash "quoted"',
      'North Field',
      'Zürich Ångström',
    ]);
  });

  it('is read just as well after a person unpacked it and packed it again', async () => {
    const laptop = await workedIn();
    const { path } = await archiveOf(laptop);
    await writeFile(path, zipSync(unzipSync(await readFile(path)), { level: 1 }));
    expect(told((await readBack(path)).book)).toEqual(archived(laptop.book.snapshot()));
  });

  it('carries attachments with their checksums', async () => {
    const laptop = await folderBook();
    const picture = join(await temporaryFolder(), 'picture');
    await writeFile(picture, Buffer.alloc(300_000, 7));
    const { path, manifest } = await archiveOf(laptop, [{ name: 'abc123', path: picture }]);
    expect(manifest.attachments).toMatchObject([{ name: 'abc123', bytes: 300_000 }]);
    const archive = await openArchive(path);
    await archive.verify();
    const pieces: Buffer[] = [];
    for await (const piece of archive.attachment('abc123')) pieces.push(piece);
    expect(Buffer.concat(pieces)).toEqual(await readFile(picture));
  });

  it('leaves out what came after the moment it is of', async () => {
    const laptop = await workedIn();
    const source = laptop.source();
    await laptop.add('Too late');
    const path = join(await temporaryFolder(), 'book.zip');
    await writeArchive(path, { ...source, operations: laptop.files.operationsAfter(0), head: { ...source.head, reason: 'manual' } });
    const { book, operations } = await readBack(path);
    expect(told(book)).toEqual(archived(source.snapshot));
    expect(operations.at(-1)?.seq).toBe(5);
  });

  it('is never there half: given up in the middle, no file is left', async () => {
    const laptop = await workedIn();
    const folder = await temporaryFolder();
    const stop = new AbortController();
    const { head, ...source } = laptop.source();
    const writing = writeArchive(
      join(folder, 'book.zip'),
      { ...source, head: { ...head, reason: 'manual' } },
      { signal: stop.signal, onProgress: () => stop.abort() },
    );
    await expect(writing).rejects.toThrow('aborted');
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a zip that is not whole', () => {
  it('is noticed wherever a byte of it changed, or it was cut', async () => {
    const laptop = await workedIn();
    const { path } = await archiveOf(laptop);
    const whole = await readFile(path);
    const expected = archived(laptop.book.snapshot());
    const random = seeded('archive damage');
    let noticed = 0;
    for (let round = 0; round < 300; round += 1) {
      const bytes = Buffer.from(whole);
      const at = random.below(bytes.length);
      const isCut = round % 5 === 0;
      if (!isCut) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
      await writeFile(path, isCut ? bytes.subarray(0, at) : bytes);
      try {
        const { book } = await readBack(path);
        // Bytes that carry nothing: times and versions in the zip's own headers.
        expect(told(book), `byte ${at}, seed ${random.seed}`).toEqual(expected);
      } catch (error) {
        expect(error, `byte ${at}, seed ${random.seed}`).toMatchObject({
          problem: { code: expect.stringMatching(/^ARCHIVE_(DAMAGED|UNKNOWN)$/) },
        });
        noticed += 1;
      }
    }
    expect(noticed).toBeGreaterThan(200);
  });

  it('or not a book at all is refused in plain words', async () => {
    const path = join(await temporaryFolder(), 'book.zip');
    await writeFile(path, zipSync({ 'holiday.txt': strToU8('sun') }));
    await expect(openArchive(path)).rejects.toMatchObject({ problem: { code: 'ARCHIVE_UNKNOWN' } });
    await writeFile(path, 'no zip');
    await expect(openArchive(path)).rejects.toMatchObject({ problem: { code: 'ARCHIVE_DAMAGED' } });
    await expect(openArchive(`${path}.none`)).rejects.toMatchObject({ problem: { code: 'ARCHIVE_GONE' } });
  });

  it('made by a newer Fieldbook is refused before anything of it is lost', async () => {
    const laptop = await workedIn();
    const { path } = await archiveOf(laptop);
    const files = unzipSync(await readFile(path));
    const rewritten = (change: (manifest: Record<string, unknown>) => object) => {
      const manifest = JSON.parse(Buffer.from(files['manifest.json'] ?? []).toString('utf8')) as Record<string, unknown>;
      return zipSync({ ...files, 'manifest.json': strToU8(JSON.stringify({ ...manifest, ...change(manifest) })) });
    };
    await writeFile(
      path,
      rewritten(() => ({ format: 3 })),
    );
    await expect(openArchive(path)).rejects.toMatchObject({ problem: { code: 'ARCHIVE_NEWER' } });
    await writeFile(
      path,
      rewritten(({ counts }) => ({ counts: { ...(counts as object), spaceships: 3 } })),
    );
    await expect(openArchive(path)).rejects.toMatchObject({ problem: { code: 'ARCHIVE_NEWER' } });
  });

  it('that unpacks to more than it says fills neither memory nor disk', async () => {
    const laptop = await workedIn();
    const { path } = await archiveOf(laptop);
    const files = unzipSync(await readFile(path));
    await writeFile(path, zipSync({ ...files, 'records/clients.ndjson': new Uint8Array(50_000_000) }));
    const archive = await openArchive(path);
    await expect(archive.readBook(() => undefined)).rejects.toMatchObject({ problem: { code: 'ARCHIVE_DAMAGED' } });
  });
});
