import { cp, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BookFiles, openBookFiles } from '../../../../electron/database/book-files.ts';
import { formats } from '../../../../electron/database/migrations/formats.ts';
import { addToHistory, applyOperation, emptyRecordMaps, recordLists } from '../../../../shared/operations/apply-operation.ts';
import type { BookSnapshot, OpenedBook } from '../../../../electron/domain/ports.ts';
import { noSync } from '../../../../electron/domain/sync-state.ts';
import { prefixFor } from '../../../../electron/domain/invoices/invoice-numbers.ts';
import { nextStacks } from '../../../../electron/domain/history/undo-stacks.ts';
import type { Change, Operation } from '../../../../shared/operations/operation.ts';
import { fixedClock } from '../../../../shared/lib/clock.ts';
import { ProblemError } from '../../../../shared/lib/result.ts';
import { usualLimits } from '../../../../electron/database/journal.ts';
import { encodeLine } from '../../../../electron/database/journal-line.ts';
import { operation, operations } from './operations-fixture.ts';
import { fillUp, mountDisk } from './small-disk.ts';
import { atEnd, memoryLog, temporaryFolder } from './storage-fixture.ts';
import { everyRecord, momentOf, told } from '../../../support/plain-book.ts';
import { saidNotices } from '../../../support/said-notices.ts';

const clock = fixedClock('2026-03-04T09:00:00.000Z');

async function open(folder: string): Promise<BookFiles> {
  const files = await openBookFiles(folder, { clock, log: memoryLog() });
  atEnd(() => files.close().catch(() => undefined));
  return files;
}

/** The book after these operations, as memory has it. */
function bookAfter(done: readonly Operation[]): BookSnapshot {
  const records = emptyRecordMaps();
  const history = new Map<string, readonly string[]>();
  let stacks: Pick<BookSnapshot, 'undo' | 'redo'> = { undo: [], redo: [] };
  for (const one of done) {
    applyOperation(records, one);
    addToHistory(history, one);
    stacks = nextStacks(stacks, one);
  }
  return {
    records: recordLists(records),
    seq: done.at(-1)?.seq ?? 0,
    newestStamp: done.at(-1)?.stamp ?? null,
    history,
    ...stacks,
    sync: noSync,
  };
}

function toldOf(opened: OpenedBook) {
  return told({ ...momentOf(opened), sync: noSync });
}

/** A folder in which these operations were done, with checkpoints after the numbers given. */
async function folderAfter(done: readonly Operation[], checkpointsAfter: readonly number[] = []): Promise<string> {
  const folder = await temporaryFolder();
  const files = await open(folder);
  for (const one of done) {
    await files.journal.append([one]);
    if (checkpointsAfter.includes(one.seq)) await files.writeCheckpoint(bookAfter(done.slice(0, one.seq)));
  }
  await files.close();
  return folder;
}

/** A made client, then edits, an undo, a deletion: something of everything. */
const story: Operation[] = [
  operation(1, [
    {
      collection: 'clients',
      id: 'c1',
      before: null,
      after: { name: 'North Depot', tags: ['key account'], custom: { __legacy: 'yes', 'a|b': 1 } },
    },
  ]),
  operation(2, [
    { collection: 'contacts', id: 'p1', before: null, after: { clientId: 'c1', firstName: 'Ada', isPrimary: true } },
    { collection: 'locations', id: 'l1', before: null, after: { clientId: 'c1', name: 'Dock 4', isPrimary: true } },
  ]),
  operation(3, [{ collection: 'clients', id: 'c1', before: { name: 'North Depot' }, after: { name: 'North Depot Ltd' } }]),
  {
    ...operation(4, [{ collection: 'clients', id: 'c1', before: { name: 'North Depot Ltd' }, after: { name: 'North Depot' } }]),
    kind: 'undo',
    target: 'operation-3',
  },
  operation(5, [{ collection: 'contacts', id: 'p1', before: { deletedAt: null }, after: { deletedAt: '2026-03-04T10:00:00.000Z' } }]),
  { ...operation(6, [{ collection: 'clients', id: 'c2', before: null, after: { name: 'South' } }]), group: 'import-1' },
  { ...operation(7, [{ collection: 'clients', id: 'c3', before: null, after: { name: 'East' } }]), group: 'import-1' },
  operation(8, [{ collection: 'ledgers', id: 'x1', before: null, after: { of: 'a later version' } }]),
];

