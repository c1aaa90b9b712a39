import { type ChildProcess, spawn } from 'node:child_process';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../../../../build/paths.mjs';
import { formats } from '../../../../../electron/database/migrations/formats.ts';
import { formatsFile, migrateFolder } from '../../../../../electron/database/migrations/migrate-folder.ts';
import { seeded } from '../../../../support/seeded.ts';
import { memoryLog, temporaryFolder } from '../storage-fixture.ts';
import { problemOf } from '../../../../support/opened-book.ts';

const kept = join(root, 'test/fixtures/book-1/folder');
const json = async (folder: string, file: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(folder, file), 'utf8')) as Record<string, unknown>;

async function keptFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await cp(kept, folder, { recursive: true });
  return folder;
}

describe('a data folder', () => {
  it('of the first forms is brought to those of today, and touched no more after', async () => {
    const folder = await keptFolder();
    await migrateFolder(folder, memoryLog());
    expect(await json(folder, formatsFile)).toEqual(formats);
    expect(await json(folder, 'manifest.json')).toMatchObject({ format: 2, counts: { records: 27, operations: 34 } });
    const log = memoryLog();
    await migrateFolder(folder, log);
    expect(log.lines).toEqual([]);
  });

  it('that is new has the forms of today', async () => {
    const folder = await temporaryFolder();
    await migrateFolder(folder, memoryLog());
    expect(await readdir(folder)).toEqual([formatsFile]);
    expect(await json(folder, formatsFile)).toEqual(formats);
  });

  it('that lost its numbers is looked at, and no step is taken twice', async () => {
    const folder = await keptFolder();
    await migrateFolder(folder, memoryLog());
    const before = await json(folder, 'manifest.json');
    await writeFile(join(folder, formatsFile), '{"mani');
    await migrateFolder(folder, memoryLog());
    expect(await json(folder, 'manifest.json')).toEqual(before);
    expect(await json(folder, formatsFile)).toEqual(formats);
  });

  for (const [what, has] of [
    ['one form is newer', { ...formats, journal: formats.journal + 1 }],
    ['there is a form nobody knows here', { ...formats, drawings: 1 }],
  ] as const)
    it(`is refused with a sentence, and left as it is, where ${what}`, async () => {
      const folder = await keptFolder();
      await writeFile(join(folder, formatsFile), JSON.stringify(has));
      const before = await json(folder, 'manifest.json');
      expect(await problemOf(migrateFolder(folder, memoryLog()))).toMatchObject({
        code: 'BOOK_NEWER',
        message: expect.stringContaining('Nothing was changed'),
      });
      expect(await json(folder, 'manifest.json')).toEqual(before);
      expect(await json(folder, formatsFile)).toEqual(has);
    });

  it('is whole in the old or the new form wherever the process is killed, and the next start ends what was begun', async () => {
    const random = seeded('killed migrations');
    for (let round = 0; round < 8; round += 1) {
      const folder = await keptFolder();
      await killedWithin(folder, random.below(60));
      for (const file of ['manifest.json', 'settings.json']) expect(await json(folder, file)).toBeTypeOf('object');
      await ended(program(folder), /done/);
      expect(await json(folder, 'manifest.json')).toMatchObject({ format: 11, token: (await json(kept, 'manifest.json'))['token'] });
      expect(await json(folder, 'settings.json')).toMatchObject({ format: 11, personName: 'Ada Lovelace' });
      expect(await json(folder, formatsFile)).toEqual({ manifest: 11, settings: 11 });
    }
  }, 120_000);
});

function program(folder: string): ChildProcess {
  const file = join(import.meta.dirname, 'migrating-program.ts');
  return spawn(process.execPath, [file, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
}

function ended(child: ChildProcess, said: RegExp): Promise<void> {
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('close', () => (said.test(output) ? resolve() : reject(new Error(`It ended, and said ${output}`))));
  });
}

/** Kills it some time after it began. */
async function killedWithin(folder: string, ms: number): Promise<void> {
  const child = program(folder);
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (text.includes('begins')) setTimeout(() => child.kill('SIGKILL'), ms);
  });
  await ended(child, /begins/);
}
