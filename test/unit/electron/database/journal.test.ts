import { appendFile, copyFile, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JournalLimits, journalStart, openJournal, usualLimits } from '../../../../electron/database/journal.ts';
import { decodeLine, encodeLine } from '../../../../electron/database/journal-line.ts';
import { noticeBoard } from '../../../../electron/database/notices.ts';
import type { Operation } from '../../../../shared/operations/operation.ts';
import { ProblemError } from '../../../../shared/lib/result.ts';
import { operation, operations } from './operations-fixture.ts';
import { fillUp, mountDisk } from './small-disk.ts';
import { memoryLog, temporaryFolder } from './storage-fixture.ts';
import { say } from '../../../../shared/words/say.ts';
import { words } from '../../../../shared/words/words.ts';
import { saidNotices } from '../../../support/said-notices.ts';

interface Options {
  spaceWatchMs?: number;
  limits?: Partial<JournalLimits>;
  freeBytes?: () => Promise<number>;
}

async function open(folder: string, { limits, freeBytes, spaceWatchMs = 10 }: Options = {}, from = journalStart) {
  const notices = noticeBoard();
  const opened = await openJournal(folder, from, {
    log: memoryLog(),
    notices,
    limits: { ...usualLimits, ...limits },
    spaceWatchMs,
    ...(freeBytes === undefined ? {} : { freeBytes }),
  });
  return { ...opened, notices };
}

/** What a person finds after the journal was closed and opened again. */
async function reopen(folder: string) {
  const { journal, read } = await open(folder);
  await journal.close();
  return { ...read, sequences: read.operations.map(({ seq }) => seq) };
}

async function journalOf(count: number, limits: Partial<JournalLimits> = {}) {
  const folder = await temporaryFolder();
  const { journal } = await open(folder, { limits });
  for (const one of operations(1, count)) await journal.append([one]);
  await journal.close();
  return { folder, segment: join(folder, '000001.ndjson') };
}

async function problemOf(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error: unknown = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof ProblemError)) throw new Error('No problem was reported', { cause: error });
  return { code: error.problem.code, message: say(error.problem) };
}

describe('the journal', () => {
  it('gives back what was appended, whatever people type', async () => {
    const folder = await temporaryFolder();
    const change = fc.record({
      collection: fc.constant('clients'),
      id: fc.string(),
      before: fc.constant(null),
      after: fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 10 }), async (batches) => {
        const { journal, read } = await open(folder);
        const written = batches.map((changes, at) => operation(read.operations.length + at + 1, changes));
        await journal.append(written);
        await journal.close();
        const { operations: found } = await reopen(folder);
        expect(found.slice(read.operations.length).map((one) => JSON.stringify(one))).toEqual(written.map((one) => JSON.stringify(one)));
      }),
      { numRuns: 30 },
    );
  });

  it('writes nothing but whole lines with their checksum', () => {
    const line = encodeLine(operation(7));
    expect(line.toString()).toMatch(/^[0-9a-f]{8} \{"id":"operation-7","seq":7,.*\}\n$/);
    expect(decodeLine(line.subarray(0, -1))).toEqual(operation(7));
  });

  it('begins a new segment when one is full and reads all of them', async () => {
    const { folder } = await journalOf(20, { segmentBytes: 1000 });
    const segments = (await readdir(folder)).filter((name) => name.endsWith('.ndjson'));
    expect(segments.length).toBeGreaterThan(3);
    for (const segment of segments) expect((await stat(join(folder, segment))).size).toBeLessThan(1600);
    expect((await reopen(folder)).sequences).toEqual(operations(1, 20).map(({ seq }) => seq));
  });

  it('keeps the order of appends that were not waited for', async () => {
    const folder = await temporaryFolder();
    const { journal } = await open(folder);
    await Promise.all(operations(1, 50).map((one) => journal.append([one])));
    await journal.close();
    expect((await reopen(folder)).sequences).toEqual(operations(1, 50).map(({ seq }) => seq));
  });

  it('reads from a position on, and only what is wanted', async () => {
    const folder = await temporaryFolder();
    const { journal } = await open(folder, { limits: { segmentBytes: 2000 } });
    await journal.append(operations(1, 10));
    const middle = journal.positionAt(10);
    await journal.append(operations(11, 20));
    const found: number[] = [];
    for await (const part of journal.read(middle, ({ seq }) => seq % 2 === 0)) found.push(...part.map(({ seq }) => seq));
    expect(found).toEqual([12, 14, 16, 18, 20]);
    await journal.close();
    const { journal: again, read } = await open(folder, {}, middle);
    expect(read.operations.map(({ seq }) => seq)).toEqual(operations(11, 20).map(({ seq }) => seq));
    await again.close();
  });

  it('counts what was appended since a checkpoint, also one of an earlier moment', async () => {
    const folder = await temporaryFolder();
    const { journal } = await open(folder);
    await journal.append(operations(1, 3));
    await journal.append(operations(4, 5));
    const afterThree = journal.positionAt(3);
    expect(journal.positionAt(4)).toEqual(afterThree);
    journal.rebase(afterThree);
    expect(journal.sinceBase()).toEqual({ operations: 2, bytes: Buffer.concat(operations(4, 5).map(encodeLine)).length });
    await journal.append([operation(6)]);
    expect(journal.sinceBase().operations).toBe(3);
    await journal.close();
  });
});