describe('the files of a book', () => {
  it('are an empty book in an empty folder', async () => {
    const files = await open(await temporaryFolder());
    expect(toldOf(files.opened)).toEqual(told(bookAfter([])));
    expect(files.notices).toEqual([]);
    expect(files.isCheckpointUseful()).toBe(false);
  });

  it('keep the name of the device', async () => {
    const folder = await temporaryFolder();
    const first = await open(folder);
    await first.close();
    expect((await open(folder)).opened.deviceId).toBe(first.opened.deviceId);
  });

  it('are a device of its own in a copy, and the same one where the folder was only moved', async () => {
    const folder = await folderAfter(story);
    const device = (await open(folder)).opened.deviceId;
    const copy = `${folder}-copy`;
    await cp(folder, copy, { recursive: true, preserveTimestamps: true });
    const moved = `${folder}-moved`;
    await rename(folder, moved);
    atEnd(async () => void (await Promise.all([copy, moved].map((path) => rm(path, { recursive: true })))));
    const original = await open(moved);
    expect(original.opened.deviceId).toBe(device);
    expect(original.notices).toEqual([]);
    const copied = await open(copy);
    expect(copied.opened.deviceId).not.toBe(device);
    expect(prefixFor(copied.opened.deviceId, 0), 'numbers of invoices').not.toBe(prefixFor(device, 0));
    expect(copied.notices.map(({ id }) => id)).toEqual(['folder-copied']);
    await copied.close();
    expect((await open(copy)).opened.deviceId, 'from then on').toBe(copied.opened.deviceId);
  });

  it('are a device of its own when an older copy was put back into the same folder', async () => {
    const folder = await folderAfter(story);
    const aside = `${folder}-aside`;
    await cp(join(folder, 'device.json'), aside);
    const device = (await open(folder)).opened.deviceId;
    await rm(join(folder, 'device.json'));
    await cp(aside, join(folder, 'device.json'));
    await rm(aside);
    expect((await open(folder)).opened.deviceId).not.toBe(device);
  });

  it('keep the device of a version that did not write down where it is', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'device.json'), '{"deviceId":"laptop"}');
    expect((await open(folder)).opened.deviceId).toBe('laptop');
    expect((await open(folder)).opened.deviceId).toBe('laptop');
  });

  for (const content of ['', '{"deviceId":', '{"deviceId":7}']) {
    it(`know the device from its own stamps when device.json holds ${content === '' ? 'nothing' : content}`, async () => {
      const folder = await folderAfter(story);
      await writeFile(join(folder, 'device.json'), content);
      expect((await open(folder)).opened.deviceId).toBe('laptop');
    });
  }

  for (const checkpoints of [[], [1], [3], [8], [2, 5], [1, 4, 7], [1, 2, 3, 4, 5, 6, 7, 8]]) {
    it(`bring back the whole book with checkpoints after ${checkpoints.join(', ') || 'nothing'}`, async () => {
      const files = await open(await folderAfter(story, checkpoints));
      expect(toldOf(files.opened)).toEqual(told(bookAfter(story)));
      expect(files.notices).toEqual([]);
    });
  }

  it('keep the newest two checkpoints and every journal segment', async () => {
    const folder = await folderAfter(story, [1, 2, 4, 6]);
    expect((await readdir(join(folder, 'checkpoint'))).toSorted()).toEqual(['4', '6']);
    expect((await readFile(join(folder, 'journal', '000001.ndjson'), 'utf8')).split('\n')).toHaveLength(story.length + 1);
  });

  it('leave out of a checkpoint what is blank in a record', async () => {
    const folder = await folderAfter(story.slice(0, 1), [1]);
    const [line] = (await readFile(join(folder, 'checkpoint', '1', 'clients.ndjson'), 'utf8')).split('\n');
    expect(JSON.parse(line ?? '')).toEqual([
      0,
      'c1',
      { name: 'North Depot', tags: ['key account'], custom: { __legacy: 'yes', 'a|b': 1 } },
    ]);
  });

  it('ask for a checkpoint after 5,000 operations, and no longer when it is written', async () => {
    const folder = await temporaryFolder();
    const files = await open(folder);
    const done = operations(1, 5000);
    await files.journal.append(done.slice(0, 4999));
    expect(files.isCheckpointDue()).toBe(false);
    await files.journal.append(done.slice(4999));
    expect(files.isCheckpointDue()).toBe(true);
    await files.writeCheckpoint(bookAfter(done));
    expect([files.isCheckpointDue(), files.isCheckpointUseful()]).toEqual([false, false]);
  });

  it('write a checkpoint of a moment while commands go on', async () => {
    const folder = await temporaryFolder();
    const files = await open(folder);
    const done = operations(1, 400);
    await files.journal.append(done.slice(0, 300));
    const writing = files.writeCheckpoint(bookAfter(done.slice(0, 300)));
    for (const one of done.slice(300)) await files.journal.append([one]);
    await writing;
    expect(files.isCheckpointUseful()).toBe(true);
    await files.close();
    expect(toldOf((await open(folder)).opened)).toEqual(told(bookAfter(done)));
  });

  it('find operations by id and by number', async () => {
    const files = await open(await folderAfter(story, [4]));
    expect((await files.findOperations(['operation-7', 'operation-2', 'unknown'])).map(({ id }) => id)).toEqual([
      'operation-2',
      'operation-7',
    ]);
    for (const seq of [0, 3, 4, 7, 8]) {
      const found: number[] = [];
      for await (const part of files.operationsAfter(seq)) found.push(...part.map((one) => one.seq));
      expect(found).toEqual(story.flatMap((one) => (one.seq > seq ? one.seq : [])));
    }
  });

  it('are the same book however it is cut into checkpoints and sessions', async () => {
    const name = fc.string({ unit: 'binary', maxLength: 20 });
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom('do', 'undo', 'redo'),
      field: fc.constantFrom('name', 'notes'),
      value: name,
      grouped: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.array(fc.nat(25), { maxLength: 4 }), async (steps, cuts) => {
        const made = new Set<string>();
        const done = steps.map(({ id, kind, field, value, grouped }, at): Operation => {
          const change: Change = made.has(id)
            ? { collection: 'clients', id, before: { [field]: '' }, after: { [field]: value } }
            : { collection: 'clients', id, before: null, after: { name: value } };
          made.add(id);
          const target = kind === 'do' ? null : `operation-${Math.max(1, at - 1)}`;
          return {
            ...operation(at + 1, [change]),
            kind: kind as Operation['kind'],
            target,
            group: grouped && kind === 'do' ? 'group' : null,
          };
        });
        const folder = await temporaryFolder();
        for (let at = 0; at <= done.length; ) {
          const next = cuts.find((cut) => cut > at && cut < done.length) ?? done.length;
          const files = await open(folder);
          await files.journal.append(done.slice(at, next));
          await files.writeCheckpoint(bookAfter(done.slice(0, next)));
          await files.close();
          at = next === done.length ? done.length + 1 : next;
        }
        expect(toldOf((await open(folder)).opened)).toEqual(told(bookAfter(done)));
      }),
      { numRuns: 25 },
    );
  });
});

