import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders of Chromium, which keeps others out of its own, and of contents by the thousand, which lie in a closed one. */
const notWithin = new Set(['browser-profile', 'profile', 'attachments']);
const depth = 3;

/**
 * Closes the data folder to everybody else, at every start: it may have been made by hand, unpacked or copied. Answers
 * whether it is closed; a folder of another owner, or a disk that knows no owners, cannot be.
 */
export async function closeToOthers(folder: string): Promise<boolean> {
  // Windows gives a person's folders to that person alone.
  if (process.platform === 'win32') return true;
  await close(folder, depth).catch(() => undefined);
  return ((await lstat(folder)).mode & 0o077) === 0;
}

async function close(path: string, levels: number): Promise<void> {
  const found = await lstat(path);
  if (!found.isDirectory() && !found.isFile()) return;
  if ((found.mode & 0o077) !== 0) await chmod(path, found.mode & 0o700);
  if (!found.isDirectory() || levels === 0) return;
  for (const name of await readdir(path)) {
    if (!notWithin.has(name)) await close(join(path, name), levels - 1).catch(() => undefined);
  }
}
