import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, readlink, stat, statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { errorCode } from './disk-problem.ts';

/** Who has a data folder, as the file `lock` in it says. */
const ownerSchema = z.object({
  pid: z.number().int(),
  /** Tells this process from a later one that got the same pid; null where the system does not say. */
  startedAs: z.string().nullable(),
  /** Tells one claim from another. */
  claim: z.string(),
  /** The computer, as people call it. Locks of older versions have none of what follows. */
  host: z.string().max(300).optional(),
  /** Where numbers of processes are counted: a container has numbers of its own. Null where the system does not say. */
  space: z.string().nullable().optional(),
  /** The folder the lock was made for; null where the file system does not say. A copied folder has a lock of another. */
  place: z.string().nullable().optional(),
  /** The owner has the system's lock too. */
  isHeld: z.boolean().optional(),
});
export type Owner = z.output<typeof ownerSchema>;

export interface BeatTimes {
  /** How often an owner says that it is still there. */
  beatMs: number;
  /** How long somebody who cannot ask the system watches for it: several beats. */
  watchMs: number;
}

export const usualBeat: BeatTimes = { beatMs: 4000, watchMs: 13_000 };

export async function thisProcess(folder: string, isHeld: boolean): Promise<Owner> {
  const [startedAs, space, place] = await Promise.all([startOf(process.pid), spaceOfProcesses(), placeOf(folder)]);
  return { pid: process.pid, startedAs, claim: randomUUID(), host: hostname(), space, place, isHeld };
}

/** `gone`: there is no lock; null: there is one, and it says nothing. */
export async function readOwner(lock: string): Promise<Owner | 'gone' | null> {
  try {
    return ownerSchema.safeParse(JSON.parse(await readFile(lock, 'utf8'))).data ?? null;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'gone';
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * Whether the owner of the lock has the folder still. Where its process can be asked about, the system answers; of one
 * on another computer, or in another container, only its beat tells, and that takes a while.
 */
export async function isAlive(lock: string, owner: Owner, me: Owner, { watchMs }: BeatTimes): Promise<boolean> {
  if (owner.place !== undefined && owner.place !== null && me.place !== null && owner.place !== me.place) return false;
  const isOfOlderVersion = owner.host === undefined;
  if (isOfOlderVersion || (owner.host === me.host && owner.space === me.space)) return isRunning(owner);
  // The same running system, which would have kept its lock from us.
  if (owner.isHeld === true && me.isHeld === true && owner.startedAs !== null && bootOf(owner) === bootOf(me)) return false;
  return beats(lock, watchMs);
}

async function beats(lock: string, watchMs: number): Promise<boolean> {
  const first = await signOf(lock);
  for (let waited = 0; waited < watchMs; waited += watchMs / 20) {
    await wait(watchMs / 20);
    if ((await signOf(lock)) !== first) return true;
  }
  return false;
}

/** Opened each time: file systems between computers look at a file anew when it is opened. */
async function signOf(lock: string): Promise<string> {
  const content = await readFile(lock, 'utf8').catch(() => '');
  const { mtimeMs } = await stat(lock).catch(() => ({ mtimeMs: 0 }));
  return `${mtimeMs} ${content}`;
}

async function isRunning(owner: Owner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
  }
  const startedAs = await startOf(owner.pid);
  // Where the system does not say, the book counts as open: two writers are worse than one needless refusal.
  return owner.startedAs === null || startedAs === null || owner.startedAs === startedAs;
}

/** Numbers of files that change from one mount to the next tell nothing: FAT, exFAT, what a program serves, other computers' disks. */
const unsteady = new Set([0x4d44, 0x2011bab0, 0x65735546, 0x01021997, 0xff534d42, 0xfe534d42, 0x517b]);

/** The number of a file or folder on its disk, by which a copy is told from what was copied; null where it is not steady. */
export async function placeOf(path: string): Promise<string | null> {
  try {
    const { type } = await statfs(path);
    const { ino } = await stat(path, { bigint: true });
    return unsteady.has(type) || ino === 0n ? null : String(ino);
  } catch {
    return null;
  }
}

async function spaceOfProcesses(): Promise<string | null> {
  return readlink('/proc/self/ns/pid').catch(() => null);
}

const bootOf = ({ startedAs }: Owner) => startedAs?.slice(0, startedAs.indexOf(':')) ?? '';

/** Something that differs between two processes that had the same pid, and does not change while one lives. */
async function startOf(pid: number): Promise<string | null> {
  try {
    if (process.platform === 'linux') {
      const line = await readFile(`/proc/${pid}/stat`, 'latin1');
      // The command name may contain spaces and brackets; the start time is the 20th field after it.
      const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
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
