import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Refused } from '../refused.ts';

/** What stands behind the name of a file that is still being written. */
export const unfinished = '.part';

const diskCodes = ['EACCES', 'EDQUOT', 'EFBIG', 'EIO', 'EISDIR', 'ENAMETOOLONG', 'ENOENT', 'ENOSPC', 'ENOTDIR', 'EPERM', 'EROFS'];

/**
 * Makes a file under a temporary name and puts it in its place when it is whole: under `file` there is all of it or
 * nothing. `fill` writes the temporary file and brings it to the disk.
 */
export async function durably<T>(file: string, fill: (temporary: string) => Promise<T>): Promise<T> {
  const temporary = `${file}.${randomUUID()}${unfinished}`;
  try {
    const value = await fill(temporary);
    await rename(temporary, file);
    await syncPath(dirname(file));
    return value;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const code = String((error as NodeJS.ErrnoException).code);
    throw diskCodes.includes(code) ? new Refused(`${file} cannot be written (${code}). Nothing was changed.`, { cause: error }) : error;
  }
}

/** Brings everything in a folder to the disk. */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await syncPath(path);
  }
  await syncPath(folder);
}

/** Makes a file's content, or a folder's names, last. Windows cannot and need not: NTFS journals them. */
export async function syncPath(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
