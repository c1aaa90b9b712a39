import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createAttachments } from '../../../../electron/database/attachments.ts';
import { sweepAttachments } from '../../../../electron/opening/open-attachments.ts';
import { ProblemError } from '../../../../shared/lib/result.ts';
import { attachmentsOf } from '../../../support/book-backend.ts';
import { openLaptop, problemOf, quietLog } from '../../../support/opened-book.ts';
import { temporaryFolder } from './storage-fixture.ts';

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');

async function* pieces(...texts: (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

const everything = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name);

describe('contents of attached files', () => {
  it('stand under their checksum, once however often they come', async () => {
    const folder = await temporaryFolder();
    const store = createAttachments(folder, { log: quietLog });
    const first = await store.take(pieces('hel', 'lo'), 5);
    expect(first).toEqual({ sha256: sha256('hello'), size: 5, mediaType: 'text/plain' });
    expect(await store.take(pieces('hello'), 5)).toEqual(first);
    expect(store.pathOf(first.sha256)).toBe(join(folder, 'attachments', first.sha256.slice(0, 2), first.sha256));
    expect(await everything(join(folder, 'attachments'))).toEqual([first.sha256]);
    expect(await store.stateOf(first.sha256, 5, true)).toBe('whole');
  });

  it('are known by what they are, not by what they are called', async () => {
    const store = createAttachments(await temporaryFolder(), { log: quietLog });
    const kind = async (bytes: Buffer | string) => (await store.take(pieces(bytes), 10)).mediaType;
    expect(await kind(Buffer.from('%PDF-1.7\n%âãÏÓ\n1 0 obj\n', 'latin1'))).toBe('application/pdf');
    expect(await kind(Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)]))).toBe('application/x-msdownload');
    expect(await kind(Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]), Buffer.alloc(200)]))).toBe('application/x-elf');
    expect(await kind('#!/bin/sh\necho hello')).toBe('text/x-script');
    expect(await kind('\ufeff <!-- note --> <!DOCTYPE html><p>')).toBe('text/html');
    expect(await kind('Grüße aus Köln')).toBe('text/plain');
    expect(await kind(Buffer.from([0, 1, 2, 3]))).toBe('application/octet-stream');
    expect(await kind('')).toBe('application/octet-stream');
    // Hostile to readers that look inside: a zip that promises more than it holds.
    expect(await kind(Buffer.concat([Buffer.from('PK\u0003\u0004'), deflateRawSync(Buffer.alloc(50_000))]))).toMatch(/^application\//);
  });

  it('are refused over the limit, on a full disk and when they break off; nothing of them stays', async () => {
    const folder = await temporaryFolder();
    const store = createAttachments(folder, { log: quietLog, limit: 2 * 1024 * 1024 });
    const codeOf = async (work: Promise<unknown>) => (await problemOf(work)).code;
    expect(await problemOf(store.take(pieces('small'), 3_000_000))).toMatchObject({
      code: 'FILE_TOO_LARGE',
      message: expect.stringContaining('2 MB'),
    });
    expect(await codeOf(store.take(pieces(Buffer.alloc(1_500_000), Buffer.alloc(1_500_000)), 10))).toBe('FILE_TOO_LARGE');
    const full = createAttachments(folder, { log: quietLog, freeBytes: async () => 50_000_000 });
    expect(await codeOf(full.take(pieces('x'), 1))).toBe('DISK_FULL');
    const broken = async function* () {
      yield Buffer.from('half');
      throw new Error('the line broke');
    };
    expect(await codeOf(store.take(broken(), 8))).toBe('DISK_FAILED');
    expect(await everything(join(folder, 'attachments'))).toEqual([]);
  });

  it('are told from damaged ones, and mended when the file is attached again', async () => {
    const store = createAttachments(await temporaryFolder(), { log: quietLog });
    const { sha256: sum } = await store.take(pieces('the contract'), 12);
    await writeFile(store.pathOf(sum), 'the cantract');
    expect(await store.stateOf(sum, 12, false)).toBe('whole');
    expect(await store.stateOf(sum, 12, true)).toBe('damaged');
    await writeFile(store.pathOf(sum), 'the');
    expect(await store.stateOf(sum, 12, false)).toBe('damaged');
    await store.take(pieces('the contract'), 12);
    expect(await store.stateOf(sum, 12, true)).toBe('whole');
    expect(await store.stateOf(sha256('never seen'), null, true)).toBe('missing');
    await expect(store.putBack(sha256('other'), pieces('not other'))).rejects.toThrow('Other content');
    expect(await store.stateOf(sha256('other'), null, false)).toBe('missing');
    expect(() => store.pathOf('../../etc/passwd')).toThrow('Not a checksum');
  });

  it('half taken in when the power went are cleared away at the start', async () => {
    const folder = await temporaryFolder();
    const store = createAttachments(folder, { log: quietLog });
    const { sha256: sum } = await store.take(pieces('kept'), 4);
    await writeFile(join(folder, 'attachments', '0b5e.part'), 'half');
    await sweepAttachments(folder, store);
    expect(await everything(join(folder, 'attachments'))).toEqual([sum]);
  });
});

