import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type BookFiles, openBookFiles } from '../../../../electron/database/book-files.ts';
import { provenAtOnceBytes } from '../../../../electron/database/checkpoint.ts';
import { fixedClock } from '../../../../shared/lib/clock.ts';
import { noSync } from '../../../../electron/domain/sync-state.ts';
import { momentOf, told } from '../../../support/plain-book.ts';
import { folderBook } from './backup-fixture.ts';
import { atEnd, memoryLog } from './storage-fixture.ts';

const clock = fixedClock('2026-03-04T09:00:00.000Z');

async function open(folder: string, provenLaterFrom?: number): Promise<BookFiles & { log: ReturnType<typeof memoryLog> }> {
  const log = memoryLog();
  const files = await openBookFiles(folder, { clock, log, ...(provenLaterFrom !== undefined && { provenLaterFrom }) });
  atEnd(() => files.close().catch(() => undefined));
  return Object.assign(files, { log });
}

const saidBy = ({ opened }: BookFiles) => told({ ...momentOf(opened), sync: noSync });

/** A folder with two checkpoints and a journal that goes on behind them, and what is in it. */
async function savedFolder() {
  const laptop = await folderBook();
  await laptop.add('North Depot', 'Harbor');
  await laptop.files.writeCheckpoint(laptop.book.snapshot());
  await laptop.add('South Mill');
  await laptop.files.writeCheckpoint(laptop.book.snapshot());
  await laptop.add('East Gate');
  await laptop.close();
  const newest = join(laptop.folder, 'checkpoint', '3');
  return { folder: laptop.folder, newest, checkpoints: () => readdir(join(laptop.folder, 'checkpoint')) };
}

/** One letter is another one; the size stays. */
async function harm(path: string): Promise<void> {
  const bytes = await readFile(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] as number) ^ 1;
  await writeFile(path, bytes);
}

