import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ProblemError } from '../../shared/lib/result.ts';
import { errorCode, folderProblem } from './disk-problem.ts';
import { type BeatTimes, isAlive, type Owner, readOwner, thisProcess, usualBeat } from './folder-owner.ts';
import { closeToOthers } from './private-folder.ts';
import { takeSystemLock } from './system-lock.ts';
import { words } from '../../shared/words/words.ts';

export interface FolderClaim {
  /**
   * Throws ProblemError BOOK_READ_ONLY when another Fieldbook has the folder by now. A computer that slept, or lost its
   * network, did not beat: whoever came then may take a shared folder for free.
   */
  check(): Promise<void>;
  /** Nobody else on this computer can look into it. */
  readonly isPrivate: boolean;
  release(): Promise<void>;
}

/** For a folder that nobody else can know of. */
export const ownFolder: FolderClaim = { isPrivate: true, check: async () => undefined, release: async () => undefined };

/**
 * Makes the data folder and takes it for this process. Two processes on one book would both number operations.
 * A lock whose owner is gone (crash, power cut) is taken over.
 * Throws ProblemError FOLDER_IN_USE, FOLDER_READ_ONLY, FOLDER_NOT_A_FOLDER, DISK_FULL or DISK_FAILED; then nothing was changed.
 */
export async function claimDataFolder(folder: string, times: BeatTimes = usualBeat): Promise<FolderClaim> {
  try {
    // What is in it is nobody else's business, on machines that several people use.
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const lock = join(folder, 'lock');
    const systemLock = await takeSystemLock(folder);
    if (systemLock === 'taken') {
      const owner = await readOwner(lock);
      throw inUse(folder, owner === 'gone' ? null : owner);
    }
    try {
      const owner = await thisProcess(folder, systemLock !== 'unknown');
      await takeLock(lock, owner, folder, times);
      const isPrivate = await closeToOthers(folder);
      return claimOf(lock, owner, times, isPrivate, () => systemLock !== 'unknown' && systemLock.release());
    } catch (error) {
      if (systemLock !== 'unknown') systemLock.release();
      throw error;
    }
  } catch (error) {
    throw folderProblem(error, folder);
  }
}

function claimOf(lock: string, me: Owner, { beatMs }: BeatTimes, isPrivate: boolean, freeSystemLock: () => void): FolderClaim {
  let isLost = false;
  let beating: Promise<unknown> = Promise.resolve();
  const look = async () => {
    const current = await readOwner(lock);
    // Somebody tidied up: nobody else may come in between.
    if (current === 'gone') isLost ||= !(await createLock(lock, me));
    else if (current === null || current.claim !== me.claim) isLost = true;
    return !isLost;
  };
  const beat = setInterval(() => {
    const now = new Date();
    // A beat that cannot be written is only missing; what counts is looked at before each write.
    beating = look()
      .then((isOurs) => (isOurs ? utimes(lock, now, now) : undefined))
      .catch(() => undefined);
  }, beatMs);
  beat.unref();
  return {
    isPrivate,
    async check() {
      if (isLost || !(await look())) throw new ProblemError(takenOver);
    },
    async release() {
      clearInterval(beat);
      await beating;
      const current = await readOwner(lock);
      if (current !== null && current !== 'gone' && current.claim === me.claim) await rm(lock, { force: true });
      freeSystemLock();
    },
  };
}

async function takeLock(lock: string, owner: Owner, folder: string, times: BeatTimes): Promise<void> {
  // Three rounds: a stale lock is moved away in one and taken in the next; another starter may come between once.
  for (let round = 0; round < 3; round++) {
    if (await createLock(lock, owner)) return;
    const current = await readOwner(lock);
    if (current === 'gone') continue;
    if (current !== null && (await isAlive(lock, current, owner, times))) throw inUse(folder, current);
    await moveStaleLock(lock, current);
  }
  throw inUse(folder, null);
}

/** Writes the lock under a name of its own and links it into place: a lock is never seen half-written. */
async function createLock(lock: string, owner: Owner): Promise<boolean> {
  const temporary = `${lock}.${randomUUID()}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
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
      const direct = await open(lock, 'wx', 0o600).catch((cause: unknown) =>
        errorCode(cause) === 'EEXIST' ? null : Promise.reject(cause),
      );
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

function inUse(folder: string, owner: Owner | null): ProblemError {
  const isElsewhere = owner?.host !== undefined && owner.host !== hostname();
  return new ProblemError({
    code: 'FOLDER_IN_USE',
    ...(isElsewhere ? words('start.folderInUseElsewhere', { folder, host: owner.host ?? '' }) : words('start.folderInUse', { folder })),
  });
}

const takenOver = {
  code: 'BOOK_READ_ONLY',
  ...words('start.folderTakenOver'),
};
