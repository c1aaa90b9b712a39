import { mkdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../../domain/ports.ts';

const LEAVES_BY_ITSELF_MS = 2000;

/**
 * Makes the profile free for a new browser. A browser that outlived a killed main would swallow the new window and show
 * it the old port. Whoever holds the data folder owns its profile, so what still runs on it can only be such an orphan:
 * it has a moment to leave by itself, as its pipe to main broke, and is then ended.
 */
export async function freeProfile(profile: string, log: Log): Promise<void> {
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  if (process.platform === 'win32') return freeWindowsProfile(profile);
  const pid = orphanOf(profile);
  if (pid !== null) {
    await gone(pid, LEAVES_BY_ITSELF_MS);
    if (orphanOf(profile) === pid) {
      log.warn('browser.orphan-ended', { pid });
      process.kill(pid, 'SIGKILL');
      await gone(pid, LEAVES_BY_ITSELF_MS);
    }
  }
  // A lock left by a killed browser names this machine; after a change of the machine's name a browser would refuse it.
  for (const name of ['SingletonLock', 'SingletonCookie', 'SingletonSocket']) rmSync(path.join(profile, name), { force: true });
}

function orphanOf(profile: string): number | null {
  try {
    const pid = Number(/-(\d+)$/.exec(readlinkSync(path.join(profile, 'SingletonLock')))?.[1]);
    process.kill(pid, 0);
    // Numbers of processes are used again. Only Linux shows what runs under one without asking another program.
    const isAnother = process.platform === 'linux' && !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(profile);
    return isAnother ? null : pid;
  } catch {
    return null;
  }
}

async function gone(pid: number, limitMs: number): Promise<void> {
  for (let waited = 0; waited < limitMs && isRunning(pid); waited += 20) await wait(20);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Windows keeps the lock file open as long as the browser lives, so it can be removed when it is gone. */
async function freeWindowsProfile(profile: string): Promise<void> {
  for (let waited = 0; waited < LEAVES_BY_ITSELF_MS; waited += 100) {
    try {
      rmSync(path.join(profile, 'lockfile'), { force: true });
      return;
    } catch {
      await wait(100);
    }
  }
}
