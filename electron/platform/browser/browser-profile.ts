import { execFileSync } from 'node:child_process';
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
    return isRunOn(profile, wordsOf(pid)) ? pid : null;
  } catch {
    return null;
  }
}

/** The command line of a process. Numbers of processes are used again: what runs under one may be anything. */
function wordsOf(pid: number): string[] {
  if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  return [execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).trim()];
}

/** Whether a command line is that of a browser on this very profile, and not on one whose name only begins like it. */
export function isRunOn(profile: string, words: readonly string[]): boolean {
  const option = `--user-data-dir=${profile}`;
  if (words.length > 1) return words.includes(option);
  // Of one long line nobody can tell where a word with blanks in it ends, unless another option or nothing follows.
  const [, ...rest] = ` ${words[0] ?? ''}`.split(` ${option}`);
  return rest.some((after) => after === '' || after.startsWith(' --') || after.startsWith(' http'));
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
