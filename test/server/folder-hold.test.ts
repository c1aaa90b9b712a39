import { type ChildProcess, spawn } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { node24, root } from '../../build/paths.mjs';
import { askHolder, holdFolder } from '../../server/store/folder-hold.ts';
import { freshFolder, tidyUp } from './support/server-process.ts';

tidyUp();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const script = `
  const { holdFolder } = await import(process.argv[1]);
  const hold = await holdFolder(process.argv[2]).catch((error) => ({ refused: error.message }));
  process.stdout.write(hold.refused ?? 'held');
  if ('refused' in hold) process.exit(1);
  hold.answerWith(async (question) => ({ heard: question }));
  setInterval(() => {}, 1000);`;

/** A thread that holds and releases the folder when it is told to: threads begin more nearly at once than processes. */
const racer = `
  const { parentPort, workerData } = require('node:worker_threads');
  let hold = null;
  parentPort.on('message', async (what) => {
    const { holdFolder } = await import(workerData.place);
    if (what === 'hold') hold = await holdFolder(workerData.folder).catch(() => null);
    else await hold?.release();
    parentPort.postMessage(hold === null ? 'not held' : 'held');
  });`;

/** A process of its own that holds the folder until it is killed. */
async function holder(folder: string): Promise<{ said: string; kill(): Promise<unknown> }> {
  const child = spawn(node24, ['--input-type=module', '--eval', script, join(root, 'server/store/folder-hold.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const said = await new Promise<string>((done) => child.stdout?.once('data', (bytes) => done(String(bytes))));
  const ended = new Promise((done) => child.once('close', done));
  return { said, kill: () => (child.kill('SIGKILL'), ended) };
}

describe('A data folder', () => {
  it('is held by one process, which others can ask', async () => {
    const folder = freshFolder();
    expect(await askHolder(folder, { of: 'anything' })).toEqual({ from: 'nobody' });
    const first = await holder(folder);
    expect(first.said).toBe('held');
    await expect(holdFolder(folder)).rejects.toThrow('is in use by another server');
    expect((await holder(folder)).said).toContain('is in use by another server');
    expect(await askHolder(folder, { of: 'anything' })).toEqual({ from: 'holder', answer: { heard: { of: 'anything' } } });
    // Nobody but its owner may ask.
    expect(lstatSync(join(folder, 'lock')).mode & 0o777).toBe(0o600);
    await first.kill();
    const hold = await holdFolder(folder);
    await hold.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is taken over from whatever else a lock was: a dead process, a number that another program has now, words', async () => {
    const folder = freshFolder();
    await (await holder(folder)).kill();
    await (await holdFolder(folder)).release();
    // An older kind of lock, with the number of a process that lives and is none of ours.
    for (const content of [String(process.pid), '1', 'words', '']) {
      writeFileSync(join(folder, 'lock'), content);
      await (await holdFolder(folder)).release();
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('goes to one of many that come at once, also over a dead lock', async () => {
    const folder = freshFolder();
    for (let round = 0; round < 3; round += 1) {
      const all = await Promise.all(Array.from({ length: 4 }, () => holder(folder)));
      expect(all.filter(({ said }) => said === 'held')).toHaveLength(1);
      for (const one of all) await one.kill();
      expect(readdirSync(folder).filter((name) => name !== 'lock')).toEqual([]);
    }
  });

  it('goes to one, however those that take a dead lock away come between each other', async () => {
    const folder = freshFolder();
    const place = join(root, 'server/store/folder-hold.ts');
    const workers = Array.from({ length: 4 }, () => new Worker(racer, { eval: true, workerData: { place, folder } }));
    try {
      for (let round = 0; round < 150; round += 1) {
        writeFileSync(join(folder, 'lock'), 'dead');
        const answers = workers.map((worker) => new Promise<string>((done) => worker.once('message', done)));
        for (const worker of workers) worker.postMessage('hold');
        const said = await Promise.all(answers);
        expect(said.filter((one) => one === 'held')).toHaveLength(1);
        const freed = workers.map((worker) => new Promise((done) => worker.once('message', done)));
        for (const worker of workers) worker.postMessage('release');
        await Promise.all(freed);
      }
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      for (const worker of workers) await worker.terminate();
    }
  });

  it('is taken over where somebody died while taking a dead lock away', async () => {
    const folder = freshFolder();
    const lock = join(folder, 'lock');
    writeFileSync(lock, 'dead');
    writeFileSync(join(folder, `lock.over.${lstatSync(lock).ino}`), 'dead too');
    await (await holdFolder(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('may have a path that is too long for a socket', async () => {
    const folder = join(freshFolder(), 'a'.repeat(120));
    mkdirSync(folder);
    const first = await holder(folder);
    expect(first.said).toBe('held');
    await expect(holdFolder(folder)).rejects.toThrow('is in use by another server');
    expect(await askHolder(folder, { of: 'anything' })).toMatchObject({ from: 'holder' });
    await first.kill();
    await (await holdFolder(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('tells who asks too much, or nonsense, that nothing came of it', async () => {
    const folder = freshFolder();
    const hold = await holdFolder(folder);
    expect(await askHolder(folder, {})).toEqual({ from: 'holder', answer: { refused: expect.stringContaining('starting or stopping') } });
    hold.answerWith(async (question) => ({ heard: question }));
    expect(await askHolder(folder, { text: 'x'.repeat(100_000) })).toEqual({
      from: 'holder',
      answer: { refused: expect.stringContaining('could not do it') },
    });
    expect(await askHolder(folder, { text: 'x' })).toEqual({ from: 'holder', answer: { heard: { text: 'x' } } });
    await hold.release();
  });
});