describe('a file on a record', () => {
  const withFile = async (content: string | Buffer, name: string, openFile: ((path: string) => Promise<boolean>) | null = null) => {
    const laptop = await openLaptop();
    const { files, attachments, service } = attachmentsOf(laptop, openFile);
    const { record: client } = await laptop.clients.create({ name: 'Harbor Bakery' });
    const attach = async (bytes: string | Buffer, as: string) =>
      service.add((await files.take(as, pieces(bytes))).fileId, 'clients', client.id);
    const { record } = await attach(content, name);
    return { laptop, files, attachments, service, client, record, attach };
  };

  it('is an activity with the name, size and kind of the file, which undo takes away and brings back', async () => {
    const { laptop, record, attachments, files } = await withFile('an offer', 'Offer März.txt');
    expect(record).toMatchObject({
      kind: 'attachment',
      title: 'Offer März.txt',
      size: 8,
      sha256: sha256('an offer'),
      mediaType: 'text/plain',
    });
    expect(await everything(join(laptop.folder, 'files'))).toEqual([]);
    await laptop.history.undo(null);
    expect(await attachments.stateOf(record.sha256 ?? '', 8, true)).toBe('whole');
    await laptop.history.redo();
    const again = await laptop.reopen();
    expect(again.activities.get(record.id)).toMatchObject({ fileName: 'Offer März.txt', deletedAt: null });
    expect((await problemOf(files.get('gone'))).code).toBe('FILE_GONE');
  });

  it('is not attached to what is not there, and then its content is kept by nobody who names it', async () => {
    const { laptop, files, service } = await withFile('x', 'x.txt');
    const { fileId } = await files.take('y.txt', pieces('y'));
    expect((await problemOf(service.add(fileId, 'clients', 'nobody'))).code).toBe('NOT_FOUND');
    expect(laptop.counts().activities).toBe(1);
  });

  it('is opened by the system as a read-only copy under a safe name', async () => {
    const seen: string[] = [];
    const { service, record, attachments } = await withFile('an offer', 'of\u202efer.txt', async (path) => {
      seen.push(path);
      await expect(readFile(path, 'utf8')).resolves.toBe('an offer');
      expect((await stat(path)).mode & 0o777).toBe(0o400);
      return true;
    });
    expect(await service.open(record.id, false)).toEqual({ opened: true });
    expect(seen[0]).toMatch(/[/\\]opened[/\\][^/\\]+[/\\]offer\.txt$/);
    expect(seen[0]).not.toBe(attachments.pathOf(record.sha256 ?? ''));
  });

  it('asks first where it is a program, by name or by content', async () => {
    let opened = 0;
    const count = async () => {
      opened += 1;
      return true;
    };
    const { service, record, attach } = await withFile('hello', 'invoice.pdf.exe', count);
    expect(await problemOf(service.open(record.id, false))).toMatchObject({
      code: 'FILE_RISKY',
      message: expect.stringContaining('"invoice.pdf.exe"'),
    });
    const { record: hidden } = await attach(Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100)]), 'holiday.jpg');
    expect((await problemOf(service.open(hidden.id, false))).code).toBe('FILE_RISKY');
    expect(opened).toBe(0);
    await service.open(hidden.id, true);
    expect(opened).toBe(1);
  });

  it('whose content is gone or damaged is not opened, and says what to do', async () => {
    const { service, record, attachments } = await withFile('an offer', 'offer.txt', async () => true);
    await writeFile(attachments.pathOf(record.sha256 ?? ''), 'an offXr');
    expect(await problemOf(service.open(record.id, false))).toMatchObject({
      code: 'ATTACHMENT_MISSING',
      message: expect.stringContaining('"offer.txt"'),
    });
    await expect(service.file(record.id)).rejects.toBeInstanceOf(ProblemError);
  });
});

const wasKilled = (program: string, args: string[]): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      code === 0 || signal === 'SIGKILL' ? resolve(signal === 'SIGKILL') : reject(new Error(`ended with ${code}`)),
    );
  });

it('killed at any change of the disk while files are attached, no activity names a file that is not whole', async () => {
  const laptop = await openLaptop();
  const { files } = attachmentsOf(laptop);
  const { record: client } = await laptop.clients.create({ name: 'Harbor Bakery' });
  const big = Buffer.alloc(700_000, 'x');
  const fileIds = [];
  for (const [name, bytes] of [
    ['big.bin', big],
    ['same.bin', big],
    ['small.txt', Buffer.from('small')],
  ] as const)
    fileIds.push((await files.take(name, pieces(bytes))).fileId);
  await laptop.book.idle();
  await laptop.files.close();
  const program = join(import.meta.dirname, 'attaching-program.ts');
  const named: number[] = [];
  let kills = 0;
  for (let steps = 0; steps < 30; steps += 2) {
    const folder = await temporaryFolder();
    await cp(laptop.folder, folder, { recursive: true });
    if (await wasKilled(program, [folder, client.id, String(steps), ...fileIds])) kills += 1;
    const store = createAttachments(folder, { log: quietLog });
    await sweepAttachments(folder, store);
    const again = await openLaptop({ folder });
    const attached = [...again.book.all('activities')];
    for (const { sha256: sum, size, fileName } of attached) {
      expect(await store.stateOf(sum ?? '', size, true), `${fileName} after ${steps} changes`).toBe('whole');
    }
    // Content that nobody names yet is whole too.
    await mkdir(join(folder, 'attachments'), { recursive: true });
    for (const name of await everything(join(folder, 'attachments'))) expect(await store.stateOf(name, null, true), name).toBe('whole');
    named.push(attached.length);
  }
  expect(kills).toBeGreaterThan(8);
  expect(new Set(named).size).toBeGreaterThan(1);
}, 120_000);