describe('a damaged checkpoint', () => {
  const damage: Record<string, (checkpoint: string) => Promise<void>> = {
    'a letter changed in the clients': async (checkpoint) => {
      const path = join(checkpoint, 'clients.ndjson');
      await writeFile(path, (await readFile(path, 'utf8')).replace('South', 'Mouth'));
    },
    'the clients cut in half': (checkpoint) => truncate(join(checkpoint, 'clients.ndjson'), 100),
    'an index of the contacts emptied': (checkpoint) => truncate(join(checkpoint, 'contacts.parents.ndjson'), 0),
    'the keys of the clients gone': (checkpoint) => rm(join(checkpoint, 'clients.keys.ndjson')),
    'the heads gone': (checkpoint) => rm(join(checkpoint, 'heads.ndjson')),
    'the history gone': (checkpoint) => rm(join(checkpoint, 'history.ndjson')),
    'the manifest empty': (checkpoint) => writeFile(join(checkpoint, 'manifest.json'), ''),
    'the manifest of another format': (checkpoint) => writeFile(join(checkpoint, 'manifest.json'), '{"format":2}'),
    'nothing in it': async (checkpoint) => {
      await rm(checkpoint, { recursive: true });
      await mkdir(checkpoint);
    },
  };
  for (const [what, harm] of Object.entries(damage)) {
    it(`costs nothing: the one before and the journal are read with ${what}`, async () => {
      const folder = await folderAfter(story, [3, 7]);
      await harm(join(folder, 'checkpoint', '7'));
      const files = await open(folder);
      expect(toldOf(files.opened)).toEqual(told(bookAfter(story)));
      const said = 'A saved copy of the book was damaged on the disk. The book was put together from an older copy and the journal.';
      expect(saidNotices(files.notices)).toEqual([{ id: 'checkpoint-damaged', level: 'info', text: said }]);
      // Only where it was compared with all that could know more.
      files.searchEnded();
      expect(saidNotices(files.notices)).toEqual([{ id: 'checkpoint-damaged', level: 'info', text: `${said} Nothing is lost.` }]);
      expect(files.isCheckpointUseful()).toBe(true);
    });

    it(`costs nothing: the journal alone is read when both have ${what}`, async () => {
      const folder = await folderAfter(story, [3, 7]);
      for (const seq of ['3', '7']) await harm(join(folder, 'checkpoint', seq));
      expect(toldOf((await open(folder)).opened)).toEqual(told(bookAfter(story)));
    });
  }

  it('is not made by a write that was interrupted', async () => {
    const folder = await folderAfter(story, [3]);
    await cp(join(folder, 'checkpoint', '3'), join(folder, 'checkpoint', '8.new'), { recursive: true });
    const files = await open(folder);
    expect(await readdir(join(folder, 'checkpoint')), 'swept').toEqual(['3']);
    expect(files.notices).toEqual([]);
    await files.writeCheckpoint(bookAfter(story));
    expect((await readdir(join(folder, 'checkpoint'))).toSorted()).toEqual(['3', '8']);
  });

  it('is not made by a full disk: the older one stays', async () => {
    const disk = mountDisk('size=256k');
    const folder = disk ?? (await temporaryFolder());
    const files = await openBookFiles(folder, { clock, log: memoryLog(), journal: { freeBytes: async () => Number.MAX_SAFE_INTEGER } });
    atEnd(() => files.close());
    await files.journal.append(story);
    await files.writeCheckpoint(bookAfter(story));
    const long = operation(9, [{ collection: 'clients', id: 'long', before: null, after: { name: 'x'.repeat(90_000) } }]);
    await files.journal.append([long]);
    if (disk === null) await fillUp(20_000);
    else await writeFile(join(disk, 'film'), Buffer.alloc(90_000));
    await expect(files.writeCheckpoint(bookAfter([...story, long]))).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await readdir(join(folder, 'checkpoint'))).toEqual(['8']);
    expect(toldOf((await open(folder)).opened)).toEqual(told(bookAfter([...story, long])));
  });
});

