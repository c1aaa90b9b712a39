import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimDataFolder } from '../../../../electron/database/data-folder.ts';
import { ProblemError } from '../../../../shared/lib/result.ts';
import { fillUp, mountDisk, remountReadOnly } from './small-disk.ts';
import { atEnd, temporaryFolder } from './storage-fixture.ts';

async function problemOf(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error: unknown = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof ProblemError)) throw new Error('No problem was reported', { cause: error });
  return error.problem;
}

/** Another Fieldbook that claims the folder and stays open. */
async function otherFieldbook(folder: string): Promise<{ process: ChildProcess; said: string }> {
  const module = new URL('../../../../electron/database/data-folder.ts', import.meta.url).href;
  const program = `
    const { claimDataFolder } = await import(${JSON.stringify(module)});
    try { await claimDataFolder(${JSON.stringify(folder)}); console.log('claimed'); setInterval(() => {}, 1000); }
    catch (error) { console.log(error.problem.code); }
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  atEnd(async () => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { process: child, said: line.toString().trim() };
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

describe('the data folder', () => {
  it('is made, claimed and given back', async () => {
    const folder = join(await temporaryFolder(), 'not', 'there', 'yet');
    const claim = await claimDataFolder(folder);
    expect(await readdir(folder)).toEqual(['lock']);
    await claim.release();
    expect(await readdir(folder)).toEqual([]);
    await (await claimDataFolder(folder)).release();
  });

  it('opens in one Fieldbook only', async () => {
    const folder = await temporaryFolder();
    const other = await otherFieldbook(folder);
    expect(other.said).toBe('claimed');
    expect(await problemOf(claimDataFolder(folder))).toEqual({
      code: 'FOLDER_IN_USE',
      message: `Fieldbook is already open with the folder ${folder}. Go to its window, or close it and start again.`,
    });
  });

  it('is refused to a second one in the same process', async () => {
    const folder = await temporaryFolder();
    const claim = await claimDataFolder(folder);
    expect((await problemOf(claimDataFolder(folder))).code).toBe('FOLDER_IN_USE');
    await claim.release();
  });

  it('opens again after the Fieldbook that had it was killed', async () => {
    const folder = await temporaryFolder();
    const other = await otherFieldbook(folder);
    await killed(other.process);
    const claim = await claimDataFolder(folder);
    expect(await readdir(folder)).toEqual(['lock']);
    expect(JSON.parse(await readFile(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    await claim.release();
  });

  it('goes to exactly one of five that start at once behind a killed one', async () => {
    const folder = await temporaryFolder();
    await killed((await otherFieldbook(folder)).process);
    const starters = await Promise.all(Array.from({ length: 5 }, () => otherFieldbook(folder)));
    expect(starters.map(({ said }) => said).toSorted()).toEqual([
      'FOLDER_IN_USE',
      'FOLDER_IN_USE',
      'FOLDER_IN_USE',
      'FOLDER_IN_USE',
      'claimed',
    ]);
  });

  it('is not held by another program that got the process number of the one that was killed', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'lock'), JSON.stringify({ pid: process.pid, startedAs: 'another boot:17', claim: 'of long ago' }));
    await (await claimDataFolder(folder)).release();
  });

  for (const [what, content] of Object.entries({
    empty: '',
    'cut in half': '{"pid":12,"star',
    'of something else': '[1,2]',
    'a number': '12',
  })) {
    it(`opens when the lock is ${what}, as a crash can leave it`, async () => {
      const folder = await temporaryFolder();
      await writeFile(join(folder, 'lock'), content);
      await (await claimDataFolder(folder)).release();
    });
  }

  it('leaves the lock of the next one alone when it is given back twice', async () => {
    const folder = await temporaryFolder();
    const first = await claimDataFolder(folder);
    await first.release();
    const second = await claimDataFolder(folder);
    await first.release();
    expect(await readdir(folder)).toEqual(['lock']);
    await second.release();
  });

  it('says what to do when a file has its name', async () => {
    const path = join(await temporaryFolder(), 'file');
    await writeFile(path, '');
    for (const folder of [path, join(path, 'below')]) {
      expect(await problemOf(claimDataFolder(folder))).toEqual({
        code: 'FOLDER_NOT_A_FOLDER',
        message: `${folder} is a file, not a folder. Nothing was changed. Start Fieldbook with another folder.`,
      });
    }
  });

  it('says what to do when it may only be read', async () => {
    const disk = mountDisk('size=64k');
    const folder = disk ?? (await temporaryFolder());
    if (disk !== null) remountReadOnly(disk);
    else await chmod(folder, 0o500);
    expect(await problemOf(claimDataFolder(folder))).toEqual({
      code: 'FOLDER_READ_ONLY',
      message: `Fieldbook may not write in the folder ${folder}. Nothing was changed. Allow writing there, or start Fieldbook with another folder.`,
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('says what to do when its disk is full', async () => {
    const disk = mountDisk('size=16k');
    const folder = disk ?? (await temporaryFolder());
    if (disk === null) await fillUp(0);
    else await writeFile(join(disk, 'everything'), Buffer.alloc(16 * 1024)).catch(() => undefined);
    expect(await problemOf(claimDataFolder(folder))).toEqual({
      code: 'DISK_FULL',
      message: `The disk with the folder ${folder} is full, so Fieldbook cannot start. Nothing was changed. Free some space, then start Fieldbook again.`,
    });
  });
});