describe('a journal that the power cut short', () => {
  const line = encodeLine(operation(4));
  const tails = {
    'half a line': line.subarray(0, 40),
    'a line without its last character': line.subarray(0, -2),
    'three zero bytes': Buffer.alloc(3),
    'a page of zeros': Buffer.alloc(4096),
    'one character': Buffer.from('a'),
    'a line of another journal that lost its beginning': line.subarray(30, -1),
  };
  for (const [what, tail] of Object.entries(tails)) {
    it(`cuts off ${what} and goes on behind the last whole line`, async () => {
      const { folder, segment } = await journalOf(3);
      await writeFile(segment, tail, { flag: 'a' });
      const { journal, read, notices } = await open(folder);
      expect(read.operations.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(read.wasCut).toBe(true);
      expect(read.damaged).toEqual([]);
      expect(notices.list()).toEqual([]);
      await journal.append([operation(4)]);
      await journal.close();
      expect((await reopen(folder)).sequences).toEqual([1, 2, 3, 4]);
    });
  }

  it('keeps a whole line that only lacks its line break', async () => {
    const { folder, segment } = await journalOf(3);
    await truncate(segment, (await stat(segment)).size - 1);
    const { journal, read } = await open(folder);
    expect(read.operations.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(read.wasCut).toBe(false);
    await journal.append([operation(4)]);
    await journal.close();
    expect((await reopen(folder)).sequences).toEqual([1, 2, 3, 4]);
  });

  it('ends at a whole line wherever it is cut', async () => {
    const { folder, segment } = await journalOf(5);
    const whole = await readFile(segment);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), async (length) => {
        await writeFile(segment, whole.subarray(0, length));
        const lines = whole.subarray(0, length).toString().split('\n').length - 1;
        const { sequences } = await reopen(folder);
        expect([lines, lines + 1]).toContain(sequences.length);
        expect(sequences).toEqual(operations(1, sequences.length).map(({ seq }) => seq));
        expect((await readFile(segment)).at(-1) ?? 0x0a).toBe(0x0a);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a damaged journal', () => {
  const replaceLine = async (segment: string, number: number, change: (line: Buffer) => Buffer) => {
    const lines = (await readFile(segment)).toString('latin1').split('\n');
    lines[number - 1] = change(Buffer.from(lines[number - 1] ?? '', 'latin1')).toString('latin1');
    await writeFile(segment, lines.join('\n'), 'latin1');
  };
  const damages: Record<string, (line: Buffer) => Buffer> = {
    'one letter is another one': (line) => Buffer.from(line.toString('latin1').replace('Client 3', 'Client 8'), 'latin1'),
    'the checksum is another one': (line) => Buffer.concat([Buffer.from('00000000'), line.subarray(8)]),
    'the line is empty': () => Buffer.alloc(0),
    'the line is cut in half': (line) => line.subarray(0, line.length / 2),
    'the line is all zeros': (line) => Buffer.alloc(line.length),
    'the line is text of somebody': () => Buffer.from('hello, this is not a journal'),
    'the line is JSON of something else, with its checksum': () => Buffer.from(`${crc32('{"a":1}').toString(16).padStart(8, '0')} {"a":1}`),
  };
  for (const [what, change] of Object.entries(damages)) {
    it(`keeps the line aside and reads the others when ${what}`, async () => {
      const { folder, segment } = await journalOf(5);
      await replaceLine(segment, 3, change);
      const before = await readFile(segment);
      const { sequences, damaged, wasCut } = await reopen(folder);
      expect(sequences).toEqual([1, 2, 4, 5]);
      expect(wasCut).toBe(false);
      expect(damaged).toHaveLength(1);
      expect(await readFile(join(folder, damaged[0]?.file ?? ''))).toEqual(change(encodeLine(operation(3)).subarray(0, -1)));
      expect(await readFile(segment)).toEqual(before);
    });
  }

  const nonsense: Record<string, object> = {
    'a stamp that is none': { stamp: 'yesterday' },
    'a stamp after the last there is': { stamp: `ffffffffffff0000-laptop` },
    'changes that are none': { changes: [null] },
    'changes in a list': { changes: [[]] },
    'changes of nothing': { changes: [{ collection: 'clients', id: 'client-3', before: null, after: null }] },
    'a name that is a number': { changes: [{ collection: 'clients', id: 'client-3', before: null, after: { name: 7 } }] },
    'a name that was a number': { changes: [{ collection: 'clients', id: 'client-3', before: { name: [] }, after: { name: 'Three' } }] },
    'the number 0': { seq: 0 },
    'half a number': { seq: 2.5 },
    'a kind nobody knows': { kind: 'perhaps' },
    'no author': { actor: null },
  };
  for (const [what, more] of Object.entries(nonsense)) {
    it(`keeps a line aside that says ${what} under a right sum, and reads the others`, async () => {
      const { folder, segment } = await journalOf(5);
      await replaceLine(segment, 3, () => encodeLine({ ...operation(3), ...more } as Operation).subarray(0, -1));
      const { sequences, damaged } = await reopen(folder);
      expect(sequences).toEqual([1, 2, 4, 5]);
      expect(damaged).toHaveLength(1);
    });
  }

  it('keeps a damaged last line aside: it may have been acknowledged', async () => {
    const { folder, segment } = await journalOf(3);
    await replaceLine(segment, 3, (line) => Buffer.from(line.toString('latin1').replace('Client', 'Clienf'), 'latin1'));
    const { journal, read } = await open(folder);
    expect(read.operations.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(read.damaged).toHaveLength(1);
    await journal.append([operation(4)]);
    await journal.close();
    expect((await reopen(folder)).sequences).toEqual([1, 2, 4]);
  });

  it('loses at most the two lines around one damaged byte, wherever it is', async () => {
    const { folder, segment } = await journalOf(8);
    const whole = await readFile(segment);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        await writeFile(segment, bytes);
        const { operations: found } = await reopen(folder);
        expect(found.length).toBeGreaterThanOrEqual(6);
        for (const one of found) expect(one).toEqual(operation(one.seq));
      }),
      { numRuns: 80 },
    );
  });

  it('goes on behind the place it should have reached when its files were removed', async () => {
    const folder = await temporaryFolder();
    const { journal, read } = await open(folder, {}, { segment: 3, offset: 500 });
    expect(read.isShort).toBe(true);
    await journal.append([operation(9)]);
    await journal.close();
    const again = await open(folder, {}, { segment: 3, offset: 500 });
    expect(again.read.operations).toEqual([operation(9)]);
    expect(again.read.isShort).toBe(false);
    await again.journal.close();
  });
});

describe('a disk that does not take the journal', () => {
  it('refuses a batch whole when the disk fills up in the middle of it, and goes on when there is room', async () => {
    const disk = mountDisk('size=64k');
    const folder = disk ?? (await temporaryFolder());
    const { journal } = await open(folder, { freeBytes: async () => Number.MAX_SAFE_INTEGER });
    await journal.append(operations(1, 10));
    const long: Operation = operation(11, [{ collection: 'clients', id: 'long', before: null, after: { name: 'x'.repeat(40_000) } }]);
    const empty = disk === null ? await fillUp(50_000) : () => undefined;
    const problem = await problemOf(journal.append([long, { ...long, id: 'operation-12', seq: 12 }, operation(13)]));
    expect(problem.code).toBe('DISK_FULL');
    expect(problem.message).toBe(
      'The disk is full, so the change was not saved. Everything saved before is safe. Free some space, then try again.',
    );
    expect((await readFile(join(folder, '000001.ndjson'))).length).toBe(Buffer.concat(operations(1, 10).map(encodeLine)).length);
    empty();
    await journal.append([operation(11)]);
    await journal.close();
    expect((await reopen(folder)).sequences).toEqual(operations(1, 11).map(({ seq }) => seq));
  });

  for (const code of ['EIO', 'EROFS']) {
    it(`says that the disk failed on ${code} and leaves nothing half-written`, async () => {
      const folder = await temporaryFolder();
      const { journal } = await open(folder);
      await journal.append(operations(1, 2));
      const mended = await fillUp(100, code);
      const problem = await problemOf(journal.append(operations(3, 4)));
      expect(problem).toMatchObject({ code: 'DISK_FAILED' });
      expect(problem.message).toContain('Everything saved before is safe.');
      mended();
      expect((await reopen(folder)).sequences).toEqual([1, 2]);
      await journal.append(operations(3, 4));
      await journal.close();
      expect((await reopen(folder)).sequences).toEqual([1, 2, 3, 4]);
    });
  }

  it('warns below 100 MB of free space, takes the warning back, and refuses below 20 MB', async () => {
    const folder = await temporaryFolder();
    let megabytes = 200;
    const { journal, notices } = await open(folder, { freeBytes: async () => megabytes * 1024 * 1024 });
    await journal.append([operation(1)]);
    expect(notices.list()).toEqual([]);
    megabytes = 60;
    await journal.append([operation(2)]);
    expect(saidNotices(notices.list())).toEqual([
      {
        id: 'disk-nearly-full',
        level: 'warning',
        text: 'The disk is nearly full: less than 100 MB are left. Free some space soon: below 20 MB nothing more can be saved.',
      },
    ]);
    megabytes = 10;
    expect((await problemOf(journal.append([operation(3)]))).code).toBe('DISK_FULL');
    expect(saidNotices(notices.list())).toEqual([
      {
        id: 'disk-nearly-full',
        level: 'error',
        text: 'The disk is full: less than 20 MB are left, so nothing more is saved until there is room again. Everything saved before is safe.',
      },
    ]);
    megabytes = 50;
    await expect.poll(() => notices.list().map(({ level }) => level)).toEqual(['warning']);
    megabytes = 200;
    await expect.poll(() => notices.list()).toEqual([]);
    await journal.append([operation(3)]);
    expect(notices.list()).toEqual([]);
    await journal.close();
    expect((await reopen(folder)).sequences).toEqual([1, 2, 3]);
  });
});

describe('a journal that somebody else touches while it is open', () => {
  const changed = {
    code: 'BOOK_READ_ONLY',
    message: expect.stringMatching(/^The journal in the data folder was removed or changed/) as string,
  };
  const segment = (folder: string, number = 1) => join(folder, `00000${number}.ndjson`);

  async function opened(limits: Partial<JournalLimits> = {}) {
    const folder = await temporaryFolder();
    const { journal, notices } = await open(folder, { limits });
    await journal.append(operations(1, 3));
    return { folder, journal, notices };
  }

  const touches: Record<string, (path: string) => Promise<unknown>> = {
    'takes it away': (path) => rm(path),
    'moves it away': (path) => rename(path, `${path}.aside`),
    'puts a copy in its place': async (path) => {
      await copyFile(path, `${path}.copy`);
      await rename(`${path}.copy`, path);
    },
    'cuts it': (path) => truncate(path, 20),
    'empties it': (path) => truncate(path, 0),
    'writes behind its end': (path) => appendFile(path, 'x'),
    'takes the folder away': (path) => rm(dirname(path), { recursive: true }),
  };
  for (const [what, touch] of Object.entries(touches)) {
    it(`refuses what comes after somebody ${what}, says so, and leaves what it finds as it is`, async () => {
      const { folder, journal, notices } = await opened();
      await touch(segment(folder));
      const found = await readFile(segment(folder)).catch(() => null);
      expect(await problemOf(journal.append([operation(4)]))).toMatchObject(changed);
      expect(await problemOf(journal.append([operation(4)]))).toMatchObject(changed);
      expect(notices.list().map(({ id, level }) => [id, level])).toEqual([['journal-changed', 'error']]);
      await journal.close();
      expect(await readFile(segment(folder)).catch(() => null)).toEqual(found);
    });
  }

  it('acknowledges nothing twice when two write into one: 40 commands of one, and the other is refused', async () => {
    const { folder, journal } = await opened();
    const { journal: other } = await open(folder);
    for (let seq = 4; seq <= 43; seq += 1) await journal.append([operation(seq)]);
    for (let seq = 4; seq <= 43; seq += 1) expect(await problemOf(other.append([operation(seq)]))).toMatchObject(changed);
    await other.close();
    await journal.close();
    expect((await reopen(folder)).sequences).toEqual(Array.from({ length: 43 }, (_, at) => at + 1));
  });

  it('does not go on into a segment that another has begun', async () => {
    const { folder, journal } = await opened({ segmentBytes: 100 });
    await writeFile(segment(folder, 2), encodeLine(operation(4)));
    expect(await problemOf(journal.append([operation(4)]))).toMatchObject(changed);
    await journal.close();
    expect(await readFile(segment(folder, 2))).toEqual(encodeLine(operation(4)));
  });

  it('asks before each write whether the folder is still ours', async () => {
    const folder = await temporaryFolder();
    let isOurs = true;
    const claim = {
      check: () =>
        isOurs
          ? Promise.resolve()
          : Promise.reject(new ProblemError({ code: 'BOOK_READ_ONLY', ...words('said.text', { text: 'Taken.' }) })),
    };
    const { journal } = await openJournal(folder, journalStart, { log: memoryLog(), notices: noticeBoard(), claim });
    await journal.append([operation(1)]);
    isOurs = false;
    expect(await problemOf(journal.append([operation(2)]))).toMatchObject({ message: 'Taken.' });
    await journal.close();
    expect(await readFile(segment(folder))).toEqual(encodeLine(operation(1)));
  });
});