describe('a journal with a gap', () => {
  const withoutLine = async (folder: string, number: number) => {
    const segment = join(folder, 'journal', '000001.ndjson');
    const lines = (await readFile(segment, 'utf8')).split('\n');
    lines[number - 1] = (lines[number - 1] ?? '').replace('"at"', '"AT"');
    await writeFile(segment, lines.join('\n'));
  };

  it('says in plain words what is missing and reads the rest', async () => {
    const folder = await folderAfter(story);
    await withoutLine(folder, 6);
    const files = await open(folder);
    expect(files.missing()).toEqual([6]);
    expect([...files.opened.records.lists().clients].map(({ name }) => name)).toEqual(['North Depot', 'East']);
    expect(saidNotices(files.notices)).toEqual([
      {
        id: 'journal-damaged',
        level: 'warning',
        text: expect.stringMatching(
          /^One saved change was damaged on the disk\. Everything else is there, and Fieldbook looks for it in the database\. What is left of it is kept in the folder "journal" \(damaged-000001-\d+\.txt\)\. Check the disk soon\.$/,
        ),
      },
    ]);
  });

  it('keeps what was typed into a record whose making is missing, and completes it when that is found', async () => {
    const folder = await folderAfter(story);
    await withoutLine(folder, 1);
    const files = await open(folder);
    expect(files.opened.records.layer.get('clients', 'c1')).toMatchObject({ name: 'North Depot', tags: [] });
    await files.putBack(story.slice(0, 1));
    expect(files.missing()).toEqual([]);
    expect(saidNotices(files.notices)).toEqual([
      {
        id: 'journal-damaged',
        level: 'info',
        text: 'Saved changes were damaged on the disk and have been found again in the database. Nothing is lost. Check the disk soon.',
      },
    ]);
    await files.close();
    const { opened, missing } = await open(folder);
    expect(everyRecord(opened.records.lists())).toEqual(everyRecord(bookAfter(story).records));
    expect(missing()).toEqual([]);
  });

  it('is told once: a checkpoint remembers what is missing', async () => {
    const folder = await folderAfter(story);
    await withoutLine(folder, 6);
    const first = await open(folder);
    expect(first.isCheckpointUseful()).toBe(true);
    await first.writeCheckpoint({ ...momentOf(first.opened), sync: noSync });
    await first.close();
    const second = await open(folder);
    expect(second.missing()).toEqual([6]);
    expect(second.notices).toEqual([]);
    expect(second.isCheckpointUseful()).toBe(false);
    await second.putBack(story.slice(5, 6));
    expect(saidNotices(second.notices).map(({ text }) => text)).toEqual([
      'Saved changes were damaged on the disk and have been found again in the database. Nothing is lost. Check the disk soon.',
    ]);
  });

  it('says so when the database does not have the change either', async () => {
    const folder = await folderAfter(story);
    await withoutLine(folder, 6);
    const files = await open(folder);
    files.searchEnded();
    expect(saidNotices(files.notices)[0]?.text).toMatch(
      /^One saved change was damaged on the disk and the database does not have it either\. Everything else is there\. What is left of it is kept/,
    );
  });

  it('does not hide what is written after its files were removed', async () => {
    const folder = await folderAfter(story, [8]);
    await rm(join(folder, 'journal'), { recursive: true });
    const files = await open(folder);
    expect(toldOf(files.opened)).toEqual(told(bookAfter(story)));
    expect(files.notices.map(({ id }) => id)).toEqual(['journal-short']);
    await files.journal.append([operation(9)]);
    await files.close();
    expect((await open(folder)).opened.seq).toBe(9);
  });
});

