import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFiles, FILE_LIMIT } from '../../../electron/files.ts';
import { mountDisk } from './database/small-disk.ts';
import { problemOf } from '../../support/opened-book.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(path.join(tmpdir(), 'fieldbook-files-'));
});
afterEach(() => rmSync(data, { recursive: true }));

async function* bytes(...pieces: string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}
const kept = () => {
  try {
    return readdirSync(path.join(data, 'files'));
  } catch {
    return [];
  }
};

describe('files that pass through the book', () => {
  it('keep their bytes and their name', async () => {
    const files = createFiles(data);
    const taken = await files.take('Kunden März.csv', bytes('a,b\n', '1,2\n'));
    expect(taken).toMatchObject({ fileName: 'Kunden März.csv', size: 8 });
    expect(readFileSync(taken.path, 'utf8')).toBe('a,b\n1,2\n');
    expect(await createFiles(data).get(taken.fileId)).toEqual(taken);
  });

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\ada\\list.csv', 'list.csv'],
    ['a\u0000b\n:c?.csv', 'abc.csv'],
    ['..', 'file'],
    ['', 'file'],
    ['x'.repeat(500), 'x'.repeat(200)],
  ])('take %j in under a name no system trips over', async (name, expected) => {
    expect((await createFiles(data).take(name, bytes('x'))).fileName).toBe(expected);
  });

  it('are refused over 200 MB with a sentence, and leave nothing behind', async () => {
    const piece = new Uint8Array(64 * 1024 * 1024);
    async function* tooMuch() {
      for (let sent = 0; sent <= FILE_LIMIT; sent += piece.byteLength) yield piece;
    }
    const refused = createFiles(data).take('big.csv', tooMuch());
    expect(await problemOf(refused)).toMatchObject({ code: 'FILE_TOO_LARGE', message: expect.stringContaining('200 MB') });
    expect(kept()).toEqual([]);
  });

  it('leave nothing behind when they break off half-way', async () => {
    async function* broken() {
      yield Buffer.from('half');
      throw new Error('the line broke');
    }
    await expect(createFiles(data).take('half.csv', broken())).rejects.toMatchObject({ problem: { code: 'DISK_FAILED' } });
    expect(kept()).toEqual([]);
  });

  it('say that the disk is full in plain words', async () => {
    const files = createFiles(data);
    const full = files.make('out.csv', 'text/csv', async () => {
      throw Object.assign(new Error(), { code: 'ENOSPC' });
    });
    expect(await problemOf(full)).toMatchObject({ code: 'DISK_FULL', message: expect.stringContaining('Free some space') });
    expect(kept()).toEqual([]);
  });

  it('leave room as it was when the disk fills up while they come in', async () => {
    const disk = mountDisk('size=1m');
    async function* growing() {
      for (let piece = 0; piece < 64; piece += 1) {
        // Where no small disk can be had, the error comes from the bytes instead of from the disk.
        if (disk === null && piece === 32) throw Object.assign(new Error(), { code: 'ENOSPC' });
        yield new Uint8Array(64 * 1024);
      }
    }
    const files = createFiles(disk ?? data);
    await expect(files.take('growing.csv', growing())).rejects.toMatchObject({ problem: { code: 'DISK_FULL' } });
    expect(readdirSync(path.join(disk ?? data, 'files'))).toEqual([]);
    expect((await files.take('small.csv', bytes('a,b'))).size).toBe(3);
  });

  it('are made by an export and dropped when asked', async () => {
    const files = createFiles(data);
    const made = await files.make('clients.csv', 'text/csv', async (target) => writeFileSync(target, 'name\n'));
    expect(made).toMatchObject({ fileName: 'clients.csv', mediaType: 'text/csv', size: 5 });
    await files.drop(made.fileId);
    await expect(files.get(made.fileId)).rejects.toMatchObject({ problem: { code: 'FILE_GONE' } });
  });

  it.each(['', '..', '../device.json', 'x', '01890000-0000-7000-8000-000000000000/../..'])(
    'are not found under %j, and nothing is dropped',
    async (fileId) => {
      mkdirSync(path.join(data, 'files'));
      writeFileSync(path.join(data, 'device.json'), '{}');
      const files = createFiles(data);
      await expect(files.get(fileId)).rejects.toMatchObject({ problem: { code: 'FILE_GONE' } });
      await files.drop(fileId);
      expect(readdirSync(data)).toContain('device.json');
    },
  );

  it('are tidied: halves at once, old ones when nobody needs them', async () => {
    const files = createFiles(data);
    const [needed, old, fresh] = await Promise.all(['a', 'b', 'c'].map((name) => files.take(name, bytes(name))));
    for (const file of [needed, old]) utimesSync(path.dirname(file?.path ?? ''), 1, 1);
    mkdirSync(path.join(data, 'files', '0198.part'));
    await files.tidy(30, (fileId) => fileId === needed?.fileId);
    expect(new Set(kept())).toEqual(new Set([needed?.fileId, fresh?.fileId]));
  });

  it('are let be while they are being taken in', async () => {
    const files = createFiles(data);
    let goOn = () => {};
    const pause = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const taken = files.take(
      'slow.csv',
      (async function* () {
        yield Buffer.from('first ');
        await pause;
        yield Buffer.from('second');
      })(),
    );
    await expect.poll(kept).toHaveLength(1);
    await files.tidy(30, () => false);
    goOn();
    expect((await taken).size).toBe(12);
  });
});
