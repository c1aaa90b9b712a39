import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Everybody but the owner. */
const others = 0o077;

/** What this process writes from now on is its owner's alone, unless it is given another mode by name, as PGlite does. */
export function writeForOwnerOnly(): void {
  process.umask(others);
}

/**
 * Closes the folder and all that lies in it to everybody but the owner, at every start: it may have been made by hand,
 * unpacked, copied, or written by a version that left files open. Answers whether it is closed: a folder of another owner,
 * or a disk that knows no owners, cannot be.
 */
export function closeToOthers(folder: string): boolean {
  // Windows gives a person's folders to that person alone.
  if (process.platform === 'win32') return true;
  close(folder);
  return (lstatSync(folder).mode & others) === 0;
}

function close(path: string): void {
  const found = lstatSync(path);
  // A link says nothing of its own, and where it leads is not ours to change.
  if (found.isSymbolicLink()) return;
  if ((found.mode & others) !== 0) {
    try {
      chmodSync(path, found.mode & 0o700);
    } catch {
      // Not ours: the folder around it says whether it matters.
    }
  }
  if (found.isDirectory()) for (const name of readdirSync(path)) close(join(path, name));
}
