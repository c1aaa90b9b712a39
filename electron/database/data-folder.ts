import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { ProblemError } from '../../shared/lib/result.ts';
import { errorCode, folderProblem } from './disk-problem.ts';

export interface FolderClaim {
  release(): Promise<void>;
}

interface Owner {
  pid: number;
  /** Tells this process from a later one that got the same pid; null where the system does not say. */
  startedAs: string | null;
  /** Tells one claim from another. */
  claim: string;
}

/**
 * Makes the data folder and takes it for this process. Two processes on one book would both number operations.
 * A lock whose owner is gone (crash, power cut) is taken over.
 * Throws ProblemError FOLDER_IN_USE, FOLDER_READ_ONLY, FOLDER_NOT_A_FOLDER, DISK_FULL or DISK_FAILED; then nothing was changed.
 */
export async function claimDataFolder(folder: string): Promise<FolderClaim> {
  try {
    // What is in it is nobody else's business, on machines that several people use.
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const lock = join(folder, 'lock');
    const owner: Owner = { pid: process.pid, startedAs: await startOf(process.pid), claim: randomUUID() };
    await takeLock(lock, owner, folder);
    return {
      release: async () => {
        const current = await readOwner(lock);
        if (current !== null && current !== 'gone' && current.claim === owner.claim) await rm(lock, { force: true });
      },
    };
  } catch (error) {
    throw folderProblem(error, folder);
  }
}

async function takeLock(lock: string, owner: Owner, folder: string): Promise<void> {
  // Three rounds: a stale lock is moved away in one and taken in the next; another starter may come between once.
  for (let round = 0; round < 3; round++) {
    if (await createLock(lock, owner)) return;
    const current = await readOwner(lock);
    if (current === 'gone') continue;
    if (current !== null && (await isAlive(current))) throw inUse(folder);
    await moveStaleLock(lock, current);
  }
  throw inUse(folder);
}

/** Writes the lock under a name of its own and links it into place: a lock is never seen half-written. */
async function createLock(lock: string, owner: Owner): Promise<boolean> {
  const temporary = `${lock}.${owner.claim}`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.write(JSON.stringify(owner));
      await file.sync();
    } finally {
      await file.close();
    }
    try {
      await link(temporary, lock);
      return true;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      // File systems without hard links (exFAT): exclusive creation, with the small risk of a half-written lock.
      const direct = await open(lock, 'wx').catch((cause: unknown) => (errorCode(cause) === 'EEXIST' ? null : Promise.reject(cause)));
      if (direct === null) return false;
      try {
        await direct.write(JSON.stringify(owner));
      } finally {
        await direct.close();
      }
      return true;
    }
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function readOwner(lock: string): Promise<Owner | 'gone' | null> {
  try {
    const value: unknown = JSON.parse(await readFile(lock, 'utf8'));
    return isOwner(value) ? value : null;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'gone';
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isOwner(value: unknown): value is Owner {
  if (value === null || typeof value !== 'object') return false;
  const { pid, startedAs, claim } = value as Partial<Owner>;
  return Number.isInteger(pid) && (startedAs === null || typeof startedAs === 'string') && typeof claim === 'string';
}

async function isAlive(owner: Owner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
  }
  const startedAs = await startOf(owner.pid);
  // Where the system does not say, the book counts as open: two writers are worse than one needless refusal.
  return owner.startedAs === null || startedAs === null || owner.startedAs === startedAs;
}

/** Moves the stale lock away, and puts it back when another starter has replaced it in the meantime. */
async function moveStaleLock(lock: string, stale: Owner | null): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  try {
    await rename(lock, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  const moved = await readOwner(aside);
  if (moved !== null && moved !== 'gone' && moved.claim !== stale?.claim) await rename(aside, lock);
  else await rm(aside, { force: true });
}

function inUse(folder: string): ProblemError {
  return new ProblemError({
    code: 'FOLDER_IN_USE',
    message: `Fieldbook is already open with the folder ${folder}. Go to its window, or close it and start again.`,
  });
}

/** Something that differs between two processes that had the same pid, and does not change while one lives. */
async function startOf(pid: number): Promise<string | null> {
  try {
    if (process.platform === 'linux') {
      const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
      // The command name may contain spaces and brackets; the start time is the 20th field after it.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1');
      return `${boot.trim()}:${fields[19]}`;
    }
    if (process.platform === 'darwin') {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]);
      return stdout.trim() || null;
    }
    if (pid === process.pid) return basename(process.execPath).toLowerCase();
    const { stdout } = await promisify(execFile)('tasklist', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH']);
    return /^"([^"]+)"/.exec(stdout.trim())?.[1]?.toLowerCase() ?? null;
  } catch {
    return null;
  }
}