describe('a book that ends before what is known of it', () => {
  const manifest = (folder: string, more: object) =>
    writeFile(
      join(folder, 'manifest.json'),
      JSON.stringify({
        format: formats.manifest,
        databaseForm: 2,
        token: 't',
        appliedSeq: 0,
        counts: {},
        newestStamp: null,
        chromiumMajor: null,
        appVersion: null,
        ...more,
      }),
    );
  const texts = (files: BookFiles) => saidNotices(files.notices).map(({ text }) => text);

  it('says how much is missing, never that nothing is lost, and gives no number a second time', async () => {
    const folder = await folderAfter(story);
    await rm(join(folder, 'journal'), { recursive: true });
    await manifest(folder, { appliedSeq: 8 });
    const files = await open(folder);
    expect(files.missing()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(files.opened.seq).toBe(8);
    expect(texts(files)).toEqual([
      '8 saved changes are missing from the data folder. Fieldbook looks for them in the database. Check the disk soon.',
    ]);
    files.searchEnded();
    expect(texts(files)).toEqual([
      '8 saved changes are missing from the data folder and the database does not have them either. No backup has them either. Check the disk soon.',
    ]);
    expect(files.isWhole()).toBe(false);
  });

  it('is measured by the newest change that was journaled, also where the database had not got it', async () => {
    const folder = await folderAfter(story.slice(0, 6));
    await manifest(folder, { appliedSeq: 5, newestSeq: 8 });
    expect((await open(folder)).missing()).toEqual([7, 8]);
  });

  it('is known by its stamp where the numbers say nothing', async () => {
    const folder = await folderAfter(story.slice(0, 7));
    await manifest(folder, { appliedSeq: 7, newestStamp: story[7]?.stamp });
    const files = await open(folder);
    expect(texts(files)).toEqual([
      'One saved change is missing from the data folder. Fieldbook looks for it in the database. Check the disk soon.',
    ]);
    files.searchEnded();
    expect(files.isWhole()).toBe(false);
  });

  for (const [what, deviceId, seq, offered] of [
    ['all of it', 'laptop', 8, 'has them'],
    ['a part of it', 'laptop', 6, 'has 1 of them'],
    ['none of it', 'laptop', 5, null],
    ['another book', 'another', 8, null],
  ] as const) {
    it(`is offered the backup that has ${what}`, async () => {
      const folder = await folderAfter(story.slice(0, 5));
      await writeFile(join(folder, 'device.json'), JSON.stringify({ deviceId: 'laptop' }));
      await manifest(folder, { appliedSeq: 8 });
      const files = await openBookFiles(folder, {
        clock,
        log: memoryLog(),
        backups: [{ deviceId, seq, madeAt: '2026-03-03T09:00:00.000Z' }],
      });
      atEnd(() => files.close());
      files.searchEnded();
      const text = texts(files).join();
      if (offered === null) expect(text).toContain('No backup has them either.');
      else {
        expect(text).toMatch(/The backup of .*2026.* has /);
        expect(text).toContain(
          `${offered}: under "Backups and check" in Settings it can be restored, which takes the book back to that moment.`,
        );
      }
    });
  }

  it('is told of where nothing but a backup is left', async () => {
    const folder = await temporaryFolder();
    const files = await openBookFiles(folder, {
      clock,
      log: memoryLog(),
      backups: [{ deviceId: 'laptop', seq: 20, madeAt: '2026-03-03T09:00:00.000Z' }],
    });
    atEnd(() => files.close());
    files.searchEnded();
    expect(texts(files).join()).toMatch(/^20 saved changes are missing from the data folder .* The backup of .* has them: /);
  });

  it('does not believe a manifest that speaks of more than anybody can have done', async () => {
    const folder = await folderAfter(story);
    await manifest(folder, { appliedSeq: Number.MAX_SAFE_INTEGER });
    const files = await open(folder);
    expect(files.missing()).toEqual([]);
    expect(files.opened.seq).toBe(8);
  });

  it('does not believe a line with a number that nobody can have reached, and says so', async () => {
    const folder = await folderAfter(story);
    const segment = join(folder, 'journal', '000001.ndjson');
    await writeFile(segment, Buffer.concat([await readFile(segment), encodeLine(operation(900_000_000_000))]));
    const files = await open(folder);
    expect(files.opened.seq).toBe(8);
    expect(texts(files).join()).toMatch(/^One saved change was damaged on the disk/);
  });

  it('tells of an end that was cut off in the middle of a write', async () => {
    const folder = await folderAfter(story);
    const segment = join(folder, 'journal', '000001.ndjson');
    await truncate(segment, (await readFile(segment)).length - 5);
    const files = await open(folder);
    expect(texts(files)).toEqual([
      'Fieldbook was ended while it wrote its last change, which was dropped. It looks in the database whether that was saved.',
    ]);
    files.searchEnded();
    expect(texts(files)).toEqual([
      'Fieldbook was ended while it wrote its last change, which was dropped. It had not been confirmed as saved, and the database does not have it.',
    ]);
  });

  it('looks for the past that went with a segment', async () => {
    const folder = await temporaryFolder();
    const files = await openBookFiles(folder, { clock, log: memoryLog(), journal: { limits: { ...usualLimits, segmentBytes: 1 } } });
    for (const one of story) await files.journal.append([one]);
    await files.writeCheckpoint(bookAfter(story));
    await files.close();
    await rm(join(folder, 'journal', '000003.ndjson'));
    const short = await open(folder);
    expect(short.missing()).toEqual([3]);
    expect(short.notices.map(({ id }) => id)).toEqual(['journal-short']);
    await short.putBack(story.slice(2, 3));
    expect(texts(short)).toEqual([
      'Saved changes were missing from the folder "journal" and have been found again in the database. Nothing is lost.',
    ]);
  });
});

describe('a folder that cannot be used', () => {
  it('is told apart from an empty book', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'journal'), 'a file where a folder should be');
    const error: unknown = await openBookFiles(folder, { clock, log: memoryLog() }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ProblemError);
  });
});
