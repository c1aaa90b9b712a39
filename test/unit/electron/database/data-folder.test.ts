import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimDataFolder } from '../../../../electron/database/data-folder.ts';
import { type Owner, readOwner } from '../../../../electron/database/folder-owner.ts';
import { systemLockName } from '../../../../electron/database/system-lock.ts';
import { ProblemError } from '../../../../shared/lib/result.ts';
import { fillUp, mountDisk, remountReadOnly } from './small-disk.ts';
import { atEnd, temporaryFolder } from './storage-fixture.ts';
import { say } from '../../../../shared/words/say.ts';

const quickBeat = { beatMs: 30, watchMs: 400 };

async function problemOf(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error: unknown = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof ProblemError)) throw new Error('No problem was reported', { cause: error });
  return { code: error.problem.code, message: say(error.problem) };
}

/** Another Fieldbook that claims the folder and stays open. */
async function otherFieldbook(folder: string, inFrontOf: string[] = []): Promise<{ process: ChildProcess; said: string }> {
  const module = new URL('../../../../electron/database/data-folder.ts', import.meta.url).href;
  const program = `
    const { claimDataFolder } = await import(${JSON.stringify(module)});
    try { await claimDataFolder(${JSON.stringify(folder)}); console.log('claimed'); setInterval(() => {}, 1000); }
    catch (error) { console.log(error.problem.code); }
  `;
  const words = [...inFrontOf, process.execPath, '--input-type=module', '-e', program];
  const child = spawn(words[0] ?? '', words.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
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
    expect(await readdir(folder)).toEqual(['lock', systemLockName]);
    await claim.release();
    expect(await readdir(folder)).toEqual([systemLockName]);
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
    expect(await readdir(folder)).toEqual(['lock', systemLockName]);
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

  it('is refused while another has it whose process cannot be seen from here, as in another container', async () => {
    const folder = await temporaryFolder();
    // Numbers of processes of its own, where the test may make some; elsewhere a lock of a process that never was.
    const apart =
      spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0
        ? ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']
        : [];
    const other = await otherFieldbook(folder, apart);
    if (apart.length === 0)
      await writeFile(
        join(folder, 'lock'),
        JSON.stringify({ ...((await readOwner(join(folder, 'lock'))) as Owner), pid: 4_000_000, space: 'pid:[1]' }),
      );
    expect((await problemOf(claimDataFolder(folder, quickBeat))).code).toBe('FOLDER_IN_USE');
    await killed(other.process);
    // What ends the outer process ends the inner one a moment later.
    await expect
      .poll(() =>
        claimDataFolder(folder, quickBeat).then(
          (claim) => claim.release().then(() => 'free'),
          () => 'in use',
        ),
      )
      .toBe('free');
  });

  it('is refused while another computer says that it is there, with its name, and free once it is silent', async () => {
    const folder = await temporaryFolder();
    const lock = join(folder, 'lock');
    await writeFile(
      lock,
      JSON.stringify({ pid: 7, startedAs: 'its boot:1', claim: 'theirs', host: 'office-pc', space: 'pid:[1]', place: null }),
    );
    let beats = 0;
    const beating = setInterval(() => void utimes(lock, new Date(), new Date(2_000_000_000_000 + ++beats)), 20);
    try {
      expect(await problemOf(claimDataFolder(folder, quickBeat))).toEqual({
        code: 'FOLDER_IN_USE',
        message: `Fieldbook is already open with the folder ${folder} on the computer "office-pc". Close it there, then start Fieldbook again.`,
      });
    } finally {
      clearInterval(beating);
    }
    await (await claimDataFolder(folder, quickBeat)).release();
  });

  it('says again and again that it is open, for who cannot ask the system', async () => {
    const folder = await temporaryFolder();
    const claim = await claimDataFolder(folder, quickBeat);
    const { mtimeMs } = await stat(join(folder, 'lock'));
    await expect.poll(async () => (await stat(join(folder, 'lock'))).mtimeMs, { timeout: 5000 }).not.toBe(mtimeMs);
    await claim.release();
  });

  it('may not be written into any more once another has it, and not even its lock is touched', async () => {
    const folder = await temporaryFolder();
    const lock = join(folder, 'lock');
    const claim = await claimDataFolder(folder, quickBeat);
    await claim.check();
    const theirs = JSON.stringify({ pid: 7, startedAs: null, claim: 'theirs', host: 'office-pc' });
    await writeFile(lock, theirs);
    expect(await problemOf(claim.check())).toMatchObject({
      code: 'BOOK_READ_ONLY',
      message: expect.stringContaining('perhaps on another computer'),
    });
    await claim.release();
    expect(await readFile(lock, 'utf8')).toBe(theirs);
    await rm(lock);
    // Gone again, the other may have written: what this one has in memory stays the older.
    await expect(claim.check()).rejects.toBeInstanceOf(ProblemError);
  });

  it('is closed to everybody else, with all that is in it, whoever made it', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'journal'), { mode: 0o755 });
    await mkdir(join(folder, 'checkpoint', '3'), { recursive: true, mode: 0o777 });
    const files = ['settings.json', 'journal/000001.ndjson', 'checkpoint/3/clients.ndjson'].map((name) => join(folder, name));
    for (const file of files) await writeFile(file, '', { mode: 0o644 });
    for (const path of [folder, ...files]) await chmod(path, path === folder ? 0o755 : 0o664);
    const claim = await claimDataFolder(folder);
    expect(claim.isPrivate).toBe(true);
    const modes = await Promise.all(
      [folder, join(folder, 'journal'), join(folder, 'checkpoint'), ...files].map(async (path) => (await stat(path)).mode & 0o777),
    );
    expect(modes.map((mode) => mode.toString(8))).toEqual(['700', '700', '700', '600', '600', '600']);
    await claim.release();
  });

  it('keeps its lock when somebody tidies it away', async () => {
    const folder = await temporaryFolder();
    const claim = await claimDataFolder(folder);
    await rm(join(folder, 'lock'));
    await claim.check();
    expect(await readOwner(join(folder, 'lock'))).toMatchObject({ pid: process.pid });
    await claim.release();
  });

  it('opens as a copy while what it was copied from is open', async () => {
    const folder = await temporaryFolder();
    const original = await claimDataFolder(folder);
    const copy = `${folder}-copy`;
    await cp(folder, copy, { recursive: true });
    atEnd(() => rm(copy, { recursive: true }));
    await (await claimDataFolder(copy)).release();
    await original.check();
    await original.release();
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
    expect(await readdir(folder)).toEqual(['lock', systemLockName]);
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