describe('a checkpoint that is on screen before it is proven', () => {
  it('says the same, holds its bytes once they are proven, and is followed by others', async () => {
    const { folder, newest, checkpoints } = await savedFolder();
    const first = await open(folder);
    const proven = saidBy(first);
    await first.close();
    const files = await open(folder, 0);
    expect(await checkpoints(), 'noted').toContain('unproven');
    expect(saidBy(files)).toEqual(proven);
    expect(await files.proven).toBe(true);
    expect(await checkpoints(), 'settled').not.toContain('unproven');
    // From here on nothing is read from the disk.
    await rm(newest, { recursive: true });
    expect(saidBy(files)).toEqual(proven);
    await files.writeCheckpoint({ ...momentOf(files.opened), sync: noSync });
    expect(await checkpoints()).toContain('4');
    await files.close();
    expect(saidBy(await open(folder, 0))).toEqual(proven);
  });

  it('is proven first where it is small, or where its lines have no beginnings beside them', async () => {
    const { folder, newest } = await savedFolder();
    const small = await open(folder, provenAtOnceBytes);
    expect(small.log.lines.map(({ event }) => event)).not.toContain('book.proven');
    await small.close();
    const manifest = JSON.parse(await readFile(join(newest, 'manifest.json'), 'utf8')) as { starts?: unknown };
    delete manifest.starts;
    await writeFile(join(newest, 'manifest.json'), JSON.stringify(manifest));
    await rm(join(newest, 'starts.bin'));
    const older = await open(folder, 0);
    expect(older.log.lines.map(({ event }) => event)).not.toContain('book.proven');
    expect(older.notices).toEqual([]);
    expect(await older.proven).toBe(true);
  });

  const files = [
    'clients.ndjson',
    'contacts.parents.ndjson',
    'clients.keys.ndjson',
    'heads.ndjson',
    'history.ndjson',
    'operation-ids.ndjson',
  ];
  for (const name of files) {
    it(`is given up where a letter of ${name} was changed: nothing is written from it, and the next start reads what it always did`, async () => {
      const { folder, newest, checkpoints } = await savedFolder();
      const copy = `${folder}-first`;
      atEnd(() => rm(copy, { recursive: true, force: true }));
      await harm(join(newest, name));
      await cp(folder, copy, { recursive: true });
      const asEver = await open(copy);
      asEver.dismissNotice('folder-copied');

      const shown = await open(folder, 0);
      expect(shown.notices, 'nothing is known yet').toEqual([]);
      expect(await shown.proven).toBe(false);
      await expect(shown.writeCheckpoint({ ...momentOf(asEver.opened), sync: noSync })).rejects.toThrow('not proven');
      expect((await checkpoints()).toSorted(), 'and the older one stays').toEqual(['2', '3', 'unproven']);
      await shown.close();

      const again = await open(folder, 0);
      expect(
        again.log.lines.map(({ event }) => event),
        'proven first',
      ).not.toContain('book.proven');
      expect(again.notices).toEqual(asEver.notices);
      expect(again.notices.map(({ id }) => id)).toEqual(['checkpoint-damaged']);
      expect(saidBy(again)).toEqual(saidBy(asEver));
      expect(await again.proven).toBe(true);
      expect(await checkpoints(), 'judged').not.toContain('unproven');
    });
  }

  const atOnce: Record<string, (newest: string) => Promise<void>> = {
    'the clients cut': (newest) => truncate(join(newest, 'clients.ndjson'), 100),
    'the heads gone': (newest) => rm(join(newest, 'heads.ndjson')),
    'the beginnings of lines changed': (newest) => harm(join(newest, 'starts.bin')),
    'the beginnings of lines gone': (newest) => rm(join(newest, 'starts.bin')),
    'the undo stacks changed': (newest) => harm(join(newest, 'stacks.ndjson')),
    'the manifest empty': (newest) => truncate(join(newest, 'manifest.json'), 0),
  };
  for (const [what, harmIt] of Object.entries(atOnce)) {
    it(`is passed over at once with ${what}`, async () => {
      const { folder, newest } = await savedFolder();
      const whole = await open(folder);
      const expected = saidBy(whole);
      await whole.close();
      await harmIt(newest);
      const files = await open(folder, 0);
      expect(files.notices.map(({ id }) => id)).toEqual(['checkpoint-damaged']);
      expect(saidBy(files)).toEqual(expected);
      expect(await files.proven).toBe(true);
    });
  }

  it('is given up where the sums are right and a line begins elsewhere', async () => {
    const { folder, newest } = await savedFolder();
    // As a tool would leave it that writes sums anew and knows nothing of the beginnings.
    const path = join(newest, 'clients.ndjson');
    const lines = (await readFile(path, 'utf8')).split('\n');
    const [first = '', second = ''] = lines;
    const moved = Buffer.from(`${first} \n${second.slice(0, -1)}\n${lines.slice(2).join('\n')}`);
    await writeFile(path, moved);
    const manifest = JSON.parse(await readFile(join(newest, 'manifest.json'), 'utf8')) as { files: Record<string, { sha256: string }> };
    (manifest.files['clients.ndjson'] as { sha256: string }).sha256 = createHash('sha256').update(moved).digest('hex');
    await writeFile(join(newest, 'manifest.json'), JSON.stringify(manifest));
    expect(await (await open(folder, 0)).proven).toBe(false);
  });

  it('is proven first after a start that was killed before it was: what ended it may have been the damage', async () => {
    const { folder, checkpoints } = await savedFolder();
    const whole = await open(folder);
    const expected = saidBy(whole);
    await whole.close();
    const program = join(import.meta.dirname, 'unproven-program.ts');
    const { signal } = spawnSync(process.execPath, [program, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
    expect(signal).toBe('SIGKILL');
    expect(await checkpoints()).toContain('unproven');
    const next = await open(folder, 0);
    expect(next.log.lines.map(({ event }) => event)).not.toContain('book.proven');
    expect(next.notices).toEqual([]);
    expect(saidBy(next), 'a command that waited was not written').toEqual(expected);
    expect(await next.proven).toBe(true);
    expect(await checkpoints()).not.toContain('unproven');
  });
});
