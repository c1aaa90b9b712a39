import { chmodSync, lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEngine } from '../../server/store/engine.ts';
import { closeToOthers } from '../../server/store/private-folder.ts';
import { madeForReal } from './support/empty-cluster.ts';
import { firstStart, freshFolder, start, tidyUp } from './support/server-process.ts';

tidyUp();

/** Everything under the folder that somebody besides its owner may touch, by its place. */
function openIn(folder: string, place = '.'): string[] {
  const found = lstatSync(join(folder, place));
  if (found.isSymbolicLink()) return [];
  const own = (found.mode & 0o077) === 0 ? [] : [`${place} ${(found.mode & 0o777).toString(8)}`];
  return found.isDirectory() ? [...own, ...readdirSync(join(folder, place)).flatMap((name) => openIn(folder, join(place, name)))] : own;
}

/** What others can get at: a file that all may write in a folder that is closed is not among it. */
function reachableIn(folder: string): string[] {
  return (lstatSync(folder).mode & 0o077) === 0 ? [] : openIn(folder);
}

function openWide(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const found = lstatSync(path);
    if (found.isDirectory()) openWide(path);
    if (found.isFile() || found.isDirectory()) chmodSync(path, found.isDirectory() ? 0o777 : 0o666);
  }
  chmodSync(folder, 0o755);
}

describe.skipIf(process.platform === 'win32')('The folder of the embedded database', () => {
  it('is its owner’s alone from the first start on, also where it was made open to all and the server is told to write so', async () => {
    const folder = freshFolder();
    chmodSync(folder, 0o755);
    const before = process.umask(0o000);
    const server = await start(['--data', folder], { ...firstStart, ...madeForReal });
    process.umask(before);
    expect(server.ready).not.toBeNull();
    expect(readdirSync(join(folder, 'pgdata'))).toContain('base');
    expect(reachableIn(folder)).toEqual([]);
    expect(reachableIn(join(folder, 'pgdata'))).toEqual([]);
    expect(await server.end('SIGTERM')).toBe(0);
    expect(openIn(folder), 'when it is closed, every file').toEqual([]);
  });

  it('is closed again at the next start, every file of it, and goes on as it was', async () => {
    const folder = freshFolder();
    const where = { folder, databaseUrl: null, dataKey: null };
    await (await openEngine(where)).close();
    openWide(folder);
    expect(openIn(folder).length).toBeGreaterThan(500);
    const engine = await openEngine(where);
    expect(engine.isClosed).toBe(true);
    expect(reachableIn(folder)).toEqual([]);
    // What PostgreSQL has written since is in closed folders.
    expect(openIn(folder).filter((place) => !place.includes('pg_internal.init'))).toEqual([]);
    await engine.close();
    expect(openIn(folder)).toEqual([]);
  });

  it('has what it links to left as it is', () => {
    const [folder, elsewhere] = [freshFolder(), freshFolder()];
    mkdirSync(join(folder, 'inner'));
    writeFileSync(join(elsewhere, 'theirs'), '');
    chmodSync(join(elsewhere, 'theirs'), 0o644);
    symlinkSync(join(elsewhere, 'theirs'), join(folder, 'inner', 'link'));
    chmodSync(join(folder, 'inner'), 0o775);
    expect(closeToOthers(folder)).toBe(true);
    expect(lstatSync(join(folder, 'inner')).mode & 0o777).toBe(0o700);
    expect(lstatSync(join(elsewhere, 'theirs')).mode & 0o777).toBe(0o644);
  });
});
