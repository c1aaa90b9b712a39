import { join } from 'node:path';

/** A lock that the system itself gives back when its holder dies, however it dies. */
export interface SystemLock {
  release(): void;
}

/** Left in place when it is released: a lock on a file that somebody has taken away holds nobody off. */
export const systemLockName = 'lock.held';

/** SQLite's words for "another has it": BUSY and LOCKED. */
const taken = new Set([5, 6]);

/**
 * Takes the folder's lock of the system. Node has no call for one, but SQLite, which comes with it, locks its file with
 * the system's own locks: they hold between containers, and between computers where a shared folder passes them on.
 * `unknown`: this Node has no SQLite, or the file system takes no locks; then only the lock file and its beat tell.
 */
export async function takeSystemLock(folder: string): Promise<SystemLock | 'taken' | 'unknown'> {
  // By its name at run time: an older Node does not have it, and must still start.
  const sqlite = await import('node:sqlite').catch(() => null);
  if (sqlite === null) return 'unknown';
  let file: InstanceType<typeof sqlite.DatabaseSync> | null = null;
  try {
    file = new sqlite.DatabaseSync(join(folder, systemLockName), { timeout: 0 });
    // Nothing is ever written: the file stays empty, and without a journal beside it.
    file.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    const held = file;
    return { release: () => (held.isOpen ? held.close() : undefined) };
  } catch (error) {
    file?.close();
    return taken.has((error as { errcode?: number }).errcode ?? 0) ? 'taken' : 'unknown';
  }
}
